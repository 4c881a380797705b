import { type CountryCode, getCountries, getCountryCallingCode } from 'libphonenumber-js/max';
import { parseEndUserIp } from '../otp/input/end-user.ts';
import { asciiDigits, invalid, type Parsed, parsed, tidied } from '../otp/input/typed.ts';
import { parseCountry } from '../otp/number/country.ts';
import { type ParsedPhone, type Phone, parsePhone } from '../otp/number/phone.ts';

/** What staff name in the words that people use, as it was read. A group has its canonical text. */
export type What =
  | { readonly kind: 'country'; readonly of: string }
  | { readonly kind: 'prefix'; readonly of: string; readonly country: string }
  | { readonly kind: 'range'; readonly of: string }
  | { readonly kind: 'number'; readonly phone: Phone }
  | { readonly kind: 'ip'; readonly ip: string };

/** What is written in a body: one name, and one text. */
export type WrittenWhat = { readonly [kind in What['kind']]?: string | undefined };

export const whatKinds = ['country', 'prefix', 'range', 'number', 'ip'] as const satisfies readonly What['kind'][];

/** Names a group, and neither a number nor an IP: what answers, log and trail may say. */
export const labelOf = (what: What): string => {
  if (what.kind === 'number') return 'a number';
  return what.kind === 'ip' ? 'an IP' : `${what.kind} ${what.of}`;
};

/**
 * Reads what staff mean. A group that no number is in is refused, because nothing done about it would hold for anybody.
 *
 * @param served the countries of the settings, by ISO 3166-1 code.
 */
export const readWhat = (written: WrittenWhat, served: readonly string[]): Parsed<What> => {
  const named = whatKinds.filter((kind) => written[kind] !== undefined);
  const [kind] = named;
  if (kind === undefined || named.length > 1)
    return invalid(`Name one of ${whatKinds.join(', ')}, such as {"country": "IN"} or {"range": "+91 98765 4xxxx"}.`);
  return readers[kind](written[kind] ?? '', served);
};

/** A country by its code, whether or not the settings serve it. */
export const readCountryCode = (text: string): Parsed<CountryCode> => {
  const country = parseCountry(text);
  return country.kind === 'invalid'
    ? invalid(country.detail.replace('Write the country of a national number', 'Write the country'))
    : country;
};

const readCountry = (text: string, served: readonly string[]): Parsed<What> => {
  const country = readCountryCode(text);
  if (country.kind === 'invalid') return country;
  return servedOnly({ kind: 'country', of: country.value }, country.value, served);
};

const servedOnly = (what: What, country: string, served: readonly string[]): Parsed<What> =>
  served.includes(country)
    ? parsed(what)
    : invalid(`The settings of this deployment send no SMS to ${country}, so that there is nothing to act on.`);

/** The digits of a group, whatever stands between them; `x`, `*` and dots may stand for the digits behind it. */
const digitsOf = (text: string): Parsed<string> => {
  const [, digits, open] =
    /^(\+[\d ().-]*\d\)?)((?:[ .-]*[x*•…])*)$/i.exec(asciiDigits(tidied(text)).replace(/^00/, '+')) ?? [];
  if (digits === undefined || open === undefined)
    return invalid('Write it with a leading + and its calling code, such as +91 98765 4xxxx.');
  return parsed(`+${digits.replace(/\D/g, '')}`);
};

/** Tails by which a group is tried. Numbering plans look at the digits in front far more than at these. */
const tails = ['0000', '1234', '2345', '3456', '4567', '5678', '6789', '7890', '8901', '9012', '9999'];

/** A number of a group, if it has one. A spelling that is another number's does not count. */
const memberOf = (
  digits: string,
  level: 'range' | 'prefix',
  more: readonly string[],
  ends: readonly string[] = tails,
): Phone | undefined => {
  for (const tail of more.flatMap((middle) => ends.map((each) => middle + each))) {
    const read = parsePhone(`${digits}${tail}`);
    if (read.kind === 'phone' && read.phone[level] === digits) return read.phone;
  }
  return undefined;
};

const readRange = (text: string, served: readonly string[]): Parsed<What> => {
  const digits = digitsOf(text);
  if (digits.kind === 'invalid') return digits;
  const member = memberOf(digits.value, 'range', ['']);
  if (member === undefined) return invalid(noRange(digits.value));
  return servedOnly({ kind: 'range', of: digits.value }, member.country, served);
};

const noRange = (digits: string): string => {
  const whole = parsePhone(digits);
  return whole.kind === 'phone'
    ? `This is a whole number. Its range is ${whole.phone.range}xxxx, or name it as a number.`
    : 'No number is in this range. A range is a number without its last four digits, such as +91 98765 4xxxx. For fewer digits, name a prefix.';
};

const middles = ['', '0', '00', '000', '0000', '1', '12', '123', '1234', '5', '55', '555', '5555'];
/** Three digits stand behind an area code of North America, and small countries have few of them. None begins with 0 or 1. */
const exchanges = Array.from({ length: 800 }, (_, at) => String(200 + at));

const readPrefix = (text: string, served: readonly string[]): Parsed<What> => {
  const digits = digitsOf(text);
  if (digits.kind === 'invalid') return digits;
  const callingCode = callingCodes().find((code) => digits.value.startsWith(`+${code}`));
  if (callingCode === undefined)
    return invalid('No country has the calling code with which this begins. Write it behind the +, such as +91 9876.');
  const member =
    memberOf(digits.value, 'prefix', middles) ??
    (callingCode === '1' ? memberOf(digits.value, 'prefix', exchanges, ['1234']) : undefined);
  if (member === undefined) {
    const wanted = callingCode === '1' ? 3 : 4;
    return invalid(
      `No number has this prefix. A prefix is the calling code ${callingCode} and the ${wanted} digits behind it. For more digits, name a range; for fewer, a country.`,
    );
  }
  return servedOnly({ kind: 'prefix', of: digits.value, country: member.country }, member.country, served);
};

/** The longest first: +1 is that of North America, and no other begins with it. */
const callingCodes = (): readonly string[] =>
  [...new Set(getCountries().map((country: CountryCode) => String(getCountryCallingCode(country))))].toSorted(
    (one, other) => other.length - one.length,
  );

/** A number alone: bodies of operators have no country beside it. */
export const parseWholeNumber = (text: string): ParsedPhone => {
  const read = parsePhone(text);
  if (read.kind === 'phone') return read;
  return invalid(read.detail.replace(', or send defaultCountry with a national number', ''));
};

const readNumber = (text: string, served: readonly string[]): Parsed<What> => {
  const read = parseWholeNumber(text);
  if (read.kind === 'invalid') return read;
  return servedOnly({ kind: 'number', phone: read.phone }, read.phone.country, served);
};

const readIp = (text: string): Parsed<What> => {
  const ip = parseEndUserIp(text);
  if (ip.kind === 'invalid')
    return invalid('Write one IP alone, such as "203.0.113.7" or "2001:db8::7": no port, no range, no zone, no list.');
  if (!ip.value.isPublic)
    return invalid('This IP is of a private network, or of none. Nobody calls from it over the internet.');
  return parsed({ kind: 'ip', ip: ip.value.ip });
};

const readers = { country: readCountry, prefix: readPrefix, range: readRange, number: readNumber, ip: readIp } as const;
