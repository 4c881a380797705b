import { setTimeout as sleep } from 'node:timers/promises';
import { asList, asRecord, type CallDynamo, isDynamoError } from './dynamo.ts';

/** A stream record as Lambda passes it on. */
export type StreamRecord = {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  /** There if DynamoDB's TTL removed the item, and then `dynamodb.amazonaws.com`. */
  readonly userIdentity?: { readonly principalId: string; readonly type: string };
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: AttributeMap;
    readonly NewImage?: AttributeMap;
    readonly OldImage?: AttributeMap;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
};

/** Marshaled attributes: `{ name: { S: "…" } }`. */
export type AttributeMap = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The answer of a consumer: the sequence numbers of the records that it could not process. */
export type BatchResult = { readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[] };

export type Deliver = (records: readonly StreamRecord[]) => Promise<BatchResult | undefined>;

export type StreamConsumer = {
  readonly deliver: Deliver;
  readonly from?: 'TRIM_HORIZON' | 'LATEST';
  /** Largest batch; 100 by default, as in Lambda. */
  readonly batchSize?: number;
  /** Retries of a batch that fails before it is given up; without end by default. */
  readonly maxRetries?: number;
  /**
   * Whether only the failing record is given up, as when Lambda bisects a batch: each record is then tried alone, from the
   * first on. If false, all that follow it are given up too.
   */
  readonly bisect?: boolean;
  /** Gets the records that were given up, as Lambda's on-failure destination does. */
  readonly giveUp?: (records: readonly StreamRecord[]) => Promise<void>;
};

export type StreamPoller = {
  /** Waits for the batch in hand, and takes no other. */
  readonly stop: () => Promise<void>;
};

/**
 * Stands in for Lambda's event source mapping: reads a table's stream and passes it to a consumer.
 *
 * As in Lambda, order holds within a shard, a parent shard comes before its children, and each record comes at least once.
 * A batch with failures is tried again from its lowest failed record on.
 */
