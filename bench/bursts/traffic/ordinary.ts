/** Ordinary traffic: returning and new people by country, hour and weekday, and what disturbs them. */

import { type Random, randomFrom } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import type { Calendar, Trap } from './calendar.ts';
import { disturbancesFor, troubleOf } from './disturbances.ts';
import { dayMs } from './kinds.ts';
import { peopleOf } from './people.ts';
import { insists, patienceOf, type Temper, temperOf, verifies } from './person.ts';
import { peak } from './rhythm.ts';
import type { Caller, Country, Habits, World } from './world.ts';

export { peopleOf } from './people.ts';

/** Share of verifications by people who have verified before. */
export const returningShare = 0.55;

/** A person without a code comes back some minutes later, at most twice. */
const comesBackShare = 0.5;
const maxVisits = 3;
const [comesBackSoonMs, comesBackLateMs] = [120_000, 300_000];

type Coming = {
  readonly stage: Stage;
  readonly habits: Habits;
  readonly random: Random;
};

/** A person comes, and perhaps again if the code does not arrive or cannot be entered. */
const arrives = ({ stage, habits, random }: Coming, caller: Caller, trap: Trap | undefined, visit = 1) => {
  const trouble = troubleOf(trap);
  const temper: Temper = temperOf(random, habits, caller.country.conversion);
  if (trouble === undefined) return verifies(stage, caller, temper, { trap: trap?.kind, isFirst: visit === 1 });
  const patience = patienceOf(random, trouble);
  const backAfterMs = Math.round(random.between(comesBackSoonMs, comesBackLateMs));
  const comesBack = random.happens(comesBackShare) && patience.arrivesAt >= patience.wants;
  insists(stage, caller, temper, patience, { trap: trap?.kind, isFirst: visit === 1 });
  if (!comesBack || visit === maxVisits) return;
  const lastsMs = patience.waitsMs.slice(1, patience.wants).reduce((sum, each) => sum + each, 0);
  stage.at(stage.now() + lastsMs + backAfterMs, () => arrives({ stage, habits, random }, caller, trap, visit + 1));
};

/** Lets a person of the ordinary traffic come now. */
export type Come = (caller: Caller, trap: Trap | undefined, random: Random) => void;

type Span = Pick<Calendar, 'startMs' | 'endMs' | 'traps'>;

/** People of a country come by its rhythm. */
export const streamOf = (stage: Stage, world: World, country: Country, { startMs, endMs, traps }: Span, come: Come) => {
  const random = randomFrom(world.seed, 'traffic', country.code);
  const { trapOf, movedBy, rate } = disturbancesFor(world, country, traps);
  const person = peopleOf(world, country, random);
  const gapMs = dayMs / (world.startsPerDay * country.share * peak);

  // Thinning (Lewis and Shedler): candidates come at the highest rate, and the current rate says how many stay.
  const next = (fromMs: number) => {
    let atMs = fromMs;
    do atMs += random.exponential(gapMs);
    while (atMs < endMs && random.unit() * peak > rate(atMs));
    if (atMs >= endMs) return;
    stage.at(Math.floor(atMs), () => {
      const caller = person(returningShare);
      const trap = trapOf(caller, stage.now());
      come(movedBy(trap, caller, random.unit()), trap, random);
      next(atMs);
    });
  };
  next(startMs);
};

export const ordinaryTraffic = (stage: Stage, world: World, calendar: Calendar, habits: Habits) => {
  for (const country of [...world.main, ...world.tail])
    streamOf(stage, world, country, calendar, (caller, trap, random) =>
      arrives({ stage, habits, random }, caller, trap),
    );
};
