import { setTimeout as sleep } from 'node:timers/promises';
import { asList, asRecord, type CallDynamo, isDynamoError } from './dynamo.ts';
import {
  isAtWork,
  isIdle,
  type Lane,
  laneOf,
  newLane,
  type StreamConsumer,
  type StreamRecord,
  type Work,
  workOff,
} from './mapping.ts';

export type { AttributeMap, StreamRecord } from './mapping.ts';

export type StreamPoller = {
  /** Returns when all that was written before is worked off. While the mapping is disabled, nothing is. */
  readonly settled: () => Promise<void>;
  /** Waits for the batch in hand, and takes no other. */
  readonly stop: () => Promise<void>;
};

/**
 * Stands in for Lambda's event source mapping: reads a table's stream and passes it to a consumer.
 *
 * As in Lambda, order holds within a shard, and so for one key. Shards run at the same time, a parent before its children.
 * Each record comes at least once. `mapping.ts` has the retries.
 */
export const startStreamPoller = async ({
  call,
  table,
  pollMs = 250,
  markExpired = (record) => record,
  now = Date.now,
  ...consumer
}: StreamConsumer & {
  call: CallDynamo;
  /** Real name of the table. */
  table: string;
  /** Marks the records of TTL deletions; see `expiry.ts`. */
  markExpired?: (record: StreamRecord) => StreamRecord;
  now?: () => number;
}): Promise<StreamPoller> => {
  const described = await call('DynamoDB_20120810.DescribeTable', { TableName: table });
  const streamArn = asRecord(described['Table'])['LatestStreamArn'];
  if (typeof streamArn !== 'string') throw new Error(`The table ${table} has no stream. contract.tables gives it one.`);
  const source = { call, streamArn, markExpired, lanes: consumer.shards ?? 1 };
  const shards = new Map<string, Shard>();
  await followNewShards(source, shards, consumer.from ?? 'TRIM_HORIZON');
  const stopping = new AbortController();
  const work = { consumer, pauseMs: pollMs, now, stopping: stopping.signal };
  const waiters = openWaiters();
  const running = poll(source, shards, work, waiters);
  return {
    settled: waiters.wait,
    stop: async () => {
      stopping.abort();
      waiters.release();
      await running;
      await Promise.all([...shards.values()].flatMap(({ lanes }) => lanes.map((lane) => lane.work)));
    },
  };
};

type Source = {
  readonly call: CallDynamo;
  readonly streamArn: string;
  readonly markExpired: (record: StreamRecord) => StreamRecord;
  /** The emulator has one shard. Its records are shared out among this many. */
  readonly lanes: number;
};

type Shard = {
  readonly id: string;
  readonly parent: string | undefined;
  /** `undefined` once a closed shard has been read to its end. */
  iterator: string | undefined;
  /** The last record that was read. Reading goes on after it when an iterator has expired. */
  checkpoint: string | undefined;
  readonly lanes: readonly Lane[];
};

/** Those who wait until the stream is worked off. */
const openWaiters = () => {
  let [waiting, isEnded]: [readonly (() => void)[], boolean] = [[], false];
  let wake = new AbortController();
  const release = (since = waiting) => {
    waiting = waiting.filter((waiter) => !since.includes(waiter));
    for (const waiter of since) waiter();
  };
  return {
    wait: () =>
      new Promise<void>((resolve) => {
        if (isEnded) return resolve();
        waiting = [...waiting, resolve];
        wake.abort();
      }),
    waiting: () => waiting,
    served: release,
    /** A pause that ends as soon as somebody waits, and is short while somebody does. */
    pause: async (ms: number, stopping: AbortSignal): Promise<void> => {
      wake = new AbortController();
      const signal = AbortSignal.any([stopping, wake.signal]);
      await sleep(waiting.length === 0 ? ms : shortPauseMs, undefined, { signal }).catch(() => {});
    },
    release: () => {
      isEnded = true;
      release();
    },
  };
};

const shortPauseMs = 5;

const poll = async (
  source: Source,
  shards: Map<string, Shard>,
  work: Work,
  waiters: ReturnType<typeof openWaiters>,
): Promise<void> => {
  const { stopping, pauseMs } = work;
  let endedBefore = 0;
  for (let round = 1; !stopping.aborted; round += 1) {
    let busy = false;
    const waiting = waiters.waiting();
    try {
      for (const shard of shards.values()) {
        if (!isAtWork(work)) break;
        if (isReadable(shard, shards)) busy = (await advance(source, shard, work)) || busy;
      }
      // A shard that ends usually has children. Other new shards are looked for now and then.
      const ended = [...shards.values()].filter(isDone).length;
      if (ended > endedBefore || round % 20 === 0) await followNewShards(source, shards, 'TRIM_HORIZON');
      endedBefore = ended;
      const isWorkedOff = isAtWork(work) && [...shards.values()].every(({ lanes }) => lanes.every(isIdle));
      if (!busy && isWorkedOff) waiters.served(waiting);
    } catch (error) {
      if (stopping.aborted) return;
      // As Lambda does, it waits until an outage of the stream is over.
      if (round % 20 === 0) console.error(`The stream of local mode cannot be read: ${String(error)}`);
    }
    if (!busy) await waiters.pause(pauseMs, stopping);
  }
};

