import { dayMs } from '../../otp/durations.ts';
import type { Counts } from '../counts/counts.ts';
import { sumOf } from '../counts/history.ts';
import type { Key } from '../counts/keys.ts';
import { partSlotOf } from '../counts/slots.ts';
import { thresholds } from './thresholds.ts';

/** A part of a group that was acted upon, and when: the slot of a prefix of a country, or of a range of a prefix. */
export type BlockedPart = { readonly slot: number; readonly atMs: number };

export const partSlot = ({ of }: Key): number => partSlotOf(of);

/**
 * The evidence that is taken as given of a range, if other ranges of its prefix were blocked within a day: an attacker
 * who moves on to the next range is stopped in fewer messages each time.
 */
export const siblingEvidence = (parts: readonly BlockedPart[], own: number, nowMs: number): number => {
  const { each, max } = thresholds.siblings;
  const others = new Set(
    parts.filter(({ slot, atMs }) => slot !== own && atMs > nowMs - dayMs).map(({ slot }) => slot),
  );
  return Math.min(max, others.size * each);
};

/** The slots of the parts whose own restriction explains what comes from them: of a few. More are an attack on the whole. */
export const explainedSlots = (parts: readonly BlockedPart[], nowMs: number): ReadonlySet<number> => {
  const { maxMs, ms } = thresholds.restriction;
  const slots = new Set(parts.filter(({ atMs }) => atMs > nowMs - maxMs - ms).map(({ slot }) => slot));
  return slots.size <= thresholds.explainedParts ? slots : new Set();
};

/** The share of the people without an approval whom no restricted part explains. */
export const shareLeft = ({ unentered }: Pick<Counts, 'unentered'>, explained: ReadonlySet<number>): number => {
  if (explained.size === 0) return 1;
  const open = unentered.map((count) => Math.max(0, count));
  const all = sumOf(open);
  return all === 0 ? 1 : sumOf(open.filter((_, slot) => !explained.has(slot))) / all;
};
