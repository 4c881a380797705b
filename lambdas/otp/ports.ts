import type { ProofAlgorithm } from '../contract.ts';
import type { Sealing, SmsRoute, SpokenText, VoiceRoute } from '../policy.ts';
import type { AdmissionFacts } from './limits/admission.ts';
import type { Guard } from './limits/guard.ts';
import type { NoteShare } from './limits/refusal.ts';
import type { Exceeded, Reservation } from './limits/reservation.ts';
import type { StopFacts } from './limits/stops.ts';
import type { Pseudonyms } from './number/pseudonyms.ts';
import type { Secret } from './number/secret.ts';
import type { Delivery, Guess, RecordWrite, Verification } from './record/verification.ts';
import type { RiskNote } from './risk/decide.ts';
import type { RiskAnswer, RiskFacts } from './risk/ports.ts';
import type { SendTime } from './sending/send-time.ts';
import type { Subject } from './subject.ts';

// The ports of the flows. Each has an adapter in `lambdas/aws/` and a fake in `test/fakes/`. Expected outcomes are returned.
// A call may throw `Unavailable`, unless its comment says that it never throws.

/** @returns epoch milliseconds. */
export type Clock = () => number;

/** A dependency did not answer in time. It may have acted, unless the port says otherwise. */
export class Unavailable extends Error {
  /** A service and an operation, such as `KMS Sign`. Never an argument. */
  readonly dependency: string;

  constructor(dependency: string, options?: ErrorOptions) {
    super(`${dependency} did not answer. Try again.`, options);
    this.name = 'Unavailable';
    this.dependency = dependency;
  }
}

/** A key is disabled, deleted, or forbidden to the function. Only staff can mend that; waiting does not help. */
export class KeyRefused extends Unavailable {
  constructor(dependency: string, options?: ErrorOptions) {
    super(dependency, options);
    this.name = 'KeyRefused';
    this.message = `${dependency} was refused. Check that the key is enabled and that its policy allows this function.`;
  }
}

/** Keyed MACs of codes and guesses. No function can turn one back. */
export type Codes = {
  /** The generation of new codes, one character a–z. */
  readonly newest: string;
  readonly knows: (generation: string) => boolean;
  /** @returns base64 of 32 bytes. */
  readonly mac: (generation: string, message: Uint8Array) => Promise<string>;
};

/** Encrypts a text for a record. It opens for the record with this key only. */
export type Seal = { readonly seal: (key: string, text: Secret, sealing: Sealing) => Promise<string> };
/** Opens what `Seal` made, of either kind. */
export type Unseal = { readonly open: (key: string, sealed: string) => Promise<Secret> };

/** Asks KMS on the first call and keeps the answer. It does not keep a failure. */
export type PseudonymSource = () => Promise<Pseudonyms>;

export type Idempotency = {
  /** Keyed hash of the application and its key. */
  readonly key: string;
  /** Keyed hash of the request, so that another request with the same key is noticed. */
  readonly body: string;
  /** The first character of the verification id. */
  readonly generation: string;
  /** The id is derived from it and the key, so that a key that is used again later gets another id. */
  readonly salt: string;
  readonly startedAtMs: number;
  /** Whether the outcome of the SMS is known. Until then no repeat says that it was sent. */
  readonly isSettled: boolean;
  /** Epoch seconds. */
  readonly expiresAt: number;
};

/** What was read of the SIM, for a purpose that minds. */
type SimFacts = { readonly risk?: RiskFacts | undefined };

export type SendFacts = AdmissionFacts & StopFacts & SimFacts & { readonly idempotency: Idempotency | undefined };

/** Facts that few sends need, so that the others read fewer keys. */
export type Wanted = {
  /** What the application has spent: it has caps of its own. */
  readonly hasOwnCaps?: boolean;
  /** What is known of the SIM: the purpose minds. */
  readonly mindsRisk?: boolean;
};

