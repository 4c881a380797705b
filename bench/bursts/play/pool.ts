/** Plays runs side by side. Each has a thread of its own, so that no run finds warm code of another. */

import { Worker } from 'node:worker_threads';
import type { Size } from '../traffic/calendar.ts';
import type { Behind, Habits } from '../traffic/world.ts';
import type { Score } from './ledger.ts';

export type Job = {
  readonly name: string;
  readonly seed: number;
  readonly size: Size;
  readonly habits: Habits;
  readonly behindDays: Behind;
};

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
 * Plays all jobs.
 *
 * @param script plays one job: takes it as its data, posts the score and the seconds.
 * @returns the runs in the order of the jobs.
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

export const playRuns = (
  jobs: readonly Job[],
  threads: number,
  onRun: (played: Played) => void,
): Promise<readonly Played[]> => playAll<Job, Score>(new URL('./worker.ts', import.meta.url), jobs, threads, onRun);

type Timed = { readonly job: { readonly name: string; readonly seed: number }; readonly seconds: number };

/** Says on stderr that a run is over. */
export const onPlayed = ({ job, seconds }: Timed, more = ''): void => {
  console.error(`${job.name}, seed ${job.seed}${more}: ${seconds.toFixed(1)} s`);
};
