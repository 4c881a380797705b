import type { StreamRecord } from '../aws/tables/stream-records.ts';
import { scheduleEvents } from '../contract.ts';

/** What wakes a function that is fed a stream and called by the clock. */
export type Waking =
  | { readonly Records: readonly StreamRecord[] }
  | { readonly source: string; readonly 'detail-type': string };

type WakingPorts<Answer> = {
  readonly batch: (records: readonly StreamRecord[]) => Promise<Answer>;
  readonly schedule: () => Promise<void>;
};

/** @throws Error for an event of any other kind: somebody has wired the function to what it does not understand. */
export const answerWaking =
  <Answer>({ batch, schedule }: WakingPorts<Answer>) =>
  async (event: Waking): Promise<Answer | undefined> => {
    if ('Records' in event) return await batch(event.Records);
    if (event.source !== scheduleEvents.source || event['detail-type'] !== scheduleEvents.detailType) {
      throw new Error('This function is woken by its stream and by its schedule. The event is of neither.');
    }
    await schedule();
    return undefined;
  };
