import { createHash } from 'node:crypto';
import { deadLetterPrefix, type OptionalStreamFunctionName, type StreamFunctionName } from '../contract.ts';

/** A stream record as a dead letter holds it. */
export type LetterRecord = {
  readonly eventID?: string;
  readonly dynamodb?: { readonly SequenceNumber?: string };
};

export type Letter =
  | { readonly kind: 'letter'; readonly records: readonly LetterRecord[] }
  /** Another replay has removed it. */
  | { readonly kind: 'gone' }
  /** Neither Lambda nor a reader of the stream wrote it. */
  | { readonly kind: 'unreadable' };

/** A function that reads a stream, and puts aside what it cannot use. */
export type Reader = StreamFunctionName | OptionalStreamFunctionName;

/** The letters of a reader lie beside those of Lambda, so that one command replays both. */
const letterPrefixOf = (reader: Reader): string => `${deadLetterPrefix}${reader}/`;

/** A function of the record alone: a record that comes again takes the same place. */
export const letterKeyOf = (record: LetterRecord, reader: Reader = 'detect-bursts'): string => {
  const { eventID } = record;
  const isName = typeof eventID === 'string' && /^[\w-]{1,128}$/.test(eventID);
  return `${letterPrefixOf(reader)}${isName ? eventID : createHash('sha256').update(JSON.stringify(record)).digest('hex')}`;
};

/**
 * A letter for one record, in the form of Lambda's own, which has the batch as a text:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html
 */
export const letterTextOf = (record: LetterRecord, why: string, reader: Reader = 'detect-bursts'): string =>
  JSON.stringify({
    requestContext: { condition: reader === 'detect-bursts' ? 'PutAsideByDetector' : 'PutAsideByPublisher' },
    why,
    version: '1.0',
    payload: JSON.stringify({ Records: [record] }),
  });

/** Reads a letter. The batch is `payload`: as a text, or as it is. */
export const readLetter = (text: string): Letter => {
  try {
    const { payload }: { readonly payload?: unknown } = JSON.parse(text);
    const event: unknown = typeof payload === 'string' ? JSON.parse(payload) : payload;
    const records = typeof event === 'object' && event !== null && 'Records' in event ? event.Records : undefined;
    return isRecords(records) ? { kind: 'letter', records } : { kind: 'unreadable' };
  } catch {
    return { kind: 'unreadable' };
  }
};

/** The detector finds out what is in the records. */
const isRecords = (value: unknown): value is readonly LetterRecord[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((record) => typeof record === 'object' && record !== null && !Array.isArray(record));
