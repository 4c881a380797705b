import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { type Agent, createServer as createTlsServer, request as httpsRequest } from 'node:https';
import {
  type AddressInfo,
  createServer as createTcpServer,
  getDefaultAutoSelectFamily,
  type Socket,
  type TcpNetConnectOpts,
  type Server as TcpServer,
} from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { webhookRetries } from '../../lambdas/contract.ts';
import type { Posted } from '../../lambdas/webhooks/ports.ts';
import { reach as loopback } from '../../lambdas/webhooks/wire/loopback.ts';
import { type Address, poster, type Reach } from '../../lambdas/webhooks/wire/post.ts';
import { makeCertificate } from '../fakes/aws/certificate.ts';

const nowMs = Date.parse('2026-11-30T10:00:00Z');
const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const portOf = async (server: Server | TcpServer): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  stops.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

type Seen = { readonly request: IncomingMessage; readonly body: string };
/** A consumer that answers with these. */
const consumer = async (answer: RequestListener) => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      seen.push({ request, body: Buffer.concat(chunks).toString('utf8') });
      answer(request, response);
    });
  });
  return { seen, url: `http://127.0.0.1:${await portOf(server)}` };
};

const body = '{"id":"evt_1","data":{"text":"ü"}}';
const headers = { 'content-type': 'application/json', 'webhook-id': 'evt_1' };
const postTo = async (
  url: string,
  { reach = loopback, timeoutMs = 2000 }: { reach?: Reach; timeoutMs?: number } = {},
) => await poster({ reach, timeoutMs, now: () => nowMs })(url, headers, body);

describe('an answer', () => {
  test.each([200, 201, 202, 204, 299])('%i takes the event', async (status) => {
    const { url } = await consumer((_, response) => response.writeHead(status).end());
    expect(await postTo(url)).toEqual({ kind: 'delivered', status });
  });

  test.each([
    [301, 'redirect'],
    [302, 'redirect'],
    [304, 'redirect'],
    [307, 'redirect'],
    [308, 'redirect'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [410, 'gone'],
    [429, 'throttled'],
    [500, 'server-error'],
    [502, 'server-error'],
    [503, 'server-error'],
    [599, 'server-error'],
  ])('%i is a failure: %s', async (status, cause) => {
    const { url } = await consumer((_, response) => response.writeHead(status).end());
    expect(await postTo(url)).toEqual({ kind: 'failed', cause, status });
  });

  test('a redirect is not followed, to a private address neither', async () => {
    const other = await consumer((_, response) => response.writeHead(200).end());
    const { url } = await consumer((_, response) => response.writeHead(307, { location: other.url }).end());
    expect(await postTo(url)).toMatchObject({ kind: 'failed', cause: 'redirect' });
    expect(other.seen).toEqual([]);
  });

  test.each([
    ['seconds', '120', 120],
    ['a date', 'Mon, 30 Nov 2026 10:02:00 GMT', 120],
    ['a date that is over', 'Mon, 30 Nov 2026 09:00:00 GMT', 0],
    ['a word', 'soon', undefined],
    ['less than nothing', '-5', undefined],
    ['a fraction', '1.5', undefined],
    ['more seconds than a number holds', '9'.repeat(400), undefined],
  ])('Retry-After is read as %s', async (_, retryAfter, seconds) => {
    const { url } = await consumer((_request, response) =>
      response.writeHead(503, { 'retry-after': retryAfter }).end(),
    );
    const posted = await postTo(url);
    expect('retryAfterSeconds' in posted ? posted.retryAfterSeconds : undefined).toBe(seconds);
  });

  test('the body of an answer is not read, though it has no end', async () => {
    const ended: string[] = [];
    const { url } = await consumer((_, response) => {
      response.on('close', () => ended.push('close'));
      response.writeHead(200);
      const write = () => {
        while (response.write(Buffer.alloc(65_536))) if (response.destroyed) return;
        response.once('drain', write);
      };
      write();
    });
    expect(await postTo(url)).toEqual({ kind: 'delivered', status: 200 });
    await expect.poll(() => ended).toEqual(['close']);
  });

  test('informational answers are no answer, and a change of protocol is a failure', async () => {
    const { url } = await consumer((_, response) => {
      response.writeProcessing();
      response.writeHead(204).end();
    });
    expect(await postTo(url)).toEqual({ kind: 'delivered', status: 204 });
    const upgrading = createTcpServer((socket) =>
      socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    );
    const posted = await postTo(`http://127.0.0.1:${await portOf(upgrading)}`);
    expect(posted).toEqual({ kind: 'failed', cause: 'connection' });
  });

  test.each([
    ['headers without end', `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(5000)}`],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n'],
  ])('an answer with %s is a failure', async (_, text) => {
    const server = createTcpServer((socket) => socket.end(text));
    expect(await postTo(`http://127.0.0.1:${await portOf(server)}`)).toEqual({ kind: 'failed', cause: 'connection' });
  });
});

describe('a request', () => {
  test('a consumer gets the headers and the body byte for byte, at the path and query of the URL', async () => {
    const { seen, url } = await consumer((_, response) => response.writeHead(204).end());
    await postTo(`${url}/otp/hook?key=a%20b`);
    expect(seen).toMatchObject([
      {
        body,
        request: {
          method: 'POST',
          url: '/otp/hook?key=a%20b',
          headers: { ...headers, connection: 'close', 'content-length': String(Buffer.byteLength(body)) },
        },
      },
    ]);
  });

  test('each delivery has a connection of its own', async () => {
    const ports = new Set<number | undefined>();
    const { url } = await consumer((request, response) => {
      ports.add(request.socket.remotePort);
      response.writeHead(204).end();
    });
    for (const _ of [1, 2, 3]) await postTo(url);
    expect(ports.size).toBe(3);
  });
});

describe('the time of a delivery', () => {
  const slow = { timeoutMs: 100 };

  test('a consumer that does not answer in time has failed', async () => {
    const { url } = await consumer(() => {});
    expect(await postTo(url, slow)).toEqual({ kind: 'failed', cause: 'timeout' });
  });

  test('a delivery may have less time than others, and never more', async () => {
    const { url } = await consumer(() => {});
    for (const [timeoutMs, withinMs] of [
      [600_000, 100],
      [100, 600_000],
    ] as const) {
      const post = poster({ reach: loopback, timeoutMs, now: Date.now });
      expect(await post(url, headers, body, withinMs)).toEqual({ kind: 'failed', cause: 'timeout' });
    }
  });

  test('a consumer that keeps sending informational answers has failed', async () => {
    const { url } = await consumer((_, response) => {
      const each = setInterval(() => response.writeProcessing(), 5);
      response.on('close', () => clearInterval(each));
    });
    expect(await postTo(url, slow)).toEqual({ kind: 'failed', cause: 'timeout' });
  });

  test('the look-up of the host counts as well', async () => {
    const reach: Reach = {
      ...loopback,
      addressesOf: (_, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('dns'))),
    };
    expect(await postTo('http://127.0.0.1:9/', { ...slow, reach })).toEqual({ kind: 'failed', cause: 'timeout' });
  });
});

