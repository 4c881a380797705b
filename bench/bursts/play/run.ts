/** Plays one run: one contender, one seed, in closed loop. */

import type { Entry } from '../contenders/contender.ts';
import { attacks } from '../traffic/attacks.ts';
import { calendarOf, type Size } from '../traffic/calendar.ts';
import { ordinaryTraffic } from '../traffic/ordinary.ts';
import { crowds } from '../traffic/traps.ts';
import { type Habits, usualHabits, worldOf } from '../traffic/world.ts';
import { type Label, type Ledger, ledgerOf, type Score } from './ledger.ts';
import { stageFor } from './stage.ts';

export type Run = {
  readonly entry: Entry;
  readonly seed: number;
  readonly size: Size;
  readonly habits?: Habits;
};

export const run = ({ entry, seed, size, habits = usualHabits }: Run): Score => {
  const world = worldOf(seed, size.startsPerDay, habits);
  const calendar = calendarOf(world, size);
  const ledger = ledgerOf(calendar);
  const contender = entry.enter(seed);
  const stage = stageFor<Label, Ledger>(contender, ledger, calendar.startMs);
  ordinaryTraffic(stage, world, calendar, habits);
  crowds(stage, world, calendar, habits);
  attacks(stage, world, calendar);
  stage.play();
  return ledger.closed(contender.report?.());
};
