import type { Counts } from '../bursts/counts/counts.ts';
import { slotSeconds, timeBucketMs, timeBucketOf } from '../bursts/counts/time-buckets.ts';
import { askedIn, enteredIn, paceFrom, refusedIn } from './pace.ts';

const maxTimeBuckets = 12;

/** From when a series is told. */
export const seriesFrom = (nowMs: number): number => timeBucketOf(nowMs) - (maxTimeBuckets - 1);

export type Tallied = {
  readonly fromMs: number;
  /** Requests that got a code. */
  readonly requests: number;
  /** Codes that were entered, at the time of their request. */
  readonly approved: number;
  readonly refused: number;
};

/** The traffic of a group over the last two hours. */
export type Series = {
  /** Each time bucket, empty ones as well, the oldest first. */
  readonly timeBuckets: readonly Tallied[];
  /** People who asked, by ten seconds, of the last two time buckets; seconds without any are left out. */
  readonly slots: readonly Omit<Tallied, 'refused'>[];
};

const tallied = (timeBucket: number, counts: Counts | undefined): Tallied => ({
  fromMs: timeBucket * timeBucketMs,
  requests: counts === undefined ? 0 : askedIn(counts),
  approved: counts === undefined ? 0 : enteredIn(counts),
  refused: counts === undefined ? 0 : refusedIn(counts),
});

const slotsOf = ({ timeBucket, started, verified }: Counts): Series['slots'] =>
  started.flatMap((requests, slot) => {
    const approved = verified[slot] ?? 0;
    const fromMs = timeBucket * timeBucketMs + slot * slotSeconds * 1000;
    return requests === 0 && approved === 0 ? [] : [{ fromMs, requests, approved }];
  });

/** @param counts of the group, from `seriesFrom` on. */
export const seriesOf = (counts: readonly Counts[], nowMs: number): Series => {
  const first = seriesFrom(nowMs);
  const byTimeBucket = new Map(counts.map((each) => [each.timeBucket, each]));
  const all = Array.from({ length: maxTimeBuckets }, (_, nth) => first + nth);
  return {
    timeBuckets: all.map((timeBucket) => tallied(timeBucket, byTimeBucket.get(timeBucket))),
    slots: counts
      .filter(({ timeBucket }) => timeBucket >= paceFrom(nowMs))
      .toSorted((one, other) => one.timeBucket - other.timeBucket)
      .flatMap(slotsOf),
  };
};
