/** One run of the hold-out: one contender, one seed, in closed loop. */

import type { Entry } from './contender.ts';
import { attacksOf } from './holdout-attacks.ts';
import { type HoldoutSize, holdoutCalendarOf } from './holdout-calendar.ts';
import { type HoldoutLabel, type HoldoutLedger, type HoldoutScore, holdoutLedgerOf } from './holdout-ledger.ts';
import { newcomers, ordinaryVisits } from './holdout-traffic.ts';
import { crowdsOf, healthIn } from './holdout-traps.ts';
import type { Scene } from './holdout-visit.ts';
import { holdoutWorldOf } from './holdout-world.ts';
import { stageFor } from './stage.ts';

export type HoldoutRun = { readonly entry: Entry; readonly seed: number; readonly size: HoldoutSize };

export const holdoutRun = ({ entry, seed, size }: HoldoutRun): HoldoutScore => {
  const world = holdoutWorldOf(seed, size.startsPerDay);
  const calendar = holdoutCalendarOf(world, size);
  const ledger = holdoutLedgerOf(calendar);
  const contender = entry.enter(seed);
  const stage = stageFor<HoldoutLabel, HoldoutLedger>(contender, ledger, calendar.startMs);
  const scene: Scene = { stage, world, healthOf: healthIn(world, calendar) };
  const news = newcomers();
  ordinaryVisits(scene, news, calendar);
  crowdsOf(scene, news, calendar);
  attacksOf(scene, calendar, size.volume);
  stage.play();
  return ledger.closed(contender.report?.());
};
