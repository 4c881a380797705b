import { awsRefusal } from '../refusal.ts';
import { refuse } from './refusals.ts';

/** The fields of a request. Each is checked where it is read. */
export type Input = Readonly<Record<string, unknown>>;

/** Refuses a value that AWS would not take. */
type Check = (value: unknown, name: string) => void;

/** The input of an operation: its fields, and which of them it needs. */
export type Shape = { readonly fields: Readonly<Record<string, Check>>; readonly required?: readonly string[] };

/**
 * Refuses a request that does not fit. Fields that the operation does not have are refused too, which AWS ignores: a misspelled
 * one would bind nothing.
 */
export const requireShape = (operation: string, { fields, required = [] }: Shape, input: Input): void => {
  const strange = Object.keys(input).filter((name) => !Object.hasOwn(fields, name));
  if (strange.length > 0) throw invalid(strange.join(', '), `${operation} has no use for it here`);
  for (const name of required)
    if (input[name] === undefined || input[name] === null)
      throw refuse('MISSING_PARAMETER', `${name} is required.`, { Fields: [{ Name: name, Message: 'required' }] });
  for (const [name, value] of Object.entries(input)) if (value !== null) fields[name]?.(value, name);
};

const invalid = (name: string, message: string) =>
  refuse('INVALID_PARAMETER', `${name}: ${message}.`, { Fields: [{ Name: name, Message: message }] });

const wrongType = (name: string, type: string) => awsRefusal('SerializationException', `${name} must be ${type}.`);

/** A text of so many characters that matches from its beginning to its end. */
export const text =
  ({ min = 1, max, pattern }: { min?: number; max: number; pattern?: string }): Check =>
  (value, name) => {
    if (typeof value !== 'string') throw wrongType(name, 'a string');
    const { length } = [...value];
    if (length < min || length > max) throw invalid(name, `its length must be between ${min} and ${max}`);
    if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value))
      throw invalid(name, `it must match ${pattern}`);
  };

export const oneOf =
  (values: readonly string[]): Check =>
  (value, name) => {
    if (typeof value !== 'string') throw wrongType(name, 'a string');
    if (!values.includes(value)) throw invalid(name, `it must be one of ${values.join(', ')}`);
  };

export const integer =
  (min: number, max: number): Check =>
  (value, name) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) throw wrongType(name, 'an integer');
    if (value < min || value > max) throw invalid(name, `it must be between ${min} and ${max}`);
  };

export const flag: Check = (value, name) => {
  if (typeof value !== 'boolean') throw wrongType(name, 'a boolean');
};

export const map =
  ({ max, key, value: inner }: { max: number; key: Check; value: Check }): Check =>
  (value, name) => {
    if (!isRecord(value)) throw wrongType(name, 'a map');
    const entries = Object.entries(value);
    if (entries.length > max) throw invalid(name, `it must have at most ${max} entries`);
    for (const [each, held] of entries) {
      key(each, `a key of ${name}`);
      inner(held, `${name}.${each}`);
    }
  };

export const list =
  ({ min = 0, max, each }: { min?: number; max: number; each: Check }): Check =>
  (value, name) => {
    if (!Array.isArray(value)) throw wrongType(name, 'a list');
    if (value.length < min || value.length > max) throw invalid(name, `it must have between ${min} and ${max} members`);
    for (const [at, member] of value.entries()) each(member, `${name}[${at}]`);
  };

/** A structure all of whose fields are required. */
export const structure =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, name) => {
    if (!isRecord(value)) throw wrongType(name, 'a structure');
    requireShape(name, { fields, required: Object.keys(fields) }, value);
  };

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The text of a checked field. */
export const textOf = (input: Input, name: string): string | undefined => {
  const value = input[name];
  return typeof value === 'string' ? value : undefined;
};

/** The texts of a checked field, which is a list. */
export const textsOf = (input: Input, name: string): readonly string[] | undefined => {
  const value = input[name];
  return Array.isArray(value) ? value.map(String) : undefined;
};

/** The entries of a checked field, which is a map of texts. */
export const entriesOf = (input: Input, name: string): Readonly<Record<string, string>> => {
  const value = input[name];
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(([key, held]) => [key, String(held)])) : {};
};
