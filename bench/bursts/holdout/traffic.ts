/** Ordinary traffic of the hold-out: three apps, each with its own local hours and weekdays. */

import { type Random, randomFrom } from '../play/random.ts';
import { dayMs, hourMs } from '../traffic/calendar.ts';
import type { HoldoutCalendar } from './calendar.ts';
import { type Scene, visit } from './visit.ts';
import { type Land, localMs, type Person, personOf, returningPerson } from './world.ts';

type App = {
  readonly name: string;
  /** Share of all ordinary visits. */
  readonly share: number;
  /** Share of its visits by people who used it before the run. */
  readonly returning: number;
  readonly resolve: number;
  /** Weights by local hour. */
  readonly hours: readonly number[];
  /** Weights from Sunday on. */
  readonly weekdays: readonly number[];
};

/** A bank with office hours, meals at noon and in the evening, games until late at night. */
export const apps: readonly App[] = [
  {
    name: 'bank',
    share: 0.45,
    returning: 0.85,
    resolve: 1.03,
    hours: [1, 0.6, 0.4, 0.4, 0.7, 2, 5, 9, 12, 13, 12, 11, 11, 11, 10, 10, 10, 11, 10, 8, 7, 5, 3, 2],
    weekdays: [0.45, 1.25, 1.15, 1.1, 1.1, 1.25, 0.7],
  },
  {
    name: 'meals',
    share: 0.3,
    returning: 0.5,
    resolve: 0.98,
    hours: [3, 1.5, 0.8, 0.4, 0.3, 0.4, 1, 2, 3, 4, 7, 13, 15, 9, 5, 4, 6, 11, 18, 19, 14, 9, 6, 4],
    weekdays: [1.3, 0.8, 0.8, 0.85, 0.9, 1.15, 1.2],
  },
  {
    name: 'games',
    share: 0.25,
    returning: 0.35,
    resolve: 0.93,
    hours: [12, 9, 6, 4, 2.5, 2, 2, 3, 4, 5, 6, 7, 8, 8, 9, 11, 13, 14, 15, 17, 18, 19, 18, 15],
    weekdays: [1.3, 0.85, 0.8, 0.85, 0.9, 1.05, 1.25],
  },
];

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Factor of the app's mean rate in a country at a time. */
export const shapeAt = ({ hours, weekdays }: App, land: Land, atMs: number): number => {
  const local = localMs(land, atMs);
  const [hour, weekday] = [Math.floor(local / hourMs) % 24, new Date(local).getUTCDay()];
  const part = (local % hourMs) / hourMs;
  const [now, next] = [hours[hour] ?? 0, hours[(hour + 1) % 24] ?? 0];
  return ((now + part * (next - now)) / mean(hours)) * ((weekdays[weekday] ?? 0) / mean(weekdays));
};

/** Expected ordinary visits per hour in a country. */
export const ratePerHour = (startsPerDay: number, land: Land, atMs: number): number =>
  apps.reduce((sum, app) => sum + (startsPerDay / 24) * land.share * app.share * shapeAt(app, land, atMs), 0);

/** Draws a Poisson number: by Knuth's algorithm for a small mean, by a normal one for a large mean. */
export const poisson = (mean: number, random: Random): number => {
  if (mean > 50) return Math.max(0, Math.round(random.normal(mean, Math.sqrt(mean))));
  const limit = Math.exp(-mean);
  let [count, product] = [0, random.unit()];
  while (product > limit) {
    count += 1;
    product *= random.unit();
  }
  return count;
};

/** Share of new visits by people who came first during the run. */
const comesAgain = 0.12;

/** Counts new people by country. */
export const noNewcomers = () => {
  const seen = new Map<string, number>();
  return {
    next: ({ code }: Land): number => {
      const index = seen.get(code) ?? 0;
      seen.set(code, index + 1);
      return index;
    },
    seen: ({ code }: Land): number => seen.get(code) ?? 0,
  };
};

export type Newcomers = ReturnType<typeof noNewcomers>;

export const somebody = (
  { world }: Scene,
  newcomers: Newcomers,
  land: Land,
  returning: number,
  random: Random,
): Person => {
  if (random.happens(returning)) return returningPerson(world, land, random);
  const isBack = newcomers.seen(land) > 0 && random.happens(comesAgain);
  return personOf(world, land, isBack ? random.below(newcomers.seen(land)) : newcomers.next(land), false);
};

/** Days and hours differ by more than chance, for example by weather or paydays. */
const dayJitter = 0.07;
const hourJitter = 0.11;

export const ordinaryVisits = (scene: Scene, newcomers: Newcomers, { startMs, endMs }: HoldoutCalendar): void => {
  const { stage, world } = scene;

  const planHour = (land: Land, app: App, atMs: number) => {
    const random = randomFrom(world.seed, 'hour', land.code, app.name, atMs);
    const ofDay = randomFrom(world.seed, 'day', land.code, app.name, Math.floor(localMs(land, atMs) / dayMs));
    const jitter = ofDay.logNormal(1, dayJitter) * random.logNormal(1, hourJitter);
    const expected = (world.startsPerDay / 24) * land.share * app.share * shapeAt(app, land, atMs + hourMs / 2);
    for (let left = poisson(expected * jitter, random); left > 0; left -= 1) {
      const one = randomFrom(world.seed, 'visit', land.code, app.name, atMs, left);
      stage.at(atMs + Math.floor(random.unit() * hourMs), () =>
        visit(scene, {
          person: somebody(scene, newcomers, land, app.returning, one),
          random: one,
          application: app.name,
          resolve: app.resolve,
        }),
      );
    }
  };

  for (let atMs = startMs; atMs < endMs; atMs += hourMs)
    stage.at(atMs, () => {
      for (const land of world.lands) for (const app of apps) planHour(land, app, atMs);
    });
};
