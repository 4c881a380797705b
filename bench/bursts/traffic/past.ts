/** The memory of a service after its first days: computed from how people come, instead of played. */

import type { Past, Strata, Usual } from '../contenders/contender.ts';
import { shareOfPlace } from './addresses.ts';
import { startMs } from './calendar.ts';
import { hourMs } from './kinds.ts';
import { returningShare } from './ordinary.ts';
import { knownSecond, trustedShare, whereabouts } from './people.ts';
import { rhythm } from './rhythm.ts';
import { type Behind, type Country, shareOfPrefix, subscriberDigits, type World } from './world.ts';

const atSecond = whereabouts.second - whereabouts.first;
/** Two of five requests come from shared IPs, which are trusted within days: second places are mostly gateways. */
const sharedIp =
  (shareOfPlace.gateway + shareOfPlace.office) * whereabouts.first + (1 - shareOfPlace.gateway) * atSecond;

/** Whoever is behind a gateway at first has a home, and the others a gateway, whose IP is trusted. */
const secondIsHome = shareOfPlace.gateway;

export const strataOf = (behindDays: Behind): Strata => {
  const trusted = returningShare * trustedShare[behindDays];
  const unverified = 1 - trusted;
  return {
    unverified,
    stratum: unverified * (1 - sharedIp),
    newNetwork: trusted * (1 - whereabouts.second + atSecond * (1 - knownSecond[behindDays]) * secondIsHome),
    pairs: trusted * (whereabouts.first + atSecond * knownSecond[behindDays]),
  };
};

/** Factors of the mean by the hour of the day, UTC, as a mean over the week. */
const hoursOf = ({ utcOffsetHours }: Country): readonly number[] =>
  Array.from({ length: 24 }, (_, hour) => {
    const week = Array.from({ length: 7 }, (__, day) => rhythm(startMs + (day * 24 + hour + utcOffsetHours) * hourMs));
    return week.reduce((sum, factor) => sum + factor, 0) / week.length;
  });

/** A range of which fewer requests came is as good as unknown. */
const minRequests = 1;

const usualIn = (world: World, country: Country): readonly Usual[] => {
  const perHour = (world.startsPerDay * country.share) / 24;
  const of = { hours: hoursOf(country), conversion: country.conversion };
  const ranges = 10 ** Math.max(0, subscriberDigits(country) - 4);
  const prefixes = country.prefixes.map((prefix, index) => ({ prefix, perHour: perHour * shareOfPrefix(index) }));
  const known = prefixes.filter((each) => (each.perHour * 24 * world.behindDays) / ranges >= minRequests);
  return [
    { ...of, level: 'country', of: country.code, perHour },
    ...prefixes.map((each): Usual => ({ ...of, level: 'prefix', of: each.prefix, perHour: each.perHour })),
    ...known.flatMap((each) =>
      Array.from({ length: ranges }, (_, range): Usual => {
        const digits = String(range).padStart(subscriberDigits(country) - 4, '0');
        return {
          ...of,
          level: 'range',
          of: each.prefix + (ranges === 1 ? '' : digits),
          perHour: each.perHour / ranges,
        };
      }),
    ),
  ];
};

/**
 * The past of a world that has one.
 *
 * @param countries those that matter in the run.
 * @param endMs the beginning of the run.
 */
export const pastOf = (
  world: World,
  countries: readonly Country[] = [...world.main, ...world.tail],
  endMs = startMs,
): Past | undefined => {
  if (world.behindDays === 0) return undefined;
  return {
    days: world.behindDays,
    endMs,
    strata: strataOf(world.behindDays),
    usual: countries.flatMap((country) => usualIn(world, country)),
  };
};
