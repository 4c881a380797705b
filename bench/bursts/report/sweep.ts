/** The table of our detector with other habits of people. */

import type { Played } from '../play/pool.ts';
import { type Habits, usualHabits } from '../traffic/world.ts';
import { markdown } from './figures.ts';
import { summaryOf } from './summary.ts';
import { blockedShare, leakedShare } from './targets.ts';

export const conversions = [0.6, 0.75, 0.86, 0.95] as const;
export const delays = [9, 18, 36, 60] as const;

/** Changes one habit at a time. The usual habits come once. */
export const sweptHabits: readonly Habits[] = [
  ...conversions.map((conversion) => ({ ...usualHabits, conversion })),
  ...delays
    .filter((delayMedianSeconds) => delayMedianSeconds !== usualHabits.delayMedianSeconds)
    .map((delayMedianSeconds) => ({ ...usualHabits, delayMedianSeconds })),
];

const attacks = ['A1', 'A2', 'A4', 'A5', 'A8'] as const;

/** A row for each habit, with all seeds together. */
export const sweepTable = (played: readonly Played[]): string => {
  const isOf = (habits: Habits, { job }: Played) =>
    job.habits.conversion === habits.conversion && job.habits.delayMedianSeconds === habits.delayMedianSeconds;
  return markdown(
    ['conversion', 'median delay, s', 'blocked, ppm', 'on clean days, ppm', ...attacks],
    sweptHabits.map((habits) => {
      const summary = summaryOf(played.filter((each) => isOf(habits, each)).map(({ score }) => score));
      return [
        String(habits.conversion),
        String(habits.delayMedianSeconds),
        blockedShare(summary.whole),
        blockedShare(summary.cleanWithOutages),
        ...attacks.map((family) => leakedShare(family)(summary)?.text ?? '–'),
      ];
    }),
  );
};
