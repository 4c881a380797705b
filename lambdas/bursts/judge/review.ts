import type { BurstPolicy } from '../../policy.ts';
import { dayCounts, type History, noHistory } from '../counts/history.ts';
import { everywhere } from '../counts/keys.ts';
import { timeBucketOf } from '../counts/time-buckets.ts';
import { conversionOf, usualConversion } from '../evidence/baseline.ts';
import { normalTail } from '../evidence/chance.ts';
import { thresholds } from '../evidence/thresholds.ts';
import { type Assessed, rulingOnDrop } from './conversion-drop.ts';
import type { LastNotified, Ruling } from './ruling.ts';

/** What is known of a country under review. */
export type Reviewed = {
  readonly country: string;
  readonly history: History | undefined;
  readonly lastNotified: LastNotified | undefined;
  /** Of one SMS, in USD. */
  readonly priceUsd: number;
};

/** How far the approvals of a country are below the usual, over about a day and a half. */
type Shortfall = {
  readonly of: Reviewed;
  readonly started: number;
  readonly verified: number;
  readonly expected: number;
  /** Standard deviation of the approvals: by chance, and because days differ. */
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
 * The shortfall of all countries together, weighted by inverse variance. Each counts up to a maximum of deviations, or an
 * outage in one country would decide for all.
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

/** About the hours behind a count that is halved every day. */
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
 * Reviews the countries: codes that are not entered, in one country, or a few in each of many, below every rate. A
 * drop leads to no action; low-volume limits and caps bound what it costs.
 */
export const reviewCountries = (
  reviewed: readonly Reviewed[],
  lastNotifiedOfAll: LastNotified | undefined,
  policy: BurstPolicy,
  nowMs: number,
): readonly Ruling[] => {
  const { started, minCountries, evidence, together: enough } = thresholds.conversionDrop;
  const all = reviewed.map((each) => shortfallOf(each, nowMs)).filter((each) => each.started >= 1);
  const rulings = all
    .filter((each) => each.started >= started && deviations(each) >= evidence)
    .map((each) => {
      const { country, lastNotified } = each.of;
      const assessed = assessedOf([each], deviations(each), evidence);
      return rulingOnDrop({ level: 'country', of: country }, country, assessed, lastNotified, policy, nowMs);
    });
  const score = together(all);
  if (all.length >= minCountries && score >= enough) {
    const key = { level: 'everywhere', of: everywhere } as const;
    rulings.push(rulingOnDrop(key, everywhere, assessedOf(all, score, enough), lastNotifiedOfAll, policy, nowMs));
  }
  return rulings.filter((ruling) => ruling !== undefined);
};
