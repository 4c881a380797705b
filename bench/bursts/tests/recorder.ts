/** A contender that notes its calls, and judges by a given rule. */

import type { Contender, Entry, Outcome, Visible } from '../contenders/contender.ts';
import { run } from '../play/run.ts';
import { type Family, families, quick, type Size } from '../traffic/calendar.ts';
import type { Behind } from '../traffic/world.ts';

export type Noted = {
  readonly what: 'ask' | 'verified' | 'wrong' | 'resend';
  readonly attempt: Visible;
  readonly atMs: number;
  readonly outcome?: Outcome;
};

export type Judge = (attempt: Visible) => Outcome;

export const sendsAll: Judge = () => 'sent';

export const recorder = (judge: Judge) => {
  const noted: Noted[] = [];
  const contender: Contender = {
    ask: (attempt) => {
      const outcome = judge(attempt);
      noted.push({ what: 'ask', attempt, atMs: attempt.atMs, outcome });
      return outcome;
    },
    resend: (attempt, atMs) => {
      noted.push({ what: 'resend', attempt, atMs, outcome: 'sent' });
      return 'sent';
    },
    verified: (attempt, atMs) => noted.push({ what: 'verified', attempt, atMs }),
    wrong: (attempt, atMs) => noted.push({ what: 'wrong', attempt, atMs }),
  };
  const entry: Entry = { name: 'recorder', enter: () => contender };
  return { noted, entry };
};

export const of = (noted: readonly Noted[], what: Noted['what']): readonly Noted[] =>
  noted.filter((some) => some.what === what);

export const noAttacks: Size['attacks'] = {
  ...quick.attacks,
  ...Object.fromEntries(families.map((family) => [family, 0])),
};

/** One attack and no other traffic. */
export const alone = (family: Family): Size => ({
  ...quick,
  startsPerDay: 0,
  traps: {},
  attacks: { ...noAttacks, [family]: 1 },
});

/** An attack against a given judge. */
export const attacked = (family: Family, judge: Judge, behindDays: Behind = 0) => {
  const { noted, entry } = recorder(judge);
  const score = run({ entry, seed: 1, size: alone(family), behindDays });
  const [attack] = score.attacks;
  if (attack === undefined) throw new Error(`${family} did not happen.`);
  return { noted, asks: of(noted, 'ask'), attack };
};

const free = new Map<Family, ReturnType<typeof attacked>>();

/** An attack that no judge refuses. Played once, because it is always the same. */
export const unhindered = (family: Family) => {
  const played = free.get(family) ?? attacked(family, sendsAll);
  free.set(family, played);
  return played;
};
