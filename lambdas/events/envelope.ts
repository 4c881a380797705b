import * as v from 'valibot';
import { stepUpHint } from '../contract.ts';
import { deliveryReasons } from '../otp/receipts/receipt.ts';
import { channels, type eventTypes } from '../policy.ts';

/** Reasons why a verification failed, or a message of it. */
const failureReasons = [
  /** No code went out: no route took the message, or the request was refused after its record was written. */
  'send-failed',
  /** A receipt says that the message did not arrive. The verification is still pending, and a resend may arrive. */
  'not-delivered',
  /** The last attempt was used up by a wrong code. */
  'attempts-exhausted',
] as const;
export type FailureReason = (typeof failureReasons)[number];

/** Reasons of refusals: the problem codes that callers of the API get. None says which limit or block it was. */
const refusalReasons = [
  'resend-too-soon',
  'too-many-requests',
  'destination-suspended',
  'destination-not-allowed',
  'spend-cap-reached',
  'number-at-risk',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** https://www.iso.org/iso-3166-country-codes.html */
const country = v.pipe(v.string(), v.regex(/^[A-Z]{2}$/));
/** SHA-256 in base64url. */
const verification = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/));

const ofAll = {
  application: v.string(),
  purpose: v.string(),
  country,
  /** Of a test number. */
  test: v.optional(v.literal(true)),
};
const ofVerification = { ...ofAll, verification, channel: v.picklist(channels) };
/** Of an approval whose proof is not enough for the purpose. */
const hint = v.optional(v.literal(stepUpHint));

const event = <Type extends string, Data extends v.ObjectEntries>(type: Type, data: Data) =>
  v.strictObject({
    /** The same for each repetition of an event. */
    id: v.pipe(v.string(), v.regex(/^evt_[A-Za-z0-9_-]{27}$/)),
    type: v.literal(type),
    /** RFC 3339, UTC: when it happened. */
    timestamp: v.pipe(v.string(), v.isoTimestamp()),
    data: v.strictObject(data),
  });

/** The envelope of each event. docs/openapi.json has the same schemas. */
export const envelopes = {
  'verification.requested': event('verification.requested', { ...ofVerification, status: v.literal('pending') }),
  'verification.delivered': event('verification.delivered', {
    ...ofVerification,
    // Unknown of a message that a resend has replaced.
    channel: v.optional(v.picklist(channels)),
    status: v.picklist(['pending', 'approved', 'expired', 'canceled', 'failed']),
    hint,
  }),
  'verification.failed': event('verification.failed', {
    ...ofVerification,
    channel: v.optional(v.picklist(channels)),
    status: v.picklist(['pending', 'approved', 'expired', 'canceled', 'failed']),
    hint,
    reason: v.picklist(failureReasons),
    /** As a look-up of the verification says it. */
    deliveryReason: v.optional(v.picklist(deliveryReasons)),
  }),
  'verification.approved': event('verification.approved', { ...ofVerification, status: v.literal('approved'), hint }),
  'verification.refused': event('verification.refused', {
    ...ofAll,
    status: v.literal('refused'),
    reason: v.picklist(refusalReasons),
  }),
} as const satisfies Record<(typeof eventTypes)[number], unknown>;

/** An event as its consumers get it. It has no code, no number, and no hash of a number or an IP. */
export type VerificationEvent = v.InferOutput<(typeof envelopes)[keyof typeof envelopes]>;
