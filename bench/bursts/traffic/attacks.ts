/** The families of attacks, A1 to A13: published cases, and cases that a red team would try. */

import type { Visible } from '../contenders/contender.ts';
import type { Label } from '../play/ledger.ts';
import { type Random, randomFrom } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import { type Attack, type Calendar, type Family, hourMs } from './calendar.ts';
import {
  type Caller,
  type Country,
  callerAt,
  ipName,
  personOf,
  prefixAt,
  prefixBy,
  returningPeople,
  subscriberDigits,
  type World,
} from './world.ts';

type Scene = {
  readonly stage: Stage;
  readonly world: World;
  readonly attack: Attack;
  readonly label: Label;
  readonly random: Random;
  /** An IP that the attacker rents, by its number. */
  readonly rented: (number: number) => string;
};

type Play = (scene: Scene) => void;

const ask = ({ stage, label }: Scene, caller: Caller): Visible | undefined => stage.ask(caller, label);

/** Acts `count` times, each at its own time. */
const oneByOne = (stage: Stage, count: number, atMs: (index: number) => number, act: (index: number) => void) => {
  const next = (index: number) => {
    if (index >= count) return;
    stage.at(Math.max(stage.now(), Math.floor(atMs(index))), () => {
      act(index);
      next(index + 1);
    });
  };
  next(0);
};

const evenly = ({ stage, attack }: Scene, count: number, perSecond: number, act: (index: number) => void) =>
  oneByOne(stage, count, (index) => attack.startMs + (index * 1000) / perSecond, act);

const anyNumber = (country: Country, prefix: string, random: Random, ip: string): Caller =>
  callerAt(country, prefix, random.below(10 ** subscriberDigits(country)), ip);

/** The first of 10^digits consecutive numbers, at a random place in a prefix. */
const seriesIn = (country: Country, digits: number, random: Random): number =>
  random.below(10 ** Math.max(0, subscriberDigits(country) - digits)) * 10 ** digits;

/** A1, after Luma and eknix: 13,000 messages at 10/s through a range of 10,000 numbers, 20,000 IPs. */
const sequentialRange: Play = (scene) => {
  const { attack, random, rented } = scene;
  const [country] = attack.countries;
  const [prefix, first] = [prefixBy(country, random.unit()), seriesIn(country, 4, random)];
  evenly(scene, 13_000, 10, (index) =>
    ask(scene, callerAt(country, prefix, first + (index % 10_000), rented(random.below(20_000)))),
  );
};

/** A2, after Healthchecks: 8,000 random numbers of one prefix in 12 hours, slow at first. */
const rampInPrefix: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  const [country] = attack.countries;
  const [prefix, count, lastsMs] = [prefixBy(country, random.unit()), 8000, 12 * hourMs];
  // With a rate that grows linearly, a part p is sent after √p of the time.
  const at = (index: number) => attack.startMs + lastsMs * Math.sqrt((index + 0.5) / count);
  oneByOne(stage, count, at, () => ask(scene, anyNumber(country, prefix, random, rented(random.below(4000)))));
};

/** A3, after Amar: 1,500 in three minutes from one IP, 90% to one country. */
const oneIp: Play = (scene) => {
  const { attack, random, rented } = scene;
  const [mostly, ...others] = attack.countries;
  evenly(scene, 1500, 1500 / 180, () => {
    const country = random.happens(0.9) ? mostly : (others[random.below(others.length)] ?? mostly);
    ask(scene, anyNumber(country, prefixBy(country, random.unit()), random, rented(0)));
  });
};

/** A4: 20 an hour for two days into one prefix. */
const lowAndSlow: Play = (scene) => {
  const { attack, random, rented } = scene;
  const [country] = attack.countries;
  const prefix = prefixBy(country, random.unit());
  evenly(scene, 960, 20 / 3600, () => ask(scene, anyNumber(country, prefix, random, rented(random.below(5000)))));
};

/** A5, after Blackpanda: 50,000 at 2.3/s, one or two per IP, 100,000 consecutive numbers in each of eight countries. */
const botnet: Play = (scene) => {
  const { attack, random, rented } = scene;
  const series = attack.countries.map((country) => ({
    country,
    prefix: prefixBy(country, random.unit()),
    first: seriesIn(country, 5, random),
  }));
  evenly(scene, 50_000, 2.3, (index) => {
    const target = series[random.below(series.length)];
    if (target === undefined) return;
    const ip = rented(Math.floor((index * 2) / 3));
    ask(scene, callerAt(target.country, target.prefix, target.first + random.below(100_000), ip));
  });
};

/** A6, after CloudSEK: one number every 20 seconds for three hours. */
const bombing: Play = (scene) => {
  const { attack, world, random, rented } = scene;
  const [country] = attack.countries;
  const victim = personOf(world, country, random.below(returningPeople(world, country)), true);
  evenly(scene, 540, 1 / 20, () => ask(scene, { ...victim, ip: rented(random.below(2000)) }));
};

const enteredShare = 0.7;

