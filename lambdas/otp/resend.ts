import type { Channel, Policy } from '../policy.ts';
import { withoutReceipts } from './find.ts';
import { type AdmissionFacts, admit } from './limits/admission.ts';
import { allowancesOf } from './limits/allowances.ts';
import type { Allowance, Guard } from './limits/guard.ts';
import type { LimitRefusal } from './limits/refusal.ts';
import { type StopHit, stopHitOf } from './limits/stops.ts';
import { recordKey, resendNoncesOf } from './number/pseudonyms.ts';
import { type Secret, secret } from './number/secret.ts';
import type { Replacement, Reserved } from './ports.ts';
import { noteMessageId } from './receipts/note-message.ts';
import { failedRouteOf, saysOptedOut } from './receipts/receipt.ts';
import { type Closed, closedBecause, type Sealed, type Verification } from './record/verification.ts';
import { viewOf } from './record/view.ts';
import {
  answerInProgress,
  answerRepeat,
  answerTwin,
  hasLaterSend,
  isRepeatOf,
  type Repeated,
  settleResend,
} from './resend/repeat.ts';
import {
  freshCode,
  type NotReplaced,
  partsFor,
  type ResendContext,
  type ResendPorts,
  replaceCode,
  replacementOf,
  restoreCode,
  routeFor,
  triedBefore,
} from './resend/replacement.ts';
import { newNoteOf, newRiskOf, noteAtRisk } from './resend/risk.ts';
import { type RiskLimit, type RiskNote, riskRuleOf } from './risk/decide.ts';
import { resendChannelOf, type VoiceRefusal } from './sending/channel.ts';
import type { Committed, NotReserved } from './sending/commit.ts';
import { noteRefusal, noteTakenRoute } from './sending/notes.ts';
import { type LimitHit, limitHit, refusalByCounters, refusalByLostRace } from './sending/refusal.ts';
import { sendTimeOf } from './sending/send-time.ts';
import {
  hasOptedOut,
  isCounted,
  type NotSent,
  obstacleOf,
  type RouteOutcome,
  routeOutcomesOf,
  type Sent,
} from './sending/sent.ts';
import { sendBy } from './sending/sms.ts';
import { subjectOf } from './subject.ts';

export type ResendRequest = {
  readonly id: string;
  readonly idempotencyKey?: string | undefined;
  /** Without it, that of the last send. */
  readonly channel?: Channel | undefined;
  /** The application that asks. Those of others find no verification. */
  readonly application: string;
};

type Allowances = { readonly allowances: readonly Allowance[] };
type Handed = { readonly routes: readonly RouteOutcome[] };
type Refused = Handed & { readonly country: string };

export type ResendOutcome =
  | (Omit<Extract<Repeated, { readonly kind: 'repeated' }>, 'kind'> & { readonly kind: 'resent' } & Handed)
  | Repeated
  | LimitHit
  | StopHit
  | Closed
  | ({ readonly kind: 'at-risk'; readonly limit: RiskLimit; readonly country: string } & Allowances)
  | { readonly kind: 'no-voice'; readonly because: VoiceRefusal }
  | { readonly kind: 'destination-not-allowed'; readonly reason: 'country' }
  | ({ readonly kind: 'opted-out' } & Refused & Allowances)
  | (NotSent & Refused & Allowances);

/** The shortest life of a fresh code, in milliseconds. */
const shortestLifeMs = 30_000;

/**
 * Sends a fresh code for a verification that is still open.
 *
 * One transaction replaces the code and counts the send. Used attempts stay used. The limits of a request hold, for the
 * IP and the application that requested the verification. If the SMS surely failed, the last code is restored. A resend
 * that is repeated with its idempotency key sends nothing (ADR 45).
 *
 * @throws Unavailable when a dependency did not answer. Then nothing was sent.
 */
