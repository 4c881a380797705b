/**
 * The service's own guard and detector as a contender: the code that is deployed, on an injected clock, with its tables
 * in memory. A block takes effect when the stream would have brought the event, not before.
 */

import type { Key, TrafficEvent, TrafficKind } from '../../../lambdas/bursts/counts/traffic.ts';
import {
  type DetectorSettings,
  judgeTraffic,
  keysToRead,
  keysToReview,
  reviewTraffic,
} from '../../../lambdas/bursts/detect.ts';
import type { Ruling } from '../../../lambdas/bursts/judge/judge.ts';
import {
  type Admission,
  type AdmissionFacts,
  admit,
  type Block,
  type RefusedBy,
  type Subject,
} from '../../../lambdas/otp/limits/admission.ts';
import { dayOf } from '../../../lambdas/otp/limits/caps.ts';
import { conforms, tatAfter } from '../../../lambdas/otp/limits/gcra.ts';
import { type Guard, noGuard } from '../../../lambdas/otp/limits/guard.ts';
import { isKnownGood, maxAttemptsFor, noStanding, type Standing } from '../../../lambdas/otp/limits/reputation.ts';
import { blockLevels, type Policy } from '../../../lambdas/policy.ts';
import { defaultBursts } from '../../../lib/settings/burst-defaults.ts';
import { policyOf } from '../../../lib/settings/policy.ts';
import { parseSettings } from '../../../lib/settings/settings.ts';
import { memoryBursts } from '../../../test/fakes/memory-bursts.ts';
import { type Code, type Contender, type Entry, type Finding, type Level, tickMs, type Visible } from './contender.ts';

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
    spend: endless,
    countries: Object.fromEntries(
      Object.entries(policy.countries).map(([name, country]) => [name, { ...country, spend: endless }]),
    ),
  };
};

type Address = {
  tatMs: number;
  provenTatMs: number;
  day: string;
  countries: string[];
  vouchers: Set<string>;
  vouchedMs: number;
};
type Day = { sent: number; verified: number };

const dayMs = 86_400_000;
const mostVouchers = 50;

const levelOf = ({ level }: Key): Level => {
  if (level === 'codes') return 'country';
  return level === 'everywhere' ? 'all' : level;
};

export const ours = (name: string, countries: readonly string[], settingsOf = detectorSettings): Entry => ({
  name,
  enter: () => enter(policyFor(countries), settingsOf),
});

export const detectorSettings = (policy: Policy): DetectorSettings => ({
  bursts: defaultBursts,
  priceUsd: (country) => policy.countries[country]?.priceUsd ?? 0,
  exemptApplications: policy.addresses.exemptApplications,
  countries: Object.keys(policy.countries),
});

