/** The histories that the detector has of the days before a run, as it would have rolled them up. */

import { type History, hourTimeBuckets, recentTimeBuckets } from '../../../../lambdas/bursts/counts/history.ts';
import type { Key } from '../../../../lambdas/bursts/counts/keys.ts';
import { timeBucketOf } from '../../../../lambdas/bursts/counts/time-buckets.ts';
import type { Past, Usual } from '../contender.ts';

/** Half-lives of the long and the daily counts, in days. */
const [longDays, dayDays] = [4, 1];

/** Sum of a daily count after days, if it is halved every so many days. */
const sumAfter = (days: number, halfLifeDays: number): number =>
  (halfLifeDays / Math.LN2) * (1 - 2 ** (-days / halfLifeDays));

/** @param share of the requests that the group counts. */
const historyOf = ({ perHour, hours, conversion }: Usual, share: number, { days, endMs }: Past): History => {
  const last = timeBucketOf(endMs) - 1;
  const perDay = 24 * perHour * share;
  const [long, day] = [perDay * sumAfter(days, longDays), perDay * sumAfter(days, dayDays)];
  const hourBefore = (timeBuckets: number): number =>
    hours[new Date(endMs - (timeBuckets * 3_600_000) / hourTimeBuckets).getUTCHours()] ?? 1;
  return {
    timeBucket: last,
    since: last - days * 24 * hourTimeBuckets + 1,
    fast: 0,
    slow: 0,
    startedLong: long,
    verifiedLong: long * conversion,
    startedDay: day,
    verifiedDay: day * conversion,
    recent: Array.from(
      { length: recentTimeBuckets },
      (_, index) => (perHour * share * hourBefore(index + 1)) / hourTimeBuckets,
    ),
    hours: hours.map((factor) => perHour * share * conversion * factor),
    thisHour: 0,
  };
};

/** Groups count unverified numbers only, IPs count all. */
export const historiesOf = (past: Past): readonly { readonly key: Key; readonly history: History }[] =>
  past.usual.map((usual) => ({
    key: { level: usual.level, of: usual.of },
    history: historyOf(usual, usual.level === 'ip' ? 1 : past.strata.unverified, past),
  }));
