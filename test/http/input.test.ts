import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { problems, securityHeaders } from '../../lambdas/contract.ts';
import type { LocalStack } from '../../local/stack.ts';
import { type Answer, type Client, clientOf, freshNumber, openStack } from './client.ts';

let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  stack = await openStack(inject('bundles'));
  app = clientOf(stack);
});
afterAll(() => stack.stop());

/** Every answer that is not a success has this shape from whichever side. */
const expectProblem = ({ status, headers, body }: Answer, code: keyof typeof problems) => {
  expect([status, body['code']]).toEqual([problems[code].status, code]);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(body).toMatchObject({
    type: `${stack.url}/problems/${code}`,
    title: problems[code].title,
    status,
    detail: expect.stringMatching(/\.$/),
    requestId: headers.get('x-request-id'),
  });
  for (const [name, value] of Object.entries(securityHeaders)) expect(headers.get(name)).toBe(value);
};

describe('the body of a request is refused field by field', () => {
  const valid = { phoneNumber: '+919876543210', purpose: 'login' };
  const pay = { amount: '1499.00', currency: 'INR', payee: 'Acme' };
  const payment = { ...valid, purpose: 'transaction', transaction: pay };
  test.each<[string, unknown, string]>([
    ['no number', {}, '/phoneNumber'],
    ['a number that is no string', { phoneNumber: 919876543210 }, '/phoneNumber'],
    ['a number of 65 characters', { phoneNumber: `+91${' '.repeat(62)}` }, '/phoneNumber'],
    ['a number that is null', { phoneNumber: null }, '/phoneNumber'],
    ['an unknown field that is null', { ...valid, callback: null }, '/callback'],
    ['an unknown field', { ...valid, callback: 'x' }, '/callback'],
    ['a field that needs escaping', { ...valid, 'a/b~c': 1 }, '/a~1b~0c'],
    ['a field whose name is a number', { ...valid, '+919876598431': 1 }, '/+919876598431'],
    ['__proto__', '{"phoneNumber":"+919876543210","__proto__":{"purpose":"x"}}', '/__proto__'],
    ['an unknown purpose', { ...valid, purpose: 'marketing' }, '/purpose'],
    ['a country that is no code', { ...valid, defaultCountry: 'India' }, '/defaultCountry'],
    ['a country under a name that ISO 3166-1 does not have', { ...valid, defaultCountry: 'UK' }, '/defaultCountry'],
    ['a country that there is not', { ...valid, defaultCountry: 'XX' }, '/defaultCountry'],
    ['a locale that is no text', { ...valid, locale: ['en-IN'] }, '/locale'],
    ['a locale that is a number', { ...valid, locale: 49 }, '/locale'],
    ['a field that stands twice', '{"phoneNumber":"+919876543210","phoneNumber":"+14155552671"}', '/phoneNumber'],
    [
      'a field that stands twice in a transaction',
      '{"phoneNumber":"+919876543210","transaction":{"amount":"1","\\u0061mount":"2"}}',
      '/transaction/amount',
    ],
    ['an app hash of 10 characters', { ...valid, appHash: 'FA+9qCX9VS' }, '/appHash'],
    ['an app hash of 12 characters', { ...valid, appHash: 'FA+9qCX9VSuu' }, '/appHash'],
    ['an app hash that is not listed', { ...valid, appHash: 'AAAAAAAAAAA' }, '/appHash'],
    ['an origin that is not listed', { ...valid, origin: 'https://evil.example.com' }, '/origin'],
    ['a payment without its transaction', { ...valid, purpose: 'transaction' }, '/transaction'],
    ['a transaction without its purpose', { ...valid, transaction: pay }, '/transaction'],
    ['an amount that is a number', { ...payment, transaction: { ...pay, amount: 1499 } }, '/transaction/amount'],
    ['an amount with a comma', { ...payment, transaction: { ...pay, amount: '1,499.00' } }, '/transaction/amount'],
    ['a negative amount', { ...payment, transaction: { ...pay, amount: '-1' } }, '/transaction/amount'],
    ['an amount that is null', { ...payment, transaction: { ...pay, amount: null } }, '/transaction/amount'],
    ['an amount of zero', { ...payment, transaction: { ...pay, amount: '0.00' } }, '/transaction/amount'],
    [
      'an amount with more digits than its currency has',
      { ...payment, transaction: { ...pay, amount: '1499.001' } },
      '/transaction/amount',
    ],
    ['a currency that nobody uses', { ...payment, transaction: { ...pay, currency: 'XXX' } }, '/transaction/currency'],
    [
      'a payee with a number',
      { ...payment, transaction: { ...pay, payee: 'Call 555 123 4567' } },
      '/transaction/payee',
    ],
    ['a payee with an address', { ...payment, transaction: { ...pay, payee: 'evil.com/x' } }, '/transaction/payee'],
    ['a currency that is none', { ...payment, transaction: { ...pay, currency: 'rupees' } }, '/transaction/currency'],
    ['a payee of 31 characters', { ...payment, transaction: { ...pay, payee: 'x'.repeat(31) } }, '/transaction/payee'],
    ['a payee with a link', { ...payment, transaction: { ...pay, payee: 'http://evil.com' } }, '/transaction/payee'],
    [
      'a payee with a line break',
      { ...payment, transaction: { ...pay, payee: 'Acme\n@evil.com #1' } },
      '/transaction/payee',
    ],
    ['a payee in another alphabet', { ...payment, transaction: { ...pay, payee: 'Акме' } }, '/transaction/payee'],
    ['a transaction with another field', { ...payment, transaction: { ...pay, note: 'x' } }, '/transaction/note'],
  ])('the body of a request is refused for %s, and the answer names the field', async (_, body, pointer) => {
    const answer = await app.request(body);
    expectProblem(answer, 'invalid-request');
    expect(answer.body['errors']).toContainEqual({ pointer, detail: expect.stringMatching(/\.$/) });
    expect(answer.body['detail']).not.toContain('98431');
  });

  test.each<[string, string]>([
    ['no JSON', '{"phoneNumber": '],
    ['a string', '"+919876543210"'],
    ['an array', '[]'],
    ['null', 'null'],
    ['nothing', ''],
  ])('%s is no JSON object', async (_, body) => {
    expectProblem(await app.request(body), 'invalid-request');
  });

  test.each<[string, string]>([
    ['+12345', 'invalid-phone-number'],
    ['hello', 'invalid-phone-number'],
    ['9876543210', 'invalid-phone-number'],
    ['+911860123456', 'invalid-phone-number'],
    ['+33612345678', 'destination-not-allowed'],
    ['+442079460958', 'destination-not-allowed'],
    ['+19005551234', 'destination-not-allowed'],
  ])('the number %s is refused as %s', async (phoneNumber, code) => {
    const answer = await app.request({ phoneNumber });
    expectProblem(answer, code as keyof typeof problems);
    expect(answer.text).not.toContain(phoneNumber);
    expect(stack.messages()).toEqual(stack.messages().filter(({ to }) => to !== phoneNumber));
  });
});

