import { codeMessage, type Draw, drawCode, type Transaction } from './code.ts';
import { type Allowance, allowances, cooldownLimit, decideSend, type Guard, nextSendAt } from './guard.ts';
import type { Phone } from './phone.ts';
import type { Policy } from './policy.ts';
import type {
  Clock,
  Codes,
  CommittedSend,
  Idempotency,
  NewVerification,
  PseudonymSource,
  RequestLedger,
  Seal,
  SendFacts,
  SmsOutcome,
  SmsSender,
  Watch,
} from './ports.ts';
import { type Pseudonyms, recordKey } from './pseudonyms.ts';
import { type Secret, secret } from './secret.ts';
import { sendCode } from './send.ts';
import {
  attemptsRemaining,
  type Delivery,
  type Sealed,
  type Status,
  statusOf,
  type Verification,
} from './verification.ts';

export type RequestPorts = {
  readonly now: Clock;
  readonly draw: Draw;
  /** 160 random bits, base64url, 27 characters. */
  readonly randomId: () => string;
  readonly pseudonyms: PseudonymSource;
  readonly ledger: RequestLedger;
  readonly codes: Codes;
  readonly seals: Seal;
  readonly sender: SmsSender;
  readonly watch: Watch;
};

export type SendRequest = {
  readonly phone: Phone;
  readonly purpose: string;
  readonly locale?: string | undefined;
  readonly transaction?: Transaction | undefined;
  readonly appHash?: string | undefined;
  readonly origin?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Who calls: the API key's id, the IAM principal, or the OIDC subject. */
  readonly application: string;
  /** The caller's network address. */
  readonly address: string;
};

/** A verification as its caller sees it. */
export type VerificationView = {
  readonly id: string;
  readonly status: Status;
  readonly masked: string | undefined;
  readonly purpose: string;
  readonly codeLength: number;
  readonly attemptsRemaining: number;
  readonly expiresAtMs: number;
  readonly resendAvailableAtMs: number;
  readonly delivery: Delivery;
};

export type LimitHit = {
  readonly kind: 'too-soon' | 'limited';
  readonly limit: string;
  readonly retryAfterSeconds: number;
  readonly allowances: readonly Allowance[];
};

export type RequestOutcome =
  | { readonly kind: 'created'; readonly view: VerificationView; readonly allowances: readonly Allowance[] }
  | { readonly kind: 'repeated'; readonly view: VerificationView; readonly allowances: readonly Allowance[] }
  | { readonly kind: 'destination-not-allowed'; readonly reason: 'country' | 'type' }
  | LimitHit
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'key-reused' }
  | { readonly kind: 'opted-out' }
  | { readonly kind: 'not-sent' };

/**
 * Requests a verification: decides, commits, and only then sends.
 *
 * Three round trips in sequence. The guards are read while KMS makes the MAC and the ciphertext; one transaction
 * commits the guard, the record and the idempotency item; the SMS goes out when that is durable, so that a crash at
 * any point sends at most one SMS and never one that nobody counted.
 *
 * @throws Unavailable when a dependency did not answer; then nothing was sent.
 */
export const requestVerification =
  (ports: RequestPorts, policy: Policy) =>
  async (request: SendRequest): Promise<RequestOutcome> => {
    const nowMs = ports.now();
    const notAllowed = refusedDestination(policy, request.phone);
    if (notAllowed !== undefined) {
      await noteRefusal(ports, request, `destination-${notAllowed}`, undefined, nowMs);
      return { kind: 'destination-not-allowed', reason: notAllowed };
    }
    const pseudonyms = await ports.pseudonyms();
    const draft = draftOf(ports, policy, pseudonyms, request, nowMs);
    const [read, made] = await Promise.allSettled([
      ports.ledger.read(draft.phoneKey, draft.idempotency?.key),
      makeSecrets(ports, request, draft),
    ]);
    if (read.status === 'rejected') throw read.reason;
    const repeated = await answerRepeat(ports, policy, request, pseudonyms, draft, read.value, nowMs);
    if (repeated !== undefined) return repeated;
    const decision = decideSend(read.value.guard, policy.sends, nowMs);
    if (decision.kind === 'refused') {
      await noteRefusal(ports, request, 'limit', decision.limit, nowMs);
      return limitHit(policy, read.value.guard, decision.limit, decision.retryAfterSeconds, nowMs);
    }
    if (made.status === 'rejected') throw made.reason;
    const send = newVerification(policy, request, draft, made.value, decision.guard, nowMs);
    return commitAndSend(ports, policy, request, draft, send, nowMs);
  };

const mobileTypes: readonly string[] = ['mobile', 'fixed-line-or-mobile'];

const refusedDestination = (policy: Policy, phone: Phone): 'country' | 'type' | undefined => {
  if (!Object.hasOwn(policy.countries, phone.country)) return 'country';
  return mobileTypes.includes(phone.type) ? undefined : 'type';
};

