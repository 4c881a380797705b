import { type Baseline, noHistory, rollUp, sumOf } from '../counts/history.ts';
import type { Level } from '../counts/keys.ts';
import { timeBucketOf } from '../counts/time-buckets.ts';
import type { KeyState } from './assess.ts';
import { thresholds } from './thresholds.ts';
import { bounded, chanceOf, isTimeBucketBefore, type Since, startOf, weigh, weightAt } from './weigh.ts';

/** Time buckets up to this one have no code that can still be entered. */
export const ripeBefore = (nowMs: number): number => timeBucketOf(nowMs) - 2;

/** Rolls up the ripe time buckets of a key into its history. The state has the same counts before and after. */
export const rollUpRipe = (
  level: Level,
  state: KeyState,
  baseline: Baseline,
  nowMs: number,
  since?: Since,
): KeyState => {
  const ripe = state.counts.filter(({ timeBucket }) => timeBucket <= ripeBefore(nowMs));
  let { history } = state;
  for (const counts of ripe) {
    const before = history ?? noHistory(counts.timeBucket - 1);
    if (counts.timeBucket <= before.timeBucket) continue;
    const n = sumOf(counts.started);
    const chance = chanceOf(n, 0, baseline);
    const isOver = isTimeBucketBefore(counts, since);
    const evidence = weigh(
      startOf(before, counts.timeBucket, isOver ? undefined : since),
      counts,
      baseline,
      weightAt(level, chance) / 2,
      nowMs,
      isOver ? undefined : since,
    );
    const bound = { fast: bounded(evidence.fast), slow: bounded(evidence.slow) };
    history = rollUp(
      history === undefined ? { ...before, since: counts.timeBucket } : before,
      counts,
      bound,
      chance >= thresholds.gate[level],
    );
  }
  return {
    history,
    counts: state.counts.filter(({ timeBucket }) => timeBucket > (history?.timeBucket ?? Number.NEGATIVE_INFINITY)),
  };
};
