import type { BlockLevel } from '../../policy.ts';
import type { Counts } from './counts.ts';

/** What is kept of a key's time buckets before its counts: one item, written once per ten minutes of traffic. */
export type History = {
  /** The last time bucket that was rolled up. */
  readonly timeBucket: number;
  /** The first time bucket of all. */
  readonly since: number;
  /** Evidence of fraud at the end of that time bucket: sudden, and slow. */
  readonly fast: number;
  readonly slow: number;
  /** Verifications requested and approved, halved every four days; time buckets that looked like fraud are left out. */
  readonly startedLong: number;
  readonly verifiedLong: number;
  /** The same of all time buckets, halved every day. */
  readonly startedDay: number;
  readonly verifiedDay: number;
  /** Requested in each of the time buckets before, newest first: six hours. */
  readonly recent: readonly number[];
  /** Approved in each hour of the day (UTC), as a mean over days with more weight on the latest; -1 for an unseen hour. */
  readonly hours: readonly number[];
  /** Approved in the current hour. */
  readonly thisHour: number;
};

/** What a key's traffic should be like. */
export type Baseline = {
  /** Verifications requested per hour. */
  readonly perHour: number;
  /** Share of them that is approved. */
  readonly conversion: number;
};

export const recentTimeBuckets = 36;
export const hourTimeBuckets = 6;
const longHalfLifeTimeBuckets = 4 * 24 * hourTimeBuckets;
const dayHalfLifeTimeBuckets = 24 * hourTimeBuckets;
/** How much the latest day counts in the mean of an hour. */
const dayWeight = 0.3;

/** Assumed before anything is known. */
export const usualConversion = 0.8;
const conversionTrials = 60;
const conversionBounds = [0.5, 0.95] as const;

export const noHistory = (timeBucket: number): History => ({
  timeBucket,
  since: timeBucket,
  fast: 0,
  slow: 0,
  startedLong: 0,
  verifiedLong: 0,
  startedDay: 0,
  verifiedDay: 0,
  recent: [],
  hours: Array.from({ length: 24 }, () => -1),
  thisHour: 0,
});

export const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

const halved = (value: number, timeBuckets: number, halfLife: number): number => value * 2 ** (-timeBuckets / halfLife);

const hourOf = (timeBucket: number): number => Math.floor(timeBucket / hourTimeBuckets);

/** Means by hour after the hours that ended between two time buckets. An hour without traffic counts as zero. */
const hoursAfter = (history: History, timeBucket: number): Pick<History, 'hours' | 'thisHour'> => {
  const [first, last] = [hourOf(history.timeBucket), hourOf(timeBucket)];
  if (last <= first) return history;
  const hours = [...history.hours];
  // Weeks without traffic say no more than one week does.
  const from = Math.max(first, last - 7 * 24);
  for (let hour = from; hour < last; hour += 1) {
    const approved = hour === first ? history.thisHour : 0;
    const before = hours[hour % 24] ?? -1;
    hours[hour % 24] = before < 0 ? approved : before + dayWeight * (approved - before);
  }
  return { hours, thisHour: 0 };
};

/**
 * Rolls up one more time bucket. Those in between had no traffic.
 *
 * @param evidence at the end of the time bucket.
 * @param isLearnt whether the time bucket was not suspicious, so that it says what is usual.
 */
export const rollUp = (
  history: History,
  counts: Counts,
  evidence: Pick<History, 'fast' | 'slow'>,
  isLearnt: boolean,
): History => {
  const passed = counts.timeBucket - history.timeBucket;
  if (passed <= 0) return history;
  const gap = Array.from({ length: Math.min(passed - 1, recentTimeBuckets) }, () => 0);
  const [started, verified] = [sumOf(counts.started), sumOf(counts.verified)];
  const { hours, thisHour } = hoursAfter(history, counts.timeBucket);
  const learnt = isLearnt ? 1 : 0;
  return {
    ...evidence,
    timeBucket: counts.timeBucket,
    since: history.since,
    startedLong: halved(history.startedLong, passed, longHalfLifeTimeBuckets) + learnt * started,
    verifiedLong: halved(history.verifiedLong, passed, longHalfLifeTimeBuckets) + learnt * verified,
    startedDay: halved(history.startedDay, passed, dayHalfLifeTimeBuckets) + started,
    verifiedDay: halved(history.verifiedDay, passed, dayHalfLifeTimeBuckets) + verified,
    recent: [started, ...gap, ...history.recent].slice(0, recentTimeBuckets),
    hours,
    thisHour: thisHour + verified,
  };
};

/** Half of the evidence is forgotten in this many time buckets. */
const fastHalfLifeTimeBuckets = 6 * hourTimeBuckets;
const slowHalfLifeTimeBuckets = 24 * hourTimeBuckets;

