import { noteShareOf } from '../limits/refusal.ts';
import type { Refusal, RefusalNotes, SendNotes, Watch } from '../ports.ts';
import type { Sent } from './sent.ts';

/** No request or resend takes longer: the time-out of both functions is 28 seconds. */
export const longestSendMs = 30_000;

/** A refusal to note, and what decides whether it is. */
type Refused = {
  readonly refusal: Refusal;
  /** Theoretical arrival time of the refusals of the IP that are noted. `undefined`: the refusal counts as a send. */
  readonly refusedTatMs: (() => Promise<number> | number) | undefined;
};

/**
 * Notes for the stream that a send was refused. Nothing is written of an IP that is refused too often, except for one that
 * all users of a back end share (ADR 60). A refusal that counts as a send is bounded by the limits of sends: it is noted in any
 * case, or a thief would use up the notes first. The caller gets the same answer in any case, and if this fails.
 */
export const noteRefusal = async (
  { ledger, watch }: { readonly ledger: RefusalNotes; readonly watch: Watch },
  { refusal, refusedTatMs }: Refused,
): Promise<void> => {
  const isNoted = async () => {
    if (refusal.sharedIp || refusedTatMs === undefined) return true;
    const share = noteShareOf(refusal.ip, await refusedTatMs(), refusal.atMs);
    return share !== undefined && (await ledger.takeNote(share));
  };
  try {
    if (await isNoted()) await ledger.noteRefusal(refusal);
  } catch (cause) {
    watch.dependencyFailed('note-refusal', cause);
  }
};

type NotePorts = { readonly ledger: SendNotes; readonly watch: Watch };

/** Notes in the record that the outcome of the SMS is not known. @returns whether the note was taken. */
export const noteUnconfirmed = ({ ledger, watch }: NotePorts, key: string, sendId: string): Promise<boolean> =>
  ledger.markUnconfirmed(key, sendId).then(
    () => true,
    (cause: unknown) => {
      watch.dependencyFailed('mark-unconfirmed', cause);
      return false;
    },
  );

/** Notes in the record which route took the message, if others surely failed before. Then the next resend skips those. */
export const noteTakenRoute = async (
  { ledger, watch }: NotePorts,
  { key, sendId }: { readonly key: string; readonly sendId: string },
  { route, failed }: Sent,
  failedBefore: readonly string[] = [],
): Promise<void> => {
  if (route === undefined || failed.length === 0) return;
  const names = new Set([...failedBefore, ...failed.map((each) => each.route)]);
  names.delete(route);
  await ledger
    .noteRoute(key, sendId, { route, failedRoutes: [...names] })
    .catch((cause: unknown) => watch.dependencyFailed('note-route', cause));
};
