import { hourMs } from '../traffic/calendar.ts';
import type { Entry } from './contender.ts';
import { everySms } from './every-sms.ts';
import { type Hours, hoursFrom, turnTo } from './hourly.ts';
import { slidingCount } from './sliding.ts';

const windowHours = 12;
const minVolume = 1000;
const sigmas = 6;
const minHistoryHours = 48;
const historyHours = 90 * 24;
const blockMs = 12 * hourMs;

/** Volumes of all 12 consecutive hours of the history, one per hour. */
export const volumesOf = (hours: readonly number[]): readonly number[] => {
  let volume = 0;
  return hours.flatMap((count, index) => {
    volume += count - (hours[index - windowHours] ?? 0);
    return index >= windowHours - 1 ? [volume] : [];
  });
};

/** The abnormal volume in 12 hours. Infinity with too short a history. */
export const abnormalFrom = (hours: readonly number[]): number => {
  if (hours.length < minHistoryHours) return Number.POSITIVE_INFINITY;
  const volumes = volumesOf(hours);
  const mean = volumes.reduce((sum, volume) => sum + volume, 0) / volumes.length;
  const variance = volumes.reduce((sum, volume) => sum + (volume - mean) ** 2, 0) / volumes.length;
  return Math.max(minVolume, mean + sigmas * Math.sqrt(variance));
};

type Country = { readonly hours: Hours; abnormal: number; blockedUntilMs: number };

/**
 * Vonage Fraud Defender's volumetric alert of release 1.0 (July 2023), with the action to block the country: over 1,000
 * SMS in 12 hours, over 6 standard deviations above the mean of 90 days, after at least 48 hours of history.
 * https://developer.vonage.com/en/fraud-defender/release-notes
 *
 * Assumed:
 * - It counts per country, as the guide says.
 * - Mean and deviation are those of the volumes of 12 consecutive hours, one per hour.
 * - The history of each country begins with the run.
 * - The block acts at once and ends after 12 hours. With Vonage, people end it.
 * - Refused messages do not count.
 */
export const vonageVolumetric: Entry = {
  name: 'Vonage v1.0',
  enter: () => {
    const countries = new Map<string, Country>();
    const volumes = slidingCount(windowHours * hourMs);
    let startedMs: number | undefined;

    const countryOf = (code: string, atMs: number): Country => {
      startedMs ??= atMs;
      const seen = countries.get(code);
      if (seen !== undefined) return seen;
      const country = { hours: hoursFrom(startedMs), abnormal: Number.POSITIVE_INFINITY, blockedUntilMs: 0 };
      countries.set(code, country);
      return country;
    };

    return everySms(({ country: code }, atMs) => {
      const country = countryOf(code, atMs);
      if (turnTo(country.hours, atMs, historyHours) > 0) country.abnormal = abnormalFrom(country.hours.before);
      if (atMs < country.blockedUntilMs) return 'refused';
      if (volumes.count(code, atMs) >= country.abnormal) {
        country.blockedUntilMs = atMs + blockMs;
        return 'refused';
      }
      volumes.add(code, atMs);
      country.hours.current += 1;
      return 'sent';
    });
  },
};
