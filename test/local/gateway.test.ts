import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anyOrigin, gatewayProblems, problems, routes, securityHeaders } from '../../lambdas/contract.ts';
import { createTopic } from '../../local/aws/alarms/topic.ts';
import { asRecord } from '../../local/aws/dynamo.ts';
import type { BusEvent } from '../../local/aws/eventbridge.ts';
import { createMappingSwitch } from '../../local/aws/lambda.ts';
import type { SmsMessage } from '../../local/aws/sns.ts';
import { createClock } from '../../local/clock.ts';
import type { Invocation } from '../../local/functions/functions.ts';
import { gatewayServerOptions, type RequestLine, serveGateway } from '../../local/http/gateway.ts';
import { type Loopback, listenOnLoopback } from '../../local/http/loopback.ts';
import { noTraffic } from './fixtures.ts';

let loopback: Loopback;
const clock = createClock();
const faults: unknown[] = [];
const lines: RequestLine[] = [];
const strikes: number[] = [];
const mapping = createMappingSwitch();
const topic = createTopic('arn:aws:sns:us-east-1:000000000000:alarms');
const keyStates: unknown[] = [];
const events: BusEvent[] = [
  {
    id: '1',
    bus: 'bus',
    source: 'otp-service',
    detailType: 'Detection Finding',
    at: '2026-01-01T00:00:00Z',
    detail: { class_uid: 2004 },
  },
];
const sms: SmsMessage[] = [
  { to: '+919876543210', text: 'hi', at: '2026-01-01T00:00:00Z', messageId: '1', attributes: {} },
];
let countries: readonly string[] = [];
/** What the next function answers; it echoes its event unless told otherwise. */
let next: ((event: object) => Invocation) | undefined;
/** The last event. An answer to HEAD has no body that could hold it. */
let last: object = {};
const echo = (event: object): Invocation => ({
  kind: 'answered',
  payload: { statusCode: 200, body: JSON.stringify(event) },
});

beforeAll(async () => {
  loopback = await listenOnLoopback(0, gatewayServerOptions);
  serveGateway({
    loopback,
    invoke: async (name, event) => {
      const answer = next ?? echo;
      next = undefined;
      last = { function: name, ...event };
      return answer(last);
    },
    controls: {
      apiKey: 'the key',
      clock,
      messages: (to) => sms.filter((message) => to === undefined || message.to === to),
      events: () => events,
      mails: () => [{ at: '2026-01-01T00:00:00Z', eventId: '1', text: '"High: an attack."' }],
      strike: async () => void strikes.push(clock.now()),
      mapping,
      topic,
      setKeyState: (...state) => {
        keyStates.push(state);
        return state[0] !== 'proof';
      },
      fail: (mode, options) => void faults.push({ mode, ...options }),
      clearFaults: () => void faults.splice(0),
      refusals: async () => [],
      reset: async () => {},
      facts: async () => ({
        limits: true,
        receipts: false,
        numberRisk: false,
        countries,
        purposes: [],
        applications: [],
      }),
      traffic: noTraffic,
    },
    countries: async () => countries,
    origins: async () => ['https://app.example.com', 'http://localhost:5173'],
    onRequest: (line) => lines.push(line),
  });
});
afterAll(() => loopback.stop());

const withKey = { 'x-api-key': 'the key' };
const get = (path: string, init: RequestInit = {}) => fetch(loopback.url + path, init);
const eventOf = async (path: string, init: RequestInit = {}) => {
  const answer = await (await get(path, { ...init, headers: { ...withKey, ...init.headers } })).text();
  return asRecord(init.method === 'HEAD' && answer === '' ? last : JSON.parse(answer));
};

/** What node:http lets through that fetch does not. */
const plain = (path: string, headers: Record<string, string>, method = 'GET') =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = httpRequest({ host: '127.0.0.1', port: loopback.port, path, headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });

