/** The kinds of values that a setting may have. Each says what is wrong, what is allowed, and gives an example. */

import * as v from 'valibot';

/** The path of a wrong setting, and a sentence that says what is wrong and what is allowed. */
export type Problem = { readonly path: string; readonly sentence: string };

/** The first characters of a value, as the settings file has it. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
};

/** The message about a wrong or missing value. */
export const refused =
  (allowed: string) =>
  ({ input }: { readonly input: unknown }): string =>
    `${input === undefined ? 'The value is missing.' : `${shown(input)} is not allowed.`} ${allowed}`;

export const text = (pattern: RegExp, allowed: string) =>
  v.pipe(
    v.string(refused(allowed)),
    v.check((value) => pattern.test(value), refused(allowed)),
  );

export const locale = text(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'Language: a tag, for example en or pt-BR.');

/** The bounds of a number. They stand at the schema, so that docs/limits.md is made from them. */
export type Range = { readonly min: number; readonly max: number };
export const range = ({ min, max }: Range) => v.metadata<number, { readonly range: Range }>({ range: { min, max } });

type Bounds = Range & { readonly example: number };
type BoundsWithDefault = Range & { readonly byDefault: number };

const number = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 3 });

const bounded = (isAllowed: (value: number) => boolean, allowed: string, { min, max }: Range) =>
  v.pipe(
    v.number(refused(allowed)),
    v.check((value) => isAllowed(value) && value >= min && value <= max, refused(allowed)),
    range({ min, max }),
  );

export const whole = (what: string, { min, max, example }: Bounds) =>
  bounded(
    Number.isInteger,
    `${what}: a whole number from ${number(min)} to ${number(max)}, for example ${number(example)}.`,
    { min, max },
  );

/** An amount of money. Its words say in which currency. */
export const usd = (what: string, { min, max, example }: Bounds) =>
  bounded(Number.isFinite, `${what}: ${number(min)} to ${number(max)}, for example ${number(example)}.`, { min, max });

export const wholeOr = (what: string, { byDefault, ...bounds }: BoundsWithDefault) =>
  v.optional(whole(what, { ...bounds, example: byDefault }), byDefault);
export const usdOr = (what: string, { byDefault, ...bounds }: BoundsWithDefault) =>
  v.optional(usd(what, { ...bounds, example: byDefault }), byDefault);

type Elsewhere = (key: string) => string | undefined;

/**
 * An object that knows its keys. It refuses another key, with the name that was probably meant.
 *
 * @param missing what to add for a key that is missing.
 * @param elsewhere the sentence about a key that objects of another kind have.
 */
export const object = <const Entries extends v.ObjectEntries>(
  entries: Entries,
  missing: Readonly<Record<string, string>> = {},
  elsewhere: Elsewhere = () => undefined,
) =>
  v.strictObject(entries, ({ expected, received, path = [] }) => {
    const at = path.at(-1);
    const known = Object.keys(entries);
    if (expected === 'never') return unknownKeys(at, (key) => elsewhere(key) ?? unknownKey(key, known), known);
    if (received === 'undefined' && at !== undefined) {
      const key = String(at.key);
      return `${key} is missing. ${missing[key] ?? 'Add it.'}`;
    }
    return `Write an object with the keys ${known.join(', ')}.`;
  });

/** valibot stops at the first unknown key of an object. The others follow in the same issue, a line each. */
const unknownKeys = (
  at: { readonly key: unknown; readonly input: unknown } | undefined,
  sentenceOf: (key: string) => string,
  known: readonly string[],
) => {
  const others = Object.keys(at?.input ?? {}).filter((key) => !known.includes(key) && key !== at?.key);
  return [sentenceOf(String(at?.key)), ...others.map((key) => `${key}: ${sentenceOf(key)}`)].join('\n');
};

const unknownKey = (key: string, known: readonly string[]): string => {
  const nearest = known.toSorted((a, b) => distance(key, a) - distance(key, b)).at(0);
  const isNear = nearest !== undefined && distance(key, nearest) <= Math.max(2, Math.floor(nearest.length / 3));
  return isNear
    ? `There is no such setting. Did you mean ${nearest}?`
    : `There is no such setting. Use one of ${known.join(', ')}.`;
};

/** Edit distance (Levenshtein), without letter case. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a.toLowerCase()].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b.toLowerCase()].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min((row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};
