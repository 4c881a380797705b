/**
 * How improbable a count is. Tails of the Poisson and of the Gamma-Poisson (negative binomial) distribution, by the
 * incomplete gamma and beta functions.
 *
 * Source of the expansions: Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1, 6.5 and 26.5; continued
 * fractions are evaluated by Lentz's method.
 */

const accuracy = 1e-14;
const maxTerms = 10_000;
const tiny = 1e-300;

const lanczos = [
  676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
  -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** Natural logarithm of the gamma function for positive arguments (Lanczos, g = 7). */
export const logGamma = (x: number): number => {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const base = shifted + 7.5;
  const sum = lanczos.reduce((total, factor, index) => total + factor / (shifted + index + 1), 0.99999999999980993);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(sum);
};

/** Regularised lower incomplete gamma function P(a, x). */
const lowerGamma = (a: number, x: number): number => (x < a + 1 ? bySeries(a, x) : 1 - byFraction(a, x));

/** Regularised upper incomplete gamma function Q(a, x). */
const upperGamma = (a: number, x: number): number => (x < a + 1 ? 1 - bySeries(a, x) : byFraction(a, x));

const gammaScale = (a: number, x: number): number => Math.exp(a * Math.log(x) - x - logGamma(a));
const bySeries = (a: number, x: number): number => (x <= 0 ? 0 : gammaScale(a, x) * gammaSeries(a, x));
const byFraction = (a: number, x: number): number => gammaScale(a, x) * gammaFraction(a, x);

const gammaSeries = (a: number, x: number): number => {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < maxTerms; n += 1) {
    term *= x / (a + n);
    sum += term;
    if (term < sum * accuracy) return sum;
  }
  return sum;
};

const gammaFraction = (a: number, x: number): number => {
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let product = d;
  for (let n = 1; n < maxTerms; n += 1) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / awayFromZero(an * d + b);
    c = awayFromZero(b + an / c);
    const step = d * c;
    product *= step;
    if (Math.abs(step - 1) < accuracy) return product;
  }
  return product;
};

const awayFromZero = (x: number): number => (Math.abs(x) < tiny ? tiny : x);

/** Regularised incomplete beta function I_x(a, b). */
export const incompleteBeta = (x: number, a: number, b: number): number => {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const logScale = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  return x < (a + 1) / (a + b + 2)
    ? (Math.exp(logScale) * betaFraction(x, a, b)) / a
    : 1 - (Math.exp(logScale) * betaFraction(1 - x, b, a)) / b;
};

const betaFraction = (x: number, a: number, b: number): number => {
  let c = 1;
  let d = 1 / awayFromZero(1 - ((a + b) * x) / (a + 1));
  let product = d;
  for (let m = 1; m < maxTerms; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    product *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    const step = d * c;
    product *= step;
    if (Math.abs(step - 1) < accuracy) return product;
  }
  return product;
};

/** P(X ≥ n) for X Poisson with mean `expected`. */
export const poissonTail = (n: number, expected: number): number => (n <= 0 ? 1 : lowerGamma(n, expected));

/**
 * P(X ≥ n) for a Poisson count within `window`, where the rate itself is only known as Gamma(`shape`, `exposure`):
 * mean rate shape / exposure, in the unit of `window` and `exposure`. Real traffic scatters more than Poisson; a small
 * `shape` says how much more.
 */
export const gammaPoissonTail = (n: number, shape: number, exposure: number, window: number): number =>
  n <= 0 ? 1 : incompleteBeta(window / (exposure + window), n, shape);

/** Chance that a standard normal is above x. */
export const normalTail = (x: number): number => (x < 0 ? 1 - normalTail(-x) : upperGamma(0.5, (x * x) / 2) / 2);
