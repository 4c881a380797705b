import { hourMs } from '../../otp/durations.ts';
import { type AnnouncedLaunch, exceededTimes, type LaunchProgress } from '../evidence/launches.ts';
import type { Counts } from './counts.ts';
import { countedForMs } from './events.ts';
import { sumOf } from './history.ts';
import { slotSeconds, timeBucketMs, timeBucketOf } from './time-buckets.ts';

/**
 * Requests of a time bucket since a time: of a country those of everybody, of a prefix those of its stratum, which alone
 * counts there. People count by their slots, other requests as if they came evenly.
 */
const requestsSince = ({ timeBucket, started, again, others, probed }: Counts, fromMs: number): number => {
  const startMs = timeBucket * timeBucketMs;
  const share = Math.min(1, Math.max(0, (startMs + timeBucketMs - fromMs) / timeBucketMs));
  const people = started.filter((_, slot) => startMs + (slot + 1) * slotSeconds * 1000 > fromMs);
  return sumOf(people) + share * (again + others + probed);
};

/** The first time bucket whose counts a launch needs: older ones were rolled up. */
export const neededFrom = ({ fromMs, progress }: AnnouncedLaunch): number =>
  Math.max(timeBucketOf(fromMs), progress.rolledUpTo + 1);

/** Older time buckets get no more events, and expire an hour later. */
const rollUpAfterMs = countedForMs + hourMs;

/**
 * The progress of a launch by the counts of its key, from `neededFrom` on. A late event counts wherever it belongs, because
 * a time bucket is rolled up only when no event can come to it.
 */
export const progressAfter = (launch: AnnouncedLaunch, counts: readonly Counts[], nowMs: number): LaunchProgress => {
  const { fromMs, expected, progress } = launch;
  const until = Math.max(progress.rolledUpTo, timeBucketOf(nowMs - rollUpAfterMs));
  const needed = counts.filter(({ timeBucket }) => timeBucket >= neededFrom(launch));
  const sum = (some: readonly Counts[]): number => some.reduce((total, each) => total + requestsSince(each, fromMs), 0);
  const rolledUp = progress.rolledUp + sum(needed.filter(({ timeBucket }) => timeBucket <= until));
  const requests = Math.round(rolledUp + sum(needed.filter(({ timeBucket }) => timeBucket > until)));
  const isExceeded = requests > exceededTimes * expected;
  return {
    requests,
    ...(until < timeBucketOf(fromMs) ? { rolledUp: 0, rolledUpTo: 0 } : { rolledUp, rolledUpTo: until }),
    exceededMs: progress.exceededMs ?? (isExceeded ? nowMs : undefined),
  };
};
