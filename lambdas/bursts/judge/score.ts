import type { RuleName } from '../../policy.ts';
import {
  type Baseline,
  evidenceAt,
  type History,
  hourTimeBuckets,
  noHistory,
  recentTimeBuckets,
  rollUp,
  sumOf,
} from '../counts/history.ts';
import {
  type Counts,
  distinctOf,
  type Level,
  slotSeconds,
  slotsPerTimeBucket,
  timeBucketMs,
  timeBucketOf,
} from '../counts/traffic.ts';
import { gammaPoissonTail, normalTail, poissonTail } from './chance.ts';
import { cusum, trialOf } from './evidence.ts';

/** What is known of a key: what was rolled up, and the counts of the time buckets since, oldest first. */
export type KeyState = { readonly history: History | undefined; readonly counts: readonly Counts[] };

/**
 * Thresholds of the detector. They are frozen: docs/evaluation.md says on which traffic they were set, and how they do on
 * traffic that they were not set on.
 */
export const thresholds = {
  /** Share of codes that somebody types in during an attack. */
  attackConversion: 0.05,
  /** Evidence, in nats, from which on unverified traffic is called a burst. Wald: ln(1 / false alarms per decision). */
  burst: 16,
  slow: 16,
  /**
   * Slow fraud goes on: so many requests within an hour and within six, and these are as unlikely as that; after an outage
   * nothing is.
   */
  slowLeast: { hour: 4, sixHours: 12, chance: 1e-3 },
  /** What of the burst is taken as given after a block. */
  again: 9.6,
  /**
   * The same for a range, for each other block of its prefix that was blocked within a day; and the chance from
   * which on a request to it is evidence by itself.
   */
  siblings: { each: 14.4, most: 14.4, surprise: 2e-4 },
  /** Evidence is not piled up beyond this, or an outage of hours would outlive itself. */
  most: 24,
  /** Chance of so much traffic: from here down it may be fraud at all; from there down it is evidence by itself. */
  gate: { phone: 1e-3, range: 1e-3, prefix: 1e-4, country: 1e-4, ip: 1e-3, codes: 1e-4, everywhere: 1e-4 },
  surprise: 1e-5,
  /** What a surprising request is worth, by level: narrow keys only, or every launch of a product were fraud. */
  surpriseWeight: { phone: 0, range: 1, prefix: 0, country: 0, ip: 0.3, codes: 0, everywhere: 0 },
  /** How far the rate may stray from the usual within ten minutes, an hour, six hours: the shape of the Gamma. */
  scatter: [4, 6, 16],
  /** Nobody at all types a code in: so many are out, the oldest for so long. */
  noConversion: { pending: 40, oldestSeconds: 12 },
  /** Unverified numbers who do type codes in: so many within an hour, from so many IPs, with less than that chance. */
  convertingUnverified: { unverified: 60, ips: 25, share: 0.3, chance: 1e-12 },
  /** Wrong codes per request that people enter and do not put right, and from when on they are no mistakes. */
  wrongCodes: { perRequest: 0.15, atLeast: 40, chance: 1e-9 },
  /**
   * Approvals that are missing: from so many standard deviations on, where at least so many were requested; days differ by
   * that share of the requests. In how many countries at least, and how much one of them may say, where all are looked at.
   */
  conversionDrop: { started: 8, evidence: 5, together: 4, daysDiffer: 0.05, fewest: 3, maxEach: 3 },
} as const satisfies Record<'surpriseWeight' | 'gate', Readonly<Record<Level, number>>> & Record<string, unknown>;

/** Shares of the people who will type a code in that have done so after so many seconds; a lognormal, median 22 s. */
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

