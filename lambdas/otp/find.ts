import { recordKey } from './number/pseudonyms.ts';
import type { CancelLedger, Clock, Finder } from './ports.ts';
import { closedBecause, isApproved } from './record/verification.ts';
import { type VerificationView, viewOf } from './record/view.ts';

/** The state of a verification, without its number. `undefined`: there is none. */
export const findVerification =
  ({ now, ledger }: { readonly now: Clock; readonly ledger: Finder }) =>
  async (id: string): Promise<VerificationView | undefined> => {
    const verification = await ledger.find(recordKey(id));
    return verification === undefined ? undefined : viewOf(id, verification, now(), undefined);
  };

export type CancelOutcome = { readonly kind: 'canceled' | 'unknown' | 'already-used' };

/**
 * Cancels a verification: its code is worth nothing from now on. Doing it again, or for one that is over anyway,
 * changes nothing and is no error. What is approved stays approved, and the caller is told.
 */
export const cancelVerification =
  ({ now, ledger }: { readonly now: Clock; readonly ledger: CancelLedger }) =>
  async (id: string): Promise<CancelOutcome> => {
    const nowMs = now();
    const verification = await ledger.cancel(recordKey(id), nowMs);
    if (verification === undefined) return { kind: 'unknown' };
    if (isApproved(verification)) return { kind: 'already-used' };
    if (closedBecause(verification, nowMs) === undefined) {
      throw new Error('A verification is open after it was canceled. This is a bug: please report it.');
    }
    return { kind: 'canceled' };
  };