const enter = (policy: Policy, settingsOf: (policy: Policy) => DetectorSettings): Contender => {
  const settings = settingsOf(policy);
  const guards = new Map<string, Guard>();
  const standings = new Map<string, Standing>();
  const addresses = new Map<string, Address>();
  const days = new Map<string, Day>();
  const bursts = memoryBursts(settings.exemptApplications);
  const findings: Finding[] = [];
  const blocked: Ruling[] = [];
  /** Whether the number was unknown when it asked, as its record would say. */
  const strangers = new WeakMap<Visible, boolean>();
  const mistyped = new WeakMap<Visible, number>();
  const codes = new WeakMap<Visible, Code>();
  let waiting: TrafficEvent[] = [];
  let lastId = 0;

  const subjectOf = ({ phone, block, operator, country, address, application }: Visible): Subject => ({
    phoneKey: phone,
    block,
    operator,
    country,
    address,
    application,
  });

  const standingOf = ({ phone, verifiedBefore }: Visible): Standing =>
    standings.get(phone) ??
    (verifiedBefore ? { version: 1, wrong: 0, verifiedAtMs: Number.MAX_SAFE_INTEGER } : noStanding);

  const addressOf = (key: string, nowMs: number): Address => {
    const known = addresses.get(key) ?? {
      tatMs: 0,
      provenTatMs: 0,
      day: '',
      countries: [],
      vouchers: new Set<string>(),
      vouchedMs: 0,
    };
    addresses.set(key, known);
    const today = dayOf(nowMs);
    if (known.day !== today) {
      known.day = today;
      known.countries = [];
    }
    if (known.vouchedMs + 30 * dayMs < nowMs) known.vouchers.clear();
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
      const challenge = last.action === 'challenge' ? ({ challenge: true } as const) : {};
      return [{ level, until: last.untilMs / 1000, reason: '', by: '', ...challenge }];
    });
  };

  const factsOf = (attempt: Visible, subject: Subject, nowMs: number): AdmissionFacts => {
    const address = addressOf(subject.address, nowMs);
    const today = dayIn(subject.country, nowMs);
    return {
      guard: guards.get(subject.phoneKey) ?? noGuard,
      standing: standingOf(attempt),
      blocks: blocksOn(subject, nowMs),
      isSprayed: bursts.blockOn({ level: 'codes', of: subject.country }, nowMs) !== undefined,
      address: {
        tatMs: address.tatMs,
        provenTatMs: address.provenTatMs,
        countriesToday: address.countries,
        successes: address.vouchers.size,
      },
      country: {
        sentToday: today.sent,
        verifiedToday: today.verified,
        verifiedYesterday: dayIn(subject.country, nowMs - dayMs).verified,
      },
      spent: { total: { hour: 0, day: 0 }, country: { hour: 0, day: 0 } },
    };
  };

  const take = ({ guard, reservation }: Extract<Admission, { kind: 'admitted' }>, subject: Subject, nowMs: number) => {
    guards.set(subject.phoneKey, guard);
    dayIn(subject.country, nowMs).sent += 1;
    const { address } = reservation;
    if (address === undefined) return;
    const known = addressOf(address.key, nowMs);
    const time = address.isProven ? 'provenTatMs' : 'tatMs';
    if (!conforms(known[time], address.rate, nowMs)) throw new Error('An address was admitted and had nothing left.');
    known[time] = tatAfter(known[time], address.rate, nowMs);
    if (!known.countries.includes(address.country)) known.countries.push(address.country);
  };

  const begin = (attempt: Visible, { standing, isSprayed }: AdmissionFacts, nowMs: number): void => {
    strangers.set(attempt, !isKnownGood(standing, nowMs));
    const { digits, whileSprayed } = policy.code;
    codes.set(attempt, {
      digits: isSprayed ? whileSprayed.digits : digits,
      maxAttempts: maxAttemptsFor(standing, policy.code, isSprayed, nowMs),
    });
  };

  const note = (kind: TrafficKind, attempt: Visible, atMs: number, refused?: RefusedBy): void => {
    lastId += 1;
    waiting.push({
      version: 1,
      id: String(lastId),
      kind,
      atMs,
      startedAtMs: attempt.atMs,
      subject: subjectOf(attempt),
      purpose: 'login',
      stranger: strangers.get(attempt) ?? true,
      mistyped: kind === 'approved' ? (mistyped.get(attempt) ?? 0) : undefined,
      reason: refused?.because,
      limit: refused?.limit,
    });
  };

  const send = (attempt: Visible, kind: 'started' | 'resent', nowMs: number): 'sent' | 'refused' => {
    catchUp(nowMs);
    const subject = subjectOf(attempt);
    const facts = factsOf(attempt, subject, nowMs);
    const admission = admit(facts, subject, policy, nowMs);
    if (admission.kind === 'refused') {
      note('refused', attempt, nowMs, admission);
      return 'refused';
    }
    take(admission, subject, nowMs);
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
    bursts.atOnce.count(events);
    const keys = keysToRead(events, settings);
    const facts = bursts.atOnce.read(keys, nowMs);
    const moment = { nowMs, runningSinceMs: bursts.atOnce.runningSinceMs(nowMs) };
    const { folded, prolonged, rulings } = judgeTraffic(events, facts, settings, moment);
    rulings.forEach(rule);
    for (const each of prolonged) bursts.atOnce.prolong(each);
    for (const each of folded) bursts.atOnce.fold(each);
  };

  const rule = (ruling: Ruling): void => {
    const told = bursts.atOnce.rule(ruling);
    if (told === undefined) return;
    const { key, action } = ruling;
    const { severity, isUpdate } = told.ruling;
    const { countries } = ruling.explanation;
    if (!isUpdate) findings.push({ level: levelOf(key), key: key.of, severity, atMs: ruling.atMs, countries });
    if (action !== 'none') blocked.push(ruling);
  };

  /** Looks over the countries, once an hour. */
  const review = (nowMs: number): void => {
    const facts = bursts.atOnce.read(keysToReview(settings), nowMs);
    reviewTraffic(facts, settings, nowMs).forEach(rule);
  };

  return {
    ask: (attempt) => send(attempt, 'started', attempt.atMs),
    resend: (attempt, atMs) => send(attempt, 'resent', atMs),
    verified: (attempt, atMs) => {
      const address = addressOf(attempt.address, atMs);
      address.vouchedMs = atMs;
      if (address.vouchers.size < mostVouchers) address.vouchers.add(attempt.phone);
      dayIn(attempt.country, atMs).verified += 1;
      note('approved', attempt, atMs);
      standings.set(attempt.phone, { version: 1, wrong: 0, verifiedAtMs: atMs });
    },
    wrong: (attempt, atMs) => {
      mistyped.set(attempt, (mistyped.get(attempt) ?? 0) + 1);
      note('wrong', attempt, atMs);
    },
    codeOf: (attempt) => codes.get(attempt) ?? policy.code,
    tick: (nowMs) => {
      catchUp(nowMs);
      if (nowMs % 3_600_000 >= tickMs) return;
      bursts.sweep(nowMs);
      review(nowMs);
    },
    report: () => ({ findings, blocks: blocked.length, units: { ...bursts.units } }),
  };
};
