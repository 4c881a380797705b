/** Parts that the attacks share. */

import type { Visible } from '../../contenders/contender.ts';
import type { Label } from '../../play/book.ts';
import type { Random } from '../../play/random.ts';
import type { Stage } from '../../play/stage.ts';
import type { Address } from '../addresses.ts';
import type { Attack } from '../calendar.ts';
import { customerOf } from '../people.ts';
import { type Caller, type Country, callerAt, movedTo, prefixBy, subscriberDigits, type World } from '../world.ts';

export type Scene = {
  readonly stage: Stage;
  readonly world: World;
  readonly attack: Attack;
  readonly label: Label;
  readonly random: Random;
  /** An IP that the attacker rents, by its number. */
  readonly rented: (number: number) => Address;
};

export type Play = (scene: Scene) => void;

export const ask = ({ stage, label }: Scene, caller: Caller): Visible | undefined => stage.ask(caller, label);

/** Acts `count` times, each at its own time. */
export const oneByOne = (
  stage: Stage,
  count: number,
  atMs: (index: number) => number,
  act: (index: number) => void,
) => {
  const next = (index: number) => {
    if (index >= count) return;
    stage.at(Math.max(stage.now(), Math.floor(atMs(index))), () => {
      act(index);
      next(index + 1);
    });
  };
  next(0);
};

export const evenly = ({ stage, attack }: Scene, count: number, perSecond: number, act: (index: number) => void) =>
  oneByOne(stage, count, (index) => attack.startMs + (index * 1000) / perSecond, act);

export const anyNumber = (country: Country, prefix: string, random: Random, address: Address): Caller =>
  callerAt(country, prefix, random.below(10 ** subscriberDigits(country)), address);

/** The first of 10^digits consecutive numbers, at a random place in a prefix. */
export const seriesIn = (country: Country, digits: number, random: Random): number =>
  random.below(10 ** Math.max(0, subscriberDigits(country) - digits)) * 10 ** digits;

/** A customer's own number, from an address of the attacker. */
export const customersNumber = ({ world, random }: Scene, country: Country, address: Address): Caller =>
  movedTo(address, customerOf(world, country, random));

/** Share of the targets that lists of real numbers bring, where an attacker takes what there is. */
const realShare = 0.2;

/** A target as attackers have them: a number of a list of customers, or a random one. */
export const anyTarget = (scene: Scene, country: Country, address: Address): Caller => {
  const { random } = scene;
  if (random.happens(realShare)) return customersNumber(scene, country, address);
  return anyNumber(country, prefixBy(country, random.unit()), random, address);
};
