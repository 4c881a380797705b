import { unmarshall } from '@aws-sdk/util-dynamodb';
import { itemKinds } from '../../contract.ts';
import type { MessageContext, MessageNote, ReceiptWrite, Replaced } from '../../otp/receipts/ports.ts';
import { type DeliveryReason, deliveryReasons, type Receipt } from '../../otp/receipts/receipt.ts';
import { type Item, values } from '../dynamo/items.ts';

// Receipts stand beside the records, in the same table. No item here has a `kind`, so that the detector's stream filter drops
// each. Times are epoch milliseconds, except `purgeAt`.

export const receiptPk = (recordKey: string): string => `${itemKinds.verifications.receipt.pk}${recordKey}`;
export const messagePk = (messageId: string): string => `${itemKinds.verifications.message.pk}${messageId}`;

/**
 * A later send has a receipt of its own. Of two events about one send, the one that says more holds: the two sources may give one send
 * different times.
 */
export const isOfEarlierSend = '(sendId <> :sendId AND sentAt < :sentAt)';
export const saysLess = '(sendId = :sendId AND weight < :weight)';
export const hasNoReceipt = 'attribute_not_exists(weight)';

/** The values that a receipt sets: all of them each time, because it may replace the receipt of another send. */
export const receiptValues = (receipt: ReceiptWrite): Item => {
  const { sendId, delivery, weight, reason, route, messageId, sentAtMs, toldAtMs, purgeAt } = receipt;
  return values({
    ':sendId': sendId,
    ':delivery': delivery,
    ':weight': weight,
    ':reason': reason,
    ':route': route,
    ':messageId': messageId,
    ':sentAt': sentAtMs,
    ':toldAt': toldAtMs,
    ':purgeAt': purgeAt,
  });
};

const states: readonly Receipt['delivery'][] = ['accepted', 'delivered', 'failed', 'unknown'];

/** Reads a receipt; `undefined` for an item that is none. */
export const readReceipt = (item: Item | undefined): Receipt | undefined => {
  if (item === undefined) return undefined;
  const { sendId, delivery, reason, route, messageId } = unmarshall(item);
  const isReceipt = [sendId, route, messageId].every((each) => typeof each === 'string') && states.includes(delivery);
  if (!isReceipt) return undefined;
  return { sendId, delivery, route, messageId, ...(isReason(reason) ? { reason } : {}) };
};

const isReason = (text: unknown): text is DeliveryReason => deliveryReasons.some((each) => each === text);

/** The receipt that a write replaced, if it was of the same send. */
export const readReplaced = (item: Item | undefined, sendId: string): Replaced | undefined => {
  const replaced = item === undefined ? {} : unmarshall(item);
  return replaced['sendId'] === sendId
    ? { delivery: replaced['delivery'], weight: replaced['weight'], isPriced: replaced['pricedSend'] === sendId }
    : undefined;
};

export const messageItem = ({
  messageId,
  verification,
  sendId,
  route,
  country,
  estimateUsd: estimate,
  estimateParts: parts,
  purgeAt,
}: MessageNote): Item =>
  values({ pk: messagePk(messageId), verification, sendId, route, country, estimate, parts, purgeAt });

export const readMessage = (item: Item | undefined): MessageContext | undefined => {
  if (item === undefined) return undefined;
  const { verification, sendId, route, country, estimate, parts } = unmarshall(item);
  return { verification, sendId, route, country, estimateUsd: estimate, estimateParts: parts };
};
