import { itemKinds } from '../../contract.ts';
import type { Change } from '../../events/changes.ts';
import type { Receipt } from '../../otp/receipts/receipt.ts';
import type { Item } from '../dynamo/items.ts';
import { readReceipt } from './receipts.ts';
import { readChange, type StreamRecord } from './stream-records.ts';

const { pk } = itemKinds.verifications.receipt;

/**
 * Reads a record of the stream that is of a verification, a refusal or a receipt.
 *
 * @throws Error for a record that no function of the service wrote in this version.
 */
export const readAnyChange = (record: StreamRecord): Change => {
  const { OldImage, NewImage } = record.dynamodb ?? {};
  const keys = [OldImage, NewImage].flatMap((image) => image?.['pk']?.S ?? []);
  if (!keys.some((key) => key.startsWith(pk))) return { kind: 'verification', change: readChange(record) };
  return { kind: 'receipt', change: readReceiptChange(record, keys) };
};

const readReceiptChange = ({ eventID, dynamodb }: StreamRecord, [key = '', ...others]: readonly string[]) => {
  const verification = key.slice(pk.length);
  const isOfOne = /^[A-Za-z0-9_-]{43}$/.test(verification) && others.every((other) => other === key);
  if (typeof eventID !== 'string' || eventID === '' || !isOfOne) {
    throw new Error('A stream record of a receipt has no id, or is of no verification.');
  }
  const toldAtMs = Number(dynamodb?.NewImage?.['toldAt']?.N);
  const after = receiptIn(dynamodb?.NewImage);
  if (after === undefined || !isTime(toldAtMs)) {
    throw new Error('A stream record of a receipt lacks an attribute, or has it of another type.');
  }
  return { id: eventID, verification, before: receiptIn(dynamodb?.OldImage), after, toldAtMs };
};

const receiptIn = (item: Item | undefined): Receipt | undefined => {
  try {
    return readReceipt(item);
  } catch {
    return undefined;
  }
};

/** The latest time that a date can have. */
const isTime = (ms: number): boolean => Number.isSafeInteger(ms) && ms >= 0 && ms <= 8_640_000_000_000_000;
