import {
  type CountryCode,
  getCountryCallingCode,
  type NumberType,
  ParseError,
  type PhoneNumber,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { invalid, type Parsed, parsed } from '../input/typed.ts';
import { grown, meantBy, twinOf } from './habits.ts';
import { type Secret, secret } from './secret.ts';
import { isShortNumber, parseSpelling } from './spelling.ts';

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
 * Reads a number in any common spelling: international with a leading `+` or `00`, or national with its country. Every
 * spelling of a number gives the same E.164.
 *
 * Source of the numbering plans: Google's libphonenumber metadata, as packed by libphonenumber-js.
 *
 * @param defaultCountry as `parseCountry` gives it
 */
export const parsePhone = (text: string, defaultCountry?: string): ParsedPhone => {
  if (!isShortNumber(text)) return invalid('The number is too long. Write it alone, such as +14155550123.');
  const spelling = parseSpelling(text);
  if (spelling.kind === 'invalid') return spelling;
  const read = readDigits(spelling.value, defaultCountry as CountryCode | undefined);
  return read.kind === 'invalid' ? read : { kind: 'phone', phone: phoneOf(read.value) };
};

const readDigits = (digits: string, country: CountryCode | undefined): Parsed<PhoneNumber> => {
  const readings = spellingsOf(digits, country).map((spelling) => parseOrReason(spelling, country));
  const numbers = readings.filter((reading) => typeof reading !== 'string');
  const number = numbers.find((each) => each.isValid()) ?? numbers.map(meantBy).find((each) => each !== undefined);
  if (number !== undefined) return parsed(twinOf(mobileInstead(number, digits) ?? number));
  const [first = noPlus] = readings;
  return invalid(typeof first === 'string' ? first : reasonOf(first));
};

/** The ways to read digits, the likeliest first. None for a national number without its country. */
const spellingsOf = (digits: string, country: CountryCode | undefined): readonly string[] => {
  if (digits.startsWith('+')) return [digits];
  return [
    ...(country === undefined ? [] : [digits]),
    // No national number begins like the international prefix that most countries have.
    ...(/^00[1-9]/.test(digits) ? [`+${digits.slice(2)}`] : []),
    // A trunk prefix, in countries that have none.
    ...(country !== undefined && /^0\d/.test(digits) ? [`+${getCountryCallingCode(country)}${digits.slice(1)}`] : []),
  ];
};

/** A mobile number with its calling code and without the `+` may look like a landline. */
const mobileInstead = (number: PhoneNumber, digits: string): PhoneNumber | undefined => {
  if (number.getType() !== 'FIXED_LINE' || !digits.startsWith(number.countryCallingCode)) return undefined;
  const other = parseOrReason(`+${digits}`, undefined);
  return typeof other !== 'string' && other.getType() === 'MOBILE' ? other : undefined;
};

const parseOrReason = (digits: string, country: CountryCode | undefined): PhoneNumber | string => {
  try {
    return parsePhoneNumberWithError(digits, {
      extract: false,
      ...(country === undefined ? {} : { defaultCountry: country }),
    });
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return parseReasons[error.message] ?? parseReasons['NOT_A_NUMBER'] ?? '';
  }
};

const parseReasons: Readonly<Record<string, string>> = {
  INVALID_COUNTRY:
    'No country has the calling code with which this number begins. Write it behind the +, such as +14155550123.',
  TOO_SHORT: 'The number is too short. Write all of its digits, with area code, such as +14155550123.',
  TOO_LONG: 'The number is too long. A number has 15 digits at most, calling code included, such as +14155550123.',
  NOT_A_NUMBER: 'These digits are no telephone number. Write it with its calling code, such as +14155550123.',
};

const noPlus =
  'Write the number with a leading + and its calling code, such as +14155550123, or send defaultCountry with a national number. A prefix such as 011 becomes the +.';

/** The true reason why no carrier has a number, with a number of its country that one may have. */
const reasonOf = (number: PhoneNumber): string => {
  const { country } = number;
  const length = validatePhoneNumberLength(number.number);
  const reason = length === undefined ? 'No carrier of its country has such a number.' : lengthReasons[length];
  if (length === 'TOO_SHORT' && country !== undefined && grown[country] !== undefined) return grown[country];
  if (country === undefined || examples[country] === undefined)
    return `${reason} Check the digits and the calling code.`;
  const like = `+${number.countryCallingCode}${examples[country]}`;
  return `${reason} Check the digits and the calling code. A mobile number of ${country} is written like ${like}.`;
};

const lengthReasons: Readonly<Record<NonNullable<ReturnType<typeof validatePhoneNumberLength>>, string>> = {
  TOO_SHORT: 'The number is too short for its country.',
  TOO_LONG: 'The number is too long for its country.',
  INVALID_LENGTH: 'The number is too short or too long for its country.',
  INVALID_COUNTRY: 'No country has this calling code.',
  NOT_A_NUMBER: 'These digits are no telephone number.',
};

const phoneOf = (number: PhoneNumber): Phone => {
  const { countryCallingCode, nationalNumber } = number;
  const range = number.number.slice(0, -4);
  return Object.freeze({
    ...secret(number.number),
    country: number.country ?? '001',
    type: typeOf(number.getType()),
    range,
    prefix: range.slice(0, 1 + countryCallingCode.length + prefixDigits(countryCallingCode)),
    masked: () => `+${countryCallingCode}${'•'.repeat(nationalNumber.length - 4)}${nationalNumber.slice(-4)}`,
  });
};

const typeOf = (type: NumberType): PhoneType => {
  if (type === 'MOBILE') return 'mobile';
  if (type === 'FIXED_LINE_OR_MOBILE') return 'fixed-line-or-mobile';
  if (type === 'FIXED_LINE') return 'landline';
  if (type === 'PREMIUM_RATE' || type === 'SHARED_COST') return 'premium';
  return 'other';
};

/** North America allots numbers by area codes of three digits. Elsewhere carriers get about four national digits. */
const prefixDigits = (callingCode: string): number => (callingCode === '1' ? 3 : 4);