describe('what is wrong with the request itself', () => {
  const post = (body: string, headers: Record<string, string>) => app.call('POST', '/v1/verifications', body, headers);

  test.each([['text/plain'], ['application/x-www-form-urlencoded'], ['application/jsonp'], ['multipart/form-data']])(
    '%s is not JSON, and is answered with 415',
    async (type) => {
      expectProblem(await post('{"phoneNumber":"+919876543210"}', { 'content-type': type }), 'unsupported-media-type');
    },
  );

  test('a body of more than 8 KiB is answered with 413', async () => {
    expectProblem(await app.request({ phoneNumber: 'x'.repeat(9000) }), 'payload-too-large');
    expectProblem(await app.request({ phoneNumber: 'x'.repeat(11_000_000) }), 'payload-too-large');
  });

  test.each([['short'], ['x'.repeat(256)], ['with spaces in between it'], ['"']])(
    'the Idempotency-Key %s is answered with 400',
    async (key) => {
      const headers = { 'idempotency-key': key };
      expectProblem(await app.request({ phoneNumber: '+919876543210' }, headers), 'invalid-request');
    },
  );

  test.each([['gzip'], ['br'], ['deflate'], ['identity, gzip'], ['x-unknown']])(
    'a body with content-encoding: %s is answered with 415 and how to send it',
    async (encoding) => {
      const answer = await post('{"phoneNumber":"+919876543210"}', { 'content-encoding': encoding });
      expectProblem(answer, 'unsupported-media-type');
      expect(answer.body['detail']).toMatch(/compressed/);
    },
  );

  test.each([['application/json; charset=utf-16'], ['application/json;charset="ISO-8859-1"']])(
    'a body of the type %s is answered with 415',
    async (type) => {
      expectProblem(await post('{"phoneNumber":"+919876543210"}', { 'content-type': type }), 'unsupported-media-type');
    },
  );

  test.each([
    ['Application/JSON ; Charset="UTF-8"', 'identity'],
    ['application/problem+json', ''],
    ['application/json', 'IDENTITY'],
  ])('a body of the type %s with content-encoding: %s is read', async (type, encoding) => {
    const body = `\ufeff${JSON.stringify({ phoneNumber: freshNumber() })}`;
    expect((await post(body, { 'content-type': type, 'content-encoding': encoding })).status).toBe(201);
  });

  test('a body in UTF-16 is answered with 400 and the encoding to send', async () => {
    const body = new Uint8Array(Buffer.from('\ufeff{"phoneNumber":"+919876543210"}', 'utf16le'));
    const headers = { 'x-api-key': stack.apiKey, 'content-type': 'application/json' };
    const response = await fetch(`${stack.url}/v1/verifications`, { method: 'POST', headers, body });
    expect(await response.json()).toMatchObject({ status: 400, detail: expect.stringMatching(/UTF-8/) });
  });

  test('a request without credentials is answered with 401 and how to get some', async () => {
    for (const key of ['no', 'Local', 'local,local']) {
      const response = await fetch(`${stack.url}/v1/verifications/x`, { headers: { 'x-api-key': key } });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBeTruthy();
    }
    const without = await fetch(`${stack.url}/v1/verifications`, { method: 'POST' });
    expect(await without.json()).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('x-api-key') });
  });

  test('the key set needs no credentials', async () => {
    const response = await fetch(`${stack.url}/.well-known/jwks.json`);
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'public, max-age=600']);
  });

  test('HEAD of the key set answers as GET does, without the body', async () => {
    const [get, head] = await Promise.all(
      ['GET', 'HEAD'].map((method) => fetch(`${stack.url}/.well-known/jwks.json`, { method })),
    );
    expect(head?.status).toBe(200);
    expect(await head?.text()).toBe('');
    for (const name of ['content-type', 'cache-control', 'content-length'])
      expect(head?.headers.get(name)).toBe(get?.headers.get(name));
  });

  test('HEAD of a verification says whether it is there, and needs credentials', async () => {
    const { id } = await app.requested(freshNumber());
    expect((await app.call('HEAD', `/v1/verifications/${id}`)).status).toBe(200);
    expect((await app.call('HEAD', `/v1/verifications/a${'x'.repeat(27)}`)).status).toBe(404);
    expect((await fetch(`${stack.url}/v1/verifications/${id}`, { method: 'HEAD' })).status).toBe(401);
  });

  test.each([
    ['GET', '/nothing'],
    ['PATCH', '/v1/verifications'],
    ['POST', '/v1/verifications/'],
    ['GET', '/v1/verifications/a/b/c'],
    ['POST', '/.well-known/jwks.json'],
    ['PUT', '/.well-known/jwks.json'],
  ])('%s %s is no route: 404', async (method, path) => {
    expectProblem(await app.call(method, path), 'not-found');
  });

  test('a resend takes no body but an empty object or null', async () => {
    const { id } = await app.requested(freshNumber());
    expectProblem(await app.call('POST', `/v1/verifications/${id}/resend`, { code: '1' }), 'invalid-request');
    for (const none of [{}, null])
      expectProblem(await app.call('POST', `/v1/verifications/${id}/resend`, none), 'resend-too-soon');
  });
});