const isDone = ({ iterator, lanes }: Shard) => iterator === undefined && lanes.every(isIdle);

const isReadable = (shard: Shard, shards: ReadonlyMap<string, Shard>): boolean => {
  const parent = shard.parent === undefined ? undefined : shards.get(shard.parent);
  return !isDone(shard) && (parent === undefined || isDone(parent));
};

/** Batches of a lane that are read ahead while others of the shard wait for a failure. */
const aheadBatches = 10;

/** Reads on, and sets the lanes to work. True if there may be more at once. */
const advance = async (source: Source, shard: Shard, work: Work): Promise<boolean> => {
  const batchSize = work.consumer.batchSize ?? 100;
  const isFull = shard.lanes.some(({ waiting }) => waiting.length >= aheadBatches * batchSize);
  const found = isFull || shard.iterator === undefined ? [] : await read(source, shard, batchSize);
  for (const record of found) {
    const lane = shard.lanes[laneOf(record, source.lanes)];
    if (lane !== undefined) lane.waiting = [...lane.waiting, record];
  }
  for (const lane of shard.lanes) {
    if (lane.work === undefined && !isIdle(lane))
      lane.work = workOff(lane, work).finally(() => {
        lane.work = undefined;
      });
  }
  return found.length > 0;
};

const read = async (source: Source, shard: Shard, limit: number): Promise<readonly StreamRecord[]> => {
  const { call, streamArn, markExpired } = source;
  try {
    const answer = await call('DynamoDBStreams_20120810.GetRecords', { ShardIterator: shard.iterator, Limit: limit });
    const records = asList(answer['Records']).map((record) => markExpired(asLambdaRecord(record, streamArn)));
    shard.iterator = text(answer['NextShardIterator']);
    shard.checkpoint = records.at(-1)?.dynamodb.SequenceNumber ?? shard.checkpoint;
    return records;
  } catch (error) {
    if (isDynamoError(error, 'TrimmedDataAccessException')) shard.checkpoint = undefined;
    else if (!isDynamoError(error, 'ExpiredIteratorException')) throw error;
    shard.iterator = await startIterator(call, streamArn, shard, 'TRIM_HORIZON');
    return [];
  }
};

const followNewShards = async (
  { call, streamArn, lanes }: Source,
  shards: Map<string, Shard>,
  from: 'TRIM_HORIZON' | 'LATEST',
): Promise<void> => {
  let after: string | undefined;
  do {
    const page = after === undefined ? {} : { ExclusiveStartShardId: after };
    const answer = await call('DynamoDBStreams_20120810.DescribeStream', { StreamArn: streamArn, ...page });
    const description = asRecord(answer['StreamDescription']);
    for (const found of asList(description['Shards'])) {
      const id = text(found['ShardId']);
      if (id === undefined || shards.has(id)) continue;
      const shard: Shard = {
        id,
        parent: text(found['ParentShardId']),
        iterator: undefined,
        checkpoint: undefined,
        lanes: Array.from({ length: lanes }, newLane),
      };
      shard.iterator = await startIterator(call, streamArn, shard, from);
      shards.set(id, shard);
    }
    after = text(description['LastEvaluatedShardId']);
  } while (after !== undefined);
};

const startIterator = async (
  call: CallDynamo,
  streamArn: string,
  { id, checkpoint }: Shard,
  from: 'TRIM_HORIZON' | 'LATEST',
): Promise<string | undefined> => {
  const position =
    checkpoint === undefined
      ? { ShardIteratorType: from }
      : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: checkpoint };
  const answer = await call('DynamoDBStreams_20120810.GetShardIterator', {
    StreamArn: streamArn,
    ShardId: id,
    ...position,
  });
  return text(answer['ShardIterator']);
};

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** GetRecords and Lambda spell the user's identity differently, and only Lambda names the stream. */
const asLambdaRecord = (record: Readonly<Record<string, unknown>>, streamArn: string): StreamRecord => {
  const { userIdentity, ...rest } = record;
  const identity = asRecord(userIdentity);
  const principalId = text(identity['PrincipalId']);
  return {
    ...(rest as Omit<StreamRecord, 'eventSourceARN' | 'userIdentity'>),
    eventSourceARN: streamArn,
    ...(principalId === undefined ? {} : { userIdentity: { principalId, type: text(identity['Type']) ?? 'Service' } }),
  };
};
