/** Keeps the score of one run: who was let through, and who should have been. Sums only, so that it stays small. */

import type { Finding, Outcome, Report, Visible } from '../contenders/contender.ts';
import { type Attack, type Calendar, dayMs, type Family, hourMs, type TrapKind } from '../traffic/calendar.ts';
import type { Caller, Country } from '../traffic/world.ts';

export type Label =
  | { readonly legit: true; readonly trap?: TrapKind }
  | { readonly legit: false; readonly family: Family; readonly attack: string };

/** A request with what only the evaluation knows of it. */
export type Attempt = Visible & { readonly label: Label };

/**
 * Where a legitimate verification stands in the report, once: in its trap; else in an attacked country, during the
 * attack or in the 12 hours after it; else on a clean day, or on another.
 */
export type Place = TrapKind | 'during an attack' | 'after an attack' | 'clean day' | 'elsewhere' | 'warm-up';

export type Tally = { total: number; undelivered: number };

export const nobody = (): Tally => ({ total: 0, undelivered: 0 });

export type AttackScore = {
  readonly id: string;
  readonly family: Family;
  readonly startMs: number;
  readonly endMs: number;
  asked: number;
  sent: number;
  sentUsd: number;
  askedUsd: number;
  /** In guesses at codes of six digits: their sum, divided by a million, is the expected number of take-overs. */
  guesses: number;
  guessesBeforeRefusal: number;
  sentBeforeRefusal: number;
  /** Of the first refusal. */
  refusedAtMs: number | undefined;
  /** Of the first finding about it. */
  foundAtMs: number | undefined;
  /** Findings of high or critical severity about it. */
  highFindings: number;
  /** Messages by `slotMs` since the start. */
  readonly askedBySlot: number[];
  readonly sentBySlot: number[];
};

export type Score = {
  readonly testDays: number;
  readonly places: readonly (readonly [Place, Tally])[];
  /** Ordinary people of clean days and those in an outage, on days without any attack. */
  readonly cleanWithOutages: Tally;
  /** Of the country that A12 wants blocked, from its start to 12 hours after its end. */
  readonly weaponised: Tally;
  readonly resends: Tally;
  readonly attacks: readonly AttackScore[];
  readonly findings: { readonly total: number; readonly high: number; readonly highTrue: number };
  readonly blocks: number;
  readonly units: Readonly<Record<string, number>>;
};

const afterMs = 12 * hourMs;
/** A finding about an attack may come so long after its last message. */
const findingGraceMs = hourMs;
/** A finding is about an attack if so many of its messages had the finding's key: less is chance. */
const minMessages = 3;
/** How finely the messages of an attack are told over time. */
export const slotMs = 10_000;
/** The longest attack lasts two days; what is asked after that is counted at its end. */
const maxSlots = 2 * (dayMs / slotMs);

type Trace = {
  readonly score: AttackScore;
  /** Messages asked for, by level and key. */
  readonly keys: ReadonlyMap<string, Map<string, number>>;
  lastMs: number;
};

const traceOf = ({ id, family, startMs, endMs }: Attack): Trace => ({
  score: {
    id,
    family,
    startMs,
    endMs,
    asked: 0,
    sent: 0,
    sentUsd: 0,
    askedUsd: 0,
    guesses: 0,
    guessesBeforeRefusal: 0,
    sentBeforeRefusal: 0,
    refusedAtMs: undefined,
    foundAtMs: undefined,
    highFindings: 0,
    askedBySlot: [],
    sentBySlot: [],
  },
  keys: new Map(keyLevels.map((level) => [level, new Map<string, number>()])),
  lastMs: startMs,
});

const keyLevels = ['phone', 'ip', 'range', 'prefix', 'country'] as const;

const isHigh = ({ severity }: Finding) => severity === 'high' || severity === 'critical';

/** How many messages of the attack had the finding's key, if it was going on. */
const messagesAbout = ({ level, key, atMs, countries = [] }: Finding, { score, keys, lastMs }: Trace): number => {
  if (atMs < score.startMs || atMs > lastMs + findingGraceMs) return 0;
  if (level !== 'all') return keys.get(level)?.get(key) ?? 0;
  // One that names countries is about an attack if most of them are the attack's.
  const met = countries.filter((country) => keys.get('country')?.has(country)).length;
  return met * 2 >= countries.length ? score.asked : 0;
};

/** What a finding is about: of the attacks that were going on, the one with most messages of its key. */
const aboutWhich = (finding: Finding, traces: readonly Trace[]): Trace | undefined => {
  const [first] = traces
    .map((trace) => ({ trace, messages: messagesAbout(finding, trace) }))
    .filter(({ messages }) => messages >= minMessages)
    .sort((one, other) => other.messages - one.messages);
  return first?.trace;
};

export type Ledger = ReturnType<typeof ledgerOf>;

