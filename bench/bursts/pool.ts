/** Plays runs side by side, each in a thread of its own, so that none profits from what another has warmed up. */

import { Worker } from 'node:worker_threads';
import type { Size } from './calendar.ts';
import type { Score } from './ledger.ts';
import type { Habits } from './world.ts';

export type Job = { readonly name: string; readonly seed: number; readonly size: Size; readonly habits: Habits };

export type Played = { readonly job: Job; readonly score: Score; readonly seconds: number };

const play = (job: Job): Promise<Played> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: job });
    worker.once('message', ({ score, seconds }: Omit<Played, 'job'>) => resolve({ job, score, seconds }));
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The run of ${job.name} ended with ${code} and no score.`)));
  });

/** In the order of the jobs, whichever ends first. */
export const playAll = async (
  jobs: readonly Job[],
  threads: number,
  onPlayed: (played: Played) => void,
): Promise<readonly Played[]> => {
  const played: Played[] = [];
  const waiting = [...jobs.entries()];
  const lane = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [place, job] = next;
      const done = await play(job);
      played[place] = done;
      onPlayed(done);
    }
  };
  await Promise.all(Array.from({ length: threads }, lane));
  return played;
};
