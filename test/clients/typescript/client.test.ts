import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CallError, type ClientOptions, createClient } from '../../../clients/typescript/index.ts';
import { answer, cut, cutInTheMiddle, half, problem, silence, startHostile, verification } from './hostile.ts';

const { id } = verification;
const sent = answer(201, verification);
const input = { phoneNumber: '+919876543210', purpose: 'login' };

let server: Awaited<ReturnType<typeof startHostile>>;
let waits: number[];
let nowMs: number;
beforeAll(async () => {
  server = await startHostile();
});
afterAll(() => server.stop());
beforeEach(() => {
  waits = [];
  nowMs = Date.parse('2026-11-21T23:23:00Z');
});

/** Waits take no time, and move the clock on. */
const clientOf = (more: Partial<ClientOptions> = {}) =>
  createClient({
    baseUrl: server.url,
    apiKey: 'local',
    now: () => nowMs,
    random: () => 0,
    wait: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      nowMs += ms;
    },
    ...more,
  });
const keys = () => server.seen().map(({ headers }) => headers['idempotency-key']);
const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => expect.unreachable('The call had an outcome.'),
    (error: unknown) => error,
  );

describe('an outcome', () => {
  test.each([
    ['request', 201, verification, 'sent', () => clientOf().request(input)],
    ['resend', 200, verification, 'sent', () => clientOf().resend(id)],
    ['get', 200, { ...verification, phoneNumber: undefined }, 'found', () => clientOf().get(id)],
    ['cancel', 204, '', 'canceled', () => clientOf().cancel(id)],
    ['check', 200, { status: 'approved', proof: 'a.b.c' }, 'approved', () => clientOf().check(id, { code: '1234' })],
    [
      'check',
      200,
      { status: 'pending', attemptsRemaining: 4 },
      'wrong-code',
      () => clientOf().check(id, { code: '1' }),
    ],
    [
      'check',
      200,
      { status: 'pending', attemptsRemaining: 4, hint: 'superseded-code' },
      'superseded-code',
      () => clientOf().check(id, { code: '1' }),
    ],
  ])('a call of %s that is answered %i %j has the outcome %s', async (_, status, body, kind, call) => {
    server.play(answer(status, body));
    expect((await call()).kind).toBe(kind);
    expect(server.seen()).toHaveLength(1);
  });

  test('a request goes out as the contract has it, with the API key and without what is undefined', async () => {
    server.play(sent);
    await clientOf({ baseUrl: `${server.url}/otp//` }).request({
      ...input,
      locale: undefined,
      endUser: { ipAddress: '203.0.113.7' },
    });
    const [{ method, url, headers, body } = expect.unreachable()] = server.seen();
    expect([method, url]).toEqual(['POST', '/otp/v1/verifications']);
    expect(headers).toMatchObject({ 'x-api-key': 'local', 'content-type': 'application/json' });
    expect(headers['idempotency-key']).toMatch(/^[0-9a-f]{32}$/);
    expect(JSON.parse(body)).toEqual({ ...input, endUser: { ipAddress: '203.0.113.7' } });
  });

  test('a field that the client does not know is passed through', async () => {
    server.play(answer(201, { ...verification, channel: 'voice', status: 'queued' }));
    const outcome = await clientOf().request(input);
    expect(outcome).toMatchObject({ kind: 'sent', verification: { channel: 'voice', status: 'queued' } });
  });

  test('a problem that the client does not know is passed through', async () => {
    server.play(problem(418, 'tea-only', { pot: 'small' }));
    const outcome = await clientOf().request(input);
    expect(outcome).toMatchObject({ kind: 'unknown-problem', code: 'tea-only', status: 418, body: { pot: 'small' } });
  });

  test('a problem has its limit, its wait and its faults', async () => {
    const errors = [{ pointer: '/phoneNumber', detail: 'It is missing.' }];
    server.play(problem(429, 'too-many-requests', { limit: 'ip', errors, requestId: 'r' }, { 'retry-after': '120' }));
    const outcome = await clientOf().request(input);
    const facts = { kind: 'too-many-requests', limit: 'ip', retryAfterSeconds: 120, requestId: 'r', errors };
    expect(outcome).toMatchObject(facts);
    expect([waits, server.seen().length]).toEqual([[], 1]);
  });

  test.each(['', '..', '../..', 'a/../../x', 'a b', 'a?b', 'é', 'a'.repeat(256), undefined, { toString: () => id }])(
    'the id %j, which cannot be one, becomes no part of a path',
    async (each) => {
      server.play(sent);
      const { get, check, resend, cancel } = clientOf();
      const bad = each as string;
      const outcomes = await Promise.all([get(bad), check(bad, { code: '1234' }), resend(bad), cancel(bad)]);
      expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['verification-not-found']));
      expect(server.seen()).toEqual([]);
    },
  );
});