/** What the counts of a key come to. */
export type Assessment = {
  /** Evidence in nats. */
  readonly fast: number;
  readonly slow: number;
  /** The smallest chance of so much traffic within 10 minutes, an hour and six hours. */
  readonly chance: number;
  /** Requested within the last 10 minutes, hour and six hours. */
  readonly started: readonly [tenMinutes: number, hour: number, sixHours: number];
  /** Of the evidence at hand (up to half an hour): requested, and approved. */
  readonly seen: {
    readonly started: number;
    readonly verified: number;
    /** Those for trusted numbers included. */
    readonly requests: number;
    readonly wrong: number;
  };
  /** Of this time bucket and the last: requested, and wrong codes. */
  readonly lately: { readonly requests: number; readonly wrong: number };
  /** Codes out for less than ten minutes and not typed in; the age of the oldest in seconds. */
  readonly pending: { readonly count: number; readonly oldestSeconds: number };
  readonly distinctIps: number;
  /** Sends refused within the last ten minutes by a block on the key, and by a limit of it. */
  readonly blocked: number;
  readonly limited: number;
  readonly baseline: Baseline;
};

/** From when on evidence counts: what led to a block that is over does not lead to the next one. */
export type Since = {
  readonly ms: number;
  readonly evidence: number;
  /** Behind a restriction many may come at once, from where people verify: only what is not typed in counts. */
  readonly isRestriction?: true | undefined;
};

/** Whether a slot was over by then. */
const isBefore = (slotStartMs: number, since: Since | undefined): boolean =>
  since !== undefined && slotStartMs + slotSeconds * 1000 <= since.ms;

const isTimeBucketBefore = ({ timeBucket }: Counts, since: Since | undefined): boolean =>
  since !== undefined && (timeBucket + 1) * timeBucketMs <= since.ms;

type Evidence = { fast: number; slow: number };

const weightAt = (level: Level, chance: number, surprise: number = thresholds.surprise): number =>
  chance < surprise ? thresholds.surpriseWeight[level] : 0;

/** What a verification says: of an attack's conversion against the usual one, and of a mixture of both against it. */
const trialsOf = ({ conversion }: Baseline) => {
  const p1 = thresholds.attackConversion;
  return { fast: trialOf(p1, conversion), slow: trialOf((conversion + 0.5 * p1) / 1.5, conversion) };
};

const bounded = (value: number): number => Math.min(thresholds.most, Math.max(0, value));

