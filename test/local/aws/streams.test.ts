import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CallDynamo, type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { markExpired } from '../../../local/aws/expiry.ts';
import type { BatchResult, GivenUp, StreamConsumer } from '../../../local/aws/mapping.ts';
import { type StreamRecord, startStreamPoller } from '../../../local/aws/streams.ts';
import { until } from '../fixtures.ts';

const numbers = (records: readonly StreamRecord[]) => records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));

describe('on the emulator', () => {
  let dynamo: Dynamo;
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.stop());
  const put = (pk: string, expiresAt = '1') =>
    dynamo.call('DynamoDB_20120810.PutItem', {
      TableName: dynamo.tables.verifications,
      Item: { pk: { S: pk }, expiresAt: { N: expiresAt }, sealed: { B: 'AAEC' } },
    });

  test('every change arrives in order and in the shape in which Lambda has it', async () => {
    await put('first');
    const seen: StreamRecord[] = [];
    const poller = await startStreamPoller({
      call: dynamo.call,
      table: dynamo.tables.verifications,
      pollMs: 10,
      batchSize: 2,
      deliver: async (records) => {
        expect(records.length).toBeLessThanOrEqual(2);
        seen.push(...records);
        return undefined;
      },
      markExpired: markExpired('expiresAt', () => 500_000),
    });
    await put('first', '2');
    await put('second', '999');
    for (const pk of ['first', 'second'])
      await dynamo.call('DynamoDB_20120810.DeleteItem', {
        TableName: dynamo.tables.verifications,
        Key: { pk: { S: pk } },
      });
    await until(() => seen.length >= 5, 'all five records arrived');
    await poller.stop();
    expect(seen.map(({ eventName }) => eventName)).toEqual(['INSERT', 'MODIFY', 'INSERT', 'REMOVE', 'REMOVE']);
    expect(numbers(seen)).toEqual([...numbers(seen)].sort((a, b) => a - b));
    expect(seen[1]).toMatchObject({
      eventSource: 'aws:dynamodb',
      eventSourceARN: expect.stringContaining(`table/${dynamo.tables.verifications}/stream/`),
      dynamodb: {
        Keys: { pk: { S: 'first' } },
        OldImage: { pk: { S: 'first' }, expiresAt: { N: '1' }, sealed: { B: 'AAEC' } },
        NewImage: { pk: { S: 'first' }, expiresAt: { N: '2' }, sealed: { B: 'AAEC' } },
        StreamViewType: 'NEW_AND_OLD_IMAGES',
        ApproximateCreationDateTime: expect.any(Number),
        SequenceNumber: expect.any(String),
      },
    });
    // Expired when it went, so it was the TTL; the other was deleted by somebody.
    expect(seen[3]?.userIdentity).toEqual({ principalId: 'dynamodb.amazonaws.com', type: 'Service' });
    expect(seen[4]?.userIdentity).toBeUndefined();
  });

  test('LATEST starts with what happens from now on', async () => {
    await put('before');
    const seen: StreamRecord[] = [];
    const poller = await startStreamPoller({
      call: dynamo.call,
      table: dynamo.tables.verifications,
      from: 'LATEST',
      pollMs: 10,
      deliver: async (records) => {
        seen.push(...records);
        return undefined;
      },
    });
    await put('after');
    await until(() => seen.length > 0, 'a record arrived');
    await poller.stop();
    expect(seen.map(({ dynamodb }) => dynamodb.Keys['pk'])).toEqual([{ S: 'after' }]);
  });

  test('a table without a stream is refused at the start', async () => {
    const options = { call: dynamo.call, table: dynamo.tables.guards, deliver: async () => undefined };
    await expect(startStreamPoller(options)).rejects.toThrow(/has no stream/);
  });
});