/** Sends bytes as they are and answers everything that came back until the connection closed. */
const raw = (bytes: string | Buffer, { hangUp = false } = {}) =>
  new Promise<string>((resolve) => {
    let answer = '';
    const socket = connect(loopback.port, '127.0.0.1', () => (hangUp ? socket.end(bytes) : socket.write(bytes)));
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', () => {});
  });

const expectProblem = async (response: Response, kind: keyof typeof gatewayProblems, cors: object = anyOrigin) => {
  const { code, detail } = gatewayProblems[kind];
  const { status, title } = problems[code];
  const requestId = response.headers.get('x-request-id');
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  for (const [name, value] of Object.entries({ ...securityHeaders, ...cors }))
    expect(response.headers.get(name)).toBe(value);
  expect(await response.json()).toEqual({
    type: `${loopback.url}/problems/${code}`,
    title,
    status,
    detail,
    code,
    requestId,
  });
  expect(response.status).toBe(status);
};

describe('routes', () => {
  test.each(routes.map((route) => [route.method, route.path, route] as const))(
    '%s %s reaches its function',
    async (method, path, route) => {
      const event = await eventOf(path.replace('{id}', 'a%2Fb%20c'), {
        method,
        ...(route.takesBody && { body: '{"a":"é"}' }),
      });
      expect(event).toMatchObject({
        function: route.function,
        resource: path,
        httpMethod: method,
        pathParameters: path.includes('{id}') ? { id: 'a/b c' } : null,
        body: route.takesBody ? '{"a":"é"}' : null,
        isBase64Encoded: false,
        requestContext: {
          resourcePath: path,
          httpMethod: method,
          stage: 'local',
          requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          identity: { sourceIp: '127.0.0.1', apiKeyId: route.access === 'client' ? 'local' : null },
        },
      });
    },
  );

  test.each([
    '/',
    '/v1',
    '/v1/verifications/',
    '/v1/verifications/a/b/c',
    '/v1/verifications//check',
    '/V1/verifications',
  ])('no route is at POST %s', async (path) => {
    const answer = await get(path, { method: 'POST', headers: withKey });
    await expectProblem(answer, 'MISSING_AUTHENTICATION_TOKEN', path === '/' ? {} : anyOrigin);
  });

  test.each(['GET', 'PUT', 'PATCH', 'DELETE'])('%s /v1/verifications is no route', async (method) => {
    await expectProblem(await get('/v1/verifications', { method, headers: withKey }), 'MISSING_AUTHENTICATION_TOKEN');
  });

  test('a client route wants the API key, a public one does not', async () => {
    for (const headers of [{}, { 'x-api-key': '' }, { 'x-api-key': 'The Key' }, { 'x-api-key': 'the key, the key' }]) {
      const response = await get('/v1/verifications/x', { headers });
      expect(response.headers.get('www-authenticate')).toBeTruthy();
      await expectProblem(response, 'INVALID_API_KEY');
    }
    expect((await get('/.well-known/jwks.json')).status).toBe(200);
  });
});