/** The options by which Node would connect. */
const connectingTo = async (addresses: readonly Address[]): Promise<TcpNetConnectOpts> => {
  let seen: unknown;
  const reach: Reach = {
    addressesOf: async () => addresses,
    request: (options, answered) => {
      const agent = Object.assign(options.agent as Agent, {
        createConnection: (given: unknown) => {
          seen = given;
          throw new Error('No connection is made here.');
        },
      });
      return httpsRequest({ ...options, agent }, answered);
    },
  };
  await postTo('https://hooks.example.com/', { reach });
  return seen as TcpNetConnectOpts;
};

describe('a host with several addresses', () => {
  test('a far consumer has a second to be connected, and a dead address leaves time for the next ones', async () => {
    const both: readonly Address[] = [
      { address: '198.51.100.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ];
    const { autoSelectFamily = getDefaultAutoSelectFamily(), autoSelectFamilyAttemptTimeout: ms = 0 } =
      await connectingTo(both);
    expect(autoSelectFamily).toBe(true);
    expect(ms).toBeGreaterThanOrEqual(1000);
    expect(ms).toBeLessThanOrEqual(webhookRetries.timeoutMs / 3);
  });
});

describe('a failure', () => {
  test('a consumer that is down is one', async () => {
    const server = createTcpServer();
    const port = await portOf(server);
    stops.splice(0).map((stop) => stop());
    expect(await postTo(`http://127.0.0.1:${port}/`)).toEqual({ kind: 'failed', cause: 'connection' });
  });

  test('a consumer that closes the connection is one', async () => {
    const server = createTcpServer((socket) => socket.destroy());
    expect(await postTo(`http://127.0.0.1:${await portOf(server)}`)).toEqual({ kind: 'failed', cause: 'connection' });
  });

  test('a text that is no URL is one, and nothing is sent', async () => {
    expect(await postTo('no url')).toEqual({ kind: 'failed', cause: 'address' });
  });

  test.each([
    'https://127.0.0.1/',
    'http://10.0.0.1/',
    'http://localhost/',
    'http://169.254.169.254/',
    'http://[::1]/',
  ])('local mode calls this machine by its IP and nothing else: %s', async (url) => {
    expect(await postTo(url)).toEqual({ kind: 'failed', cause: 'address' });
  });
});

describe('TLS', () => {
  const certificate = makeCertificate(Date.now());
  /** As deployed, but the addresses and the port are those of a server here. */
  const reachOf = (port: number, ca: readonly string[] = []): Reach => ({
    addressesOf: async () => [{ address: '127.0.0.1', family: 4 }],
    request: (options, answered) =>
      httpsRequest({ ...options, port, ...(ca.length === 0 ? {} : { ca: [...ca] }) }, answered),
  });
  const tlsServer = async () => {
    const names: unknown[] = [];
    const server = createTlsServer(certificate, (_, response) => response.writeHead(204).end());
    server.on('secureConnection', ({ servername }) => names.push(servername));
    server.on('tlsClientError', () => {});
    return { names, port: await portOf(server) };
  };
  const postBy = async (url: string, reach: Reach): Promise<Posted> => await postTo(url, { reach });

  test('a certificate that nobody signed fails', async () => {
    const { port } = await tlsServer();
    expect(await postBy('https://hooks.example.com/', reachOf(port))).toEqual({ kind: 'failed', cause: 'tls' });
  });

  test('a certificate that is good for another name fails, though the address is the one that was checked', async () => {
    const { port } = await tlsServer();
    const reach = reachOf(port, [certificate.cert]);
    expect(await postBy('https://hooks.example.com/', reach)).toEqual({ kind: 'failed', cause: 'tls' });
    expect(await postBy('https://127.0.0.1/', reach)).toEqual({ kind: 'delivered', status: 204 });
  });

  test('the name of the host is asked for, at the address that was checked', async () => {
    const { names, port } = await tlsServer();
    const checked = reachOf(port, [certificate.cert]);
    const reach: Reach = {
      ...checked,
      request: (options, answered) => checked.request({ ...options, checkServerIdentity: () => undefined }, answered),
    };
    // A resolver knows no such name.
    expect(await postBy('https://hooks.example.invalid/', reach)).toEqual({ kind: 'delivered', status: 204 });
    expect(names).toEqual(['hooks.example.invalid']);
  });

  test('the environment turns no check off and sets no proxy', async () => {
    const { port } = await tlsServer();
    const proxied: string[] = [];
    const proxy = createServer((request, response) => {
      proxied.push(request.url ?? '');
      response.writeHead(200).end();
    });
    const proxyUrl = `http://127.0.0.1:${await portOf(proxy)}`;
    const names = {
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      HTTPS_PROXY: proxyUrl,
      https_proxy: proxyUrl,
      NODE_USE_ENV_PROXY: '1',
    };
    const before = Object.keys(names).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, names);
    try {
      expect(await postBy('https://hooks.example.com/', reachOf(port))).toEqual({ kind: 'failed', cause: 'tls' });
      expect(proxied).toEqual([]);
    } finally {
      for (const [name, value] of before)
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
    }
  });

  test('a server without TLS fails', async () => {
    const { url } = await consumer((_, response) => response.writeHead(204).end());
    const reach = reachOf(Number(new URL(url).port));
    expect(await postBy('https://hooks.example.com/', reach)).toEqual({ kind: 'failed', cause: 'tls' });
  });
});

test('a name that changes between check and use is not asked for again', async () => {
  const { seen, url } = await consumer((_, response) => response.writeHead(204).end());
  const { port } = new URL(url);
  let asked = 0;
  const reach: Reach = {
    addressesOf: async () => {
      asked += 1;
      return [{ address: '127.0.0.1', family: 4 }];
    },
    request: httpRequest,
  };
  // No server has this name. Only the address that was checked can be the one that answers.
  expect(await postTo(`http://rebind.example.invalid:${port}/`, { reach })).toEqual({ kind: 'delivered', status: 204 });
  expect([asked, seen.length]).toEqual([1, 1]);
});
