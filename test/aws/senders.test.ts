import { createServer } from 'node:http';
import { SNSClient } from '@aws-sdk/client-sns';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { snsSender } from '../../lambdas/aws/senders/sns.ts';
import type { SmsOutcome, SmsSender } from '../../lambdas/otp/ports.ts';
import { startSns } from '../../local/aws/sns.ts';
import { memorySender } from '../fakes/sending/memory-sender.ts';
import { smsTo } from '../fakes/sending/sms.ts';
import { freshNumber } from './stage.ts';

type Trouble = 'throttled' | 'refused' | 'unanswered' | 'lost-answer';
type Network = {
  readonly sender: SmsSender;
  /** The texts that arrived at a number. */
  readonly arrivedAt: (to: string) => readonly string[];
  /** Makes the next message go wrong. */
  readonly trouble: (kind: Trouble) => void;
  readonly optOut: (to: string) => void;
  readonly stop: () => Promise<void>;
};

const inMemory = async (): Promise<Network> => {
  const outcomes: SmsOutcome[] = [];
  const { inbox, optOut, send } = memorySender(outcomes);
  const made: Readonly<Record<Trouble, SmsOutcome>> = {
    throttled: { kind: 'rejected', reason: 'throttled' },
    refused: { kind: 'rejected', reason: 'refused' },
    unanswered: { kind: 'unconfirmed' },
    'lost-answer': { kind: 'unconfirmed' },
  };
  return {
    sender: { send },
    arrivedAt: (number) => inbox.filter(({ to }) => to === number).map(({ text }) => text),
    trouble: (kind) => void outcomes.push(made[kind]),
    optOut,
    stop: async () => {},
  };
};

const clientAt = (endpoint: string) =>
  new SNSClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 300, throwOnRequestTimeout: true },
  });

const throughSns = async (): Promise<Network> => {
  const sns = await startSns();
  const client = clientAt(sns.url);
  const armed = {
    throttled: () => sns.fail('throttle', { times: 3 }),
    refused: () => sns.fail('access-denied'),
    unanswered: () => sns.fail('timeout-before-accept'),
    'lost-answer': () => sns.fail('reset-after-accept'),
  };
  return {
    sender: snsSender(
      () => {},
      () => client,
    ),
    arrivedAt: (number) => sns.messages(number).map(({ text }) => text),
    trouble: (kind) => armed[kind](),
    optOut: sns.optOut,
    stop: async () => {
      client.destroy();
      await sns.stop();
    },
  };
};

describe.each([
  ['in memory', inMemory],
  ['through SNS', throughSns],
] as const)('a sender %s', (_, open) => {
  let network: Network;
  beforeAll(async () => {
    network = await open();
  });
  afterAll(() => network.stop());

  test('a message that a sender takes has an id, and arrives once, as it was', async () => {
    const number = freshNumber();
    expect(await network.sender.send(smsTo(number))).toEqual({
      kind: 'accepted',
      messageId: expect.stringMatching(/./),
    });
    expect(network.arrivedAt(number)).toEqual(['Acme: 123456']);
  });

  test.each(['throttled', 'refused'] as const)(
    'a message that is %s is rejected, and never arrives',
    async (reason) => {
      const number = freshNumber();
      network.trouble(reason);
      expect(await network.sender.send(smsTo(number))).toEqual({ kind: 'rejected', reason });
      expect(network.arrivedAt(number)).toEqual([]);
    },
  );

  test.each(['unanswered', 'lost-answer'] as const)(
    'a message is unconfirmed if it is %s, and arrives once at most',
    async (trouble) => {
      const number = freshNumber();
      network.trouble(trouble);
      expect(await network.sender.send(smsTo(number))).toEqual({ kind: 'unconfirmed' });
      expect(network.arrivedAt(number).length).toBeLessThanOrEqual(1);
    },
  );

  test('nothing arrives for a holder who opted out, whatever the sender says', async () => {
    const number = freshNumber();
    network.optOut(number);
    const outcome = await network.sender.send(smsTo(number));
    expect([
      { kind: 'accepted', messageId: expect.any(String) },
      { kind: 'rejected', reason: 'opted-out' },
    ]).toContainEqual(outcome);
    expect(network.arrivedAt(number)).toEqual([]);
  });
});

describe('SNS alone', () => {
  test('SNS tells of no opt-out: its sender takes such a message for accepted', async () => {
    const network = await throughSns();
    const number = freshNumber();
    network.optOut(number);
    expect(await network.sender.send(smsTo(number))).toMatchObject({ kind: 'accepted' });
    await network.stop();
  });

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
      const client = clientAt(`http://127.0.0.1:${port}`);
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