/** The answer to a reservation. */
export type Reserved = {
  readonly outcome:
    | { readonly kind: 'held' }
    /** Facts, not a refusal: which counters the send exceeds. At least one. */
    | { readonly kind: 'exceeded'; readonly counters: readonly Exceeded[] }
    | { readonly kind: 'unavailable'; readonly cause: unknown };
  /**
   * Releases each counter that is held, by one attempt. A failed attempt leaves the counter too high until its window
   * ends, which is the safe side.
   *
   * The price of a look-up stays.
   *
   * @param kept the counter of the IP, if the send is to count there.
   */
  readonly release: (kept?: 'ip') => Promise<void>;
};

/** The counters that many callers share. They stay out of transactions, which would conflict under load (ADR 20). */
export type Counters = {
  /** Takes the send's share of each counter that it does not exceed. Never throws. */
  readonly reserve: (reservation: Reservation) => Promise<Reserved>;
};

export type CommitOutcome =
  | { readonly kind: 'committed' }
  /** Another send to the number came first. `guard` is what it left, if the answer showed it. */
  | { readonly kind: 'lost-race'; readonly guard: Guard | undefined }
  /** Another request with the same idempotency key came first. */
  | { readonly kind: 'in-progress' };

/** A request that was refused, as the stream shows it. */
export type Refusal = Subject & {
  /** A test number's, which the detector ignores. */
  readonly test?: true | undefined;
  readonly reason: string;
  readonly limit: string | undefined;
  readonly purpose: string;
  readonly atMs: number;
};

export type NewVerification = {
  readonly verification: Verification;
  /** `undefined` for test numbers, which have no guard. */
  readonly guard: Guard | undefined;
  readonly idempotency: Idempotency | undefined;
};

/** Identifies a committed send, so that it can be rolled back. */
export type CommittedSend = {
  readonly key: string;
  readonly phoneKey: string;
  readonly sendId: string;
  readonly sentAtMs: number;
  readonly idempotencyKey: string | undefined;
};

/** Notes for the stream that sends were refused. */
export type RefusalNotes = {
  /** Takes the note's share of the rate of its IP, by one write. @returns whether there was one left. */
  readonly takeNote: (share: NoteShare) => Promise<boolean>;
  readonly noteRefusal: (refusal: Refusal) => Promise<void>;
};

/** Notes about a send after it, unless a later send has come. */
export type SendNotes = {
  readonly markUnconfirmed: (key: string, sendId: string) => Promise<void>;
  /** Notes that another route than the planned one took the message, because others surely failed. */
  readonly noteRoute: (key: string, sendId: string, taken: TakenRoute) => Promise<void>;
  /**
   * Notes what is known of the SIM, in a record that has not ended. A resend notes nothing in one that was approved either.
   *
   * @returns whether the note was taken.
   */
  readonly noteRisk: (key: string, sendId: string, note: RiskNote) => Promise<boolean>;
};

export type TakenRoute = {
  readonly route: string;
  /** Names of all routes that failed for the verification. */
  readonly failedRoutes: readonly string[];
};

/** What a request may do to the tables. */
export type RequestLedger = Counters &
  RefusalNotes &
  SendNotes & {
    /**
     * One consistent read. An item that could not be read is never taken for absent.
     */
    readonly read: (
      subject: Subject,
      idempotencyKey: string | undefined,
      nowMs: number,
      wanted?: Wanted,
    ) => Promise<SendFacts>;
    /** Takes a probe of each restriction that the send passes, and the one of its network. Never throws. */
    readonly takeProbes: (reservation: Reservation) => Promise<Reserved>;
    /** Counts one use of an entry of test numbers, if one is left. Never throws. */
    readonly useTestNumber: (entry: string, uses: number, expiresAt: number) => Promise<Reserved>;
    /** Guard, record and idempotency item: all or none. */
    readonly commit: (send: NewVerification, nowMs: number) => Promise<CommitOutcome>;
    /** Ends the record as failed, takes the send off the guard, deletes the idempotency item: all, once, or none. */
    readonly rollBack: (send: CommittedSend) => Promise<void>;
    /** Ends the record as failed and deletes the idempotency item. The send stays on the guard. */
    readonly endAsFailed: (send: CommittedSend) => Promise<void>;
    /** Keeps what a provider said of a number, for the requests of the next minutes. */
    readonly keepRisk: (phoneKey: string, answer: RiskAnswer, askedAtMs: number) => Promise<void>;
    /** Notes that the outcome of the SMS is known. */
    readonly settleKey: (idempotencyKey: string) => Promise<void>;
    /** The record as it is now, from the write that notes that it was asked for again (ADR 5). */
    readonly touch: (key: string, nowMs: number) => Promise<Verification | undefined>;
    /** Theoretical arrival time of the refusals of an IP that are noted: the one fact of a send to nowhere. */
    readonly readRefusedTatMs: (ip: string) => Promise<number>;
  };

