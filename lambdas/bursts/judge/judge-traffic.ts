import type { BurstPolicy } from '../../policy.ts';
import type { TrafficEvent } from '../counts/events.ts';
import { amongOthers, type Baseline, baselinesOf, type Chain } from '../counts/history.ts';
import { type Key, type Level, nameOf } from '../counts/keys.ts';
import { timeBucketMs } from '../counts/time-buckets.ts';
import { assess, type KeyState, startedHour } from '../evidence/assess.ts';
import { ripeBefore, rollUpRipe } from '../evidence/roll-up.ts';
import { type Holder, parentOf } from '../findings/parents.ts';
import type { KeyFacts, RolledUp } from '../ports.ts';
import { lastBlockNow, prolong, sinceOf } from './blocks.ts';
import type { Candidate } from './candidate.ts';
import { criticalUsdPerHourOf } from './consequences.ts';
import { judgeCountry, judgeKey } from './judge-key.ts';
import { type BlockedPart, partName, siblingEvidence } from './parts.ts';
import type { LastBlock, Ruling } from './ruling.ts';
import { type Affected, affectedBy, keyAt } from './subjects.ts';

export type JudgeSettings = {
  readonly bursts: BurstPolicy;
  /** Of one SMS by country, in USD. */
  readonly priceUsd: (country: string) => number;
  /** The cost of SMS to a country per hour at most, in USD: the cap that is reached first. */
  readonly hourCapUsd: (country: string) => number;
  readonly exemptApplications: readonly string[];
};

/** A block that goes on: its end moves from `before` to `after`. */
export type Prolonged = { readonly key: Key; readonly before: LastBlock; readonly after: LastBlock };

/** What follows from events that were counted. */
export type Judged = {
  readonly rolledUp: readonly RolledUp[];
  readonly prolonged: readonly Prolonged[];
  /** In the order in which they are to be committed. */
  readonly rulings: readonly Ruling[];
};

export type Moment = { readonly nowMs: number; readonly runningSinceMs: number };

/** The usual lag of the stream. With a longer one, the detector is behind. */
const streamLagMs = 5000;

/** Decides about events that have been counted. A pure function of the facts. */
export const judgeTraffic = (
  events: readonly TrafficEvent[],
  facts: ReadonlyMap<string, KeyFacts>,
  settings: JudgeSettings,
  { nowMs, runningSinceMs }: Moment,
): Judged => {
  const evaluation: Evaluation = {
    settings,
    nowMs,
    readMs: Math.min(nowMs, Math.max(...events.map(({ atMs }) => atMs)) + streamLagMs),
    runningHours: Math.max(0, nowMs - runningSinceMs) / 3_600_000,
    known: new Map([...facts].map(([name, each]) => [name, knownOf(each, nowMs)])),
    judged: new Set(),
    holders: new Map(),
    rolledUp: [],
    prolonged: [],
    rulings: [],
  };
  for (const each of affectedBy(events, settings.exemptApplications)) judgeSubject(each, evaluation);
  const { rolledUp, prolonged } = evaluation;
  return { rolledUp, prolonged, rulings: withParents(evaluation) };
};

/** Facts of a key as of now. */
type Known = Omit<KeyFacts, 'block'>;

const nothing: Known = { history: undefined, counts: [], lastBlock: undefined, lastNotified: undefined, parts: [] };

const knownOf = ({ block, lastBlock, ...rest }: KeyFacts, nowMs: number): Known => ({
  ...rest,
  lastBlock: lastBlockNow(lastBlock, block, nowMs),
});

/** One evaluation of a batch, as far as it has come. */
type Evaluation = {
  readonly settings: JudgeSettings;
  readonly nowMs: number;
  /**
   * How far the stream has been read. The ages of codes are taken as of then: after an outage of the detector, approvals
   * of the time since are still to be counted.
   */
  readonly readMs: number;
  readonly runningHours: number;
  readonly known: Map<string, Known>;
  readonly judged: Set<string>;
  /** Prefixes and countries whose blocks held before. */
  readonly holders: Map<string, Holder>;
  readonly rolledUp: RolledUp[];
  readonly prolonged: Prolonged[];
  readonly rulings: Ruling[];
};

/** A parent is the case of a wider group whose block holds, or is about to. */
const withParents = ({ rulings, holders }: Evaluation): readonly Ruling[] => {
  const all = [...holders.values(), ...rulings.filter(({ action }) => action !== 'none')];
  return rulings.map((ruling) => {
    const parent = parentOf(ruling.key, ruling.country, all);
    return parent === undefined ? ruling : { ...ruling, parent };
  });
};

const knownAt = (key: Key | undefined, { known }: Evaluation): Known =>
  (key === undefined ? undefined : known.get(nameOf(key))) ?? nothing;