/** Adds the slots of a time bucket to the evidence, oldest first (CUSUM). Codes younger than five minutes are no slow fraud. */
const weigh = (
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

/** The evidence before a time bucket: what the history has, unless all of that led to a block that is over. */
const startOf = (history: History | undefined, timeBucket: number, since: Since | undefined): Evidence => {
  const isOutdated =
    since !== undefined && (history === undefined || (history.timeBucket + 1) * timeBucketMs <= since.ms);
  if (isOutdated) return { fast: since.evidence, slow: since.evidence };
  return history === undefined ? { fast: 0, slow: 0 } : { ...evidenceAt(history, timeBucket) };
};

const windows = [1 / 6, 1, 6] as const;

/** The chance of so many within the first, second or third of the windows. */
const chanceOf = (n: number, window: 0 | 1 | 2, { perHour }: Baseline): number => {
  const [hours, shape] = [windows[window], thresholds.scatter[window]];
  return n <= perHour * hours ? 1 : gammaPoissonTail(n, shape, shape / perHour, hours);
};

/** What the slots of the open time buckets come to, in one pass: every request asks for it. */
type Sums = { started: number; verified: number; tenMinutes: number; pending: number; oldestSeconds: number };

const sumsOf = (counts: readonly Counts[], nowMs: number, since: Since | undefined): Sums => {
  const sums: Sums = { started: 0, verified: 0, tenMinutes: 0, pending: 0, oldestSeconds: 0 };
  for (const { timeBucket, started, verified } of counts) {
    for (let slot = 0; slot < slotsPerTimeBucket; slot += 1) {
      const [n = 0, m = 0] = [started[slot], verified[slot]];
      if (n === 0 && m === 0) continue;
      const startMs = timeBucket * timeBucketMs + slot * slotSeconds * 1000;
      const ageSeconds = (nowMs - startMs) / 1000;
      const isRecent = ageSeconds >= 0 && ageSeconds <= 600;
      if (isRecent) sums.tenMinutes += n;
      if (isBefore(startMs, since)) continue;
      sums.started += n;
      sums.verified += m;
      if (!isRecent || n <= m) continue;
      sums.pending += n - m;
      sums.oldestSeconds = Math.max(sums.oldestSeconds, ageSeconds);
    }
  }
  return sums;
};

/** Requested within the last hour or so. */
export const startedHour = ({ history, counts }: KeyState, nowMs: number): number => {
  const [, hour] = startedIn({ history, counts }, 0, nowMs);
  return hour;
};

const startedIn = ({ history, counts }: KeyState, tenMinutes: number, nowMs: number): Assessment['started'] => {
  const now = timeBucketOf(nowMs);
  let [hour, sixHours] = [0, 0];
  for (const { timeBucket, started } of counts) {
    const sum = sumOf(started);
    if (now - timeBucket < hourTimeBuckets) hour += sum;
    if (now - timeBucket < recentTimeBuckets) sixHours += sum;
  }
  if (history === undefined) return [tenMinutes, hour, sixHours];
  for (const [back, sum] of history.recent.entries()) {
    const age = now - (history.timeBucket - back);
    if (age < hourTimeBuckets) hour += sum;
    if (age < recentTimeBuckets) sixHours += sum;
  }
  return [tenMinutes, hour, sixHours];
};

/**
 * A pure function of the counts: whatever order they came in, whoever counted them.
 *
 * @param given evidence for a burst that is taken as given, by what happens around the key.
 */
export const assess = (
  level: Level,
  state: KeyState,
  baseline: Baseline,
  nowMs: number,
  since?: Since,
  given = 0,
): Assessment => {
  const { history, counts } = state;
  const sums = sumsOf(counts, nowMs, since);
  const started = startedIn(state, sums.tenMinutes, nowMs);
  const [tenMinutes, hour, sixHours] = started;
  const chance = Math.min(
    chanceOf(tenMinutes, 0, baseline),
    chanceOf(hour, 1, baseline),
    chanceOf(sixHours, 2, baseline),
  );
  const surprise = given > 0 ? thresholds.siblings.surprise : thresholds.surprise;
  const weight = since?.isRestriction === true ? 0 : weightAt(level, chance, surprise);
  const before = startOf(history, counts[0]?.timeBucket ?? timeBucketOf(nowMs), since);
  let evidence = { ...before, fast: Math.max(before.fast, given) };
  for (const each of counts) evidence = weigh(evidence, each, baseline, weight, nowMs, since);
  const lately = counts.filter(({ timeBucket }) => timeBucket >= timeBucketOf(nowMs) - 1);
  const open = counts.filter((each) => !isTimeBucketBefore(each, since));
  const slots = new Set(counts.flatMap(({ ips }) => ips));
  return {
    ...evidence,
    chance,
    started,
    seen: {
      started: sums.started,
      verified: sums.verified,
      requests: sums.started + sumOf(open.map((each) => each.trusted)),
      wrong: sumOf(open.map((each) => each.wrong)),
    },
    lately: {
      requests: sumOf(lately.map((each) => sumOf(each.started) + each.trusted)),
      wrong: sumOf(lately.map((each) => each.wrong)),
    },
    pending: { count: sums.pending, oldestSeconds: sums.oldestSeconds },
    distinctIps: distinctOf(slots),
    blocked: sumOf(lately.map((each) => each.blocked)),
    limited: sumOf(counts.map((each) => each.limited)),
    baseline,
  };
};

/** Epochs that are over for so long that no code of theirs can still be typed in. */
export const ripeBefore = (nowMs: number): number => timeBucketOf(nowMs) - 2;

/** Rolls up the ripe time buckets of a key into its history; the state that remains has the same counts, and no more. */
export const rollUpRipe = (
  level: Level,
  state: KeyState,
  baseline: Baseline,
  nowMs: number,
  since?: Since,
): KeyState => {
  const ripe = state.counts.filter(({ timeBucket }) => timeBucket <= ripeBefore(nowMs));
  let { history } = state;
  for (const counts of ripe) {
    const before = history ?? noHistory(counts.timeBucket - 1);
    if (counts.timeBucket <= before.timeBucket) continue;
    const n = sumOf(counts.started);
    const chance = chanceOf(n, 0, baseline);
    const isOver = since !== undefined && (counts.timeBucket + 1) * timeBucketMs <= since.ms;
    const evidence = weigh(
      startOf(before, counts.timeBucket, isOver ? undefined : since),
      counts,
      baseline,
      weightAt(level, chance) / 2,
      nowMs,
      isOver ? undefined : since,
    );
    const bound = { fast: bounded(evidence.fast), slow: bounded(evidence.slow) };
    history = rollUp(
      history === undefined ? { ...before, since: counts.timeBucket } : before,
      counts,
      bound,
      chance >= thresholds.gate[level],
    );
  }
  return {
    history,
    counts: state.counts.filter(({ timeBucket }) => timeBucket > (history?.timeBucket ?? Number.NEGATIVE_INFINITY)),
  };
};

export const rules = [
  'unverified-burst',
  'low-and-slow',
  'no-conversion',
  'converting-strangers',
  'code-spraying',
  'guessing',
  'bombing',
] as const satisfies readonly RuleName[];
export type Rule = (typeof rules)[number];

const isGateOpen = (level: Level, { chance }: Assessment): boolean => chance < thresholds.gate[level];

/** More wrong codes than people leave behind who mistype. */
export const areGuesses = ({ requests, wrong }: { readonly requests: number; readonly wrong: number }): boolean => {
  const { perRequest, atLeast, chance } = thresholds.wrongCodes;
  return wrong >= atLeast && poissonTail(wrong, Math.max(1, requests) * perRequest) < chance;
};

const isSilent = ({ pending, seen }: Assessment): boolean =>
  seen.verified === 0 &&
  pending.count >= thresholds.noConversion.pending &&
  pending.oldestSeconds >= thresholds.noConversion.oldestSeconds;

const isConvertingUnverified = ({ started, distinctIps, seen, baseline }: Assessment): boolean => {
  const [, unverifiedHour] = started;
  const { unverified, ips, chance, share } = thresholds.convertingUnverified;
  if (unverifiedHour < unverified || distinctIps < ips) return false;
  return seen.verified >= share * seen.started && chanceOf(unverifiedHour, 1, baseline) < chance;
};

/** Levels that are judged by what is typed in. */
const judged: readonly Level[] = ['range', 'prefix', 'country', 'ip'];

/** However few are typed in: a handful of codes in six hours is no attack, and as many as always are none. */
const isSlow = ({ slow, started: [, hour, sixHours], baseline }: Assessment): boolean =>
  slow >= thresholds.slow &&
  hour >= thresholds.slowLeast.hour &&
  sixHours >= thresholds.slowLeast.sixHours &&
  chanceOf(sixHours, 2, baseline) < thresholds.slowLeast.chance;

/** The rules that a key breaks, the gravest first. */
export const brokenBy = (level: Level, assessment: Assessment): readonly Rule[] => {
  const { fast } = assessment;
  const open = isGateOpen(level, assessment);
  const broken: Readonly<Record<Rule, boolean>> = {
    'unverified-burst': judged.includes(level) && open && fast >= thresholds.burst,
    'no-conversion': level === 'prefix' && open && isSilent(assessment),
    'low-and-slow': (level === 'prefix' || level === 'range') && open && isSlow(assessment),
    'converting-strangers': level === 'range' && isConvertingUnverified(assessment),
    'code-spraying': (level === 'ip' || level === 'codes') && areGuesses(assessment.seen),
    guessing: level === 'phone' && assessment.seen.wrong >= 12,
    bombing: level === 'phone' && assessment.limited >= 12,
  };
  return rules.filter((rule) => broken[rule]);
};
