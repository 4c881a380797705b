/** Traffic that looks like an attack, and is none. */

import { day, each, honest, inOrder } from '../people.ts';
import type { Place, Places } from '../places.ts';
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
  neighbors: newPeople(places, 60, 30, (nth) => places.area(nth % 5).phone(Math.floor(nth / 5))),
});

/** A campaign that nobody announced: people of one prefix, within minutes. */
export const spike = (places: Places): Script => {
  const place: Place = places.area(0);
  const before = each(5, (nth) => honest(places, nth * 600 - day, place.phone(90 + nth)));
  return {
    where: place.where,
    attack: nobody(),
    neighbors: inOrder([
      honest(places, -8 * day, place.phone(99)),
      ...before,
      ...newPeople(places, 60, 5, (nth) => place.phone(nth)),
    ]),
  };
};