/** The evidence of a history, aged to the beginning of a time bucket. */
export const evidenceAt = (history: History, timeBucket: number): Pick<History, 'fast' | 'slow'> => {
  const passed = Math.max(0, timeBucket - history.timeBucket - 1);
  return {
    fast: halved(history.fast, passed, fastHalfLifeTimeBuckets),
    slow: halved(history.slow, passed, slowHalfLifeTimeBuckets),
  };
};

export const conversionOf = (history: History | undefined, usual: number): number => {
  const { verifiedLong = 0, startedLong = 0 } = history ?? {};
  const share = (verifiedLong + conversionTrials * usual) / (startedLong + conversionTrials);
  return Math.min(conversionBounds[1], Math.max(conversionBounds[0], share));
};

/** Requested and approved within about a day and a half, halved every day up to now. */
export const dayCounts = ({ timeBucket, startedDay, verifiedDay }: History, nowTimeBucket: number) => {
  const passed = Math.max(0, nowTimeBucket - timeBucket);
  return {
    started: halved(startedDay, passed, dayHalfLifeTimeBuckets),
    verified: halved(verifiedDay, passed, dayHalfLifeTimeBuckets),
  };
};

/** Hours that a count which is halved every four days stands for. */
const hoursBehind = ({ since, timeBucket }: History): number => {
  const age = timeBucket - since + 1;
  const behind = (longHalfLifeTimeBuckets / Math.LN2) * (1 - 2 ** (-age / longHalfLifeTimeBuckets));
  return Math.max(1, behind / hourTimeBuckets);
};

/** Approved per hour in a country at a time of day, interpolated between the middles of the hours. */
const approvedPerHour = (history: History, nowMs: number): number => {
  const mean = history.verifiedLong / hoursBehind(history);
  const at = (nowMs / 3_600_000 - 0.5) % 24;
  const hour = Math.floor(at);
  const share = at - hour;
  const known = (index: number): number => {
    const value = history.hours[(index + 24) % 24] ?? -1;
    return value < 0 ? mean : value;
  };
  return known(hour) * (1 - share) + known(hour + 1) * share;
};

/** The minimum that is expected of a key per hour, or its first request would be a surprise. */
const minPerHour: Readonly<Record<BlockLevel, number>> = {
  phone: 0.05,
  range: 0.02,
  prefix: 0.1,
  country: 0.3,
  ip: 0.2,
};

/** The assumed share of a part, and the approvals that this assumption is worth. */
const prefixShare = { share: 1 / 24, worth: 8 };
const rangeShare = { share: 1 / 100, worth: 3 };

const shareOf = (
  part: History | undefined,
  whole: History | undefined,
  { share, worth }: { readonly share: number; readonly worth: number },
): number => Math.min(1, ((part?.verifiedLong ?? 0) + share * worth) / ((whole?.verifiedLong ?? 0) + worth));

/**
 * What is usual for a range by the traffic of the rest of its prefix. A marketing campaign brings people to all ranges of
 * a prefix, an attacker to the one that he owns.
 *
 * @param others requested per hour in the prefix, outside of the range.
 */
export const amongOthers = ({ prefix, range }: Pick<Chain, 'prefix' | 'range'>, others: number): number => {
  const share = Math.min(0.5, shareOf(range, prefix, rangeShare));
  return (others * share) / (1 - share);
};

export type Chain = {
  readonly country: History | undefined;
  readonly prefix: History | undefined;
  readonly range: History | undefined;
  readonly ip: History | undefined;
};

/**
 * What is usual for a country and its parts. Only approved verifications count, so that attackers who enter no codes
 * change no expectation.
 */
export const baselinesOf = (chain: Chain, nowMs: number): Readonly<Record<keyof Chain, Baseline>> => {
  const conversion = conversionOf(chain.country, usualConversion);
  const approved = chain.country === undefined ? 0 : approvedPerHour(chain.country, nowMs);
  const ofCountry = approved / conversion;
  const ofPrefix = ofCountry * shareOf(chain.prefix, chain.country, prefixShare);
  const ofRange = ofPrefix * shareOf(chain.range, chain.prefix, rangeShare);
  const { ip } = chain;
  const ofIp = ip === undefined ? 0 : ip.verifiedLong / hoursBehind(ip) / conversion;
  const usual = (level: keyof Chain, perHour: number): Baseline => ({
    perHour: Math.max(minPerHour[level], perHour),
    conversion: conversionOf(chain[level], conversion),
  });
  return {
    country: usual('country', ofCountry),
    prefix: usual('prefix', ofPrefix),
    range: usual('range', ofRange),
    ip: usual('ip', ofIp),
  };
};
