import { createServer as createPlain } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { dynamoClientOnce, smsVoiceClient, snsClient } from '../../../lambdas/aws/clients.ts';
import { eventBridgeClient } from '../../../lambdas/aws/sdk-clients.ts';
import { endUserMessagingSender } from '../../../lambdas/aws/senders/end-user-messaging.ts';
import { notifySender } from '../../../lambdas/aws/senders/notify.ts';
import { snsSender } from '../../../lambdas/aws/senders/sns.ts';
import type { SmsOutcome, SmsSender } from '../../../lambdas/otp/ports.ts';
import type { SmsRoute } from '../../../lambdas/policy.ts';
import { type Certificate, makeCertificate } from '../../fakes/aws/certificate.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { setTimeouts } from '../../fakes/aws/timeouts.ts';
import { trust } from '../../fakes/aws/trust.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from '../../fakes/sending/routes.ts';
import { smsTo } from '../../fakes/sending/sms.ts';
import { phone } from '../../fakes/world.ts';

const published =
  '<PublishResponse><PublishResult><MessageId>m-1</MessageId></PublishResult><ResponseMetadata/></PublishResponse>';

type Seen = (call: string, cause: unknown) => void;

type Closable = Parameters<typeof setTimeouts>[0] & { readonly destroy: () => void };
/** A sender whose one client is at hand. */
type Sending = {
  readonly endpoint: string;
  readonly route: SmsRoute;
  /** The answer of AWS to a message that it takes. */
  readonly answer: string;
  readonly open: (seen: Seen) => { readonly client: Closable; readonly sender: SmsSender };
};

const smsVoiceEndpoint = 'AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2';
const senders: readonly (readonly [name: string, sending: Sending])[] = [
  [
    'SNS',
    {
      endpoint: 'AWS_ENDPOINT_URL_SNS',
      route: snsRoute(),
      answer: published,
      open: (seen) => {
        const client = snsClient('');
        return { client, sender: snsSender(seen, () => client) };
      },
    },
  ],
  [
    'End User Messaging',
    {
      endpoint: smsVoiceEndpoint,
      route: endUserMessagingRoute(),
      answer: '{"MessageId":"m-1"}',
      open: (seen) => {
        const client = smsVoiceClient('');
        return { client, sender: endUserMessagingSender(seen, () => client) };
      },
    },
  ],
  [
    'Notify',
    {
      endpoint: smsVoiceEndpoint,
      route: notifyRoute(),
      answer: '{"MessageId":"m-1","ResolvedMessageBody":"123456 is your code."}',
      open: (seen) => {
        const client = smsVoiceClient('');
        return { client, sender: notifySender(seen, () => client) };
      },
    },
  ],
];

