import type { Counts } from './counts.ts';

/** What is kept of a key's time buckets before its counts: one item, written once per ten minutes of traffic. */
export type History = {
  /** The last time bucket that was rolled up. */
  readonly timeBucket: number;
  /** The first time bucket of all. */
  readonly since: number;
  /** Evidence of slow fraud at the end of that time bucket. */
  readonly slow: number;
  /**
   * People who requested codes, and who verified, halved every four days. Of time buckets that looked like fraud only those
   * who verified count: as if the usual share had.
   */
  readonly startedLong: number;
  readonly verifiedLong: number;
  /** The same of all time buckets, halved every day. */
  readonly startedDay: number;
  readonly verifiedDay: number;
  /** People in each of the time buckets before, newest first: six hours. */
  readonly recent: readonly number[];
  /** Of those: who verified, and who did not, without those whom a restriction of a part explains. */
  readonly recentVerified: readonly number[];
  readonly recentFailed: readonly number[];
  /** Verified in each hour of the day (UTC), as a mean over days with more weight on the latest; -1 for an unseen hour. */
  readonly hours: readonly number[];
  /** Verified in the current hour. */
  readonly thisHour: number;
  /** Probes of time buckets that had any: which one, how many, and how many were approved. Oldest first. */
  readonly probes: readonly (readonly [timeBucket: number, probed: number, verified: number])[];
  /** Of a country: people who asked as pairs and who verified, halved every four days, and every ten minutes. */
  readonly pairs?: Pairs | undefined;
};

/** What is known of a key: its history, and the counts of the time buckets since, oldest first. */
export type KeyState = { readonly history: History | undefined; readonly counts: readonly Counts[] };

export type Pairs = {
  readonly startedLong: number;
  readonly verifiedLong: number;
  readonly startedLately: number;
  readonly verifiedLately: number;
};
export const noPairs: Pairs = { startedLong: 0, verifiedLong: 0, startedLately: 0, verifiedLately: 0 };

export const recentTimeBuckets = 36;
export const hourTimeBuckets = 6;
/** A probe of a range matters for an hour and a quarter. */
export const probeTimeBuckets = 12;
const longHalfLifeTimeBuckets = 4 * 24 * hourTimeBuckets;
const dayHalfLifeTimeBuckets = 24 * hourTimeBuckets;
/** How much the latest day counts in the mean of an hour. */
const dayWeight = 0.3;

export const noHistory = (timeBucket: number): History => ({
  timeBucket,
  since: timeBucket,
  slow: 0,
  startedLong: 0,
  verifiedLong: 0,
  startedDay: 0,
  verifiedDay: 0,
  recent: [],
  recentVerified: [],
  recentFailed: [],
  hours: Array.from({ length: 24 }, () => -1),
  thisHour: 0,
  probes: [],
});

export const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

export const halved = (value: number, timeBuckets: number, halfLife: number): number =>
  value * 2 ** (-timeBuckets / halfLife);

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

const pairsAfter = (pairs: Pairs | undefined, { pairStarted, pairVerified }: Counts, passed: number) => {
  if (pairs === undefined && pairStarted === 0 && pairVerified === 0) return undefined;
  const { startedLong, verifiedLong, startedLately, verifiedLately } = pairs ?? noPairs;
  return {
    startedLong: halved(startedLong, passed, longHalfLifeTimeBuckets) + pairStarted,
    verifiedLong: halved(verifiedLong, passed, longHalfLifeTimeBuckets) + pairVerified,
    startedLately: halved(startedLately, passed, 1) + pairStarted,
    verifiedLately: halved(verifiedLately, passed, 1) + pairVerified,
  };
};

/**
 * Rolls up one more time bucket. Those in between had no traffic.
 *
 * @param slow evidence at the end of the time bucket.
 * @param failed people who did not verify, without those whom a restriction of a part explains.
 * @param conversion the usual one, if the time bucket was suspicious and does not say what is usual.
 */
