/** Bytes of items, by DynamoDB's rules: a write costs a unit for each KB. */

import { describe, expect, test } from 'vitest';
import { recordKilobytes } from '../../docs/generate/calls.ts';
import { auditItem, countedMark } from '../../lambdas/aws/tables/security/audit.ts';
import { readVerification, verificationItem } from '../../lambdas/aws/tables/verifications.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import { itemBytes, kmsBytes } from '../fakes/aws/item-bytes.ts';

const base64 = (bytes: number): string => Buffer.alloc(bytes, 7).toString('base64');
const hash = 'h'.repeat(43);
const nowMs = 1_795_262_591_345;
const seconds = 1_795_262_891;

/** The ciphertext of KMS. */
const sealedOf = (sealed: object): string => base64(Buffer.byteLength(JSON.stringify(sealed)) + kmsBytes);

const record = (some: Partial<Verification>, guesses: number): Verification => ({
  key: hash,
  code: base64(32),
  superseded: [],
  codeLength: 6,
  hasTransaction: false,
  maxAttempts: 5,
  guesses: Array.from({ length: guesses }, () => base64(32)),
  nonces: Array.from({ length: guesses }, () => 'n'.repeat(16)),
  ...(guesses === 0 ? {} : { guessedAtMs: nowMs }),
  sealed: sealedOf({ phone: '+447700900123', masked: '+44••••••0123', purpose: 'login', locale: 'en-GB' }),
  phoneKey: hash,
  range: '+44770090',
  prefix: '+447700',
  country: 'GB',
  ip: hash,
  network: hash,
  application: 'default',
  purpose: 'login',
  createdAtMs: nowMs,
  sentAtMs: nowMs,
  sendId: 's'.repeat(16),
  resendAtMs: nowMs,
  expiresAt: seconds,
  latestExpiry: seconds,
  purgeAt: seconds,
  sends: 1,
  delivery: 'accepted',
  route: 'sns',
  resendNonces: [],
  ...some,
});

/** A number of 15 digits, the longest names of a purpose and of an application, and all that marks a sender. */
const longest: Partial<Verification> = {
  sealed: sealedOf({
    phone: '+881234567890123',
    masked: '+88••••••••••0123',
    purpose: 'p'.repeat(32),
    locale: 'zh-Hant-TW',
  }),
  range: '+88123456789',
  prefix: '+88123456',
  application: 'a'.repeat(32),
  purpose: 'p'.repeat(32),
  route: 'r'.repeat(32),
  trusted: true,
  trustedIp: true,
  pair: true,
  sincePreviousSendMs: 86_399_999,
  sinceFirstSendMs: 21_599_999,
};

const bytesOf = (some: Partial<Verification>, guesses: number): number =>
  itemBytes(verificationItem(record(some, guesses)));
const plainBytes = 1024 * recordKilobytes.plain;

describe('a record', () => {
  test.each([0, 1, 2])('a record takes one KB at most with guesses: %i', (guesses) => {
    expect(bytesOf({}, guesses)).toBeLessThanOrEqual(plainBytes);
  });

  test('a record with the longest names takes one KB at most when it is requested, and two with all guesses', () => {
    expect(bytesOf(longest, 0)).toBeLessThanOrEqual(plainBytes);
    expect(bytesOf(longest, 5)).toBeLessThanOrEqual(1024 * recordKilobytes.most);
  });

  test('a record says the same when it is read, from a table or from a stream', () => {
    const item = verificationItem(record(longest, 2));
    const { sealed = { B: undefined } } = item;
    const streamed = {
      ...item,
      sealed: { B: Buffer.from(sealed.B ?? []).toString('base64') as unknown as Uint8Array },
    };
    for (const each of [item, streamed]) expect(readVerification(each)).toEqual(record(longest, 2));
  });

  test('a ciphertext that is no base64 is kept as text', () => {
    const sealed = 'v2.hour-495.c2VhbGVk';
    const item = verificationItem(record({ sealed }, 0));
    expect(item['sealed']).toEqual({ S: sealed });
    expect(readVerification(item)?.sealed).toBe(sealed);
  });
});

test('the entry of a counted event takes one KB at most, with the turn in which it counts', () => {
  const entry = auditItem({
    version: 1,
    id: 'f'.repeat(32),
    kind: 'approved',
    atMs: nowMs,
    startedAtMs: nowMs,
    phoneKey: hash,
    range: '+88123456789',
    prefix: '+88123456',
    country: 'GB',
    ip: hash,
    network: hash,
    application: 'a'.repeat(32),
    purpose: 'p'.repeat(32),
    unverified: true,
    trustedIp: true,
    pair: true,
    sincePreviousSendMs: 86_399_999,
    sinceFirstSendMs: 21_599_999,
    probes: ['range', 'prefix', 'country'],
    verification: 'v'.repeat(32),
    sends: 5,
    mistyped: 4,
    batch: 'f'.repeat(32),
    place: 99,
    records: 100,
    judgedAtMs: nowMs,
    streamAtMs: nowMs,
    expiresAt: seconds,
  });
  const claim = { lane: `${'l'.repeat(8)}-12`, turn: 123_456 };
  expect(itemBytes({ ...entry, ...countedMark(claim) })).toBeLessThanOrEqual(1024);
});
