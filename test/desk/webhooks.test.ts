import type { SQSRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import type { Action } from '../../lambdas/desk/actions.ts';
import { type DeadLetter, readDeadEvent } from '../../lambdas/desk/webhooks/dead-events.ts';
import type { WebhookReplay } from '../../lambdas/desk/webhooks/ports.ts';
import { replayWebhooks } from '../../lambdas/desk/webhooks/replay.ts';
import type { WebhookPolicy } from '../../lambdas/policy.ts';
import { messagesIn } from '../../lambdas/stream/webhooks.ts';

const operator = { principal: 'arn:aws:iam::111122223333:user/ana', atMs: 0, requestId: 'request' };
const envelope = (id: string) => ({
  ...{ id, type: 'verification.approved', timestamp: '2026-01-01T00:00:00Z' },
  data: { application: 'web' },
});
const wholeOf = (detail: { readonly type: string }) => ({ 'detail-type': detail.type, detail });

/** A queue of dead letters that tells in which order it is called. */
const fakeQueues = (ids: readonly string[], change: Partial<WebhookReplay> = {}) => {
  const letters = ids.map(
    (id): DeadLetter => ({
      receiptHandle: id,
      body: JSON.stringify(envelope(id)),
      sentMs: 0,
    }),
  );
  const calls: string[] = [];
  let rest = letters;
  const queues: WebhookReplay = {
    receive: async () => {
      const some = rest.slice(0, 10);
      rest = rest.slice(10);
      return some;
    },
    show: async (shown) => void calls.push(...shown.map(({ receiptHandle }) => `show ${receiptHandle}`)),
    send: async (events) => {
      calls.push(...events.map(({ json }) => `send ${JSON.parse(json).id}`));
      return events.map((_, at) => at);
    },
    remove: async (removed) => void calls.push(...removed.map(({ receiptHandle }) => `remove ${receiptHandle}`)),
    ...change,
  };
  return { queues, calls };
};
const noted: Action[] = [];
const note = async (action: Action) => void noted.push(action);
const now = () => 0;
const webhooks: readonly WebhookPolicy[] = [
  { application: 'web', url: 'https://hooks.example.com/', types: ['verification.approved'], secret: 'arn' },
];

test('a letter is deleted after the queue has taken its event', async () => {
  const { queues, calls } = fakeQueues(['evt_1']);
  await replayWebhooks({ queues, note, now }, webhooks)({ reason: 'mended' }, operator);
  expect(calls).toEqual(['send evt_1', 'remove evt_1']);
});

test('nothing moves without its entry in the audit trail', async () => {
  const { queues, calls } = fakeQueues(['evt_1']);
  const replay = replayWebhooks({ queues, note: () => Promise.reject(new Error('no table')), now }, webhooks);
  await expect(replay({ reason: 'mended' }, operator)).rejects.toThrow('no table');
  expect(calls).toEqual([]);
});

test('an event that the queue does not take stays, and the answer says that there is more', async () => {
  const { queues, calls } = fakeQueues(['evt_1', 'evt_2'], { send: async () => [1] });
  expect(await replayWebhooks({ queues, note, now }, webhooks)({ reason: 'mended' }, operator)).toMatchObject({
    replayed: 1,
    isMore: true,
  });
  expect(calls).toEqual(['remove evt_2']);
});

test('a replay stops before the function runs out of time, and leaves the rest hidden for the next one', async () => {
  let nowMs = 0;
  const ids = Array.from({ length: 30 }, (_, at) => `evt_${at}`);
  const { queues } = fakeQueues(ids);
  const slow: WebhookReplay = {
    ...queues,
    send: async (events) => {
      nowMs += 6000;
      return await queues.send(events);
    },
  };
  expect(
    await replayWebhooks({ queues: slow, note, now: () => nowMs }, webhooks)({ reason: 'mended' }, operator),
  ).toEqual({
    ...{ replayed: 20, withoutWebhook: 0, unreadable: 0, missing: [], isMore: true },
  });
});

test.each([
  'no JSON',
  '{}',
  '[]',
  'null',
  JSON.stringify({ ...envelope('evt_1'), data: {} }),
  JSON.stringify({ ...envelope('evt_1'), id: '' }),
  JSON.stringify({ ...envelope('evt_1'), timestamp: 'yesterday' }),
  JSON.stringify({ ...envelope('evt_1'), type: 'x'.repeat(201) }),
  JSON.stringify({ detail: 'x' }),
  JSON.stringify({ ...envelope('evt_1'), id: 'evt_1 or another' }),
  JSON.stringify({ ...envelope('evt_1'), data: { application: 'a group that SQS refuses' } }),
  JSON.stringify({ ...envelope('evt_1'), data: { application: 'ü' } }),
])('the body %s is no event', (body) => {
  expect(readDeadEvent(body)).toBeUndefined();
});

test.each([
  ['as the service writes it', {}],
  ['of an unknown type', { type: 'verification.other' }],
  ['with an id of another form', { id: 'other_1' }],
  ['with an id that is too long', { id: `evt_${'a'.repeat(65)}` }],
  ['with an id that is as long as it may be', { id: `evt_${'a'.repeat(64)}` }],
  ['with a time that no clock has', { timestamp: '2026-12-31T23:59:60Z' }],
  ['with another time that no clock has', { timestamp: '2026-02-31T25:00:00Z' }],
  ['with a verification that is no text', { data: { application: 'web', verification: 1 } }],
  ['with an empty verification', { data: { application: 'web', verification: '' } }],
])('an event %s is one to the desk if it is one to the function that delivers it', (_, change) => {
  for (const body of [{ ...envelope('evt_1'), ...change }, wholeOf({ ...envelope('evt_1'), ...change })]) {
    const json = JSON.stringify(body);
    const record = { messageId: 'm', receiptHandle: 'r', body: json, attributes: { ApproximateReceiveCount: '1' } };
    const [message] = messagesIn({ Records: [record as unknown as SQSRecord] });
    expect(readDeadEvent(json) === undefined).toBe(message?.event === undefined);
  }
});

test.each([
  ['longer than any event', JSON.stringify({ ...envelope('evt_1'), more: 'ü'.repeat(33_000) })],
  [
    'too deep to be written again',
    JSON.stringify({ detail: { ...envelope('evt_1'), more: 0 } }).replace(
      '"more":0',
      `"more":${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    ),
  ],
])('a letter that is %s stays, and holds up no other', async (_, body) => {
  const made = fakeQueues(['evt_1']);
  let isFirst = true;
  const receive = async () => {
    const others = await made.queues.receive(60);
    const hostile = isFirst ? [{ receiptHandle: 'hostile', body, sentMs: 0 }] : [];
    isFirst = false;
    return [...hostile, ...others];
  };
  const queues = { ...made.queues, receive };
  expect(await replayWebhooks({ queues, note, now }, webhooks)({ reason: 'mended' }, operator)).toEqual({
    ...{ replayed: 1, withoutWebhook: 0, unreadable: 1, missing: [], isMore: false },
  });
  expect(made.calls).toEqual(['send evt_1', 'remove evt_1', 'show hostile']);
});
