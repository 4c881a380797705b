import { createServer as createPlain } from 'node:http';
import { createServer as createTls } from 'node:https';
import { type AddressInfo, createServer, connect as openTcp, type Server, type Socket } from 'node:net';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { connectAhead } from '../../../lambdas/aws/calls/ahead.ts';
import { dynamoClient, kmsClient, snsClient } from '../../../lambdas/aws/clients.ts';
import { type Certificate, makeCertificate } from '../../fakes/aws/certificate.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { setTimeouts } from '../../fakes/aws/timeouts.ts';
import { trust } from '../../fakes/aws/trust.ts';

const listen = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
};

/** A service that counts its connections, and the calls on each. Without a certificate it speaks plain HTTP. */
const startAws = async (certificate?: Certificate) => {
  const connections: { readonly socket: Socket; calls: number }[] = [];
  const answer: Parameters<typeof createPlain>[1] = (request, response) => {
    const used = connections.find(({ socket }) => socket === request.socket);
    if (used !== undefined) used.calls += 1;
    request.resume().once('end', () => response.end('{}'));
  };
  const server = certificate === undefined ? createPlain(answer) : createTls({ ...certificate }, answer);
  server.on(certificate === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
    connections.push({ socket, calls: 0 }),
  );
  const port = await listen(server);
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  return { port, connections, calls: () => connections.map(({ calls }) => calls), stop };
};

/** Passes connections on, except for the first: that one is taken, and no byte of it answered. */
const startDeafFront = async (port: number) => {
  const sockets: Socket[] = [];
  const server = createServer((outer) => {
    sockets.push(outer);
    outer.on('error', () => undefined);
    if (sockets.length === 1) return;
    const inner = openTcp(port, '127.0.0.1');
    inner.on('error', () => undefined);
    outer.pipe(inner).pipe(outer);
  });
  const front = await listen(server);
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  return { port: front, sockets, stop };
};

type Client = ReturnType<typeof kmsClient | typeof dynamoClient | typeof snsClient>;

const callBy = (client: Client, port: number, protocol = 'https:') =>
  client.config.requestHandler.handle({
    ...{ method: 'POST', path: '/', query: {}, headers: { host: '127.0.0.1', 'content-length': '2' }, body: '{}' },
    ...{ protocol, hostname: '127.0.0.1', port },
  } as never);

const certificate = makeCertificate(Date.now());
beforeAll(() => trust(certificate.cert));

let aws: Awaited<ReturnType<typeof startAws>>;
let client: Client | undefined;
beforeEach(async () => {
  aws = await startAws(certificate);
});
afterEach(async () => {
  vi.restoreAllMocks();
  client?.destroy();
  await aws.stop();
});

const clients = { kms: kmsClient, dynamodb: dynamoClient, sns: () => snsClient('') } as const;

/** A client whose endpoint is this port. */
const clientTo = (service: keyof typeof clients, port: number, protocol = 'https'): Client => {
  askInstead({ [`AWS_ENDPOINT_URL_${service.toUpperCase()}`]: `${protocol}://127.0.0.1:${port}` });
  client = clients[service]();
  setTimeouts(client, { connectionTimeout: 60_000, requestTimeout: 60_000, socketTimeout: 60_000 });
  return client;
};
const connected = (count: number) => vi.waitFor(() => expect(aws.connections).toHaveLength(count), { timeout: 20_000 });

test.each(['kms', 'dynamodb', 'sns'] as const)('the first call of %s finds the connection open', async (service) => {
  const made = clientTo(service, aws.port);
  await connectAhead(made);
  await connected(1);
  await callBy(made, aws.port);
  expect(aws.calls()).toEqual([1]);
});

test('two calls at the same time never share a connection, whether it was opened ahead or not', async () => {
  const made = clientTo('dynamodb', aws.port);
  await connectAhead(made);
  await connected(1);
  await Promise.all([callBy(made, aws.port), callBy(made, aws.port), callBy(made, aws.port)]);
  expect(aws.calls()).toEqual([1, 1, 1]);
});

test('a client that has a connection opens none ahead', async () => {
  const made = clientTo('kms', aws.port);
  await callBy(made, aws.port);
  await connectAhead(made);
  await callBy(made, aws.port);
  expect(aws.calls()).toEqual([2]);
});

test('a call does not wait for a connection that is being opened: it opens its own', async () => {
  const front = await startDeafFront(aws.port);
  const made = clientTo('dynamodb', front.port);
  await connectAhead(made);
  await vi.waitFor(() => expect(front.sockets).toHaveLength(1), { timeout: 20_000 });
  await callBy(made, front.port);
  expect(aws.calls()).toEqual([1]);
  await front.stop();
});

test('a service that nobody reaches fails no start, and the first call says so', async () => {
  const gone = await startAws(certificate);
  await gone.stop();
  const made = clientTo('kms', gone.port);
  await connectAhead(made);
  await expect(callBy(made, gone.port)).rejects.toThrow('ECONNREFUSED');
});

test('an address that is none fails no start', async () => {
  // The SDK prints it.
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  askInstead({ AWS_ENDPOINT_URL_KMS: 'no address' });
  client = kmsClient();
  expect(await connectAhead(client)).toBeUndefined();
});

test('a server whose certificate nobody vouches for is not used', async () => {
  const stranger = await startAws(makeCertificate(Date.now()));
  const made = clientTo('kms', stranger.port);
  await connectAhead(made);
  await expect(callBy(made, stranger.port)).rejects.toThrow('self-signed certificate');
  expect(stranger.calls()).toEqual(stranger.connections.map(() => 0));
  await stranger.stop();
});

test('bytes that come before the first call end the connection', async () => {
  const made = clientTo('dynamodb', aws.port);
  await connectAhead(made);
  await connected(1);
  const ended = new Promise((resolve) => void aws.connections[0]?.socket.once('close', resolve));
  aws.connections[0]?.socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
  await ended;
  await callBy(made, aws.port);
  expect(aws.calls()).toEqual([0, 1]);
});

test.each([
  ['sns', 3000, 1],
  ['sns', 3001, 2],
  ['dynamodb', 3001, 1],
  ['dynamodb', 20_000, 1],
  ['dynamodb', 20_001, 2],
  ['kms', 20_001, 2],
] as const)('a first call of %s after %i ms makes %i connections in all', async (service, ms, count) => {
  const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now());
  const made = clientTo(service, aws.port);
  await connectAhead(made);
  await connected(1);
  clock.mockReturnValue(Date.now() + ms);
  await callBy(made, aws.port);
  expect(aws.connections).toHaveLength(count);
});

test('nothing is opened ahead over plain HTTP for calls that must not be repeated', async () => {
  const local = await startAws();
  const made = clientTo('sns', local.port, 'http');
  await connectAhead(made);
  await callBy(made, local.port, 'http:');
  expect(local.calls()).toEqual([1]);
  await local.stop();
});
