/** Attacks that pump messages, as published cases and a red team have them. */

import { hourMs } from '../calendar.ts';
import { callerAt, prefixAt, prefixBy } from '../world.ts';
import { anyNumber, ask, evenly, oneByOne, type Play, seriesIn } from './scene.ts';

/** A1, after Luma and eknix: 13,000 messages at 10/s through a range of 10,000 numbers, 20,000 IPs. */
export const sequentialRange: Play = (scene) => {
  const { attack, random, rented } = scene;
  const [country] = attack.countries;
  const [prefix, first] = [prefixBy(country, random.unit()), seriesIn(country, 4, random)];
  evenly(scene, 13_000, 10, (index) =>
    ask(scene, callerAt(country, prefix, first + (index % 10_000), rented(random.below(20_000)))),
  );
};

/** A2, after Healthchecks: 8,000 random numbers of one prefix in 12 hours, slow at first. */
export const rampInPrefix: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  const [country] = attack.countries;
  const [prefix, count, lastsMs] = [prefixBy(country, random.unit()), 8000, 12 * hourMs];
  // With a rate that grows linearly, a part p is sent after √p of the time.
  const at = (index: number) => attack.startMs + lastsMs * Math.sqrt((index + 0.5) / count);
  oneByOne(stage, count, at, () => ask(scene, anyNumber(country, prefix, random, rented(random.below(4000)))));
};

/** A3, after Amar: 1,500 in three minutes from one IP, 90% to one country. */
export const oneIp: Play = (scene) => {
  const { attack, random, rented } = scene;
  const [mostly, ...others] = attack.countries;
  evenly(scene, 1500, 1500 / 180, () => {
    const country = random.happens(0.9) ? mostly : (others[random.below(others.length)] ?? mostly);
    ask(scene, anyNumber(country, prefixBy(country, random.unit()), random, rented(0)));
  });
};

/** A4: 20 an hour for two days into one prefix. */
export const lowAndSlow: Play = (scene) => {
  const { attack, random, rented } = scene;
  const [country] = attack.countries;
  const prefix = prefixBy(country, random.unit());
  evenly(scene, 960, 20 / 3600, () => ask(scene, anyNumber(country, prefix, random, rented(random.below(5000)))));
};

/** A5, after Blackpanda: 50,000 at 2.3/s, one or two per IP, 100,000 consecutive numbers in each of eight countries. */
export const botnet: Play = (scene) => {
  const { attack, random, rented } = scene;
  const series = attack.countries.map((country) => ({
    country,
    prefix: prefixBy(country, random.unit()),
    first: seriesIn(country, 5, random),
  }));
  evenly(scene, 50_000, 2.3, (index) => {
    const target = series[random.below(series.length)];
    if (target === undefined) return;
    const address = rented(Math.floor((index * 2) / 3));
    ask(scene, callerAt(target.country, target.prefix, target.first + random.below(100_000), address));
  });
};

const enteredShare = 0.7;

/** A7, after VOX: 4,000 at 0.2/s in one range; 70% are entered, as fast as people enter them. */
export const converting: Play = (scene) => {
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
export const burstAndPause: Play = (scene) => {
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
export const trickle: Play = (scene) => {
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

/** A12: one a second for an hour over all prefixes of a main country, so that the country is blocked. */
export const weaponized: Play = (scene) => {
  const { attack, random, rented } = scene;
  const [country] = attack.countries;
  evenly(scene, 3600, 1, (index) =>
    ask(scene, anyNumber(country, prefixAt(country, index), random, rented(random.below(2000)))),
  );
};
