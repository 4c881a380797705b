/** Reads what people type, paste and fill in. */

const digit = /\p{Nd}/u;

/** The digits of a script stand in a row, from zero to nine. */
const digitOf = (character: string): number => {
  const point = character.codePointAt(0) ?? 0;
  let first = point;
  while (digit.test(String.fromCodePoint(first - 1))) first -= 1;
  return (point - first) % 10;
};

/** The text with ASCII digits for those of every script, plain forms for full-width ones, and no invisible characters. */
export const plainDigits = (text: string): string =>
  text
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\p{Nd}/gu, (character) => (character < '\x7f' ? character : String(digitOf(character))));

/**
 * The digits of a code in a text, at most as many as the code has.
 *
 * In a whole message, the first group of that many digits is the code.
 */
export const codeIn = (text: string, length: number): string => {
  const plain = plainDigits(text);
  if (/\p{L}/u.test(plain)) {
    const groups = plain.match(/\d(?:[ -]?\d)*/g) ?? [];
    const code = groups.map((group) => group.replace(/\D/g, '')).find((digits) => digits.length === length);
    if (code !== undefined) return code;
  }
  return plain.replace(/\D/g, '').slice(0, length);
};

const isKept = (character: string): boolean => /[\d+]/.test(character);

/** The place of the caret in a formatted text: behind as many digits as it stood behind before. */
export const caretIn = (formatted: string, before: string, caret: number): number => {
  if (caret >= before.length) return formatted.length;
  let left = [...plainDigits(before.slice(0, caret))].filter(isKept).length;
  let place = 0;
  while (left > 0 && place < formatted.length) {
    if (isKept(formatted.charAt(place))) left -= 1;
    place += 1;
  }
  return place;
};
