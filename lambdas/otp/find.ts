import { recordKey } from './number/pseudonyms.ts';
import type { Clock, Finder } from './ports.ts';
import type { ReceiptFinder } from './receipts/ports.ts';
import { deliveryOf } from './receipts/receipt.ts';
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
  ({ now, ledger }: { readonly now: Clock; readonly ledger: ReceiptFinder }) =>
  async ({ id, application }: Asked): Promise<VerificationView | undefined> => {
    const found = await ledger.find(recordKey(application, id));
    if (found === undefined) return undefined;
    return { ...viewOf(id, found.verification, now(), undefined), ...deliveryOf(found.verification, found.receipt) };
  };

/** The finder of a deployment that notes no receipts. */
export const withoutReceipts = ({ find }: Finder): ReceiptFinder => ({
  find: async (key) => {
    const verification = await find(key);
    return verification === undefined ? undefined : { verification, receipt: undefined };
  },
});