export const startStreamPoller = async ({
  call,
  table,
  pollMs = 250,
  markExpired = (record) => record,
  ...consumer
}: StreamConsumer & {
  call: CallDynamo;
  /** Real name of the table. */
  table: string;
  pollMs?: number;
  /** Marks the records of TTL deletions; see `expiry.ts`. */
  markExpired?: (record: StreamRecord) => StreamRecord;
}): Promise<StreamPoller> => {
  const described = await call('DynamoDB_20120810.DescribeTable', { TableName: table });
  const streamArn = asRecord(described['Table'])['LatestStreamArn'];
  if (typeof streamArn !== 'string') throw new Error(`The table ${table} has no stream. contract.tables gives it one.`);
  const source = { call, streamArn, markExpired };
  const shards = new Map<string, Shard>();
  await followNewShards(source, shards, consumer.from ?? 'TRIM_HORIZON');
  const stopping = new AbortController();
  const running = poll({ source, consumer, shards, pollMs, stopping: stopping.signal });
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

type Source = {
  readonly call: CallDynamo;
  readonly streamArn: string;
  readonly markExpired: (record: StreamRecord) => StreamRecord;
};

type Shard = {
  readonly id: string;
  readonly parent: string | undefined;
  /** `undefined` once a closed shard has been read to its end. */
  iterator: string | undefined;
  /** The last record that was processed. Reading goes on after it when an iterator has expired. */
  checkpoint: string | undefined;
  /** Read, and not yet processed. */
  pending: readonly StreamRecord[];
  retries: number;
};

type Poll = {
  readonly source: Source;
  readonly consumer: StreamConsumer;
  readonly shards: Map<string, Shard>;
  readonly pollMs: number;
  readonly stopping: AbortSignal;
};

const poll = async ({ source, consumer, shards, pollMs, stopping }: Poll): Promise<void> => {
  let endedBefore = 0;
  for (let round = 1; !stopping.aborted; round += 1) {
    let busy = false;
    try {
      for (const shard of shards.values()) {
        if (stopping.aborted) return;
        if (isReadable(shard, shards)) busy = (await advance(source, consumer, shard)) || busy;
      }
      // A shard that ends usually has children. Other new shards are looked for now and then.
      const ended = [...shards.values()].filter(isDone).length;
      if (ended > endedBefore || round % 20 === 0) await followNewShards(source, shards, 'TRIM_HORIZON');
      endedBefore = ended;
    } catch (error) {
      if (stopping.aborted) return;
      // As Lambda does, it waits until an outage of the stream is over.
      if (round % 20 === 0) console.error(`The stream of local mode cannot be read: ${String(error)}`);
    }
    if (!busy) await sleep(pollMs, undefined, { signal: stopping }).catch(() => {});
  }
};

const isDone = ({ iterator, pending }: Shard) => iterator === undefined && pending.length === 0;

const isReadable = (shard: Shard, shards: ReadonlyMap<string, Shard>): boolean => {
  const parent = shard.parent === undefined ? undefined : shards.get(shard.parent);
  return !isDone(shard) && (parent === undefined || isDone(parent));
};

/** Processes one batch of the shard. True if there may be another at once. */
const advance = async (source: Source, consumer: StreamConsumer, shard: Shard): Promise<boolean> => {
  if (shard.pending.length === 0) await read(source, shard, consumer.batchSize ?? 100);
  if (shard.pending.length === 0) return false;
  const batch = shard.pending;
  const failed = await deliverBatch(consumer.deliver, batch);
  shard.pending = batch.slice(failed);
  if (failed > 0) {
    shard.checkpoint = batch[failed - 1]?.dynamodb.SequenceNumber;
    shard.retries = 0;
  }
  if (shard.pending.length === 0) return true;
  shard.retries += 1;
  if (shard.retries > (consumer.maxRetries ?? Number.POSITIVE_INFINITY)) await giveUp(consumer, shard);
  return false;
};

/** Delivers, and returns how many records from the front were processed. */
const deliverBatch = async (deliver: Deliver, batch: readonly StreamRecord[]): Promise<number> => {
  try {
    const failures = (await deliver(batch))?.batchItemFailures ?? [];
    if (failures.length === 0) return batch.length;
    const positions = failures.map(({ itemIdentifier }) =>
      batch.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === itemIdentifier),
    );
    // An identifier that is not in the batch makes Lambda treat the whole batch as failed.
    return Math.max(0, Math.min(...positions));
  } catch {
    return 0;
  }
};

const giveUp = async (consumer: StreamConsumer, shard: Shard): Promise<void> => {
  const last = consumer.bisect === true ? shard.pending.slice(0, 1) : shard.pending;
  const isLost = consumer.bisect !== true || (await deliverBatch(consumer.deliver, last)) === 0;
  if (isLost) await consumer.giveUp?.(last);
  shard.checkpoint = last.at(-1)?.dynamodb.SequenceNumber;
  shard.pending = shard.pending.slice(last.length);
  shard.retries = 0;
};

const read = async ({ call, streamArn, markExpired }: Source, shard: Shard, limit: number): Promise<void> => {
  try {
    const answer = await call('DynamoDBStreams_20120810.GetRecords', { ShardIterator: shard.iterator, Limit: limit });
    shard.pending = asList(answer['Records']).map((record) => markExpired(asLambdaRecord(record, streamArn)));
    shard.iterator = text(answer['NextShardIterator']);
  } catch (error) {
    if (isDynamoError(error, 'TrimmedDataAccessException')) shard.checkpoint = undefined;
    else if (!isDynamoError(error, 'ExpiredIteratorException')) throw error;
    shard.iterator = await startIterator(call, streamArn, shard, 'TRIM_HORIZON');
  }
};

const followNewShards = async (
  { call, streamArn }: Source,
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
        pending: [],
        retries: 0,
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
