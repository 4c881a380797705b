/** Attacks that aim at people's own numbers. */

import type { Address } from '../addresses.ts';
import { customerOf, personOf } from '../people.ts';
import { type Caller, type Country, movedTo } from '../world.ts';
import { ask, customersNumber, evenly, type Play } from './scene.ts';

/** A6, after CloudSEK: one number every 20 seconds for three hours. */
export const bombing: Play = (scene) => {
  const { attack, world, random, rented } = scene;
  const [country] = attack.countries;
  const victim = customerOf(world, country, random);
  evenly(scene, 540, 1 / 20, () => ask(scene, movedTo(rented(random.below(2000)), victim)));
};

/** Guesses per verification: services evaluate no more. */
const guessesEach = 5;

/** A10, one number: 100,000 guesses, five per code, four codes a second. */
export const guessing: Play = (scene) => {
  const { stage, attack, world, random, rented, label } = scene;
  const [country] = attack.countries;
  const victim = customerOf(world, country, random);
  evenly(scene, 100_000 / guessesEach, 4, () => {
    const attempt = ask(scene, movedTo(rented(random.below(5000)), victim));
    if (attempt === undefined) return;
    for (let guess = 0; guess < guessesEach; guess += 1) stage.guessWrong(attempt, label);
  });
};

/** Share of the numbers of a spray that have verified before. */
const returningShare = 0.5;
const guessesPerNumber = 3;
const guessAfterMs = 2000;

/** A10, many numbers: 100,000 at 5/s in four countries, three guesses at each, one or two per IP. */
export const spray: Play = (scene) => {
  const { stage, attack, world, random, rented, label } = scene;
  const target = (country: Country, address: Address): Caller =>
    random.happens(returningShare)
      ? customersNumber(scene, country, address)
      : movedTo(address, personOf(world, country, random.below(2 ** 31), false));
  evenly(scene, 100_000, 5, (index) => {
    const country = random.pick(attack.countries);
    const attempt = ask(scene, target(country, rented(Math.floor((index * 2) / 3))));
    if (attempt === undefined) return;
    for (let guess = 1; guess <= guessesPerNumber; guess += 1)
      stage.at(stage.now() + guess * guessAfterMs, () => stage.guessWrong(attempt, label));
  });
};
