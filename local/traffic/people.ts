/** Honest people around an attack. Pure. */

import type { Places } from './places.ts';
import type { Visit } from './visit.ts';

export const minute = 60;
export const hour = 60 * minute;
export const day = 24 * hour;

/** So many of something, by their numbers. */
export const each = <T>(count: number, of: (nth: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, nth) => of(nth));

export const inOrder = (visits: readonly Visit[]): readonly Visit[] =>
  visits.toSorted((one, other) => one.atSeconds - other.atSeconds);

/** Somebody asks at home, and types in the code. */
export const honest = ({ holder }: Places, atSeconds: number, phone: string): Visit => ({
  atSeconds,
  ...holder(phone),
  use: { kind: 'enter', afterSeconds: 5 },
});

export type Around = {
  /** Numbers that verify a day before the attack, and ask again during it and after it. */
  readonly holders: readonly string[];
  /** New numbers that ask while the attack is there: next to it, and in the same place. */
  readonly beside: readonly string[];
  readonly within: readonly string[];
  /** New numbers of the attacked place that ask once it is over. */
  readonly later: readonly string[];
  readonly lastsSeconds: number;
};

/** The detector acts on prefixes and countries after a week. */
const coldStart = 8 * day;

/** By then, restrictions that nobody presses against are over. */
const overAfter = 18 * minute;

export const peopleAround = (places: Places, around: Around): readonly Visit[] => {
  const { holders, beside, within, later, lastsSeconds } = around;
  const spread = (phones: readonly string[], from: number) =>
    phones.map((phone, nth) =>
      honest(places, lastsSeconds * (from + ((1 - from) * (nth + 0.5)) / phones.length), phone),
    );
  return inOrder([
    ...holders.slice(0, 1).map((phone) => honest(places, -coldStart, phone)),
    ...holders.map((phone, nth) => honest(places, (nth + 1) * 5 * minute - day, phone)),
    ...spread(holders, 0),
    ...spread(beside, 0.1),
    // Late enough that the attack is found.
    ...spread(within, 0.6),
    ...[...later, ...holders.slice(0, 2)].map((phone, nth) =>
      honest(places, lastsSeconds + overAfter + nth * minute, phone),
    ),
  ]);
};