/** A stream of shards with given records; a shard is open unless it is said to be closed. */
const fakeStream = (
  shards: { id: string; parent?: string; records: number[]; closed?: boolean }[],
  {
    keyOf = () => 'key',
    created = () => Date.now() / 1000,
  }: { keyOf?: (number: number) => string; created?: (number: number) => number } = {},
) => {
  let failNext: string | undefined;
  const call: CallDynamo = async (target, input) => {
    const asked = input as Record<string, string>;
    const operation = target.split('.')[1];
    if (operation === 'DescribeTable') return { Table: { LatestStreamArn: 'arn:stream' } };
    if (operation === 'DescribeStream')
      return {
        StreamDescription: { Shards: shards.map(({ id, parent }) => ({ ShardId: id, ParentShardId: parent })) },
      };
    if (operation === 'GetShardIterator') {
      const { records = [] } = shards.find(({ id }) => id === asked['ShardId']) ?? {};
      const after = Number(asked['SequenceNumber'] ?? -1);
      return { ShardIterator: `${asked['ShardId']}:${records.filter((number) => number <= after).length}` };
    }
    if (failNext !== undefined) {
      const code = failNext;
      failNext = undefined;
      throw Object.assign(new Error(code), { code });
    }
    const [id, from = '0'] = String(asked['ShardIterator']).split(':');
    const { records = [], closed } = shards.find((shard) => shard.id === id) ?? {};
    const page = records.slice(Number(from), Number(from) + Number(asked['Limit']));
    const next = Number(from) + page.length;
    return {
      Records: page.map((number) => ({
        eventID: String(number),
        dynamodb: {
          SequenceNumber: String(number),
          Keys: { pk: { S: keyOf(number) } },
          ApproximateCreationDateTime: created(number),
        },
      })),
      ...(closed === true && next >= records.length ? {} : { NextShardIterator: `${id}:${next}` }),
    };
  };
  return {
    call,
    failOnce: (code: string) => {
      failNext = code;
    },
  };
};

type Options = Pick<StreamConsumer, 'maxRetries' | 'maximumAgeSeconds' | 'bisect' | 'shards' | 'repeatEvery'>;

const collect = async (
  { call }: { call: CallDynamo },
  answers: (records: readonly StreamRecord[], batch: number) => unknown,
  { until: isEnough, ...options }: Options & { until: (batches: number[][]) => boolean },
) => {
  const batches: number[][] = [];
  const given: number[] = [];
  const reasons: GivenUp[] = [];
  const poller = await startStreamPoller({
    call,
    table: 'table',
    pollMs: 1,
    batchSize: 3,
    ...options,
    giveUp: async (records, why) => {
      given.push(...numbers(records));
      reasons.push(why);
    },
    deliver: async (records) => {
      batches.push(numbers(records));
      const answer = answers(records, batches.length);
      if (answer instanceof Error) throw answer;
      return (Array.isArray(answer) ? { batchItemFailures: answer } : answer) as BatchResult | undefined;
    },
  });
  await until(() => isEnough(batches), 'the batches arrived');
  await poller.stop();
  return { batches, given, reasons };
};

