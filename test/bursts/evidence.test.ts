import { describe, expect, test } from 'vitest';
import { cusum, trialOf } from '../../lambdas/bursts/evidence/cusum.ts';

/** Equal to the printed digits. */
const near = (value: number, expected: number) => expect(Math.abs(value - expected)).toBeLessThan(0.005);

// Jung, Paxson, Berger, Balakrishnan, IEEE S&P 2004: of a scanner's trials 20% succeed, of others' 80%.
describe('in the setting of the Threshold Random Walk', () => {
  const { success, failure } = trialOf(0.2, 0.8);
  /** One false alarm in a hundred, 99 of a hundred scanners found. */
  const bound = Math.log(0.99 / 0.01);
  const sumOf = (trials: readonly number[]) => trials.reduce(cusum, 0);

  test('a failure is worth ln 4, and a success as much against it', () => {
    expect(failure()).toBeCloseTo(Math.log(4), 12);
    expect(success).toBeCloseTo(-Math.log(4), 12);
  });
  test('four failures in a row find a scanner, three do not', () => {
    expect(Math.exp(bound)).toBeCloseTo(99, 10);
    expect(sumOf([failure(), failure(), failure()])).toBeLessThan(bound);
    expect(sumOf([failure(), failure(), failure(), failure()])).toBeGreaterThan(bound);
  });
  test('successes before an attack are no credit, and one within it takes a failure back', () => {
    expect(sumOf([success, success, success, failure()])).toBeCloseTo(failure(), 12);
    expect(sumOf([failure(), success, failure()])).toBeCloseTo(failure(), 12);
  });
  test('a trial that nobody can have ended yet says nothing', () => {
    expect(failure(0)).toBe(0);
    expect(failure(0.5)).toBeGreaterThan(0);
    expect(failure(0.5)).toBeLessThan(failure());
  });
});

/**
 * Mean number of observations until the CUSUM of normal observations passes `bound`: Brook and Evans' Markov chain, over
 * sums between which the mean is interpolated by parabolas.
 */
const runLength = (shift: number, allowance: number, bound: number): number => {
  // The bound lies between two steps, and so does zero: each step is wholly on one side.
  const [steps, widest, width] = [16_000, 8, 0.1];
  const states = bound / width;
  const matrix = Array.from({ length: states + 1 }, (_, from) => {
    const row = new Array<number>(states + 2).fill(0);
    const add = (at: number, share: number) => {
      row[at] = (row[at] ?? 0) + share;
    };
    for (let step = 0; step < steps; step += 1) {
      const deviation = -widest + ((step + 0.5) * 2 * widest) / steps;
      const share = (Math.exp(-(deviation ** 2) / 2) / Math.sqrt(2 * Math.PI)) * ((2 * widest) / steps);
      const next = cusum(from * width, shift + deviation - allowance) / width;
      if (next > states) continue;
      const middle = Math.min(states - 1, Math.max(1, Math.round(next)));
      const off = next - middle;
      add(middle - 1, (-share * off * (off - 1)) / 2);
      add(middle, -share * (1 - off * off));
      add(middle + 1, (-share * off * (off + 1)) / 2);
    }
    add(from, 1);
    row[states + 1] = 1;
    return row;
  });
  return solved(matrix)[0] ?? Number.NaN;
};

/** Gauss and Jordan, the right side as the last column. The diagonal dominates: no pivoting. */
const solved = (matrix: number[][]): readonly number[] => {
  for (const [at, pivot] of matrix.entries()) {
    const scale = pivot[at] ?? Number.NaN;
    for (const [index, value] of pivot.entries()) pivot[index] = value / scale;
    for (const [other, row] of matrix.entries()) {
      const factor = row[at] ?? 0;
      if (other === at || factor === 0) continue;
      for (const [index, value] of pivot.entries()) row[index] = (row[index] ?? 0) - factor * value;
    }
  }
  return matrix.map((row) => row.at(-1) ?? Number.NaN);
};

/** Of two sums, one for each direction: whichever passes first. */
const twoSided = (shift: number, bound: number): number =>
  1 / (1 / runLength(shift, 0.5, bound) + 1 / runLength(-shift, 0.5, bound));

// Montgomery, Introduction to Statistical Quality Control, table of the tabular CUSUM: 168 and 465, 8.38 and 10.4.
describe.each([
  { bound: 4, alarm: 167.7, delay: 8.38 },
  { bound: 5, alarm: 465.4, delay: 10.38 },
])('a CUSUM with an allowance of half a deviation and a bound of $bound', ({ bound, alarm, delay }) => {
  test(`the sum cries wolf once in ${alarm} observations`, () => {
    expect(Math.abs(twoSided(0, bound) - alarm)).toBeLessThan(0.06);
  });
  test(`the sum sees a shift by one deviation after ${delay} observations`, () => {
    near(twoSided(1, bound), delay);
  });
});
