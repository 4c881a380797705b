import type { Context, DynamoDBBatchResponse } from 'aws-lambda';
import type { LetterContents } from '../aws/s3.ts';
import type { StreamRecord } from '../aws/tables/stream-records.ts';
import type { Reader } from '../bursts/letters.ts';
import { type Replayed, type ReplayPorts, replayDeadLetters } from '../bursts/replay.ts';
import { type ActPorts, answerBatch, type BatchPorts } from './batch.ts';
import { isByReplay } from './invocation.ts';
import { replayLetter } from './letter.ts';
import { readReplay, replayRefusal } from './replay.ts';

type EventPorts<Decoded> = Pick<BatchPorts<Decoded>, 'decode' | 'putAside' | 'failed'> & {
  readonly reader: Reader;
  /** Acts on one batch. */
  readonly act: () => ActPorts<Decoded>['act'];
  readonly letters: Pick<ReplayPorts, 'list' | 'remove'> & LetterContents;
};

/** A batch of the stream, or what staff ask for by the alias. */
type Invocation = { readonly Records?: unknown };

/** The time of one more letter: two requests to each of S3, DynamoDB and EventBridge, with their retries. */
const reserveMs = 20_000;

/**
 * Takes batches of the stream and, by the alias of replays, what to replay. IAM lets staff call the function by the alias only, so
 * that nobody but the stream can say what happened.
 *
 * @throws Error for any other event.
 */
export const answerEvents =
  <Decoded>({ reader, decode, act, putAside, failed, letters }: EventPorts<Decoded>) =>
  async (
    event: Invocation,
    { invokedFunctionArn, getRemainingTimeInMillis }: Pick<Context, 'invokedFunctionArn' | 'getRemainingTimeInMillis'>,
  ): Promise<DynamoDBBatchResponse | Replayed | { readonly refused: string }> => {
    if (isByReplay(invokedFunctionArn)) {
      const wanted = readReplay(event);
      if (wanted === undefined) return { refused: replayRefusal };
      const count: ReplayPorts['count'] = (call) =>
        replayLetter({ decode, act: act(), read: letters.read, failed })(call);
      const hasTime = () => getRemainingTimeInMillis() > reserveMs;
      const { list, remove } = letters;
      return await replayDeadLetters(
        { list, remove, count, hasTime, failed },
        { reader, needs: 'EventBridge or DynamoDB' },
      )(wanted);
    }
    if (!Array.isArray(event.Records)) {
      throw new Error('This function takes batches of its stream. The event is none.');
    }
    const records: readonly StreamRecord[] = event.Records;
    return await answerBatch({ decode, act: act(), putAside, failed })(records);
  };