describe('as Lambda does it', () => {
  const six = () => fakeStream([{ id: 'a', records: [1, 2, 3, 4, 5, 6] }]);

  test('a batch is tried again from its lowest failed record, in order, before anything later', async () => {
    const { batches } = await collect(
      six(),
      (_, batch) => (batch === 1 ? [{ itemIdentifier: '3' }, { itemIdentifier: '2' }] : []),
      { until: (all) => all.length === 3 },
    );
    expect(batches).toEqual([
      [1, 2, 3],
      [2, 3],
      [4, 5, 6],
    ]);
  });

  test('a consumer that throws, or names a record that is not in the batch, gets the whole batch again', async () => {
    const { batches } = await collect(
      six(),
      (_, batch) => (batch === 1 ? new Error('no') : batch === 2 ? [{ itemIdentifier: 'unknown' }] : []),
      { until: (all) => all.length === 4 },
    );
    expect(batches).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test.each([false, true])(
    'a record that never succeeds takes all behind it in its batch along, as in Lambda, and the next batch comes (bisect: %s)',
    async (bisect) => {
      const { batches, given, reasons } = await collect(
        six(),
        (records) => (numbers(records).includes(2) ? [{ itemIdentifier: '2' }] : []),
        { maxRetries: 2, bisect, until: (all) => all.some((batch) => batch.includes(4)) },
      );
      expect(batches).toEqual([
        [1, 2, 3],
        [2, 3],
        [2, 3],
        [2, 3],
        [4, 5, 6],
      ]);
      expect(given).toEqual([2, 3]);
      expect(reasons).toEqual([{ condition: 'RetryAttemptsExhausted', approximateInvokeCount: 4 }]);
    },
  );

  test('a batch that fails as a whole is halved until the record alone is given up, and a split costs no retry', async () => {
    const { batches, given } = await collect(
      six(),
      (records) => (numbers(records).includes(2) ? new Error('no') : []),
      { maxRetries: 1, bisect: true, until: (all) => all.some((batch) => batch.includes(4)) },
    );
    expect(batches).toEqual([[1, 2, 3], [1, 2], [1], [2], [2], [3], [4, 5, 6]]);
    expect(given).toEqual([2]);
  });

  test.each([
    ['an empty identifier', [{ itemIdentifier: '' }]],
    ['no identifier', [{ itemIdentifier: null }]],
    ['another name', [{ sequenceNumber: '2' }]],
    ['a text', 'ok'],
    ['a list that is none', { batchItemFailures: 'none' }],
  ])('an answer fails the whole batch if it has %s', async (_, answer) => {
    const { batches } = await collect(six(), (__, batch) => (batch === 1 ? answer : []), {
      until: (all) => all.length === 3,
    });
    expect(batches).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test.each([
    ['nothing', undefined],
    ['null', null],
    ['an empty object', {}],
    ['a list of nothing', { batchItemFailures: null }],
  ])('an answer of %s is a success', async (_, answer) => {
    const { batches } = await collect(six(), () => answer, { until: (all) => all.length === 2 });
    expect(batches.flat()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('a record that is too old is given up before it is delivered', async () => {
    const created = (number: number) => (number < 3 ? Date.now() / 1000 - 61 : Date.now() / 1000);
    const { batches, given, reasons } = await collect(
      fakeStream([{ id: 'a', records: [1, 2, 3, 4] }], { created }),
      () => [],
      {
        maximumAgeSeconds: 60,
        until: (all) => all.flat().includes(4),
      },
    );
    expect(batches).toEqual([[3], [4]]);
    expect(given).toEqual([1, 2]);
    expect(reasons).toEqual([{ condition: 'RecordAgeExceeded', approximateInvokeCount: 0 }]);
  });

  test('a record may come twice although it succeeded, as after a checkpoint that was lost', async () => {
    const { batches } = await collect(six(), () => [], { repeatEvery: 2, until: (all) => all.length === 3 });
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
      [4, 5, 6],
    ]);
  });

  test('records of one key keep their order, those of several do not: shards run at the same time', async () => {
    const records = Array.from({ length: 40 }, (_, index) => index);
    const keyOf = (number: number) => `key${number % 8}`;
    const stream = fakeStream([{ id: 'a', records }], { keyOf });
    const gate = Promise.withResolvers<void>();
    const seen: number[] = [];
    const poller = await startStreamPoller({
      call: stream.call,
      table: 'table',
      pollMs: 1,
      shards: 4,
      deliver: async (batch) => {
        // The shard of the first record waits. The others go on.
        if (numbers(batch).includes(0)) await gate.promise;
        seen.push(...numbers(batch));
        return undefined;
      },
    });
    await until(() => seen.length > 10, 'other shards went on');
    expect(seen).not.toContain(0);
    gate.resolve();
    await until(() => seen.length === 40, 'all arrived');
    await poller.stop();
    const ofKey = (key: string) => seen.filter((number) => keyOf(number) === key);
    for (const key of new Set(records.map(keyOf))) expect(ofKey(key)).toEqual(ofKey(key).toSorted((a, b) => a - b));
    expect(seen).not.toEqual(records);
  });

  test('a child shard waits until its parent is read to its end, and is then followed', async () => {
    const shards = [{ id: 'parent', records: [1, 2, 3, 4], closed: false }];
    const stream = fakeStream(shards);
    const seen = collect(stream, () => [], { until: (all) => all.flat().length === 6 });
    shards.unshift({ id: 'child', parent: 'parent', records: [5, 6], closed: false } as (typeof shards)[number]);
    const parent = shards[1];
    if (parent !== undefined) parent.closed = true;
    expect((await seen).batches.flat()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('an iterator that has expired is replaced by one after the last record that was dealt with', async () => {
    const stream = six();
    const { batches } = await collect(
      stream,
      () => {
        stream.failOnce('ExpiredIteratorException');
        return [];
      },
      { until: (all) => all.flat().includes(6) },
    );
    expect(batches).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });

  test('an outage of the stream is waited out', async () => {
    const stream = six();
    stream.failOnce('InternalServerError');
    const { batches } = await collect(stream, () => [], { until: (all) => all.length === 2 });
    expect(batches.flat()).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('stop waits for the batch in hand', async () => {
    let delivered = false;
    const gate = Promise.withResolvers<void>();
    const entered = Promise.withResolvers<void>();
    const poller = await startStreamPoller({
      call: six().call,
      table: 'table',
      deliver: async () => {
        entered.resolve();
        await gate.promise;
        delivered = true;
        return undefined;
      },
    });
    await entered.promise;
    const stopped = poller.stop().then(() => delivered);
    gate.resolve();
    expect(await stopped).toBe(true);
  });
});
