import type { DynamoDBBatchResponse } from 'aws-lambda';
import type { StreamRecord } from '../aws/tables/stream-records.ts';
import { Unavailable } from '../otp/ports.ts';

export type ActPorts<Decoded> = {
  /** @throws Error for a record that cannot be read. */
  readonly decode: (record: StreamRecord) => Decoded;
  /** Safe to repeat. */
  readonly act: (all: readonly Decoded[]) => Promise<void>;
};

export type BatchPorts<Decoded> = ActPorts<Decoded> & {
  /** Keeps a record whole, and why, where staff find it. Safe to repeat. */
  readonly putAside: (record: StreamRecord, cause: unknown) => Promise<void>;
  readonly failed: (cause: unknown) => void;
};

/**
 * Acts on a batch of a stream. A record that cannot be read, or on which acting fails although nothing is down, is put
 * aside: it would fail again, and Lambda would give up with it all that follow. In an outage the first record that failed
 * is named. Lambda delivers it again, and all records after it
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).
 */
export const answerBatch =
  <Decoded>({ putAside, failed, ...ports }: BatchPorts<Decoded>) =>
  async (records: readonly StreamRecord[]): Promise<DynamoDBBatchResponse> => {
    const { poison, outage } = await actOnRecords(ports, records);
    const stopped = (await firstNotPut(records, poison, putAside)) ?? outage;
    if (stopped === undefined) return { batchItemFailures: [] };
    failed(stopped.cause);
    return { batchItemFailures: [{ itemIdentifier: records[stopped.index]?.dynamodb?.SequenceNumber ?? '' }] };
  };

type AnswerBatch = (records: readonly StreamRecord[]) => Promise<DynamoDBBatchResponse>;

/** Answers a batch, and notes how late it was: it is over, whatever became of its records. */
export const thenNoteLateness =
  (answer: AnswerBatch, note: (changedMs: number) => Promise<void>): AnswerBatch =>
  async (records) => {
    const answered = await answer(records);
    const times = records.flatMap(({ dynamodb }) => dynamodb?.ApproximateCreationDateTime ?? []);
    if (times.length > 0) await note(Math.min(...times) * 1000);
    return answered;
  };

type Failure = { readonly index: number; readonly cause: unknown };

export type Acted = {
  /** The records that fail by themselves, in their order; in an outage, those before it. */
  readonly poison: readonly Failure[];
  /** The first record that failed because something else is down. All before it are done, or poison. */
  readonly outage?: Failure | undefined;
};

/** Acts on all records at once and, if that fails, one by one, so that the others do not wait for the one that fails. */
export const actOnRecords = async <Decoded>(
  { decode, act }: ActPorts<Decoded>,
  records: readonly StreamRecord[],
): Promise<Acted> => {
  const { readable, unreadable } = decodeAll(records, decode);
  const whole = await causeOf(() => act(readable.map(({ decoded }) => decoded)));
  if (whole === undefined) return { poison: unreadable };
  const poison = [...unreadable];
  for (const { index, decoded } of readable) {
    const failed = readable.length === 1 ? whole : await causeOf(() => act([decoded]));
    if (failed === undefined) continue;
    const failure = { index, cause: failed.cause };
    if (failed.cause instanceof Unavailable) return { poison: inOrder(poison, index), outage: failure };
    poison.push(failure);
  }
  return { poison: inOrder(poison) };
};

const inOrder = (failures: readonly Failure[], end = Number.POSITIVE_INFINITY): readonly Failure[] =>
  failures.filter(({ index }) => index < end).toSorted((a, b) => a.index - b.index);

const causeOf = async (work: () => Promise<void>): Promise<{ readonly cause: unknown } | undefined> => {
  try {
    await work();
    return undefined;
  } catch (cause) {
    return { cause };
  }
};

const decodeAll = <Decoded>(records: readonly StreamRecord[], decode: (record: StreamRecord) => Decoded) => {
  const readable: { readonly index: number; readonly decoded: Decoded }[] = [];
  const unreadable: Failure[] = [];
  for (const [index, record] of records.entries()) {
    try {
      readable.push({ index, decoded: decode(record) });
    } catch (cause) {
      unreadable.push({ index, cause });
    }
  }
  return { readable, unreadable };
};

/** Puts the records aside, one after the other. @returns the first that could not be put. */
const firstNotPut = async (
  records: readonly StreamRecord[],
  poison: readonly Failure[],
  putAside: BatchPorts<never>['putAside'],
): Promise<Failure | undefined> => {
  for (const { index, cause } of poison) {
    const record = records[index];
    const failed = record === undefined ? undefined : await causeOf(() => putAside(record, cause));
    if (failed !== undefined) return { index, cause: failed.cause };
  }
  return undefined;
};
