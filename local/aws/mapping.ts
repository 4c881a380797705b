import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { asRecord } from './json.ts';

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

/** Why Lambda gave records up, by its own names. */
export type GivenUp = {
  readonly condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded';
  /** How often these records were delivered. */
  readonly approximateInvokeCount: number;
};

export type StreamConsumer = {
  readonly deliver: Deliver;
  /** Whether the mapping is enabled; always by default. A mapping that is enabled again goes on where it stopped. */
  readonly isEnabled?: () => boolean;
  readonly from?: 'TRIM_HORIZON' | 'LATEST';
  /** Largest batch; 100 by default, as in Lambda. */
  readonly batchSize?: number;
  /** Retries of a batch that fails before it is given up; without end by default. */
  readonly maxRetries?: number;
  /** A record that is older is given up; none by default. */
  readonly maximumAgeSeconds?: number;
  /** Whether a batch that fails as a whole is halved. It is never halved because of a record that the consumer names. */
  readonly bisect?: boolean;
  /** Gets the records that were given up, as Lambda's on-failure destination does. */
  readonly giveUp?: (records: readonly StreamRecord[], why: GivenUp) => Promise<void>;
  /** How many shards the table has; 1 by default. Records of one key share a shard. Shards are read at the same time. */
  readonly shards?: number;
  /** Each batch with this number in its shard comes twice, although it succeeded; none by default. */
  readonly repeatEvery?: number;
  /** The pause after a read that finds nothing; 250 by default, as in Lambda at least. */
  readonly pollMs?: number;
};

/** Records that are delivered together. */
type Batch = {
  readonly records: readonly StreamRecord[];
  /** Failures that count toward `maxRetries`. */
  readonly failures: number;
  readonly invocations: number;
  readonly isRepeat: boolean;
};

/** The records of one shard, in order. */
export type Lane = {
  /** Read, and in no batch yet. */
  waiting: readonly StreamRecord[];
  /** Parts of a batch that failed. They go before all that waits. */
  open: readonly Batch[];
  /** Batches that succeeded. */
  succeeded: number;
  work: Promise<void> | undefined;
};

export const newLane = (): Lane => ({ waiting: [], open: [], succeeded: 0, work: undefined });

export const isIdle = ({ waiting, open, work }: Lane): boolean =>
  waiting.length === 0 && open.length === 0 && work === undefined;

/** The number of the shard of a record. */
export const laneOf = (
  { dynamodb }: { readonly dynamodb: Pick<StreamRecord['dynamodb'], 'Keys'> },
  lanes: number,
): number => {
  const partition = JSON.stringify(dynamodb.Keys['pk'] ?? dynamodb.Keys);
  return createHash('sha256').update(partition).digest().readUInt32BE() % lanes;
};

export type Work = {
  readonly consumer: StreamConsumer;
  readonly pauseMs: number;
  readonly now: () => number;
  readonly stopping: AbortSignal;
};

export const isAtWork = ({ stopping, consumer: { isEnabled = () => true } }: Work): boolean =>
  !stopping.aborted && isEnabled();

/** Delivers what waits in a lane, batch by batch. After a failure it pauses. */
export const workOff = async (lane: Lane, work: Work): Promise<void> => {
  while (isAtWork(work) && (lane.open.length > 0 || lane.waiting.length > 0)) {
    const hasFailed = await advance(lane, work).catch((error: unknown) => {
      console.error(`Records of the stream cannot be given up: ${String(error)}`);
      return true;
    });
    if (hasFailed) await sleep(work.pauseMs, undefined, { signal: work.stopping }).catch(() => {});
  }
};

