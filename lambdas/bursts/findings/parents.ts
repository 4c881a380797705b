import type { Key } from '../counts/keys.ts';
import type { Case } from './case.ts';

/** Whether one key lies within another: ranges lie within prefixes, and both, like new networks, within countries. */
export const isInside = (inner: Key, country: string, outer: Key): boolean => {
  if (inner.level !== 'range' && inner.level !== 'prefix' && inner.level !== 'new-network') return false;
  if (outer.level === 'country') return country === outer.of;
  return outer.level === 'prefix' && inner.level === 'range' && inner.of.startsWith(outer.of);
};

/** What can be the parent of others: a case whose block, or restriction, holds. */
export type Holder = { readonly uid: string; readonly key: Key };

/** The case of the nearest wider group. */
export const parentOf = (key: Key, country: string, holders: readonly Holder[]): string | undefined => {
  const around = holders.filter((holder) => isInside(key, country, holder.key));
  return (around.find((holder) => holder.key.level === 'prefix') ?? around[0])?.uid;
};

/** The open cases whose blocks hold. */
export const holdersAmong = (cases: readonly Case[], nowMs: number): readonly Holder[] =>
  cases.filter(({ isOpen, action, untilMs }) => isOpen && action !== 'none' && nowMs < untilMs);
