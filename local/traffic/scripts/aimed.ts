/** Attacks that aim at people's own numbers: A6, A10 and A19. */

import { day, each, honest, hour, inOrder, minute, peopleAround } from '../people.ts';
import type { Places } from '../places.ts';
import { evenly, type Script } from '../visit.ts';

/** People of a US area code, the first of whom is under attack. */
const victims = (places: Places, lastsSeconds: number, asks: number) => {
  const home = places.area(0);
  const victim = home.phone(0);
  return inOrder([
    ...peopleAround(places, {
      holders: each(3, home.phone),
      beside: each(2, places.area(1).phone),
      within: each(2, (nth) => home.phone(20 + nth)),
      later: [],
      lastsSeconds,
    }),
    ...each(asks, (nth) => honest(places, (lastsSeconds * (nth + 0.75)) / asks, victim)),
  ]);
};

/** A6: SMS to one number, every 20 seconds, each from another IP. */
export const bombing = (places: Places): Script => {
  const [victim, count] = [places.area(0).phone(0), 50];
  return {
    where: places.area(0).where,
    attack: evenly({ count, perSecond: 1 / 20 }, (nth) => ({ phone: victim, ip: places.rentedIp(nth) })),
    neighbors: victims(places, count * 20, 2),
  };
};

/** A10, one number: five wrong codes for each SMS. */
export const guessing = (places: Places): Script => {
  const [victim, count] = [places.area(0).phone(0), 30];
  return {
    where: places.area(0).where,
    attack: evenly({ count, perSecond: 1 / 40 }, (nth) => ({
      phone: victim,
      ip: places.rentedIp(nth),
      use: { kind: 'guess', times: 5, afterSeconds: 2 },
    })),
    neighbors: victims(places, count * 40, 2),
  };
};

/** A10, many numbers: three wrong codes at each. */
export const spray = (places: Places): Script => {
  const [count, perSecond] = [40, 0.5];
  return {
    where: { country: 'IN' },
    attack: evenly({ count, perSecond }, (nth) => ({
      phone: places.anyIndian(),
      ip: places.rentedIp(nth),
      use: { kind: 'guess', times: 3, afterSeconds: 4 },
    })),
    neighbors: peopleAround(places, {
      holders: each(3, (nth) => places.prefix(0).range(nth).phone(nth)),
      beside: each(2, places.area(0).phone),
      within: each(2, (nth) => places.prefix(1).range(nth).phone(nth)),
      later: each(2, (nth) => places.prefix(2).range(nth).phone(nth)),
      lastsSeconds: count / perSecond,
    }),
  };
};

/** A19: SMS to customers, each of whom has verified, from IPs that nobody knows. */
export const customers = (places: Places): Script => {
  const people = each(20, (nth) => places.area(nth % 5).phone(Math.floor(nth / 5)));
  const [count, perSecond] = [40, 600 / hour];
  const lastsSeconds = count / perSecond;
  return {
    where: { country: 'US' },
    attack: evenly({ count, perSecond }, (nth) => ({
      phone: people[nth % people.length] ?? '',
      ip: places.rentedIp(Math.floor((nth * 2) / 3)),
    })),
    neighbors: inOrder([
      honest(places, -8 * day, places.area(0).phone(90)),
      ...people.map((phone, nth) => honest(places, nth * minute - day, phone)),
      ...people.slice(0, 6).map((phone, nth) => honest(places, (lastsSeconds * (nth + 0.5)) / 6, phone)),
      ...each(3, (nth) => honest(places, (lastsSeconds * (nth + 0.75)) / 3, places.area(nth).phone(80))),
    ]),
  };
};
