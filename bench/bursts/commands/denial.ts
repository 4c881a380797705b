/** Plays denial attacks, and prints whom they had refused. */

import { oursName } from '../contenders/contenders.ts';
import { aims, type DenialScore, type Game, gamesOf } from '../denial/plan.ts';
import { denialSections } from '../denial/table.ts';
import type { Options } from '../options.ts';
import { onPlayed, playAll } from '../play/pool.ts';
import { commitJudged } from '../report/commit.ts';
import { denialsFile } from '../report/results.ts';
import { writeBeside } from './beside.ts';

type Job = { readonly name: string; readonly seed: number; readonly games: readonly Game[] };
type Result = readonly { readonly game: Game; readonly score: DenialScore }[];

/** One job for each target of each world: a thread plays some games and ends. */
const jobsOf = ({ names, seeds, behinds, isQuick, isNamed }: Options): readonly Job[] =>
  (isNamed ? names : [oursName]).flatMap((name) =>
    behinds.flatMap((behindDays) =>
      seeds.flatMap((seed) => {
        const games = gamesOf(seed, behindDays, { isQuick });
        return aims.map((aim) => ({ name, seed, games: games.filter((game) => game.aim === aim) }));
      }),
    ),
  );

export const deny = async (options: Options): Promise<void> => {
  const { seeds, threads, isWritten } = options;
  const commit = commitJudged();
  const jobs = jobsOf(options);
  const runs = await playAll<Job, Result>(new URL('../denial/worker.ts', import.meta.url), jobs, threads, (run) => {
    const [game] = run.job.games;
    onPlayed(run, `, ${game?.aim}, ${game?.behindDays} days behind it`);
  });
  const played = runs.flatMap(({ job, score }) => score.map((each) => ({ name: job.name, ...each })));
  const names = [...new Set(jobs.map(({ name }) => name))];
  const page = [
    '# Denial attacks',
    '',
    `${commit}.`,
    '',
    `Seeds ${seeds.join(', ')}. The attacker wants others refused, for six hours, and takes the IPs that work best. A person is refused who`,
    'asks and gets no code within ten minutes. In brackets: intervals of 95%.',
    '',
    ...names.flatMap((name) => denialSections(name, played)),
  ].join('\n');
  console.log(page);
  if (isWritten) await writeBeside(denialsFile, page);
};