/** An answer that nobody asked for, with another id. */
const anotherThan = (answer: string) =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${answer.length}\r\n\r\n${answer.replace('m-1', 'm-2')}`;

type Answer = 'whole' | 'reset' | 'cut-body' | 'close';

/** A service over TLS. It counts connections and the messages that it took. */
const startAws = async ({ key, cert }: Certificate, taken = published) => {
  const sockets: TLSSocket[] = [];
  const raw: Socket[] = [];
  const state = { answer: 'whole' as Answer, taken: 0 };
  const server: Server = createServer({ key, cert, keepAlive: true, keepAliveTimeout: 60_000 }, (request, response) => {
    request.resume().once('end', () => {
      state.taken += 1;
      const { answer } = state;
      if (answer === 'reset') return void raw.at(-1)?.resetAndDestroy();
      const close = answer === 'close' ? { connection: 'close' } : {};
      response.writeHead(200, { 'content-length': taken.length, ...close });
      if (answer === 'cut-body') return void response.write(taken.slice(0, 15));
      response.end(taken);
    });
  });
  server.on('connection', (socket: Socket) => raw.push(socket));
  server.on('secureConnection', (socket: TLSSocket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const stop = () => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  };
  return { url, sockets, raw, state, stop };
};

const certificate = makeCertificate(Date.now());
beforeAll(() => trust(certificate.cert));

let aws: Awaited<ReturnType<typeof startAws>>;
let client: ReturnType<Sending['open']>['client'];
let causes: unknown[];
let send: () => Promise<SmsOutcome>;
const open = ({ endpoint, route, open: make }: Sending, url: string) => {
  askInstead({ [endpoint]: url });
  causes = [];
  const made = make((_, cause) => causes.push(cause));
  client = made.client;
  // Fifty handshakes take a busy machine more than a second.
  setTimeouts(client, { connectionTimeout: 60_000, requestTimeout: 60_000, socketTimeout: 60_000 });
  send = () => made.sender.send(smsTo(phone().reveal(), { route }));
};
/** Opens the sender of a suite before each of its tests. */
const openEach = (sending: Sending) =>
  beforeEach(async () => {
    aws = await startAws(certificate, sending.answer);
    open(sending, aws.url);
  });
afterEach(async () => {
  vi.restoreAllMocks();
  client?.destroy();
  await aws?.stop();
});

const accepted = { kind: 'accepted', messageId: 'm-1' };

/** The clocks of the process stand still, except when a test moves one. */
const clocks = { wall: 0, run: 0 };
beforeEach(() => {
  Object.assign(clocks, { wall: Date.now(), run: performance.now() });
  vi.spyOn(Date, 'now').mockImplementation(() => clocks.wall);
  vi.spyOn(performance, 'now').mockImplementation(() => clocks.run);
});
const pass = (clock: 'wall' | 'run', ms: number) => {
  clocks[clock] += ms;
};

const soon = () => new Promise((resolve) => setTimeout(resolve, 50));

describe.each(senders)('a connection to %s is used again within three seconds only', (_, sending) => {
  openEach(sending);

  test('messages that follow each other share a connection', async () => {
    for (let message = 0; message < 5; message += 1) expect(await send()).toEqual(accepted);
    pass('wall', 3000);
    expect(await send()).toEqual(accepted);
    expect([aws.sockets.length, aws.state.taken]).toEqual([1, 6]);
  });

  test.each(['wall', 'run'] as const)(
    'a message gets a fresh connection after three seconds of the %s clock',
    async (clock) => {
      expect(await send()).toEqual(accepted);
      pass(clock, 3001);
      expect(await send()).toEqual(accepted);
      expect(aws.sockets).toHaveLength(2);
    },
  );

  test('a wall clock that is set back makes no connection younger', async () => {
    expect(await send()).toEqual(accepted);
    pass('run', 3001);
    pass('wall', -60_000);
    expect(await send()).toEqual(accepted);
    expect(aws.sockets).toHaveLength(2);
  });

  test('each use starts the three seconds anew, and a fresh connection stays when old ones go', async () => {
    await Promise.all([send(), send(), send()]);
    expect(aws.sockets).toHaveLength(3);
    pass('wall', 3000);
    expect(await send()).toEqual(accepted);
    pass('wall', 1);
    expect(await send()).toEqual(accepted);
    const destroyed = () => aws.sockets.filter((socket) => socket.destroyed);
    await vi.waitFor(() => expect(destroyed()).toHaveLength(2), { timeout: 20_000 });
    expect(aws.sockets).toHaveLength(3);
  });

  test('two messages at the same time never share a connection, and there are 50 connections at most', async () => {
    const outcomes = await Promise.all(Array.from({ length: 60 }, send));
    expect(outcomes).toEqual(outcomes.map(() => accepted));
    expect([aws.sockets.length, aws.state.taken]).toEqual([50, 60]);
  });
});

type Maker = () => ReturnType<
  typeof snsClient | typeof smsVoiceClient | typeof dynamoClientOnce | typeof eventBridgeClient
>;

/** Calls by the handler of a client, as the client does. */
const callBy = (client: ReturnType<Maker>, url: string) => {
  const { protocol, hostname, port, host } = new URL(url);
  const message = { method: 'POST', path: '/', query: {}, headers: { host, 'content-length': '2' }, body: '{}' };
  return client.config.requestHandler.handle({ ...message, protocol, hostname, port: Number(port) } as never);
};

describe('all clients that do not repeat a call', () => {
  beforeEach(async () => {
    aws = await startAws(certificate);
  });

  test.each<readonly [string, Maker]>([
    ['SNS', () => snsClient('')],
    ['SNS in another Region', () => snsClient('eu-west-1')],
    ['End User Messaging', () => smsVoiceClient('')],
    ['the counters', dynamoClientOnce],
    ['EventBridge', eventBridgeClient],
  ])('%s keeps recent connections, and none over plain HTTP', async (_, make) => {
    const made = make();
    for (const ms of [0, 3000, 3001]) {
      pass('wall', ms);
      await callBy(made, aws.url);
    }
    expect(aws.sockets).toHaveLength(2);
    let connections = 0;
    const local = createPlain((request, response) => void request.resume().once('end', () => response.end('{}')));
    local.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => local.listen(0, '127.0.0.1', resolve));
    const address = local.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
    await callBy(made, url);
    await callBy(made, url);
    made.destroy();
    await new Promise<void>((resolve) => void local.close(() => resolve()));
    expect(connections).toBe(2);
  });

  test('each client has connections of its own, so that the end of one ends no call of another', async () => {
    const [one, other] = [snsClient(''), snsClient('')];
    await callBy(one, aws.url);
    await callBy(other, aws.url);
    expect(aws.sockets).toHaveLength(2);
    one.destroy();
    await callBy(other, aws.url);
    expect(aws.sockets).toHaveLength(2);
    other.destroy();
  });
});

describe.each(senders)('a connection to %s that died costs no message', (_, sending) => {
  openEach(sending);

  test('a connection that died while the sandbox slept is not used', async () => {
    expect(await send()).toEqual(accepted);
    // It is dead, and this side has not been told.
    aws.raw[0]?.pause();
    pass('wall', 3001);
    expect(await send()).toEqual(accepted);
    expect([aws.sockets.length, aws.state.taken, causes.length]).toEqual([2, 2, 0]);
  });

  test('a connection that AWS has closed is not used', async () => {
    expect(await send()).toEqual(accepted);
    // The other side ends as well once it has been told.
    const told = new Promise((resolve) => void aws.sockets[0]?.once('close', resolve));
    aws.sockets[0]?.end();
    await told;
    expect(await send()).toEqual(accepted);
    expect([aws.sockets.length, causes.length]).toEqual([2, 0]);
  });

  test('a connection that AWS says it closes is not used', async () => {
    aws.state.answer = 'close';
    expect([await send(), await send()]).toEqual([accepted, accepted]);
    expect(aws.sockets).toHaveLength(2);
  });

  test('a reset of a connection that is used again leaves the message unconfirmed, and offers it once', async () => {
    expect(await send()).toEqual(accepted);
    aws.state.answer = 'reset';
    expect(await send()).toEqual({ kind: 'unconfirmed' });
    expect([aws.sockets.length, aws.state.taken, causes.length]).toEqual([1, 2, 1]);
    aws.state.answer = 'whole';
    expect(await send()).toEqual(accepted);
    expect(aws.sockets).toHaveLength(2);
  });

  test('a connection whose answer stalled is not used again', async () => {
    expect(await send()).toEqual(accepted);
    aws.state.answer = 'cut-body';
    const stalled = send();
    await vi.waitFor(() => expect(aws.state.taken).toBe(2), { timeout: 20_000 });
    aws.sockets[0]?.destroy();
    expect(await stalled).toEqual({ kind: 'unconfirmed' });
    aws.state.answer = 'whole';
    expect(await send()).toEqual(accepted);
    expect(aws.sockets).toHaveLength(2);
  });
});

describe.each(senders)('an answer of %s belongs to its message', (_, sending) => {
  openEach(sending);

  test('bytes that come to an idle connection are no answer to a message', async () => {
    expect(await send()).toEqual(accepted);
    aws.sockets[0]?.write(anotherThan(sending.answer));
    await soon();
    expect(await send()).toEqual(accepted);
  });
});

describe.each(senders)('the other end of %s is AWS', (_, sending) => {
  openEach(sending);

  test('no message goes to a server whose certificate nobody vouches for', async () => {
    const stranger = await startAws(makeCertificate(Date.now()));
    open(sending, stranger.url);
    expect((await send()).kind).not.toBe('accepted');
    expect(stranger.state.taken).toBe(0);
    await stranger.stop();
  });
});
