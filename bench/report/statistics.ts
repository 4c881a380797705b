/** The statistics of samples. */

export const median = (numbers: readonly number[]): number => {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
};

/** The smallest sample that a part of all samples does not exceed: 0.99 for the 99th percentile. */
export const quantile = (numbers: readonly number[], part: number): number =>
  numbers.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(part * numbers.length) - 1)] ?? Number.NaN;

export type Interval = { readonly middle: number; readonly low: number; readonly high: number };

const draws = 2000;

/**
 * The median, and the middle 95% of the medians of resamples.
 *
 * @param random draws from [0, 1).
 * @param statistic in place of the median.
 */
export const bootstrap = (
  samples: readonly number[],
  random: () => number,
  statistic: (numbers: readonly number[]) => number = median,
): Interval => {
  const resample = () => samples.map(() => samples[Math.floor(random() * samples.length)] ?? Number.NaN);
  const values = Array.from({ length: draws }, () => statistic(resample())).toSorted((a, b) => a - b);
  const at = (part: number) => values[Math.round(part * (draws - 1))] ?? Number.NaN;
  return { middle: statistic(samples), low: at(0.025), high: at(0.975) };
};

export const shuffled = <T>(values: readonly T[], random: () => number): readonly T[] =>
  values
    .map((value) => ({ value, rank: random() }))
    .toSorted((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
