/** The histories that the detector has of the days before a run, as it would have rolled them up. */

import {
  type History,
  hourTimeBuckets,
  noHistory,
  recentTimeBuckets,
} from '../../../../lambdas/bursts/counts/history.ts';
import type { Key } from '../../../../lambdas/bursts/counts/keys.ts';
import { timeBucketOf } from '../../../../lambdas/bursts/counts/time-buckets.ts';
import type { Past, Usual } from '../contender.ts';

/** Half-lives of the long and the daily counts, in days. */
const [longDays, dayDays] = [4, 1];

/** Sum of a daily count after days, if it is halved every so many days. */
const sumAfter = (days: number, halfLifeDays: number): number =>
  (halfLifeDays / Math.LN2) * (1 - 2 ** (-days / halfLifeDays));

/** A sum that is halved every time bucket is twice its last addition. */
const lately = 2;

const hourBefore = ({ hours }: Usual, endMs: number, timeBuckets: number): number =>
  hours[new Date(endMs - (timeBuckets * 3_600_000) / hourTimeBuckets).getUTCHours()] ?? 1;

const historyOf = (usual: Usual, share: number, { days, endMs }: Past): History => {
  const { perHour, hours, conversion } = usual;
  const last = timeBucketOf(endMs) - 1;
  const perDay = 24 * perHour * share;
  const [long, day] = [perDay * sumAfter(days, longDays), perDay * sumAfter(days, dayDays)];
  const recent = Array.from(
    { length: recentTimeBuckets },
    (_, index) => (perHour * share * hourBefore(usual, endMs, index + 1)) / hourTimeBuckets,
  );
  return {
    ...noHistory(last),
    since: last - days * 24 * hourTimeBuckets + 1,
    startedLong: long,
    verifiedLong: long * conversion,
    startedDay: day,
    verifiedDay: day * conversion,
    recent,
    recentVerified: recent.map((count) => count * conversion),
    recentFailed: recent.map((count) => count * (1 - conversion)),
    hours: hours.map((factor) => perHour * share * conversion * factor),
  };
};

/** People who ask as pairs, of a country. */
const withPairs = (history: History, usual: Usual, { strata, days, endMs }: Past): History => {
  const perHour = usual.perHour * strata.pairs;
  const long = 24 * perHour * sumAfter(days, longDays);
  const now = (lately * perHour * hourBefore(usual, endMs, 1)) / hourTimeBuckets;
  const { conversion } = usual;
  const pairs = {
    startedLong: long,
    verifiedLong: long * conversion,
    startedLately: now,
    verifiedLately: now * conversion,
  };
  return { ...history, pairs };
};

type Rolled = { readonly key: Key; readonly history: History };

/** Each level counts its own population: a range all unverified numbers, wider groups those from untrusted IPs. */
const rolledOf = (usual: Usual, past: Past): readonly Rolled[] => {
  const { strata } = past;
  const share = { ip: 1 - strata.pairs, range: strata.unverified, prefix: strata.stratum, country: strata.stratum };
  const history = historyOf(usual, share[usual.level], past);
  const own: Rolled = { key: { level: usual.level, of: usual.of }, history };
  if (usual.level !== 'country') return [own];
  return [
    { ...own, history: withPairs(history, usual, past) },
    { key: { level: 'new-network', of: usual.of }, history: historyOf(usual, strata.newNetwork, past) },
  ];
};

export const historiesOf = (past: Past): readonly Rolled[] => past.usual.flatMap((usual) => rolledOf(usual, past));
