/** Attacks that pump messages: A1 to A5, A7 to A9, A12. Each is a small part of its family in `bench/bursts`. */

import { each, hour, peopleAround } from '../people.ts';
import type { Places } from '../places.ts';
import { evenly, type Script, type Visits } from '../visit.ts';

/** A1: one range, a number after the other. */
export const sequentialRange = (places: Places): Script => {
  const [attacked, beside] = [places.area(0), places.area(1)];
  const count = 50;
  return {
    where: attacked.where,
    attack: evenly({ count, perSecond: 5 }, (nth) => ({ phone: attacked.phone(nth), ip: places.rentedIp(nth) })),
    neighbors: peopleAround(places, {
      holders: each(5, (nth) => attacked.phone(80 + nth)),
      beside: each(3, beside.phone),
      within: each(2, (nth) => attacked.phone(90 + nth)),
      later: each(3, (nth) => attacked.phone(95 + nth)),
      lastsSeconds: count / 5,
    }),
  };
};

/** People of an Indian prefix that is attacked as a whole. */
export const aroundPrefix = (places: Places, lastsSeconds: number) => {
  const [attacked, beside] = [places.prefix(0), places.prefix(1)];
  return peopleAround(places, {
    holders: each(4, (nth) => attacked.range(20 + nth).phone(nth)),
    beside: each(3, (nth) => beside.range(nth).phone(nth)),
    within: each(2, (nth) => attacked.range(30 + nth).phone(nth)),
    later: each(2, (nth) => attacked.range(40 + nth).phone(nth)),
    lastsSeconds,
  });
};

/** At times of a rate that grows evenly from nothing. */
export function* ramp(count: number, lastsSeconds: number, visitOf: (nth: number) => { phone: string; ip: string }) {
  for (let nth = 0; nth < count; nth += 1) {
    const atSeconds = lastsSeconds * Math.sqrt((nth + 0.5) / count);
    yield { atSeconds, ...visitOf(nth), use: { kind: 'nothing' } as const };
  }
}

/** A2: random numbers of one prefix, slow at first. */
export const rampInPrefix = (places: Places): Script => {
  const attacked = places.prefix(0);
  const lastsSeconds = 3 * hour;
  return {
    where: attacked.where,
    attack: ramp(65, lastsSeconds, (nth) => ({ phone: attacked.anyPhone(), ip: places.rentedIp(nth) })),
    neighbors: aroundPrefix(places, lastsSeconds),
  };
};

/** A3: one IP, nine of ten messages to one country. */
export const oneIp = (places: Places): Script => {
  const [ip, count] = [places.rentedIp(0), 40];
  const phone = (nth: number) =>
    nth % 10 === 9 ? places.anyIndian() : places.area(nth % 5).phone(Math.floor(nth / 5));
  return {
    where: { country: 'US' },
    attack: evenly({ count, perSecond: 5 }, (nth) => ({ phone: phone(nth), ip })),
    neighbors: peopleAround(places, {
      holders: each(4, (nth) => places.area(nth).phone(80 + nth)),
      beside: each(3, (nth) => places.area(nth).phone(90)),
      within: [],
      later: [],
      lastsSeconds: count / 5,
    }),
  };
};

/** A4: twenty an hour into one prefix. */
export const lowAndSlow = (places: Places): Script => {
  const [attacked, count] = [places.prefix(0), 50];
  return {
    where: attacked.where,
    attack: evenly({ count, perSecond: 20 / hour }, (nth) => ({
      phone: attacked.anyPhone(),
      ip: places.rentedIp(nth),
    })),
    neighbors: aroundPrefix(places, (count / 20) * hour),
  };
};

/** A5: consecutive numbers of two countries, one or two requests from each IP. */
export const botnet = (places: Places): Script => {
  const [india, states, beside] = [places.prefix(0), places.area(0), places.area(1)];
  const count = 80;
  const phone = (nth: number) => (nth % 2 === 0 ? india.range(places.below(3)) : states).phone(Math.floor(nth / 2));
  return {
    where: states.where,
    attack: evenly({ count, perSecond: 2.3 }, (nth) => ({
      phone: phone(nth),
      ip: places.rentedIp(Math.floor((nth * 2) / 3)),
    })),
    neighbors: peopleAround(places, {
      holders: [...each(2, (nth) => states.phone(80 + nth)), ...each(2, (nth) => india.range(nth).phone(800))],
      beside: each(3, beside.phone),
      within: each(2, (nth) => states.phone(90 + nth)),
      later: each(2, (nth) => states.phone(95 + nth)),
      lastsSeconds: count / 2.3,
    }),
  };
};

/** A7: one range; seven of ten codes are typed in, as fast as people do. */
export const converting = (places: Places): Script => {
  const [attacked, beside, count] = [places.area(0), places.area(1), 84];
  return {
    where: attacked.where,
    attack: evenly({ count, perSecond: 0.2 }, (nth) => ({
      phone: attacked.phone(nth),
      ip: places.rentedIp(nth),
      ...(nth % 10 < 7 ? { use: { kind: 'enter', afterSeconds: 8 + places.below(50) } } : {}),
    })),
    neighbors: peopleAround(places, {
      holders: each(4, (nth) => attacked.phone(85 + nth)),
      beside: each(3, beside.phone),
      within: [attacked.phone(99)],
      later: [attacked.phone(98)],
      lastsSeconds: count / 0.2,
    }),
  };
};

/** A8: a burst each hour, five seconds apart, each into a fresh range of one prefix. */
export const burstAndPause = (places: Places): Script => {
  const [attacked, hours, perBurst] = [places.prefix(0), 3, 21];
  const visits = function* (): Visits {
    for (let nth = 0; nth < hours * perBurst; nth += 1) {
      const burst = Math.floor(nth / perBurst);
      const atSeconds = burst * hour + (nth % perBurst) * 5;
      const phone = attacked.range(60 + burst).phone(nth % perBurst);
      yield { atSeconds, phone, ip: places.rentedIp(nth), use: { kind: 'nothing' } };
    }
  };
  return { where: attacked.where, attack: visits(), neighbors: aroundPrefix(places, hours * hour) };
};

/** A9: one an hour into each of two countries. */
export const trickle = (places: Places): Script => {
  const hours = 16;
  return {
    where: {},
    attack: evenly({ count: 2 * hours, perSecond: 2 / hour }, (nth) => ({
      phone: nth % 2 === 0 ? places.anyIndian() : places.area(Math.floor(nth / 2) % 5).phone(Math.floor(nth / 10)),
      ip: places.rentedIp(nth),
    })),
    neighbors: aroundPrefix(places, hours * hour),
  };
};

/** A12: one a second over all prefixes of a country, so that the country is blocked. */
export const weaponized = (places: Places): Script => {
  const [count, perSecond] = [65, 1];
  return {
    where: { country: 'IN' },
    attack: evenly({ count, perSecond }, (nth) => ({ phone: places.anyIndian(), ip: places.rentedIp(nth) })),
    neighbors: aroundPrefix(places, count / perSecond),
  };
};
