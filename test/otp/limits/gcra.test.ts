import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { conforms, conformsAt, type Rate, rateOf, remainingOf, tatAfter } from '../../../lambdas/otp/limits/gcra.ts';

/** Sends at each moment that conforms; returns which did. */
const run = (moments: readonly number[], rate: Rate): boolean[] => {
  let tatMs = 0;
  return moments.map((nowMs) => {
    const conforming = conforms(tatMs, rate, nowMs);
    if (conforming) tatMs = tatAfter(tatMs, rate, nowMs);
    return conforming;
  });
};

/** A bucket of τ + T that drains with time; a send pours T in and conforms if it does not overflow. */
const leakyBucket = (moments: readonly number[], { intervalMs, toleranceMs }: Rate): boolean[] => {
  let level = 0;
  let last = 0;
  return moments.map((nowMs) => {
    level = Math.max(0, level - (nowMs - last));
    last = nowMs;
    if (level > toleranceMs) return false;
    level += intervalMs;
    return true;
  });
};

const start = Date.UTC(2026, 0, 1);
const gaps = fc.array(fc.integer({ min: 0, max: 300_000 }), { minLength: 1, maxLength: 100 });
const momentsOf = (list: readonly number[]) => {
  let nowMs = start;
  return list.map((gap) => {
    nowMs += gap;
    return nowMs;
  });
};

test('five sends conform at once with T = 120 s and τ = 480 s, and the sixth is let through after 120 s', () => {
  const rate = { intervalMs: 120_000, toleranceMs: 480_000 };
  expect(run(new Array(6).fill(start), rate)).toEqual([true, true, true, true, true, false]);
  expect(run([...new Array(5).fill(start), start + 119_999], rate).at(-1)).toBe(false);
  expect(run([...new Array(5).fill(start), start + 120_000], rate).at(-1)).toBe(true);
});

test('the GCRA equals a leaky bucket exactly', () => {
  const rates = fc.record({
    intervalMs: fc.integer({ min: 1, max: 200_000 }),
    toleranceMs: fc.integer({ min: 0, max: 900_000 }),
  });
  fc.assert(
    fc.property(gaps, rates, (list, rate) => {
      expect(run(momentsOf(list), rate)).toEqual(leakyBucket(momentsOf(list), rate));
    }),
  );
});

describe('a rate of N sends in a window', () => {
  const allowed = fc.record({
    sends: fc.integer({ min: 2, max: 60 }),
    windowSeconds: fc.integer({ min: 60, max: 3600 }),
  });

  test('a rate of N sends in a window admits no more in any window of that length', () => {
    fc.assert(
      fc.property(gaps, allowed, (list, limit) => {
        const moments = momentsOf(list);
        const sent = moments.filter((_, index) => run(moments, rateOf(limit))[index]);
        for (const from of sent) {
          const seen = sent.filter((at) => at >= from && at < from + limit.windowSeconds * 1000);
          expect(seen.length).toBeLessThanOrEqual(limit.sends);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('a rate of 10 sends in 10 minutes admits five at once, then one every two minutes', () => {
    expect(rateOf({ sends: 10, windowSeconds: 600 })).toEqual({ intervalMs: 120_000, toleranceMs: 480_000 });
  });
});

test('the wait and the remaining sends are true', () => {
  fc.assert(
    fc.property(gaps, fc.integer({ min: 0, max: 600_000 }), (list, laterMs) => {
      const rate = { intervalMs: 120_000, toleranceMs: 480_000 };
      let tatMs = 0;
      for (const nowMs of momentsOf(list)) if (conforms(tatMs, rate, nowMs)) tatMs = tatAfter(tatMs, rate, nowMs);
      const nowMs = (momentsOf(list).at(-1) ?? start) + laterMs;
      const left = remainingOf(tatMs, rate, nowMs);
      let tat = tatMs;
      for (let index = 0; index < left; index += 1) {
        expect(conforms(tat, rate, nowMs)).toBe(true);
        tat = tatAfter(tat, rate, nowMs);
      }
      expect(conforms(tat, rate, nowMs)).toBe(false);
      expect(conforms(tat, rate, conformsAt(tat, rate))).toBe(true);
      expect(conforms(tat, rate, conformsAt(tat, rate) - 1)).toBe(false);
    }),
  );
});
