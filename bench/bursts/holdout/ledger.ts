/** The score of one run of the hold-out: whose SMS were sent, and whose should have been. */

import type { Finding, Level, Outcome, Report, Visible } from '../contenders/contender.ts';
import type { Book } from '../play/stage.ts';
import { hourMs } from '../traffic/calendar.ts';
import type { Attack, AttackKind, HoldoutCalendar, TrapKind } from './calendar.ts';
import { isTunnel, type Land } from './world.ts';

export type HoldoutLabel =
  | { readonly legit: true; readonly trap?: TrapKind }
  | { readonly legit: false; readonly kind: AttackKind; readonly attack: string };

/**
 * The place in which a legitimate visit counts, once. A country is near an attack during it and for 12 hours after it.
 * All else on a quiet day is clean.
 */
export type HoldoutPlace =
  | TrapKind
  | 'clean day'
  | 'clean day, VPN'
  | 'no attack near'
  | 'during an attack'
  | 'after an attack'
  | 'trap in an attack'
  | 'warm-up';

export type Visits = { total: number; undelivered: number };

export type Raid = {
  readonly id: string;
  readonly kind: AttackKind;
  asked: number;
  sent: number;
  sentUsd: number;
  /** Messages sent before the first refusal. */
  sentFirst: number;
  guesses: number;
  isRefused: boolean;
  isFound: boolean;
};

export type HoldoutScore = {
  readonly places: readonly (readonly [HoldoutPlace, Visits])[];
  /** Visits that ended with the code entered. */
  readonly verified: number;
  readonly raids: readonly Raid[];
  readonly findings: number;
  readonly blocks: number;
};

const afterMs = 12 * hourMs;
/** A finding about an attack may come this long after its last message. */
const findingGraceMs = hourMs;
/** A finding is about an attack if this many of its messages had the key of the finding. */
const minMessages = 3;

const levels: readonly Exclude<Level, 'all'>[] = ['phone', 'ip', 'range', 'prefix', 'country'];

type Trace = {
  readonly raid: Raid;
  readonly startMs: number;
  readonly keys: Map<string, number>;
  lastMs: number;
};

const traceOf = ({ id, kind, startMs }: Attack): Trace => ({
  raid: { id, kind, asked: 0, sent: 0, sentUsd: 0, sentFirst: 0, guesses: 0, isRefused: false, isFound: false },
  startMs,
  keys: new Map(),
  lastMs: startMs,
});

const isAbout = ({ level, key, atMs }: Finding, { raid, startMs, keys, lastMs }: Trace): boolean => {
  if (atMs < startMs || atMs > lastMs + findingGraceMs) return false;
  const messages = level === 'all' ? raid.asked : (keys.get(`${level} ${key}`) ?? 0);
  return messages >= minMessages;
};

export type Visited = {
  readonly land: Land;
  readonly ip: string;
  readonly trap: TrapKind | undefined;
  readonly startedMs: number;
};

export type HoldoutLedger = Book<HoldoutLabel> & {
  /** A legitimate visit got its first SMS, or ended without one. */
  readonly settled: (visited: Visited, isDelivered: boolean) => void;
  /** The person entered the code. */
  readonly entered: () => void;
  readonly closed: (report: Report | undefined) => HoldoutScore;
};

/** The places in which visits count. */
const placesIn = ({ attacks, testStartMs, isQuiet }: HoldoutCalendar) => {
  const nearest = ({ code }: Land, atMs: number): 'during an attack' | 'after an attack' | undefined => {
    const here = attacks.filter(({ lands }) => lands.some((land) => land.code === code));
    if (here.some(({ startMs, endMs }) => atMs >= startMs && atMs < endMs)) return 'during an attack';
    return here.some(({ endMs }) => atMs >= endMs && atMs < endMs + afterMs) ? 'after an attack' : undefined;
  };

  return ({ land, ip, trap, startedMs: atMs }: Visited): HoldoutPlace => {
    if (atMs < testStartMs) return 'warm-up';
    const near = nearest(land, atMs);
    if (trap !== undefined) return near === undefined ? trap : 'trap in an attack';
    // A block that is left from the day before counts against the quiet day.
    if (isQuiet(atMs)) return isTunnel(ip) ? 'clean day, VPN' : 'clean day';
    return near ?? 'no attack near';
  };
};

const noteKeys = ({ keys }: Trace, attempt: Visible) => {
  for (const level of levels) {
    const key = `${level} ${attempt[level]}`;
    keys.set(key, (keys.get(key) ?? 0) + 1);
  }
};

const noteOutcome = ({ raid }: Trace, priceUsd: number, outcome: Outcome) => {
  raid.asked += 1;
  if (outcome === 'refused') {
    raid.isRefused = true;
    return;
  }
  raid.sent += 1;
  raid.sentUsd += priceUsd;
  if (!raid.isRefused) raid.sentFirst += 1;
};

export const holdoutLedgerOf = (calendar: HoldoutCalendar): HoldoutLedger => {
  const traces = new Map(calendar.attacks.map((attack) => [attack.id, traceOf(attack)]));
  const places = new Map<HoldoutPlace, Visits>();
  const placeOf = placesIn(calendar);
  let verified = 0;

  const traceFor = (attack: string): Trace => {
    const trace = traces.get(attack);
    if (trace === undefined) throw new Error(`${attack} is not in the calendar.`);
    return trace;
  };

  const note = (attempt: Visible, label: HoldoutLabel, outcome: Outcome, atMs: number) => {
    if (label.legit) return;
    const trace = traceFor(label.attack);
    trace.lastMs = atMs;
    noteKeys(trace, attempt);
    noteOutcome(trace, attempt.priceUsd, outcome);
  };

  return {
    settled: (visited, isDelivered) => {
      const place = placeOf(visited);
      const visits = places.get(place) ?? { total: 0, undelivered: 0 };
      visits.total += 1;
      if (!isDelivered) visits.undelivered += 1;
      places.set(place, visits);
    },
    entered: () => {
      verified += 1;
    },
    asked: (attempt, label, outcome) => note(attempt, label, outcome, attempt.atMs),
    resent: note,
    guessed: (label, worth) => {
      if (!label.legit) traceFor(label.attack).raid.guesses += worth;
    },
    closed: (report) => {
      const findings = (report?.findings ?? []).filter(({ atMs }) => atMs >= calendar.testStartMs);
      for (const trace of traces.values()) trace.raid.isFound = findings.some((finding) => isAbout(finding, trace));
      return {
        places: [...places],
        verified,
        raids: [...traces.values()].map(({ raid }) => raid),
        findings: findings.length,
        blocks: report?.blocks ?? 0,
      };
    },
  };
};
