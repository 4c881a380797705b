/** Plays one denial attack: the country of the target, its people, and the attacker. */

import type { Contender, Entry, Outcome, Visible } from '../contenders/contender.ts';
import type { Label, Notes } from '../play/book.ts';
import { type Random, randomFrom } from '../play/random.ts';
import { type Stage, stageFor, visibleOf } from '../play/stage.ts';
import { startMs } from '../traffic/calendar.ts';
import { dayMs, hourMs, minuteMs } from '../traffic/kinds.ts';
import { streamOf } from '../traffic/ordinary.ts';
import { pastOf } from '../traffic/past.ts';
import { personOf } from '../traffic/people.ts';
import { temperOf, verifies } from '../traffic/person.ts';
import { type Caller, usualHabits, type World, worldOf } from '../traffic/world.ts';
import { attacks } from './attacker.ts';
import { standingOf, type Target, targetOf } from './crowd.ts';
import { meansOf } from './means.ts';
import {
  burst,
  type DenialScore,
  type Game,
  hoursAfter,
  hoursBefore,
  hoursOfAttack,
  type Refused,
  type Standing,
  type Times,
} from './plan.ts';
import { victimOf, victimsOf } from './victims.ts';
import { visits } from './visit.ts';

const startsPerDay = 40_000;
/** Local hour at which a game begins. */
const firstHour = 9;

const timesIn = ({ country }: Target): Times => {
  const from = startMs + dayMs + (firstHour - country.utcOffsetHours) * hourMs;
  const attackMs = from + hoursBefore * hourMs;
  const stopMs = attackMs + hoursOfAttack * hourMs;
  return { startMs: from, attackMs, stopMs, endMs: stopMs + hoursAfter * hourMs };
};

type Tallies = Record<Standing, Refused>;

const noPeople = (): Tallies => ({
  pair: { total: 0, refused: 0 },
  'trusted elsewhere': { total: 0, refused: 0 },
  new: { total: 0, refused: 0 },
});

/** Notes the attacker's messages. */
const notesOf = (score: { sent: number; asked: number }): Notes => {
  const note = (_: Visible, label: Label, outcome: Outcome): void => {
    if (label.legit) return;
    score.asked += 1;
    if (outcome === 'sent') score.sent += 1;
  };
  return { asked: note, resent: note, guessed: () => undefined, settled: () => undefined };
};

/** From when on people count: in the free game, after what the burst did is over. */
const countsFromMs = ({ budget }: Game, { attackMs }: Times): number =>
  budget === 'free' ? attackMs + (burst.minutes + burst.settlesMinutes) * minuteMs : attackMs;

/** Minutes until a sample of unknown people of the target is let through. */
const endOf = (stage: Stage, contender: Contender, sample: () => Caller, { stopMs, endMs }: Times) => {
  const over = { minutes: 0 };
  const isRefused = (): boolean => contender.wouldSend?.(visibleOf(sample(), 0, stage.now())) === false;
  for (let atMs = stopMs; atMs < endMs; atMs += minuteMs)
    stage.at(atMs, () => {
      const refused = [isRefused(), isRefused(), isRefused()].filter(Boolean).length;
      if (refused > 0) over.minutes = (atMs - stopMs) / minuteMs + 1;
    });
  return over;
};

export const play = (entry: Entry, game: Game): DenialScore => {
  const world = worldOf(game.seed, startsPerDay, usualHabits, game.behindDays);
  const target = targetOf(world, game.aim);
  const times = timesIn(target);
  const contender = entry.enter(game.seed);
  const past = pastOf(world, game.aim === 'launch day' ? [] : [target.country], times.startMs);
  if (past !== undefined) contender.remember?.({ ...past, usual: [...target.usual, ...past.usual] });
  const score = { sent: 0, asked: 0 };
  const people = noPeople();
  const stage = stageFor<Label, Notes>(contender, notesOf(score), times.startMs);
  const random = randomFrom(game.seed, 'people of the target', game.aim);

  const countsFrom = countsFromMs(game, times);
  const comes = (caller: Caller, standing = standingOf(caller)) => {
    const isCounted = stage.now() >= countsFrom && stage.now() < times.stopMs;
    visits(stage, caller, random, {
      // The victim of an attack on a number wants to sign in, and uses up none of its own SMS.
      conversion: game.aim === 'number' ? 1 : caller.country.conversion,
      onEnd: (isServed) => {
        if (!isCounted) return;
        people[standing].total += 1;
        if (!isServed) people[standing].refused += 1;
      },
    });
  };

  streamOf(stage, world, target.country, { ...times, traps: [] }, (caller, _, chance) => {
    if (target.has(caller)) comes(caller);
    else
      verifies(stage, caller, temperOf(chance, usualHabits, caller.country.conversion), {
        trap: undefined,
        isFirst: false,
      });
  });
  crowd(stage, target, times, random, comes);
  const means = meansOf(stage, world, game, target, times);
  if (game.aim === 'number') victimsOf({ stage, world, target, times, random, comes, means });
  else attacks(means);
  const sampled = randomFrom(game.seed, 'sample', game.aim);
  const over = endOf(stage, contender, sampleOf(world, game, target, sampled), times);
  stage.play();
  return { people, ...score, overAfterMinutes: over.minutes };
};

/** Unknown people of the target, and of a number its holder. */
const sampleOf =
  (world: World, { aim }: Game, target: Target, random: Random) =>
  (): Caller => {
    if (aim === 'number') return victimOf(world, target, 'pair 0');
    const unknown = (): Caller => {
      const caller = target.person(random);
      return caller.verifiedBefore ? unknown() : caller;
    };
    if (aim === 'office' || aim === 'gateway' || aim === 'range') return unknown();
    return personOf(world, target.country, random.below(2 ** 31), false);
  };

/** People of a small target come evenly. */
const crowd = (
  stage: Stage,
  { perHour, person }: Target,
  { startMs: fromMs, endMs }: Times,
  random: Random,
  comes: (caller: Caller) => void,
) => {
  if (perHour === 0) return;
  const next = (afterMs: number) => {
    const atMs = afterMs + random.exponential(hourMs / perHour);
    if (atMs >= endMs) return;
    stage.at(Math.floor(atMs), () => {
      comes(person(random));
      next(atMs);
    });
  };
  next(fromMs);
};
