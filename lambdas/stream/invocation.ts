import type { DynamoDBBatchResponse } from 'aws-lambda';
import type { StreamRecord } from '../aws/tables/stream-records.ts';
import { scheduleEvents } from '../contract.ts';

/** What Lambda calls a function with that reads a stream and runs by a schedule. */
export type Invocation =
  | { readonly Records: readonly StreamRecord[] }
  | { readonly source: string; readonly 'detail-type': string };

type InvocationPorts = {
  readonly batch: (records: readonly StreamRecord[]) => Promise<DynamoDBBatchResponse>;
  readonly schedule: () => Promise<void>;
};

/** @throws Error for any other event, such as one of a trigger that the function was not made for. */
export const answerInvocation =
  ({ batch, schedule }: InvocationPorts) =>
  async (event: Invocation): Promise<DynamoDBBatchResponse | undefined> => {
    if ('Records' in event) return await batch(event.Records);
    if (event.source !== scheduleEvents.source || event['detail-type'] !== scheduleEvents.detailType) {
      throw new Error('This function takes batches of its stream and events of its schedule. The event is neither.');
    }
    await schedule();
    return undefined;
  };
