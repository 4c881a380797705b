import type { Counts } from '../counts/counts.ts';
import { type History, hourTimeBuckets, recentTimeBuckets, slowAt, sumOf } from '../counts/history.ts';
import type { Level } from '../counts/keys.ts';
import { slotSeconds, slotsPerTimeBucket, timeBucketMs } from '../counts/time-buckets.ts';
import type { Baseline } from './baseline.ts';
import { gammaPoissonTail } from './chance.ts';
import { cusum, trialOf } from './cusum.ts';
import { shareLeft } from './parts.ts';
import { thresholds } from './thresholds.ts';
import { typedIn } from './typed-in.ts';

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

/** Whether a time bucket of the history, whose slots are summed up, began before then. */
export const beganBefore = (timeBucket: number, since: Since | undefined): boolean =>
  since !== undefined && timeBucket * timeBucketMs < since.ms;

export const weightAt = (level: Level, chance: number, surprise: number = thresholds.surprise): number =>
  chance < surprise ? thresholds.surpriseWeight[level] : 0;

/** The evidence of one person: an attack's conversion against the usual one. */
const fastTrial = ({ conversion }: Baseline) => trialOf(thresholds.attackConversion, conversion);

/** The same for slow fraud: a mixture of attack and usual traffic. */
const slowTrial = ({ conversion }: Baseline) => {
  const share = thresholds.slowShare;
  return trialOf((1 - share) * conversion + share * thresholds.attackConversion, conversion);
};

export const bounded = (value: number): number => Math.min(thresholds.maxEvidence, Math.max(0, value));

/** How the traffic of a key is weighed. */
export type Weighing = {
  readonly level: Level;
  readonly baseline: Baseline;
  readonly nowMs: number;
  readonly since: Since | undefined;
  /** Slots of parts that are restricted themselves. */
  readonly explained: ReadonlySet<number>;
};

/**
 * The people that one person without an approval counts as. Second SMS are evidence, for no more than as much as the
 * people: somebody whose SMS is late stays one, and an attacker who has all SMS sent twice is stopped sooner.
 */
const weightOfSecond = ({ started, verified, insisting }: Counts): number => {
  const open = sumOf(started) - sumOf(verified);
  return open <= 0 ? 1 : 1 + Math.min(1, Math.max(0, insisting / open - thresholds.insisting));
};

/** A slot with people: those without and those with an approval, as far as they count. */
type Slot = { readonly ageSeconds: number; readonly open: number; readonly verified: number };

const slotsOf = (counts: Counts, { nowMs, since, explained }: Weighing): readonly Slot[] => {
  const weight = shareLeft(counts, explained);
  const slots: Slot[] = [];
  for (let slot = 0; slot < slotsPerTimeBucket; slot += 1) {
    const [n = 0, m = 0] = [counts.started[slot], counts.verified[slot]];
    if (n === 0 && m === 0) continue;
    const startMs = counts.timeBucket * timeBucketMs + slot * slotSeconds * 1000;
    if (isBefore(startMs, since)) continue;
    const ageSeconds = (nowMs - startMs) / 1000 - slotSeconds / 2;
    slots.push({ ageSeconds, open: weight * Math.max(0, n - m), verified: m });
  }
  return slots;
};

/** People who did not verify, without those whom a restriction of a part explains. */
export const failedIn = (counts: Counts, weighing: Weighing): number =>
  Math.round(100 * sumOf(slotsOf(counts, { ...weighing, since: undefined }).map(({ open }) => open))) / 100;

/** Adds a time bucket to the evidence of slow fraud (CUSUM). It counts codes older than five minutes. */
export const slowAfter = (slow: number, counts: Counts, weighing: Weighing): number => {
  const { success, failure } = slowTrial(weighing.baseline);
  const failed = failure(weighing.baseline.arriving);
  return slotsOf(counts, weighing)
    .filter(({ ageSeconds }) => ageSeconds > 300)
    .reduce((sum, { open, verified }) => cusum(sum, open * failed + verified * success), slow);
};

/** The evidence of slow fraud before a time bucket: the history's, unless all of it led to a block that is over. */
export const slowBefore = (history: History | undefined, timeBucket: number, since: Since | undefined): number => {
  if (since !== undefined && (history === undefined || isTimeBucketBefore(history, since))) return since.evidence;
  return history === undefined ? 0 : slowAt(history, timeBucket);
};

/** Windows of the rate: of ten minutes, an hour and six hours. */
export type Window = 0 | 1 | 2;
export const windows = [0, 1, 2] as const;
export const windowTimeBuckets = [1, hourTimeBuckets, recentTimeBuckets] as const;
const windowHours = [1 / 6, 1, 6] as const;

/** The chance of n or more within a window. */
export const chanceOf = (n: number, window: Window, { perHour }: Baseline): number => {
  const [hours, shape] = [windowHours[window], thresholds.scatter[window]];
  return n <= perHour * hours ? 1 : gammaPoissonTail(n, shape, shape / perHour, hours);
};

/**
 * The evidence of a window, oldest first (CUSUM): of time buckets in the history, then of slots. Evidence for acting on a
 * rise comes from the window of the rise, and not from what stood there before.
 *
 * @param weight of each surprising request.
 * @param given evidence to begin with.
 */
export const evidenceIn = (
  window: Window,
  { history, counts }: { readonly history: History | undefined; readonly counts: readonly Counts[] },
  weighing: Weighing,
  { weight, given }: { readonly weight: number; readonly given: number },
): number => {
  const { baseline, nowMs, since } = weighing;
  const { success, failure } = fastTrial(baseline);
  const fromTimeBucket = Math.floor(nowMs / timeBucketMs) - windowTimeBuckets[window] + 1;
  let sum = given;
  for (let back = (history?.recent.length ?? 0) - 1; back >= 0; back -= 1) {
    const timeBucket = (history?.timeBucket ?? 0) - back;
    if (window === 0 || timeBucket < fromTimeBucket || beganBefore(timeBucket, since)) continue;
    const [failed = 0, verified = 0] = [history?.recentFailed[back], history?.recentVerified[back]];
    if (failed > 0 || verified > 0)
      sum = cusum(sum, failed * (weight / 2 + failure(baseline.arriving)) + verified * success);
  }
  for (const each of counts) {
    if (window > 0 && each.timeBucket < fromTimeBucket) continue;
    const second = weightOfSecond(each);
    for (const { ageSeconds, open, verified } of slotsOf(each, weighing)) {
      if (window === 0 && ageSeconds > timeBucketMs / 1000) continue;
      sum = cusum(
        sum,
        second * open * (weight + failure(typedIn(ageSeconds) * baseline.arriving)) + verified * success,
      );
    }
  }
  return sum;
};
