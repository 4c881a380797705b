import type { Counts } from '../counts/counts.ts';
import { type Baseline, evidenceAt, type History } from '../counts/history.ts';
import type { Level } from '../counts/keys.ts';
import { slotSeconds, slotsPerTimeBucket, timeBucketMs } from '../counts/time-buckets.ts';
import { gammaPoissonTail, normalTail } from './chance.ts';
import { cusum, trialOf } from './cusum.ts';
import { thresholds } from './thresholds.ts';

/** Of the people who will type their code in, the share that has done so, by ten seconds. A lognormal, median 22 s. */
const typedInAfter: readonly number[] = Array.from({ length: 61 }, (_, slot) =>
  slot === 0 ? 0 : normalTail(-Math.log((slot * slotSeconds) / 22) / 0.9),
);

const typedIn = (ageSeconds: number): number => {
  if (ageSeconds >= 600) return 1;
  if (ageSeconds <= 0) return 0;
  const at = ageSeconds / slotSeconds;
  const slot = Math.floor(at);
  const [low = 0, high = 1] = [typedInAfter[slot], typedInAfter[slot + 1]];
  return low + (at - slot) * (high - low);
};

/** Evidence counts from then on: what led to a block that is over does not lead to the next one. */
export type Since = {
  readonly ms: number;
  readonly evidence: number;
  /** Behind a restriction many may call at once, from trusted IPs: only codes that are not entered count. */
  readonly isRestriction?: true | undefined;
};

/** Whether a slot was over by then. */
export const isBefore = (slotStartMs: number, since: Since | undefined): boolean =>
  since !== undefined && slotStartMs + slotSeconds * 1000 <= since.ms;

/** The same for a time bucket. */
export const isTimeBucketBefore = (
  { timeBucket }: { readonly timeBucket: number },
  since: Since | undefined,
): boolean => since !== undefined && (timeBucket + 1) * timeBucketMs <= since.ms;

type Evidence = { fast: number; slow: number };

export const weightAt = (level: Level, chance: number, surprise: number = thresholds.surprise): number =>
  chance < surprise ? thresholds.surpriseWeight[level] : 0;

/** The evidence of one verification: an attack's conversion, and a mixture of both, against the usual one. */
const trialsOf = ({ conversion }: Baseline) => {
  const p1 = thresholds.attackConversion;
  return { fast: trialOf(p1, conversion), slow: trialOf((conversion + 0.5 * p1) / 1.5, conversion) };
};

export const bounded = (value: number): number => Math.min(thresholds.maxEvidence, Math.max(0, value));

/** Adds the slots of a time bucket to the evidence, oldest first (CUSUM). Slow fraud counts codes older than five minutes. */
export const weigh = (
  evidence: Evidence,
  counts: Counts,
  baseline: Baseline,
  weight: number,
  nowMs: number,
  since: Since | undefined,
): Evidence => {
  const trials = trialsOf(baseline);
  const slowFailure = trials.slow.failure();
  let { fast, slow } = evidence;
  for (let slot = 0; slot < slotsPerTimeBucket; slot += 1) {
    const [n = 0, m = 0] = [counts.started[slot], counts.verified[slot]];
    if (n === 0 && m === 0) continue;
    const startMs = counts.timeBucket * timeBucketMs + slot * slotSeconds * 1000;
    if (isBefore(startMs, since)) continue;
    const ageSeconds = (nowMs - startMs) / 1000 - slotSeconds / 2;
    const open = Math.max(0, n - m);
    const failure = trials.fast.failure(typedIn(ageSeconds));
    fast = cusum(fast, open * (weight + failure) + m * trials.fast.success);
    if (ageSeconds > 300) slow = cusum(slow, open * slowFailure + m * trials.slow.success);
  }
  return { fast, slow };
};

/** The evidence before a time bucket: the history's, unless all of it led to a block that is over. */
export const startOf = (history: History | undefined, timeBucket: number, since: Since | undefined): Evidence => {
  if (since !== undefined && (history === undefined || isTimeBucketBefore(history, since)))
    return { fast: since.evidence, slow: since.evidence };
  return history === undefined ? { fast: 0, slow: 0 } : { ...evidenceAt(history, timeBucket) };
};

const windows = [1 / 6, 1, 6] as const;

/** The chance of n or more within the first, second or third of the windows. */
export const chanceOf = (n: number, window: 0 | 1 | 2, { perHour }: Baseline): number => {
  const [hours, shape] = [windows[window], thresholds.scatter[window]];
  return n <= perHour * hours ? 1 : gammaPoissonTail(n, shape, shape / perHour, hours);
};
