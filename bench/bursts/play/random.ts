/** Random numbers from a seed: every run draws the same. */

export type Random = {
  /** From 0 up to, and not including, 1, in steps of 2⁻³². */
  readonly unit: () => number;
  /** A whole number from 0 up to, and not including, `count`. */
  readonly below: (count: number) => number;
  readonly between: (min: number, max: number) => number;
  readonly happens: (probability: number) => boolean;
  readonly exponential: (mean: number) => number;
  readonly normal: (mean: number, deviation: number) => number;
  /** @param sigma deviation of the logarithm. */
  readonly logNormal: (median: number, sigma: number) => number;
  readonly pick: <Value>(values: readonly [Value, ...Value[]]) => Value;
  /** The same values in another order. */
  readonly shuffled: <Value>(values: readonly Value[]) => readonly Value[];
};

/** Mixes 32 bits, so that neighbors have nothing in common (the finalizer of MurmurHash3). */
export const mixed = (bits: number): number => {
  let hash = bits | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** 32 bits that stand for all parts (FNV-1a over their text, then mixed). */
export const hashed = (...parts: readonly (string | number)[]): number => {
  let hash = 0x811c9dc5;
  for (const character of parts.join('\u001f')) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return mixed(hash);
};

/** The golden ratio in 32 bits. Its mixed multiples make the first state (SplitMix). */
const step = 0x9e3779b9;

/** xoshiro128** of Blackman and Vigna. */
const bitsFrom = (seed: number): (() => number) => {
  let [a, b, c, d] = [mixed(seed + step), mixed(seed + 2 * step), mixed(seed + 3 * step), mixed(seed + 4 * step) | 1];
  return () => {
    const scrambled = Math.imul(b, 5);
    const drawn = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return drawn;
  };
};

/** A source for one purpose: draws for another purpose do not change it. */
export const randomFrom = (...purpose: readonly (string | number)[]): Random => {
  const bits = bitsFrom(hashed(...purpose));
  const unit = () => bits() / 2 ** 32;
  const below = (count: number) => Math.floor(unit() * count);
  // 1 − unit is never 0, and 0 has no logarithm.
  const exponential = (mean: number) => -mean * Math.log(1 - unit());
  const standardNormal = () => Math.sqrt(2 * exponential(1)) * Math.cos(2 * Math.PI * unit());
  return {
    unit,
    below,
    between: (min, max) => min + unit() * (max - min),
    happens: (probability) => unit() < probability,
    exponential,
    normal: (mean, deviation) => mean + deviation * standardNormal(),
    logNormal: (median, sigma) => median * Math.exp(sigma * standardNormal()),
    pick: (values) => values[below(values.length)] ?? values[0],
    shuffled: (values) =>
      values
        .map((value) => ({ value, place: unit() }))
        .sort((one, other) => one.place - other.place)
        .map(({ value }) => value),
  };
};

/** Draws an index by weight. @param sums running sums of the weights. */
export const weighted = (sums: Float64Array, unit: number): number => {
  const wanted = unit * (sums[sums.length - 1] ?? 0);
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] ?? 0) > wanted) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Running sums of 1, 1/2ˢ, 1/3ˢ, …: a few large weights, many small ones. */
export const zipf = (count: number, exponent: number): Float64Array => {
  let sum = 0;
  return Float64Array.from({ length: count }, (_, index) => {
    sum += (index + 1) ** -exponent;
    return sum;
  });
};
