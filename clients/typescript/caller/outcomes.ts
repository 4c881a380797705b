/** Answers of the service, as types: every outcome that a caller has to expect is one member of a union. */

/** Codes of the problems that this version knows. The service may add others. */
export const problemCodes = [
  'invalid-request',
  'invalid-phone-number',
  'unauthorized',
  'forbidden',
  'end-user-not-accepted',
  'source-ip-not-allowed',
  'destination-not-allowed',
  'number-opted-out',
  'number-at-risk',
  'not-found',
  'verification-not-found',
  'method-not-allowed',
  'request-in-progress',
  'code-expired',
  'code-already-used',
  'attempts-exhausted',
  'verification-canceled',
  'delivery-failed',
  'payload-too-large',
  'unsupported-media-type',
  'idempotency-key-reused',
  'resend-too-soon',
  'too-many-requests',
  'destination-suspended',
  'spend-cap-reached',
  'internal-error',
  'sending-stopped',
  'temporarily-unavailable',
] as const;
export type ProblemCode = (typeof problemCodes)[number];

/** A text that may be one of those listed, or one that a later version of the service adds. */
type OneOf<Known extends string> = Known | (string & {});

/** A payment that a code is good for. `amount` is a decimal text with a point, such as `1499.00`. */
export type Transaction = { readonly amount: string; readonly currency: string; readonly payee: string };

/** Fields that a later version of the service adds stay in the object, and can be read by their names. */
type MayHaveMore = { readonly [field: string]: unknown };

/** A verification as the service describes it. Times are RFC 3339 in UTC. */
export type Verification = MayHaveMore & {
  readonly id: string;
  readonly status: OneOf<'pending' | 'approved' | 'expired' | 'canceled' | 'failed'>;
  /** All but the last four digits hidden. `get` answers without it. */
  readonly phoneNumber?: string;
  readonly purpose: string;
  /** `voice` if a call spoke the last code. Absent for an SMS. */
  readonly channel?: OneOf<'voice'>;
  readonly codeLength: number;
  readonly attemptsRemaining: number;
  readonly expiresAt: string;
  readonly resendAvailableAt: string;
  /** The last three come by receipts, if the deployment notes them. */
  readonly delivery: OneOf<'accepted' | 'unconfirmed' | 'delivered' | 'failed' | 'unknown'>;
  /** The reason why the message did not arrive. Only with `failed`. */
  readonly deliveryReason?: OneOf<
    'unreachable' | 'blocked-by-carrier' | 'invalid-number' | 'opted-out' | 'expired' | 'blocked-by-protect'
  >;
  /** The code alone is not enough for the purpose: the SIM may have been swapped. Ask for something else as well. */
  readonly hint?: OneOf<'additional-verification-required'>;
};

/**
 * Any answer that is not a success (RFC 9457).
 *
 * `kind` is the code of the problem, or `unknown-problem` for one that this version does not know. `code` is the code in
 * any case.
 */
export type Problem = {
  readonly kind: ProblemCode | 'unknown-problem';
  readonly code: string;
  readonly status: number;
  readonly title: string;
  /** For developers and staff. Show people a sentence of `messages` instead. */
  readonly detail: string;
  readonly requestId?: string;
  /** Whole seconds to wait before the next try, if the service says so. */
  readonly retryAfterSeconds?: number;
  /** The limit that refused. */
  readonly limit?: string;
  /** The faults of a request, each with a JSON pointer (RFC 6901). */
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
  /** The problem as the service sent it, with fields that this version does not know. */
  readonly body: MayHaveMore;
};

export type Sent = { readonly kind: 'sent'; readonly verification: Verification };
export type Found = { readonly kind: 'found'; readonly verification: Verification };
export type Canceled = { readonly kind: 'canceled' };
/** The code is right. Hand `proof` to your back end. */
export type Approved = {
  readonly kind: 'approved';
  readonly proof: string;
  readonly phoneNumber: string;
  readonly purpose: string;
  readonly approvedAt: string;
  /** The back end will want another proof beside this one, which says `phone_number_verified: false`. */
  readonly hint?: OneOf<'additional-verification-required'>;
};
/** The code is wrong, and attempts are left. */
export type WrongCode = {
  readonly kind: 'wrong-code';
  readonly attemptsRemaining: number;
  readonly expiresAt: string;
};
/** The code is one that a resend replaced. It used no attempt. Ask the person for the newest message. */
export type SupersededCode = Omit<WrongCode, 'kind'> & { readonly kind: 'superseded-code' };

export type RequestOutcome = Sent | Problem;
export type CheckOutcome = Approved | WrongCode | SupersededCode | Problem;
export type ResendOutcome = Sent | Problem;
export type GetOutcome = Found | Problem;
export type CancelOutcome = Canceled | Problem;

/** Why a call has no outcome. */
export type FailureReason =
  /** No connection, a cut one, or no answer in time, also after all retries. */
  | 'no-answer'
  /** An answer that is not the service's: no JSON, or without the fields of the contract. */
  | 'unreadable-answer'
  /** A redirect. The client follows none, since it would take the API key to another place. */
  | 'redirected';

/** A call that has no outcome. It may have had an effect: a code may be on its way. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly reason: FailureReason;
  /** HTTP status of the last answer, if there was one. */
  readonly status: number | undefined;
  /** Give it to the same method with the same input, and the call is repeated without a second effect. */
  readonly idempotencyKey: string | undefined;

  constructor(
    message: string,
    facts: {
      readonly reason: FailureReason;
      readonly status?: number | undefined;
      readonly idempotencyKey?: string | undefined;
      readonly cause?: unknown;
    },
  ) {
    super(message, facts.cause === undefined ? {} : { cause: facts.cause });
    this.reason = facts.reason;
    this.status = facts.status;
    this.idempotencyKey = facts.idempotencyKey;
  }
}
