import { halved, type KeyState, noPairs } from '../counts/history.ts';
import { timeBucketMs, timeBucketOf } from '../counts/time-buckets.ts';
import { shareVerified, usualConversion } from './baseline.ts';
import { thresholds } from './thresholds.ts';
import { typedInThroughout } from './typed-in.ts';

/**
 * The share of a country's codes that arrive: of the approvals of pairs that are usual lately, those that came. Pairs are
 * the control group, because no stranger can ask as one: if their approvals are missing at the same time, it is an outage.
 *
 * What chance may have done is left to chance: few pairs say little.
 */
export const arrivingIn = ({ history, counts }: KeyState, nowMs: number): number => {
  const pairs = history?.pairs ?? noPairs;
  const conversion = shareVerified(pairs.verifiedLong, pairs.startedLong, usualConversion);
  const passed = history === undefined ? 0 : Math.max(0, timeBucketOf(nowMs) - 2 - history.timeBucket);
  let expected = halved(pairs.startedLately, passed, 1) * conversion;
  let came = halved(pairs.verifiedLately, passed, 1);
  for (const { timeBucket, pairStarted, pairVerified } of counts) {
    if (timeBucket < timeBucketOf(nowMs) - 2) continue;
    const startedSeconds = (nowMs - timeBucket * timeBucketMs) / 1000;
    const endedSeconds = Math.max(0, startedSeconds - timeBucketMs / 1000);
    expected += pairStarted * conversion * typedInThroughout(startedSeconds, endedSeconds);
    came += pairVerified;
  }
  const { deviations, people } = thresholds.arriving;
  if (expected <= 0) return 1;
  return Math.min(1, Math.max(0, came + people + deviations * Math.sqrt(expected * (1 - conversion))) / expected);
};
