/** Plays runs side by side, each in a thread of its own, so that none profits from what another has warmed up. */

import { Worker } from 'node:worker_threads';
import type { Size } from '../traffic/calendar.ts';
import type { Habits } from '../traffic/world.ts';
import type { Score } from './ledger.ts';

export type Job = { readonly name: string; readonly seed: number; readonly size: Size; readonly habits: Habits };

type Named = { readonly name: string };

export type Played<Playable = Job, Result = Score> = {
  readonly job: Playable;
  readonly score: Result;
  readonly seconds: number;
};

const play = <Playable extends Named, Result>(script: URL, job: Playable): Promise<Played<Playable, Result>> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(script, { workerData: job });
    worker.once('message', ({ score, seconds }: Omit<Played<Playable, Result>, 'job'>) =>
      resolve({ job, score, seconds }),
    );
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The run of ${job.name} ended with ${code} and no score.`)));
  });

/**
 * In the order of the jobs, whichever ends first.
 *
 * @param script what plays a job: it takes it as its data, and posts the score and the seconds that it took.
 */
export const playAll = async <Playable extends Named, Result>(
  script: URL,
  jobs: readonly Playable[],
  threads: number,
  onPlayed: (played: Played<Playable, Result>) => void,
): Promise<readonly Played<Playable, Result>[]> => {
  const played: Played<Playable, Result>[] = [];
  const waiting = [...jobs.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, job] = next;
      const done = await play<Playable, Result>(script, job);
      played[place] = done;
      onPlayed(done);
    }
  };
  await Promise.all(Array.from({ length: threads }, lane));
  return played;
};
