import type { DynamoDBBatchResponse } from 'aws-lambda';
import type { StreamRecord } from '../aws/tables/stream-records.ts';

export type BatchPorts<Decoded> = {
  /** @throws Error for a record that cannot be read. */
  readonly decode: (record: StreamRecord) => Decoded;
  /** Safe to repeat. */
  readonly act: (all: readonly Decoded[]) => Promise<void>;
  readonly failed: (cause: unknown) => void;
};

/**
 * Acts on a batch of a stream, and names the first record that failed. Lambda delivers it again, and all records after it
 * (https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html).
 */
export const answerBatch =
  <Decoded>({ decode, act, failed }: BatchPorts<Decoded>) =>
  async (records: readonly StreamRecord[]): Promise<DynamoDBBatchResponse> => {
    const { decoded, unread } = decodeUntilFailure(records, decode);
    const stopped = (await failureOf(decoded, act)) ?? unread;
    if (stopped === undefined) return { batchItemFailures: [] };
    failed(stopped.cause);
    return { batchItemFailures: [{ itemIdentifier: records[stopped.index]?.dynamodb?.SequenceNumber ?? '' }] };
  };

type Failure = { readonly index: number; readonly cause: unknown };

const decodeUntilFailure = <Decoded>(
  records: readonly StreamRecord[],
  decode: (record: StreamRecord) => Decoded,
): { readonly decoded: readonly Decoded[]; readonly unread?: Failure } => {
  const decoded: Decoded[] = [];
  for (const [index, record] of records.entries()) {
    try {
      decoded.push(decode(record));
    } catch (cause) {
      return { decoded, unread: { index, cause } };
    }
  }
  return { decoded };
};

/** Acts on all at once and, if that fails, one by one, so that the others do not wait for the one that fails. */
const failureOf = async <Decoded>(
  decoded: readonly Decoded[],
  act: (all: readonly Decoded[]) => Promise<void>,
): Promise<Failure | undefined> => {
  try {
    await act(decoded);
    return undefined;
  } catch (cause) {
    if (decoded.length < 2) return { index: 0, cause };
  }
  for (const [index, each] of decoded.entries()) {
    try {
      await act([each]);
    } catch (cause) {
      return { index, cause };
    }
  }
  return undefined;
};
