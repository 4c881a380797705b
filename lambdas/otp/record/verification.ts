import { timingSafeEqual } from 'node:crypto';
import type { Channel, HeldLevel } from '../../policy.ts';
import type { RiskNote } from '../risk/decide.ts';
import type { Transaction } from './code.ts';

/** A verification as its record holds it. MACs and ciphertext are base64; `…Ms` epoch milliseconds. */
export type Verification = {
  /** SHA-256 of the verification id. */
  readonly key: string;
  /** MAC of the live code. */
  readonly code: string;
  /** MACs of the codes that resends replaced, in order. They can never be the live code again, except by a roll-back. */
  readonly superseded: readonly string[];
  readonly codeLength: number;
  /** Whether the code is for a transaction, which a check must then name. */
  readonly hasTransaction: boolean;
  readonly maxAttempts: number;
  /** MACs of the guesses that were let in, in order. */
  readonly guesses: readonly string[];
  /** One per guess, so that a repeated check is recognized. */
  readonly nonces: readonly string[];
  /** When the last guess was let in. No guess follows the right one, so this is then the time of approval. */
  readonly guessedAtMs?: number | undefined;
  /** KMS ciphertext of `Sealed`. */
  readonly sealed: string;
  readonly phoneKey: string;
  readonly range: string;
  readonly prefix: string;
  readonly country: string;
  readonly ip: string;
  readonly network: string;
  readonly application: string;
  /** The IP is that of a back end, for all of its users. */
  readonly sharedIp?: true | undefined;
  readonly purpose: string;
  readonly createdAtMs: number;
  /** When the last SMS, or call, was handed to the network. */
  readonly sentAtMs: number;
  /** How the live code went out. Without it, by SMS. */
  readonly channel?: Channel | undefined;
  /** Names the last send, the only one that can be rolled back. */
  readonly sendId: string;
  /** The next SMS is allowed from then on, as of the last send. */
  readonly resendAtMs: number;
  /** Epoch seconds. The code is good before this second. */
  readonly expiresAt: number;
  /** Epoch seconds. No resend moves the expiry beyond it. */
  readonly latestExpiry: number;
  /** Epoch seconds. DynamoDB may delete the record from then on. */
  readonly purgeAt: number;
  /** SMS sent for this verification, the first included. */
  readonly sends: number;
  readonly delivery: Delivery;
  /** Name of the route of the last send. Records from before routes had names, and those of test numbers, have none. */
  readonly route?: string | undefined;
  /** Names of routes that surely failed for a message that another route took. */
  readonly failedRoutes?: readonly string[] | undefined;
  /** One per resend with an idempotency key, so that a repeated resend is recognized. */
  readonly resendNonces: readonly string[];
  /** Nonce of the last resend while the outcome of its SMS is not known. A resend without a key has none. */
  readonly unsettledResend?: string | undefined;
  readonly ended?: 'canceled' | 'failed' | undefined;
  /** The number had verified within 90 days when it asked. */
  readonly trusted?: true | undefined;
  /** The IP was trusted when it asked. */
  readonly trustedIp?: true | undefined;
  /** The number had verified from this network when it asked. */
  readonly pair?: true | undefined;
  /** Milliseconds since the last send to the number that no approval had freed. None: there was none within 24 hours. */
  readonly sincePreviousSendMs?: number | undefined;
  /** The same since the first such send of the last six hours. */
  readonly sinceFirstSendMs?: number | undefined;
  /** The levels of the restrictions that it passed as a probe. */
  readonly probes?: readonly HeldLevel[] | undefined;
  /** Of a test number, which gets no SMS and which the detector ignores. */
  readonly test?: true | undefined;
} & Partial<RiskNote>;

export type Delivery = 'accepted' | 'unconfirmed';

/** What is encrypted in a record: what the proof and a resend need. */
export type Sealed = {
  /** E.164. */
  readonly phone: string;
  /** The number as the caller who gave it may see it. */
  readonly masked: string;
  readonly purpose: string;
  readonly locale?: string | undefined;
  readonly transaction?: Transaction | undefined;
  readonly appHash?: string | undefined;
  readonly origin?: string | undefined;
  readonly test?: true | undefined;
};

export type Status = 'pending' | 'approved' | 'expired' | 'canceled' | 'failed';

/** Approved outranks every other state, so that an approval is never taken away. */
export const statusOf = (verification: Verification, nowMs: number): Status => {
  if (isApproved(verification)) return 'approved';
  if (verification.ended !== undefined) return verification.ended;
  if (attemptsRemaining(verification) === 0) return 'failed';
  return isExpired(verification, nowMs) ? 'expired' : 'pending';
};

export const isExpired = ({ expiresAt }: Verification, nowMs: number): boolean => nowMs >= expiresAt * 1000;

export const isApproved = ({ guesses, code }: Verification): boolean => includesMac(guesses, code);

