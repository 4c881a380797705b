import { type Policy, sealingOf } from '../../policy.ts';
import type { AdmissionFacts } from '../limits/admission.ts';
import { type Guard, nextSendByAny, sinceSends } from '../limits/guard.ts';
import { maxAttemptsFor } from '../limits/reputation.ts';
import { trustOf } from '../limits/trust.ts';
import { recordKey } from '../number/pseudonyms.ts';
import { secret } from '../number/secret.ts';
import type { Idempotency, NewVerification } from '../ports.ts';
import { boundTo, codeMessage, drawCode, nameWithinRecord } from '../record/code.ts';
import type { Sealed } from '../record/verification.ts';
import { maxDigitsTo, nothingTried } from '../sending/routes.ts';
import { plannedRoute } from '../sending/sms.ts';
import { type Draft, messageOf, type RequestContext, type SendRequest } from './context.ts';
import { committedNoteOf, type Minded } from './risk.ts';

type Undrafted = Omit<RequestContext, 'draft'>;

/** Draws the code and the ids of a verification. With an idempotency key the id is derived, not drawn (ADR 4). */
export const draftOf = (context: Undrafted): Draft => {
  const { ports, policy, pseudonyms, request, test } = context;
  const { application, idempotencyKey } = request;
  const salt = ports.randomId();
  const rest = idempotencyKey === undefined ? salt : pseudonyms.verificationId(application, idempotencyKey, salt);
  const id = `${ports.codes.newest}${rest}`;
  return {
    id,
    key: recordKey(application, id),
    sendId: nameWithinRecord(ports.randomId()),
    code: test === undefined ? drawCode(policy.code.digits, ports.draw) : secret(test.code),
    idempotency: idempotencyKey === undefined ? undefined : idempotencyOf(context, idempotencyKey, salt),
  };
};

const idempotencyOf = (
  { ports, policy, pseudonyms, request, test, nowMs }: Undrafted,
  idempotencyKey: string,
  salt: string,
): Idempotency => ({
  key: pseudonyms.idempotencyKey(request.application, idempotencyKey),
  body: pseudonyms.bodyKey(bodyParts(request)),
  generation: ports.codes.newest,
  salt,
  startedAtMs: nowMs,
  // A test number has no SMS to wait for.
  isSettled: test !== undefined,
  // As long as the verification may live, resends included.
  expiresAt: latestExpiryOf(policy, nowMs),
});

const expiryOf = (policy: Policy, nowMs: number): number => Math.floor(nowMs / 1000) + policy.code.lifetimeSeconds;
const latestExpiryOf = (policy: Policy, nowMs: number): number =>
  Math.floor(nowMs / 1000) + policy.code.maxLifetimeSeconds;

/** The request without its spelling: the same number or payment in another spelling is the same request. */
const bodyParts = ({ phone, purpose, channel, locale, transaction, appHash, origin }: SendRequest): string[] => [
  phone.reveal(),
  purpose,
  JSON.stringify([locale, transaction && boundTo(transaction), appHash, origin]),
  ...(channel === 'voice' ? [channel] : []),
];

/** What KMS makes of a draft. Base64. */
export type MadeSecrets = { readonly code: string; readonly sealed: string };

/** Makes the MAC of the code and the ciphertext of `Sealed`, in parallel. */
export const makeSecrets = async ({
  ports: { codes, seals },
  policy,
  request,
  draft,
  test,
}: RequestContext): Promise<MadeSecrets> => {
  const { phone, purpose, locale, transaction, appHash, origin } = request;
  const sealed: Sealed = {
    phone: phone.reveal(),
    masked: phone.masked(),
    purpose,
    locale,
    transaction,
    appHash,
    origin,
    ...(test === undefined ? {} : { test: true }),
  };
  const [code, ciphertext] = await Promise.all([
    codes.mac(codes.newest, codeMessage(draft.id, draft.code.reveal(), transaction)),
    seals.seal(draft.key, secret(JSON.stringify(sealed)), sealingOf(policy, purpose)),
  ]);
  return { code, sealed: ciphertext };
};

/** Digits of the code that a request gets. */
export const digitsFor = ({ policy, subject, nowMs }: RequestContext, facts: AdmissionFacts): number => {
  const { digits, duringCodeSpraying } = policy.code;
  const isConcerned = facts.isCodeSpraying && !trustOf(facts, subject, policy, nowMs).isPair;
  if (!isConcerned) return digits;
  return Math.max(digits, Math.min(duringCodeSpraying.digits, maxDigitsTo(policy, subject.country)));
};

/**
 * Draws a longer code under code spraying, except for a pair, which is not its target (ADR 36). The usual code and its MAC
 * are thrown away: they were made during the read, so that no other request waits for a MAC.
 */
export const withLongerCode = async (
  context: RequestContext,
  facts: AdmissionFacts,
  made: MadeSecrets,
): Promise<{ readonly context: RequestContext; readonly secrets: MadeSecrets }> => {
  const { ports, policy, draft, request } = context;
  const digits = digitsFor(context, facts);
  if (digits <= policy.code.digits) return { context, secrets: made };
  const code = drawCode(digits, ports.draw);
  const mac = await ports.codes.mac(ports.codes.newest, codeMessage(draft.id, code.reveal(), request.transaction));
  return { context: { ...context, draft: { ...draft, code } }, secrets: { ...made, code: mac } };
};

/** The record, guard and idempotency item to commit. */
export const newVerification = (
  context: RequestContext,
  facts: AdmissionFacts,
  made: MadeSecrets,
  guard: Guard | undefined,
  minded?: Minded,
): NewVerification => {
  const { policy, request, draft, subject, test, nowMs } = context;
  const { reputation, isCodeSpraying } = facts;
  const trust = trustOf(facts, subject, policy, nowMs);
  const next = { country: subject.country, purpose: request.purpose };
  // The code of a test number is public, so code spraying does not concern it.
  const risk = { isCodeSpraying: isCodeSpraying && test === undefined, isPair: trust.isPair };
  return {
    guard,
    idempotency: draft.idempotency,
    verification: {
      ...subject,
      key: draft.key,
      code: made.code,
      superseded: [],
      codeLength: draft.code.reveal().length,
      hasTransaction: request.transaction !== undefined,
      maxAttempts: maxAttemptsFor(reputation, policy.code, risk, nowMs),
      guesses: [],
      nonces: [],
      sealed: made.sealed,
      purpose: request.purpose,
      createdAtMs: nowMs,
      sentAtMs: nowMs,
      sendId: draft.sendId,
      ...(request.channel === 'voice' ? { channel: 'voice' as const } : {}),
      resendAtMs: guard === undefined ? nowMs : nextSendByAny({ reputation, guard }, trust, policy, next, nowMs),
      expiresAt: expiryOf(policy, nowMs),
      latestExpiry: latestExpiryOf(policy, nowMs),
      // A proof can be asked for again until it expires, and the last second of the verification can still make one.
      purgeAt: latestExpiryOf(policy, nowMs) + policy.proofLifetimeSeconds,
      sends: 1,
      delivery: 'accepted',
      route:
        test === undefined
          ? plannedRoute(
              policy,
              { ...messageOf(request, policy), digits: draft.code.reveal().length },
              nothingTried,
              request.channel,
            )
          : undefined,
      resendNonces: [],
      ...(trust.isTrustedNumber ? { trusted: true } : {}),
      ...(trust.isTrustedIp ? { trustedIp: true } : {}),
      ...(trust.isPair ? { pair: true } : {}),
      ...committedNoteOf(context, minded),
      ...(test === undefined ? sinceSends(facts, nowMs) : { test: true }),
    },
  };
};