describe('events', () => {
  test('headers keep their case and all their values, the query its order', async () => {
    const event = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const asked = httpRequest(`${loopback.url}/v1/verifications/x?a=1&b=%26&a=2`, (response) => {
        let body = '';
        response.on('data', (chunk) => {
          body += chunk;
        });
        response.on('end', () => resolve(JSON.parse(body) as Record<string, unknown>));
      });
      asked.setHeader('X-Api-Key', 'the key');
      asked.setHeader('X-Twice', ['one', 'two']);
      asked.setHeader('x-local-source-ip', '203.0.113.9');
      asked.setHeader('X-Forwarded-For', '10.0.0.1');
      asked.on('error', reject).end();
    });
    expect(event).toMatchObject({
      headers: { 'X-Api-Key': 'the key', 'X-Twice': 'two', 'X-Forwarded-For': '10.0.0.1, 203.0.113.9' },
      multiValueHeaders: { 'X-Twice': ['one', 'two'] },
      queryStringParameters: { a: '2', b: '&' },
      multiValueQueryStringParameters: { a: ['1', '2'], b: ['&'] },
      requestContext: { identity: { sourceIp: '203.0.113.9' } },
    });
    expect(JSON.stringify(event)).not.toContain('x-local-source-ip');
  });

  test('a source address must be one', async () => {
    const response = await get('/v1/verifications/x', { headers: { ...withKey, 'x-local-source-ip': '1.2.3' } });
    expect(await response.json()).toMatchObject({ status: 400, code: 'invalid-request' });
    const six = await eventOf('/v1/verifications/x', { headers: { 'x-local-source-ip': '2001:db8::1' } });
    expect(six).toMatchObject({ requestContext: { identity: { sourceIp: '2001:db8::1' } } });
  });

  test("a body of up to 6 MB is the function's to refuse, a larger one is refused before it, as on AWS", async () => {
    const post = (length: number) =>
      get('/v1/verifications', { method: 'POST', headers: withKey, body: `{"a":"${'a'.repeat(length)}"}` });
    expect(asRecord(await (await post(10_000)).json())['body']).toHaveLength(10_008);
    // Lambda takes 6 MB, with the rest of the event. API Gateway itself takes 10 MB.
    await expectProblem(await post(6 * 1024 * 1024), 'REQUEST_TOO_LARGE');
    await expectProblem(await post(10 * 1024 * 1024 + 1), 'REQUEST_TOO_LARGE');
    expect((await post(10)).status).toBe(200);
  });

  test.each([['', '{', '[]', 'null', '"text"', '1', '{"a":1} {}', "{'a':1}"]].flat())(
    'a body that is no JSON object reaches the function, because the stack gives no route a model: %s',
    async (body) => {
      const headers = { ...withKey, 'content-type': 'text/plain' };
      expect((await get('/v1/verifications', { method: 'POST', headers, body })).status).toBe(200);
    },
  );

  test('credentials are looked at before the body, as on AWS', async () => {
    await expectProblem(await get('/v1/verifications', { method: 'POST', body: '{' }), 'INVALID_API_KEY');
  });

  test.each([
    ['values of headers', '/v1/verifications/x', { ...withKey, 'x-a': 'a'.repeat(5_120), 'x-b': 'b'.repeat(5_120) }],
    ['a URL', `/v1/verifications/${'x'.repeat(10_240)}`, withKey],
  ] as const)('more than 10,240 bytes are refused for %s, as on AWS', async (_, path, headers) => {
    const { status, body } = await plain(path, { host: 'localhost', ...headers });
    expect([status, JSON.parse(body).code]).toEqual([400, 'invalid-request']);
    expect(
      (await plain('/v1/verifications/x', { host: 'localhost', ...withKey, 'x-a': 'a'.repeat(9_000) })).status,
    ).toBe(200);
  });
});

