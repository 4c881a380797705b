import { recordKey } from './number/pseudonyms.ts';
import type { Clock, Finder } from './ports.ts';
import { type VerificationView, viewOf } from './record/view.ts';

/**
 * The state of a verification, without its number.
 *
 * @returns `undefined` for an id that no verification has.
 * @throws Unavailable when DynamoDB did not answer.
 */
export const findVerification =
  ({ now, ledger }: { readonly now: Clock; readonly ledger: Finder }) =>
  async (id: string): Promise<VerificationView | undefined> => {
    const verification = await ledger.find(recordKey(id));
    return verification === undefined ? undefined : viewOf(id, verification, now(), undefined);
  };
