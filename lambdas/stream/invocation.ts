import type { Context, DynamoDBBatchResponse } from 'aws-lambda';
import type { StreamRecord } from '../aws/tables/stream-records.ts';
import type { Counted, LetterCall } from '../bursts/replay.ts';
import { deadLetterPrefix, replayAlias, type ScheduleDetail, scheduleEvents } from '../contract.ts';

/** The events of a function that reads a stream, runs by a schedule, and replays dead letters. */
export type Invocation =
  | { readonly Records: readonly StreamRecord[] }
  | { readonly source: string; readonly 'detail-type': string; readonly detail?: Partial<ScheduleDetail> }
  | LetterCall;

type InvocationPorts = {
  readonly batch: (records: readonly StreamRecord[]) => Promise<DynamoDBBatchResponse>;
  readonly schedule: (detail: Partial<ScheduleDetail>) => Promise<void>;
  readonly letter: (call: LetterCall) => Promise<Counted>;
};

/**
 * Takes each event from who may send it. IAM lets the replay call the function by an alias only, and by that alias it takes
 * the key of a dead letter and no records. So nobody but the stream can say what happened.
 *
 * @throws Error for any other event, such as one of a trigger that the function was not made for.
 */
export const answerInvocation =
  ({ batch, schedule, letter }: InvocationPorts) =>
  async (
    event: Invocation,
    { invokedFunctionArn }: Pick<Context, 'invokedFunctionArn'>,
  ): Promise<DynamoDBBatchResponse | Counted | undefined> => {
    if (isByReplay(invokedFunctionArn)) return await letter(letterCallOf(event));
    if ('Records' in event) return await batch(event.Records);
    if (!('source' in event && isScheduled(event))) {
      throw new Error('This function takes batches of its stream and events of its schedule. The event is neither.');
    }
    await schedule(event.detail ?? {});
    return undefined;
  };

/** Lambda says which name a caller used: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
export const isByReplay = (arn: string): boolean => arn.split(':')[7] === replayAlias;

const letterCallOf = (event: unknown): LetterCall => {
  const { letter, dryRun, ...others } = event as Partial<LetterCall>;
  const isCall =
    typeof letter === 'string' &&
    letter.startsWith(deadLetterPrefix) &&
    typeof dryRun === 'boolean' &&
    Object.keys(others).length === 0;
  if (isCall) return { letter, dryRun };
  throw new Error(
    `By the alias ${replayAlias} this function takes the key of a dead letter, such as {"letter":"${deadLetterPrefix}…","dryRun":false}.`,
  );
};

const isScheduled = (event: { readonly source: string; readonly 'detail-type': string }): boolean =>
  event.source === scheduleEvents.source && event['detail-type'] === scheduleEvents.detailType;
