/** Plays one run: one contender, one seed, in closed loop. */

import type { Entry } from '../contenders/contender.ts';
import { attacks } from '../traffic/attacks/attacks.ts';
import { type Calendar, calendarOf, type Size } from '../traffic/calendar.ts';
import { ordinaryTraffic } from '../traffic/ordinary.ts';
import { pastOf } from '../traffic/past.ts';
import { crowds } from '../traffic/traps.ts';
import { type Behind, type Habits, usualHabits, worldOf } from '../traffic/world.ts';
import type { Label } from './book.ts';
import { type Ledger, ledgerOf, type Score } from './ledger.ts';
import { stageFor } from './stage.ts';

export type Run = {
  readonly entry: Entry;
  readonly seed: number;
  readonly size: Size;
  readonly habits?: Habits;
  /** Days that the service has been running before. */
  readonly behindDays?: Behind;
  /** Traps and attacks of the run, from those that its seed gives. */
  readonly arranged?: (calendar: Calendar) => Calendar;
};

const asDealt = (calendar: Calendar): Calendar => calendar;

export const run = ({ entry, seed, size, habits = usualHabits, behindDays = 0, arranged = asDealt }: Run): Score => {
  const world = worldOf(seed, size.startsPerDay, habits, behindDays);
  const calendar = arranged(calendarOf(world, size));
  const ledger = ledgerOf(calendar);
  const contender = entry.enter(seed);
  const past = pastOf(world);
  if (past !== undefined) contender.remember?.(past);
  const stage = stageFor<Label, Ledger>(contender, ledger, calendar.startMs);
  ordinaryTraffic(stage, world, calendar, habits);
  crowds(stage, world, calendar, habits);
  attacks(stage, world, calendar);
  stage.play();
  return ledger.closed(contender.report?.());
};