export const resendVerification =
  (ports: ResendPorts, policy: Policy) =>
  async ({ id, idempotencyKey, channel: asked, application }: ResendRequest): Promise<ResendOutcome> => {
    const generation = id.slice(0, 1);
    if (!ports.codes.knows(generation)) return { kind: 'unknown' };
    const nowMs = ports.now();
    const found = await findWithReceipt(ports, recordKey(application, id));
    if (found === undefined) return { kind: 'unknown' };
    const { verification: before, receipt } = found;
    const nonces = idempotencyKey === undefined ? undefined : resendNoncesOf(application, id, idempotencyKey, asked);
    const isRepeat = isRepeatOf(before, nonces) && isKept(before, nowMs);
    const closed = isRepeat ? undefined : closedToResend(before, nowMs);
    if (closed !== undefined) return closed;
    const { channel, refusal } = resendChannelOf(policy, asked, before);
    if (!isRepeat && hasLostItsCountry(policy, before)) return { kind: 'destination-not-allowed', reason: 'country' };
    if (refusal !== undefined && !isRepeat) return { kind: 'no-voice', because: refusal };
    const [opened, facts] = await Promise.all([
      ports.seals.open(before.key, before.sealed),
      ports.ledger.readFacts(before, nowMs, wantedOf(policy, before)),
    ]);
    const sealed = JSON.parse(opened.reveal()) as Sealed;
    const receiptFailedRoutes = [failedRouteOf(before, receipt) ?? []].flat();
    const context = { ports, policy, id, before, facts, sealed, channel, nonces, receiptFailedRoutes, nowMs };
    if (isRepeat) return answerRepeat(context, before);
    if (before.test) return resendTestNumber(context);
    if (saysOptedOut(before, receipt)) return answerOptedOut(context);
    const stopped = stopHitOf(facts, before);
    const admission = admit(
      facts,
      { ...before, passed: before.probes ?? [], smsParts: partsFor(context), channel },
      policy,
      nowMs,
    );
    if (stopped !== undefined || admission.kind === 'refused') {
      const twin = hasLaterSend(context) ? await answerTwin(context) : undefined;
      if (twin !== undefined) return twin;
    }
    if (stopped !== undefined) return stopped;
    if (admission.kind === 'refused') return refuse(context, facts, admission);
    const risk = newRiskOf(context);
    if (risk?.kind === 'refuse') return refuseAtRisk(context, risk.limit, risk.note);
    const route = routeFor(context);
    if (route === undefined) return answerNoRoute(context);
    const fresh = await freshCode(context);
    const replacement = replacementOf(context, { code: fresh.mac, route }, admission.guard, newNoteOf(context, risk));
    const replaced = await replaceCode(context, replacement, () => ports.ledger.reserve(admission.reservation));
    if (replaced.kind !== 'committed') return answerNotReplaced(context, replaced, admission.guard);
    return deliver(context, fresh.code, replacement, admission.guard, replaced);
  };

/** A test number gets nothing, so that nothing is read of its SIM. */
const wantedOf = (policy: Policy, { test, purpose }: Verification) => ({
  hasOwnCaps: policy.ownCaps !== undefined,
  mindsRisk: !test && riskRuleOf(policy, purpose) !== undefined,
});

/** One read in any case. */
const findWithReceipt = ({ ledger, receipts = withoutReceipts(ledger) }: ResendPorts, key: string) =>
  receipts.find(key);

/** A code that expires before it can be typed in is worth nothing. */
const closedToResend = (before: Verification, nowMs: number): Closed | undefined =>
  closedBecause(before, nowMs) ??
  (before.latestExpiry * 1000 - nowMs < shortestLifeMs ? { kind: 'expired' } : undefined);

/** The settings may have dropped the country since the request, as staff do under attack. A test number has none. */
const hasLostItsCountry = ({ countries }: Policy, { country, test }: Verification): boolean =>
  !test && !Object.hasOwn(countries, country);

/** From then on the record may be gone at any time, and the key of its hour is derived no more (ADR 102). */
const isKept = ({ purgeAt }: Verification, nowMs: number): boolean => nowMs < purgeAt * 1000;

/** The code of a test number is public and stays, so nothing is sent. */
const resendTestNumber = async (context: ResendContext): Promise<ResendOutcome> => {
  const { before, facts } = context;
  const replacement = replacementOf(context, { code: before.code }, undefined);
  const noCounters = async (): Promise<Reserved> => ({ outcome: { kind: 'held' }, release: async () => {} });
  const replaced = await replaceCode(context, replacement, noCounters);
  if (replaced.kind !== 'committed') return answerNotReplaced(context, replaced, facts.guard);
  return answerResent(context, replacement, facts.guard, { delivery: 'accepted', routes: [] });
};

/** Nothing reaches the network, so that nothing counts. The code that is out stays good. */
const answerOptedOut = (context: ResendContext): ResendOutcome => ({
  kind: 'opted-out',
  country: context.before.country,
  routes: [],
  allowances: allowancesOf({ ...context, subject: context.before }, context.facts.guard.sends, false),
});

/** The settings have no text or no route for it any more. The code that is out stays good, which a roll-back would interrupt. */
const answerNoRoute = (context: ResendContext): ResendOutcome => ({
  kind: 'not-sent',
  obstacle: obstacleOf([]),
  country: context.before.country,
  routes: [],
  allowances: allowancesOf({ ...context, subject: context.before }, context.facts.guard.sends, false),
});

