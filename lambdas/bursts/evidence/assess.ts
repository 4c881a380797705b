import { type Counts, distinctOf } from '../counts/counts.ts';
import { type Baseline, type History, hourTimeBuckets, recentTimeBuckets, sumOf } from '../counts/history.ts';
import type { Level } from '../counts/keys.ts';
import { slotSeconds, slotsPerTimeBucket, timeBucketMs, timeBucketOf } from '../counts/time-buckets.ts';
import { thresholds } from './thresholds.ts';
import { chanceOf, isBefore, isTimeBucketBefore, type Since, startOf, weigh, weightAt } from './weigh.ts';

/** What is known of a key: its history, and the counts of the time buckets since, oldest first. */
export type KeyState = { readonly history: History | undefined; readonly counts: readonly Counts[] };

/** The evidence of a key's counts. */
export type Assessment = {
  /** Evidence in nats. */
  readonly fast: number;
  readonly slow: number;
  /** The smallest of the chances of its traffic in ten minutes, an hour and six hours. */
  readonly chance: number;
  /** Requested in the last ten minutes, hour and six hours. */
  readonly started: readonly [tenMinutes: number, hour: number, sixHours: number];
  /** Of the evidence at hand (up to half an hour): requested, and approved. */
  readonly seen: {
    readonly started: number;
    readonly verified: number;
    /** With those for trusted numbers. */
    readonly requests: number;
    readonly wrong: number;
  };
  /** Of this time bucket and the last: requested, and wrong codes. */
  readonly recent: { readonly requests: number; readonly wrong: number };
  /** Codes younger than ten minutes that were not entered; the age of the oldest in seconds. */
  readonly pending: { readonly count: number; readonly oldestSeconds: number };
  readonly distinctIps: number;
  /** Sends that a block on the key refused recently, and a limit of it. */
  readonly blocked: number;
  readonly limited: number;
  readonly baseline: Baseline;
};

/** Sums over the slots of the open time buckets, in one pass, because every request needs them. */
type Sums = { started: number; verified: number; tenMinutes: number; pending: number; oldestSeconds: number };

const sumsOf = (counts: readonly Counts[], nowMs: number, since: Since | undefined): Sums => {
  const sums: Sums = { started: 0, verified: 0, tenMinutes: 0, pending: 0, oldestSeconds: 0 };
  for (const { timeBucket, started, verified } of counts) {
    for (let slot = 0; slot < slotsPerTimeBucket; slot += 1) {
      const [n = 0, m = 0] = [started[slot], verified[slot]];
      if (n === 0 && m === 0) continue;
      const startMs = timeBucket * timeBucketMs + slot * slotSeconds * 1000;
      const ageSeconds = (nowMs - startMs) / 1000;
      const isRecent = ageSeconds >= 0 && ageSeconds <= 600;
      if (isRecent) sums.tenMinutes += n;
      if (isBefore(startMs, since)) continue;
      sums.started += n;
      sums.verified += m;
      if (!isRecent || n <= m) continue;
      sums.pending += n - m;
      sums.oldestSeconds = Math.max(sums.oldestSeconds, ageSeconds);
    }
  }
  return sums;
};

/** Requested within about the last hour. */
export const startedHour = ({ history, counts }: KeyState, nowMs: number): number => {
  const [, hour] = startedIn({ history, counts }, 0, nowMs);
  return hour;
};

const startedIn = ({ history, counts }: KeyState, tenMinutes: number, nowMs: number): Assessment['started'] => {
  const now = timeBucketOf(nowMs);
  let [hour, sixHours] = [0, 0];
  for (const { timeBucket, started } of counts) {
    const sum = sumOf(started);
    if (now - timeBucket < hourTimeBuckets) hour += sum;
    if (now - timeBucket < recentTimeBuckets) sixHours += sum;
  }
  if (history === undefined) return [tenMinutes, hour, sixHours];
  for (const [back, sum] of history.recent.entries()) {
    const age = now - (history.timeBucket - back);
    if (age < hourTimeBuckets) hour += sum;
    if (age < recentTimeBuckets) sixHours += sum;
  }
  return [tenMinutes, hour, sixHours];
};

/**
 * A pure function of the counts, whatever the order in which they came.
 *
 * @param given evidence that is taken as given, because of blocks around the key.
 */
export const assess = (
  level: Level,
  state: KeyState,
  baseline: Baseline,
  nowMs: number,
  since?: Since,
  given = 0,
): Assessment => {
  const { history, counts } = state;
  const sums = sumsOf(counts, nowMs, since);
  const started = startedIn(state, sums.tenMinutes, nowMs);
  const [tenMinutes, hour, sixHours] = started;
  const chance = Math.min(
    chanceOf(tenMinutes, 0, baseline),
    chanceOf(hour, 1, baseline),
    chanceOf(sixHours, 2, baseline),
  );
  const surprise = given > 0 ? thresholds.siblings.surprise : thresholds.surprise;
  const weight = since?.isRestriction === true ? 0 : weightAt(level, chance, surprise);
  const before = startOf(history, counts[0]?.timeBucket ?? timeBucketOf(nowMs), since);
  let evidence = { ...before, fast: Math.max(before.fast, given) };
  for (const each of counts) evidence = weigh(evidence, each, baseline, weight, nowMs, since);
  const recent = counts.filter(({ timeBucket }) => timeBucket >= timeBucketOf(nowMs) - 1);
  const open = counts.filter((each) => !isTimeBucketBefore(each, since));
  const slots = new Set(counts.flatMap(({ ips }) => ips));
  return {
    ...evidence,
    chance,
    started,
    seen: {
      started: sums.started,
      verified: sums.verified,
      requests: sums.started + sumOf(open.map((each) => each.trusted)),
      wrong: sumOf(open.map((each) => each.wrong)),
    },
    recent: {
      requests: sumOf(recent.map((each) => sumOf(each.started) + each.trusted)),
      wrong: sumOf(recent.map((each) => each.wrong)),
    },
    pending: { count: sums.pending, oldestSeconds: sums.oldestSeconds },
    distinctIps: distinctOf(slots),
    blocked: sumOf(recent.map((each) => each.blocked)),
    limited: sumOf(counts.map((each) => each.limited)),
    baseline,
  };
};
