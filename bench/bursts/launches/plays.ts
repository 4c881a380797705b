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
  dayMs,
  type Family,
  families,
  hourMs,
  quick,
  startMs as runStartMs,
  type Size,
  type Trap,
  type TrapKind,
} from '../traffic/calendar.ts';
import { attackHours } from '../traffic/sizes.ts';
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

/** Requests that staff expect: those of the crowd, and as many as usually come meanwhile. */
const expectedOf = ({ country, startMs, endMs }: Trap, { startsPerDay }: Scale, people: number): number =>
  Math.ceil(people + (startsPerDay * country.share * (endMs - startMs)) / dayMs);

/** A crowd without attacks. */
export const crowd = (kind: TrapKind, seed: number, scale: Scale, isAnnounced: boolean): Played => {
  const size = { ...sizeOf(scale, 1), cleanDays: [0], traps: { [kind]: 1 } };
  const { traps } = calendarOf(worldOf(seed, scale.startsPerDay, undefined, behindDays), size);
  const launches = isAnnounced ? traps.map((trap) => announced(trap, scale.startsPerDay)) : [];
  return play(size, seed, launches);
};

/** The crowd of a marketing campaign in the country of an attack, from an hour before it until an hour after it. */
const coverOf = ({ countries: [country], startMs, endMs }: Attack): Trap => ({
  kind: 'spike',
  country,
  startMs: Math.max(runStartMs, startMs - hourMs),
  endMs: endMs + hourMs,
});

/** People of a campaign, as a share of a day: as `traffic/traps.ts` has them. */
const spikeShare = 0.12;

/** An attack behind a marketing campaign in its country. */
export const hiddenAttack = (family: Family, seed: number, scale: Scale, isAnnounced: boolean): Played => {
  const size = { ...sizeOf(scale, Math.ceil(attackHours[family] / 24)), attacks: { ...noAttacks, [family]: 1 } };
  const arranged = (calendar: Calendar): Calendar => ({ ...calendar, traps: calendar.attacks.map(coverOf) });
  const { traps } = arranged(calendarOf(worldOf(seed, scale.startsPerDay, undefined, behindDays), size));
  const launches = traps.map((trap) => announced(trap, expectedOf(trap, scale, spikeShare * scale.startsPerDay)));
  return play(size, seed, isAnnounced ? launches : [], arranged);
};