/** A fresh code in place of the one in the record. */
export type Replacement = {
  readonly before: Verification;
  readonly code: string;
  /** Without it, the code goes out by SMS. */
  readonly channel?: 'voice' | undefined;
  readonly sendId: string;
  readonly sentAtMs: number;
  readonly resendAtMs: number;
  readonly expiresAt: number;
  /** `undefined` for test numbers. */
  readonly guard: Guard | undefined;
  /** Name of the route that the message is planned for. `undefined`: none, or a test number. */
  readonly route: string | undefined;
  /** Names of all routes that failed, if a receipt told of another. Its receipt is worth nothing after this send. */
  readonly failedRoutes?: readonly string[] | undefined;
  /** What came to be known of the SIM since the record was made. */
  readonly risk?: RiskNote | undefined;
  /** MAC of the code that is superseded by it, in a list. Empty if the code stays. */
  readonly superseded: readonly string[];
  /** Remembers the resend, if it has an idempotency key. It is settled once the outcome of the SMS is known. */
  readonly idempotency:
    | {
        readonly nonce: string;
        /** Nonces of the same key. If the record has one of them, the key is used. */
        readonly others?: readonly string[];
        readonly isSettled: boolean;
      }
    | undefined;
};

/** What a resend may do to the tables. */
export type ResendLedger = Counters &
  RefusalNotes &
  SendNotes & {
    readonly find: (key: string) => Promise<Verification | undefined>;
    readonly readFacts: (
      subject: Subject,
      nowMs: number,
      wanted?: Wanted,
    ) => Promise<AdmissionFacts & StopFacts & SimFacts>;
    /**
     * Replaces the code, which is superseded from then on, and writes the guard: both or none. Only if the record is open
     * and both are as they were read, and holds no such nonce.
     */
    readonly replace: (
      replacement: Replacement,
      nowMs: number,
    ) => Promise<CommitOutcome | { readonly kind: 'changed'; readonly verification: Verification | undefined }>;
    /**
     * Restores the last code, which is not superseded then, unless the record changed since, and releases or keeps the send
     * on the guard. Forgets the nonce in any case, unless a later send has come.
     */
    readonly restore: (replacement: Replacement, guard: 'release' | 'keep') => Promise<void>;
    /** Notes the outcome of a resend with an idempotency key, unless a later send has come. One write. */
    readonly settleResend: (key: string, sendId: string, delivery: Delivery) => Promise<void>;
  };

/** What a check may do to the tables: one write, which decides (ADR 1). */
export type CheckLedger = {
  /** Appends the guess if the record is open to it. Safe to repeat with the same nonce. */
  readonly append: (key: string, guess: Guess, nowMs: number) => Promise<RecordWrite>;
};

export type CancelLedger = {
  /** Ends the record as canceled if it is open. @returns the record after that, or the record that was not open. */
  readonly cancel: (key: string, nowMs: number) => Promise<Verification | undefined>;
};

export type Finder = { readonly find: (key: string) => Promise<Verification | undefined> };

