import { type Input, textOf } from '../fields.ts';
import { refuse } from '../refusals.ts';

export const arnOf = (type: string, id: string) => `arn:aws:sms-voice:us-east-1:000000000000:${type}/${id}`;
export const epochSeconds = (ms: number) => ms / 1000;

/** A page of a list, and where the next one begins. */
export const pageOf = <Each>(all: readonly Each[], input: Input) => {
  const token = textOf(input, 'NextToken');
  const from = token === undefined ? 0 : Number(/^from-(\d+)$/.exec(token)?.[1] ?? Number.NaN);
  if (!(from < all.length || from === 0)) throw refuse('INVALID_NEXT_TOKEN', 'NextToken is of no answer.');
  const to = from + Number(input['MaxResults'] ?? 100);
  return { page: all.slice(from, to), next: to < all.length ? { NextToken: `from-${to}` } : {} };
};

type Filter = { readonly Name: string; readonly Values: readonly string[] };

/** Those that have one of the values of each filter. */
export const filtered = <Each>(
  all: readonly Each[],
  input: Input,
  valuesOf: (each: Each, name: string) => readonly string[],
): readonly Each[] => {
  const filters = (input['Filters'] ?? []) as readonly Filter[];
  return all.filter((each) =>
    filters.every(({ Name, Values }) => Values.some((value) => valuesOf(each, Name).includes(value))),
  );
};

export const wanted = <Each>(
  all: readonly Each[],
  ids: readonly string[] | undefined,
  find: (id: string) => Each | undefined,
  missing: (id: string) => Error,
) =>
  ids === undefined || ids.length === 0
    ? all
    : ids.map((id) => {
        const found = find(id);
        if (found === undefined) throw missing(id);
        return found;
      });
