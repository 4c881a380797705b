/** Crowds and attacks in launches that staff announce, and the same without an announcement. */

import type { Launch } from '../../../lambdas/bursts/evidence/launches.ts';
import type { Entry, Report } from '../contenders/contender.ts';
import { codes } from '../contenders/contenders.ts';
import { ours } from '../contenders/ours/ours.ts';
import type { Score } from '../play/ledger.ts';
import { run } from '../play/run.ts';
import {
  type Attack,
  type Calendar,
  calendarOf,
  type Family,
  families,
  hourMs,
  quick,
  type Size,
  type Trap,
  type TrapKind,
} from '../traffic/calendar.ts';
import { worldOf } from '../traffic/world.ts';

export type Scale = { readonly startsPerDay: number; readonly warmUpDays: number };

export type Played = { readonly score: Score; readonly report: Report };

const noAttacks: Size['attacks'] = {
  ...quick.attacks,
  ...Object.fromEntries(families.map((family) => [family, 0])),
};

const sizeOf = (scale: Scale, testDays: number): Size => ({
  ...quick,
  ...scale,
  testDays,
  cleanDays: [],
  traps: {},
  attacks: noAttacks,
});

const behindDays = 90;

const play = (
  size: Size,
  seed: number,
  launches: readonly Launch[],
  arranged?: (calendar: Calendar) => Calendar,
): Played => {
  const inner = ours('ours', codes, {}, launches);
  let report: Report | undefined;
  const entry: Entry = {
    ...inner,
    enter: (...given) => {
      const contender = inner.enter(...given);
      return {
        ...contender,
        report: () => {
          report = contender.report?.();
          return report ?? { findings: [], blocks: 0 };
        },
      };
    },
  };
  const score = run({ entry, seed, size, behindDays, ...(arranged === undefined ? {} : { arranged }) });
  return { score, report: report ?? { findings: [], blocks: 0 } };
};

const announced = ({ country, startMs, endMs }: Trap, expected: number): Launch => ({
  level: 'country',
  of: country.code,
  fromMs: startMs,
  untilMs: endMs,
  expected,
  reason: 'the bench announces it',
  author: 'bench',
});

/** A crowd without attacks. */
export const crowd = (kind: TrapKind, seed: number, scale: Scale, expected: number | undefined): Played => {
  const size = { ...sizeOf(scale, 1), cleanDays: [0], traps: { [kind]: 1 } };
  const { traps } = calendarOf(worldOf(seed, scale.startsPerDay, undefined, behindDays), size);
  const launches = expected === undefined ? [] : traps.map((trap) => announced(trap, expected));
  return play(size, seed, launches);
};

/** The crowd of a marketing campaign in the country of an attack, from an hour before it until it is over. */
const coverOf = ({ countries: [country], startMs }: Attack, lastsHours: number): Trap => ({
  kind: 'spike',
  country,
  startMs: startMs - hourMs,
  endMs: startMs + lastsHours * hourMs,
});

export type Hidden = { readonly family: Family; readonly lastsHours: number };

/** An attack behind a marketing campaign in its country. */
export const hiddenAttack = (
  { family, lastsHours }: Hidden,
  seed: number,
  scale: Scale,
  expected: number | undefined,
): Played => {
  const size = { ...sizeOf(scale, 3), attacks: { ...noAttacks, [family]: 1 } };
  const arranged = (calendar: Calendar): Calendar => ({
    ...calendar,
    traps: calendar.attacks.map((attack) => coverOf(attack, lastsHours)),
  });
  const { traps } = arranged(calendarOf(worldOf(seed, scale.startsPerDay, undefined, behindDays), size));
  const launches = expected === undefined ? [] : traps.map((trap) => announced(trap, expected));
  return play(size, seed, launches, arranged);
};
