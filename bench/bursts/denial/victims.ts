/** The victims of an attack on single numbers, of each standing, each under an attack of its own. */

import { type Random, randomFrom } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import { hourMs, minuteMs } from '../traffic/kinds.ts';
import { customerOf, personOf } from '../traffic/people.ts';
import { type Caller, movedTo, type World } from '../traffic/world.ts';
import { attacks, type Means } from './attacker.ts';
import { strangeAddress, type Target } from './crowd.ts';
import { hoursOfAttack, type Standing, type Times } from './plan.ts';

/** Somebody who signs in as often as once an hour. More visits would use up the number's own SMS of the day. */
const visitsEveryMs = hourMs;
/** Victims of each standing. */
const victims = 3;

type Scene = {
  readonly stage: Stage;
  readonly world: World;
  readonly target: Target;
  readonly times: Times;
  readonly random: Random;
  readonly comes: (caller: Caller, standing: Standing) => void;
  readonly means: Means;
};

/** A customer whose number is trusted, where the service has any. */
export const victimOf = ({ seed, ...world }: World, { country }: Target, name: string): Caller => {
  const random = randomFrom(seed, 'victim', name);
  for (let tries = 0; tries < 1000; tries += 1) {
    const customer = customerOf({ seed, ...world }, country, random);
    if (customer.verifiedBefore) return customer;
  }
  return customerOf({ seed, ...world }, country, random);
};

const under = ({ means }: Scene, victim: Caller) =>
  attacks({
    ...means,
    unknown: (address) => movedTo(address, victim),
    customer: (address) => movedTo(address, victim),
    own: movedTo(means.address(0), victim),
  });

const often = ({ stage, times }: Scene, visit: () => void) => {
  for (let atMs = times.attackMs + visitsEveryMs; atMs < times.stopMs; atMs += visitsEveryMs) stage.at(atMs, visit);
};

export const victimsOf = (scene: Scene): void => {
  const { stage, world, target, times, random, comes } = scene;
  for (let number = 0; number < victims; number += 1) {
    const known = victimOf(world, target, `pair ${number}`);
    under(scene, known);
    often(scene, () => comes(known, 'pair'));
    const away = victimOf(world, target, `elsewhere ${number}`);
    under(scene, away);
    often(scene, () => comes(movedTo(strangeAddress(random), away), 'trusted elsewhere'));
  }
  // A new number comes once, or it would be known afterwards: one in each hour.
  for (let hour = 0; hour < hoursOfAttack; hour += 1) {
    const unknown = personOf(world, target.country, random.below(2 ** 31), false);
    const atMs = times.attackMs + hour * hourMs;
    stage.at(atMs, () => {
      attacks({
        ...scene.means,
        startMs: atMs,
        endMs: atMs + hourMs,
        unknown: (address) => movedTo(address, unknown),
        customer: (address) => movedTo(address, unknown),
        own: movedTo(scene.means.address(0), unknown),
      });
    });
    stage.at(atMs + random.below(50 * minuteMs) + 5 * minuteMs, () => comes(unknown, 'new'));
  }
};
