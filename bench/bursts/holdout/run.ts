/** Plays one run of the hold-out: one contender, one seed, in closed loop. */

import type { Entry } from '../contenders/contender.ts';
import { stageFor } from '../play/stage.ts';
import { attacksOf } from './attacks.ts';
import { type HoldoutSize, holdoutCalendarOf } from './calendar.ts';
import { type HoldoutLabel, type HoldoutLedger, type HoldoutScore, holdoutLedgerOf } from './ledger.ts';
import { noNewcomers, ordinaryVisits } from './traffic.ts';
import { crowdsOf, healthIn } from './traps.ts';
import type { Scene } from './visit.ts';
import { holdoutWorldOf } from './world.ts';

export type HoldoutRun = { readonly entry: Entry; readonly seed: number; readonly size: HoldoutSize };

export const holdoutRun = ({ entry, seed, size }: HoldoutRun): HoldoutScore => {
  const world = holdoutWorldOf(seed, size.startsPerDay);
  const calendar = holdoutCalendarOf(world, size);
  const ledger = holdoutLedgerOf(calendar);
  const contender = entry.enter(seed);
  const stage = stageFor<HoldoutLabel, HoldoutLedger>(contender, ledger, calendar.startMs);
  const scene: Scene = { stage, world, healthOf: healthIn(world, calendar) };
  const newcomers = noNewcomers();
  ordinaryVisits(scene, newcomers, calendar);
  crowdsOf(scene, newcomers, calendar);
  attacksOf(scene, calendar, size.volume);
  stage.play();
  return ledger.closed(contender.report?.());
};
