import type * as v from 'valibot';
import { countryOf } from './policy.ts';
import type { Range } from './schema/values.ts';
import { type Settings, shape } from './schema.ts';
import { parseSettings } from './settings.ts';

/** A number of the settings, as docs/limits.md shows it. */
export type Limit = {
  /** Its path in the settings. `*` is each entry of a list or of the countries. */
  readonly path: LimitPath;
  readonly range: Range;
  /** Its value if nobody sets it: one, one per entry of a default list, or none. */
  readonly defaults: readonly number[];
};

/** The paths of numbers in a type, for example `code.digits` or `sends.windows.*.sends`. */
type NumberPath<Value> = Value extends number
  ? ''
  : Value extends readonly (infer Each)[]
    ? `.*${NumberPath<Each>}`
    : Value extends object
      ? { [Key in keyof Value & string]: `.${string extends Key ? '*' : Key}${NumberPath<Value[Key]>}` }[keyof Value &
          string]
      : never;
type WithoutDot<Path> = Path extends `.${infer Rest}` ? Rest : never;

/** Every number of the settings needs words: a setting without them does not compile. */
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

/** Every number of the schema, with its range if it has one. */
const numbersOf = (schema: Schema, path: readonly string[] = []): [string, Range | undefined][] => {
  const { wrapped, entries, item, value, type } = schema;
  if (wrapped !== undefined) return numbersOf(wrapped, path);
  if (type === 'number') return [[path.join('.'), rangeOf(schema)]];
  if (entries !== undefined) return Object.entries(entries).flatMap(([key, each]) => numbersOf(each, [...path, key]));
  const each = item ?? (type === 'record' ? value : undefined);
  return each === undefined ? [] : numbersOf(each, [...path, '*']);
};

/** All values at a path, which may lead through lists. */
const valuesAt = (value: unknown, [key, ...rest]: readonly string[]): readonly unknown[] => {
  if (key === undefined) return value === undefined ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  const parts = key === '*' ? Object.values(value) : [Reflect.get(value, key)];
  return parts.flatMap((part) => valuesAt(part, rest));
};

/** The settings with all defaults, and a country with the caps that are derived for it. */
const barest = (): unknown => {
  const settings = parseSettings({ brand: 'Example', audience: 'example', countries: { GB: {} } });
  const { caps } = countryOf(settings, 'GB');
  return { ...settings, countries: { GB: { caps } } };
};

/** All numbers of the settings, with ranges and defaults, from the schema. */
export const limits = (): readonly Limit[] => {
  const defaults = barest();
  return numbersOf(shape as unknown as Schema).map(([path, range]) => {
    if (range === undefined) throw new Error(`The setting ${path} has no range. Make it by \`whole\`.`);
    const values = valuesAt(defaults, path.split('.')).filter((value) => typeof value === 'number');
    return { path: path as LimitPath, range, defaults: values };
  });
};