/** A7, after VOX: 4,000 at 0.2/s in one range; 70% are entered, as fast as people enter them. */
const converting: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  const [country] = attack.countries;
  const [prefix, first] = [prefixBy(country, random.unit()), seriesIn(country, 4, random)];
  const order = random.shuffled(Array.from({ length: 10_000 }, (_, index) => index));
  evenly(scene, 4000, 0.2, (index) => {
    const [isEntered, delayMs] = [random.happens(enteredShare), Math.round(random.between(8000, 60_000))];
    const attempt = ask(scene, callerAt(country, prefix, first + (order[index] ?? 0), rented(random.below(20_000))));
    if (attempt !== undefined && isEntered) stage.at(stage.now() + delayMs, () => stage.verify(attempt));
  });
};

/** A8: 30 messages each hour for a day, five seconds apart, each hour into 1,000 fresh numbers of one prefix. */
const burstAndPause: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  const [country] = attack.countries;
  const prefix = prefixBy(country, random.unit());
  const firsts = Array.from({ length: 24 }, () => seriesIn(country, 3, random));
  const at = (index: number) => attack.startMs + Math.floor(index / 30) * hourMs + (index % 30) * 5000;
  oneByOne(stage, 720, at, (index) => {
    const first = firsts[Math.floor(index / 30)] ?? 0;
    ask(scene, callerAt(country, prefix, first + random.below(1000), rented(random.below(2000))));
  });
};

/** A9: one an hour into each of 30 countries, for two days. */
const trickle: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  for (const country of attack.countries) {
    const offsetMs = random.between(0, hourMs);
    oneByOne(
      stage,
      48,
      (index) => attack.startMs + index * hourMs + offsetMs,
      () => ask(scene, anyNumber(country, prefixBy(country, random.unit()), random, rented(random.below(3000)))),
    );
  }
};

/** Guesses per verification: services evaluate no more. */
const guessesEach = 5;

/** A10, one number: 100,000 guesses, five per code, four codes a second. */
const guessing: Play = (scene) => {
  const { stage, attack, world, random, rented, label } = scene;
  const [country] = attack.countries;
  const victim = personOf(world, country, random.below(returningPeople(world, country)), true);
  evenly(scene, 100_000 / guessesEach, 4, () => {
    const attempt = ask(scene, { ...victim, ip: rented(random.below(5000)) });
    if (attempt === undefined) return;
    for (let guess = 0; guess < guessesEach; guess += 1) stage.guessWrong(attempt, label);
  });
};

/** Share of the numbers of a spray that have verified before. */
const returningShare = 0.5;
const guessesPerNumber = 3;
const guessAfterMs = 2000;

/** A10, many numbers: 100,000 at 5/s in four countries, three guesses at each, one or two per IP. */
const spray: Play = (scene) => {
  const { stage, attack, world, random, rented, label } = scene;
  const target = (country: Country, ip: string): Caller =>
    random.happens(returningShare)
      ? { ...personOf(world, country, random.below(returningPeople(world, country)), true), ip }
      : { ...personOf(world, country, random.below(2 ** 31), false), ip };
  evenly(scene, 100_000, 5, (index) => {
    const country = random.pick(attack.countries);
    const attempt = ask(scene, target(country, rented(Math.floor((index * 2) / 3))));
    if (attempt === undefined) return;
    for (let guess = 1; guess <= guessesPerNumber; guess += 1)
      stage.at(stage.now() + guess * guessAfterMs, () => stage.guessWrong(attempt, label));
  });
};

const [fastestMs, slowestMs] = [1000, 600_000];
const bravery = 20;
const maxMessages = 4000;

/**
 * A11: one a second into one prefix, until 4,000 are sent or a day is over. A refusal halves the rate and moves to the
 * next prefix, then country. Twenty messages in a row double the rate.
 */
const adaptive: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  const targets = attack.countries.flatMap((country) =>
    random.shuffled(country.prefixes).map((prefix) => ({ country, prefix })),
  );
  let [gapMs, place, sent, inARow] = [fastestMs, 0, 0, 0];

  const learn = (isSent: boolean) => {
    if (!isSent) {
      [gapMs, place, inARow] = [Math.min(slowestMs, gapMs * 2), place + 1, 0];
      return;
    }
    [sent, inARow] = [sent + 1, inARow + 1];
    if (inARow % bravery === 0) gapMs = Math.max(fastestMs, gapMs / 2);
  };

  const next = (atMs: number) => {
    if (atMs > attack.endMs || sent >= maxMessages) return;
    stage.at(atMs, () => {
      const target = targets[place % targets.length];
      if (target === undefined) return;
      const ip = rented(random.below(20_000));
      learn(ask(scene, anyNumber(target.country, target.prefix, random, ip)) !== undefined);
      next(atMs + gapMs);
    });
  };
  next(attack.startMs);
};

/** A12: one a second for an hour over all prefixes of a main country, so that the country is blocked. */
const weaponized: Play = (scene) => {
  const { attack, random, rented } = scene;
  const [country] = attack.countries;
  evenly(scene, 3600, 1, (index) =>
    ask(scene, anyNumber(country, prefixAt(country, index), random, rented(random.below(2000)))),
  );
};

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
};

export const attacks = (stage: Stage, world: World, calendar: Calendar) => {
  for (const attack of calendar.attacks) {
    const random = randomFrom(world.seed, 'attack', attack.id);
    const salt = random.below(2 ** 31);
    const scene: Scene = {
      stage,
      world,
      attack,
      random,
      label: { legit: false, family: attack.family, attack: attack.id },
      rented: (number) => ipName(salt, 'a', number),
    };
    stage.at(attack.startMs, () => plays[attack.family](scene));
  }
};
