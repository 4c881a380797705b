import type { StreamChange } from '../bursts/counts/events.ts';
import type { Receipt } from '../otp/receipts/receipt.ts';

/** A change of the item that keeps what became of a message. */
export type ReceiptChange = {
  /** Id of the stream record. */
  readonly id: string;
  /** The key of the record that it stands beside. */
  readonly verification: string;
  /** `undefined`: there was none. */
  readonly before: Receipt | undefined;
  readonly after: Receipt;
  /** When the carrier says that it happened. */
  readonly toldAtMs: number;
};

/** A change of the stream, of a verification or of a receipt. */
export type Change =
  | { readonly kind: 'verification'; readonly change: StreamChange }
  | { readonly kind: 'receipt'; readonly change: ReceiptChange };
