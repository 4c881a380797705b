import { type Item, numberAt, values } from './items.ts';

/**
 * Versions of items that two writers may change at a time. An item whose version is none, because a person or a bug wrote
 * it, is written over: it must not stop what is to be committed.
 */
export const versionAt = (item: Item | undefined): number => {
  const version = numberAt(item, 'version') ?? 0;
  return Number.isSafeInteger(version) && version > 0 ? version : 0;
};

/** The item is not there, or its version is none. */
export const hasNoVersion = [
  'attribute_not_exists(version)',
  'NOT attribute_type(version, :number)',
  'NOT (version BETWEEN :first AND :last)',
].join(' OR ');
export const isVersion = 'version = :before';

/** The values of these conditions. */
export const valuesOfVersion = (before: number): Item =>
  before === 0
    ? values({ ':number': 'N', ':first': 1, ':last': Number.MAX_SAFE_INTEGER })
    : values({ ':before': before });
