import type { Policy, TestNumbers } from '../policy.ts';
import { type AdmissionFacts, admit, allowancesOf, type RefusedBy, type Subject } from './limits/admission.ts';
import { type Allowance, type Guard, nextSendAt } from './limits/guard.ts';
import { isTrustedNumber, maxAttemptsFor } from './limits/reputation.ts';
import { testEntryKey, testEntryOf } from './limits/test-numbers.ts';
import type { Phone } from './number/phone.ts';
import { type Pseudonyms, recordKey } from './number/pseudonyms.ts';
import { type Secret, secret } from './number/secret.ts';
import type {
  Clock,
  Codes,
  CommitOutcome,
  CommittedSend,
  Idempotency,
  NewVerification,
  PseudonymSource,
  RequestLedger,
  Reserved,
  Seal,
  SendFacts,
  SmsOutcome,
  SmsSender,
  Watch,
} from './ports.ts';
import { codeMessage, type Draw, drawCode, type Transaction } from './record/code.ts';
import type { Delivery, Sealed } from './record/verification.ts';
import { type LimitHit, type VerificationView, viewOf } from './record/view.ts';
import {
  type Committed,
  commitAndReserve,
  limitHit,
  lostRaceBy,
  noteRefusal,
  noteUnconfirmed,
  sendCode,
} from './send.ts';

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
  /** The caller's network IP. */
  readonly ip: string;
};

type Allowances = { readonly allowances: readonly Allowance[] };

export type RequestOutcome =
  | ({ readonly kind: 'created' | 'repeated'; readonly view: VerificationView; readonly test: boolean } & Allowances)
  | { readonly kind: 'destination-not-allowed'; readonly reason: 'country' | 'type' | 'test-number' }
  | LimitHit
  | ({ readonly kind: 'in-progress' | 'key-reused' | 'opted-out' | 'not-sent' } & Allowances);

/**
 * Requests a verification: decides, commits, and only then sends.
 *
 * Three round trips in sequence. All that stands about the send is read while KMS makes the MAC and the ciphertext; one
 * transaction commits the guard, the record and the idempotency item, beside the shared counters; the SMS goes out when
 * all of that holds, so that a crash at any point sends at most one SMS and never one that nobody counted.
 *
 * @throws Unavailable when a dependency did not answer; then nothing was sent.
 */
export const requestVerification =
  (ports: RequestPorts, policy: Policy) =>
  async (request: SendRequest): Promise<RequestOutcome> => {
    const nowMs = ports.now();
    const test = testEntryOf(policy, request.phone);
    const reason = refusedDestination(policy, request.phone, test, nowMs);
    const pseudonyms = await ports.pseudonyms();
    const subject = subjectOf(pseudonyms, request);
    const asked: Run = {
      ports,
      policy,
      request,
      pseudonyms,
      subject,
      nowMs,
      test,
      draft: draftOf(ports, policy, pseudonyms, request, test, nowMs),
    };
    if (reason !== undefined) return refuseDestination(asked, reason);
    const [read, made] = await Promise.allSettled([
      ports.ledger.read(subject, asked.draft.idempotency?.key, nowMs),
      makeSecrets(asked),
    ]);
    if (read.status === 'rejected') throw read.reason;
    const facts = read.value;
    const repeated = await answerRepeat(asked, facts);
    if (repeated !== undefined) return repeated;
    const admission = test === undefined ? admit(facts, subject, policy, nowMs) : undefined;
    if (admission?.kind === 'refused') return refuse(asked, facts, admission);
    if (made.status === 'rejected') throw made.reason;
    if (test !== undefined) return verifyTestNumber(asked, facts, made.value, test);
    if (admission === undefined) throw new Error('A send was neither admitted nor refused. This is a bug.');
    const { run, secrets } = await hardened(asked, facts, made.value);
    const send = newVerification(run, facts, secrets, admission.guard);
    const committed = await commit(run, send, () => ports.ledger.reserve(admission.reservation));
    if (committed.kind === 'refused') return refuse(run, facts, committed);
    if (committed.kind === 'in-progress') return { kind: 'in-progress', ...left(run, facts) };
    if (committed.kind === 'lost-race') return answerLostRace(run, facts, committed.guard, admission.guard);
    return sendAndAnswer(run, facts, send, admission.guard, committed);
  };