const judgeSubject = ({ subject, levels }: Affected, evaluation: Evaluation): void => {
  const { nowMs, judged, holders, rulings } = evaluation;
  const historyAt = (level: Level) => knownAt(keyAt(level, subject), evaluation).history;
  const chain: Chain = {
    country: historyAt('country'),
    prefix: historyAt('prefix'),
    range: historyAt('range'),
    ip: historyAt('ip'),
  };
  const baselines = baselinesOf(chain, nowMs);
  const { country } = subject;
  for (const level of ['prefix', 'country'] as const) {
    const key = keyAt(level, subject);
    const { lastBlock } = knownAt(key, evaluation);
    if (lastBlock !== undefined && nowMs < lastBlock.untilMs) holders.set(nameOf(key), { uid: lastBlock.uid, key });
  }
  for (const level of levels) {
    const key = keyAt(level, subject);
    if (judged.has(nameOf(key))) continue;
    judged.add(nameOf(key));
    const prefix = level === 'range' ? keyAt('prefix', subject) : undefined;
    const ruling = judgeOne({ key, baseline: baselineAt(level, baselines), country, prefix, chain }, evaluation);
    if (ruling === undefined) continue;
    rulings.push(ruling);
    if (ruling.action === 'none' || ruling.within === undefined) continue;
    const parts = noteBlocked(ruling.within, key, evaluation);
    if (level !== 'prefix') continue;
    const whole = judgeWhole({ key: ruling.within, baseline: baselines.country, country, chain }, parts, evaluation);
    if (whole !== undefined) rulings.push(whole);
  }
};

/** Guesses have no usual rate. */
const ofGuesses: Baseline = { perHour: 1, conversion: 0.8 };

const baselineAt = (level: Level, baselines: Readonly<Record<keyof Chain, Baseline>>): Baseline =>
  level === 'phone' || level === 'codes' || level === 'everywhere' ? ofGuesses : baselines[level];

/** A key with what surrounds it. */
type Surrounded = {
  readonly key: Key;
  readonly baseline: Baseline;
  readonly country: string;
  /** Of a range. */
  readonly prefix?: Key | undefined;
  readonly chain: Chain;
};

/** A block of this evaluation counts for the keys that come after it. */
const noteBlocked = (within: Key, part: Key, evaluation: Evaluation): readonly BlockedPart[] => {
  const found = knownAt(within, evaluation);
  const parts = [...found.parts, { of: partName(part), atMs: evaluation.nowMs }];
  evaluation.known.set(nameOf(within), { ...found, parts });
  return parts;
};

/** How far a key has been read: the replay of a dead letter does not turn its clock back. */
const readUntil = ({ history, counts }: KeyState, { readMs, nowMs }: Evaluation): number => {
  const newest = counts.at(-1)?.timeBucket ?? (history === undefined ? 0 : history.timeBucket + 1);
  return Math.min(nowMs, Math.max(readMs, newest * timeBucketMs));
};

/** A marketing campaign brings people to all ranges of a prefix, so the others' current traffic is usual for each. */
const baselineNow = ({ prefix, baseline, chain }: Surrounded, found: Known, evaluation: Evaluation): Baseline => {
  if (prefix === undefined) return baseline;
  const { nowMs } = evaluation;
  const others = Math.max(0, startedHour(knownAt(prefix, evaluation), nowMs) - startedHour(found, nowMs));
  return { ...baseline, perHour: Math.max(baseline.perHour, amongOthers(chain, others)) };
};

const candidateOf = (surrounded: Surrounded, found: Known, evaluation: Evaluation): Candidate => {
  const { key, country, prefix } = surrounded;
  const { nowMs, settings, runningHours } = evaluation;
  const since = sinceOf(found.lastBlock, nowMs);
  // A range that was blocked itself has evidence of its own.
  const isFresh = prefix !== undefined && since === undefined;
  const given = isFresh ? siblingEvidence(knownAt(prefix, evaluation).parts, partName(key), nowMs) : 0;
  const baseline = baselineNow(surrounded, found, evaluation);
  return {
    key,
    country,
    prefix,
    state: found,
    assessment: assess(key.level, found, baseline, readUntil(found, evaluation), since, given),
    lastBlock: found.lastBlock,
    lastNotified: found.lastNotified,
    priceUsd: settings.priceUsd(country),
    criticalUsdPerHour: criticalUsdPerHourOf(settings.bursts, settings.hourCapUsd(country)),
    runningHours,
  };
};

/** The codes of a country are judged by its counts of the last half hour. */
const knownOfKey = ({ key, country }: Surrounded, evaluation: Evaluation): Known => {
  const known = knownAt(key, evaluation);
  if (key.level !== 'codes') return known;
  const { counts } = knownAt({ level: 'country', of: country }, evaluation);
  return { ...known, counts: counts.filter(({ timeBucket }) => timeBucket > ripeBefore(evaluation.nowMs)) };
};

const judgeOne = (surrounded: Surrounded, evaluation: Evaluation): Ruling | undefined => {
  const { key, baseline } = surrounded;
  const { known, settings, nowMs, rolledUp, prolonged } = evaluation;
  const before = knownOfKey(surrounded, evaluation);
  const { lastBlock } = before;
  const since = sinceOf(lastBlock, nowMs);
  const found = { ...before, ...rollUpRipe(key.level, before, baseline, readUntil(before, evaluation), since) };
  if (found.history !== undefined && found.history !== before.history) rolledUp.push({ key, history: found.history });
  if (key.level !== 'codes') known.set(nameOf(key), found);
  const candidate = candidateOf(surrounded, found, evaluation);
  const ruling = judgeKey(candidate, settings.bursts, nowMs);
  if (ruling !== undefined || lastBlock === undefined) return ruling;
  const after = prolong(lastBlock, key, candidate.assessment, nowMs);
  if (after !== undefined) prolonged.push({ key, before: lastBlock, after });
  return undefined;
};

const judgeWhole = (
  surrounded: Surrounded,
  prefixes: readonly BlockedPart[],
  evaluation: Evaluation,
): Ruling | undefined => {
  const candidate = candidateOf(surrounded, knownAt(surrounded.key, evaluation), evaluation);
  return judgeCountry(candidate, prefixes, evaluation.settings.bursts, evaluation.nowMs);
};