describe('a retry', () => {
  test.each([
    ['a cut connection', cut],
    ['an answer that is cut', cutInTheMiddle],
    ['garbage with a good status', answer(201, '<html>')],
    ['JSON of another shape', answer(201, { ok: true })],
    ['a list in place of an object', answer(201, '[]')],
    ['the page of a proxy', answer(503, '<html>', { 'retry-after': '1' })],
    ['an outage of the service', problem(503, 'temporarily-unavailable', {}, { 'retry-after': '1' })],
    ['a request that still runs', problem(409, 'request-in-progress', {}, { 'retry-after': '1' })],
    ['an SMS that was surely not sent', problem(502, 'delivery-failed', {}, { 'retry-after': '1' })],
    ['a throttle of the gateway', problem(429, 'too-many-requests', {}, { 'retry-after': '1' })],
  ])('the same call follows %s, with the same key', async (_, act) => {
    server.play(act, act, sent);
    expect((await clientOf().request(input)).kind).toBe('sent');
    expect(server.seen()).toHaveLength(3);
    expect(new Set(keys()).size).toBe(1);
    expect(new Set(server.seen().map(({ body }) => body)).size).toBe(1);
  });

  test('a check whose answer is lost is repeated with its key, so that it costs one attempt', async () => {
    server.play(cut, answer(200, { status: 'pending', attemptsRemaining: 4, expiresAt: '' }));
    const outcome = await clientOf().check(id, { code: '000000' });
    expect(outcome).toMatchObject({ kind: 'wrong-code', attemptsRemaining: 4 });
    expect(server.seen()).toHaveLength(2);
    expect(keys()[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(keys()[1]).toBe(keys()[0]);
  });

  test('every call has a key of its own', async () => {
    server.play(sent);
    const client = clientOf();
    await Promise.all(Array.from({ length: 20 }, () => client.request(input)));
    expect(new Set(keys()).size).toBe(20);
  });

  test.each([
    ['invalid-request', 400, {}],
    ['resend-too-soon', 429, { limit: 'cooldown' }],
    ['too-many-requests', 429, { limit: 'phone-10m' }],
    ['destination-suspended', 429, {}],
    ['spend-cap-reached', 429, {}],
    ['sending-stopped', 503, {}],
    ['delivery-failed', 410, {}],
    ['idempotency-key-reused', 422, {}],
    ['forbidden', 403, {}],
  ])('%s with %i is answered at once', async (code, status, more) => {
    server.play(problem(status, code, more, { 'retry-after': '1' }), sent);
    expect((await clientOf().request(input)).kind).toBe(code);
    expect(server.seen()).toHaveLength(1);
  });

  test('a wait of seconds is kept, and so is one until a date by the clock of the server', async () => {
    const date = new Date('2020-01-01T00:00:00Z').toUTCString();
    const later = new Date('2020-01-01T00:00:07Z').toUTCString();
    server.play(
      problem(503, 'temporarily-unavailable', {}, { 'retry-after': '3' }),
      problem(503, 'temporarily-unavailable', {}, { 'retry-after': later, date }),
      sent,
    );
    await clientOf().request(input);
    expect(waits).toEqual([3000, 7000]);
  });

  test.each(['soon', '-5', '1e9', '99999999999', ''])(
    'the wait %j, which is none, becomes one by chance',
    async (wait) => {
      server.play(problem(503, 'temporarily-unavailable', {}, { 'retry-after': wait }), sent);
      await clientOf({ random: () => 0.5 }).request(input);
      expect(waits).toEqual([188]);
    },
  );

  test('the waits without a named time grow', async () => {
    server.play(cut, cut, cut, sent);
    await clientOf().request(input);
    expect(waits).toEqual([125, 250, 500]);
  });

  test('no more than the retries of the options are made', async () => {
    server.play(problem(503, 'temporarily-unavailable', {}, { 'retry-after': '1' }));
    expect((await clientOf({ maxRetries: 1 }).request(input)).kind).toBe('temporarily-unavailable');
    expect(server.seen()).toHaveLength(2);
    expect((await clientOf({ maxRetries: 0 }).request(input)).kind).toBe('temporarily-unavailable');
    expect(server.seen()).toHaveLength(3);
  });

  test('a wait beyond the budget is the outcome, and is not waited for', async () => {
    server.play(problem(409, 'request-in-progress', {}, { 'retry-after': '30' }));
    const outcome = await clientOf({ budgetMs: 20_000 }).request(input);
    expect(outcome).toMatchObject({ kind: 'request-in-progress', retryAfterSeconds: 30 });
    expect([waits, server.seen().length]).toEqual([[], 1]);
  });

  test('the waits of a call together stay within its budget', async () => {
    server.play(problem(503, 'temporarily-unavailable', {}, { 'retry-after': '8' }));
    await clientOf({ budgetMs: 20_000, maxRetries: 100 }).request(input);
    expect(waits).toEqual([8000, 8000]);
  });
});

describe('a failure', () => {
  test('a server that is not there throws a CallError with the key to repeat the call', async () => {
    const error = await failure(clientOf({ baseUrl: 'http://127.0.0.1:1' }).request(input));
    expect(error).toBeInstanceOf(CallError);
    expect(error).toMatchObject({ reason: 'no-answer', idempotencyKey: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(waits).toHaveLength(3);
  });

  test('the key of a CallError repeats the call', async () => {
    server.play(cut, sent);
    const error = (await failure(clientOf({ maxRetries: 0 }).request(input))) as CallError;
    const { idempotencyKey } = error;
    await clientOf().request(input, { idempotencyKey });
    expect(new Set(keys())).toEqual(new Set([idempotencyKey]));
  });

  test.each([301, 302, 303, 307, 308])(
    'a redirect with %i throws, and is neither followed nor repeated',
    async (status) => {
      server.play(answer(status, '', { location: `${server.url}/elsewhere` }));
      expect(await failure(clientOf().request(input))).toMatchObject({ reason: 'redirected', status });
      expect(server.seen()).toHaveLength(1);
    },
  );

  test('a page that says 404 is no answer of the service, and is not asked for again', async () => {
    server.play(answer(404, '<html>'));
    expect(await failure(clientOf().get(id))).toMatchObject({ reason: 'unreadable-answer', status: 404 });
    expect(server.seen()).toHaveLength(1);
  });

  test('an error shows neither number nor code nor key', async () => {
    server.play(cut);
    const call = clientOf({ apiKey: 'secret-key' }).check(id, { code: '492039' });
    const error = (await failure(call)) as CallError;
    expect(`${error.stack} ${error.cause}`).not.toMatch(/secret-key|492039|9876543210/);
  });

  test.each([
    ['a server that is silent', silence],
    ['a body that never comes', half],
  ])('%s is given up after the timeout', async (_, act) => {
    server.play(act);
    const error = await failure(clientOf({ timeoutMs: 300, maxRetries: 1 }).get(id));
    expect(error).toMatchObject({ reason: 'no-answer' });
    expect(server.seen()).toHaveLength(2);
  });

  test('a budget that is used up ends a silent call before its timeout', async () => {
    server.play(silence);
    const startMs = performance.now();
    await failure(clientOf({ timeoutMs: 60_000, budgetMs: 50, maxRetries: 0 }).get(id));
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });

  test('a signal ends a silent call with its own reason', async () => {
    server.play(silence);
    const ending = new AbortController();
    const call = failure(clientOf({ maxRetries: 0 }).request(input, { signal: ending.signal }));
    const reason = new Error('The person left.');
    await expect.poll(() => server.seen().length).toBe(1);
    ending.abort(reason);
    expect(await call).toBe(reason);
    expect(server.seen()).toHaveLength(1);
  });

  test('a signal ends a wait', async () => {
    server.play(problem(503, 'temporarily-unavailable', {}, { 'retry-after': '15' }));
    const ending = new AbortController();
    const client = createClient({ baseUrl: server.url });
    const call = failure(client.get(id, { signal: ending.signal }));
    await expect.poll(() => server.seen().length).toBe(1);
    ending.abort();
    expect(await call).toMatchObject({ name: 'AbortError' });
  });

  test('a signal that was aborted before sends nothing', async () => {
    server.play(sent);
    expect(await failure(clientOf().request(input, { signal: AbortSignal.abort() }))).toMatchObject({
      name: 'AbortError',
    });
    expect(server.seen()).toEqual([]);
  });

  test.each(['otp.example.com', '', 'ftp://otp.example.com', undefined])(
    'the base URL %j throws a TypeError',
    (baseUrl) => {
      expect(() => createClient({ baseUrl: baseUrl as string })).toThrow(TypeError);
    },
  );

  test('a header that cannot be one is a bug, and throws a TypeError at once', async () => {
    server.play(sent);
    expect(await failure(clientOf({ apiKey: 'a\nb' }).request(input))).toBeInstanceOf(TypeError);
    expect([waits, server.seen()]).toEqual([[], []]);
  });
});

test('fresh headers are asked for at each try', async () => {
  server.play(cut, sent);
  let tokens = 0;
  const headers = async () => {
    tokens += 1;
    return { authorization: `Bearer ${tokens}` };
  };
  await clientOf({ headers }).request(input);
  expect(server.seen().map(({ headers: { authorization } }) => authorization)).toEqual(['Bearer 1', 'Bearer 2']);
});
