/** People: each has a number, the places from which they ask, and perhaps a past with the service. */

import { mixed, type Random } from '../play/random.ts';
import { type Address, addressIn, ipName, lone, type PlaceKind, shareOfPlace } from './addresses.ts';
import type { Country } from './countries.ts';
import { type Behind, type Caller, callerAt, movedTo, prefixBy, subscriberDigits, type World } from './world.ts';

/** Returning people of a country, in days of its traffic: each comes once in a month. */
const daysOfReturning = 16.5;

/** Share of the requests of returning people whose numbers are trusted, by the days behind. */
export const trustedShare: Readonly<Record<Behind, number>> = { 0: 0, 7: 0.18, 90: 0.86 };

/** People mostly ask from one place, sometimes from a second, rarely from elsewhere. */
export const whereabouts = { first: 0.78, second: 0.95 };
/** Share of the trusted numbers that have verified from the second place as well, by the days behind. */
export const knownSecond: Readonly<Record<Behind, number>> = { 0: 0, 7: 0.1, 90: 0.7 };

/** The place of a person now, in draws from 0 to 1. */
export type Whereabouts = { readonly place: number; readonly line: number };

const atFirst: Whereabouts = { place: 0, line: 0 };

const kindBy = (draw: number): PlaceKind => {
  if (draw < shareOfPlace.home) return 'home';
  return draw < shareOfPlace.home + shareOfPlace.gateway ? 'gateway' : 'office';
};

/** A person of the country by index: always the same number, from one of their places. */
export const personOf = (
  world: World,
  country: Country,
  index: number,
  isReturning: boolean,
  where: Whereabouts = atFirst,
): Caller => {
  const base = mixed(country.salt ^ mixed(index * 2 + (isReturning ? 1 : 0)));
  const draw = (salt: number) => mixed(base + salt) / 2 ** 32;
  const isTrusted = isReturning && draw(5) < trustedShare[world.behindDays];
  const kind = kindBy(draw(2));
  const addressAt = (of: PlaceKind, salt: number): Address =>
    addressIn(world, country, of, { place: draw(salt), line: where.line, isTrusted });
  const first = addressAt(kind, 3);
  const second = addressAt(kind === 'gateway' ? 'home' : 'gateway', 6);
  const verifiedFrom = [first, ...(draw(7) < knownSecond[world.behindDays] ? [second] : [])];
  const current = { first, second, elsewhere: lone(ipName(base, 'e', Math.floor(where.line * 2 ** 20))) }[
    whereOf(where.place)
  ];
  const number = callerAt(
    country,
    prefixBy(country, draw(4)),
    Math.floor(draw(1) * 10 ** subscriberDigits(country)),
    current,
  );
  if (!isTrusted) return number;
  return movedTo(current, {
    ...number,
    verifiedBefore: true,
    verifiedFrom: verifiedFrom.map(({ network }) => network),
  });
};

const whereOf = (place: number): 'first' | 'second' | 'elsewhere' => {
  if (place < whereabouts.first) return 'first';
  return place < whereabouts.second ? 'second' : 'elsewhere';
};

export const returningPeople = ({ startsPerDay }: World, { share }: Country): number =>
  Math.max(50, Math.round(startsPerDay * share * daysOfReturning));

/** Any returning person of a country. */
export const customerOf = (world: World, country: Country, random: Random): Caller =>
  personOf(world, country, random.below(returningPeople(world, country)), true);

/** Draws people of a country: returning ones, and new ones. */
export const peopleOf = (world: World, country: Country, random: Random) => {
  const count = returningPeople(world, country);
  return (returning: number): Caller => {
    const isReturning = random.happens(returning);
    const index = isReturning ? random.below(count) : random.below(2 ** 31);
    return personOf(world, country, index, isReturning, { place: random.unit(), line: random.unit() });
  };
};
