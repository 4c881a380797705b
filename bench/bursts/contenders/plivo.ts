import { hourMs } from '../traffic/calendar.ts';
import type { Entry } from './contender.ts';
import { everySms } from './every-sms.ts';
import { type Hours, hoursFrom, turnTo } from './hourly.ts';

const historyHours = 15 * 24;
const multiplier = 2;
const floor = 50;
const blockMs = 12 * hourMs;

/** Messages of an hour beyond which a country is blocked. @param busiest messages of the busiest hour of 15 days. */
export const hourlyCap = (busiest: number): number => Math.max(floor, multiplier * busiest);

type Country = { readonly hours: Hours; blockedUntilMs: number };

/**
 * A cap on messages per country and hour, as Plivo's Fraud Shield describes it: the threshold is recommended from the
 * traffic of the last 15 days, and who passes it is blocked for 12 hours.
 * https://www.plivo.com/docs/messaging/concepts/fraud-shield
 *
 * Assumed, as the formula is not published: twice the busiest hour of the last 15 days, kept up to date, and 50 at
 * least; the block acts at once (Plivo says "asynchronously"); what is refused does not count.
 */
export const plivoStyle: Entry = {
  name: 'Plivo-style',
  enter: () => {
    const countries = new Map<string, Country>();
    const countryOf = (code: string, atMs: number): Country => {
      const known = countries.get(code);
      if (known !== undefined) return known;
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
