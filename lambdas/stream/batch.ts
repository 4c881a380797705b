import type { DynamoDBBatchResponse } from 'aws-lambda';
import type { StreamRecord } from '../aws/tables/stream-records.ts';

export type BatchPorts<Understood> = {
  /** @throws Error for a record that cannot be read. */
  readonly understand: (record: StreamRecord) => Understood;
  /** Safe to repeat. */
  readonly act: (all: readonly Understood[]) => Promise<void>;
  readonly failed: (cause: unknown) => void;
};

/**
 * Acts on a batch of a stream, and names the first record that failed. Lambda delivers it again, and all records after it
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).
 */
export const answerBatch =
  <Understood>({ understand, act, failed }: BatchPorts<Understood>) =>
  async (records: readonly StreamRecord[]): Promise<DynamoDBBatchResponse> => {
    const { understood, unread } = readUntilFailure(records, understand);
    const stopped = (await failureOf(understood, act)) ?? unread;
    if (stopped === undefined) return { batchItemFailures: [] };
    failed(stopped.cause);
    return { batchItemFailures: [{ itemIdentifier: records[stopped.index]?.dynamodb?.SequenceNumber ?? '' }] };
  };

type Failure = { readonly index: number; readonly cause: unknown };

const readUntilFailure = <Understood>(
  records: readonly StreamRecord[],
  understand: (record: StreamRecord) => Understood,
): { readonly understood: readonly Understood[]; readonly unread?: Failure } => {
  const understood: Understood[] = [];
  for (const [index, record] of records.entries()) {
    try {
      understood.push(understand(record));
    } catch (cause) {
      return { understood, unread: { index, cause } };
    }
  }
  return { understood };
};

/** Acts on all at once and, if that fails, one by one, so that the others do not wait for the one that fails. */
const failureOf = async <Understood>(
  understood: readonly Understood[],
  act: (all: readonly Understood[]) => Promise<void>,
): Promise<Failure | undefined> => {
  try {
    await act(understood);
    return undefined;
  } catch (cause) {
    if (understood.length < 2) return { index: 0, cause };
  }
  for (const [index, each] of understood.entries()) {
    try {
      await act([each]);
    } catch (cause) {
      return { index, cause };
    }
  }
  return undefined;
};
