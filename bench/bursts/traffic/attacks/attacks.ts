/** The families of attacks, A1 to A21: published cases, and cases that a red team would try. */

import { randomFrom } from '../../play/random.ts';
import type { Stage } from '../../play/stage.ts';
import { rentedFrom } from '../addresses.ts';
import type { Calendar, Family } from '../calendar.ts';
import type { World } from '../world.ts';
import { adaptive, hopping } from './adaptive.ts';
import { bombing, guessing, spray } from './aimed.ts';
import {
  botnet,
  burstAndPause,
  converting,
  lowAndSlow,
  oneIp,
  rampInPrefix,
  sequentialRange,
  trickle,
  weaponized,
} from './pumping.ts';
import type { Play, Scene } from './scene.ts';
import { carrierRamp, customers, dailyCurve, farm, fewEverywhere, resends, sleeper } from './spread.ts';

const plays: Readonly<Record<Family, Play>> = {
  A1: sequentialRange,
  A2: rampInPrefix,
  A3: oneIp,
  A4: lowAndSlow,
  A5: botnet,
  A6: bombing,
  A7: converting,
  A8: burstAndPause,
  A9: trickle,
  'A10 guess': guessing,
  'A10 spray': spray,
  A11: adaptive,
  A12: weaponized,
  // A2 in the country and at the time of a spike or an outage: see the calendar.
  A13: rampInPrefix,
  A14: resends,
  A15: sleeper,
  A16: farm,
  A17: carrierRamp,
  A18: fewEverywhere,
  A19: customers,
  A20: hopping,
  A21: dailyCurve,
};

export const attacks = (stage: Stage, world: World, calendar: Calendar) => {
  for (const attack of calendar.attacks) {
    const random = randomFrom(world.seed, 'attack', attack.id);
    const scene: Scene = {
      stage,
      world,
      attack,
      random,
      label: { legit: false, family: attack.family, attack: attack.id },
      rented: rentedFrom(random.below(2 ** 31)),
    };
    stage.at(attack.startMs, () => plays[attack.family](scene));
  }
};