/** One message, for one route. */
export type Sms = {
  readonly phone: Secret;
  readonly text: Secret;
  /** For a sender whose texts are not ours. */
  readonly code: Secret;
  /** The language of `text`, or of the template of AWS (BCP 47). */
  readonly locale: string;
  readonly route: SmsRoute;
  readonly country: string;
  /** A message that comes after its code is worth nothing. Each try asks again how much time is left. */
  readonly time: SendTime;
  /** Comes back in receipts. Nothing personal: the record's key, which is a hash, and the name of the send within it. */
  readonly context: { readonly verification: string; readonly send: string };
  /** AWS waits to hear whether the code was used. */
  readonly hasFeedback?: boolean;
  readonly senderId: string | undefined;
  /** Of the whole message, with all its parts. */
  readonly maxPriceUsd: number;
  /** The price that the caps count for the message. */
  readonly estimate: { readonly microUsd: number; readonly parts: number };
  readonly entityId: string | undefined;
  readonly templateId: string | undefined;
};

export type SmsOutcome =
  | { readonly kind: 'accepted'; readonly messageId: string }
  /** The network did not answer. The message may arrive. */
  | { readonly kind: 'unconfirmed' }
  /** Surely not sent. */
  | { readonly kind: 'rejected'; readonly reason: SmsRejection };

/**
 * The reason why a message was surely not sent. All but the first three of a sender that tells reasons, which SNS does not (ADR 54).
 *
 * - `throttled`, `unreachable`: another try may succeed. `refused`: the call was wrong, or forbidden.
 * - `opted-out`: no other route may be tried.
 * - `number-blocked`: staff have blocked this very number in a Protect configuration. No other route may be tried.
 * - `not-verified`: the account is in the sandbox, and the number is not on its list.
 * - `blocked-by-protect`: a Protect configuration blocks the country.
 * - `over-price`: the message costs more than its maximum price.
 * - `spend-limit`: the account, or Notify, has spent its limit of the month.
 * - `daily-limit`: Notify has sent all messages of the day. `number-limit`: it has sent all of the day to this number.
 * - `no-identity`: no number or sender id can send to that country.
 * - `account-refused`: the account, its role or a thing of the settings may not send until staff mend it.
 */
export type SmsRejection =
  | 'throttled'
  | 'unreachable'
  | 'refused'
  | 'opted-out'
  | 'number-blocked'
  | 'not-verified'
  | 'blocked-by-protect'
  | 'over-price'
  | 'spend-limit'
  | 'daily-limit'
  | 'number-limit'
  | 'no-identity'
  | 'account-refused';

/** Hands one message to the SMS network, at most once. Never throws. */
export type SmsSender = { readonly send: (sms: Sms) => Promise<SmsOutcome> };

/** One call, for one route. */
export type VoiceMessage = Pick<
  Sms,
  'phone' | 'code' | 'country' | 'time' | 'context' | 'hasFeedback' | 'maxPriceUsd'
> & {
  readonly brand: string;
  /** Languages (BCP 47) to speak, the best first. */
  readonly locales: readonly string[];
  /** For a sender that speaks a text of ours. */
  readonly texts: readonly SpokenText[];
  readonly route: VoiceRoute;
  /** The price of a call in micro-USD. It has one part. */
  readonly estimate: { readonly microUsd: number; readonly parts: 1 };
};

/** Hands one call to the network, at most once. Never throws. */
export type VoiceSender = { readonly send: (call: VoiceMessage) => Promise<SmsOutcome> };

/** Signs proofs. @returns the signature as JWS has it: 64 bytes r‖s for ES256, 256 bytes for RS256. */
export type Signer = {
  readonly keyId: string;
  readonly algorithm: ProofAlgorithm;
  readonly sign: (input: Uint8Array) => Promise<Uint8Array>;
};

/** The public half of the proof key, as a JWK with the `alg` that the key is for, and without `kid`. */
export type ProofKey = { readonly keyId: string; readonly publicJwk: () => Promise<Record<string, unknown>> };

/** What staff learn, and callers do not. */
export type Watch = {
  /** A dependency failed. The flow went on, or answers 503. */
  readonly dependencyFailed: (step: string, cause: unknown) => void;
  /** A send that surely failed could not be rolled back. The number waits one cooldown longer than it should. */
  readonly compensationFailed: (step: string, cause: unknown) => void;
};
