import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { type AwsProxy, awsProxy } from '../fakes/aws/proxy.ts';
import { inParallel } from '../fakes/in-parallel.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack, tally, wordOf } from './client.ts';

let stack: LocalStack;
let app: Client;
let tables: AwsProxy;
beforeAll(async () => {
  stack = await openStack(inject('bundles'), {
    endpoints: {
      dynamodb: async (url) => {
        tables = await awsProxy(url);
        return tables.url;
      },
    },
  });
  app = clientOf(stack);
});
afterAll(async () => {
  await stack.stop();
  await tables.stop();
});

const recordOf = async (id: string) => {
  const { recordKey } = await import('../../lambdas/otp/number/pseudonyms.ts');
  const input = {
    TableName: stack.tables.verifications,
    Key: { pk: { S: recordKey('default', id) } },
    ConsistentRead: true,
  };
  const { Item } = await stack.callDynamo('DynamoDB_20120810.GetItem', input);
  return Item as Record<string, { N?: string; S?: string; L?: unknown[] }>;
};

test('a code from the SMS is approved once: a wrong one costs an attempt, the right one a second time is refused', async () => {
  const phoneNumber = freshNumber();
  const created = await app.request({ phoneNumber, purpose: 'login', locale: 'en-IN' });
  expect(created.status).toBe(201);
  expect(created.body).toEqual({
    id: expect.stringMatching(/^a[A-Za-z0-9_-]{27}$/),
    status: 'pending',
    phoneNumber: `+91••••••${phoneNumber.slice(-4)}`,
    purpose: 'login',
    codeLength: 6,
    attemptsRemaining: 5,
    expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    resendAvailableAt: expect.any(String),
    delivery: 'accepted',
  });
  const id = String(created.body['id']);
  expect(created.headers.get('location')).toBe(`${stack.url}/v1/verifications/${id}`);
  expect(stack.messages(phoneNumber)).toHaveLength(1);
  expect(stack.messages(phoneNumber)[0]?.attributes).toMatchObject({ 'AWS.SNS.SMS.SMSType': 'Transactional' });
  const code = app.lastCode(phoneNumber);
  const wrong = await app.check(id, { code: wrongCode(code) });
  expect([wrong.status, wrong.body]).toEqual([
    200,
    { status: 'pending', attemptsRemaining: 4, expiresAt: created.body['expiresAt'] },
  ]);
  const right = await app.check(id, { code });
  expect([right.status, right.body]).toEqual([
    200,
    {
      status: 'approved',
      proof: expect.any(String),
      phoneNumber: created.body['phoneNumber'],
      purpose: 'login',
      approvedAt: expect.any(String),
    },
  ]);
  const again = await app.check(id, { code });
  expect([again.status, again.body['code']]).toEqual([410, 'code-already-used']);
  const found = await app.find(id);
  expect(found.body).toMatchObject({ status: 'approved', attemptsRemaining: 3 });
  expect(found.body).not.toHaveProperty('phoneNumber');
});

