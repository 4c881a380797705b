/** Plays our detector with each part left out, and prints one table. */

import { parts } from '../ablation/parts.ts';
import { type Ablated, ablationTable } from '../ablation/table.ts';
import { type Options, sizeOf } from '../options.ts';
import { type Job, onPlayed, playAll } from '../play/pool.ts';
import { commitJudged } from '../report/commit.ts';
import { scaleOf } from '../report/results.ts';
import { writeBeside } from './beside.ts';

export const ablate = async (options: Options): Promise<void> => {
  const { seeds, behinds, habits, threads, isWritten } = options;
  const commit = commitJudged();
  const size = sizeOf(options);
  const jobs: readonly Job[] = behinds.flatMap((behindDays) =>
    parts.flatMap(({ name }) => seeds.map((seed) => ({ name, seed, size, habits, behindDays }))),
  );
  const runs = await playAll<Job, Omit<Ablated, 'name'>>(
    new URL('../ablation/worker.ts', import.meta.url),
    jobs,
    threads,
    (run) => onPlayed(run, ' left out'),
  );
  const page = [
    '# The burst detector with a part left out',
    '',
    `${commit}.`,
    '',
    `Seeds ${seeds.join(', ')}; worlds with ${behinds.join(' and ')} days behind them; ${scaleOf(size)}. Denial attacks with 100 SMS an hour.`,
    '',
    ablationTable(runs.map(({ job, score }) => ({ name: job.name, ...score }))),
    '',
  ].join('\n');
  console.log(page);
  if (isWritten) await writeBeside('ablation.md', page);
};
