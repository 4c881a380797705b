import type { BurstPolicy } from '../../policy.ts';
import { conversionOf, dayCounts, type History, noHistory, usualConversion } from '../counts/history.ts';
import { everywhere, type Key, timeBucketOf } from '../counts/traffic.ts';
import { normalTail } from './chance.ts';
import { type Assessed, type LastTold, type Ruling, tell } from './judge.ts';
import { thresholds } from './score.ts';

/** What is known of a country that is looked over, and what people were last told of it. */
export type Reviewed = {
  readonly country: string;
  readonly history: History | undefined;
  readonly told: LastTold | undefined;
  /** Of one SMS, in USD. */
  readonly priceUsd: number;
};

/** How far approvals stay behind what is usual in a country, over about a day and a half. */
type Shortfall = {
  readonly of: Reviewed;
  readonly started: number;
  readonly verified: number;
  readonly expected: number;
  /** Standard deviation of the approvals: by chance, and because no two days are alike. */
  readonly deviation: number;
};

const shortfallOf = (of: Reviewed, nowMs: number): Shortfall => {
  const history = of.history ?? noHistory(timeBucketOf(nowMs));
  const { started, verified } = dayCounts(history, timeBucketOf(nowMs));
  const conversion = conversionOf(history, usualConversion);
  const chance = started * conversion * (1 - conversion);
  const days = (thresholds.conversionDrop.daysDiffer * started) ** 2;
  return { of, started, verified, expected: started * conversion, deviation: Math.sqrt(chance + days) };
};

const missing = ({ expected, verified }: Shortfall): number => expected - verified;
const deviations = (each: Shortfall): number => missing(each) / each.deviation;

/**
 * What all countries together say, each weighed by how much it can say (inverse variance). No single country decides:
 * beyond three deviations it counts as three, or an outage in one would speak for all.
 */
const together = (all: readonly Shortfall[]): number => {
  const { maxEach } = thresholds.conversionDrop;
  const weighed = all.reduce(
    (sum, each) => sum + Math.max(-maxEach, Math.min(maxEach, deviations(each))) / each.deviation,
    0,
  );
  const weights = all.reduce((sum, { deviation }) => sum + 1 / deviation ** 2, 0);
  return weights === 0 ? 0 : weighed / Math.sqrt(weights);
};

const sumBy = (all: readonly Shortfall[], of: (each: Shortfall) => number): number =>
  all.reduce((sum, each) => sum + of(each), 0);

/** About the hours that a count which is halved every day stands for. */
const hoursBehind = 24 / Math.LN2;

const assessedOf = (all: readonly Shortfall[], evidence: number, threshold: number): Assessed => {
  const [started, verified, expected] = [
    sumBy(all, (each) => each.started),
    sumBy(all, (each) => each.verified),
    sumBy(all, (each) => each.expected),
  ];
  const spentUsd = sumBy(all, (each) => Math.max(0, missing(each)) * each.of.priceUsd);
  const worst = all.filter((each) => deviations(each) > 1).toSorted((one, other) => missing(other) - missing(one));
  return {
    evidence,
    threshold,
    chance: normalTail(evidence),
    seenStarted: started,
    seenVerified: verified,
    expectedPerHour: started / hoursBehind,
    conversion: started === 0 ? 0 : expected / started,
    spentUsd,
    usdPerHour: spentUsd / hoursBehind,
    countries: worst.slice(0, maxNamed).map(({ of }) => of.country),
  };
};

/** Countries that a finding names. */
const maxNamed = 30;

/**
 * Looks over the countries, once an hour: codes that are not typed in, in one country, or a few in each of many, below
 * every rate. It stops nobody; the caps of small countries and the caps do.
 */
export const reviewCountries = (
  reviewed: readonly Reviewed[],
  toldOfAll: LastTold | undefined,
  policy: BurstPolicy,
  nowMs: number,
): readonly Ruling[] => {
  const { started, fewest, evidence, together: enough } = thresholds.conversionDrop;
  const all = reviewed.map((each) => shortfallOf(each, nowMs)).filter((each) => each.started >= 1);
  const rulings = all
    .filter((each) => each.started >= started && deviations(each) >= evidence)
    .map((each) => {
      const key: Key = { level: 'country', of: each.of.country };
      return tell(key, each.of.country, assessedOf([each], deviations(each), evidence), each.of.told, policy, nowMs);
    });
  const score = together(all);
  const wide =
    all.length >= fewest && score >= enough
      ? tell(
          { level: 'everywhere', of: everywhere },
          everywhere,
          assessedOf(all, score, enough),
          toldOfAll,
          policy,
          nowMs,
        )
      : undefined;
  return [...rulings, wide].filter((ruling) => ruling !== undefined);
};
