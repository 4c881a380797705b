/** The fault suite of the lean handler: each fault on the wire, over TLS, with the error that the SDK's handler would have. */

import { constants } from 'node:crypto';
import { createServer as createPlain, type Server as PlainServer } from 'node:net';
import { createServer, type TLSSocket } from 'node:tls';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createConnections } from '../../../lambdas/aws/calls/connections.ts';
import { callHandler } from '../../../lambdas/aws/calls/handler.ts';
import { dynamoClient, dynamoClientOnce } from '../../../lambdas/aws/clients.ts';
import { outcomeOf } from '../../../lambdas/aws/senders/outcome.ts';
import { makeCertificate } from '../../fakes/aws/certificate.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { trust } from '../../fakes/aws/trust.ts';

type Answer = (socket: TLSSocket) => void;

const certificate = makeCertificate(Date.now());
let distrust: () => void;
beforeAll(() => {
  distrust = trust(certificate.cert);
});
afterAll(() => distrust());

const stops: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

const closing = (server: PlainServer, sockets: Set<{ destroy: () => void }>) => () => {
  for (const socket of sockets) socket.destroy();
  return new Promise<void>((resolve) => void server.close(() => resolve()));
};

/** A server that answers the next whole request by the next answer, byte for byte. The last answer repeats. */
const serverOf = async (...answers: Answer[]) => {
  const sockets = new Set<TLSSocket>();
  const state = { connections: 0, requests: [] as string[] };
  const server = createServer(certificate, (socket) => {
    state.connections += 1;
    sockets.add(socket);
    let text = '';
    socket.on('error', () => {});
    socket.on('data', (data) => {
      text += data.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (head === -1 || text.length < head + 4 + length) return;
      state.requests.push(text);
      text = '';
      (answers.length > 1 ? answers.shift() : answers[0])?.(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(closing(server, sockets));
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, state, sockets };
};

const handlerOf = (
  timeouts: Partial<Record<'connectionTimeout' | 'requestTimeout' | 'socketTimeout', number>> = {},
  bound?: number,
) => {
  const handler = callHandler({
    // Tests of a time-out have a shorter one.
    connectionTimeout: 60_000,
    requestTimeout: 60_000,
    socketTimeout: 60_000,
    ...timeouts,
    connections: createConnections('recent', bound),
  });
  stops.push(handler.destroy);
  return handler;
};

const request = (port: number, more: object = {}) => ({
  method: 'POST',
  protocol: 'https:',
  hostname: '127.0.0.1',
  port,
  path: '/',
  query: {},
  headers: { 'content-length': '2' },
  body: '{}' as unknown,
  ...more,
});

const ask = async (handler: ReturnType<typeof handlerOf>, port: number, more: object = {}, options = {}) => {
  const { response } = await handler.handle(request(port, more), options);
  return { status: response.statusCode, headers: response.headers, body: Buffer.from(response.body).toString() };
};

const failed = (promise: Promise<unknown>): Promise<Error & { code?: string }> =>
  promise.then(
    (value) => Promise.reject(new Error(`It succeeded: ${JSON.stringify(value)}`)),
    (error) => error,
  );

const raw =
  (text: string): Answer =>
  (socket) =>
    void socket.write(text);
const whole = raw('HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-amzn-requestid: r-1\r\n\r\ngood');

describe('answers', () => {
  test('an answer is whole, with its status and headers, and its connection serves the next call', async () => {
    const { port, state } = await serverOf(whole);
    const handler = handlerOf();
    for (let call = 0; call < 3; call += 1)
      expect(await ask(handler, port)).toEqual({
        status: 200,
        headers: { 'content-length': '4', 'x-amzn-requestid': 'r-1' },
        body: 'good',
      });
    expect(state.connections).toBe(1);
  });

  test.each<readonly [string, Answer, object]>([
    [
      'in chunks',
      raw('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n'),
      { body: 'abcde' },
    ],
    ['without a body', raw('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), { body: '' }],
    [
      'after 100 Continue',
      raw('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na'),
      { body: 'a' },
    ],
    ['with an error', raw('HTTP/1.1 503 Slow Down\r\ncontent-length: 1\r\n\r\na'), { status: 503, body: 'a' }],
    ['that ends with its connection', (socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\nabc'), { body: 'abc' }],
    [
      'with a header twice',
      raw('HTTP/1.1 200 OK\r\nset-cookie: a\r\nset-cookie: b\r\ncontent-length: 0\r\n\r\n'),
      { headers: expect.objectContaining({ 'set-cookie': 'a,b' }) },
    ],
  ])('an answer %s is read', async (_, answer, wanted) => {
    const { port } = await serverOf(answer);
    expect(await ask(handlerOf(), port)).toMatchObject(wanted);
  });

  test('an answer that comes byte by byte is whole, however long it takes, as long as no pause is too long', async () => {
    const { port } = await serverOf((socket) => {
      const text = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nabcdef';
      socket.write(text.slice(0, -6));
      [...text.slice(-6)].forEach((char, index) => void setTimeout(() => socket.write(char), 200 * (index + 1)));
    });
    expect(await ask(handlerOf({ socketTimeout: 1000 }), port)).toMatchObject({ body: 'abcdef' });
  });

  test('text and bytes arrive as they are', async () => {
    const { port, state } = await serverOf(whole);
    const bytes = Buffer.from([0, 255, 10, 195, 40]);
    await ask(handlerOf(), port, { body: new Uint8Array(bytes), headers: { 'content-length': '5' } });
    expect(Buffer.from(state.requests[0]?.slice(-5) ?? '', 'latin1')).toEqual(bytes);
    await ask(handlerOf(), port, { body: 'ä€', headers: { 'content-length': '5' } });
    expect(Buffer.from(state.requests[1]?.slice(-5) ?? '', 'latin1').toString()).toBe('ä€');
  });

  test('a call over plain HTTP gets its answer', async () => {
    const server = createPlain((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(closing(server, new Set()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await ask(handlerOf(), port, { protocol: 'http:' })).toMatchObject({ body: 'a' });
  });
});

describe('faults of an answer fail the call at once, and no other call gets its rest', () => {
  const lost = { name: 'TimeoutError', code: 'ECONNRESET' };
  test.each<readonly [string, Answer, object]>([
    ['a reset before the answer', (socket) => void socket.destroy(), lost],
    ['an end before the answer', (socket) => void socket.end(), lost],
    [
      'an end within the headers',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ncont'),
      { message: expect.any(String) },
    ],
    ['an end within the body', (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'), lost],
    [
      'an end within chunks',
      (socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab'),
      lost,
    ],
    ['no HTTP', raw('SSH-2.0-OpenSSH\r\n\r\n'), { code: expect.stringMatching(/^HPE_/) }],
    [
      'a length that is no number',
      raw('HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n'),
      { code: expect.stringMatching(/^HPE_/) },
    ],
    [
      'a length and chunks',
      raw('HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'),
      { code: expect.stringMatching(/^HPE_/) },
    ],
    ['headers without an end', raw(`HTTP/1.1 200 OK\r\na: ${'b'.repeat(40_000)}\r\n`), { code: 'HPE_HEADER_OVERFLOW' }],
  ])('%s fails the call, and the next one has another connection', async (_, answer, wanted) => {
    const { port, state } = await serverOf(answer, whole);
    const handler = handlerOf();
    expect(await failed(ask(handler, port))).toMatchObject(wanted);
    expect(await ask(handler, port)).toMatchObject({ body: 'good' });
    expect(state.connections).toBe(2);
  });

  test('an answer that is longer than it says is cut, and its rest is no answer to the next call', async () => {
    const { port } = await serverOf(raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nabcdefgh'), whole);
    const handler = handlerOf();
    const first = await ask(handler, port).catch((error: Error) => error);
    if (!(first instanceof Error)) expect(first.body).toBe('ab');
    expect(await ask(handler, port)).toMatchObject({ body: 'good' });
  });

  test('an answer of more than 32 MiB ends the call and its connection', async () => {
    const { port } = await serverOf((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n');
      const part = Buffer.alloc(2 ** 20);
      const more = (): void => {
        if (!socket.destroyed) socket.write(part, more);
      };
      more();
    });
    expect(await failed(ask(handlerOf(), port))).toMatchObject({ message: expect.stringContaining('33554432 bytes') });
  });

  test('bytes that come to an idle connection are no answer to the next call', async () => {
    const { port, sockets } = await serverOf(whole);
    const handler = handlerOf();
    await ask(handler, port);
    for (const socket of sockets) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nbad');
    await vi.waitFor(() => expect([...sockets].every((socket) => socket.destroyed)).toBe(true), { timeout: 20_000 });
    expect(await ask(handler, port)).toMatchObject({ body: 'good' });
  });

  test('a connection that AWS closes in the moment of its next use fails one call, which is not repeated here', async () => {
    const { port, state } = await serverOf(whole, (socket) => void socket.destroy(), whole);
    const handler = handlerOf();
    await ask(handler, port);
    expect(await failed(ask(handler, port))).toMatchObject(lost);
    expect(state.requests).toHaveLength(2);
    expect(await ask(handler, port)).toMatchObject({ body: 'good' });
  });
});

describe('calls that wait for a connection', () => {
  test('a call that cannot be written fails alone, and not the one whose connection it gets', async () => {
    const { port } = await serverOf(whole);
    const handler = handlerOf({}, 1);
    const first = ask(handler, port);
    const second = failed(ask(handler, port, { body: 7 }));
    const third = ask(handler, port);
    expect(await first).toMatchObject({ body: 'good' });
    expect(await second).toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(await third).toMatchObject({ body: 'good' });
  });

  test('an aborted call leaves the queue, and the next one gets its turn', async () => {
    const { port, state } = await serverOf(whole);
    const handler = handlerOf({}, 1);
    const abort = new AbortController();
    const first = ask(handler, port);
    const second = failed(ask(handler, port, {}, { abortSignal: abort.signal }));
    const third = ask(handler, port);
    abort.abort();
    expect(await second).toMatchObject({ name: 'AbortError' });
    expect(await Promise.all([first, third])).toMatchObject([{ body: 'good' }, { body: 'good' }]);
    expect(state).toMatchObject({ connections: 1, requests: { length: 2 } });
  });

  test('all connections die at once, and each call that waits gets a new one', async () => {
    const reset: Answer = (socket) => void socket.destroy();
    const { port, state } = await serverOf(...Array.from({ length: 50 }, () => reset), whole);
    const handler = handlerOf();
    const lost = Array.from({ length: 50 }, () => failed(ask(handler, port)));
    const waiting = Array.from({ length: 50 }, () => ask(handler, port));
    expect(await Promise.all(lost)).toEqual(lost.map(() => expect.objectContaining({ code: 'ECONNRESET' })));
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => expect.objectContaining({ body: 'good' })));
    expect(state.requests).toHaveLength(100);
  });
});

describe('time-outs', () => {
  test('an answer that does not begin in time is a time-out, and its connection is closed', async () => {
    const { port, sockets } = await serverOf(() => {});
    const error = await failed(ask(handlerOf({ requestTimeout: 60 }), port));
    expect(error).toMatchObject({ name: 'TimeoutError', code: 'ETIMEDOUT', message: expect.stringContaining('60 ms') });
    await vi.waitFor(() => expect([...sockets].every((socket) => socket.destroyed)).toBe(true), { timeout: 20_000 });
  });

  test('a call may wait for another time than the client', async () => {
    const { port } = await serverOf(() => {});
    const error = await failed(ask(handlerOf(), port, {}, { requestTimeout: 40 }));
    expect(error).toMatchObject({ name: 'TimeoutError', message: expect.stringContaining('40 ms') });
  });

  test.each([
    ['after the headers', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'],
    ['in the body', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nab'],
  ])('an answer that stalls %s is a time-out', async (_, beginning) => {
    const { port } = await serverOf(raw(beginning));
    const error = await failed(ask(handlerOf({ socketTimeout: 60 }), port));
    expect(error).toMatchObject({ name: 'TimeoutError', message: expect.stringContaining('stalled for 60 ms') });
  });

  test('a call whose connection is never made says so, as the SDK does: nothing was sent', async () => {
    const { port } = await serverOf(() => {});
    // There is one connection, which another call holds.
    const handler = handlerOf({ connectionTimeout: 60 }, 1);
    const held = failed(ask(handler, port));
    const error = await failed(ask(handler, port));
    expect(error).toMatchObject({
      name: 'TimeoutError',
      message: expect.stringContaining('did not establish a connection'),
    });
    handler.destroy();
    await held;
  });

  test('no timer is left when a call has ended', async () => {
    const { port } = await serverOf(whole);
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await ask(handlerOf(), port).finally(() => expect(vi.getTimerCount()).toBe(0));
    vi.useRealTimers();
  });
});

describe('connections that cannot be made', () => {
  test('a server that nobody vouches for gets no request', async () => {
    const stranger = makeCertificate(Date.now());
    let taken = 0;
    const server = createServer(stranger, (socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        taken += 1;
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(closing(server, new Set()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect((await failed(ask(handlerOf(), port))).code).toMatch(/CERT|SELF_SIGNED|UNABLE/);
    expect(taken).toBe(0);
  });

  test('a server that speaks no TLS gets no request', async () => {
    const server = createPlain((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(closing(server, new Set()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect((await failed(ask(handlerOf(), port))).code).toMatch(/^ERR_SSL|EPROTO/);
  });

  test('a server that hangs up in the handshake of TLS gets no request, and the error says so', async () => {
    const server = createPlain((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(closing(server, new Set()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const error = await failed(ask(handlerOf(), port));
    expect(error.message).toContain('before secure TLS connection was established');
    expect(outcomeOf(error)).toEqual({ kind: 'rejected', reason: 'unreachable' });
  });

  test('a session that the server cannot resume is forgotten, so that one call fails and not each one', async () => {
    const sessions = new Map<string, Buffer>();
    let isBroken = false;
    const server = createServer(
      { ...certificate, maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET },
      (socket) => {
        socket.on('error', () => {});
        socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 1\r\n\r\na'));
      },
    );
    server.on('newSession', (id: Buffer, data: Buffer, done: () => void) => {
      sessions.set(id.toString('hex'), data);
      done();
    });
    server.on('resumeSession', (id: Buffer, done: (error: Error | null, data: Buffer | null) => void) => {
      const known = sessions.get(id.toString('hex'));
      if (isBroken && known !== undefined) done(new Error('broken'), null);
      else done(null, known ?? null);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    stops.push(closing(server, new Set()));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const handler = handlerOf();
    expect(await ask(handler, port)).toMatchObject({ body: 'a' });
    isBroken = true;
    expect(await failed(ask(handler, port))).toMatchObject({ name: 'TimeoutError', code: 'ECONNRESET' });
    expect(await ask(handler, port)).toMatchObject({ body: 'a' });
  });

  test('a port at which nobody listens, and a name that nobody has, have the codes by which an SMS counts as unsent', async () => {
    expect(await failed(ask(handlerOf(), 1))).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect' });
    const nobody = { hostname: 'nobody.invalid' };
    expect((await failed(ask(handlerOf(), 443, nobody))).code).toMatch(/^(?:ENOTFOUND|EAI_AGAIN)$/);
  });
});

describe('an aborted call', () => {
  test('one signal aborts each of its calls, and a call that has ended takes it from no other', async () => {
    const { port, state } = await serverOf(whole, () => {});
    const abort = new AbortController();
    const options = { abortSignal: abort.signal };
    const handler = handlerOf();
    const ended = ask(handler, port, {}, options);
    await ended;
    const running = [failed(ask(handler, port, {}, options)), failed(ask(handler, port, {}, options))];
    await vi.waitFor(() => expect(state.requests).toHaveLength(3), { timeout: 20_000 });
    abort.abort();
    expect(await Promise.all(running)).toMatchObject([{ name: 'AbortError' }, { name: 'AbortError' }]);
  });

  test('a call that is aborted before or while it runs fails as aborted', async () => {
    const { port, state } = await serverOf(() => {});
    const abort = new AbortController();
    const running = failed(ask(handlerOf(), port, {}, { abortSignal: abort.signal }));
    await vi.waitFor(() => expect(state.requests).toHaveLength(1), { timeout: 20_000 });
    abort.abort();
    expect(await running).toMatchObject({ name: 'AbortError' });
    expect(await failed(ask(handlerOf(), port, {}, { abortSignal: abort.signal }))).toMatchObject({
      name: 'AbortError',
    });
    expect(state.requests).toHaveLength(1);
  });
});

test('a query string is refused: these services have none', async () => {
  await expect(handlerOf().handle(request(1, { query: { a: 'b' } }) as never)).rejects.toThrow('query strings');
});

describe('under the clients', () => {
  const update = () => new UpdateItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } });
  const good = raw('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
  const clientOf = async (make: typeof dynamoClient, ...answers: Answer[]) => {
    const { port, state } = await serverOf(...answers);
    askInstead({ AWS_ENDPOINT_URL_DYNAMODB: `https://127.0.0.1:${port}` });
    const client = make();
    stops.push(() => client.destroy());
    return { client, state };
  };

  test.each<readonly [string, Answer]>([
    ['a reset', (socket) => void socket.destroy()],
    ['half an answer', (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{')],
    ['an outage', raw('HTTP/1.1 500 x\r\ncontent-length: 2\r\n\r\n{}')],
  ])('a call that may be repeated is repeated after %s', async (_, fault) => {
    const { client, state } = await clientOf(dynamoClient, fault, fault, good);
    expect(await client.send(update())).toMatchObject({ $metadata: { attempts: 3 } });
    // The first try is made without the SDK, which counts it.
    expect(state.requests.map((text) => /amz-sdk-request: (.*)/i.exec(text)?.[1])).toEqual([
      undefined,
      ...[2, 3].map((attempt) => `attempt=${attempt}; max=3`),
    ]);
  });

  test('a call that must not be repeated is made once', async () => {
    const { client, state } = await clientOf(dynamoClientOnce, (socket) => void socket.destroy(), good);
    await expect(client.send(update())).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(state.requests).toHaveLength(1);
  });

  test('a clock that is wrong is corrected by the time of AWS, and the call is signed again', async () => {
    const aws = new Date(Date.now() + 3_600_000);
    const body = '{"__type":"x#RequestTimeTooSkewed","message":"m"}';
    const skewed = raw(`HTTP/1.1 403 x\r\ndate: ${aws.toUTCString()}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    const { client, state } = await clientOf(dynamoClient, skewed, good);
    await client.send(update());
    const [first, second] = state.requests.map((text) => /x-amz-date: (\S+)/.exec(text)?.[1] ?? '');
    expect([first?.slice(0, 11), second?.slice(0, 11)]).toEqual(
      [new Date(aws.getTime() - 3_600_000), aws].map((date) => date.toISOString().replace(/[-:]/g, '').slice(0, 11)),
    );
  });

  test('each call names its maker and Node, in the header that CloudTrail shows', async () => {
    const { client, state } = await clientOf(dynamoClient, raw('HTTP/1.1 500 x\r\ncontent-length: 2\r\n\r\n{}'), good);
    await client.send(update());
    expect(state.requests[0]).toMatch(/\r\nuser-agent: otp-service lang\/js md\/nodejs#\d/i);
    expect(state.requests[1]).toMatch(/\r\nuser-agent: aws-sdk-js\/\S+ .*lang\/js.* api\/DynamoDB#/i);
  });
});
