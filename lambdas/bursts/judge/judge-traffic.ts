import { streamTimeOf } from '../counts/batch.ts';
import type { TrafficEvent } from '../counts/events.ts';
import { areOfNumber, type Key, nameOf } from '../counts/keys.ts';
import { arrivingIn } from '../evidence/arriving.ts';
import { type Assessment, assess, startedLately } from '../evidence/assess.ts';
import { amongOthers, type Baseline, baselinesOf, type Chain } from '../evidence/baseline.ts';
import { type AnnouncedLaunch, holdsLaunch } from '../evidence/launches.ts';
import { explainedSlots, partSlot, siblingEvidence } from '../evidence/parts.ts';
import { probesOf } from '../evidence/probes.ts';
import { ripeBefore, rollUpRipe } from '../evidence/roll-up.ts';
import type { Weighing } from '../evidence/weigh.ts';
import { parentOf } from '../findings/parents.ts';
import type { KeyFacts, RolledUp } from '../ports.ts';
import { haveProbesVerified, renew, sinceOf } from './blocks.ts';
import type { Candidate } from './candidate.ts';
import { criticalUsdPerHourOf } from './consequences.ts';
import {
  type Evaluation,
  type JudgeSettings,
  type Known,
  knownAt,
  knownOf,
  noteParts,
  type Renewed,
  readUntil,
} from './evaluation.ts';
import { launchAt, namedLaunch, partsInLaunch, sinceInLaunch } from './in-launch.ts';
import { judgeKey } from './judge-key.ts';
import { partsOf, type Ruling } from './ruling.ts';
import { type Affected, affectedBy, keyAt } from './subjects.ts';
import { rulingsOnNumbers } from './swapped-number.ts';

/** What follows from events that were counted. */
export type Judged = {
  readonly rolledUp: readonly RolledUp[];
  readonly renewed: readonly Renewed[];
  /** In the order in which they are to be committed. */
  readonly rulings: readonly Ruling[];
};

export type Moment = {
  readonly nowMs: number;
  readonly runningSinceMs: number;
  /** As far as they can be read. */
  readonly launches: readonly AnnouncedLaunch[];
};

/** Decides about events that have been counted. A pure function of the facts. */
export const judgeTraffic = (
  events: readonly TrafficEvent[],
  facts: ReadonlyMap<string, KeyFacts>,
  settings: JudgeSettings,
  { nowMs, runningSinceMs, launches }: Moment,
): Judged => {
  const affected = affectedBy(events);
  const evaluation: Evaluation = {
    settings,
    nowMs,
    readMs: streamTimeOf(events, nowMs),
    runningHours: Math.max(0, nowMs - runningSinceMs) / 3_600_000,
    affected,
    launches: launches.filter((launch) => holdsLaunch(launch, nowMs)),
    known: new Map([...facts].map(([name, each]) => [name, knownOf(each, nowMs)])),
    judged: new Set(),
    holders: new Map(),
    rolledUp: [],
    renewed: [],
    rulings: [],
  };
  for (const each of affected) judgeSubject(each, evaluation);
  const { rolledUp, renewed } = evaluation;
  return { rolledUp, renewed, rulings: [...withParents(evaluation), ...rulingsOnNumbers(events, nowMs)] };
};

/** A parent is the case of a wider group whose block holds, or is about to. */
const withParents = ({ rulings, holders }: Evaluation): readonly Ruling[] => {
  const all = [...holders.values(), ...rulings.filter(({ action }) => action !== 'none')];
  return rulings.map((ruling) => {
    const parent = parentOf(ruling.key, ruling.country, all);
    return parent === undefined ? ruling : { ...ruling, parent };
  });
};

/** A subject with what is usual for it. */
type Surrounding = Affected & { readonly chain: Chain; readonly baselines: Readonly<Record<keyof Chain, Baseline>> };

