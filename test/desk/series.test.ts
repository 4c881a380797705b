import { describe, expect, test } from 'vitest';
import { noCounts } from '../../lambdas/bursts/counts/counts.ts';
import { timeBucketMs, timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import { paceText } from '../../lambdas/desk/pace.ts';
import { seriesFrom, seriesOf } from '../../lambdas/desk/series.ts';

const nowMs = 100 * timeBucketMs + 180_000;
const bucket = timeBucketOf(nowMs);
/** Counts by ten seconds, of which these are not 0. */
const slots = (...some: readonly (readonly [number, number])[]) =>
  noCounts(0).started.map((_, slot) => some.find(([at]) => at === slot)?.[1] ?? 0);

describe('the traffic of a finding', () => {
  test('a series has each ten minutes of the last two hours, empty ones as well, the oldest first', () => {
    const { timeBuckets } = seriesOf([], nowMs);
    expect(timeBuckets.map(({ fromMs }) => fromMs / timeBucketMs)).toEqual(
      Array.from({ length: 12 }, (_, nth) => bucket - 11 + nth),
    );
    expect(timeBuckets.every(({ requests, approved, refused }) => requests + approved + refused === 0)).toBe(true);
    expect(seriesFrom(nowMs)).toBe(bucket - 11);
  });

  test('a series counts what got a code, what was entered and what was refused, whoever asked', () => {
    const counts = {
      ...noCounts(bucket),
      ...{ started: slots([3, 19]), again: 2, others: 1, pairStarted: 4 },
      ...{ verified: slots([3, 1]), pairVerified: 3 },
      ...{ blocked: 37, limited: 5 },
    };
    expect(seriesOf([counts], nowMs).timeBuckets.at(-1)).toEqual({
      fromMs: bucket * timeBucketMs,
      requests: 26,
      approved: 4,
      refused: 42,
    });
  });

  test('people who ask stand by ten seconds in the last two time buckets only, in order', () => {
    const now = { ...noCounts(bucket), started: slots([0, 5], [17, 2]), verified: slots([17, 1]) };
    const before = { ...noCounts(bucket - 1), started: slots([59, 1]) };
    const older = { ...noCounts(bucket - 2), started: slots([1, 9]) };
    expect(seriesOf([now, before, older], nowMs).slots).toEqual([
      { fromMs: bucket * timeBucketMs - 10_000, requests: 1, approved: 0 },
      { fromMs: bucket * timeBucketMs, requests: 5, approved: 0 },
      { fromMs: bucket * timeBucketMs + 170_000, requests: 2, approved: 1 },
    ]);
  });

  test('a series has no counts of before two hours, and a pace none of before twenty minutes', () => {
    const old = { ...noCounts(bucket - 12), started: slots([0, 7]), blocked: 9 };
    const { timeBuckets } = seriesOf([old], nowMs);
    expect(timeBuckets.reduce((sum, { requests, refused }) => sum + requests + refused, 0)).toBe(0);
    expect(paceText([{ ...noCounts(bucket - 2), started: slots([0, 7]) }], nowMs)).toMatch(/^It does not go on/);
  });
});
