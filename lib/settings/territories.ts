import { priceOf } from './prices.ts';
import type { Settings } from './schema.ts';

/** A setting that works, and perhaps not as its team thinks. */
export type Warning = { readonly id: string; readonly country: string; readonly found: string; readonly todo: string };

/**
 * Territories that people take for part of a country, by country: the country's carriers and calling code serve them, or
 * ISO 3166-2 lists them as its subdivisions. The Danish realm is neither, and one for its people. Left out are independent
 * states of a shared plan (Canada, Kazakhstan), and markets of their own (Hong Kong, Gibraltar). See ADR 47.
 */
const territoriesOf: Readonly<Record<string, readonly string[]>> = {
  CW: ['BQ'],
  DK: ['FO', 'GL'],
  FR: ['GF', 'GP', 'MQ', 'NC', 'PF', 'PM', 'RE', 'WF', 'YT'],
  GB: ['GG', 'IM', 'JE'],
  NL: ['AW', 'BQ', 'CW', 'SX'],
  SH: ['AC', 'TA'],
  US: ['AS', 'GU', 'MP', 'PR', 'VI'],
};

/**
 * Countries that no mobile number belongs to, and the country that their numbers are read as: both have one mobile plan,
 * in which nothing tells them apart.
 */
const readAs: Readonly<Record<string, string>> = {
  AX: 'FI',
  BL: 'GP',
  CC: 'AU',
  CX: 'AU',
  EH: 'MA',
  MF: 'GP',
  SJ: 'NO',
  VA: 'IT',
};

const names = new Intl.DisplayNames(['en'], { type: 'region' });
const named = (codes: readonly string[]): string => codes.map((code) => `${code} (${names.of(code)})`).join(', ');

/** The territories that the countries of the settings shut out without saying so. */
export const territoryWarnings = (settings: Settings): readonly Warning[] => {
  const { countries, excludedCountries } = settings;
  const settled = new Set([...Object.keys(countries), ...excludedCountries]);
  return Object.keys(countries).flatMap((country) => {
    const missing = (territoriesOf[country] ?? []).filter((territory) => !settled.has(territory));
    const main = readAs[country];
    return [
      ...(missing.length > 0 ? [leftOut(country, missing, settings)] : []),
      ...(main === undefined ? [] : [withoutNumbers(country, main, countries[main] !== undefined)]),
    ];
  });
};

/** The entry of a country as synthesis accepts it: SNS delivers no SMS above its maximum price. */
const entryOf = (country: string, { maxPriceUsd }: Settings): string => {
  const priceUsd = priceOf(country);
  return `${country}: ${priceUsd > maxPriceUsd ? `{ maxPriceUsd: ${priceUsd} }` : '{}'}`;
};

const leftOut = (country: string, missing: readonly string[], settings: Settings): Warning => ({
  id: `otp:territories-${country}`,
  country,
  found: `countries lists ${country} without ${named(missing)}: their numbers get no SMS.`,
  todo: `If your users live there, add ${missing.map((code) => entryOf(code, settings)).join(', ')} to countries. If not, say so: excludedCountries: [${missing.map((code) => `'${code}'`).join(', ')}].`,
});

const withoutNumbers = (country: string, main: string, isListed: boolean): Warning => ({
  id: `otp:territories-${country}`,
  country,
  found: `No mobile number is read as one of ${named([country])}: its numbers are those of ${named([main])}, whose settings hold for them.`,
  todo: isListed ? `Remove ${country} from countries.` : `Write ${main} in place of ${country} in countries.`,
});
