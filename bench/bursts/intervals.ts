/** How sure a share is: intervals of 95%. They take people for independent, which those of one burst are not. */

export type Interval = { readonly low: number; readonly high: number };

/** Quantile of the normal distribution. */
const z = 1.959964;
/** P(nothing in n tries) is 5% at a share of 3/n. */
const three = 3;

/** Wilson's score interval of a share; the rule of three where nothing, or everything, was seen. */
export const intervalOf = (seen: number, total: number): Interval => {
  if (total === 0) return { low: 0, high: 1 };
  if (seen === 0) return { low: 0, high: Math.min(1, three / total) };
  if (seen === total) return { low: Math.max(0, 1 - three / total), high: 1 };
  const share = seen / total;
  const middle = share + z ** 2 / (2 * total);
  const spread = z * Math.sqrt((share * (1 - share)) / total + z ** 2 / (4 * total ** 2));
  const scale = 1 + z ** 2 / total;
  return { low: (middle - spread) / scale, high: (middle + spread) / scale };
};
