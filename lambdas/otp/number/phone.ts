import { type CountryCode, type NumberType, parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { type Secret, secret } from './secret.ts';

/**
 * A number of some country's numbering plan, in E.164. `parsePhone` is the only way to get one. It prints as
 * `[redacted]`; only `reveal` gives the number.
 */
export type Phone = Secret & {
  /** ISO 3166-1 alpha-2 code; `001` for numbers of no country. */
  readonly country: string;
  readonly type: PhoneType;
  /** The range: all but the last four digits, with the leading `+`. */
  readonly range: string;
  /** Calling code and first national digits, with the leading `+`: roughly one carrier's or area's numbers. */
  readonly prefix: string;
  /** For the caller who gave the number: calling code and last four digits, the rest as bullets. */
  readonly masked: () => string;
};

export type PhoneType = 'mobile' | 'fixed-line-or-mobile' | 'landline' | 'premium' | 'other';

export type ParsedPhone =
  | { readonly kind: 'phone'; readonly phone: Phone }
  | { readonly kind: 'invalid'; readonly detail: string };

/**
 * Reads a number in any common spelling: international with a leading `+`, or national with its country. Every spelling
 * of a number gives the same E.164.
 *
 * Source of the numbering plans: Google's libphonenumber metadata, as packed by libphonenumber-js.
 */
export const parsePhone = (text: string, defaultCountry?: string): ParsedPhone => {
  const number = parsePhoneNumberFromString(tidied(text), {
    extract: false,
    ...(defaultCountry === undefined ? {} : { defaultCountry: defaultCountry as CountryCode }),
  });
  if (number === undefined) return invalid(notANumber);
  if (number.ext !== undefined) return invalid('The number has an extension. Send it without, such as +442079460958.');
  if (!number.isPossible())
    return invalid('The number is too short or too long for its country. Check the digits and the calling code.');
  if (!number.isValid())
    return invalid('No carrier of its country has such a number. Check the digits and the calling code.');
  const { countryCallingCode, nationalNumber } = number;
  const range = number.number.slice(0, -4);
  return {
    kind: 'phone',
    phone: Object.freeze({
      ...secret(number.number),
      country: number.country ?? '001',
      type: typeOf(number.getType()),
      range,
      prefix: range.slice(0, 1 + countryCallingCode.length + prefixDigits(countryCallingCode)),
      masked: () => `+${countryCallingCode}${'•'.repeat(nationalNumber.length - 4)}${nationalNumber.slice(-4)}`,
    }),
  };
};

const notANumber =
  'Write the number with a leading + and its calling code, such as +14155550123, or send defaultCountry with a national number.';

const invalid = (detail: string): ParsedPhone => ({ kind: 'invalid', detail });

const typeOf = (type: NumberType): PhoneType => {
  if (type === 'MOBILE') return 'mobile';
  if (type === 'FIXED_LINE_OR_MOBILE') return 'fixed-line-or-mobile';
  if (type === 'FIXED_LINE') return 'landline';
  if (type === 'PREMIUM_RATE' || type === 'SHARED_COST') return 'premium';
  return 'other';
};

/** North America allots numbers by area codes of three digits. Elsewhere carriers get about four national digits. */
const prefixDigits = (callingCode: string): number => (callingCode === '1' ? 3 : 4);

/** Full-width forms, invisible characters, spaces around, and brackets around the calling code are spelling, too. */
const tidied = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .trim()
    .replace(/^\(\s*(\+\d{1,3})\s*\)/, '$1');
