/** Attacks that spread their messages, or look like people for a while. */

import type { Visible } from '../../contenders/contender.ts';
import { type Attack, dayMs, hourMs } from '../calendar.ts';
import { rhythm } from '../rhythm.ts';
import { callerAt, prefixBy, subscriberDigits } from '../world.ts';
import {
  anyNumber,
  anyTarget,
  ask,
  customersNumber,
  evenly,
  oneByOne,
  type Play,
  type Scene,
  seriesIn,
} from './scene.ts';

/** Asks for another SMS of the same verification as soon as the usual cooldowns are over. */
const resendAfterMs = [35_000, 100_000, 225_000, 350_000];
const [fewestResends, mostResends] = [2, 4];

/** A14: 100 numbers an hour over a prefix for three hours, each asked for once and resent two to four times. */
export const resends: Play = (scene) => {
  const { stage, attack, random, rented, label } = scene;
  const [country] = attack.countries;
  const prefix = prefixBy(country, random.unit());
  evenly(scene, 300, 100 / 3600, () => {
    const caller = anyNumber(country, prefix, random, rented(random.below(2000)));
    const count = fewestResends + random.below(mostResends - fewestResends + 1);
    let attempt = ask(scene, caller);
    const again = () => {
      if (attempt === undefined) attempt = ask(scene, caller);
      else stage.resend(attempt, label);
    };
    for (const afterMs of resendAfterMs.slice(0, count)) stage.at(stage.now() + afterMs, again);
  });
};

const entersSoon = ({ stage, random }: Scene, attempt: Visible | undefined) => {
  const delayMs = Math.round(random.between(8000, 60_000));
  if (attempt !== undefined) stage.at(stage.now() + delayMs, () => stage.verify(attempt));
};

/** A15: enters the codes of six numbers an hour of a prefix for two days, then pumps 2,400 into it in twelve hours. */
export const sleeper: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  const [country] = attack.countries;
  const prefix = prefixBy(country, random.unit());
  const firsts = Array.from({ length: 4 }, () => seriesIn(country, 4, random));
  const target = () =>
    callerAt(
      country,
      prefix,
      (firsts[random.below(firsts.length)] ?? 0) + random.below(10_000),
      rented(random.below(3000)),
    );
  evenly(scene, 288, 6 / 3600, () => entersSoon(scene, ask(scene, target())));
  const pumpsFromMs = attack.startMs + 2 * dayMs;
  oneByOne(
    stage,
    2400,
    (index) => pumpsFromMs + (index * 12 * hourMs) / 2400,
    () => ask(scene, target()),
  );
};

/** A16: a farm of SIMs enters nearly every code, once per number, 40 an hour over three countries. */
export const farm: Play = (scene) => {
  const { attack, random, rented } = scene;
  const series = attack.countries.map((country) => ({
    country,
    prefix: prefixBy(country, random.unit()),
    first: seriesIn(country, 4, random),
  }));
  const used = new Set<string>();
  evenly(scene, 1920, 40 / 3600, () => {
    const place = series[random.below(series.length)];
    if (place === undefined) return;
    const { country, prefix, first } = place;
    const caller = callerAt(country, prefix, first + random.below(10_000), rented(random.below(4000)));
    if (used.has(caller.phone)) return;
    used.add(caller.phone);
    const isEntered = random.happens(0.95);
    const attempt = ask(scene, caller);
    if (isEntered) entersSoon(scene, attempt);
  });
};

/** Ranges of a carrier are allocated by leads of two digits. */
const leads = 3;

/** A17: 8,000 random numbers over all ranges of a carrier, hundreds of prefixes, in a day; slow at first. */
export const carrierRamp: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  const [country] = attack.countries;
  const [count, lastsMs] = [8000, 24 * hourMs];
  const starts = random.shuffled(country.prefixes).slice(0, leads);
  const lead = () => (starts[random.below(starts.length)] ?? '').slice(0, country.callingCode.length + 3);
  const digits = country.callingCode.length + 1 + country.nationalDigits;
  const freeDigits = digits - country.callingCode.length - 3;
  const at = (index: number) => attack.startMs + lastsMs * Math.sqrt((index + 0.5) / count);
  oneByOne(stage, count, at, () => {
    const phone = lead() + String(random.below(10 ** freeDigits)).padStart(freeDigits, '0');
    const prefix = phone.slice(0, digits - subscriberDigits(country));
    ask(scene, callerAt(country, prefix, Number(phone.slice(prefix.length)), rented(random.below(20_000))));
  });
};

/** A18: three an hour in each of forty countries for two days. Some targets are real customers. */
export const fewEverywhere: Play = (scene) => {
  const { attack, random, rented } = scene;
  const perHour = 3 * attack.countries.length;
  evenly(scene, 48 * perHour, perHour / 3600, (index) => {
    const country = attack.countries[index % attack.countries.length] ?? attack.countries[0];
    ask(scene, anyTarget(scene, country, rented(random.below(10_000))));
  });
};

/** A19: SMS to 600 customers an hour in four countries for six hours, at one or two per IP. No code is guessed. */
export const customers: Play = (scene) => {
  const { attack, random, rented } = scene;
  evenly(scene, 3600, 600 / 3600, (index) =>
    ask(scene, customersNumber(scene, random.pick(attack.countries), rented(Math.floor((index * 2) / 3)))),
  );
};

/** Requests that the attack adds to those of the country. */
const shadow = 0.4;

const meanPerHour = ({ world, attack }: Scene): number => (world.startsPerDay * attack.countries[0].share) / 24;

const rateAt = (scene: Scene, { countries: [country] }: Attack, atMs: number): number =>
  Math.max(1, shadow * meanPerHour(scene)) * rhythm(atMs + country.utcOffsetHours * hourMs);

/** A21: 40% more than usual at each hour of the country's own day, over its usual prefixes, for two days. */
export const dailyCurve: Play = (scene) => {
  const { stage, attack, random, rented } = scene;
  const [country] = attack.countries;
  const next = () => {
    const atMs = stage.now() + random.exponential(hourMs / rateAt(scene, attack, stage.now()));
    if (atMs >= attack.endMs) return;
    stage.at(Math.floor(atMs), () => {
      ask(scene, anyNumber(country, prefixBy(country, random.unit()), random, rented(random.below(50_000))));
      next();
    });
  };
  next();
};