test('the Location of a verification is an absolute URL under the endpoint, and leads to it', async () => {
  const headers = { 'idempotency-key': crypto.randomUUID() };
  const body = { phoneNumber: freshNumber() };
  for (const answer of [await app.request(body, headers), await app.request(body, headers)]) {
    const location = answer.headers.get('location') ?? '';
    expect(location).toBe(`${stack.url}/v1/verifications/${answer.body['id']}`);
    expect(new URL(location).pathname).toMatch(/^\/otp\/v1\//);
    // Whatever a client resolves it against, it stays where it is.
    expect(new URL(location, 'https://client.example/a/b').href).toBe(location);
    const found = await app.follow(location);
    expect([found.status, found.body['status']]).toEqual([200, 'pending']);
  }
});

test('every URL that an answer names is under the endpoint', async () => {
  const { id, code, answer } = await app.requested(freshNumber());
  const { body } = await app.check(id, { code });
  const problem = await app.check(id, { code });
  const lost = await app.call('GET', '/v1/nothing');
  const [, claims = ''] = String(body['proof']).split('.');
  const { iss } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  const named = [answer.headers.get('location'), problem.body['type'], lost.body['type'], `${iss}/`];
  expect(named.filter((url) => !String(url).startsWith(`${stack.url}/`))).toEqual([]);
});

test('outside of the stage there is nothing, and the answer is that of API Gateway', async () => {
  for (const path of [
    '/v1/verifications',
    '/.well-known/jwks.json',
    '/otpx/v1/verifications',
    '/OTP/v1/verifications',
  ]) {
    const answer = await app.follow(`${stack.origin}${path}`);
    expect([answer.status, answer.body]).toEqual([403, { message: 'Forbidden' }]);
  }
  for (const path of ['/otp', '/otp/', '/otp/page/main.js', '/otp/_local/messages']) {
    const answer = await app.follow(`${stack.origin}${path}`);
    expect([answer.status, answer.body['code']]).toEqual([404, 'not-found']);
  }
});

test('a back end trusts the proof with a standard library and the published key alone', async () => {
  const phoneNumber = freshNumber();
  const { id, code } = await app.requested(phoneNumber);
  const { body } = await app.check(id, { code });
  const jwks = createRemoteJWKSet(new URL(`${stack.url}/.well-known/jwks.json`));
  const { payload } = await jwtVerify(String(body['proof']), jwks, { issuer: stack.url, typ: 'otp-proof+jwt' });
  expect(payload).toMatchObject({ phone_number: phoneNumber, phone_number_verified: true, purpose: 'login' });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300);
});

test('a verification can be resent and canceled, and the answers say so', async () => {
  const phoneNumber = freshNumber();
  const { id, code } = await app.requested(phoneNumber);
  const early = await app.resend(id);
  expect([early.status, early.body['code'], early.headers.get('retry-after')]).toEqual([429, 'resend-too-soon', '30']);
  expect(early.headers.get('ratelimit')).toMatch(
    /^"phone-10m";r=4;t=\d+, "phone-24h";r=9;t=\d+, "phone-24h-all";r=29;t=\d+$/,
  );
  stack.clock.advance(30_000);
  const resent = await app.resend(id);
  expect([resent.status, resent.body['phoneNumber']]).toEqual([200, `+91••••••${phoneNumber.slice(-4)}`]);
  expect(stack.messages(phoneNumber)).toHaveLength(2);
  expect((await app.check(id, { code })).body).toMatchObject({ status: 'pending', hint: 'superseded-code' });
  expect((await app.cancel(id)).status).toBe(204);
  expect((await app.cancel(id)).status).toBe(204);
  expect(wordOf(await app.check(id, { code: app.lastCode(phoneNumber) }))).toBe('verification-canceled');
  expect((await app.find(id)).body['status']).toBe('canceled');
});

test('a code for a payment is good for that payment only, which the SMS shows', async () => {
  const phoneNumber = freshNumber();
  const transaction = { amount: '1499.00', currency: 'INR', payee: 'Tea & Co' };
  const { id, code } = await app.requested(phoneNumber, { purpose: 'transaction', transaction });
  expect(stack.messages(phoneNumber)[0]?.text).toContain('INR 1499.00');
  expect(stack.messages(phoneNumber)[0]?.text).toContain('Tea & Co');
  const without = await app.check(id, { code });
  expect([without.status, without.body['errors']]).toEqual([
    400,
    [expect.objectContaining({ pointer: '/transaction' })],
  ]);
  expect(wordOf(await app.check(id, { code, transaction: { ...transaction, amount: '14990.00' } }))).toBe('pending');
  expect(wordOf(await app.check(id, { code, transaction }))).toBe('approved');
});

test('the SMS carries the Android hash and, as its last line, the WebOTP line', async () => {
  const phoneNumber = freshNumber();
  const { code } = await app.requested(phoneNumber, { appHash: 'FA+9qCX9VSu', origin: 'https://app.example.com' });
  expect(stack.messages(phoneNumber)[0]?.text.split('\n').slice(1)).toEqual([
    'FA+9qCX9VSu',
    `@app.example.com #${code}`,
  ]);
});

