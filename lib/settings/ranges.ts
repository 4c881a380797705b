import type * as v from 'valibot';
import { countryOf } from './policy.ts';
import { type Range, type Settings, shape } from './schema.ts';
import { parseSettings } from './settings.ts';

/** A number among the settings, as docs/limits.md tells of it. */
export type Limit = {
  /** Where it stands in the settings; `*` for each entry of a list or of the countries. */
  readonly path: LimitPath;
  readonly range: Range;
  /** What it is where nobody sets it: one value, one per entry of a default list, or none. */
  readonly defaults: readonly number[];
};

/** Where numbers stand in a type, as in `code.digits` or `sends.windows.*.sends`. */
type NumberPath<Value> = Value extends number
  ? ''
  : Value extends readonly (infer Each)[]
    ? `.*${NumberPath<Each>}`
    : Value extends object
      ? { [Key in keyof Value & string]: `.${string extends Key ? '*' : Key}${NumberPath<Value[Key]>}` }[keyof Value &
          string]
      : never;
type WithoutDot<Path> = Path extends `.${infer Rest}` ? Rest : never;

/** Every number of the settings has to be told of: a setting that is added without words does not compile. */
export type LimitPath = WithoutDot<NumberPath<Settings>>;

type Schema = v.GenericSchema & {
  readonly pipe?: readonly { readonly kind: string; readonly type: string; readonly metadata?: unknown }[];
  readonly wrapped?: Schema;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly value?: Schema;
};

const rangeOf = ({ pipe = [] }: Schema): Range | undefined => {
  const found = pipe.find(({ type }) => type === 'metadata')?.metadata;
  return typeof found === 'object' && found !== null && 'range' in found ? (found.range as Range) : undefined;
};

/** Every number that the schema has, whether or not it says what it may be. */
const numbersOf = (schema: Schema, path: readonly string[] = []): [string, Range | undefined][] => {
  const { wrapped, entries, item, value, type } = schema;
  if (wrapped !== undefined) return numbersOf(wrapped, path);
  if (type === 'number') return [[path.join('.'), rangeOf(schema)]];
  if (entries !== undefined) return Object.entries(entries).flatMap(([key, each]) => numbersOf(each, [...path, key]));
  const each = item ?? (type === 'record' ? value : undefined);
  return each === undefined ? [] : numbersOf(each, [...path, '*']);
};

/** The values at a path: all of them, where it leads through lists. */
const valuesAt = (value: unknown, [key, ...rest]: readonly string[]): readonly unknown[] => {
  if (key === undefined) return value === undefined ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  const parts = key === '*' ? Object.values(value) : [Reflect.get(value, key)];
  return parts.flatMap((part) => valuesAt(part, rest));
};

/** Settings with nothing but what has to be written, and a country with all that is worked out for one. */
const barest = (): unknown => {
  const settings = parseSettings({ brand: 'Example', audience: 'example', countries: { GB: {} } });
  const { caps } = countryOf(settings, 'GB');
  return { ...settings, countries: { GB: { caps } } };
};

/** All numbers of the settings, with what they may be and what they are by default, read from the schema. */
export const limits = (): readonly Limit[] => {
  const defaults = barest();
  return numbersOf(shape as unknown as Schema).map(([path, range]) => {
    if (range === undefined) throw new Error(`The setting ${path} does not say what it may be. Make it by \`whole\`.`);
    const values = valuesAt(defaults, path.split('.')).filter((value) => typeof value === 'number');
    return { path: path as LimitPath, range, defaults: values };
  });
};