export const ledgerOf = ({ attacks, testStartMs, endMs, isCleanDay }: Calendar) => {
  const traces = new Map(attacks.map((attack) => [attack.id, traceOf(attack)]));
  const byCountry = Map.groupBy(
    attacks.flatMap((attack) => attack.countries.map((country) => ({ country: country.code, attack }))),
    ({ country }) => country,
  );
  const places = new Map<Place, Tally>();
  const [cleanWithOutages, weaponised, resends] = [nobody(), nobody(), nobody()];

  const traceFor = (attack: string): Trace => {
    const trace = traces.get(attack);
    if (trace === undefined) throw new Error(`${attack} is not in the calendar.`);
    return trace;
  };

  const attackedPlace = (country: Country, atMs: number): Place | undefined => {
    const here = byCountry.get(country.code) ?? [];
    if (here.some(({ attack }) => atMs >= attack.startMs && atMs <= attack.endMs)) return 'during an attack';
    return here.some(({ attack }) => atMs > attack.endMs && atMs <= attack.endMs + afterMs)
      ? 'after an attack'
      : undefined;
  };

  const placeOf = (country: Country, trap: TrapKind | undefined, atMs: number): Place => {
    if (atMs < testStartMs) return 'warm-up';
    if (trap !== undefined) return trap;
    // What is left standing of a block on a clean day counts against the clean day.
    if (isCleanDay(atMs)) return 'clean day';
    return attackedPlace(country, atMs) ?? 'elsewhere';
  };

  const isWeaponised = (country: Country, atMs: number) =>
    (byCountry.get(country.code) ?? []).some(
      ({ attack }) => attack.family === 'A12' && atMs >= attack.startMs && atMs <= attack.endMs + afterMs,
    );

  const add = (tally: Tally, isDelivered: boolean) => {
    tally.total += 1;
    if (!isDelivered) tally.undelivered += 1;
  };

  const noteKeys = ({ keys }: Trace, attempt: Visible) => {
    for (const level of keyLevels) {
      const counts = keys.get(level);
      counts?.set(attempt[level], (counts.get(attempt[level]) ?? 0) + 1);
    }
  };

  const noteAsked = (trace: Trace, priceUsd: number, outcome: Outcome, atMs: number) => {
    const { score } = trace;
    const slot = Math.min(maxSlots, Math.floor((atMs - score.startMs) / slotMs));
    trace.lastMs = atMs;
    score.asked += 1;
    score.askedUsd += priceUsd;
    score.askedBySlot[slot] = (score.askedBySlot[slot] ?? 0) + 1;
    if (outcome === 'refused') {
      score.refusedAtMs ??= atMs;
      return;
    }
    score.sent += 1;
    score.sentUsd += priceUsd;
    score.sentBySlot[slot] = (score.sentBySlot[slot] ?? 0) + 1;
    if (score.refusedAtMs === undefined) score.sentBeforeRefusal += 1;
  };

  /** @returns whether it is about an attack. */
  const noteFinding = (finding: Finding): boolean => {
    const score = aboutWhich(finding, [...traces.values()])?.score;
    if (score === undefined) return false;
    score.foundAtMs = Math.min(score.foundAtMs ?? finding.atMs, finding.atMs);
    if (isHigh(finding)) score.highFindings += 1;
    return true;
  };

  return {
    /** One legitimate verification is over: at least one SMS was sent for it, or none. */
    settled: (caller: Caller, trap: TrapKind | undefined, startedMs: number, isDelivered: boolean) => {
      const place = placeOf(caller.country, trap, startedMs);
      const tally = places.get(place) ?? nobody();
      places.set(place, tally);
      add(tally, isDelivered);
      if (place === 'clean day' || (place === 'outage' && isCleanDay(startedMs))) add(cleanWithOutages, isDelivered);
      if (place !== 'warm-up' && isWeaponised(caller.country, startedMs)) add(weaponised, isDelivered);
    },
    asked: (attempt: Visible, label: Label, outcome: Outcome) => {
      if (label.legit) return;
      const trace = traceFor(label.attack);
      noteKeys(trace, attempt);
      noteAsked(trace, attempt.priceUsd, outcome, attempt.atMs);
    },
    resent: (attempt: Visible, label: Label, outcome: Outcome, atMs: number) => {
      if (label.legit) add(resends, outcome === 'sent');
      else noteAsked(traceFor(label.attack), attempt.priceUsd, outcome, atMs);
    },
    guessed: (label: Label, worth: number) => {
      if (label.legit) return;
      const { score } = traceFor(label.attack);
      score.guesses += worth;
      if (score.refusedAtMs === undefined) score.guessesBeforeRefusal += worth;
    },
    closed: (report: Report | undefined): Score => {
      const findings = (report?.findings ?? []).filter(({ atMs }) => atMs >= testStartMs);
      const isTrue = findings.map(noteFinding);
      const high = findings.filter(isHigh).length;
      const highTrue = findings.filter((finding, index) => isHigh(finding) && isTrue[index]).length;
      return {
        testDays: (endMs - testStartMs) / dayMs,
        places: [...places],
        cleanWithOutages,
        weaponised,
        resends,
        attacks: [...traces.values()].map(({ score }) => score),
        findings: { total: findings.length, high, highTrue },
        blocks: report?.blocks ?? 0,
        units: report?.units ?? {},
      };
    },
  };
};