/** One request, on its way through. */
type Run = {
  readonly ports: RequestPorts;
  readonly policy: Policy;
  readonly request: SendRequest;
  readonly pseudonyms: Pseudonyms;
  readonly subject: Subject;
  readonly draft: Draft;
  readonly test: TestNumbers | undefined;
  readonly nowMs: number;
};

type Draft = {
  readonly id: string;
  readonly key: string;
  readonly code: Secret;
  readonly sendId: string;
  readonly idempotency: Idempotency | undefined;
};

const mobileTypes: readonly string[] = ['mobile', 'fixed-line-or-mobile'];

type DestinationReason = Extract<RequestOutcome, { kind: 'destination-not-allowed' }>['reason'];

/** A test number that is over is refused, lest its SMS go to whoever holds the number. */
const refusedDestination = (
  policy: Policy,
  phone: Phone,
  test: TestNumbers | undefined,
  nowMs: number,
): DestinationReason | undefined => {
  if (test !== undefined) return nowMs < test.expiresAt * 1000 ? undefined : 'test-number';
  if (!Object.hasOwn(policy.countries, phone.country)) return 'country';
  return mobileTypes.includes(phone.type) ? undefined : 'type';
};

const refuseDestination = async (run: Run, reason: DestinationReason): Promise<RequestOutcome> => {
  await note(run, `destination-${reason}`, undefined);
  return { kind: 'destination-not-allowed', reason };
};

const subjectOf = (pseudonyms: Pseudonyms, { phone, application, ip }: SendRequest): Subject => ({
  phoneKey: pseudonyms.phoneKey(phone),
  range: phone.range,
  prefix: phone.prefix,
  country: phone.country,
  ip: pseudonyms.ipKey(ip),
  application,
});

const draftOf = (
  { codes, draw, randomId }: RequestPorts,
  policy: Policy,
  pseudonyms: Pseudonyms,
  request: SendRequest,
  test: TestNumbers | undefined,
  nowMs: number,
): Draft => {
  const { application, idempotencyKey } = request;
  const generation = codes.newest;
  const salt = randomId();
  const tail = idempotencyKey === undefined ? salt : pseudonyms.verificationId(application, idempotencyKey, salt);
  const id = `${generation}${tail}`;
  return {
    id,
    key: recordKey(id),
    sendId: randomId(),
    code: test === undefined ? drawCode(policy.code.digits, draw) : secret(test.code),
    idempotency:
      idempotencyKey === undefined
        ? undefined
        : {
            key: pseudonyms.idempotencyKey(application, idempotencyKey),
            body: pseudonyms.bodyKey(bodyParts(request)),
            generation,
            salt,
            startedAtMs: nowMs,
            // A test number has no SMS to wait for.
            isSettled: test !== undefined,
            // As long as the verification may live: a resend renews it up to then.
            expiresAt: deathOf(policy, nowMs),
          },
  };
};

const expiryOf = (policy: Policy, nowMs: number): number => Math.floor(nowMs / 1000) + policy.code.lifetimeSeconds;
const deathOf = (policy: Policy, nowMs: number): number => Math.floor(nowMs / 1000) + policy.code.maxLifetimeSeconds;

/** The request without its spelling: the same number written in another way is the same request. */
const bodyParts = ({ phone, purpose, locale, transaction, appHash, origin }: SendRequest): string[] => [
  phone.reveal(),
  purpose,
  JSON.stringify([locale, transaction?.amount, transaction?.currency, transaction?.payee, appHash, origin]),
];

type MadeSecrets = { readonly code: string; readonly sealed: string };

const makeSecrets = async ({ ports: { codes, seals }, request, draft, test }: Run): Promise<MadeSecrets> => {
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
    seals.seal(draft.key, secret(JSON.stringify(sealed))),
  ]);
  return { code, sealed: ciphertext };
};

/**
 * While codes are guessed at over the country's numbers, the new code is a longer one. The MAC of the usual one was made
 * beside the read, lest every request waited for what is seldom so; it is thrown away.
 */
const hardened = async (run: Run, { isCodeSpraying }: AdmissionFacts, made: MadeSecrets) => {
  const { ports, policy, draft, request } = run;
  const { digits } = policy.code.duringCodeSpraying;
  if (!isCodeSpraying || digits <= policy.code.digits) return { run, secrets: made };
  const code = drawCode(digits, ports.draw);
  const mac = await ports.codes.mac(ports.codes.newest, codeMessage(draft.id, code.reveal(), request.transaction));
  return { run: { ...run, draft: { ...draft, code } }, secrets: { ...made, code: mac } };
};

