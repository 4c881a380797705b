import type { Counts } from '../counts/counts.ts';
import { hourTimeBuckets, type KeyState, recentTimeBuckets, sumOf } from '../counts/history.ts';
import { distinctOf } from '../counts/slots.ts';
import { slotSeconds, slotsPerTimeBucket, timeBucketMs, timeBucketOf } from '../counts/time-buckets.ts';
import type { Baseline } from './baseline.ts';
import { type Guesses, guessesIn } from './guesses.ts';
import { isWide, type Lately, latelyOf } from './lately.ts';
import { shareLeft } from './parts.ts';
import { type Probes, probesOf } from './probes.ts';
import { thresholds } from './thresholds.ts';
import {
  beganBefore,
  bounded,
  chanceOf,
  evidenceIn,
  isBefore,
  isTimeBucketBefore,
  type Since,
  slowAfter,
  slowBefore,
  type Weighing,
  type Window,
  weightAt,
  windows,
} from './weigh.ts';

export type { KeyState };

/** The evidence of a key's counts. */
export type Assessment = {
  /** Evidence in nats. */
  readonly fast: number;
  readonly slow: number;
  /** The smallest of the chances of its traffic in ten minutes, an hour and six hours. */
  readonly chance: number;
  /** People in the last ten minutes, hour and six hours. */
  readonly started: Started;
  /** Whether numbers alone are evidence: not in a launch that staff announced. */
  readonly areNumbersEvidence: boolean;
  /** Of a range, people around it within six hours: in the rest of its prefix, or of its country if nobody else is there. */
  readonly around: number;
  /** Whether its unverified numbers converted too often within a day. */
  readonly isFarmAgain: boolean;
  /** The same after a block that is over: what led to it does not lead to the next one. */
  readonly rise: Started;
  /** Of the evidence at hand (up to half an hour): people, those who verified, all their SMS, and which of them were calls. */
  readonly seen: {
    readonly started: number;
    readonly verified: number;
    readonly sms: number;
    readonly calls: number;
    /** Age of the first of them, in seconds. */
    readonly seconds: number;
  } & Guesses;
  /** The latest people of a wide group. */
  readonly lately: Lately;
  /** Of this time bucket and the last. */
  readonly recent: Guesses;
  /** SMS within the last ten minutes. */
  readonly smsTenMinutes: number;
  readonly callsTenMinutes: number;
  /** Codes younger than ten minutes that were not entered; the age of the oldest in seconds. */
  readonly pending: { readonly count: number; readonly oldestSeconds: number };
  readonly distinctIps: number;
  /** Probes of a restriction on the key. */
  readonly probes: Probes;
  /** Sends that a block on the key refused recently, and a limit of it. */
  readonly blocked: number;
  readonly limited: number;
  readonly baseline: Baseline;
};

/** Sums over the slots of the open time buckets, in one pass, because every request needs them. */
type Sums = {
  started: number;
  verified: number;
  tenMinutes: number;
  tenMinutesSince: number;
  sms: number;
  smsTenMinutes: number;
  calls: number;
  callsTenMinutes: number;
  explained: number;
  seconds: number;
  pending: number;
  oldestSeconds: number;
};

const sumsOf = (counts: readonly Counts[], { nowMs, since, explained }: Weighing): Sums => {
  const sums: Sums = {
    started: 0,
    verified: 0,
    tenMinutes: 0,
    tenMinutesSince: 0,
    sms: 0,
    smsTenMinutes: 0,
    calls: 0,
    callsTenMinutes: 0,
    explained: 0,
    seconds: 0,
    pending: 0,
    oldestSeconds: 0,
  };
  for (const each of counts) {
    const { timeBucket, started, verified, again, resent, probed, called } = each;
    const left = shareLeft(each, explained);
    for (let slot = 0; slot < slotsPerTimeBucket; slot += 1) {
      const [n = 0, m = 0] = [started[slot], verified[slot]];
      if (n === 0 && m === 0) continue;
      const startMs = timeBucket * timeBucketMs + slot * slotSeconds * 1000;
      const ageSeconds = (nowMs - startMs) / 1000;
      const open = Math.max(0, n - m);
      const isRecent = ageSeconds >= 0 && ageSeconds <= 600;
      if (isRecent) sums.tenMinutes += n;
      if (isBefore(startMs, since)) continue;
      if (isRecent) {
        sums.tenMinutesSince += n;
        sums.explained += open * (1 - left);
      }
      sums.started += n;
      sums.verified += m;
      if (n > 0) sums.seconds = Math.max(sums.seconds, ageSeconds);
      if (!isRecent || open === 0) continue;
      sums.pending += open * left;
      sums.oldestSeconds = Math.max(sums.oldestSeconds, ageSeconds);
    }
    const more = again + resent + probed;
    const isOpen = !isTimeBucketBefore(each, since);
    if (isOpen) sums.sms += more;
    if (isOpen) sums.calls += called;
    const endedMs = nowMs - (timeBucket + 1) * timeBucketMs;
    const recent = Math.min(1, Math.max(0, 1 - endedMs / timeBucketMs));
    sums.smsTenMinutes += more * recent;
    sums.callsTenMinutes += called * recent;
  }
  sums.sms += sums.started;
  sums.smsTenMinutes += sums.tenMinutes;
  return sums;
};