describe('a check that is malformed costs no attempt', () => {
  test.each<[unknown]>([
    [{ code: '12345' }],
    [{ code: '1234567' }],
    [{ code: '12345a' }],
    [{ code: '12345\u200b' }],
    [{ code: 123456 }],
    [{ code: null }],
    [{ code: ['123456'] }],
    [{ code: '一二三四五六' }],
    [{ code: '+12345' }],
    [{ code: '-12345' }],
    [{ code: '1e5555' }],
    [{ code: '123456', phoneNumber: '+919876543210' }],
    [{}],
    [{ code: '123456', transaction: { amount: '1', currency: 'INR', payee: 'x' } }],
  ])('the malformed check %j costs no attempt', async (body) => {
    const { id } = await app.requested(freshNumber());
    expectProblem(await app.check(id, body), 'invalid-request');
    expect((await app.find(id)).body['attemptsRemaining']).toBe(5);
  });
});

describe('fuzzing never yields a 500', () => {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  const fieldNames = ['phoneNumber', 'defaultCountry', 'purpose', 'locale', 'transaction', 'appHash', 'origin', 'code'];
  const value = fc.oneof(text, fc.jsonValue(), fc.constantFrom('+919876543210', 'IN', 'transaction', '492039'));
  const body = fc.oneof(
    text,
    fc.json(),
    fc.dictionary(fc.oneof(fc.constantFrom(...fieldNames), text), value, { maxKeys: 6 }).map((o) => JSON.stringify(o)),
  );
  const headerText = fc
    .string({ unit: 'grapheme-ascii', maxLength: 60 })
    .map((t) => t.replace(/[^\x20-\x7e]/g, '').trim());
  const headers = fc.record(
    { 'idempotency-key': headerText, 'content-type': headerText, 'x-local-source-ip': headerText, accept: headerText },
    { requiredKeys: [] },
  );
  const expectNoFault = ({ status, headers: sent, text: answered }: Answer) => {
    expect(status).toBeLessThan(500);
    expect(sent.get('x-request-id')).toBeTruthy();
    if (status >= 400) expect(JSON.parse(answered)).toMatchObject({ status, code: expect.any(String) });
  };

  test('no body and no header of a request or a check yields a 500: it is answered', async () => {
    const { id } = await app.requested(freshNumber());
    const paths = ['/v1/verifications', `/v1/verifications/${id}/check`, `/v1/verifications/${id}/resend`];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), body, headers, async (path, sent, more) => {
        expectNoFault(await app.call('POST', path, sent, more));
      }),
      { numRuns: 400 },
    );
  });

  test('no path and no method is answered with a 500', async () => {
    const base = new URL(stack.url).pathname;
    const segment = fc.oneof(
      text.map(encodeURIComponent),
      fc.constantFrom('v1', 'verifications', 'check', '%', '%zz', '..', ''),
    );
    const path = fc.array(segment, { maxLength: 6 }).map((segments) => `${base}/${segments.join('/')}`);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'OPTIONS'),
        path,
        async (method, where) => {
          const answer = await raw(
            `${method} ${where} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Api-Key: local\r\nConnection: close\r\n\r\n`,
          );
          expect(answer).toMatch(/^HTTP\/1\.1 [234]\d\d /);
        },
      ),
      { numRuns: 200 },
    );
  });

  /** Sends bytes as they are: `fetch` would tidy the path. */
  const raw = (request: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(stack.url).port), '127.0.0.1', () => socket.write(request));
      const chunks: Buffer[] = [];
      socket.on('data', (chunk) => chunks.push(chunk));
      socket.on('close', () => resolve(Buffer.concat(chunks).toString('latin1')));
      socket.on('error', reject);
    });
});