/** What is left to the caller if nothing is sent. */
const left = ({ subject, policy, nowMs }: Run, facts: AdmissionFacts): Allowances => ({
  allowances: allowancesOf(facts.guard.sends, facts, subject, policy, nowMs),
});

/** No request runs longer: the function's time-out, and some. */
const longestRunMs = 30_000;

/** The first verification as it is now, where the idempotency key has been used before. */
const answerRepeat = async (run: Run, facts: SendFacts): Promise<RequestOutcome | undefined> => {
  const { ports, request, pseudonyms, draft, nowMs } = run;
  const { idempotencyKey, application } = request;
  const { idempotency } = facts;
  if (idempotencyKey === undefined || idempotency === undefined || draft.idempotency === undefined) return undefined;
  if (nowMs >= idempotency.expiresAt * 1000) return undefined;
  // Nothing of the number: it may be an unverified number's, and this answer costs nothing.
  if (idempotency.body !== draft.idempotency.body) return { kind: 'key-reused', allowances: [] };
  const { generation, salt, isSettled, startedAtMs } = idempotency;
  if (!isSettled && nowMs < startedAtMs + longestRunMs) return { kind: 'in-progress', ...left(run, facts) };
  const id = `${generation}${pseudonyms.verificationId(application, idempotencyKey, salt)}`;
  const verification = await ports.ledger.touch(recordKey(id), nowMs);
  if (verification === undefined) return { kind: 'in-progress', ...left(run, facts) };
  // A run that ended without a word may have sent its SMS or not: nobody knows, and nobody is told otherwise. A resend
  // since then has spoken for itself.
  const isUnknown = !isSettled && verification.sends === 1;
  if (isUnknown && (await noteUnconfirmed(ports, verification.key, verification.sendId)))
    await settleKey(run, idempotency);
  const known = isUnknown ? { ...verification, delivery: 'unconfirmed' as const } : verification;
  const view = viewOf(id, known, nowMs, request.phone.masked());
  return { kind: 'repeated', view, test: verification.test === true, ...left(run, facts) };
};

const newVerification = (
  { policy, request, draft, subject, test, nowMs }: Run,
  { reputation, isCodeSpraying }: AdmissionFacts,
  made: MadeSecrets,
  guard: Guard | undefined,
): NewVerification => ({
  guard,
  idempotency: draft.idempotency,
  verification: {
    ...subject,
    key: draft.key,
    code: made.code,
    codeLength: draft.code.reveal().length,
    hasTransaction: request.transaction !== undefined,
    // Whoever has a test number knows its code: a spray leaves it as it is.
    maxAttempts: maxAttemptsFor(reputation, policy.code, isCodeSpraying && test === undefined, nowMs),
    guesses: [],
    nonces: [],
    sealed: made.sealed,
    purpose: request.purpose,
    createdAtMs: nowMs,
    sentAtMs: nowMs,
    sendId: draft.sendId,
    resendAtMs: guard === undefined ? nowMs : nextSendAt(guard.sends, policy.sends, nowMs),
    expiresAt: expiryOf(policy, nowMs),
    latestExpiry: deathOf(policy, nowMs),
    // Its proof may be asked for again until it has expired, and it is given out up to the verification's last second.
    purgeAt: deathOf(policy, nowMs) + policy.proofLifetimeSeconds,
    sends: 1,
    delivery: 'accepted',
    ...(isTrustedNumber(reputation, nowMs) ? { trusted: true } : {}),
    ...(test === undefined ? {} : { test: true }),
  },
});

const committedSend = ({ draft, subject, nowMs }: Run): CommittedSend => ({
  key: draft.key,
  phoneKey: subject.phoneKey,
  sendId: draft.sendId,
  sentAtMs: nowMs,
  idempotencyKey: draft.idempotency?.key,
});

type NotCommitted = Exclude<CommitOutcome, { readonly kind: 'committed' }>;

const commit = (
  run: Run,
  send: NewVerification,
  reserve: () => Promise<Reserved>,
): Promise<Committed | NotCommitted | RefusedBy> =>
  commitAndReserve({
    commit: () => run.ports.ledger.commit(send, run.nowMs),
    reserve,
    rollBack: () => rollBack(run, send.guard !== undefined),
  });