describe('what a function answers', () => {
  const answering = async (payload: unknown) => {
    next = () => ({ kind: 'answered', payload });
    return await get('/v1/verifications/x', { headers: withKey });
  };

  test('an answer of a function arrives as it is', async () => {
    const response = await answering({
      statusCode: 201,
      headers: { Location: '/v1/x', 'X-One': 1 },
      multiValueHeaders: { 'Set-Thing': ['a', 'b'] },
      body: 'YQ==',
      isBase64Encoded: true,
    });
    expect(response.status).toBe(201);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      location: '/v1/x',
      'x-one': '1',
      'set-thing': 'a, b',
    });
    expect(await response.text()).toBe('a');
    const empty = await answering({ statusCode: 204 });
    expect([empty.status, await empty.text()]).toEqual([204, '']);
  });

  test.each([
    ['nothing', null],
    ['a string', 'ok'],
    ['no status', { body: 'x' }],
    ['a status that is none', { statusCode: 1000, body: 'x' }],
    ['a body that is no string', { statusCode: 200, body: { a: 1 } }],
    ['a field that API Gateway does not know', { statusCode: 200, body: '', extra: 1 }],
    ['a header that cannot be sent', { statusCode: 200, headers: { 'x-bad': 'a\r\nb: c' }, body: '' }],
    ['a header name that cannot be sent', { statusCode: 200, headers: { 'x bad': 'a' }, body: '' }],
  ])('an answer of a function is a failure of the integration if it is %s', async (_, payload) => {
    const response = await answering(payload);
    expect(response.headers.get('retry-after')).toBeTruthy();
    await expectProblem(response, 'INTEGRATION_FAILURE');
  });

  test('a function that failed is a failure, and one that took too long is a timeout', async () => {
    next = () => ({ kind: 'failed', reason: 'secret reason' });
    await expectProblem(await get('/v1/verifications/x', { headers: withKey }), 'INTEGRATION_FAILURE');
    next = () => ({ kind: 'timed-out' });
    await expectProblem(await get('/v1/verifications/x', { headers: withKey }), 'INTEGRATION_TIMEOUT');
  });
});

