/** Plays the hold-out, and prints one table. */

import { judgedByHoldout } from '../holdout/holdout.ts';
import type { Options } from '../options.ts';
import { onPlayed } from '../play/pool.ts';
import { commitJudged } from '../report/commit.ts';
import { writeBeside } from './beside.ts';

export const judgeByHoldout = async ({ names, seeds, isQuick, threads, isWritten }: Options): Promise<void> => {
  const commit = commitJudged();
  const table = await judgedByHoldout({ names, seeds, isQuick, threads, onPlayed: (run) => onPlayed(run) });
  const page = `# The burst detector, judged by another hand\n\n${commit}.\n\n${table}\n`;
  console.log(page);
  if (isWritten) await writeBeside('holdout.md', page);
};
