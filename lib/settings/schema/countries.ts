/** Where SMS go, and what they may cost. */

import * as v from 'valibot';
import { maxTotalShards, type SpendCaps } from '../../../lambdas/policy.ts';
import { routeNames } from './routes.ts';
import { object, refused, text, usd, usdOr, wholeOr } from './values.ts';

const regionName = (code: string): string | undefined =>
  new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }).of(code);

export const countryCode = v.pipe(
  v.string(),
  v.check(
    (value) => /^[A-Z]{2}$/.test(value) && value !== 'UK' && regionName(value) !== undefined,
    ({ input }) => {
      if (input.toUpperCase() === 'UK') return 'The ISO code of the United Kingdom is GB. Write GB.';
      return `"${input}" is not a country. Write an ISO 3166-1 code of two capital letters, for example IN, US or GB.`;
    },
  ),
);

const pricePerPart = { min: 0.001, max: 1 };
const maxPriceWords = 'Maximum price of one SMS part in USD, above which SNS delivers none';
export const maxPriceUsd = usdOr(maxPriceWords, { ...pricePerPart, byDefault: 0.1 });

const amount = { min: 0.01, max: 1_000_000 };
const hourWords = 'Maximum estimated cost of SMS per hour in USD';
const dayWords = 'Maximum estimated cost of SMS per day in USD';
export const caps = object({
  hourUsd: usdOr(hourWords, { ...amount, byDefault: 20 }),
  dayUsd: usdOr(dayWords, { ...amount, byDefault: 100 }),
  totalShards: wholeOr('Items that share the writes of the cap of all SMS, for more than 750 SMS a second', {
    min: 1,
    max: maxTotalShards,
    byDefault: 1,
  }),
});

/** The caps of a country that sets none of its own. Lower caps of all countries together replace them. */
export const countryCaps: SpendCaps = { hourUsd: 10, dayUsd: 50 };

/** Caps below those of all: of a country, or of an application. */
export const lowerCaps = object({
  hourUsd: v.exactOptional(usd(hourWords, { ...amount, example: countryCaps.hourUsd })),
  dayUsd: v.exactOptional(usd(dayWords, { ...amount, example: countryCaps.dayUsd })),
});

/** An id of India's DLT. */
export const registration = (what: string) =>
  text(
    /^[A-Za-z0-9]{1,50}$/,
    `DLT ${what} id as the registry shows it: up to 50 letters and digits, for example 1101000000000000001.`,
  );

const country = object({
  senderId: v.exactOptional(
    text(
      /^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/,
      'Sender id: 1 to 11 letters and digits with at least one letter, for example Example. Or leave it out.',
    ),
  ),
  priceUsd: v.exactOptional(
    usd('Price of one SMS part in USD, instead of the estimate', { ...pricePerPart, example: 0.05 }),
  ),
  maxPriceUsd: v.exactOptional(usd(maxPriceWords, { ...pricePerPart, example: 0.1 })),
  caps: v.optional(lowerCaps, {}),
  entityId: v.exactOptional(registration('entity')),
  routes: v.exactOptional(routeNames),
});

const excludedAllowed =
  'Countries that get no SMS on purpose: a list, for example ["PR", "VI"]. Settings that do not list such a territory of ' +
  'a country warn otherwise.';
export const excludedCountries = v.optional(v.array(countryCode, refused(excludedAllowed)), []);

const countriesAllowed =
  'List the countries that SMS may go to, and no others, because fraudsters can make you send to each of them, for ' +
  'example countries: { IN: {}, GB: {} }.';
export const countries = v.optional(
  v.pipe(
    v.record(countryCode, country, refused(countriesAllowed)),
    v.check((value) => Object.keys(value).length > 0, `There is no country. ${countriesAllowed}`),
  ),
  {},
);