/** Whether a guess equals a code that a resend replaced. */
export const isSuperseded = ({ superseded }: Verification, mac: string): boolean => includesMac(superseded, mac);

export const attemptsRemaining = ({ maxAttempts, guesses }: Verification): number =>
  Math.max(0, maxAttempts - guesses.length);

/** Compares with all of them, in a time that does not depend on which one it is. */
export const includesMac = (macs: readonly string[], mac: string): boolean =>
  macs.reduce((found, each) => sameMac(each, mac) || found, false);

/** Compares in a time that does not depend on where the texts differ. */
export const sameMac = (a: string, b: string): boolean => {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
};

/** Why a verification takes no more guesses and no resend. */
export type Closed = {
  readonly kind: 'unknown' | 'already-used' | 'canceled' | 'failed' | 'exhausted' | 'expired';
};

/** The reason why a verification is closed, the weightiest first; `undefined` while it is open. */
export const closedBecause = (verification: Verification | undefined, nowMs: number): Closed | undefined => {
  if (verification === undefined) return { kind: 'unknown' };
  if (isApproved(verification)) return { kind: 'already-used' };
  if (verification.ended !== undefined) return { kind: verification.ended };
  if (attemptsRemaining(verification) === 0) return { kind: 'exhausted' };
  if (isExpired(verification, nowMs)) return { kind: 'expired' };
  return undefined;
};

/** Whether a record takes guesses, a resend and a cancellation. The stores ask the same of DynamoDB. */
export const isOpen = (verification: Verification, nowMs: number): boolean =>
  closedBecause(verification, nowMs) === undefined;

/** The guess that a change of a record let in: right or wrong. `undefined`: it let in none. */
export const guessLetIn = (before: Verification, after: Verification): 'right' | 'wrong' | undefined => {
  if (after.guesses.length <= before.guesses.length) return undefined;
  return sameMac(after.guesses.at(-1) ?? '', after.code) ? 'right' : 'wrong';
};

/** A guess as it is offered to a record. */
export type Guess = {
  /** MAC of the guessed code. */
  readonly mac: string;
  /** Names the check. The same check, repeated, has the same nonce. */
  readonly nonce: string;
  readonly codeLength: number;
  readonly hasTransaction: boolean;
};

/** The answer to a write that decides: the record after it, or the record whose conditions did not hold. */
export type RecordWrite =
  | { readonly kind: 'written'; readonly verification: Verification }
  | { readonly kind: 'refused'; readonly verification: Verification | undefined };

export type Verdict =
  | { readonly kind: 'approved'; readonly verification: Verification; readonly approvedAtMs: number }
  /** `superseded`: a code that a resend replaced, which costs no attempt. */
  | { readonly kind: 'wrong' | 'superseded'; readonly attemptsRemaining: number; readonly expiresAt: number }
  | { readonly kind: 'key-reused' }
  | { readonly kind: 'wrong-length'; readonly codeLength: number }
  | { readonly kind: 'transaction-missing' }
  | { readonly kind: 'transaction-unexpected' }
  | Closed;

/**
 * The answer to a guess, from the record and the check's own nonce.
 *
 * A nonce in the record belongs to a guess that was let in, now or before, and repeats the first answer. Without it the
 * record was closed to the guess, and the live code was compared with nothing. A code that a resend replaced is compared
 * with the replaced ones only, and before the form: its person read it off a real SMS (ADR 44).
 */
export const judge = (write: RecordWrite, guess: Guess, nowMs: number): Verdict => {
  const { verification } = write;
  if (verification === undefined) return { kind: 'unknown' };
  const position = verification.nonces.indexOf(guess.nonce);
  if (position >= 0) return answerAt(verification, position, guess);
  const closed = closedBecause(verification, nowMs);
  if (closed !== undefined) return closed;
  if (isSuperseded(verification, guess.mac)) {
    const { expiresAt } = verification;
    return { kind: 'superseded', attemptsRemaining: attemptsRemaining(verification), expiresAt };
  }
  if (verification.hasTransaction && !guess.hasTransaction) return { kind: 'transaction-missing' };
  if (!verification.hasTransaction && guess.hasTransaction) return { kind: 'transaction-unexpected' };
  if (verification.codeLength !== guess.codeLength) {
    return { kind: 'wrong-length', codeLength: verification.codeLength };
  }
  throw new Error('A guess was refused by a record that is open to it. This is a bug: please report it.');
};

const answerAt = (verification: Verification, position: number, guess: Guess): Verdict => {
  const first = verification.guesses[position] ?? '';
  if (!sameMac(first, guess.mac)) return { kind: 'key-reused' };
  if (sameMac(first, verification.code)) {
    return { kind: 'approved', verification, approvedAtMs: verification.guessedAtMs ?? verification.createdAtMs };
  }
  const remaining = verification.maxAttempts - position - 1;
  if (remaining <= 0) return { kind: 'exhausted' };
  return { kind: 'wrong', attemptsRemaining: remaining, expiresAt: verification.expiresAt };
};