/** A test number sends nothing: its code is in the settings, and what it costs is one of its uses. */
const verifyTestNumber = async (
  run: Run,
  facts: SendFacts,
  made: MadeSecrets,
  test: TestNumbers,
): Promise<RequestOutcome> => {
  const { ports, draft, request, nowMs } = run;
  const send = newVerification(run, facts, made, undefined);
  const use = () => ports.ledger.useTestNumber(testEntryKey(test), test.uses, test.expiresAt);
  const committed = await commit(run, send, use);
  if (committed.kind === 'refused') return refuseDestination(run, 'test-number');
  if (committed.kind !== 'committed') return { kind: 'in-progress', ...left(run, facts) };
  const view = viewOf(draft.id, send.verification, nowMs, request.phone.masked());
  return { kind: 'created', view, test: true, ...left(run, facts) };
};

const sendAndAnswer = async (
  run: Run,
  facts: AdmissionFacts,
  { verification }: NewVerification,
  guard: Guard,
  { release }: Committed,
): Promise<RequestOutcome> => {
  const { ports, policy, request, draft, subject, nowMs } = run;
  const { country } = subject;
  const { lifetimeSeconds } = policy.code;
  const sent = await sendCode(ports.sender, policy, { ...request, code: draft.code, country, lifetimeSeconds }, 0);
  if (sent.kind === 'rejected') return answerRejected(run, facts, guard, sent, release);
  const isNoted = sent.kind === 'accepted' || (await noteUnconfirmed(ports, draft.key, draft.sendId));
  if (isNoted) await settleKey(run, draft.idempotency);
  const delivery: Delivery = sent.kind;
  return {
    kind: 'created',
    view: viewOf(draft.id, { ...verification, delivery }, nowMs, request.phone.masked()),
    test: false,
    allowances: allowancesOf(guard.sends, facts, subject, policy, nowMs, true),
  };
};

/** One more write, for those who gave a key and may ask again: only now is there something to tell them. */
const settleKey = async ({ ports: { ledger, watch } }: Run, idempotency: Idempotency | undefined): Promise<void> => {
  if (idempotency === undefined) return;
  await ledger.settleKey(idempotency.key).catch((cause: unknown) => watch.dependencyFailed('settle-key', cause));
};

/** An opted-out holder costs no money but stays counted at the guard, or the network could be hammered with them. */
const answerRejected = async (
  run: Run,
  facts: AdmissionFacts,
  guard: Guard,
  { reason }: Extract<SmsOutcome, { kind: 'rejected' }>,
  release: () => Promise<void>,
): Promise<RequestOutcome> => {
  const { ledger, watch } = run.ports;
  if (reason !== 'opted-out') {
    await Promise.all([rollBack(run, true), release()]);
    return { kind: 'not-sent', ...left(run, facts) };
  }
  const end = ledger
    .endAsFailed(committedSend(run))
    .catch((cause: unknown) => watch.compensationFailed('end-as-failed', cause));
  await Promise.all([end, release()]);
  return { kind: 'opted-out', ...left(run, { ...facts, guard }) };
};

const rollBack = async (run: Run, hasGuard: boolean): Promise<void> => {
  const { ledger, watch } = run.ports;
  try {
    await (hasGuard ? ledger.rollBack(committedSend(run)) : ledger.endAsFailed(committedSend(run)));
  } catch (cause) {
    watch.compensationFailed('roll-back', cause);
  }
};

const answerLostRace = (
  run: Run,
  facts: AdmissionFacts,
  seen: Guard | undefined,
  own: Guard,
): Promise<RequestOutcome> | RequestOutcome => {
  // Where nothing was to be seen of who came first, it may have been this very request, sent twice.
  if (seen === undefined && run.request.idempotencyKey !== undefined) {
    return { kind: 'in-progress', ...left(run, facts) };
  }
  return refuse(run, { ...facts, guard: seen ?? own }, lostRaceBy(seen, own, run.policy, run.nowMs));
};

const refuse = async (run: Run, facts: AdmissionFacts, refused: RefusedBy): Promise<RequestOutcome> => {
  await note(run, refused.because, refused.limit);
  return limitHit(refused, facts, run.subject, run.policy, run.nowMs);
};

const note = (
  { ports, subject, request, test, nowMs }: Run,
  reason: string,
  limit: string | undefined,
): Promise<void> =>
  noteRefusal(ports, {
    ...subject,
    reason,
    limit,
    purpose: request.purpose,
    atMs: nowMs,
    ...(test === undefined ? {} : { test: true }),
  });
