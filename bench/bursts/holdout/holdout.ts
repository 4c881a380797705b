/**
 * The hold-out: traffic and attacks by another author, who had seen neither the detector nor the first generator.
 * Nothing is tuned on it: a change of the detector after a look at its table spends it.
 */

import { type Played, playAll } from '../play/pool.ts';
import { type HoldoutSize, quickWeek, week } from './calendar.ts';
import type { HoldoutScore } from './ledger.ts';
import { holdoutTable } from './table.ts';

export type HoldoutJob = { readonly name: string; readonly seed: number; readonly size: HoldoutSize };

export const holdoutSeeds: readonly number[] = [101, 102, 103];

export type Asked = {
  readonly names: readonly string[];
  readonly seeds: readonly number[];
  readonly isQuick: boolean;
  readonly threads: number;
  readonly onPlayed: (played: Played<HoldoutJob, HoldoutScore>) => void;
};

/** Plays all runs. @returns the table in Markdown. */
export const judgedByHoldout = async ({ names, seeds, isQuick, threads, onPlayed }: Asked): Promise<string> => {
  const size = isQuick ? quickWeek : week;
  const jobs: readonly HoldoutJob[] = names.flatMap((name) => seeds.map((seed) => ({ name, seed, size })));
  const played = await playAll<HoldoutJob, HoldoutScore>(
    new URL('./worker.ts', import.meta.url),
    jobs,
    threads,
    onPlayed,
  );
  const columns = names.map((name) => ({
    name,
    scores: played.filter(({ job }) => job.name === name).map(({ score }) => score),
  }));
  return [
    `Hold-out, seeds ${seeds.join(', ')}; ${size.startsPerDay.toLocaleString('en-US')} verifications a day, ${size.warmUpDays} days to warm up, ${size.testDays} days of test;`,
    `attacks of each kind in a seed: ${size.attacksPerKind}, traps: ${size.trapsPerKind}. Legitimate visits without any SMS in ppm (how many; ≤ bound at`,
    '95%), then messages that leaked (median per attack). Traffic and attacks are synthetic.',
    '',
    holdoutTable(columns),
  ].join('\n');
};
