/** The calls of a verification, as they were made. */

import type { Call } from './fake-aws.ts';
import { type Contender, nextRun } from './measure.ts';

/** Calls of a flow: those of a wave run at the same time. */
export type Waves = readonly (readonly { readonly operation: string; readonly body: string }[])[];

export type Recorded = { readonly send: Waves; readonly check: Waves };

/** Groups calls: one that starts before any call of the wave has its answer is in the same wave. */
export const wavesOf = (calls: readonly Call[]): Waves => {
  const waves: Call[][] = [];
  for (const call of calls.toSorted((a, b) => a.startedMs - b.startedMs)) {
    const wave = waves.at(-1);
    if (wave?.every(({ endedMs }) => call.startedMs < endedMs)) wave.push(call);
    else waves.push([call]);
  }
  return waves.map((wave) => wave.map(({ operation, body }) => ({ operation, body })));
};

/** Long enough that calls at the same time overlap on a busy machine. */
const recordingMs = 60;

export const recordFlow = async ({ aws, verify }: Contender): Promise<Recorded> => {
  await verify(nextRun());
  aws.delay(() => recordingMs);
  await aws.report();
  await verify(nextRun());
  const waves = wavesOf((await aws.report()).calls);
  aws.delay(() => 0);
  const published = waves.findIndex((wave) => wave.some(({ operation }) => operation === 'Publish'));
  return { send: waves.slice(0, published + 1), check: waves.slice(published + 1) };
};