type Draft = {
  readonly id: string;
  readonly key: string;
  readonly code: Secret;
  readonly phoneKey: string;
  readonly address: string;
  readonly idempotency: Idempotency | undefined;
};

const draftOf = (
  { codes, draw, randomId }: RequestPorts,
  policy: Policy,
  pseudonyms: Pseudonyms,
  request: SendRequest,
  nowMs: number,
): Draft => {
  const { application, idempotencyKey } = request;
  const generation = codes.newest;
  const tail = idempotencyKey === undefined ? randomId() : pseudonyms.verificationId(application, idempotencyKey);
  const id = `${generation}${tail}`;
  return {
    id,
    key: recordKey(id),
    code: drawCode(policy.code.digits, draw),
    phoneKey: pseudonyms.phoneKey(request.phone),
    address: pseudonyms.addressKey(request.address),
    idempotency:
      idempotencyKey === undefined
        ? undefined
        : {
            key: pseudonyms.idempotencyKey(application, idempotencyKey),
            body: pseudonyms.bodyKey(bodyParts(request)),
            generation,
            expiresAt: expiryOf(policy, nowMs),
          },
  };
};

const expiryOf = (policy: Policy, nowMs: number): number => Math.floor(nowMs / 1000) + policy.code.lifetimeSeconds;

/** The request without its spelling: the same number written in another way is the same request. */
const bodyParts = ({ phone, purpose, locale, transaction, appHash, origin }: SendRequest): string[] => [
  phone.reveal(),
  purpose,
  JSON.stringify([locale, transaction?.amount, transaction?.currency, transaction?.payee, appHash, origin]),
];

type MadeSecrets = { readonly code: string; readonly sealed: string };

const makeSecrets = async (
  { codes, seals }: RequestPorts,
  request: SendRequest,
  draft: Draft,
): Promise<MadeSecrets> => {
  const { phone, purpose, locale, transaction, appHash, origin } = request;
  const sealed: Sealed = {
    phone: phone.reveal(),
    masked: phone.masked(),
    purpose,
    locale,
    transaction,
    appHash,
    origin,
  };
  const [code, ciphertext] = await Promise.all([
    codes.mac(codes.newest, codeMessage(draft.id, draft.code.reveal(), transaction)),
    seals.seal(draft.key, secret(JSON.stringify(sealed))),
  ]);
  return { code, sealed: ciphertext };
};

/** The first verification as it is now, where the idempotency key has been used before. */
const answerRepeat = async (
  { ledger }: RequestPorts,
  policy: Policy,
  request: SendRequest,
  pseudonyms: Pseudonyms,
  draft: Draft,
  { guard, idempotency }: SendFacts,
  nowMs: number,
): Promise<RequestOutcome | undefined> => {
  const { idempotencyKey, application } = request;
  if (idempotencyKey === undefined || idempotency === undefined || draft.idempotency === undefined) return undefined;
  if (nowMs >= idempotency.expiresAt * 1000) return undefined;
  if (idempotency.body !== draft.idempotency.body) return { kind: 'key-reused' };
  const id = `${idempotency.generation}${pseudonyms.verificationId(application, idempotencyKey)}`;
  const verification = await ledger.touch(recordKey(id), nowMs);
  if (verification === undefined) return { kind: 'in-progress' };
  const view = viewOf(id, verification, nowMs, request.phone.masked());
  return { kind: 'repeated', view, allowances: allowances(guard.sends, policy.sends, nowMs) };
};

const newVerification = (
  policy: Policy,
  request: SendRequest,
  draft: Draft,
  made: MadeSecrets,
  guard: Guard,
  nowMs: number,
): NewVerification => ({
  guard,
  idempotency: draft.idempotency,
  verification: {
    key: draft.key,
    code: made.code,
    codeLength: policy.code.digits,
    bound: request.transaction !== undefined,
    maxAttempts: policy.code.maxAttempts,
    guesses: [],
    nonces: [],
    sealed: made.sealed,
    phoneKey: draft.phoneKey,
    block: request.phone.block,
    operator: request.phone.operator,
    country: request.phone.country,
    address: draft.address,
    application: request.application,
    purpose: request.purpose,
    createdAtMs: nowMs,
    sentAtMs: nowMs,
    resendAtMs: nextSendAt(guard.sends, policy.sends, nowMs),
    expiresAt: expiryOf(policy, nowMs),
    diesAt: Math.floor(nowMs / 1000) + policy.code.maxLifetimeSeconds,
    sends: 1,
    delivery: 'accepted',
  },
});

