/** Countries to choose from, and phone numbers as people type them. */

import {
  AsYouType,
  type CountryCode,
  getCountries,
  getCountryCallingCode,
  isSupportedCountry,
  parsePhoneNumberFromString,
} from 'libphonenumber-js/min';
import { plainDigits } from './digits.ts';

/** The countries to offer, in the order of the list. Without a list, all that there are. */
export const countriesIn = (list: string | null): readonly string[] => {
  const named = (list ?? '').split(/[\s,]+/).map((code) => code.toUpperCase());
  const known = [...new Set(named)].filter((code) => isSupportedCountry(code));
  return known.length === 0 ? getCountries() : known;
};

const regionOf = (tag: string): string | undefined => {
  try {
    return new Intl.Locale(tag).maximize().region;
  } catch {
    return undefined;
  }
};

/** The country to begin with: the one that the page names, or the person's, or the first. */
export const firstCountry = (offered: readonly string[], wish: string | null, tags: readonly string[]): string => {
  const wishes = [wish?.trim().toUpperCase(), ...tags.map(regionOf)];
  return wishes.find((code) => code !== undefined && offered.includes(code)) ?? offered[0] ?? '';
};

export const callingCodeOf = (country: string): string =>
  isSupportedCountry(country) ? `+${getCountryCallingCode(country)}` : '';

export type Typed = {
  readonly text: string;
  /** The country that the text names by its calling code. */
  readonly country: string | undefined;
  readonly isInternational: boolean;
  readonly nationalDigits: string;
};

/** Formats a number that may be half typed. Anything that is no number stays as it is. */
export const readTyped = (text: string, country: string): Typed => {
  const plain = plainDigits(text).trimStart();
  const isInternational = plain.startsWith('+');
  const typing = new AsYouType(isSupportedCountry(country) ? country : undefined);
  const formatted = typing.input(plain);
  return {
    text: /^\+?[\d\s().\-/\u2010-\u2015]*$/.test(plain) ? formatted : text,
    country: isInternational ? typing.getCountry() : undefined,
    isInternational,
    nationalDigits: isInternational ? (typing.getNumber()?.nationalNumber ?? '') : plain.replace(/\D/g, ''),
  };
};

export type NumberInput = { readonly phoneNumber: string; readonly defaultCountry?: string };

/**
 * The number as the service shall read it; `undefined` for a text that can be none.
 *
 * The service knows more spellings than this page does. A number that looks impossible here goes to it as it was typed.
 */
export const numberToSend = (text: string, country: string): NumberInput | undefined => {
  const plain = plainDigits(text).trim();
  if (plain.replace(/\D/g, '').length < 4) return undefined;
  const known: CountryCode | undefined = isSupportedCountry(country) ? country : undefined;
  const number = parsePhoneNumberFromString(plain, { ...(known && { defaultCountry: known }), extract: false });
  if (number?.isPossible() && number.ext === undefined) return { phoneNumber: number.number };
  return { phoneNumber: plain, ...(known && { defaultCountry: known }) };
};