export const rollUp = (
  history: History,
  counts: Counts,
  {
    slow,
    failed,
    conversion,
  }: { readonly slow: number; readonly failed: number; readonly conversion?: number | undefined },
): History => {
  const passed = counts.timeBucket - history.timeBucket;
  if (passed <= 0) return history;
  const gap = Array.from({ length: Math.min(passed - 1, recentTimeBuckets) }, () => 0);
  const next = (before: readonly number[], now: number) => [now, ...gap, ...before].slice(0, recentTimeBuckets);
  const [started, verified] = [sumOf(counts.started), sumOf(counts.verified)];
  const { hours, thisHour } = hoursAfter(history, counts.timeBucket);
  const learnt = conversion === undefined ? started : verified / conversion;
  const { timeBucket, probed, probeVerified } = counts;
  return {
    slow,
    timeBucket,
    since: history.since,
    startedLong: halved(history.startedLong, passed, longHalfLifeTimeBuckets) + learnt,
    verifiedLong: halved(history.verifiedLong, passed, longHalfLifeTimeBuckets) + verified,
    startedDay: halved(history.startedDay, passed, dayHalfLifeTimeBuckets) + started,
    verifiedDay: halved(history.verifiedDay, passed, dayHalfLifeTimeBuckets) + verified,
    recent: next(history.recent, started),
    recentVerified: next(history.recentVerified, verified),
    recentFailed: next(history.recentFailed, failed),
    hours,
    thisHour: thisHour + verified,
    probes: [
      ...history.probes.filter(([at]) => at > timeBucket - probeTimeBuckets),
      ...(probed === 0 && probeVerified === 0 ? [] : [[timeBucket, probed, probeVerified] as const]),
    ],
    pairs: pairsAfter(history.pairs, counts, passed),
  };
};

/** Half of the evidence of slow fraud is forgotten in this many time buckets. */
const slowHalfLifeTimeBuckets = 24 * hourTimeBuckets;

/** The evidence of slow fraud of a history, aged to the beginning of a time bucket. */
export const slowAt = (history: History, timeBucket: number): number =>
  halved(history.slow, Math.max(0, timeBucket - history.timeBucket - 1), slowHalfLifeTimeBuckets);

/** Requested and approved within about a day and a half, halved every day up to now. */
export const dayCounts = ({ timeBucket, startedDay, verifiedDay }: History, nowTimeBucket: number) => {
  const passed = Math.max(0, nowTimeBucket - timeBucket);
  return {
    started: halved(startedDay, passed, dayHalfLifeTimeBuckets),
    verified: halved(verifiedDay, passed, dayHalfLifeTimeBuckets),
  };
};

/** Hours that a count which is halved every four days stands for. */
const hoursBehind = ({ since, timeBucket }: History, min: number): number => {
  const age = timeBucket - since + 1;
  const behind = (longHalfLifeTimeBuckets / Math.LN2) * (1 - 2 ** (-age / longHalfLifeTimeBuckets));
  return Math.max(min, behind / hourTimeBuckets);
};

/** Verified per hour, as a mean over the days: over so many hours at least, because a key that is new may be busy at first. */
export const verifiedPerHour = (history: History | undefined, minHours = 1): number =>
  history === undefined ? 0 : history.verifiedLong / hoursBehind(history, minHours);

/** Verified per hour at a time of day, interpolated between the middles of the hours. */
export const verifiedPerHourAt = (history: History | undefined, nowMs: number): number => {
  if (history === undefined) return 0;
  const mean = verifiedPerHour(history);
  const at = (nowMs / 3_600_000 - 0.5) % 24;
  const hour = Math.floor(at);
  const share = at - hour;
  const known = (index: number): number => {
    const value = history.hours[(index + 24) % 24] ?? -1;
    return value < 0 ? mean : value;
  };
  return known(hour) * (1 - share) + known(hour + 1) * share;
};
