import type { RuleName } from '../../policy.ts';
import {
  type Baseline,
  type Carry,
  evidenceAt,
  fold,
  hourEpochs,
  noCarry,
  recentEpochs,
  sumOf,
} from '../counts/history.ts';
import {
  type Counts,
  distinctOf,
  epochMs,
  epochOf,
  type Level,
  slotSeconds,
  slotsPerEpoch,
} from '../counts/traffic.ts';
import { gammaPoissonTail, normalTail, poissonTail } from './chance.ts';
import { cusum, trialOf } from './evidence.ts';

/** What is known of a key: what was folded up, and the counts of the epochs since, oldest first. */
export type KeyState = { readonly carry: Carry | undefined; readonly counts: readonly Counts[] };

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
   * The same for a number block, for each other block of its operator that was blocked within a day; and the chance from
   * which on a request to it is evidence by itself.
   */
  siblings: { each: 14.4, most: 14.4, surprise: 2e-4 },
  /** Evidence is not piled up beyond this, or an outage of hours would outlive itself. */
  most: 24,
  /** Chance of so much traffic: from here down it may be fraud at all; from there down it is evidence by itself. */
  gate: { phone: 1e-3, block: 1e-3, operator: 1e-4, country: 1e-4, address: 1e-3, codes: 1e-4, everywhere: 1e-4 },
  surprise: 1e-5,
  /** What a surprising request is worth, by level: narrow keys only, or every launch of a product were fraud. */
  surpriseWeight: { phone: 0, block: 1, operator: 0, country: 0, address: 0.3, codes: 0, everywhere: 0 },
  /** How far the rate may stray from the usual within ten minutes, an hour, six hours: the shape of the Gamma. */
  scatter: [4, 6, 16],
  /** Nobody at all types a code in: so many are out, the oldest for so long. */
  silence: { pending: 40, oldestSeconds: 12 },
  /** Strangers who do type codes in: so many within an hour, from so many addresses, with less than that chance. */
  convertingStrangers: { strangers: 60, addresses: 25, share: 0.3, chance: 1e-12 },
  /** Wrong codes per request that people enter and do not put right, and from when on they are no mistakes. */
  wrongCodes: { perRequest: 0.15, atLeast: 40, chance: 1e-9 },
  /**
   * Approvals that are missing: from so many standard deviations on, where at least so many were requested; days differ by
   * that share of the requests. In how many countries at least, and how much one of them may say, where all are looked at.
   */
  trickle: { started: 8, evidence: 5, together: 4, daysDiffer: 0.05, fewest: 3, mostEach: 3 },
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
    /** Those for known numbers included. */
    readonly requests: number;
    readonly wrong: number;
  };
  /** Of this epoch and the last: requested, and wrong codes. */
  readonly lately: { readonly requests: number; readonly wrong: number };
  /** Codes out for less than ten minutes and not typed in; the age of the oldest in seconds. */
  readonly pending: { readonly count: number; readonly oldestSeconds: number };
  readonly distinctAddresses: number;
  /** Sends refused within the last ten minutes by a block on the key, and by a limit of it. */
  readonly blocked: number;
  readonly limited: number;
  readonly baseline: Baseline;
};

/** From when on evidence counts: what led to a block that is over does not lead to the next one. */
export type Since = {
  readonly ms: number;
  readonly evidence: number;
  /** Behind a challenge many may come at once, from where people verify: only what is not typed in counts. */
  readonly isChallenge?: true | undefined;
};

/** Whether a slot was over by then. */
const isBefore = (slotStartMs: number, since: Since | undefined): boolean =>
  since !== undefined && slotStartMs + slotSeconds * 1000 <= since.ms;

const isEpochBefore = ({ epoch }: Counts, since: Since | undefined): boolean =>
  since !== undefined && (epoch + 1) * epochMs <= since.ms;

type Evidence = { fast: number; slow: number };

const weightAt = (level: Level, chance: number, surprise: number = thresholds.surprise): number =>
  chance < surprise ? thresholds.surpriseWeight[level] : 0;