const commitAndSend = async (
  ports: RequestPorts,
  policy: Policy,
  request: SendRequest,
  draft: Draft,
  send: NewVerification,
  nowMs: number,
): Promise<RequestOutcome> => {
  const committed: CommittedSend = {
    key: draft.key,
    phoneKey: draft.phoneKey,
    sentAtMs: nowMs,
    idempotencyKey: draft.idempotency?.key,
  };
  const outcome = await ports.ledger.commit(send, nowMs).catch(async (cause: unknown) => {
    // It may have been committed all the same. Nothing was sent, so nothing shall count.
    await takeBack(ports, committed);
    throw cause;
  });
  if (outcome.kind === 'in-progress') return { kind: 'in-progress' };
  if (outcome.kind === 'outrun') {
    // Where nothing was to be seen of who came first, it may have been this very request, sent twice.
    if (outcome.guard === undefined && request.idempotencyKey !== undefined) return { kind: 'in-progress' };
    return answerOutrun(ports, policy, request, outcome.guard ?? send.guard, nowMs);
  }
  const sent = await sendCode(
    ports.sender,
    policy,
    { ...request, code: draft.code, country: request.phone.country, lifetimeSeconds: policy.code.lifetimeSeconds },
    0,
  );
  return answerSent(ports, policy, request, draft, send, committed, sent, nowMs);
};

/** A lost race is a request too soon after the one that won; it is never tried again, lest it send a second SMS. */
const answerOutrun = async (
  ports: RequestPorts,
  policy: Policy,
  request: SendRequest,
  guard: Guard,
  nowMs: number,
): Promise<RequestOutcome> => {
  await noteRefusal(ports, request, 'limit', cooldownLimit, nowMs);
  const decision = decideSend(guard, policy.sends, nowMs);
  if (decision.kind === 'refused') return limitHit(policy, guard, decision.limit, decision.retryAfterSeconds, nowMs);
  return limitHit(policy, guard, cooldownLimit, 1, nowMs);
};

const answerSent = async (
  ports: RequestPorts,
  policy: Policy,
  request: SendRequest,
  draft: Draft,
  { verification, guard }: NewVerification,
  committed: CommittedSend,
  sent: SmsOutcome,
  nowMs: number,
): Promise<RequestOutcome> => {
  if (sent.kind === 'rejected' && sent.reason === 'opted-out') {
    await attempt(ports, 'end-as-failed', () => ports.ledger.endAsFailed(committed));
    return { kind: 'opted-out' };
  }
  if (sent.kind === 'rejected') {
    await takeBack(ports, committed);
    return { kind: 'not-sent' };
  }
  const delivery: Delivery = sent.kind;
  if (delivery === 'unconfirmed') {
    await attempt(ports, 'mark-unconfirmed', () => ports.ledger.markUnconfirmed(draft.key, nowMs));
  }
  return {
    kind: 'created',
    view: viewOf(draft.id, { ...verification, delivery }, nowMs, request.phone.masked()),
    allowances: allowances(guard.sends, policy.sends, nowMs),
  };
};

const takeBack = async ({ ledger, watch }: RequestPorts, committed: CommittedSend): Promise<void> => {
  try {
    await ledger.takeBack(committed);
  } catch (cause) {
    watch.compensationFailed('take-back', cause);
  }
};

const attempt = async (
  { watch }: Pick<RequestPorts, 'watch'>,
  step: string,
  act: () => Promise<void>,
): Promise<void> => {
  try {
    await act();
  } catch (cause) {
    watch.dependencyFailed(step, cause);
  }
};

const noteRefusal = (
  ports: RequestPorts,
  request: SendRequest,
  reason: string,
  limit: string | undefined,
  atMs: number,
): Promise<void> =>
  attempt(ports, 'note-refusal', async () => {
    const { phoneKey, addressKey } = await ports.pseudonyms();
    const { phone, application, purpose } = request;
    const { block, operator, country } = phone;
    await ports.ledger.refuse({
      reason,
      limit,
      phoneKey: phoneKey(phone),
      block,
      operator,
      country,
      address: addressKey(request.address),
      application,
      purpose,
      atMs,
    });
  });

/** The answer to a request that a limit of the phone refuses. */
export const limitHit = (
  policy: Policy,
  guard: Guard,
  limit: string,
  retryAfterSeconds: number,
  nowMs: number,
): LimitHit => ({
  kind: limit === cooldownLimit ? 'too-soon' : 'limited',
  limit,
  retryAfterSeconds,
  allowances: allowances(guard.sends, policy.sends, nowMs),
});

/** @param masked the number as the caller may see it, where the caller gave it. */
export const viewOf = (
  id: string,
  verification: Verification,
  nowMs: number,
  masked: string | undefined,
): VerificationView => ({
  id,
  status: statusOf(verification, nowMs),
  masked,
  purpose: verification.purpose,
  codeLength: verification.codeLength,
  attemptsRemaining: attemptsRemaining(verification),
  expiresAtMs: verification.expiresAt * 1000,
  resendAvailableAtMs: verification.resendAtMs,
  delivery: verification.delivery,
});
