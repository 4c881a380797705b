import type {
  MessageContext,
  Noted,
  ReceiptLedger,
  ReceiptWatch,
  ReceiptWrite,
} from '../../../lambdas/otp/receipts/ports.ts';
import type { Receipt } from '../../../lambdas/otp/receipts/receipt.ts';

export type MemoryReceipts = ReceiptLedger & {
  /** The receipt of a record. */
  readonly of: (key: string) => Receipt | undefined;
  /** How many items there are. */
  readonly size: () => number;
};

type Kept = ReceiptWrite & { readonly pricedSend: string | undefined };

/** Receipts in memory, by the rules of the table. */
export const memoryReceipts = (): MemoryReceipts => {
  const receipts = new Map<string, Kept>();
  const messages = new Map<string, MessageContext>();
  const note = (receipt: ReceiptWrite): Noted => {
    const known = receipts.get(receipt.key);
    const holds =
      known === undefined ||
      known.sentAtMs < receipt.sentAtMs ||
      (known.sendId === receipt.sendId && known.weight < receipt.weight);
    if (!holds) return { kind: 'known' };
    const pricedSend = receipt.priceUsd === undefined ? known?.pricedSend : receipt.sendId;
    receipts.set(receipt.key, { ...receipt, pricedSend });
    if (known?.sendId !== receipt.sendId) return { kind: 'noted', before: undefined };
    const isPriced = receipt.priceUsd !== undefined && known.pricedSend === receipt.sendId;
    return { kind: 'noted', before: { delivery: known.delivery, weight: known.weight, isPriced } };
  };
  return {
    note: async (receipt) => note(receipt),
    noteMessage: async ({ messageId, purgeAt: _, ...context }) => void messages.set(messageId, context),
    findMessage: async (messageId) => messages.get(messageId),
    of: (key) => {
      const { sendId, delivery, reason, route, messageId } = receipts.get(key) ?? {};
      if (sendId === undefined || delivery === undefined || route === undefined || messageId === undefined)
        return undefined;
      return { sendId, delivery, route, messageId, ...(reason === undefined ? {} : { reason }) };
    },
    size: () => receipts.size + messages.size,
  };
};

/** The facts that staff learned, a word each. */
export const hearingWatch = (): { readonly heard: string[]; readonly watch: ReceiptWatch } => {
  const heard: string[] = [];
  return {
    heard,
    watch: {
      delivered: ({ route, country }, afterMs) => heard.push(`delivered ${route} ${country} ${afterMs}`),
      settled: ({ route, country }, { isLost }) => heard.push(`${isLost ? 'lost' : 'not lost'} ${route} ${country}`),
      priced: (_, priceUsd, estimateUsd) => heard.push(`priced ${priceUsd} ${estimateUsd}`),
      late: () => heard.push('late'),
      unmatched: () => heard.push('unmatched'),
    },
  };
};
