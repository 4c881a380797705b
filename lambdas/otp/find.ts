import { recordKey } from './number/pseudonyms.ts';
import type { Clock, Finder } from './ports.ts';
import { type VerificationView, viewOf } from './record/view.ts';

/** A verification by its id, and the application that asks. Those of others do not exist for it. */
export type Asked = { readonly id: string; readonly application: string };

/**
 * The state of a verification, without its number.
 *
 * @returns `undefined` for an id that no verification of the application has.
 * @throws Unavailable when DynamoDB did not answer.
 */
export const findVerification =
  ({ now, ledger }: { readonly now: Clock; readonly ledger: Finder }) =>
  async ({ id, application }: Asked): Promise<VerificationView | undefined> => {
    const verification = await ledger.find(recordKey(application, id));
    return verification === undefined ? undefined : viewOf(id, verification, now(), undefined);
  };
