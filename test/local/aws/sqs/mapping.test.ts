import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type QueueEvent, type QueueMapping, startQueueMapping } from '../../../../local/aws/sqs/mapping.ts';
import { createQueue, type Queue } from '../../../../local/aws/sqs/queue.ts';
import { queueRule } from '../../../../local/aws/sqs/rule.ts';

let nowMs: number;
let dead: Queue;
let queue: Queue;
let mappings: QueueMapping[];
beforeEach(() => {
  nowMs = Date.UTC(2026, 0, 1);
  const now = () => nowMs;
  dead = createQueue({ name: 'dead', visibilitySeconds: 30, keptSeconds: 86_400 }, now);
  const redrive = { to: dead, maxReceiveCount: 3 };
  queue = createQueue({ name: 'queue', visibilitySeconds: 30, keptSeconds: 86_400, redrive }, now);
  mappings = [];
});
afterEach(async () => {
  await Promise.all(mappings.map((mapping) => mapping.stop()));
});

type Records = QueueEvent['Records'];

const feed = (deliver: (records: Records) => unknown, more = {}) => {
  // Only `settled` delivers, so that a test has no race with the clock of the machine.
  const mapping = startQueueMapping({
    ...{ queue, batchSize: 10, maxConcurrency: 2, pollMs: 1_000_000 },
    deliver: async ({ Records }) => deliver(Records),
    ...more,
  });
  mappings.push(mapping);
  return mapping;
};
const failing = (records: Records, bodies: readonly string[]) => ({
  batchItemFailures: records
    .filter(({ body }) => bodies.includes(body))
    .map(({ messageId }) => ({ itemIdentifier: messageId })),
});

describe('a mapping', () => {
  test('a batch has ten messages at most, each as Lambda passes it on', async () => {
    const batches: Records[] = [];
    const ids = Array.from({ length: 12 }, (_, at) => queue.send(`{"at":${at}}`));
    await feed((records) => void batches.push(records)).settled();
    expect(batches.map(({ length }) => length)).toEqual([10, 2]);
    expect(batches[0]?.[0]).toEqual({
      messageId: ids[0],
      receiptHandle: expect.any(String),
      body: '{"at":0}',
      attributes: {
        SenderId: expect.any(String),
        SentTimestamp: String(nowMs),
        ApproximateReceiveCount: '1',
        ApproximateFirstReceiveTimestamp: String(nowMs),
      },
      messageAttributes: {},
      md5OfBody: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:queue',
      awsRegion: 'us-east-1',
    });
    expect(queue.bodies()).toEqual([]);
  });

  test('a message that the answer names comes back when its visibility time is over, and the others are deleted', async () => {
    const seen: string[][] = [];
    for (const body of ['one', 'two', 'three']) queue.send(body);
    const mapping = feed((records) => {
      seen.push(records.map(({ body }) => body));
      return failing(records, ['two']);
    });
    await mapping.settled();
    await mapping.settled();
    nowMs += 30_000;
    await mapping.settled();
    expect(seen).toEqual([['one', 'two', 'three'], ['two']]);
  });

  test.each<readonly [string, () => unknown]>([
    ['is an error', () => Promise.reject(new Error('broken'))],
    ['is a text', () => 'done'],
    ['has no list of failures', () => ({ batchItemFailures: 'none' })],
    ['names a message of no batch', () => ({ batchItemFailures: [{ itemIdentifier: 'other' }] })],
    ['names an empty id', () => ({ batchItemFailures: [{ itemIdentifier: '' }] })],
    ['names nothing under another key', () => ({ batchItemFailures: [{ messageId: 'one' }] })],
  ])('an answer that %s fails the whole batch', async (_, answer) => {
    queue.send('one');
    queue.send('two');
    await feed(answer).settled();
    expect(queue.counts()).toEqual({ visible: 0, inFlight: 2, delayed: 0 });
  });

  test.each([undefined, null, {}, { batchItemFailures: [] }, { batchItemFailures: null }])(
    'the answer %j deletes the whole batch',
    async (answer) => {
      queue.send('one');
      await feed(() => answer).settled();
      expect(queue.bodies()).toEqual([]);
    },
  );

  test('a message that fails as often as the queue allows is a dead letter', async () => {
    queue.send('one');
    let tries = 0;
    const mapping = feed(() => {
      tries += 1;
      throw new Error('down');
    });
    for (const _ of Array.from({ length: 6 })) {
      await mapping.settled();
      nowMs += 30_000;
    }
    expect([tries, queue.bodies(), dead.bodies()]).toEqual([3, [], ['one']]);
  });

  test('no more batches run at a time than the mapping allows', async () => {
    for (let at = 0; at < 50; at += 1) queue.send(String(at));
    let [running, most] = [0, 0];
    await feed(async () => {
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
    }).settled();
    expect([most, queue.bodies().length]).toEqual([2, 0]);
  });

  test('a group with many messages in flight holds up no other group', async () => {
    for (let at = 0; at < 15; at += 1) queue.send(`busy ${at}`, { group: 'busy' });
    queue.receive(10);
    queue.send('quiet', { group: 'quiet' });
    expect(queue.receive(1).map(({ body }) => body)).toEqual(['quiet']);
  });

  test('a batch that is due to be repeated comes twice, although it succeeded', async () => {
    const seen: string[] = [];
    const mapping = feed((records) => void seen.push(...records.map(({ body }) => body)), { repeatEvery: 2 });
    for (const body of ['one', 'two', 'three']) {
      queue.send(body);
      await mapping.settled();
    }
    expect(seen).toEqual(['one', 'two', 'two', 'three']);
  });

  test.each([{ batchSize: 0 }, { batchSize: 11 }, { maxConcurrency: 1 }])(
    'Lambda refuses a mapping with %j',
    (change) => {
      expect(() => feed(() => undefined, change)).toThrow();
    },
  );
});

describe('a rule', () => {
  const event = (detailType: string, application: string) => ({
    ...{ id: 'id', bus: 'bus', source: 'us', detailType, at: '2026-01-01T00:00:00.000Z' },
    detail: { data: { application }, text: 'é' },
  });
  const pattern = { source: ['us'], 'detail-type': ['News'], detail: { data: { application: ['web'] } } };

  test('a queue gets the part that the rule names, of the events that it is for', () => {
    const rule = queueRule({ pattern, inputPath: '$.detail', group: 'web' }, queue);
    for (const each of [event('News', 'web'), event('News', 'other'), event('Other', 'web')]) rule(each);
    expect(queue.receive(10)).toMatchObject([{ body: '{"data":{"application":"web"},"text":"é"}', group: 'web' }]);
  });

  test.each(['detail', '$.detail[0]', '$..detail', '$'])('the path %s is refused, since it is not played', (path) => {
    expect(() => queueRule({ pattern, inputPath: path }, queue)).toThrow();
  });

  test('a pattern that is not played is refused', () => {
    expect(() => queueRule({ pattern: { source: [{ prefix: 'u' }] }, inputPath: '$.detail' }, queue)).toThrow();
  });
});
