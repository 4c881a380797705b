/** Intervals of shares at 95%. They treat people as independent. People of one burst are not. */

export type Interval = { readonly low: number; readonly high: number };

/** Quantile of the normal distribution. */
const z = 1.959964;
/** The upper bound of a share of which nothing was seen: the nth root of 5%. The rule of three says 3/n. */
const unseen = (total: number): number => 1 - 0.05 ** (1 / total);

/** Wilson's score interval of a share, or the exact one-sided bound if nothing or everything was seen. */
export const intervalOf = (seen: number, total: number): Interval => {
  if (total === 0) return { low: 0, high: 1 };
  if (seen === 0) return { low: 0, high: unseen(total) };
  if (seen === total) return { low: 1 - unseen(total), high: 1 };
  const share = seen / total;
  const middle = share + z ** 2 / (2 * total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  const scale = 1 + z ** 2 / total;
  return { low: (middle - spread) / scale, high: (middle + spread) / scale };
};
