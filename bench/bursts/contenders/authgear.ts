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

/** Unverified codes that a country may have out: in a day, and in an hour. */
export const countryBudgets = ({ busiestDay, lastDay, lastHour }: CountryVerified) => {
  const day = Math.max(countryFloors.day, dailyRatio * busiestDay, dailyRatio * lastDay);
  return { day, hour: Math.max(countryFloors.hour, day / hoursOfDailyBudget, hourlyRatio * lastHour) };
};

/** The same for an address, by what was verified from it in the last day. */
export const ipBudgets = (lastDay: number) => ({
  day: Math.max(ipFloors.day, hourlyRatio * lastDay),
  hour: Math.max(ipFloors.hour, (hourlyRatio * lastDay) / hoursOfDailyBudget),
});

type Bucket = { readonly level: number; readonly atMs: number };

/** Buckets that run dry within a period: what is poured in leaks out at capacity / period. */
export const leakyBuckets = (periodMs: number) => {
  const buckets = new Map<string, Bucket>();
  let sweptMs = 0;

  /** A bucket that was not touched for a period is empty. */
  const sweep = (atMs: number) => {
    if (atMs - sweptMs < periodMs) return;
    sweptMs = atMs;
    for (const [key, bucket] of buckets) if (bucket.atMs <= atMs - periodMs) buckets.delete(key);
  };

  return {
    /** Pours in so much, or takes it out; tells whether the bucket holds it. One that ran over counts as full. */
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

/** The verified codes of each day, of the last 14. */
const busiestDays = () => {
  const byKey = new Map<string, Map<number, number>>();
  return {
    add: (key: string, atMs: number) => {
      const [days, day] = [byKey.get(key) ?? new Map<number, number>(), Math.floor(atMs / dayMs)];
      byKey.set(key, days);
      days.set(day, (days.get(day) ?? 0) + 1);
      days.delete(day - rollingDays - 1);
    },
    most: (key: string, atMs: number): number => {
      const today = Math.floor(atMs / dayMs);
      let most = 0;
      for (const [day, count] of byKey.get(key) ?? []) if (day >= today - rollingDays) most = Math.max(most, count);
      return most;
    },
  };
};

/** Countries per address in a day that were asked for, and those that were verified. */
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
    /** Those without a verification, with the one that is asked for now. */
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
  const [busiest, countries, known] = [busiestDays(), ipCountries(), new Set<string>()];

  const bucketsFor = ({ country, ip }: Visible, atMs: number) => {
    const ofCountry = countryBudgets({
      busiestDay: busiest.most(country, atMs),
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

  /** All buckets are filled, whichever of them runs over. */
  const pour = (attempt: Visible, atMs: number, amount: 1 | -1): boolean => {
    const held = bucketsFor(attempt, atMs).map(({ buckets, key, capacity }) =>
      buckets.pour(key, capacity, atMs, amount),
    );
    return !held.includes(false);
  };

  const isSpared = ({ phone, verifiedBefore }: Visible) => verifiedBefore || known.has(phone);

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
    known.add(phone);
    verifiedCounts.countryDay.add(country, atMs);
    verifiedCounts.countryHour.add(country, atMs);
    verifiedCounts.ipDay.add(ip, atMs);
    busiest.add(country, atMs);
    countries.verify(ip, country, atMs);
  });
};

/**
 * Authgear's fraud protection, the best that is published: leaky buckets of unverified codes per country and address,
 * whose size follows what was verified lately; addresses that ask for many countries; numbers that have verified are
 * spared. github.com/authgear/authgear-server, docs/specs/fraud-protection.md and pkg/lib/fraudprotection at fa7a7d55.
 *
 * It denies on any warning here (as published it only records), and what is denied fills the buckets nevertheless, as
 * its code has it.
 *
 * Assumed: numbers that are spared fill no bucket and their successes drain none, but they do count as verified; the
 * busiest of 14 days is one of UTC; each SMS is a code, so that a resend that made the first one needless stays
 * unverified.
 */
export const authgear: Entry = { name: 'Authgear deny', enter: authgearContender };
