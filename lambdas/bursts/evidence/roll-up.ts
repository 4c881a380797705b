import type { Counts } from '../counts/counts.ts';
import { type History, type KeyState, noHistory, rollUp, sumOf } from '../counts/history.ts';
import type { Level } from '../counts/keys.ts';
import { timeBucketOf } from '../counts/time-buckets.ts';
import type { Baseline } from './baseline.ts';
import { thresholds } from './thresholds.ts';
import {
  bounded,
  chanceOf,
  failedIn,
  isTimeBucketBefore,
  slowAfter,
  slowBefore,
  type Weighing,
  windows,
  windowTimeBuckets,
} from './weigh.ts';

/** Time buckets up to this one have no code that can still be entered. */
export const ripeBefore = (nowMs: number): number => timeBucketOf(nowMs) - 2;

/** Whether the people of a time bucket, and of the hour and the six hours up to it, are no more than usual. */
const isUsual = (level: Level, { timeBucket, recent }: History, counts: Counts, baseline: Baseline): boolean => {
  const people = sumOf(counts.started);
  const before = (timeBuckets: number) =>
    sumOf(recent.filter((_, back) => counts.timeBucket - (timeBucket - back) < timeBuckets));
  return windows.every(
    (window) => chanceOf(people + before(windowTimeBuckets[window]), window, baseline) >= thresholds.gate[level],
  );
};

/** Rolls up the ripe time buckets of a key into its history. The state has the same counts before and after. */
export const rollUpRipe = (state: KeyState, weighing: Weighing): KeyState => {
  const { level, baseline, nowMs } = weighing;
  const ripe = state.counts.filter(({ timeBucket }) => timeBucket <= ripeBefore(nowMs));
  let { history } = state;
  for (const counts of ripe) {
    const before = history ?? noHistory(counts.timeBucket - 1);
    if (counts.timeBucket <= before.timeBucket) continue;
    const since = isTimeBucketBefore(counts, weighing.since) ? undefined : weighing.since;
    const slow = slowAfter(slowBefore(before, counts.timeBucket, since), counts, { ...weighing, since });
    history = rollUp(history === undefined ? { ...before, since: counts.timeBucket } : before, counts, {
      slow: bounded(slow),
      failed: failedIn(counts, weighing),
      conversion: isUsual(level, before, counts, baseline) ? undefined : baseline.conversion,
    });
  }
  return {
    history,
    counts: state.counts.filter(({ timeBucket }) => timeBucket > (history?.timeBucket ?? Number.NEGATIVE_INFINITY)),
  };
};
