/** Reads answers whose shape nobody has proven: what is not there reads as empty. Texts come out safe to print. */

import { visible } from './visible.ts';

export type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});

export const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.map((each) => fieldsOf(each)) : [];

/** A text, a number or a claim as text, safe to print. */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return visible(value);
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
};

export const textsOf = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(textOf).filter((text) => text !== '') : [];

export const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

export const moneyOf = (value: unknown): string => {
  const usd = numberOf(value);
  return usd === undefined ? '' : `$${usd.toFixed(2)}`;
};
