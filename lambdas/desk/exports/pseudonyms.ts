import { createHmac } from 'node:crypto';

/** Gives a keyed hash another name, which holds within one export. */
export type Rename = (keyedHash: string) => string;

/**
 * The names of one export. Its secret is thrown away when it ends, so that nobody can compute the names again: two exports
 * name the same number differently.
 */
export const renameBy =
  (secret: Uint8Array): Rename =>
  (keyedHash) =>
    createHmac('sha256', secret).update(keyedHash).digest().subarray(0, 16).toString('base64url');

/** As pseudonyms are written: 256 bits in base64url. A longer word may have one in it. */
const keyedHashes = /[\w-]{43,}/g;

/** Renames the keyed hashes within a value of JSON, such as those in the sentences and commands of a finding. */
export const renameWithin = (value: unknown, rename: Rename): unknown => {
  if (typeof value === 'string') return value.replaceAll(keyedHashes, (found) => rename(found));
  if (Array.isArray(value)) return value.map((each) => renameWithin(each, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [String(renameWithin(name, rename)), renameWithin(each, rename)]),
  );
};
