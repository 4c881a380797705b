import { type KeyState, noHistory, rollUp, sumOf } from '../counts/history.ts';
import type { Level } from '../counts/keys.ts';
import { timeBucketOf } from '../counts/time-buckets.ts';
import { thresholds } from './thresholds.ts';
import { bounded, chanceOf, failedIn, isTimeBucketBefore, slowAfter, slowBefore, type Weighing } from './weigh.ts';

/** Time buckets up to this one have no code that can still be entered. */
export const ripeBefore = (nowMs: number): number => timeBucketOf(nowMs) - 2;

/** Rolls up the ripe time buckets of a key into its history. The state has the same counts before and after. */
export const rollUpRipe = (level: Level, state: KeyState, weighing: Weighing): KeyState => {
  const { baseline, nowMs } = weighing;
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
      isLearnt: chanceOf(sumOf(counts.started), 0, baseline) >= thresholds.gate[level],
    });
  }
  return {
    history,
    counts: state.counts.filter(({ timeBucket }) => timeBucket > (history?.timeBucket ?? Number.NEGATIVE_INFINITY)),
  };
};
