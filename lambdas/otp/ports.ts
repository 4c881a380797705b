import type { SmsRoute } from '../policy.ts';
import type { AdmissionFacts, RefusedBy, Reservation, Subject } from './limits/admission.ts';
import type { Guard } from './limits/guard.ts';
import type { Pseudonyms } from './number/pseudonyms.ts';
import type { Secret } from './number/secret.ts';
import type { Guess, GuessWrite, Verification } from './record/verification.ts';

/**
 * What the flows ask of the world. An adapter in `lambdas/aws/` and a fake in the tests are factories of these.
 *
 * Every port may throw `Unavailable`: the answer is not known. Expected outcomes are returned.
 */
export type Clock = () => number;

/** The world did not answer, or not in time. Whether it acted is not known unless the port says so. */
export class Unavailable extends Error {
  /** What did not answer: a service and an operation, never an argument. */
  readonly dependency: string;

  constructor(dependency: string, options?: ErrorOptions) {
    super(`${dependency} did not answer. Try again.`, options);
    this.name = 'Unavailable';
    this.dependency = dependency;
  }
}

/** A key that must not be used, or cannot be: switched off, about to be deleted, gone. Waiting does not help; staff do. */
export class KeyRefused extends Unavailable {
  constructor(dependency: string, options?: ErrorOptions) {
    super(dependency, options);
    this.name = 'KeyRefused';
    this.message = `${dependency} was refused. See to the key, and to who may use it.`;
  }
}

/** Codes as KMS sees them: a keyed MAC that no function can turn back. */
export type Codes = {
  /** The generation, one character a–z, under which new codes are made. */
  readonly newest: string;
  readonly knows: (generation: string) => boolean;
  /** @returns base64 of 32 bytes. */
  readonly mac: (generation: string, message: Uint8Array) => Promise<string>;
};

/** Encrypts for a record and opens again; `key` is bound in as encryption context. Base64 in and out of the record. */
export type Seal = { readonly seal: (key: string, text: Secret) => Promise<string> };
export type Unseal = { readonly open: (key: string, sealed: string) => Promise<Secret> };

/** Derived from KMS on first use and kept; a failure is not kept. */
export type PseudonymSource = () => Promise<Pseudonyms>;

export type Idempotency = {
  /** Pseudonym of the application and its key. */
  readonly key: string;
  /** Pseudonym of the request, so that another one under the same key is noticed. */
  readonly body: string;
  /** The generation with which the verification id starts. */
  readonly generation: string;
  /** From it and the key the id is derived, so that a key that is used again later gets another id. */
  readonly salt: string;
  readonly startedAtMs: number;
  /** Whether it is known what became of the SMS. Until then a repeat is not told that it was sent. */
  readonly isSettled: boolean;
  /** Epoch seconds. */
  readonly expiresAt: number;
};

export type SendFacts = AdmissionFacts & { readonly idempotency: Idempotency | undefined };

/**
 * What became of a reservation. `release` gives back what is held: one attempt for each counter, at most once. What is
 * lost on the way errs on the safe side and dies with its window.
 */
export type Reserved = {
  readonly outcome: { readonly kind: 'held' } | RefusedBy | { readonly kind: 'unavailable'; readonly cause: unknown };
  readonly release: () => Promise<void>;
};

/** The counters that many callers share. They stay out of transactions, which would conflict under load. */
export type Counters = {
  /** Takes what a send costs from each counter, or says which one has not enough left. Never throws. */
  readonly reserve: (reservation: Reservation) => Promise<Reserved>;
};

export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** Somebody else's send to the phone came first. `guard` is what they left, where it could be seen. */
  | { readonly kind: 'lost-race'; readonly guard: Guard | undefined }
  /** The same idempotency key came first. */
  | { readonly kind: 'in-progress' };

/** A request that was refused, for those who watch the stream. */
export type Refusal = Subject & {
  /** A request of a test number: nothing to learn from. */
  readonly test?: true | undefined;
  readonly reason: string;
  readonly limit: string | undefined;
  readonly purpose: string;
  readonly atMs: number;
};

export type NewVerification = {
  readonly verification: Verification;
  /** Not for test numbers, which no limit of a phone holds for. */
  readonly guard: Guard | undefined;
  readonly idempotency: Idempotency | undefined;
};

/** Identifies a committed send, so that it can be taken back. */
export type CommittedSend = {
  readonly key: string;
  readonly phoneKey: string;
  readonly sendId: string;
  readonly sentAtMs: number;
  readonly idempotencyKey: string | undefined;
};