const surroundingOf = (affected: Affected, evaluation: Evaluation): Surrounding => {
  const { subject } = affected;
  const country = knownAt(keyAt('country', subject), evaluation);
  const historyAt = (level: Parameters<typeof keyAt>[0]) => knownAt(keyAt(level, subject), evaluation).history;
  const chain: Chain = {
    country: country.history,
    prefix: historyAt('prefix'),
    range: historyAt('range'),
    ip: historyAt('ip'),
    newNetwork: historyAt('new-network'),
  };
  const arriving = arrivingIn(country, readUntil(country, evaluation));
  return { ...affected, chain, baselines: baselinesOf(chain, evaluation.nowMs, arriving) };
};

const judgeSubject = (affected: Affected, evaluation: Evaluation): void => {
  const { nowMs, judged, holders, rulings } = evaluation;
  const surrounding = surroundingOf(affected, evaluation);
  for (const level of ['prefix', 'country'] as const) {
    const key = keyAt(level, affected.subject);
    const { lastBlock } = knownAt(key, evaluation);
    if (lastBlock !== undefined && nowMs < lastBlock.untilMs) holders.set(nameOf(key), { uid: lastBlock.uid, key });
  }
  for (const key of affected.keys) {
    if (judged.has(nameOf(key))) continue;
    judged.add(nameOf(key));
    const ruling = judgeOne(key, surrounding, evaluation);
    if (ruling === undefined) continue;
    rulings.push(ruling);
    noteParts(partsOf(ruling), evaluation);
  }
};

/** Guesses have no usual rate. */
const ofGuesses: Baseline = { perHour: 1, conversion: 0.8, arriving: 1 };

const baselineAt = ({ level }: Key, { baselines }: Surrounding): Baseline => {
  if (level === 'new-network') return baselines.newNetwork;
  return level === 'phone' || level === 'codes' || level === 'everywhere' ? ofGuesses : baselines[level];
};

/** A marketing campaign brings people to all ranges of a prefix, so the others' current traffic is usual for each. */
const baselineNow = (key: Key, found: Known, surrounding: Surrounding, evaluation: Evaluation): Baseline => {
  const baseline = baselineAt(key, surrounding);
  if (key.level !== 'range') return baseline;
  const { nowMs } = evaluation;
  const prefix = knownAt(keyAt('prefix', surrounding.subject), evaluation);
  const others = Math.max(0, startedLately(prefix, nowMs).hour - startedLately(found, nowMs).hour);
  return { ...baseline, perHour: Math.max(baseline.perHour, amongOthers(surrounding.chain, others)) };
};

/** People around a range: in the rest of its prefix, or of its country if nobody else is there. */
const aroundOf = ({ level }: Key, found: Known, { subject }: Surrounding, evaluation: Evaluation): number => {
  if (level !== 'range') return 0;
  const { nowMs } = evaluation;
  const inside = startedLately(found, nowMs).sixHours;
  const others = (['prefix', 'country'] as const).map(
    (wider) => startedLately(knownAt(keyAt(wider, subject), evaluation), nowMs).sixHours - inside,
  );
  return others.find((people) => people > 0) ?? 0;
};

const prefixOf = ({ level }: Key, { subject }: Affected): Key | undefined =>
  level === 'range' ? keyAt('prefix', subject) : undefined;

/** The evidence of a key, in a launch and without one. */
const assessmentIn = (key: Key, found: Known, weighing: Weighing, surrounding: Surrounding, evaluation: Evaluation) => {
  const { nowMs } = evaluation;
  const prefix = prefixOf(key, surrounding);
  // A range that was blocked itself has evidence of its own.
  const siblings = prefix === undefined || weighing.since !== undefined ? [] : knownAt(prefix, evaluation).parts;
  const baseline = baselineNow(key, found, surrounding, evaluation);
  const facts = {
    around: aroundOf(key, found, surrounding, evaluation),
    isFarmAgain: weighing.since !== undefined && found.lastBlock?.rule === 'converting-strangers',
  };
  return (launch: AnnouncedLaunch | undefined): Assessment =>
    assess(
      found,
      { ...weighing, baseline, since: sinceInLaunch(weighing.since, found.lastBlock, launch) },
      {
        ...facts,
        given: siblingEvidence(partsInLaunch(siblings, launch), partSlot(key), nowMs),
        areNumbersEvidence: launch === undefined,
      },
    );
};

