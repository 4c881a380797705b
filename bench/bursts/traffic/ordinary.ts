/** Ordinary traffic: returning and new people by country, hour and weekday, and what disturbs them. */

import { type Random, randomFrom } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import { type Calendar, dayMs, hourMs, type Trap, type TrapKind } from './calendar.ts';
import { temperOf, verifies } from './person.ts';
import { type Caller, type Country, type Habits, personOf, returningPeople, type World } from './world.ts';

/** Share of verifications by people who have verified before. */
export const returningShare = 0.55;

/** Weights by local hour. */
const hourWeights = [
  0.35, 0.2, 0.14, 0.1, 0.1, 0.16, 0.35, 0.7, 1.05, 1.3, 1.4, 1.45, 1.45, 1.4, 1.35, 1.3, 1.35, 1.4, 1.5, 1.6, 1.6, 1.4,
  1, 0.6,
];
/** Weights from Sunday on. */
const weekdayWeights = [0.88, 1, 1, 1, 1.02, 1.1, 1];

const mean = (weights: readonly number[]) => weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
const [meanHour, meanWeekday] = [mean(hourWeights), mean(weekdayWeights)];
const holidayFactor = 1.6;
/** An upper bound of all factors together, for the thinning. */
const peak = (Math.max(...hourWeights) * Math.max(...weekdayWeights) * holidayFactor) / (meanHour * meanWeekday);

/** Factor of the mean rate at a local time. */
export const rhythm = (localMs: number): number => {
  const [day, hour] = [new Date(localMs).getUTCDay(), Math.floor((localMs % dayMs) / hourMs)];
  return ((hourWeights[hour] ?? 0) / meanHour) * ((weekdayWeights[day] ?? 0) / meanWeekday);
};

/** In an outage few codes arrive. The busiest third of the prefixes belong to one carrier. */
const outageConversion = 0.12;
const carrierPrefixes = 8;
/** A person without a code comes back some minutes later, at most twice. */
const comesBackShare = 0.5;
const maxVisits = 3;
const [comesBackSoonMs, comesBackLateMs] = [120_000, 300_000];

/** Traps that change ordinary traffic and bring no people of their own. */
const disturbs: readonly TrapKind[] = ['outage', 'outage under attack', 'DST', 'holiday'];

const isOutage = (trap: Trap) => trap.kind === 'outage' || trap.kind === 'outage under attack';

const holdsFor = (trap: Trap, caller: Caller): boolean =>
  !isOutage(trap) || caller.country.prefixes.slice(0, carrierPrefixes).includes(caller.prefix);

const isOn = ({ startMs, endMs }: Trap, atMs: number) => atMs >= startMs && atMs < endMs;

/** Summer time moves the local day by an hour. A holiday brings more people. */
const rateOf = (country: Country, traps: readonly Trap[]) => (atMs: number) => {
  const on = traps.filter((trap) => isOn(trap, atMs)).map(({ kind }) => kind);
  const shiftMs = on.includes('DST') ? hourMs : 0;
  return rhythm(atMs + country.utcOffsetHours * hourMs + shiftMs) * (on.includes('holiday') ? holidayFactor : 1);
};

/** Draws people of a country: returning ones, and new ones. */
export const peopleOf = (world: World, country: Country, random: Random) => {
  const count = returningPeople(world, country);
  return (returning: number): Caller => {
    const isReturning = random.happens(returning);
    return personOf(world, country, isReturning ? random.below(count) : random.below(2 ** 31), isReturning);
  };
};

type Coming = {
  readonly stage: Stage;
  readonly habits: Habits;
  readonly random: Random;
};

/** A person comes, and perhaps again if no code arrives in an outage. */
const arrives = (coming: Coming, caller: Caller, trap: Trap | undefined, visit = 1) => {
  const { stage, habits, random } = coming;
  const isSilent = trap !== undefined && isOutage(trap);
  const temper = temperOf(random, habits, isSilent ? outageConversion : caller.country.conversion);
  const backAfterMs = Math.round(random.between(comesBackSoonMs, comesBackLateMs));
  const comesBack = random.happens(comesBackShare) && temper.entersAfterMs === Number.POSITIVE_INFINITY;
  verifies(stage, caller, temper, { trap: trap?.kind, isFirst: visit === 1 });
  if (!isSilent || !comesBack || visit === maxVisits) return;
  stage.at(stage.now() + backAfterMs, () => arrives(coming, caller, trap, visit + 1));
};

const streamOf = (stage: Stage, world: World, country: Country, calendar: Calendar, habits: Habits) => {
  const random = randomFrom(world.seed, 'traffic', country.code);
  const coming = { stage, habits, random };
  const traps = calendar.traps.filter((trap) => trap.country === country && disturbs.includes(trap.kind));
  const rate = rateOf(country, traps);
  const person = peopleOf(world, country, random);
  const gapMs = dayMs / (world.startsPerDay * country.share * peak);

  // Thinning (Lewis and Shedler): candidates come at the highest rate, and the current rate says how many stay.
  const next = (fromMs: number) => {
    let atMs = fromMs;
    do atMs += random.exponential(gapMs);
    while (atMs < calendar.endMs && random.unit() * peak > rate(atMs));
    if (atMs >= calendar.endMs) return;
    stage.at(Math.floor(atMs), () => {
      const caller = person(returningShare);
      const trap = traps.find((some) => isOn(some, stage.now()) && holdsFor(some, caller));
      arrives(coming, caller, trap);
      next(atMs);
    });
  };
  next(calendar.startMs);
};

export const ordinaryTraffic = (stage: Stage, world: World, calendar: Calendar, habits: Habits) => {
  for (const country of [...world.main, ...world.tail]) streamOf(stage, world, country, calendar, habits);
};
