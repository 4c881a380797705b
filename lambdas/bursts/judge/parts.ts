import { createHash } from 'node:crypto';
import type { Key } from '../counts/keys.ts';
import { thresholds } from '../evidence/thresholds.ts';
import { repeatWithinMs } from './blocks.ts';

/** A prefix of a country, or a range of a prefix, that was blocked recently, and when. */
export type BlockedPart = { readonly of: string; readonly atMs: number };

/** Blocked ranges of a prefix share this many slots, so that an attack on thousands of them stays one small item. */
const partSlots = 16;

/** The name under which the wider group remembers a part. */
export const partName = ({ level, of }: Key): string =>
  level === 'range' ? `slot ${createHash('sha256').update(of).digest().readUInt8() % partSlots}` : of;

/**
 * The evidence that is taken as given of a range, if other ranges of its prefix were blocked within a day: an attacker
 * who moves on to the next range is stopped in fewer messages each time.
 */
export const siblingEvidence = (parts: readonly BlockedPart[], own: string, nowMs: number): number => {
  const { each, max } = thresholds.siblings;
  const others = new Set(
    parts.filter(({ of, atMs }) => of !== own && atMs > nowMs - repeatWithinMs).map(({ of }) => of),
  );
  return Math.min(max, others.size * each);
};
