import { hourMs } from '../traffic/calendar.ts';
import type { Entry } from './contender.ts';
import { everySms } from './every-sms.ts';
import { type Hours, hoursFrom, turnTo } from './hourly.ts';

const historyHours = 15 * 24;
const multiplier = 2;
const floor = 50;
const blockMs = 12 * hourMs;

/** Messages in an hour that block a country. @param busiest messages of the busiest hour of 15 days. */
export const hourlyCap = (busiest: number): number => Math.max(floor, multiplier * busiest);

type Country = { readonly hours: Hours; blockedUntilMs: number };

/**
 * Plivo's Fraud Shield: a threshold of messages per country and hour, from the traffic of the last 15 days. Beyond it
 * the country is blocked for 12 hours. https://www.plivo.com/docs/messaging/concepts/fraud-shield
 *
 * Assumed, because the formula is not published:
 * - The threshold is twice the busiest hour of the last 15 days, and at least 50.
 * - The block acts at once. Plivo says "asynchronously".
 * - Refused messages do not count.
 */
export const plivoStyle: Entry = {
  name: 'Plivo-style',
  enter: () => {
    const countries = new Map<string, Country>();
    const countryOf = (code: string, atMs: number): Country => {
      const seen = countries.get(code);
      if (seen !== undefined) return seen;
      const country = { hours: hoursFrom(atMs), blockedUntilMs: 0 };
      countries.set(code, country);
      return country;
    };

    return everySms(({ country: code }, atMs) => {
      const country = countryOf(code, atMs);
      turnTo(country.hours, atMs, historyHours);
      if (atMs < country.blockedUntilMs) return 'refused';
      if (country.hours.current >= hourlyCap(Math.max(0, ...country.hours.before))) {
        country.blockedUntilMs = atMs + blockMs;
        return 'refused';
      }
      country.hours.current += 1;
      return 'sent';
    });
  },
};