/** People within about the last hour, and the last six. */
export const startedLately = (state: KeyState, nowMs: number): { readonly hour: number; readonly sixHours: number } => {
  const [, hour, sixHours] = startedIn(state, 0, nowMs);
  return { hour, sixHours };
};

type Started = readonly [tenMinutes: number, hour: number, sixHours: number];

/** People in the windows of the rate; of all, or of those since a block. */
const startedIn = ({ history, counts }: KeyState, tenMinutes: number, nowMs: number, since?: Since): Started => {
  const now = timeBucketOf(nowMs);
  let [hour, sixHours] = [0, 0];
  const add = (timeBucket: number, people: number): void => {
    if (now - timeBucket < hourTimeBuckets) hour += people;
    if (now - timeBucket < recentTimeBuckets) sixHours += people;
  };
  for (const { timeBucket, started } of counts) add(timeBucket, sumOf(started.filter(isSince(timeBucket, since))));
  for (const [back, people] of (history?.recent ?? []).entries()) {
    const timeBucket = (history?.timeBucket ?? 0) - back;
    if (!beganBefore(timeBucket, since)) add(timeBucket, people);
  }
  return [tenMinutes, hour, sixHours];
};

const isSince = (timeBucket: number, since: Since | undefined) => (_: number, slot: number) =>
  !isBefore(timeBucket * timeBucketMs + slot * slotSeconds * 1000, since);

/** Whether people still come at half the pace of a window, or more: what is over is not acted on. */
const goesOn = (rise: Started, window: Window): boolean => {
  if (window === 0) return true;
  const [now, then] = [rise[window === 1 ? 0 : 1], rise[window]];
  return 2 * 6 * now >= then;
};

/** Facts from around a key. */
type Surroundings = Pick<Assessment, 'around' | 'isFarmAgain' | 'areNumbersEvidence'> & {
  /** Evidence that is taken as given, because of blocks around the key. */
  readonly given: number;
};
const nobody: Lately = { ripe: 0, verified: 0 };
const alone: Surroundings = { given: 0, around: 0, isFarmAgain: false, areNumbersEvidence: true };

/** A pure function of the counts, whatever the order in which they came. */
export const assess = (
  state: KeyState,
  weighing: Weighing,
  { given, around, isFarmAgain, areNumbersEvidence }: Surroundings = alone,
): Assessment => {
  const { history, counts } = state;
  const { level, baseline, nowMs, since } = weighing;
  const sums = sumsOf(counts, weighing);
  const started = startedIn(state, sums.tenMinutes, nowMs);
  const rise = startedIn(state, sums.tenMinutesSince, nowMs, since);
  const chances = windows.map((window) => chanceOf(rise[window] - sums.explained, window, baseline));
  const surprise = given > 0 ? thresholds.siblings.surprise : thresholds.surprise;
  const before = Math.max(given, givenBy(since));
  const open = windows.filter((window) => (chances[window] ?? 1) < thresholds.gate[level] && goesOn(rise, window));
  const evidence = (open.length > 0 ? open : [2 as const]).map((window) => {
    const isWeightless = !areNumbersEvidence || since?.isRestriction === true;
    const weight = isWeightless ? 0 : weightAt(level, chances[window] ?? 1, surprise);
    return evidenceIn(window, state, weighing, { weight, given: before });
  });
  const first = counts[0]?.timeBucket ?? timeBucketOf(nowMs);
  const isOpen = (each: Counts): boolean => !isTimeBucketBefore(each, since);
  const recent = counts.filter(({ timeBucket }) => timeBucket >= timeBucketOf(nowMs) - 1);
  return {
    fast: Math.max(...evidence),
    slow: bounded(counts.reduce((slow, each) => slowAfter(slow, each, weighing), slowBefore(history, first, since))),
    chance: Math.min(...chances),
    started,
    areNumbersEvidence,
    around,
    isFarmAgain,
    rise,
    seen: {
      started: sums.started,
      verified: sums.verified,
      sms: sums.sms,
      calls: sums.calls,
      seconds: sums.seconds,
      ...guessesIn(counts.filter(isOpen)),
    },
    lately: isWide(level) ? latelyOf(state, weighing) : nobody,
    recent: guessesIn(recent),
    smsTenMinutes: sums.smsTenMinutes,
    callsTenMinutes: sums.callsTenMinutes,
    pending: { count: sums.pending, oldestSeconds: sums.oldestSeconds },
    distinctIps: distinctOf(new Set(counts.flatMap(({ ips }) => ips))),
    probes: probesOf(state, nowMs),
    blocked: sumOf(recent.map((each) => each.blocked)),
    limited: sumOf(counts.map((each) => each.limited)),
    baseline,
  };
};

const givenBy = (since: Since | undefined): number => since?.evidence ?? 0;