/** What a request may do to the tables. */
export type RequestLedger = Counters & {
  /** All at once and consistent; what could not be read is never taken for absent. */
  readonly read: (subject: Subject, idempotencyKey: string | undefined, nowMs: number) => Promise<SendFacts>;
  /** Counts a use of an entry of test numbers, if any is left. Never throws. */
  readonly useTestNumber: (entry: string, uses: number, expiresAt: number) => Promise<Reserved>;
  /** Guard, record and idempotency item: all or none. */
  readonly commit: (send: NewVerification, nowMs: number) => Promise<CommitOutcome>;
  /** Ends the record as failed, gives the send back to the guard, forgets the idempotency key: all, once, or none. */
  readonly rollBack: (send: CommittedSend) => Promise<void>;
  /** Ends the record as failed without giving anything back. */
  readonly endAsFailed: (send: CommittedSend) => Promise<void>;
  readonly markUnconfirmed: (key: string, sendId: string) => Promise<void>;
  /** Notes that it is known what became of the SMS that was asked for under a key. */
  readonly settleKey: (idempotencyKey: string) => Promise<void>;
  /** The record as it is now; notes in it that it was asked for again. */
  readonly touch: (key: string, nowMs: number) => Promise<Verification | undefined>;
  readonly refuse: (refusal: Refusal) => Promise<void>;
};

/** A fresh code in place of the one in the record. */
export type Replacement = {
  readonly before: Verification;
  readonly code: string;
  readonly sendId: string;
  readonly sentAtMs: number;
  readonly resendAtMs: number;
  readonly expiresAt: number;
  /** Not for test numbers. */
  readonly guard: Guard | undefined;
};

/** What a resend may do to the tables. */
export type ResendLedger = Counters & {
  readonly find: (key: string) => Promise<Verification | undefined>;
  readonly readFacts: (subject: Subject, nowMs: number) => Promise<AdmissionFacts>;
  /** Replaces the code if it is still the one that was read, unused and open, and the guard allows: all or none. */
  readonly replace: (
    replacement: Replacement,
    nowMs: number,
  ) => Promise<CommitOutcome | { readonly kind: 'changed'; readonly verification: Verification | undefined }>;
  /** Puts the code before back, unless something has happened since; and gives the send back to the guard, or not. */
  readonly restore: (replacement: Replacement, guard: 'release' | 'keep') => Promise<void>;
  readonly markUnconfirmed: (key: string, sendId: string) => Promise<void>;
  readonly refuse: (refusal: Refusal) => Promise<void>;
};

/** What a check may do: one write, which decides. */
export type CheckLedger = {
  /**
   * Appends the guess if the record is open to it. Safe to repeat with the same nonce; resolves conflicts with a
   * resend by repeating itself.
   */
  readonly append: (key: string, guess: Guess, nowMs: number) => Promise<GuessWrite>;
};

export type CancelLedger = {
  /** Ends the record as canceled unless it is approved or has ended. The record after the write, or as it was. */
  readonly cancel: (key: string, nowMs: number) => Promise<Verification | undefined>;
};

export type Finder = { readonly find: (key: string) => Promise<Verification | undefined> };

export type Sms = {
  readonly phone: Secret;
  readonly text: Secret;
  readonly route: SmsRoute;
  readonly senderId: string | undefined;
  readonly maxPriceUsd: number;
  readonly entityId: string | undefined;
  readonly templateId: string | undefined;
};

export type SmsOutcome =
  | { readonly kind: 'accepted'; readonly messageId: string }
  /** The network did not say whether it took the message. It may arrive. */
  | { readonly kind: 'unconfirmed' }
  /** Surely not sent. */
  | { readonly kind: 'rejected'; readonly reason: SmsRejection };

export type SmsRejection = 'opted-out' | 'throttled' | 'unreachable' | 'refused';

/** Hands one message to the network, at most once. Never throws. */
export type SmsSender = { readonly send: (sms: Sms) => Promise<SmsOutcome> };

/** Signs with ES256. @returns the 64 bytes r‖s. */
export type Signer = { readonly keyId: string; readonly sign: (input: Uint8Array) => Promise<Uint8Array> };

/** The public half of the proof key, as a JWK without `kid`. */
export type ProofKey = { readonly keyId: string; readonly publicJwk: () => Promise<Record<string, unknown>> };

/** Things worth counting that no caller is told. */
export type Watch = {
  /** A dependency failed; the flow went on or answers 503. */
  readonly dependencyFailed: (step: string, cause: unknown) => void;
  /** A send that surely failed could not be taken back: the phone waits a cooldown longer than it should. */
  readonly compensationFailed: (step: string, cause: unknown) => void;
};