/** What a verification says: of an attack's conversion against the usual one, and of a mixture of both against it. */
const trialsOf = ({ conversion }: Baseline) => {
  const p1 = thresholds.attackConversion;
  return { fast: trialOf(p1, conversion), slow: trialOf((conversion + 0.5 * p1) / 1.5, conversion) };
};

const bounded = (value: number): number => Math.min(thresholds.most, Math.max(0, value));

/** Adds the slots of an epoch to the evidence, oldest first (CUSUM). Codes younger than five minutes are no slow fraud. */
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
  for (let slot = 0; slot < slotsPerEpoch; slot += 1) {
    const [n = 0, m = 0] = [counts.started[slot], counts.verified[slot]];
    if (n === 0 && m === 0) continue;
    const startMs = counts.epoch * epochMs + slot * slotSeconds * 1000;
    if (isBefore(startMs, since)) continue;
    const ageSeconds = (nowMs - startMs) / 1000 - slotSeconds / 2;
    const open = Math.max(0, n - m);
    const failure = trials.fast.failure(typedIn(ageSeconds));
    fast = cusum(fast, open * (weight + failure) + m * trials.fast.success);
    if (ageSeconds > 300) slow = cusum(slow, open * slowFailure + m * trials.slow.success);
  }
  return { fast, slow };
};

/** The evidence before an epoch: what the carry has, unless all of that led to a block that is over. */
const startOf = (carry: Carry | undefined, epoch: number, since: Since | undefined): Evidence => {
  const isOutdated = since !== undefined && (carry === undefined || (carry.epoch + 1) * epochMs <= since.ms);
  if (isOutdated) return { fast: since.evidence, slow: since.evidence };
  return carry === undefined ? { fast: 0, slow: 0 } : { ...evidenceAt(carry, epoch) };
};

const windows = [1 / 6, 1, 6] as const;

/** The chance of so many within the first, second or third of the windows. */
const chanceOf = (n: number, window: 0 | 1 | 2, { perHour }: Baseline): number => {
  const [hours, shape] = [windows[window], thresholds.scatter[window]];
  return n <= perHour * hours ? 1 : gammaPoissonTail(n, shape, shape / perHour, hours);
};

/** What the slots of the open epochs come to, in one pass: every request asks for it. */
type Sums = { started: number; verified: number; tenMinutes: number; pending: number; oldestSeconds: number };