/** Delivers one batch. True if it failed. */
const advance = async (lane: Lane, { consumer, now }: Work): Promise<boolean> => {
  const [next, ...others] = lane.open.length > 0 ? lane.open : [fill(lane, consumer.batchSize ?? 100)];
  if (next === undefined) return false;
  lane.open = [next, ...others];
  const batch = await withoutOld(next, consumer, now);
  lane.open = [batch, ...others];
  if (batch.records.length > 0) {
    const outcome = await outcomeOf(consumer.deliver, batch.records);
    const left = await leftOf(batch, outcome, consumer);
    if (left.length > 0) {
      lane.open = [...left, ...others];
      return true;
    }
    lane.succeeded += batch.isRepeat ? 0 : 1;
  }
  lane.open = others;
  const isDueAgain =
    consumer.repeatEvery !== undefined && !batch.isRepeat && lane.succeeded % consumer.repeatEvery === 0;
  // As after a checkpoint that Lambda lost: it promises each record at least once.
  if (isDueAgain && batch.records.length > 0) lane.open = [{ ...batch, isRepeat: true }, ...others];
  return false;
};

/** Makes a batch of what waits. */
const fill = (lane: Lane, size: number): Batch => {
  const records = lane.waiting.slice(0, size);
  lane.waiting = lane.waiting.slice(size);
  return { records, failures: 0, invocations: 0, isRepeat: false };
};

const withoutOld = async (batch: Batch, consumer: StreamConsumer, now: () => number): Promise<Batch> => {
  const { maximumAgeSeconds } = consumer;
  if (maximumAgeSeconds === undefined) return batch;
  const isOld = ({ dynamodb }: StreamRecord) => dynamodb.ApproximateCreationDateTime < now() / 1000 - maximumAgeSeconds;
  const old = batch.records.filter(isOld);
  if (old.length === 0) return batch;
  await consumer.giveUp?.(old, { condition: 'RecordAgeExceeded', approximateInvokeCount: batch.invocations });
  return { ...batch, records: batch.records.filter((record) => !isOld(record)) };
};

/** The position of the first record that failed; `whole` if nobody can tell. */
type Outcome = 'done' | 'whole' | number;

/**
 * Delivers, and reads the answer as Lambda does.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
const outcomeOf = async (deliver: Deliver, records: readonly StreamRecord[]): Promise<Outcome> => {
  try {
    const answer: unknown = await deliver(records);
    if (answer === undefined || answer === null) return 'done';
    if (typeof answer !== 'object') return 'whole';
    const failures = asRecord(answer)['batchItemFailures'] ?? [];
    if (!Array.isArray(failures)) return 'whole';
    const positions = failures.map((failure) =>
      records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === asRecord(failure)['itemIdentifier']),
    );
    if (positions.length === 0) return 'done';
    // An identifier that is empty, or not in the batch, makes Lambda treat the whole batch as failed.
    return positions.includes(-1) ? 'whole' : Math.min(...positions);
  } catch {
    return 'whole';
  }
};

/**
 * The records to deliver again, in parts. A part that has no retry left is given up, with all of its records.
 *
 * - A named record: it and all behind it are one part. What came before it is done.
 * - A failure of the whole: halves, if the mapping bisects.
 *
 * A split uses up no retry: https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
const leftOf = async (batch: Batch, outcome: Outcome, consumer: StreamConsumer): Promise<readonly Batch[]> => {
  if (outcome === 'done') return [];
  const tried = { ...batch, invocations: batch.invocations + 1, isRepeat: false };
  const { records, failures, invocations } = tried;
  if (typeof outcome === 'number' && outcome > 0) return [{ ...tried, records: records.slice(outcome) }];
  if (outcome === 'whole' && consumer.bisect === true && records.length > 1) {
    const half = Math.ceil(records.length / 2);
    return [records.slice(0, half), records.slice(half)].map((part) => ({ ...tried, records: part }));
  }
  if (failures < (consumer.maxRetries ?? Number.POSITIVE_INFINITY)) return [{ ...tried, failures: failures + 1 }];
  await consumer.giveUp?.(records, { condition: 'RetryAttemptsExhausted', approximateInvokeCount: invocations });
  return [];
};
