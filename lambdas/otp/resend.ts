import type { Policy } from '../policy.ts';
import { type AdmissionFacts, admit, allowancesOf, type RefusedBy, type Subject } from './limits/admission.ts';
import { type Allowance, type Guard, nextSendAt } from './limits/guard.ts';
import { recordKey } from './number/pseudonyms.ts';
import { type Secret, secret } from './number/secret.ts';
import type {
  Clock,
  Codes,
  Replacement,
  ResendLedger,
  Reserved,
  SmsOutcome,
  SmsSender,
  Unseal,
  Watch,
} from './ports.ts';
import { codeMessage, type Draw, drawCode } from './record/code.ts';
import { type Closed, closedBecause, type Sealed, sameMac, type Verification } from './record/verification.ts';
import { type LimitHit, type VerificationView, viewOf } from './record/view.ts';
import { type Committed, limitHit, lostRaceBy, noteRefusal, noteUnconfirmed, sendCode } from './send.ts';

export type ResendPorts = {
  readonly now: Clock;
  readonly draw: Draw;
  /** Names the send. */
  readonly randomId: () => string;
  readonly ledger: ResendLedger;
  readonly codes: Codes;
  readonly seals: Unseal;
  readonly sender: SmsSender;
  readonly watch: Watch;
};

export type ResendRequest = { readonly id: string };

type Allowances = { readonly allowances: readonly Allowance[] };

export type ResendOutcome =
  | ({
      readonly kind: 'resent';
      readonly view: VerificationView;
      readonly country: string;
      readonly test: boolean;
    } & Allowances)
  | LimitHit
  | Closed
  | ({ readonly kind: 'opted-out' | 'not-sent' } & Allowances);

/**
 * Sends a fresh code for a verification that is still open.
 *
 * One transaction replaces the code and counts the send; the attempts stay as they are. All limits of a request hold,
 * for the IP that asked for the verification. If the SMS surely was not sent, the code before is put back,
 * because its SMS may be on the phone already.
 *
 * @throws Unavailable when a dependency did not answer; then nothing was sent.
 */
export const resendVerification =
  (ports: ResendPorts, policy: Policy) =>
  async ({ id }: ResendRequest): Promise<ResendOutcome> => {
    const generation = id.slice(0, 1);
    if (!ports.codes.knows(generation)) return { kind: 'unknown' };
    const nowMs = ports.now();
    const before = await ports.ledger.find(recordKey(id));
    const closed = closedBecause(before, nowMs);
    if (before === undefined || closed !== undefined) return closed ?? { kind: 'unknown' };
    // A code that dies before its SMS is read helps nobody.
    if (before.latestExpiry * 1000 - nowMs < shortestLifeMs) return { kind: 'expired' };
    const [opened, facts] = await Promise.all([
      ports.seals.open(before.key, before.sealed),
      ports.ledger.readFacts(before, nowMs),
    ]);
    const run: Run = { ports, policy, id, before, facts, sealed: JSON.parse(opened.reveal()) as Sealed, nowMs };
    if (before.test) return resendTestNumber(run);
    const admission = admit(facts, before, policy, nowMs);
    if (admission.kind === 'refused') return refuse(run, facts, admission);
    const fresh = await freshCode(run);
    const replacement = replacementOf(run, fresh.mac, admission.guard);
    const replaced = await replace(run, replacement, () => ports.ledger.reserve(admission.reservation));
    if (replaced.kind !== 'committed') return answerNotReplaced(run, replaced, admission.guard);
    return sendAndAnswer(run, fresh.code, replacement, admission.guard, replaced);
  };

/** The shortest life of a fresh code, in milliseconds. */
const shortestLifeMs = 30_000;

/** One resend, on its way through. */
type Run = {
  readonly ports: ResendPorts;
  readonly policy: Policy;
  readonly id: string;
  readonly before: Verification;
  readonly facts: AdmissionFacts;
  readonly sealed: Sealed;
  readonly nowMs: number;
};

/** A code that is neither the one before nor one that was guessed already: those are worth nothing. */
const freshCode = async ({
  ports: { codes, draw },
  id,
  before,
  sealed,
}: Run): Promise<{ code: Secret; mac: string }> => {
  const known = [before.code, ...before.guesses];
  for (;;) {
    const code = drawCode(before.codeLength, draw);
    const mac = await codes.mac(id.slice(0, 1), codeMessage(id, code.reveal(), sealed.transaction));
    if (!known.some((other) => sameMac(other, mac))) return { code, mac };
  }
};

const replacementOf = ({ ports, policy, before, nowMs }: Run, code: string, guard: Guard | undefined): Replacement => ({
  before,
  code,
  guard,
  sendId: ports.randomId(),
  sentAtMs: nowMs,
  resendAtMs: guard === undefined ? nowMs : nextSendAt(guard.sends, policy.sends, nowMs),
  expiresAt: Math.min(Math.floor(nowMs / 1000) + policy.code.lifetimeSeconds, before.latestExpiry),
});

type Replaced = Awaited<ReturnType<ResendLedger['replace']>>;
type NotReplaced = Exclude<Replaced, { readonly kind: 'committed' }> | RefusedBy;