describe('against the running product, in parallel', () => {
  test('exactly five of 200 wrong guesses are judged', async () => {
    const { id, code } = await app.requested(freshNumber());
    const answers = await inParallel(200, (index) => app.check(id, { code: wrongCode(code, index + 1) }));
    expect(tally(answers.map(wordOf))).toEqual({ pending: 4, 'attempts-exhausted': 196 });
    expect((await recordOf(id))['guesses']?.L).toHaveLength(5);
  });

  test('exactly one of 200 right guesses is approved', async () => {
    const { id, code } = await app.requested(freshNumber());
    const answers = await inParallel(200, () => app.check(id, { code }));
    expect(tally(answers.map(wordOf))).toEqual({ approved: 1, 'code-already-used': 199 });
  });

  test('a right guess beside four wrong ones in flight is approved', async () => {
    for (const place of [0, 2, 4]) {
      const { id, code } = await app.requested(freshNumber());
      const answers = await inParallel(5, (i) => app.check(id, { code: i === place ? code : wrongCode(code, i + 1) }));
      expect(answers[place]?.body['status']).toBe('approved');
    }
  });

  test('exactly one SMS is sent for 100 requests for one number in ten spellings, from 100 IPs', async () => {
    const national = freshNumber().slice(3);
    const [a, b] = [national.slice(0, 5), national.slice(5)];
    const spellings = [
      { phoneNumber: `+91${national}` },
      { phoneNumber: `+91 ${a} ${b}` },
      { phoneNumber: `+91-${a}-${b}` },
      { phoneNumber: `+91 (0) ${national}` },
      { phoneNumber: `(+91) ${a}.${b}` },
      { phoneNumber: ` +91 ${national} ` },
      { phoneNumber: national, defaultCountry: 'IN' },
      { phoneNumber: `0${national}`, defaultCountry: 'IN' },
      { phoneNumber: `00 91 ${national}`, defaultCountry: 'GB' },
      { phoneNumber: `011 91 ${a} ${b}`, defaultCountry: 'US' },
    ];
    const ask = (i: number) => app.request(spellings[i % 10], { 'x-local-source-ip': `203.0.113.${i}` });
    const answers = await stack.clock.holdDuring(() => inParallel(100, ask));
    expect(tally(answers.map(wordOf))).toEqual({ pending: 1, 'resend-too-soon': 99 });
    expect(stack.messages(`+91${national}`)).toHaveLength(1);
    expect(answers.every(({ status, headers }) => status === 201 || Number(headers.get('retry-after')) > 0)).toBe(true);
  });

  test('100 requests with one idempotency key get one SMS and one id, or are asked to wait', async () => {
    const phoneNumber = freshNumber();
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const answers = await inParallel(100, () => app.request({ phoneNumber }, headers));
    expect(new Set(answers.flatMap(({ body }) => (body['id'] === undefined ? [] : [body['id']]))).size).toBe(1);
    expect(new Set(answers.map(wordOf))).toEqual(new Set(['pending', 'request-in-progress']));
    expect(stack.messages(phoneNumber)).toHaveLength(1);
    const later = await app.request({ phoneNumber }, headers);
    expect(later.status).toBe(201);
    const other = await app.request({ phoneNumber, purpose: 'login' }, headers);
    expect([other.status, other.body['code']]).toEqual([422, 'idempotency-key-reused']);
  });
});

