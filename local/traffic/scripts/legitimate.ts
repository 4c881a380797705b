/** Traffic that looks like an attack, and is none. */

import { day, each, honest, inOrder, minute } from '../people.ts';
import type { Places } from '../places.ts';
import { nobody, type Script, type Visit } from '../visit.ts';

/** Of seven people, one does not type in the code. */
const leavesEvery = 7;

const newPeople = (places: Places, count: number, everySeconds: number, phone: (nth: number) => string) =>
  each(count, (nth): Visit => {
    const visit = honest(places, nth * everySeconds, phone(nth));
    return nth % leavesEvery === leavesEvery - 1 ? { ...visit, use: { kind: 'nothing' } } : visit;
  });

/** New people of a country, over five area codes, within half an hour. */
export const launch = (places: Places): Script => ({
  where: { country: 'US' },
  attack: nobody(),
  neighbors: newPeople(places, 40, 45, (nth) => places.area(nth % 5).phone(Math.floor(nth / 5))),
});

/** A campaign that nobody announced: people of three prefixes, within minutes. */
export const spike = (places: Places): Script => ({
  where: { country: 'IN' },
  attack: nobody(),
  neighbors: inOrder([
    honest(places, -8 * day, places.prefix(0).range(90).phone(0)),
    ...each(5, (nth) =>
      honest(
        places,
        nth * 10 * minute - day,
        places
          .prefix(nth % 3)
          .range(91 + nth)
          .phone(0),
      ),
    ),
    ...newPeople(places, 40, 5, (nth) =>
      places
        .prefix(nth % 3)
        .range(nth)
        .phone(nth),
    ),
  ]),
});
