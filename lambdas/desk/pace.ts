import type { Counts } from '../bursts/counts/counts.ts';
import type { Key } from '../bursts/counts/keys.ts';
import { slotsPerTimeBucket, timeBucketMs, timeBucketOf } from '../bursts/counts/time-buckets.ts';
import { spanText } from '../bursts/findings/words/figures.ts';
import { minuteMs } from '../otp/durations.ts';

/** Codes are counted at their country, and all countries at theirs: their findings have no counts of their own. */
export const hasCounts = ({ level }: Key): boolean => level !== 'codes' && level !== 'everywhere';

/** From when a pace is told: ten to twenty minutes ago. */
export const paceFrom = (nowMs: number): number => timeBucketOf(nowMs) - 1;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const counted = (count: number, one: string, more: string): string => `${count} ${count === 1 ? one : more}`;

/** Requests that got a code. */
export const askedIn = ({ started, again, others, pairStarted }: Counts): number =>
  sum(started) + again + others + pairStarted;
export const refusedIn = ({ blocked, limited }: Counts): number => blocked + limited;
export const enteredIn = ({ verified, pairVerified }: Counts): number => sum(verified) + pairVerified;

const slotMs = timeBucketMs / slotsPerTimeBucket;

/** When the latest code went out, within ten seconds, as far as its number was new here. */
const latestText = (counts: readonly Counts[], nowMs: number): string => {
  const times = counts.flatMap(({ timeBucket, started }) =>
    started.flatMap((count, slot) => (count > 0 ? [timeBucket * timeBucketMs + slot * slotMs] : [])),
  );
  return times.length === 0 ? '' : `, the latest about ${spanText(nowMs - Math.max(...times))} ago`;
};

/**
 * Whether a burst goes on, in sentences: refusals are counted by ten minutes, so that only a second look tells.
 *
 * @param counts of its group; those before `paceFrom` are left out.
 */
export const paceText = (counts: readonly Counts[], nowMs: number): string => {
  const lately = counts.filter(({ timeBucket }) => timeBucket >= paceFrom(nowMs));
  const minutes = Math.max(1, Math.round((nowMs - paceFrom(nowMs) * timeBucketMs) / minuteMs));
  const span = `in the last ${counted(minutes, 'minute', 'minutes')}`;
  const total = (countIn: (counts: Counts) => number) => sum(lately.map(countIn));
  const [sent, refused, entered] = [total(askedIn), total(refusedIn), total(enteredIn)];
  if (sent + refused === 0) return `It does not go on: no request came ${span}.`;
  const latest = latestText(lately, nowMs);
  const asked = `${counted(sent, 'request', 'requests')} got a code ${span}${latest}. ${counted(refused, 'was', 'were')} refused.`;
  return `${asked} ${counted(entered, 'code was', 'codes were')} entered. Look again in a minute: it goes on if these counts rise. These are all requests until now; the first line ends when the detector judged it.`;
};
