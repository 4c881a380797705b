import type { Refusal, ResendLedger, Watch } from '../ports.ts';

/** No request or resend takes longer: the time-out of both functions is 28 seconds. */
export const longestSendMs = 30_000;

/** Notes for the stream that a send was refused. The caller gets the same answer if the note fails. */
export const noteRefusal = async (
  { ledger, watch }: { readonly ledger: Pick<ResendLedger, 'noteRefusal'>; readonly watch: Watch },
  refusal: Refusal,
): Promise<void> => {
  await ledger.noteRefusal(refusal).catch((cause: unknown) => watch.dependencyFailed('note-refusal', cause));
};

/** Notes in the record that the outcome of the SMS is not known. @returns whether the note was taken. */
export const noteUnconfirmed = (
  { ledger, watch }: { readonly ledger: Pick<ResendLedger, 'markUnconfirmed'>; readonly watch: Watch },
  key: string,
  sendId: string,
): Promise<boolean> =>
  ledger.markUnconfirmed(key, sendId).then(
    () => true,
    (cause: unknown) => {
      watch.dependencyFailed('mark-unconfirmed', cause);
      return false;
    },
  );
