import * as iso4217 from 'dinero.js/currencies';
import { fields } from '../../contract.ts';
import { invalid, maxTypedLength, type Parsed, parsed, tidied } from './typed.ts';

type Unit = { readonly base: number | readonly number[]; readonly exponent: number };
const currencies = new Map<string, Unit>(Object.entries(iso4217));

/**
 * Digits behind the point of a currency, by the list of ISO 4217. The list gives two to ariary and ouguiya, whose minor unit
 * is a fifth. (The digits of `Intl` are those of CLDR: none for HUF or IQD, which have two and three.)
 */
export const minorDigits = (currency: string): number | undefined => {
  const unit = currencies.get(currency);
  if (unit === undefined) return undefined;
  return unit.base === 10 ? unit.exponent : 2;
};

/** A currency by its ISO 4217 code, in capitals. Metals, test codes and currencies out of use are none. */
export const parseCurrency = (text: string): Parsed<string> => {
  const code = text.length > maxTypedLength ? '' : tidied(text).toUpperCase();
  if (!new RegExp(fields.currency).test(code))
    return invalid('Write the currency as its ISO 4217 code, such as "INR".');
  if (!currencies.has(code)) return invalid('No currency in use has this code. Write an ISO 4217 code, such as "INR".');
  return parsed(code);
};

/** An amount: `0` or digits that begin with another, and the digits behind the point, if any. */
export type Amount = { readonly whole: string; readonly fraction: string };

/** An amount as people and programs write it, in digits of any script. Zeros in front do not count. */
export const parseAmount = (text: string): Parsed<Amount> => {
  // The decimal separator of Arabic digits. Nothing else is written with it.
  const amount =
    text.length > maxTypedLength
      ? ''
      : tidied(text)
          .replace('\u066b', '.')
          .replace(/^0+(?=\d)/, '');
  if (/^[\d., '\u066c]*\d[, '\u066c]\d/.test(amount)) return invalid(separated);
  if (!new RegExp(fields.amount).test(amount)) return invalid(notAnAmount);
  if (!/[1-9]/.test(amount)) return invalid('The amount is zero. Write what is paid, such as "1499.00".');
  const [whole = '', fraction = ''] = amount.split('.');
  return parsed({ whole, fraction });
};

const notAnAmount = 'Write the amount as a decimal number with a point, such as "1499.00".';
const separated =
  'Write the amount with a point before the minor units and no other separator, such as "1499.00" for 1,499.00.';

/** The canonical form: exactly the digits that the currency has, such as `1499.00`. Equal amounts have the same one. */
export const amountIn = (currency: string, { whole, fraction }: Amount): Parsed<string> => {
  const digits = minorDigits(currency) ?? 0;
  const written = fraction.replace(/0+$/, '');
  if (written.length > digits) {
    const example = digits === 0 ? '1499' : `1499.${'0'.repeat(digits)}`;
    return invalid(
      `${currency} has ${digits === 0 ? 'no' : digits} digits behind the point. Write no more, such as "${example}".`,
    );
  }
  return parsed(digits === 0 ? whole : `${whole}.${written.padEnd(digits, '0')}`);
};
