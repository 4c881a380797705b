import type { Asked } from './find.ts';
import { recordKey } from './number/pseudonyms.ts';
import type { CancelLedger, Clock } from './ports.ts';
import { isApproved, isOpen } from './record/verification.ts';

export type CancelOutcome = { readonly kind: 'canceled' | 'unknown' | 'already-used' };

/**
 * Cancels a verification, so that its code is worth nothing. A second call, or one for a verification that has ended,
 * changes nothing and is no error. An approval stays.
 *
 * @throws Unavailable when DynamoDB did not answer.
 */
export const cancelVerification =
  ({ now, ledger }: { readonly now: Clock; readonly ledger: CancelLedger }) =>
  async ({ id, application }: Asked): Promise<CancelOutcome> => {
    const nowMs = now();
    const verification = await ledger.cancel(recordKey(application, id), nowMs);
    if (verification === undefined) return { kind: 'unknown' };
    if (isApproved(verification)) return { kind: 'already-used' };
    if (isOpen(verification, nowMs)) {
      throw new Error('A verification is open after it was canceled. This is a bug: please report it.');
    }
    return { kind: 'canceled' };
  };
