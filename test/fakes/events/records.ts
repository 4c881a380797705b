import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { StreamRecord } from '../../../lambdas/aws/tables/stream-records.ts';
import { verificationItem } from '../../../lambdas/aws/tables/verifications.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import type { Verification } from '../../../lambdas/otp/record/verification.ts';

export const application = 'shop';
export const key = recordKey(application, 'a-verification-id-of-28-chars');
export const askedMs = Date.UTC(2026, 10, 30, 9, 0, 0);

/** What no event may hold. Each is one word of the record. */
export const secrets = {
  code: 'mac-of-the-code',
  sealed: 'ciphertext-of-the-number',
  phoneKey: 'keyed-hash-of-the-number',
  range: '+1202555',
  prefix: '+120',
  ip: 'keyed-hash-of-the-ip',
  network: 'keyed-hash-of-the-network',
  sendId: 'id-of-the-send',
} as const;

export const verification = (changes: Partial<Verification> = {}): Verification => {
  const seconds = Math.floor(askedMs / 1000);
  return {
    ...secrets,
    key,
    application,
    codeLength: 6,
    hasTransaction: false,
    maxAttempts: 3,
    guesses: [],
    nonces: [],
    superseded: [],
    resendNonces: [],
    country: 'US',
    purpose: 'login',
    createdAtMs: askedMs,
    sentAtMs: askedMs,
    resendAtMs: askedMs,
    expiresAt: seconds + 300,
    latestExpiry: seconds + 600,
    purgeAt: seconds + 900,
    sends: 1,
    delivery: 'accepted',
    ...changes,
  };
};

/** The record with these guesses, the last of them a second after it was asked for. */
export const guessed = (...guesses: readonly string[]): Verification =>
  verification({ guesses, nonces: guesses.map((_, nth) => `nonce-${nth}`), guessedAtMs: askedMs + 1000 });

type Image = Record<string, AttributeValue>;
let sequence = 0;

export const streamRecord = (
  eventID: string,
  OldImage: Image | undefined,
  NewImage: Image | undefined,
): StreamRecord => {
  sequence += 1;
  return {
    eventID,
    dynamodb: {
      SequenceNumber: String(sequence),
      ApproximateCreationDateTime: askedMs / 1000,
      ...(OldImage === undefined ? {} : { OldImage }),
      ...(NewImage === undefined ? {} : { NewImage }),
    },
  };
};

/** As the stream shows a change of a record. */
export const changed = (eventID: string, before: Verification | undefined, after: Verification): StreamRecord =>
  streamRecord(eventID, before && verificationItem(before), verificationItem(after));

/** As the stream shows a receipt that stands beside a record. */
export const receiptImage = (changes: Readonly<Record<string, AttributeValue>> = {}): Image => ({
  pk: { S: `receipt#${key}` },
  sendId: { S: secrets.sendId },
  delivery: { S: 'delivered' },
  weight: { N: '5' },
  route: { S: 'texts' },
  messageId: { S: 'id-of-the-message' },
  sentAt: { N: String(askedMs) },
  toldAt: { N: String(askedMs + 2000) },
  purgeAt: { N: '4000000000' },
  ...changes,
});

export const refusalImage = (changes: Readonly<Record<string, AttributeValue>> = {}): Image => ({
  pk: { S: 'refusal#1' },
  kind: { S: 'refusal' },
  shape: { N: '1' },
  phoneKey: { S: secrets.phoneKey },
  range: { S: secrets.range },
  prefix: { S: secrets.prefix },
  country: { S: 'US' },
  ip: { S: secrets.ip },
  network: { S: secrets.network },
  application: { S: application },
  purpose: { S: 'login' },
  reason: { S: 'phone' },
  limit: { S: 'phone-10m' },
  at: { N: String(askedMs) },
  purgeAt: { N: '4000000000' },
  ...changes,
});
