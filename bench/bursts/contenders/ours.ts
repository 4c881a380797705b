/**
 * The service's own guard and detector as a contender: the code that is deployed, on an injected clock, with its tables
 * in memory. A block takes effect when the stream would have brought the event, not before.
 */

import type { TrafficEvent, TrafficKind } from '../../../lambdas/bursts/counts/events.ts';
import { everywhere, type Key } from '../../../lambdas/bursts/counts/keys.ts';
import {
  decide,
  mayCountInCampaign,
  type RulingDecision,
  rulingAfter,
} from '../../../lambdas/bursts/findings/decision.ts';
import { judgeTraffic } from '../../../lambdas/bursts/judge/judge-traffic.ts';
import type { Ruling } from '../../../lambdas/bursts/judge/ruling.ts';
import { keysOf } from '../../../lambdas/bursts/judge/subjects.ts';
import { keysToReview, type ReviewSettings, reviewTraffic } from '../../../lambdas/bursts/review.ts';
import { type Admission, type AdmissionFacts, admit } from '../../../lambdas/otp/limits/admission.ts';
import type { Block } from '../../../lambdas/otp/limits/blocks.ts';
import { dayOf } from '../../../lambdas/otp/limits/caps.ts';
import { conforms, tatAfter } from '../../../lambdas/otp/limits/gcra.ts';
import { type Guard, noGuard } from '../../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import type { LimitRefusal } from '../../../lambdas/otp/limits/refusal.ts';
import {
  afterGuess,
  isTrustedNumber,
  maxAttemptsFor,
  noReputation,
  type Reputation,
} from '../../../lambdas/otp/limits/reputation.ts';
import type { Subject } from '../../../lambdas/otp/subject.ts';
import { blockLevels, type Policy } from '../../../lambdas/policy.ts';
import { policyOf } from '../../../lib/settings/policy.ts';
import { defaultBursts } from '../../../lib/settings/schema/bursts.ts';
import { parseSettings } from '../../../lib/settings/settings.ts';
import { memoryBursts } from '../../../test/fakes/bursts/memory-bursts.ts';
import { type Code, type Contender, type Entry, type Finding, type Level, tickMs, type Visible } from './contender.ts';
import { historiesOf } from './histories.ts';

/** From the write of a record to the block that it leads to: what `test/http` measures on the local stack, and more. */
const streamDelayMs = 1500;
/** Lambda asks a shard for records four times a second. */
const pollMs = 250;

const policyFor = (countries: readonly string[]): Policy => {
  const policy = policyOf(
    parseSettings({
      brand: 'Example',
      audience: 'https://api.example.com',
      maxPriceUsd: 1,
      countries: Object.fromEntries(countries.map((country) => [country, {}])),
    }),
  );
  // Caps are not what is measured here: they bound what a detector misses.
  const endless = { hourUsd: Number.POSITIVE_INFINITY, dayUsd: Number.POSITIVE_INFINITY };
  return {
    ...policy,
    caps: endless,
    countries: Object.fromEntries(
      Object.entries(policy.countries).map(([name, country]) => [name, { ...country, caps: endless }]),
    ),
  };
};

type Ip = {
  tatMs: number;
  trustedTatMs: number;
  day: string;
  countries: string[];
  verifiers: Set<string>;
  vouchedMs: number;
};
type Day = { sent: number; verified: number };

const dayMs = 86_400_000;
const maxVouchers = 50;

const levelOf = ({ level }: Key): Level => {
  if (level === 'codes' || level === 'new-network') return 'country';
  return level === 'everywhere' ? 'all' : level;
};

export const ours = (name: string, countries: readonly string[], settingsOf = detectorSettings): Entry => ({
  name,
  enter: () => enter(policyFor(countries), settingsOf),
});

export const detectorSettings = (policy: Policy): ReviewSettings => ({
  bursts: defaultBursts,
  priceUsd: (country) => policy.countries[country]?.priceUsd ?? 0,
  hourCapUsd: (country) => policy.countries[country]?.caps.hourUsd ?? 0,
  exemptApplications: policy.ips.exemptApplications,
  countries: Object.keys(policy.countries),
});

