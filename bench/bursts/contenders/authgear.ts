import { dayMs, hourMs } from '../traffic/calendar.ts';
import type { Contender, Entry, Visible } from './contender.ts';
import { everySms } from './every-sms.ts';
import { type SlidingCount, slidingCount } from './sliding.ts';

const dailyRatio = 0.3;
const hourlyRatio = 0.2;
const hoursOfDailyBudget = 6;
const countryFloors = { day: 20, hour: 3 };
const ipFloors = { day: 10, hour: 5 };
const maxCountries = 3;
const rollingDays = 14;

export type CountryVerified = { readonly busiestDay: number; readonly lastDay: number; readonly lastHour: number };

/** Unverified codes that a country may have out, in a day and in an hour. */
export const countryBudgets = ({ busiestDay, lastDay, lastHour }: CountryVerified) => {
  const day = Math.max(countryFloors.day, dailyRatio * busiestDay, dailyRatio * lastDay);
  return { day, hour: Math.max(countryFloors.hour, day / hoursOfDailyBudget, hourlyRatio * lastHour) };
};

/** Unverified codes that an IP may have out, by its verified codes of the last day. */
export const ipBudgets = (lastDay: number) => ({
  day: Math.max(ipFloors.day, hourlyRatio * lastDay),
  hour: Math.max(ipFloors.hour, (hourlyRatio * lastDay) / hoursOfDailyBudget),
});

type Bucket = { readonly level: number; readonly atMs: number };

/** Buckets that leak at capacity / period. */
export const leakyBuckets = (periodMs: number) => {
  const buckets = new Map<string, Bucket>();
  let sweptMs = 0;

  /** A bucket that is untouched for a period is empty. */
  const sweep = (atMs: number) => {
    if (atMs - sweptMs < periodMs) return;
    sweptMs = atMs;
    for (const [key, bucket] of buckets) if (bucket.atMs <= atMs - periodMs) buckets.delete(key);
  };

  return {
    /** Adds to a bucket, or takes out. @returns whether the bucket holds it. A bucket that ran over counts as full. */
    pour: (key: string, capacity: number, atMs: number, amount: 1 | -1): boolean => {
      sweep(atMs);
      const before = buckets.get(key) ?? { level: 0, atMs };
      const leakedAway = ((atMs - before.atMs) * capacity) / periodMs;
      const level = Math.max(0, Math.min(before.level, capacity) - leakedAway + amount);
      buckets.set(key, { level, atMs });
      return level <= capacity;
    },
  };
};

/** Verified codes of each of the last 14 days. */
const busiestDays = () => {
  const byKey = new Map<string, Map<number, number>>();
  return {
    add: (key: string, atMs: number) => {
      const [days, day] = [byKey.get(key) ?? new Map<number, number>(), Math.floor(atMs / dayMs)];
      byKey.set(key, days);
      days.set(day, (days.get(day) ?? 0) + 1);
      days.delete(day - rollingDays - 1);
    },
    max: (key: string, atMs: number): number => {
      const today = Math.floor(atMs / dayMs);
      let max = 0;
      for (const [day, count] of byKey.get(key) ?? []) if (day >= today - rollingDays) max = Math.max(max, count);
      return max;
    },
  };
};

/** Countries asked for per IP and day, and those verified. */
const ipCountries = () => {
  const [asked, verified] = [new Map<string, Map<string, number>>(), slidingCount(dayMs)];
  const pair = (ip: string, country: string) => `${ip} ${country}`;
  let sweptMs = 0;

  const sweep = (atMs: number) => {
    if (atMs - sweptMs < dayMs) return;
    sweptMs = atMs;
    for (const [ip, countries] of asked) if (Math.max(...countries.values()) <= atMs - dayMs) asked.delete(ip);
  };

  return {
    ask: (ip: string, country: string, atMs: number) => {
      sweep(atMs);
      const countries = asked.get(ip) ?? new Map<string, number>();
      countries.set(country, atMs);
      asked.set(ip, countries);
    },
    verify: (ip: string, country: string, atMs: number) => verified.add(pair(ip, country), atMs),
    /** Countries without a verification, including the current one. */
    unverified: (ip: string, country: string, atMs: number): number => {
      const countries = new Set([country]);
      for (const [name, lastMs] of asked.get(ip) ?? []) if (lastMs > atMs - dayMs) countries.add(name);
      return [...countries].filter((name) => verified.count(pair(ip, name), atMs) === 0).length;
    },
  };
};

type Verified = Readonly<Record<'countryDay' | 'countryHour' | 'ipDay', SlidingCount>>;

const authgearContender = (): Contender => {
  const [days, hours] = [leakyBuckets(dayMs), leakyBuckets(hourMs)];
  const verifiedCounts: Verified = {
    countryDay: slidingCount(dayMs),
    countryHour: slidingCount(hourMs),
    ipDay: slidingCount(dayMs),
  };
  const [busiest, countries, trusted] = [busiestDays(), ipCountries(), new Set<string>()];

  const bucketsFor = ({ country, ip }: Visible, atMs: number) => {
    const ofCountry = countryBudgets({
      busiestDay: busiest.max(country, atMs),
      lastDay: verifiedCounts.countryDay.count(country, atMs),
      lastHour: verifiedCounts.countryHour.count(country, atMs),
    });
    const ofIp = ipBudgets(verifiedCounts.ipDay.count(ip, atMs));
    return [
      { buckets: days, key: country, capacity: ofCountry.day },
      { buckets: hours, key: country, capacity: ofCountry.hour },
      { buckets: days, key: ip, capacity: ofIp.day },
      { buckets: hours, key: ip, capacity: ofIp.hour },
    ];
  };

  /** Fills all buckets, even if one runs over. */
  const pour = (attempt: Visible, atMs: number, amount: 1 | -1): boolean => {
    const held = bucketsFor(attempt, atMs).map(({ buckets, key, capacity }) =>
      buckets.pour(key, capacity, atMs, amount),
    );
    return !held.includes(false);
  };

  const isSpared = ({ phone, verifiedBefore }: Visible) => verifiedBefore || trusted.has(phone);

  const judge = (attempt: Visible, atMs: number) => {
    if (isSpared(attempt)) return 'sent';
    const { ip, country } = attempt;
    const isCalm = countries.unverified(ip, country, atMs) <= maxCountries;
    countries.ask(ip, country, atMs);
    return pour(attempt, atMs, 1) && isCalm ? 'sent' : 'refused';
  };

  return everySms(judge, (attempt, atMs) => {
    const { country, ip, phone } = attempt;
    if (!isSpared(attempt)) pour(attempt, atMs, -1);
    trusted.add(phone);
    verifiedCounts.countryDay.add(country, atMs);
    verifiedCounts.countryHour.add(country, atMs);
    verifiedCounts.ipDay.add(ip, atMs);
    busiest.add(country, atMs);
    countries.verify(ip, country, atMs);
  });
};

/**
 * Authgear's fraud protection: leaky buckets of unverified codes per country and IP, sized by recent verifications, and
 * a limit of countries per IP. Numbers that have verified are spared. Denied codes fill the buckets too, as in its code.
 * github.com/authgear/authgear-server, docs/specs/fraud-protection.md and pkg/lib/fraudprotection at fa7a7d55.
 *
 * Assumed:
 * - It denies on each warning. As published, it only records.
 * - Spared numbers fill and drain no bucket, but count as verified.
 * - Days are UTC.
 * - Each SMS is a code, so the first of two SMS stays unverified.
 */
export const authgear: Entry = { name: 'Authgear deny', enter: authgearContender };
