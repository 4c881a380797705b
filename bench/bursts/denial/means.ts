/** The means of an attacker, and the target. */

import { type Random, randomFrom } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import { type Address, rentedFrom } from '../traffic/addresses.ts';
import { minuteMs } from '../traffic/kinds.ts';
import { customerOf, personOf, returningPeople } from '../traffic/people.ts';
import { type Caller, callerAt, movedTo, prefixBy, subscriberDigits, type World } from '../traffic/world.ts';
import type { Means } from './attacker.ts';
import type { Target } from './crowd.ts';
import { burst, type Game, type Times } from './plan.ts';

/** In the free game, a burst gets the restriction. From then on no SMS is to be had. */
const smsPerHour =
  ({ budget }: Game, { attackMs }: Times) =>
  (atMs: number): number => {
    if (budget !== 'free') return budget;
    return atMs < attackMs + burst.minutes * minuteMs ? burst.smsPerHour : 0;
  };

/** Numbers of customers: an attacker who enters the code of one would take it over, and not as a tactic. */
const customersOf = (world: World, { country }: Target): ReadonlySet<string> =>
  new Set(
    Array.from({ length: returningPeople(world, country) }, (_, index) => personOf(world, country, index, true).phone),
  );

/** A number that nobody knows, in the group that the attacker aims at. */
const unknownIn =
  ({ aim }: Game, { country, prefix, range }: Target, random: Random) =>
  (address: Address): Caller => {
    if (aim === 'range') {
      const subscriber = range.slice(prefix.length) + String(random.below(10_000)).padStart(4, '0');
      return callerAt(country, prefix, Number(subscriber), address);
    }
    const any = aim === 'prefix' ? prefix : prefixBy(country, random.unit());
    return callerAt(country, any, random.below(10 ** subscriberDigits(country)), address);
  };

/** A customer of the group, as far as there are any. */
const customerIn = (world: World, target: Target, random: Random): Caller => {
  for (let tries = 0; tries < 200; tries += 1) {
    const customer = customerOf(world, target.country, random);
    if (target.has(customer)) return customer;
  }
  return target.perHour > 0 ? target.person(random) : customerOf(world, target.country, random);
};

export const meansOf = (stage: Stage, world: World, game: Game, target: Target, times: Times): Means => {
  const random = randomFrom(game.seed, 'attacker', game.aim, String(game.budget), game.ips);
  const inside = game.aim === 'office' || game.aim === 'gateway';
  const rented = rentedFrom(random.below(2 ** 31));
  const address = (number: number): Address =>
    inside ? (target.addresses[number % target.addresses.length] ?? target.addresses[0]) : rented(number);
  const customers = customersOf(world, target);
  const anyNumber = unknownIn(game, target, random);
  const unknown = (at: Address): Caller => {
    const caller = anyNumber(at);
    return customers.has(caller.phone) ? unknown(at) : caller;
  };
  return {
    stage,
    random,
    startMs: times.attackMs,
    endMs: times.stopMs,
    smsPerHour: smsPerHour(game, times),
    address,
    ips: game.ips,
    unknown,
    customer: (at) => movedTo(at, customerIn(world, target, random)),
    canEnter: game.aim !== 'number',
    own: unknown(address(0)),
  };
};