const enter = (policy: Policy, settingsOf: (policy: Policy) => ReviewSettings): Contender => {
  const settings = settingsOf(policy);
  const guards = new Map<string, Guard>();
  const standings = new Map<string, Reputation>();
  const ips = new Map<string, Ip>();
  const days = new Map<string, Day>();
  const bursts = memoryBursts(settings.exemptApplications);
  const findings: Finding[] = [];
  const blocked: Ruling[] = [];
  /** Whether the number was unknown when it asked, as its record would say. */
  const unverified = new WeakMap<Visible, boolean>();
  const mistyped = new WeakMap<Visible, number>();
  const codes = new WeakMap<Visible, Code>();
  let waiting: TrafficEvent[] = [];
  let lastId = 0;
  let verifications = 0;
  let waitMs = 0;
  const keys = new WeakMap<Visible, string>();
  /** The key of an attempt's record: its first twelve characters name the verification. */
  const keyOf = (attempt: Visible): string => {
    const known = keys.get(attempt);
    if (known !== undefined) return known;
    verifications += 1;
    const key = String(verifications).padStart(12, '0');
    keys.set(attempt, key);
    return key;
  };

  const subjectOf = ({ phone, range, prefix, country, ip, network, application }: Visible): Subject => ({
    phoneKey: phone,
    range,
    prefix,
    country,
    ip,
    network,
    application,
  });

  const reputationOf = ({ phone, verifiedBefore }: Visible): Reputation =>
    standings.get(phone) ??
    (verifiedBefore ? { ...noReputation, verifiedAtMs: Number.MAX_SAFE_INTEGER } : noReputation);

  const ipOf = ({ ip: key, ipVerifiers }: Pick<Visible, 'ip' | 'ipVerifiers'>, nowMs: number): Ip => {
    const known = ips.get(key) ?? {
      tatMs: 0,
      trustedTatMs: 0,
      day: '',
      countries: [],
      verifiers: new Set<string>(Array.from({ length: ipVerifiers }, (_, index) => `before ${index}`)),
      vouchedMs: ipVerifiers > 0 ? nowMs : 0,
    };
    ips.set(key, known);
    const today = dayOf(nowMs);
    if (known.day !== today) {
      known.day = today;
      known.countries = [];
    }
    if (known.vouchedMs + 30 * dayMs < nowMs) known.verifiers.clear();
    return known;
  };

  const dayIn = (country: string, nowMs: number): Day => {
    const key = `${country}#${dayOf(nowMs)}`;
    const known = days.get(key) ?? { sent: 0, verified: 0 };
    days.set(key, known);
    return known;
  };

  const blocksOn = (subject: Subject, nowMs: number): readonly Block[] => {
    const keys = { phone: subject.phoneKey, ...subject };
    return blockLevels.flatMap((level): Block[] => {
      const last = bursts.blockOn({ level, of: keys[level] }, nowMs);
      if (last === undefined) return [];
      const restriction = last.action === 'restrict' ? ({ restriction: true } as const) : {};
      return [{ level, until: last.untilMs / 1000, reason: '', by: '', ...restriction }];
    });
  };

  const factsOf = (attempt: Visible, subject: Subject, nowMs: number): AdmissionFacts => {
    const ip = ipOf(attempt, nowMs);
    const today = dayIn(subject.country, nowMs);
    return {
      guard: guards.get(subject.phoneKey) ?? noGuard,
      reputation: reputationOf(attempt),
      blocks: blocksOn(subject, nowMs),
      isCodeSpraying: bursts.blockOn({ level: 'codes', of: subject.country }, nowMs) !== undefined,
      ip: {
        tatMs: ip.tatMs,
        trustedTatMs: ip.trustedTatMs,
        countriesToday: ip.countries,
        successes: ip.verifiers.size,
      },
      country: {
        sentToday: today.sent,
        verifiedToday: today.verified,
        verifiedYesterday: dayIn(subject.country, nowMs - dayMs).verified,
      },
      spent: { total: { hour: 0, day: 0 }, country: { hour: 0, day: 0 } },
    };
  };

  const take = ({ guard, reservation }: Extract<Admission, { kind: 'admitted' }>, attempt: Visible, nowMs: number) => {
    guards.set(attempt.phone, guard);
    dayIn(attempt.country, nowMs).sent += 1;
    const { ip } = reservation;
    if (ip === undefined) return;
    const known = ipOf(attempt, nowMs);
    const time = ip.isTrustedIp ? 'trustedTatMs' : 'tatMs';
    if (!conforms(known[time], ip.rate, nowMs)) throw new Error('An IP was admitted and had nothing left.');
    known[time] = tatAfter(known[time], ip.rate, nowMs);
    if (!known.countries.includes(ip.country)) known.countries.push(ip.country);
  };

  const begin = (attempt: Visible, { reputation, isCodeSpraying }: AdmissionFacts, nowMs: number): void => {
    unverified.set(attempt, !isTrustedNumber(reputation, nowMs));
    const { digits, duringCodeSpraying } = policy.code;
    codes.set(attempt, {
      digits: isCodeSpraying ? duringCodeSpraying.digits : digits,
      maxAttempts: maxAttemptsFor(reputation, policy.code, isCodeSpraying, nowMs),
    });
  };

  const note = (kind: TrafficKind, attempt: Visible, atMs: number, refused?: LimitRefusal): void => {
    lastId += 1;
    waiting.push({
      version: 1,
      id: String(lastId),
      kind,
      atMs,
      startedAtMs: attempt.atMs,
      subject: subjectOf(attempt),
      purpose: 'login',
      unverified: unverified.get(attempt) ?? true,
      mistyped: kind === 'approved' ? (mistyped.get(attempt) ?? 0) : undefined,
      reason: refused?.because,
      limit: refused?.limit,
    });
  };

  const send = (attempt: Visible, kind: 'started' | 'resent', nowMs: number): 'sent' | 'refused' => {
    catchUp(nowMs);
    const subject = subjectOf(attempt);
    const facts = factsOf(attempt, subject, nowMs);
    const admission = admit(facts, { ...subject, key: keyOf(attempt) }, policy, nowMs);
    if (admission.kind === 'refused') {
      waitMs = 1000 * admission.retryAfterSeconds;
      note('refused', attempt, nowMs, admission);
      return 'refused';
    }
    take(admission, attempt, nowMs);
    if (kind === 'started') begin(attempt, facts, nowMs);
    note(kind, attempt, nowMs);
    return 'sent';
  };

  /** Brings the detector the events that the stream has brought by now, in the batches in which it would have. */
  const catchUp = (nowMs: number): void => {
    while (waiting.length > 0) {
      const [first] = waiting;
      if (first === undefined || first.atMs + streamDelayMs > nowMs) return;
      const untilMs = (Math.floor(first.atMs / pollMs) + 1) * pollMs;
      const end = waiting.findIndex(({ atMs }) => atMs >= untilMs);
      const batch = end < 0 ? waiting : waiting.slice(0, end);
      waiting = end < 0 ? [] : waiting.slice(end);
      detect(batch, Math.max(first.atMs, (batch.at(-1) ?? first).atMs) + streamDelayMs);
    }
  };

  const detect = (events: readonly TrafficEvent[], nowMs: number): void => {
    const keys = keysOf(events, settings.exemptApplications);
    const { facts, runningSinceMs } = bursts.atOnce.count(events, keys, nowMs);
    const { rolledUp, prolonged, rulings } = judgeTraffic(events, facts, settings, { nowMs, runningSinceMs });
    rulings.forEach(rule);
    for (const each of prolonged) bursts.atOnce.commit({ kind: 'prolongation', ...each });
    for (const each of rolledUp) bursts.atOnce.rollUp(each);
  };

  /** As `commitRuling` does, without the waiting. */
  const committed = (judged: Ruling): RulingDecision | undefined => {
    let ruling: Ruling | undefined = judged;
    while (ruling !== undefined) {
      const facts = bursts.atOnce.readCase(ruling.uid, { withCampaign: mayCountInCampaign(ruling) });
      const decision = decide(ruling, facts);
      const outcome = bursts.atOnce.commit(decision);
      if (outcome === 'committed') return decision;
      ruling = rulingAfter(ruling, outcome);
    }
    return undefined;
  };

  const rule = (ruling: Ruling): void => {
    const decision = committed(ruling);
    if (decision === undefined) return;
    const { key, action } = ruling;
    const { severity, isUpdate } = decision.ruling;
    const { countries } = ruling.explanation;
    if (!isUpdate) findings.push({ level: levelOf(key), key: key.of, severity, atMs: ruling.atMs, countries });
    if (action !== 'none') blocked.push(ruling);
  };

  /** Looks over the countries, once an hour. */
  const review = (nowMs: number): void => {
    const facts = bursts.atOnce.readFacts(keysToReview(settings), nowMs);
    reviewTraffic(facts, settings, nowMs).forEach(rule);
  };

  return {
    ask: (attempt) => send(attempt, 'started', attempt.atMs),
    waitMs: () => waitMs,
    wouldSend: (attempt) => {
      const subject = subjectOf(attempt);
      const facts = factsOf(attempt, subject, attempt.atMs);
      return admit(facts, { ...subject, key: 'nobody' }, policy, attempt.atMs).kind === 'admitted';
    },
    remember: (past) => {
      for (const each of historiesOf(past)) bursts.atOnce.rollUp(each);
      bursts.atOnce.count([], [{ level: 'everywhere', of: everywhere }], past.endMs - past.days * dayMs);
    },
    resend: (attempt, atMs) => send(attempt, 'resent', atMs),
    verified: (attempt, atMs) => {
      const ip = ipOf(attempt, atMs);
      ip.vouchedMs = atMs;
      if (ip.verifiers.size < maxVouchers) ip.verifiers.add(attempt.phone);
      dayIn(attempt.country, atMs).verified += 1;
      note('approved', attempt, atMs);
      const guess = { kind: 'right' as const, ...momentOf(keyOf(attempt), atMs) };
      standings.set(attempt.phone, afterGuess(reputationOf(attempt), guess));
    },
    wrong: (attempt, atMs) => {
      mistyped.set(attempt, (mistyped.get(attempt) ?? 0) + 1);
      note('wrong', attempt, atMs);
    },
    codeOf: (attempt) => codes.get(attempt) ?? policy.code,
    tick: (nowMs) => {
      catchUp(nowMs);
      if (nowMs % 3_600_000 >= tickMs) return;
      bursts.expire(nowMs);
      review(nowMs);
    },
    report: () => ({ findings, blocks: blocked.length, units: { ...bursts.units } }),
  };
};
