/** Plays each contender with each seed, and prints the tables. */

import { oursName } from '../contenders/contenders.ts';
import { measureAll, quickMeasures, wholeMeasures } from '../measures/measures.ts';
import { type Options, sizeOf } from '../options.ts';
import { type Job, onPlayed, playRuns } from '../play/pool.ts';
import { commitJudged } from '../report/commit.ts';
import { denialsFile, plotsOf, resultsPage } from '../report/results.ts';
import { readBeside, writeBeside } from './beside.ts';

const jobsOf = (options: Options): readonly Job[] => {
  const { names, seeds, otherSeeds, behinds, habits } = options;
  const size = sizeOf(options);
  return names.flatMap((name) =>
    behinds.flatMap((behindDays, world) => {
      if (otherSeeds !== undefined && name !== oursName && world > 0) return [];
      const isWhole = otherSeeds === undefined || (name === oursName && world === 0);
      return (isWhole ? seeds : seeds.slice(0, otherSeeds)).map((seed) => ({ name, seed, size, habits, behindDays }));
    }),
  );
};

export const judge = async (options: Options): Promise<void> => {
  const { isQuick, isMeasured, isWritten, threads, names } = options;
  const commit = commitJudged();
  const played = await playRuns(jobsOf(options), threads, (run) =>
    onPlayed(run, `, ${run.job.behindDays} days behind it`),
  );
  // After all runs: measures of time need an idle machine.
  const measures = isMeasured
    ? await measureAll(isQuick ? quickMeasures : wholeMeasures, (step) => console.error(`${step} …`))
    : undefined;
  const shown = names.includes(oursName) ? oursName : (names[0] ?? oursName);
  const page = resultsPage({ commit, options, played, shown, measures, denials: await readBeside(denialsFile) });
  console.log(page);
  if (!isWritten) return;
  await writeBeside('results.md', page);
  for (const { file, svg } of plotsOf(played, shown)) await writeBeside(`plots/${file}`, svg);
};
