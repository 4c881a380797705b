import { type CountryCode, isSupportedCountry } from 'libphonenumber-js/max';
import { fields } from '../../contract.ts';
import { invalid, maxTypedLength, type Parsed, parsed, tidied } from '../input/typed.ts';

/** Codes that people write for a country, and that ISO 3166-1 gives to none or reserves. */
const mistaken: Readonly<Record<string, string>> = { UK: 'GB', EL: 'GR' };

/** The country that a national number is read in: ISO 3166-1 alpha-2, in either letter case. */
export const parseCountry = (text: string): Parsed<CountryCode> => {
  const written = text.length > maxTypedLength ? '' : tidied(text);
  // The capitals of ß are SS, and that of a dotless i is I: such letters are no code.
  const code = /^[a-z]*$/i.test(written) ? written.toUpperCase() : '';
  if (!new RegExp(fields.defaultCountry).test(code))
    return invalid('Write the country of a national number with the two letters of ISO 3166-1, such as "IN".');
  const meant = mistaken[code];
  if (meant !== undefined) return invalid(`ISO 3166-1 has another code for this country. Write "${meant}".`);
  if (!isSupportedCountry(code))
    return invalid('No country with telephone numbers has this code. Write one such as "IN".');
  return parsed(code);
};
