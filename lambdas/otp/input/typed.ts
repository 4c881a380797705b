/** Reads a typed or pasted text alike from every keyboard, script and app. Pure, and never throws. */

/** A text that was read, or a sentence that says what is wrong with it and what to write. */
export type Parsed<Value> =
  | { readonly kind: 'parsed'; readonly value: Value }
  | { readonly kind: 'invalid'; readonly detail: string };

export const parsed = <Value>(value: Value): Parsed<Value> => ({ kind: 'parsed', value });
export const invalid = (detail: string): { readonly kind: 'invalid'; readonly detail: string } => ({
  kind: 'invalid',
  detail,
});

/** Longest text that is looked at, in UTF-16 units. Nobody types a longer one, invisible characters included. */
export const maxTypedLength = 256;

/** Marks of direction, joiners, variation selectors, byte order marks: a paste carries them, and nobody sees them. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Every kind of dash, the minus signs, and what keyboards of Japanese and Chinese type for one. */
const dashes = /[\p{Pd}\u02d7\u2043\u2212\u2500\u2796\u30fc]/gu;

/** Without the characters that nobody sees. */
export const visible = (text: string): string => text.replace(invisible, '');

/**
 * Superscripts, circled digits, fractions: NFKC makes digits of them, and nobody means them as such. `5²` is not 52, and a
 * footnote mark is no digit of a number. They become a character that no field takes.
 */
const withoutFalseDigits = (text: string): string =>
  text.replace(/[^\p{Nd}\p{ASCII}]/gu, (each) => (/\p{Nd}/u.test(each.normalize('NFKC')) ? '\ufffd' : each));

/**
 * A text in one spelling: compatibility forms (NFKC), digits of every script as ASCII, dashes as `-`, white space of every
 * kind as single spaces, none around it, and nothing invisible.
 */
export const tidied = (text: string): string =>
  asciiDigits(visible(withoutFalseDigits(visible(text)).normalize('NFKC')).normalize('NFC'))
    .replace(dashes, '-')
    .replace(/\s+/gu, ' ')
    .trim();

/** Decimal digits of every script (Unicode Nd) as ASCII digits. */
export const asciiDigits = (text: string): string =>
  text.replace(/\p{Nd}/gu, (digit) => String(digitOf(digit.codePointAt(0) ?? 0)));

const isDigit = (point: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(point));

/**
 * Digits stand in runs of ten, from zero to nine, which Unicode promises to keep. Runs may touch.
 * https://www.unicode.org/policies/stability_policy.html
 */
const digitOf = (point: number): number => {
  let start = point;
  while (start > 0 && isDigit(start - 1)) start -= 1;
  return (point - start) % 10;
};
