import { describe, expect, test } from 'vitest';
import {
  closedBecause,
  guessLetIn,
  isOpen,
  statusOf,
  type Verification,
} from '../../lambdas/otp/record/verification.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const record = (more: Partial<Verification> = {}): Verification => ({
  key: 'key',
  code: 'right',
  codeLength: 6,
  hasTransaction: false,
  maxAttempts: 2,
  guesses: [],
  nonces: [],
  superseded: [],
  resendNonces: [],
  sealed: 'sealed',
  phoneKey: 'phone',
  range: '+91987654',
  prefix: '+919876',
  country: 'IN',
  ip: 'ip',
  network: 'network',
  application: 'app',
  purpose: 'login',
  createdAtMs: nowMs,
  sentAtMs: nowMs,
  sendId: 'send',
  resendAtMs: nowMs,
  expiresAt: nowMs / 1000 + 300,
  latestExpiry: nowMs / 1000 + 600,
  purgeAt: nowMs / 1000 + 900,
  sends: 1,
  delivery: 'accepted',
  ...more,
});

describe('a record', () => {
  test.each<[string, Partial<Verification>, number, string | undefined, string]>([
    ['is open while it has attempts left', { guesses: ['wrong'] }, 0, undefined, 'pending'],
    ['is open up to the millisecond before it expires', {}, 299_999, undefined, 'pending'],
    ['is closed from its expiry on', {}, 300_000, 'expired', 'expired'],
    ['is closed without attempts', { guesses: ['wrong', 'wrong'] }, 0, 'exhausted', 'failed'],
    ['is closed when it was canceled', { ended: 'canceled' }, 0, 'canceled', 'canceled'],
    ['is closed when its SMS failed', { ended: 'failed' }, 0, 'failed', 'failed'],
    ['that is approved is closed', { guesses: ['wrong', 'right'] }, 0, 'already-used', 'approved'],
    [
      'that is approved stays so, whatever came after',
      { guesses: ['right'], ended: 'canceled' },
      1e9,
      'already-used',
      'approved',
    ],
  ])('a record %s, and its status says so', (_, more, afterMs, closed, status) => {
    const verification = record(more);
    expect(closedBecause(verification, nowMs + afterMs)?.kind).toBe(closed);
    expect(isOpen(verification, nowMs + afterMs)).toBe(closed === undefined);
    expect(statusOf(verification, nowMs + afterMs)).toBe(status);
  });
});

describe('a change of a record', () => {
  test.each<[string, Partial<Verification>, Partial<Verification>, string | undefined]>([
    ['let in a right guess', { guesses: ['wrong'] }, { guesses: ['wrong', 'right'] }, 'right'],
    ['let in a wrong guess', {}, { guesses: ['wrong'] }, 'wrong'],
    ['that canceled it let in none', { guesses: ['wrong'] }, { guesses: ['wrong'], ended: 'canceled' }, undefined],
    ['that replaced the code let in none', { guesses: ['wrong'] }, { guesses: ['wrong'], code: 'new' }, undefined],
  ])('a change of a record %s', (_, before, after, guess) => {
    expect(guessLetIn(record(before), record(after))).toBe(guess);
  });
});