/**
 * Takes the shared counters first and replaces the code then: unlike a request, a resend has something to lose. If the
 * tables go dark between the two, the code on the phone is still good.
 */
const replace = async (
  { ports: { ledger, watch }, nowMs }: Run,
  replacement: Replacement,
  reserve: () => Promise<Reserved>,
): Promise<Committed | NotReplaced> => {
  const { outcome, release } = await reserve();
  if (outcome.kind !== 'held') await release();
  if (outcome.kind === 'unavailable') throw outcome.cause;
  if (outcome.kind === 'refused') return outcome;
  const replaced = await ledger.replace(replacement, nowMs).catch(async (cause: unknown) => {
    await Promise.all([restore({ ledger, watch }, replacement, 'release'), release()]);
    throw cause;
  });
  if (replaced.kind === 'committed') return { kind: 'committed', release };
  await release();
  return replaced;
};

const answerNotReplaced = (run: Run, outcome: NotReplaced, own: Guard): Promise<ResendOutcome> | ResendOutcome => {
  const { facts, policy, nowMs } = run;
  if (outcome.kind === 'refused') return refuse(run, facts, outcome);
  const closed = outcome.kind === 'changed' ? closedBecause(outcome.verification, nowMs) : undefined;
  if (closed !== undefined) return closed;
  const seen = outcome.kind === 'lost-race' ? outcome.guard : undefined;
  return refuse(run, { ...facts, guard: seen ?? own }, lostRaceBy(seen, own, policy, nowMs));
};

/** A test number gets no SMS, and its code stays what the settings say. */
const resendTestNumber = async (run: Run): Promise<ResendOutcome> => {
  const { before, facts } = run;
  const replacement = replacementOf(run, before.code, undefined);
  const held = async (): Promise<Reserved> => ({ outcome: { kind: 'held' }, release: async () => {} });
  const replaced = await replace(run, replacement, held);
  if (replaced.kind !== 'committed') return answerNotReplaced(run, replaced, facts.guard);
  return answerResent(run, replacement, facts.guard, 'accepted');
};

const sendAndAnswer = async (
  run: Run,
  code: Secret,
  replacement: Replacement,
  guard: Guard,
  { release }: Committed,
): Promise<ResendOutcome> => {
  const { ports, policy, before, sealed, nowMs } = run;
  const message = {
    ...sealed,
    phone: secret(sealed.phone),
    code,
    country: before.country,
    lifetimeSeconds: replacement.expiresAt - Math.floor(nowMs / 1000),
  };
  const sent = await sendCode(ports.sender, policy, message, before.sends);
  if (sent.kind === 'rejected') return answerRejected(run, replacement, guard, sent, release);
  if (sent.kind === 'unconfirmed') await noteUnconfirmed(ports, before.key, replacement.sendId);
  return answerResent(run, replacement, guard, sent.kind);
};

const answerRejected = async (
  { ports, policy, before, facts, nowMs }: Run,
  replacement: Replacement,
  guard: Guard,
  { reason }: Extract<SmsOutcome, { kind: 'rejected' }>,
  release: () => Promise<void>,
): Promise<ResendOutcome> => {
  // The send of an opted-out holder stays counted, or the network could be hammered with them.
  const isOptedOut = reason === 'opted-out';
  await Promise.all([restore(ports, replacement, isOptedOut ? 'keep' : 'release'), release()]);
  const kind = isOptedOut ? 'opted-out' : 'not-sent';
  const { sends } = isOptedOut ? guard : facts.guard;
  return { kind, allowances: allowancesOf(sends, facts, before, policy, nowMs) };
};

const answerResent = (
  { id, before, facts, sealed, policy, nowMs }: Run,
  { code, sendId, sentAtMs, resendAtMs, expiresAt }: Replacement,
  guard: Guard,
  delivery: Verification['delivery'],
): ResendOutcome => {
  const after = { ...before, code, sendId, sentAtMs, resendAtMs, expiresAt, sends: before.sends + 1, delivery };
  return {
    kind: 'resent',
    view: viewOf(id, after, nowMs, sealed.masked),
    country: before.country,
    test: before.test === true,
    allowances: allowancesOf(guard.sends, facts, before, policy, nowMs, before.test !== true),
  };
};

const restore = async (
  { ledger, watch }: Pick<ResendPorts, 'ledger' | 'watch'>,
  replacement: Replacement,
  guard: 'release' | 'keep',
): Promise<void> => {
  try {
    await ledger.restore(replacement, guard);
  } catch (cause) {
    watch.compensationFailed('restore', cause);
  }
};

const refuse = async (run: Run, facts: AdmissionFacts, refused: RefusedBy): Promise<ResendOutcome> => {
  const { ports, policy, before, nowMs } = run;
  const { phoneKey, range, prefix, country, ip, application, purpose } = before;
  const subject: Subject = { phoneKey, range, prefix, country, ip, application };
  await noteRefusal(ports, {
    ...subject,
    purpose,
    reason: refused.because,
    limit: refused.limit,
    atMs: nowMs,
    ...(before.test ? { test: true } : {}),
  });
  return limitHit(refused, facts, subject, policy, nowMs);
};
