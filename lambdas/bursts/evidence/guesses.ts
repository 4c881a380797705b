import type { Counts } from '../counts/counts.ts';
import { sumOf } from '../counts/history.ts';
import { poissonTail } from './chance.ts';
import { thresholds } from './thresholds.ts';

/** Requests of everybody, and wrong codes that no right one followed. */
export type Guesses = { readonly requests: number; readonly wrong: number };

const medianOf = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/**
 * Wrong codes of a country by their networks. A slot counts for no more than a few above what slots usually have, so that
 * it takes many networks to speak for a country.
 */
const spreadOf = (bySlot: readonly number[]): number => {
  const { medians, perSlot } = thresholds.wrongCodes;
  const most = medians * Math.max(0, medianOf(bySlot)) + perSlot;
  return sumOf(bySlot.map((count) => Math.min(most, Math.max(0, count))));
};

export const guessesIn = (counts: readonly Counts[]): Guesses => {
  const bySlot = (counts[0]?.guessed ?? []).map((_, slot) => sumOf(counts.map(({ guessed }) => guessed[slot] ?? 0)));
  const hasNetworks = counts.some(({ guessed }) => guessed.some((count) => count !== 0));
  return {
    requests: sumOf(counts.map(({ started, again, others, probed }) => sumOf(started) + again + others + probed)),
    wrong: hasNetworks ? spreadOf(bySlot) : sumOf(counts.map(({ wrong }) => wrong)),
  };
};

/** More wrong codes than mistakes leave behind. */
export const areGuesses = ({ requests, wrong }: Guesses): boolean => {
  const { perRequest, min, chance } = thresholds.wrongCodes;
  return wrong >= min && poissonTail(wrong, Math.max(1, requests) * perRequest) < chance;
};
