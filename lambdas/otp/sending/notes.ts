import { noteShareOf } from '../limits/refusal.ts';
import type { Refusal, RefusalNotes, ResendLedger, Watch } from '../ports.ts';

/** No request or resend takes longer: the time-out of both functions is 28 seconds. */
export const longestSendMs = 30_000;

/** A refusal to note, and what decides whether it is. */
type Refused = {
  readonly refusal: Refusal;
  /** Theoretical arrival time of the refusals of the IP that are noted. */
  readonly refusedTatMs: () => Promise<number> | number;
};

/**
 * Notes for the stream that a send was refused. Nothing is written of an IP that is refused too often, except for one that
 * all users of a back end share (ADR 60). The caller gets the same answer in any case, and if this fails.
 */
export const noteRefusal = async (
  { ledger, watch }: { readonly ledger: RefusalNotes; readonly watch: Watch },
  { refusal, refusedTatMs }: Refused,
): Promise<void> => {
  const isNoted = async () => {
    if (refusal.sharedIp) return true;
    const share = noteShareOf(refusal.ip, await refusedTatMs(), refusal.atMs);
    return share !== undefined && (await ledger.takeNote(share));
  };
  try {
    if (await isNoted()) await ledger.noteRefusal(refusal);
  } catch (cause) {
    watch.dependencyFailed('note-refusal', cause);
  }
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
