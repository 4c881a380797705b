import type { DaySums, PriceBook } from '../../../lambdas/desk/prices/sums.ts';
import { microUsd } from '../../../lambdas/otp/limits/caps.ts';
import type {
  MessageContext,
  Noted,
  PriceSums,
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
      (known.sendId === receipt.sendId ? known.weight < receipt.weight : known.sentAtMs < receipt.sentAtMs);
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

type MemoryPrices = { -readonly [Name in keyof (PriceSums & PriceBook)]: (PriceSums & PriceBook)[Name] };

/** Sums of prices in memory, by the rules of the table. */
export const memoryPrices = (): MemoryPrices => {
  const days = new Map<string, DaySums>();
  return {
    add: async ({ country, route }, day, { priceUsd, estimateUsd, parts }) => {
      const name = `${day}#${country}#${route}`;
      const before = days.get(name);
      days.set(name, {
        country,
        route,
        messages: (before?.messages ?? 0) + 1,
        estimatedMicroUsd: (before?.estimatedMicroUsd ?? 0) + microUsd(estimateUsd),
        realMicroUsd: (before?.realMicroUsd ?? 0) + microUsd(priceUsd),
        partsOf: (before?.partsOf ?? 0) + (parts === undefined ? 0 : 1),
        estimatedParts: (before?.estimatedParts ?? 0) + (parts?.estimated ?? 0),
        realParts: (before?.realParts ?? 0) + (parts?.real ?? 0),
      });
    },
    since: async (day) => ({
      sums: [...days].flatMap(([name, sums]) => (name >= day ? [sums] : [])),
      unreadable: 0,
    }),
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
      priced: (_, { priceUsd, estimateUsd, parts }) =>
        heard.push(
          `priced ${priceUsd} ${estimateUsd}${parts === undefined ? '' : ` parts ${parts.real} ${parts.estimated}`}`,
        ),
      priceNotCounted: () => heard.push('price not counted'),
      late: () => heard.push('late'),
      unmatched: () => heard.push('unmatched'),
    },
  };
};