const sumsOf = (counts: readonly Counts[], nowMs: number, since: Since | undefined): Sums => {
  const sums: Sums = { started: 0, verified: 0, tenMinutes: 0, pending: 0, oldestSeconds: 0 };
  for (const { epoch, started, verified } of counts) {
    for (let slot = 0; slot < slotsPerEpoch; slot += 1) {
      const [n = 0, m = 0] = [started[slot], verified[slot]];
      if (n === 0 && m === 0) continue;
      const startMs = epoch * epochMs + slot * slotSeconds * 1000;
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
export const startedHour = ({ carry, counts }: KeyState, nowMs: number): number => {
  const [, hour] = startedIn({ carry, counts }, 0, nowMs);
  return hour;
};

const startedIn = ({ carry, counts }: KeyState, tenMinutes: number, nowMs: number): Assessment['started'] => {
  const now = epochOf(nowMs);
  let [hour, sixHours] = [0, 0];
  for (const { epoch, started } of counts) {
    const sum = sumOf(started);
    if (now - epoch < hourEpochs) hour += sum;
    if (now - epoch < recentEpochs) sixHours += sum;
  }
  if (carry === undefined) return [tenMinutes, hour, sixHours];
  for (const [back, sum] of carry.recent.entries()) {
    const age = now - (carry.epoch - back);
    if (age < hourEpochs) hour += sum;
    if (age < recentEpochs) sixHours += sum;
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
  const { carry, counts } = state;
  const sums = sumsOf(counts, nowMs, since);
  const started = startedIn(state, sums.tenMinutes, nowMs);
  const [tenMinutes, hour, sixHours] = started;
  const chance = Math.min(
    chanceOf(tenMinutes, 0, baseline),
    chanceOf(hour, 1, baseline),
    chanceOf(sixHours, 2, baseline),
  );
  const surprise = given > 0 ? thresholds.siblings.surprise : thresholds.surprise;
  const weight = since?.isChallenge === true ? 0 : weightAt(level, chance, surprise);
  const before = startOf(carry, counts[0]?.epoch ?? epochOf(nowMs), since);
  let evidence = { ...before, fast: Math.max(before.fast, given) };
  for (const each of counts) evidence = weigh(evidence, each, baseline, weight, nowMs, since);
  const lately = counts.filter(({ epoch }) => epoch >= epochOf(nowMs) - 1);
  const open = counts.filter((each) => !isEpochBefore(each, since));
  const slots = new Set(counts.flatMap(({ addresses }) => addresses));
  return {
    ...evidence,
    chance,
    started,
    seen: {
      started: sums.started,
      verified: sums.verified,
      requests: sums.started + sumOf(open.map((each) => each.known)),
      wrong: sumOf(open.map((each) => each.wrong)),
    },
    lately: {
      requests: sumOf(lately.map((each) => sumOf(each.started) + each.known)),
      wrong: sumOf(lately.map((each) => each.wrong)),
    },
    pending: { count: sums.pending, oldestSeconds: sums.oldestSeconds },
    distinctAddresses: distinctOf(slots),
    blocked: sumOf(lately.map((each) => each.blocked)),
    limited: sumOf(counts.map((each) => each.limited)),
    baseline,
  };
};

/** Epochs that are over for so long that no code of theirs can still be typed in. */
export const ripeBefore = (nowMs: number): number => epochOf(nowMs) - 2;

/** Folds the ripe epochs of a key into its carry; the state that remains has the same counts, and no more. */
export const foldRipe = (level: Level, state: KeyState, baseline: Baseline, nowMs: number, since?: Since): KeyState => {
  const ripe = state.counts.filter(({ epoch }) => epoch <= ripeBefore(nowMs));
  let { carry } = state;
  for (const counts of ripe) {
    const before = carry ?? noCarry(counts.epoch - 1);
    if (counts.epoch <= before.epoch) continue;
    const n = sumOf(counts.started);
    const chance = chanceOf(n, 0, baseline);
    const isOver = since !== undefined && (counts.epoch + 1) * epochMs <= since.ms;
    const evidence = weigh(
      startOf(before, counts.epoch, isOver ? undefined : since),
      counts,
      baseline,
      weightAt(level, chance) / 2,
      nowMs,
      isOver ? undefined : since,
    );
    const bound = { fast: bounded(evidence.fast), slow: bounded(evidence.slow) };
    carry = fold(
      carry === undefined ? { ...before, since: counts.epoch } : before,
      counts,
      bound,
      chance >= thresholds.gate[level],
    );
  }
  return { carry, counts: state.counts.filter(({ epoch }) => epoch > (carry?.epoch ?? Number.NEGATIVE_INFINITY)) };
};

export const rules = [
  'unverified-burst',
  'low-and-slow',
  'silence',
  'converting-strangers',
  'spray',
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
  pending.count >= thresholds.silence.pending &&
  pending.oldestSeconds >= thresholds.silence.oldestSeconds;

const isConvertingStrangers = ({ started, distinctAddresses, seen, baseline }: Assessment): boolean => {
  const [, strangersHour] = started;
  const { strangers, addresses, chance, share } = thresholds.convertingStrangers;
  if (strangersHour < strangers || distinctAddresses < addresses) return false;
  return seen.verified >= share * seen.started && chanceOf(strangersHour, 1, baseline) < chance;
};

/** Levels that are judged by what is typed in. */
const judged: readonly Level[] = ['block', 'operator', 'country', 'address'];

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
    silence: level === 'operator' && open && isSilent(assessment),
    'low-and-slow': (level === 'operator' || level === 'block') && open && isSlow(assessment),
    'converting-strangers': level === 'block' && isConvertingStrangers(assessment),
    spray: (level === 'address' || level === 'codes') && areGuesses(assessment.seen),
    guessing: level === 'phone' && assessment.seen.wrong >= 12,
    bombing: level === 'phone' && assessment.limited >= 12,
  };
  return rules.filter((rule) => broken[rule]);
};
