import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { RefusedSend } from '../../bursts/counts/events.ts';
import {
  itemKinds,
  messageAttributes,
  receiptAttributes,
  refusalAttributes,
  riskAttributes,
  subjectAttributes,
} from '../../contract.ts';
import type { Refusal } from '../../otp/ports.ts';
import type { Verification } from '../../otp/record/verification.ts';
import type { RiskNote } from '../../otp/risk/decide.ts';
import { subjectOf } from '../../otp/subject.ts';
import { type Item, values } from '../dynamo/items.ts';

/**
 * The attributes of each kind of item, beside the key and the TTL attribute. Times are epoch milliseconds, except
 * `expiresAt`, `latestExpiry` and `purgeAt`: epoch seconds.
 */
export const verificationsAttributes = {
  record: [
    'kind',
    'shape',
    'code',
    'superseded',
    'codeLength',
    'hasTransaction',
    'maxAttempts',
    'guesses',
    'nonces',
    'guessedAt',
    'sealed',
    ...subjectAttributes,
    'purpose',
    'createdAt',
    'sentAt',
    'channel',
    'sendId',
    'resendAt',
    'expiresAt',
    'latestExpiry',
    'sends',
    'delivery',
    'route',
    'failedRoutes',
    'resendNonces',
    'unsettledResend',
    'ended',
    'trusted',
    'trustedIp',
    'pair',
    'sincePreviousSendMs',
    'sinceFirstSendMs',
    'probes',
    ...riskAttributes,
    'askedAgainAt',
    'test',
  ],
  refusal: refusalAttributes,
  receipt: receiptAttributes,
  message: messageAttributes,
} as const satisfies Record<keyof typeof itemKinds.verifications, readonly string[]>;

type Attributes<Kind extends keyof typeof verificationsAttributes> = Readonly<
  Partial<Record<(typeof verificationsAttributes)[Kind][number] | 'pk' | 'purgeAt', unknown>>
>;

/** Version of the shape of records and refusals, for those who read the stream. */
export const shape = 1;

/**
 * A ciphertext in base64 is kept as bytes, which are a quarter shorter: so a record with a guess or two takes one KB. Empty lists
 * are left out.
 */
export const verificationItem = (verification: Verification): Item => {
  const {
    key,
    guessedAtMs,
    createdAtMs,
    sentAtMs,
    resendAtMs,
    sealed,
    superseded,
    resendNonces,
    swappedAtMs,
    ...rest
  } = verification;
  return values({
    pk: key,
    kind: 'verification',
    shape,
    ...rest,
    sealed: bytesIfBase64(sealed),
    ...(superseded.length === 0 ? {} : { superseded }),
    ...(resendNonces.length === 0 ? {} : { resendNonces }),
    guessedAt: guessedAtMs,
    createdAt: createdAtMs,
    sentAt: sentAtMs,
    resendAt: resendAtMs,
    swappedAt: swappedAtMs,
  } satisfies Attributes<'record'>);
};

const bytesIfBase64 = (text: string): Uint8Array | string => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : text;
};

/** Reads a record; the only place that trusts what a table holds to be what `verificationItem` wrote. */
export const readVerification = (item: Item | undefined): Verification | undefined => {
  if (item === undefined) return undefined;
  const {
    pk,
    guessedAt,
    createdAt,
    sentAt,
    resendAt,
    swappedAt,
    sealed,
    kind: _,
    shape: __,
    ...rest
  } = unmarshall(item);
  // Records from before resends were remembered have neither list, and older ones have no network.
  const { superseded = [], resendNonces = [], network = rest['ip'] } = rest;
  return {
    ...rest,
    network,
    superseded,
    resendNonces,
    // A stream has bytes in base64. Records from before ADR 104 have text.
    sealed: typeof sealed === 'string' ? sealed : Buffer.from(sealed).toString('base64'),
    key: pk,
    guessedAtMs: guessedAt,
    createdAtMs: createdAt,
    sentAtMs: sentAt,
    resendAtMs: resendAt,
    ...(swappedAt === undefined ? {} : { swappedAtMs: swappedAt }),
  } as Verification;
};

/** What a record says when a write is to hold. `statusOf` and `closedBecause` of `otp/record/` say the same of one that was read. */
export const notExpired = 'expiresAt > :now';
export const notEnded = 'attribute_not_exists(ended)';
export const hasAttemptsLeft = 'size(guesses) < maxAttempts';
/** No guess was right so far. */
export const notApproved = 'NOT contains(guesses, code)';
/** The record takes guesses, a resend and a cancel. */
export const isOpen = [notExpired, notEnded, hasAttemptsLeft, notApproved].join(' AND ');
/** What `isOpen` is compared with. */
export const openAt = (nowMs: number) => ({ ':now': Math.floor(nowMs / 1000) });
/** No other send came after that one. */
export const isOfSend = 'sendId = :sendId';

/** The parts of an update that say what is known of the SIM. What a record says already, and the note does not, stays. */
export const noteOfRisk = ({
  risk,
  swappedAtMs,
  swappedWithinHours,
  stepUp,
}: RiskNote): { readonly sets: readonly string[]; readonly values: Readonly<Record<string, unknown>> } => {
  const known = Object.entries({ risk, swappedAt: swappedAtMs, swappedWithinHours, stepUp }).filter(
    ([, value]) => value !== undefined,
  );
  return {
    sets: known.map(([name]) => `${name} = :${name}`),
    values: Object.fromEntries(known.map(([name, value]) => [`:${name}`, value])),
  };
};

/** How long the stream's readers have for a refusal before DynamoDB may delete it, in seconds. */
export const refusalLifetimeSeconds = 3600;

export const refusalItem = ({ atMs, ...rest }: Refusal, id: string): Item =>
  values({
    pk: `${itemKinds.verifications.refusal.pk}${id}`,
    kind: 'refusal',
    shape,
    ...rest,
    at: atMs,
    purgeAt: Math.floor(atMs / 1000) + refusalLifetimeSeconds,
  } satisfies Attributes<'refusal'>);

export const readRefusal = (item: Item): RefusedSend => {
  const { phoneKey, range, prefix, country, ip, application, sharedIp, ...rest } = unmarshall(item);
  const { network = ip, purpose, reason, limit, at, test } = rest;
  return {
    subject: subjectOf({ phoneKey, range, prefix, country, ip, network, application, sharedIp }),
    purpose,
    reason,
    limit,
    atMs: at,
    test: test === true,
  };
};