const answerNotReplaced = async (
  context: ResendContext,
  outcome: NotReplaced | NotReserved,
  own: Guard,
): Promise<ResendOutcome> => {
  const { facts, policy, before, nonces, nowMs } = context;
  if (outcome.kind === 'exceeded') {
    return (await answerTwin(context)) ?? refuse(context, facts, refusalByCounters(outcome, nowMs));
  }
  if (outcome.kind === 'changed' && outcome.verification !== undefined && isRepeatOf(outcome.verification, nonces)) {
    return answerRepeat(context, outcome.verification);
  }
  const closed = outcome.kind === 'changed' ? closedBecause(outcome.verification, nowMs) : undefined;
  if (closed !== undefined) return closed;
  const seen = outcome.kind === 'lost-race' ? outcome.guard : undefined;
  // If the winner does not show, it may be this very resend, asked for twice.
  if (outcome.kind === 'lost-race' && seen === undefined && nonces !== undefined) return answerInProgress(context);
  const since = { ...facts, guard: seen ?? own };
  return refuse(context, since, refusalByLostRace(since, { ...before, channel: context.channel }, policy, nowMs));
};

const deliver = async (
  context: ResendContext,
  code: Secret,
  replacement: Replacement,
  guard: Guard,
  { release }: Committed,
): Promise<ResendOutcome> => {
  const { ports, policy, before, sealed, nowMs } = context;
  const message = {
    ...sealed,
    phone: secret(sealed.phone),
    code,
    country: before.country,
    lifetimeSeconds: replacement.expiresAt - Math.floor(nowMs / 1000),
    context: { verification: before.key, send: replacement.sendId },
    time: sendTimeOf(ports.now, replacement.expiresAt),
  };
  const sent = await sendBy(ports, context.channel)(policy, message, triedBefore(context));
  const { outcome } = sent;
  if (outcome.kind === 'rejected') return answerRejected(context, replacement, guard, sent, release);
  await Promise.all([
    settleResend(context, replacement, outcome.kind),
    noteTakenRoute(ports, { key: before.key, sendId: replacement.sendId }, sent, triedBefore(context).failed),
    noteMessageId(ports, policy, message, sent, nowMs),
  ]);
  return answerResent(context, replacement, guard, { delivery: outcome.kind, routes: routeOutcomesOf(sent) });
};

/**
 * A send to a holder who opted out stays on the guard, so that repeats do not reach the network (ADR 11). So does one that the
 * network refuses because of its destination, which counts for the IP as well.
 */
const answerRejected = async (
  context: ResendContext,
  replacement: Replacement,
  guard: Guard,
  sent: Sent,
  release: Committed['release'],
): Promise<ResendOutcome> => {
  const { ports, before, facts } = context;
  const obstacle = obstacleOf(sent.failed);
  const [isKept, isOptedOut] = [isCounted(sent.failed), hasOptedOut(sent)];
  const isIpKept = isKept && !isOptedOut;
  await Promise.all([
    restoreCode(ports, replacement, isKept ? 'keep' : 'release'),
    release(isIpKept ? 'ip' : undefined),
  ]);
  const { sends } = isKept ? guard : facts.guard;
  const handed = {
    country: before.country,
    routes: routeOutcomesOf(sent),
    allowances: allowancesOf({ ...context, subject: before }, sends, isIpKept),
  };
  if (isOptedOut) return { kind: 'opted-out', ...handed };
  const waitSeconds = isKept ? Math.ceil((replacement.resendAtMs - context.nowMs) / 1000) : undefined;
  return { kind: 'not-sent', obstacle, waitSeconds, ...handed };
};

const answerResent = (
  context: ResendContext,
  { code, channel, sendId, sentAtMs, resendAtMs, expiresAt, risk }: Replacement,
  guard: Guard,
  { delivery, routes }: { readonly delivery: Verification['delivery']; readonly routes: readonly RouteOutcome[] },
): ResendOutcome => {
  const { id, before, sealed, nowMs } = context;
  const after = {
    ...before,
    code,
    channel,
    sendId,
    sentAtMs,
    resendAtMs,
    expiresAt,
    sends: before.sends + 1,
    delivery,
    ...risk,
  };
  return {
    kind: 'resent',
    view: viewOf(id, after, nowMs, sealed.masked),
    country: before.country,
    test: before.test === true,
    routes,
    allowances: allowancesOf({ ...context, subject: before }, guard.sends, before.test !== true),
  };
};

/** Limits were asked first, and nothing was sent or counted. */
const refuseAtRisk = async (context: ResendContext, limit: RiskLimit, note: RiskNote): Promise<ResendOutcome> => {
  await noteAtRisk(context, limit, note);
  const { before, facts } = context;
  const allowances = allowancesOf({ ...context, subject: before }, facts.guard.sends, false);
  return { kind: 'at-risk', limit, country: before.country, allowances };
};

const refuse = async (
  { ports, policy, before, nowMs }: ResendContext,
  facts: AdmissionFacts,
  refusal: LimitRefusal,
): Promise<ResendOutcome> => {
  const subject = subjectOf(before);
  await noteRefusal(ports, {
    refusal: {
      ...subject,
      purpose: before.purpose,
      reason: refusal.because,
      limit: refusal.limit,
      atMs: nowMs,
      ...(before.test ? { test: true } : {}),
    },
    refusedTatMs: () => facts.refusedTatMs,
  });
  return limitHit(refusal, facts, subject, policy, nowMs);
};
