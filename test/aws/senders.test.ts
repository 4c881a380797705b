import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snsSender } from '../../lambdas/aws/senders/sns.ts';
import { inMemory, type Network, openSmsVoice, snsClientAt, throughSns } from '../fakes/sending/networks.ts';
import { smsTo } from '../fakes/sending/sms.ts';
import { freshNumber } from './stage.ts';

const throughEndUserMessaging = async () => (await openSmsVoice()).endUserMessaging;
const throughNotify = async () => (await openSmsVoice()).notify;

describe.each([
  ['in memory', inMemory],
  ['through SNS', throughSns],
  ['through End User Messaging', throughEndUserMessaging],
  ['through Notify', throughNotify],
] as const)('a sender %s', (_, open) => {
  let network: Network;
  beforeAll(async () => {
    network = await open();
  });
  afterAll(() => network.stop());
  const send = (number: string) => network.sender.send(smsTo(number, { route: network.route }));

  test('a message that a sender takes has an id, and arrives once, with its code', async () => {
    const number = freshNumber();
    expect(await send(number)).toEqual({ kind: 'accepted', messageId: expect.stringMatching(/./) });
    expect(network.arrivedAt(number)).toEqual([expect.stringContaining('123456')]);
  });

  test('a maximum price with six decimals, as the settings may have one, stops no message', async () => {
    const number = freshNumber();
    const sms = { ...smsTo(number, { route: network.route }), maxPriceUsd: 0.100_009 };
    expect(await network.sender.send(sms)).toMatchObject({ kind: 'accepted' });
  });

  test.each(['throttled', 'refused'] as const)(
    'a message that is %s is rejected, and never arrives',
    async (reason) => {
      const number = freshNumber();
      network.trouble(reason);
      const told = reason === 'throttled' ? reason : expect.stringMatching(/^(?:account-)?refused$/);
      expect(await send(number)).toEqual({ kind: 'rejected', reason: told });
      expect(network.arrivedAt(number)).toEqual([]);
    },
  );

  test.each(['unanswered', 'lost-answer', 'broken'] as const)(
    'a message is unconfirmed if it is %s, and arrives once at most',
    async (trouble) => {
      const number = freshNumber();
      network.trouble(trouble);
      expect(await send(number)).toEqual({ kind: 'unconfirmed' });
      expect(network.arrivedAt(number).length).toBeLessThanOrEqual(1);
    },
  );

  test('messages in parallel arrive once each', async () => {
    const numbers = Array.from({ length: 5 }, freshNumber);
    const outcomes = await Promise.all(numbers.map(send));
    expect(outcomes.filter(({ kind }) => kind === 'accepted')).toHaveLength(5);
    for (const number of numbers) expect(network.arrivedAt(number)).toHaveLength(1);
  });
});

describe('a holder who opted out', () => {
  const toOptedOut = async (open: () => Promise<Network>) => {
    const network = await open();
    const number = freshNumber();
    network.optOut(number);
    const outcome = await network.sender.send(smsTo(number, { route: network.route }));
    const arrived = network.arrivedAt(number);
    await network.stop();
    return { outcome, arrived };
  };

  test.each([
    ['in memory', inMemory],
    ['through End User Messaging', throughEndUserMessaging],
  ] as const)('a sender that knows of an opt-out says so, and nothing arrives: %s', async (_, open) => {
    expect(await toOptedOut(open)).toEqual({ outcome: { kind: 'rejected', reason: 'opted-out' }, arrived: [] });
  });

  test('SNS tells of no opt-out: its sender takes such a message for accepted, and nothing arrives', async () => {
    expect(await toOptedOut(throughSns)).toMatchObject({ outcome: { kind: 'accepted' }, arrived: [] });
  });

  // https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-send-messages.html
  test('Notify keeps no list of opt-outs for the numbers of AWS', async () => {
    expect(await toOptedOut(throughNotify)).toMatchObject({ outcome: { kind: 'accepted' } });
  });
});

describe('SNS alone', () => {
  test.each([
    ['OptedOut', 400, { kind: 'rejected', reason: 'refused' }],
    ['SomethingNew', 403, { kind: 'rejected', reason: 'refused' }],
    ['Throttled', 429, { kind: 'rejected', reason: 'throttled' }],
    ['RequestTimeout', 408, { kind: 'unconfirmed' }],
    ['SomethingNew', 500, { kind: 'unconfirmed' }],
    ['ServiceUnavailable', 503, { kind: 'unconfirmed' }],
  ] as const)(
    'an error that Publish does not list is judged by its status: %s with %i',
    async (code, status, outcome) => {
      const server = createServer((_, response) => {
        response.writeHead(status, { 'content-type': 'text/xml' });
        response.end(`<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const client = snsClientAt(`http://127.0.0.1:${port}`);
      const { send } = snsSender(
        () => {},
        () => client,
      );
      expect(await send(smsTo(freshNumber()))).toEqual(outcome);
      client.destroy();
      server.closeAllConnections();
      server.close();
    },
  );
});
