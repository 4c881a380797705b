/** The sums of the scores of several runs of one contender. */

import { emptyTally, type Place, type Score, type Tally } from '../play/ledger.ts';
import type { AttackScore } from '../play/trace.ts';
import { dayMs, type Family, families } from '../traffic/calendar.ts';

export type FamilySummary = {
  readonly attacks: number;
  readonly asked: number;
  readonly sent: number;
  readonly askedUsd: number;
  /** Messages that the attackers wanted. Two families give up most of them when they are refused, and do not ask for them. */
  readonly planned: number;
  readonly plannedUsd: number;
  readonly sentUsd: number;
  readonly medianSent: number;
  readonly worstSent: number;
  readonly medianSentBeforeRefusal: number;
  readonly worstSentBeforeRefusal: number;
  /** Before and behind the first refusal, without probes. */
  readonly medianSentBesideProbes: number;
  readonly worstSentBesideProbes: number;
  /** Seconds from the first message to the first refusal, of the attacks that were refused. */
  readonly medianSecondsToRefusal: number | undefined;
  readonly refused: number;
  readonly medianGuesses: number;
  readonly worstGuesses: number;
  readonly found: number;
  /** Found within 24 hours of the first message. */
  readonly foundWithinDay: number;
  /** The largest count of high findings about one attack. */
  readonly maxHighFindings: number;
};

export type Summary = {
  /** Days of all seeds together. */
  readonly testDays: number;
  readonly families: ReadonlyMap<Family, FamilySummary>;
  readonly whole: Tally;
  readonly places: ReadonlyMap<Place, Tally>;
  readonly cleanWithOutages: Tally;
  readonly weaponized: Tally;
  readonly resends: Tally;
  readonly findings: Score['findings'];
  readonly blocks: number;
  readonly units: Readonly<Record<string, number>>;
};

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
};

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

const plannedOf = ({ planned, asked }: AttackScore): number => Math.max(planned, asked);
const sentBesideProbes = ({ sentBeforeRefusal, sentBehindRefusal }: AttackScore): number =>
  sentBeforeRefusal + sentBehindRefusal;

const familySummary = (attacks: readonly AttackScore[]): FamilySummary => {
  const of = (what: (attack: AttackScore) => number) => attacks.map(what);
  const waits = attacks.flatMap(({ refusedAtMs, startMs }) =>
    refusedAtMs === undefined ? [] : [(refusedAtMs - startMs) / 1000],
  );
  const finds = attacks.flatMap(({ foundAtMs, startMs }) => (foundAtMs === undefined ? [] : [foundAtMs - startMs]));
  return {
    attacks: attacks.length,
    asked: total(of(({ asked }) => asked)),
    sent: total(of(({ sent }) => sent)),
    askedUsd: total(of(({ askedUsd }) => askedUsd)),
    planned: total(of(plannedOf)),
    plannedUsd: total(of((attack) => (attack.askedUsd * plannedOf(attack)) / attack.asked)),
    sentUsd: total(of(({ sentUsd }) => sentUsd)),
    medianSent: median(of(({ sent }) => sent)),
    worstSent: Math.max(...of(({ sent }) => sent)),
    medianSentBeforeRefusal: median(of(({ sentBeforeRefusal }) => sentBeforeRefusal)),
    worstSentBeforeRefusal: Math.max(...of(({ sentBeforeRefusal }) => sentBeforeRefusal)),
    medianSentBesideProbes: median(of(sentBesideProbes)),
    worstSentBesideProbes: Math.max(...of(sentBesideProbes)),
    medianSecondsToRefusal: waits.length === 0 ? undefined : median(waits),
    refused: waits.length,
    medianGuesses: median(of(({ guesses }) => guesses)),
    worstGuesses: Math.max(...of(({ guesses }) => guesses)),
    found: finds.length,
    foundWithinDay: finds.filter((wait) => wait <= dayMs).length,
    maxHighFindings: Math.max(0, ...of(({ highFindings }) => highFindings)),
  };
};

const pooled = (tallies: readonly Tally[]): Tally =>
  tallies.reduce((sum, tally) => {
    sum.total += tally.total;
    sum.undelivered += tally.undelivered;
    return sum;
  }, emptyTally());

const placesOf = (scores: readonly Score[]): ReadonlyMap<Place, Tally> => {
  const places = new Map<Place, Tally>();
  for (const [place, tally] of scores.flatMap((score) => score.places))
    places.set(place, pooled([places.get(place) ?? emptyTally(), tally]));
  return places;
};

const unitsOf = (scores: readonly Score[]): Readonly<Record<string, number>> => {
  const names = new Set(scores.flatMap(({ units }) => Object.keys(units)));
  return Object.fromEntries([...names].map((name) => [name, total(scores.map(({ units }) => units[name] ?? 0))]));
};

export const summaryOf = (scores: readonly Score[]): Summary => {
  const attacks = Map.groupBy(
    scores.flatMap((score) => score.attacks),
    ({ family }) => family,
  );
  const places = placesOf(scores);
  const inTest = [...places].filter(([place]) => place !== 'warm-up').map(([, tally]) => tally);
  const findings = (which: keyof Score['findings']) => total(scores.map((score) => score.findings[which]));
  const summaries = families.map((family) => [family, familySummary(attacks.get(family) ?? [])] as const);
  return {
    testDays: total(scores.map(({ testDays }) => testDays)),
    families: new Map(summaries),
    whole: pooled(inTest),
    places,
    cleanWithOutages: pooled(scores.map((score) => score.cleanWithOutages)),
    weaponized: pooled(scores.map((score) => score.weaponized)),
    resends: pooled(scores.map((score) => score.resends)),
    findings: { total: findings('total'), high: findings('high'), highTrue: findings('highTrue') },
    blocks: total(scores.map(({ blocks }) => blocks)),
    units: unitsOf(scores),
  };
};