const candidateOf = (
  key: Key,
  found: Known,
  weighing: Weighing,
  surrounding: Surrounding,
  evaluation: Evaluation,
): Candidate => {
  const { subject, isTrustedIp } = surrounding;
  const { settings, runningHours } = evaluation;
  const launch = launchAt(key, surrounding, evaluation);
  const assessed = assessmentIn(key, found, weighing, surrounding, evaluation);
  return {
    key,
    country: subject.country,
    prefix: prefixOf(key, surrounding),
    state: found,
    assessment: assessed(launch),
    spared: launch && { launch: namedLaunch(launch), assessment: assessed(undefined) },
    usualPerHour: weighing.baseline.perHour,
    isTrustedIp,
    lastBlock: found.lastBlock,
    lastNotified: found.lastNotified,
    priceUsd: settings.priceUsd(subject.country),
    callPriceUsd: (settings.callPriceUsd ?? settings.priceUsd)(subject.country),
    criticalUsdPerHour: criticalUsdPerHourOf(settings.bursts, settings.hourCapUsd(subject.country)),
    hourCapUsd: settings.hourCapUsd(subject.country),
    runningHours,
  };
};

/** Codes are judged by the counts of the country or of the number, in the last half hour. */
const knownOfKey = (key: Key, { subject }: Affected, evaluation: Evaluation): Known => {
  const known = knownAt(key, evaluation);
  if (key.level !== 'codes') return known;
  const counted: Key = areOfNumber(key)
    ? { level: 'phone', of: subject.phoneKey }
    : { level: 'country', of: subject.country };
  const { counts } = knownAt(counted, evaluation);
  return { ...known, counts: counts.filter(({ timeBucket }) => timeBucket > ripeBefore(evaluation.nowMs)) };
};

/** From when on evidence counts. Probes that verified leave none of a wide group. */
const sinceNow = (key: Key, found: Known, surrounding: Surrounding, { nowMs }: Evaluation) => {
  const { lastBlock } = found;
  const since = sinceOf(lastBlock, nowMs);
  if (lastBlock === undefined || since === undefined || since.evidence === 0) return since;
  const baseline = baselineAt(key, surrounding);
  const isOver = haveProbesVerified(lastBlock, key, probesOf(found, nowMs), baseline);
  return isOver ? { ...since, evidence: 0 } : since;
};

const judgeOne = (key: Key, surrounding: Surrounding, evaluation: Evaluation): Ruling | undefined => {
  const { known, settings, nowMs, rolledUp, renewed } = evaluation;
  const before = knownOfKey(key, surrounding, evaluation);
  const { lastBlock } = before;
  const weighing: Weighing = {
    level: key.level,
    baseline: baselineAt(key, surrounding),
    nowMs: readUntil(before, evaluation),
    since: sinceNow(key, before, surrounding, evaluation),
    explained: explainedSlots(before.parts, nowMs),
  };
  const found = { ...before, ...rollUpRipe(before, weighing) };
  if (key.level !== 'codes') {
    if (found.history !== undefined && found.history !== before.history) rolledUp.push({ key, history: found.history });
    known.set(nameOf(key), found);
  }
  const candidate = candidateOf(key, found, weighing, surrounding, evaluation);
  const ruling = judgeKey(candidate, settings.bursts, nowMs);
  if (ruling !== undefined || lastBlock === undefined) return ruling;
  // Those who verify are what staff announced.
  if (candidate.spared !== undefined && lastBlock.rule === 'converting-strangers') return undefined;
  const after = renew(lastBlock, key, candidate.assessment, nowMs);
  if (after !== undefined) renewed.push({ key, before: lastBlock, after });
  return undefined;
};
