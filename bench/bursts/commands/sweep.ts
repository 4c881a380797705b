/** Plays our detector with other habits of people, one at a time, and prints one table. */

import { oursName } from '../contenders/contenders.ts';
import { type Options, sizeOf } from '../options.ts';
import { onPlayed, playRuns } from '../play/pool.ts';
import { commitJudged } from '../report/commit.ts';
import { scaleOf } from '../report/results.ts';
import { sweepTable, sweptHabits } from '../report/sweep.ts';
import { writeBeside } from './beside.ts';

export const sweep = async (options: Options): Promise<void> => {
  const { seeds, behinds, threads, isWritten } = options;
  const [behindDays = 90] = behinds;
  const commit = commitJudged();
  const size = sizeOf(options);
  const jobs = sweptHabits.flatMap((habits) =>
    seeds.map((seed) => ({ name: oursName, seed, size, habits, behindDays })),
  );
  const played = await playRuns(jobs, threads, (run) => {
    const { conversion, delayMedianSeconds } = run.job.habits;
    onPlayed(run, `, conversion ${conversion}, delay ${delayMedianSeconds} s`);
  });
  const page = [
    '# The burst detector with other habits of people',
    '',
    `${commit}.`,
    '',
    `Seeds ${seeds.join(', ')}; ${scaleOf(size)}. Of attacks: messages that leaked, in all (median per attack).`,
    '',
    sweepTable(played),
    '',
  ].join('\n');
  console.log(page);
  if (isWritten) await writeBeside('sweep.md', page);
};