test('a check whose answer was lost after the write, asked again: approved, one attempt', async () => {
  const { id, code } = await app.requested(freshNumber());
  const headers = { 'idempotency-key': crypto.randomUUID() };
  // The function's own SDK sees the lost answer first, and repeats the write with the same nonce.
  tables.failAt(0, 'lost-answer', 1);
  expect(wordOf(await app.check(id, { code }, headers))).toBe('approved');
  const once = await recordOf(id);
  expect(once['guesses']?.L).toHaveLength(1);
  // Now all answers are lost: the caller gets 503, and asks again with the same key.
  const second = await app.requested(freshNumber());
  tables.failAt(0, 'lost-answer', 1000);
  const lost = await app.check(second.id, { code: second.code }, headers);
  expect([lost.status, lost.body['code']]).toEqual([503, 'temporarily-unavailable']);
  tables.heal();
  const first = await app.check(second.id, { code: second.code }, headers);
  const repeated = await app.check(second.id, { code: second.code }, headers);
  expect(wordOf(first)).toBe('approved');
  const claims = ({ body }: typeof first) => String(body['proof']).split('.')[1];
  expect(claims(repeated)).toBe(claims(first));
  expect((await recordOf(second.id))['guesses']?.L).toHaveLength(1);
  const reused = await app.check(second.id, { code: wrongCode(second.code) }, headers);
  expect([reused.status, reused.body['code']]).toEqual([422, 'idempotency-key-reused']);
});

test('a guess at an unknown id costs nobody an attempt', async () => {
  const { id, code } = await app.requested(freshNumber());
  for (const unknown of [`a${'x'.repeat(27)}`, `b${id.slice(1)}`, 'nonsense', `${id}x`, encodeURIComponent('../../')]) {
    const answer = await app.check(unknown, { code });
    expect([answer.status, answer.body['code']]).toEqual([404, 'verification-not-found']);
  }
  expect((await app.find(id)).body['attemptsRemaining']).toBe(5);
});

test('an expired but undeleted record is refused', async () => {
  const { id, code } = await app.requested(freshNumber());
  stack.clock.advance(301_000);
  const answer = await app.check(id, { code });
  expect([answer.status, answer.body['code']]).toEqual([410, 'code-expired']);
  expect((await recordOf(id))['pk']).toBeDefined();
  expect((await app.find(id)).body['status']).toBe('expired');
});

describe('what became of the SMS', () => {
  test('surely not sent: 502, nothing counts, and the next try goes out', async () => {
    const phoneNumber = freshNumber();
    stack.faults.sns?.fail('throttle', { times: 100, to: phoneNumber });
    const answer = await app.request({ phoneNumber });
    expect([answer.status, answer.body['code'], answer.headers.get('retry-after')]).toEqual([
      502,
      'delivery-failed',
      '5',
    ]);
    stack.faults.sns?.clearFaults();
    await app.requested(phoneNumber);
    expect(stack.messages(phoneNumber)).toHaveLength(1);
  });

  test('no answer in time: 201 with delivery unconfirmed, one SMS, its code is good', async () => {
    const phoneNumber = freshNumber();
    stack.faults.sns?.fail('timeout-after-accept', { times: 1, to: phoneNumber });
    const { id, code, answer } = await app.requested(phoneNumber);
    expect(answer.body['delivery']).toBe('unconfirmed');
    expect(stack.messages(phoneNumber)).toHaveLength(1);
    expect(wordOf(await app.check(id, { code }))).toBe('approved');
  });

  test('a number that opted out is answered like any other, and nothing arrives', async () => {
    const phoneNumber = freshNumber();
    stack.faults.sns?.optOut(phoneNumber);
    const answer = await app.request({ phoneNumber });
    expect([answer.status, answer.body['delivery']]).toEqual([201, 'accepted']);
    expect(stack.messages(phoneNumber)).toEqual([]);
  });

  test.each(['tables', 'keys'])('the %s are down: 503, nothing sent, nothing counted', async (service) => {
    const phoneNumber = freshNumber();
    if (service === 'tables') tables.failAt(0, 'internal-error', 1000);
    else stack.faults.kms?.fail('internal-error', { times: 1000 });
    const answer = await app.request({ phoneNumber });
    expect([answer.status, answer.body['code']]).toEqual([503, 'temporarily-unavailable']);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    tables.heal();
    stack.faults.kms?.clearFaults();
    expect(stack.messages(phoneNumber)).toHaveLength(0);
    await app.requested(phoneNumber);
  });
});
