import type { Verification } from '../record/verification.ts';
import type { Receipt, Told } from './receipt.ts';

/** One event about one message. It holds no number and no text. */
export type MessageEvent = {
  readonly told: Told;
  readonly messageId: string;
  /** When AWS got the message. */
  readonly sentAtMs: number;
  /** When what it says happened. */
  readonly toldAtMs: number;
  /** The context that the sender gave the message, if the event repeats it. */
  readonly context: MessageContext | undefined;
  /** The price of the message in USD, carrier fees included. */
  readonly priceUsd: number | undefined;
  /** Parts of the SMS. A call has none. */
  readonly parts: number | undefined;
};

/** An event that is no receipt. Its type is a word of AWS, without digits, or left out. */
export type Unreadable = { readonly kind: 'unreadable'; readonly eventType: string | undefined };

/** The context that the sender gives a message. Nothing of it is personal. */
export type MessageContext = {
  /** The key of the record. */
  readonly verification: string;
  readonly sendId: string;
  readonly route: string;
  readonly country: string;
  /** The price that the caps counted for the message, in USD. */
  readonly estimateUsd: number | undefined;
  /** The parts that it counted. Notes from before parts were compared have none. */
  readonly estimateParts: number | undefined;
};

/** A receipt as it is to be kept. */
export type ReceiptWrite = Receipt & {
  readonly key: string;
  readonly weight: number;
  readonly sentAtMs: number;
  readonly toldAtMs: number;
  readonly priceUsd: number | undefined;
  /** Epoch seconds. DynamoDB may delete it from then on. */
  readonly purgeAt: number;
};

/** The earlier receipt of the same message. */
export type Replaced = {
  readonly delivery: Receipt['delivery'];
  readonly weight: number;
  readonly isPriced: boolean;
};

export type Noted =
  | { readonly kind: 'noted'; readonly before: Replaced | undefined }
  /** As much or more is known of this message, or one that was sent later has a receipt. */
  | { readonly kind: 'known' };

export type MessageNote = MessageContext & { readonly messageId: string; readonly purgeAt: number };

/** The notes by which receipts without a context find their message. */
export type MessageNotes = {
  /** Safe to repeat. */
  readonly noteMessage: (note: MessageNote) => Promise<void>;
};

export type ReceiptLedger = MessageNotes & {
  /** One write. It holds if nothing heavier is known of the message, and no later message has a receipt. */
  readonly note: (receipt: ReceiptWrite) => Promise<Noted>;
  readonly findMessage: (messageId: string) => Promise<MessageContext | undefined>;
};

export type Found = { readonly verification: Verification; readonly receipt: Receipt | undefined };
/** Finds a record with its receipt, in one read. */
export type ReceiptFinder = { readonly find: (key: string) => Promise<Found | undefined> };

/** The route and the country of a message. Both are names of the settings. */
export type Way = { readonly route: string; readonly country: string };

/** The price of a message as its receipt says and as the caps counted, in USD; and its parts, if both are known. */
export type Measured = {
  readonly priceUsd: number;
  readonly estimateUsd: number;
  readonly parts: { readonly real: number; readonly estimated: number } | undefined;
};

/** The sums of prices by day, country and route. */
export type PriceSums = {
  /** One write, which is not repeated if its answer is lost. @param day of the send (UTC), such as `2026-11-30`. */
  readonly add: (way: Way, day: string, measured: Measured) => Promise<void>;
};

/** The facts that staff learn of receipts. */
export type ReceiptWatch = {
  /** The first receipt that says so. @param afterMs since the send. */
  readonly delivered: (way: Way, afterMs: number) => void;
  /**
   * The carrier took the message or it arrived, or else it is lost. That the holder refuses SMS says nothing of the way. A message
   * that a carrier took and lost, or that arrives after all, counts as both.
   */
  readonly settled: (way: Way, fate: { readonly isLost: boolean }) => void;
  readonly priced: (way: Way, measured: Measured) => void;
  /** The sums lack a message. A repeat of its event would not count it. */
  readonly priceNotCounted: (cause: unknown) => void;
  readonly late: () => void;
  readonly unmatched: () => void;
};

/** Tells AWS of a message whose code was used. Never throws, and never takes longer than a second. */
export type Feedback = {
  readonly used: (verification: Pick<Verification, 'key' | 'sendId' | 'route'>) => Promise<void>;
};
