import { describe, expect, test } from 'vitest';
import { gammaPoissonTail, incompleteBeta, normalTail, poissonTail } from '../../lambdas/bursts/evidence/chance.ts';

/** Equal to the printed digits. */
const near = (value: number, expected: number, digits: number) =>
  expect(Math.abs(value / expected - 1)).toBeLessThan(0.6 * 10 ** (1 - digits));

describe('the chance of so many or more', () => {
  test.each([
    [5, 0.03, 1.975e-10, 4],
    [5, 0.5, 1.7212e-4, 5],
    [10, 2, 4.6498e-5, 5],
    [25, 10, 4.6949e-5, 5],
    [140, 100, 9.1647e-5, 5],
  ] as const)(
    'the chance of %d or more, with %d expected (Poisson), is that of the tables',
    (n, expected, chance, digits) => {
      near(poissonTail(n, expected), chance, digits);
    },
  );
  test.each([
    [3, 0.5, 24, 2.0307e-5],
    [5, 0.5, 24, 2.5631e-8],
    [5, 10.5, 336, 5.533e-10],
  ] as const)(
    'the chance of %d or more in an hour is that of the tables, for a rate of Gamma(%d, %d h)',
    (n, shape, hours, chance) => {
      near(gammaPoissonTail(n, shape, hours, 1), chance, 5);
    },
  );
  test('the tail agrees with sums of the terms', () => {
    const poisson = (n: number, mean: number) => {
      let term = Math.exp(-mean);
      let below = 0;
      for (let k = 0; k < n; k += 1) {
        below += term;
        term *= mean / (k + 1);
      }
      return 1 - below;
    };
    for (const mean of [0.2, 1, 7, 30]) {
      for (const n of [1, 2, 5, 20, 40]) expect(poissonTail(n, mean)).toBeCloseTo(poisson(n, mean), 10);
    }
    // Binomial: 3 of 4 or more, with one half each: (4 + 1) / 16.
    expect(incompleteBeta(0.5, 3, 2)).toBeCloseTo(5 / 16, 12);
    // A geometric distribution: shape 1.
    expect(gammaPoissonTail(3, 1, 1, 1)).toBeCloseTo(1 / 8, 12);
  });
  test('the tail of a standard normal is what tables say, on both sides and far out', () => {
    expect(normalTail(0)).toBeCloseTo(0.5, 12);
    expect(normalTail(1.96)).toBeCloseTo(0.024_997_895, 9);
    expect(normalTail(-1.96)).toBeCloseTo(0.975_002_105, 9);
    expect(normalTail(5) / 2.866_515_7e-7).toBeCloseTo(1, 6);
  });
  test('the chance of none or more is one', () => {
    expect(poissonTail(0, 3)).toBe(1);
    expect(gammaPoissonTail(0, 4, 1, 1)).toBe(1);
  });
  test('the expansion holds for large counts', () => {
    expect(poissonTail(10_000, 10_000)).toBeCloseTo(0.5, 2);
    expect(gammaPoissonTail(100_000, 4, 4 / 10, 1)).toBeLessThan(1e-300);
    expect(gammaPoissonTail(2_000, 4, 4 / 1_000, 1)).toBeGreaterThan(0.01);
  });
});
