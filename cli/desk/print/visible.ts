import stringWidth from 'string-width';

/**
 * Characters that a terminal obeys, or that hide or turn other text: controls, escapes, bidirectional and invisible formats,
 * lone surrogates, private use, and separators of lines.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Marks that are drawn over the character in front of them. A pile of them would cover other lines. */
const piles = /(\p{M}{4})\p{M}+/gu;

const named = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** One line of text that is safe to print. An unsafe character is named, such as `\u{1b}`. */
export const visible = (text: string): string => text.replace(unsafe, named).replace(piles, '$1');

/** The same for text of our own that has lines. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

const jsonEscape = (character: string): string =>
  [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');

/** JSON of the same value, whose strings have no character that a terminal obeys. */
export const visibleJson = (value: unknown, indent?: number): string =>
  (JSON.stringify(value, undefined, indent) ?? 'null')
    .split('\n')
    .map((line) => line.replace(unsafe, jsonEscape))
    .join('\n');

const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The text, cut to columns of a terminal. */
export const cut = (text: string, columns: number): string => {
  if (stringWidth(text) <= columns) return text;
  let kept = '';
  for (const { segment } of segments.segment(text)) {
    if (stringWidth(kept + segment) > columns - 1) break;
    kept += segment;
  }
  return `${kept}…`;
};

export const padded = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - stringWidth(text)));

export const widthOf = (text: string): number => stringWidth(text);
