/** Attacks that spread, learn from refusals, or look like people for a while: A11 and A13 to A21. */

import { day, each, honest, hour, inOrder, minute, peopleAround } from '../people.ts';
import type { Places } from '../places.ts';
import { evenly, type Script, type Visit, type Visits } from '../visit.ts';
import { aroundPrefix, ramp, rampInPrefix } from './pumping.ts';

type Target = Pick<Visit, 'phone' | 'ip'>;

const [fastestSeconds, slowestSeconds, bravery] = [1, 600, 20];

/** One a second. A refusal halves the rate and moves on; twenty messages in a row double the rate. */
function* learning(count: number, targetAt: (place: number, nth: number) => Target): Visits {
  let [atSeconds, gap, place, inARow] = [0, fastestSeconds, 0, 0];
  for (let nth = 0; nth < count; nth += 1) {
    const outcome = yield { atSeconds, ...targetAt(place, nth), use: { kind: 'nothing' } };
    if (outcome === 'refused') [gap, place, inARow] = [Math.min(slowestSeconds, gap * 2), place + 1, 0];
    else inARow += 1;
    if (inARow > 0 && inARow % bravery === 0) gap = Math.max(fastestSeconds, gap / 2);
    atSeconds += gap;
  }
}

/** A11: stays in a prefix until it is refused, then takes the next. */
export const adaptive = (places: Places): Script => ({
  where: { country: 'IN' },
  attack: learning(90, (place, nth) => ({
    phone: places.prefix(place % 5).anyPhone(),
    ip: places.rentedIp(nth),
  })),
  neighbors: aroundPrefix(places, 3 * minute),
});

/** A20: takes another country, prefix, range and network for each message. */
export const hopping = (places: Places): Script => ({
  where: {},
  attack: learning(90, (_, nth) => ({
    phone: nth % 3 === 2 ? places.area(nth % 5).phone(nth) : places.anyIndian(),
    ip: places.rentedIp(nth),
  })),
  neighbors: aroundPrefix(places, 3 * minute),
});

/** A13: A2, while a campaign brings people to the rest of the country. */
export const rampInSpike = (places: Places): Script => {
  const { where, attack, neighbors } = rampInPrefix(places);
  const crowd = each(15, (nth) =>
    honest(
      places,
      nth * 10 * minute,
      places
        .prefix(2 + (nth % 3))
        .range(nth)
        .phone(0),
    ),
  );
  return { where, attack, neighbors: inOrder([...neighbors, ...crowd]) };
};

/** A14: one request for each number of a prefix, and two resends. */
export const resends = (places: Places): Script => {
  const [attacked, count] = [places.prefix(0), 26];
  return {
    where: attacked.where,
    attack: evenly({ count, perSecond: 100 / hour }, (nth) => ({
      phone: attacked.anyPhone(),
      ip: places.rentedIp(nth),
      use: { kind: 'resend', times: 2, afterSeconds: 35 },
    })),
    neighbors: aroundPrefix(places, (count / 100) * hour),
  };
};

/** A15: types in the codes of six numbers an hour for four hours, then pumps into the same prefix. */
export const sleeper = (places: Places): Script => {
  const attacked = places.prefix(0);
  const sleeps = 4 * hour;
  const phone = () => attacked.range(70 + places.below(4)).phone(places.below(8000));
  const visits = function* (): Visits {
    yield* evenly({ count: 24, perSecond: 6 / hour }, (nth) => ({
      ...{ phone: phone(), ip: places.rentedIp(nth) },
      use: { kind: 'enter', afterSeconds: 20 },
    }));
    yield* evenly({ count: 55, perSecond: 200 / hour, fromSeconds: sleeps }, (nth) => ({
      ...{ phone: phone(), ip: places.rentedIp(100 + nth) },
    }));
  };
  return { where: attacked.where, attack: visits(), neighbors: aroundPrefix(places, sleeps + 0.3 * hour) };
};

/** A16: a farm of SIMs types in nearly every code, once for each number, 13 an hour in one range. */
export const farm = (places: Places): Script => {
  const [attacked, beside, count] = [places.area(0), places.area(1), 84];
  return {
    where: attacked.where,
    attack: evenly({ count, perSecond: 13 / hour }, (nth) => ({
      phone: attacked.phone(nth),
      ip: places.rentedIp(nth),
      ...(nth % 20 === 19 ? {} : { use: { kind: 'enter', afterSeconds: 8 + places.below(50) } }),
    })),
    neighbors: peopleAround(places, {
      holders: each(3, (nth) => attacked.phone(85 + nth)),
      beside: each(2, beside.phone),
      within: [],
      later: [attacked.phone(98)],
      lastsSeconds: (count / 13) * hour,
    }),
  };
};

/** A17: random numbers over all ranges of a carrier, slow at first. */
export const carrierRamp = (places: Places): Script => {
  const lastsSeconds = 6 * hour;
  return {
    where: { country: 'IN' },
    attack: ramp(65, lastsSeconds, (nth) => ({
      phone: places.prefix(nth).range(places.below(100)).phone(places.below(8000)),
      ip: places.rentedIp(nth),
    })),
    neighbors: aroundPrefix(places, lastsSeconds),
  };
};

/** A18: three an hour in each of two countries. */
export const fewEverywhere = (places: Places): Script => {
  const hours = 5;
  return {
    where: {},
    attack: evenly({ count: 6 * hours, perSecond: 6 / hour }, (nth) => ({
      phone: nth % 2 === 0 ? places.anyIndian() : places.area(nth % 5).phone(nth),
      ip: places.rentedIp(nth),
    })),
    neighbors: aroundPrefix(places, hours * hour),
  };
};

/** A21: 40% more than a country’s own people, in the hours in which they come. */
export const dailyCurve = (places: Places): Script => {
  const people = 20;
  const at = (nth: number) => (nth * day) / people;
  const phone = (nth: number) =>
    places
      .prefix(nth % 5)
      .range(nth)
      .phone(nth);
  return {
    where: { country: 'IN' },
    attack: evenly({ count: people * 0.4, perSecond: (people * 0.4) / day }, (nth) => ({
      phone: places.prefix(nth % 5).anyPhone(),
      ip: places.rentedIp(nth),
    })),
    neighbors: inOrder([
      honest(places, -8 * day, phone(500)),
      ...each(people, (nth) => honest(places, at(nth) - day, phone(nth))),
      ...each(people, (nth) => honest(places, at(nth), phone(100 + nth))),
    ]),
  };
};
