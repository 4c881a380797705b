import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { areOfNumber, everywhere, type Key } from '../../counts/keys.ts';

const hiddenDigits = 4;
const anyDigits = '0'.repeat(hiddenDigits);

/** A range as people write its numbers, with an `x` for each hidden digit: `+91 98765 4xxxx`. */
const rangeText = (range: string): string => {
  const written = parsePhoneNumberFromString(`${range}${anyDigits}`, { extract: false })?.formatInternational();
  if (written === undefined) return `${range}${'x'.repeat(hiddenDigits)}`;
  let hidden = 0;
  return [...written]
    .toReversed()
    .map((each) => (/\d/.test(each) && hidden++ < hiddenDigits ? 'x' : each))
    .toReversed()
    .join('');
};

/** Long enough for a number of any country, so that its calling code is known. */
const lengthOfNumber = 12;

/** A prefix with its calling code apart: `+91 9876…`. */
const prefixText = (prefix: string): string => {
  const number = parsePhoneNumberFromString(prefix.padEnd(lengthOfNumber, '0'), { extract: false });
  const code = number === undefined ? '' : `+${number.countryCallingCode}`;
  return code !== '' && prefix.startsWith(code) ? `${code} ${prefix.slice(code.length)}…` : `${prefix}…`;
};

const countryNames = new Intl.DisplayNames('en', { type: 'region' });

/** A country by name and code: `India (IN)`. */
export const countryText = (country: string): string =>
  /^[A-Z]{2}$/.test(country) ? `${countryNames.of(country)} (${country})` : 'numbers of no country';

/** The group of a key, as a person names it. It never has a keyed hash, which tells people nothing. */
export const whereText = (key: Key): string => {
  const { level, of } = key;
  if (level === 'phone') return 'one number';
  if (level === 'ip') return 'one IP';
  if (level === 'range') return `range ${rangeText(of)}`;
  if (level === 'prefix') return `prefix ${prefixText(of)}`;
  if (level === 'country') return countryText(of);
  if (level === 'new-network') return `new networks of ${countryText(of)}`;
  if (level === 'everywhere') return everywhere;
  return areOfNumber(key) ? 'codes of one number' : `codes of ${countryText(of)}`;
};