describe('controls', () => {
  const post = (path: string, body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    get(path, { method: 'POST', body, headers });

  test('the inbox can be read, of all and of one', async () => {
    expect(await (await get('/_local/messages')).json()).toEqual(sms);
    expect(await (await get('/_local/messages?to=%2B919876543210')).json()).toEqual(sms);
    // As curl sends a plus sign that nobody escaped.
    expect(await (await get('/_local/messages?to=+919876543210')).json()).toEqual(sms);
    expect(await (await get('/_local/messages?to=%2B1')).json()).toEqual([]);
    for (const to of ['919876543210', '', '%2B91%2098765'])
      expect(await (await get(`/_local/messages?to=${to}`)).json()).toMatchObject({
        status: 400,
        detail: 'to must be a number with its plus sign, for example %2B919876543210.',
      });
  });

  test('the clock can be moved', async () => {
    expect(await (await post('/_local/clock', '{"advanceSeconds":90}')).json()).toMatchObject({ offsetSeconds: 90 });
    expect(clock.offsetMs()).toBe(90_000);
    expect(await (await get('/_local/clock')).json()).toMatchObject({ offsetSeconds: 90 });
    clock.advance(-90_000);
  });

  test('the events on the bus of findings can be read', async () => {
    expect(await (await get('/_local/events')).json()).toEqual(events);
  });

  test('the mails that findings became can be read', async () => {
    expect(await (await get('/_local/mails')).json()).toMatchObject([{ eventId: '1', text: '"High: an attack."' }]);
  });

  test('the clock can be made to strike', async () => {
    expect((await post('/_local/strike', '{}')).status).toBe(204);
    expect(strikes).toHaveLength(1);
  });

  test('the event source mapping can be disabled and enabled again', async () => {
    expect(await (await post('/_local/mapping', '{"enabled":false}')).json()).toEqual({ enabled: false });
    expect(mapping.isEnabled()).toBe(false);
    expect(await (await get('/_local/mapping')).json()).toEqual({ enabled: false });
    expect((await post('/_local/mapping', '{"enabled":"no"}')).status).toBe(400);
    expect(await (await post('/_local/mapping', '{"enabled":true}')).json()).toEqual({ enabled: true });
  });

  test('a key can be disabled, but no key that is not here, and in no state that KMS does not have', async () => {
    expect((await post('/_local/keys', '{"key":"seal","state":"Disabled"}')).status).toBe(204);
    expect(keyStates).toEqual([['seal', 'Disabled']]);
    expect((await post('/_local/keys', '{"key":"another","state":"Disabled"}')).status).toBe(400);
    expect((await post('/_local/keys', '{"key":"seal","state":"Off"}')).status).toBe(400);
    expect((await post('/_local/keys', '{"key":"proof","state":"Disabled"}')).status).toBe(400);
  });

  test('the topic of alarms can have any number of receivers, confirmed or not', async () => {
    expect((await post('/_local/receivers', '{"confirmed":0,"pending":2}')).status).toBe(204);
    expect(topic.subscriptions().map(({ isConfirmed }) => isConfirmed)).toEqual([false, false]);
    for (const body of ['{"confirmed":-1}', '{"pending":1.5}', '{"confirmed":"1"}', '{"pending":1001}'])
      expect((await post('/_local/receivers', body)).status).toBe(400);
    expect(topic.subscriptions()).toHaveLength(2);
  });

  test('faults can be armed and called off', async () => {
    expect((await post('/_local/faults', '{"mode":"throttle","times":2,"to":"+91"}')).status).toBe(204);
    expect((await post('/_local/faults', '{"mode":"reset"}')).status).toBe(204);
    expect(faults).toEqual([
      { mode: 'throttle', times: 2, to: '+91' },
      { mode: 'reset', times: 1 },
    ]);
    expect((await post('/_local/faults', '{"mode":"none"}')).status).toBe(204);
    expect(faults).toEqual([]);
  });

  test('a client gets the address and the key to use', async () => {
    expect(await (await get('/_local/client')).json()).toEqual({ endpoint: loopback.url, apiKey: 'the key' });
  });

  test.each([
    ['/_local/clock', '{"advanceSeconds":"90"}', 400],
    ['/_local/clock', '{"advanceSeconds":1e300}', 400],
    ['/_local/clock', '[]', 400],
    ['/_local/clock', '{', 400],
    ['/_local/faults', '{"mode":"unknown"}', 400],
    ['/_local/faults', '{"mode":"reset","times":0}', 400],
    ['/_local/faults', '{"mode":"reset","to":1}', 400],
    ['/_local/messages', '{}', 405],
    ['/_local/nothing', '{}', 404],
    ['/_local/constructor', '{}', 404],
  ])('POST %s %s is refused with %i', async (path, body, status) => {
    expect((await post(path, body)).status).toBe(status);
  });

  test('pages of other sites can neither read nor steer', async () => {
    expect((await plain('/_local/messages', { host: 'evil.example' })).status).toBe(403);
    expect((await plain('/', { host: 'evil.example:4000' })).status).toBe(403);
    expect((await plain('/_local/client', { host: '127.0.0.1.evil.example' })).status).toBe(403);
    expect((await plain('/_local/messages', { host: 'localhost', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post('/_local/clock', '{"advanceSeconds":1}', { 'content-type': 'text/plain' })).status).toBe(415);
    for (const host of ['127.0.0.1', 'localhost:4000', '[::1]:4000'])
      expect((await plain('/_local/messages', { host })).status).toBe(200);
  });
});

describe('the page', () => {
  const page = async (...offered: readonly string[]) => {
    countries = offered;
    return (await get('/')).text();
  };

  test('the page offers the countries of the settings and no other', async () => {
    const html = await page('GB', 'IN');
    expect(html).toContain(' countries="GB,IN" default-country="IN" ');
    expect(html).toContain('Countries in the settings: United Kingdom, India.');
  });

  test('the page counts many countries instead of naming them', async () => {
    const html = await page('DE', 'ES', 'FR', 'GB', 'IN', 'IT', 'US');
    expect(html).toContain('Countries in the settings: 7.');
  });

  test('fills in a number only if its country is in the settings', async () => {
    expect(await page('IN')).toContain('phone-number="98765 43210"');
    expect(await page('GB')).toContain(' countries="GB" default-country="GB" ');
    expect(await page('GB')).not.toContain('phone-number');
  });

  test('its stylesheet comes with a policy that lets it load from here only', async () => {
    const response = await get('/page/page.css');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('text/css');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  test.each([
    '/page/../page.ts',
    '/page/%2e%2e/page.ts',
    '/page/..%2fpage.ts',
    '/page/..%5cpage.ts',
    '/page/%2fetc%2fpasswd',
    '/page/.hidden.css',
    '/page/index.html%00.css',
    '/page//index.html',
    '/page/',
    '/page',
  ])('%s names no file', async (path) => {
    expect((await plain(path, { host: 'localhost' })).status).toBe(404);
  });
});

describe('whatever is sent', () => {
  const answersStill = async () => expect((await get('/.well-known/jwks.json')).status).toBe(200);

  test.each(['%', '%zz', '%ff', '%E0%A4', '/v1/verifications/%', '/v1/verifications/%c3%28/check'])(
    'a path with bad escapes (%s) is a bad request',
    async (path) => {
      const { status, body } = await plain(path.startsWith('/') ? path : `/${path}`, { ...withKey, host: 'localhost' });
      expect(status).toBe(400);
      expect(JSON.parse(body)).toMatchObject({ code: 'invalid-request', status: 400 });
    },
  );

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['bytes', Buffer.from([0x16, 0x03, 0x01, 0, 0xff, 0, 0, 0])],
    ['a bad method', 'FLY / HTTP/1.1\r\nhost: localhost\r\n\r\n'],
    ['a header without a colon', 'GET / HTTP/1.1\r\nhost localhost\r\n\r\n'],
    ['a header flood', `GET / HTTP/1.1\r\nhost: localhost\r\n${'x-a: b\r\n'.repeat(5000)}\r\n`],
    ['a path of a megabyte', `GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\nhost: localhost\r\n\r\n`],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['no host', 'GET /.well-known/jwks.json HTTP/1.1\r\nconnection: close\r\n\r\n'],
    ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n'],
    ['a target that is a star', 'OPTIONS * HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'],
    ['an upgrade', 'GET /x HTTP/1.1\r\nhost: a\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n'],
    ['an expectation that nobody meets', 'GET /x HTTP/1.1\r\nhost: a\r\nexpect: miracles\r\nconnection: close\r\n\r\n'],
  ])('%s is answered with a 4xx', async (_, bytes) => {
    const answer = await raw(bytes);
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toContain('"code":"');
    await answersStill();
  });

  test('a body that never ends costs the gateway nothing', async () => {
    await raw('POST /v1/verifications HTTP/1.1\r\nhost: a\r\nx-api-key: the key\r\ncontent-length: 99\r\n\r\nshort', {
      hangUp: true,
    });
    await answersStill();
  });

  test('no path, method or header gets a 5xx out of it', async () => {
    const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$/);
    const path = fc.oneof(
      fc.webPath(),
      fc.stringMatching(/^[\x21-\x7e]{0,60}$/),
      fc
        .constantFrom(...routes.map((route) => route.path))
        .chain((known) => fc.stringMatching(/^[\x21-\x7e]{0,30}$/).map((id) => known.replace('{id}', id))),
      fc.stringMatching(/^[\x21-\x7e]{0,30}$/).map((rest) => `/_local/${rest}`),
      fc.stringMatching(/^[\x21-\x7e]{0,30}$/).map((rest) => `/page/${rest}`),
    );
    const headers = fc.dictionary(token, fc.stringMatching(/^[\x20-\x7e]{0,60}$/), { maxKeys: 8 });
    const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'HEAD', 'OPTIONS', 'PURGE', 'TRACE', 'M-SEARCH');
    await fc.assert(
      fc.asyncProperty(method, path, headers, fc.boolean(), async (verb, target, extra, keyed) => {
        const head = Object.entries({ host: 'localhost', ...(keyed ? withKey : {}), ...extra, connection: 'close' });
        const answer = await raw(
          `${verb} /${target} HTTP/1.1\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
        );
        expect(answer).toMatch(/^HTTP\/1\.1 [24]\d\d /);
      }),
      { numRuns: 400 },
    );
    await answersStill();
  });

  test('the line on the terminal shows no id, no query and no control character', async () => {
    lines.length = 0;
    await get('/v1/verifications/aSecretIdentifier?phone=1', { headers: withKey });
    await plain('/x%1b[31m?secret', { host: 'localhost' });
    expect(lines.map(({ path, status, problem }) => [path, status, problem])).toEqual([
      ['/v1/verifications/aSec…', 200, undefined],
      ['/x%1b[31m', 404, 'not-found'],
    ]);
  });
});

describe('pages of other origins', () => {
  const preflight = (path: string, headers: Record<string, string> = {}) => get(path, { method: 'OPTIONS', headers });
  const paths = [...new Set(routes.map(({ path }) => path.replace('{id}', 'an-id')))];

  test.each(paths)('a preflight of %s needs no key, calls no function, and names its methods', async (path) => {
    last = {};
    const answer = await preflight(path, { origin: 'https://app.example.com' });
    expect([answer.status, await answer.text(), last]).toEqual([204, '', {}]);
    const methods = routes.filter((route) => route.path.replace('{id}', 'an-id') === path).map(({ method }) => method);
    expect(answer.headers.get('access-control-allow-methods')).toBe(methods.join(','));
    expect(answer.headers.get('access-control-allow-headers')).toBe(
      'content-type,idempotency-key,x-api-key,authorization',
    );
    expect(answer.headers.get('access-control-max-age')).toMatch(/^\d+$/);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    for (const [name, value] of Object.entries(securityHeaders)) expect(answer.headers.get(name)).toBe(value);
  });
  test('a preflight allows the origins that are listed, and no other', async () => {
    const allowedTo = async (origin: string | undefined) => {
      const { headers } = await preflight('/v1/verifications', origin === undefined ? {} : { origin });
      expect(headers.get('vary')).toBe('Origin');
      return headers.get('access-control-allow-origin');
    };
    for (const origin of ['https://app.example.com', 'http://localhost:5173'])
      expect(await allowedTo(origin)).toBe(origin);
    for (const origin of ['https://evil.example', 'null', '*', 'http://localhost:5174', undefined])
      expect(await allowedTo(origin)).toBeNull();
  });
  test('a preflight of the key set allows every origin', async () => {
    const { headers } = await preflight('/.well-known/jwks.json', { origin: 'https://anyone.example' });
    expect(headers.get('access-control-allow-origin')).toBe('*');
  });
  test('a preflight with a body of another type is refused as API Gateway does, and is no error of the server', async () => {
    const headers = { 'content-type': 'text/plain' };
    const answer = await get('/v1/verifications', { method: 'OPTIONS', headers, body: 'x' });
    await expectProblem(answer, 'UNSUPPORTED_MEDIA_TYPE');
    const json = { 'content-type': 'application/json; charset=utf-8' };
    expect((await get('/v1/verifications', { method: 'OPTIONS', headers: json, body: '{' })).status).toBe(204);
  });
  test.each(['/v1', '/v1/verifications/', '/v1/verifications/a/b/c', '/nothing'])(
    'no preflight is answered where no route is: %s',
    async (path) => {
      await expectProblem(await preflight(path, { origin: 'https://app.example.com' }), 'MISSING_AUTHENTICATION_TOKEN');
    },
  );
  test('no page of another origin may read the page or its controls, or their errors', async () => {
    const origin = 'https://app.example.com';
    const asked: readonly (readonly [string, RequestInit])[] = [
      ['/', {}],
      ['/page/nothing.js', {}],
      ['/_local/client', {}],
      ['/_local/nothing', {}],
      ['/_local/clock', { method: 'PUT' }],
      ['/_local/clock', { method: 'POST', body: '{}' }],
      ['/_local/clock', { method: 'OPTIONS' }],
      ['/openapi.json', {}],
    ];
    for (const [path, init] of asked) {
      const { headers } = await get(path, { ...init, headers: { origin } });
      expect([path, [...headers.keys()].filter((name) => name.startsWith('access-control'))]).toEqual([path, []]);
    }
  });
});
