/**
 * Measures a whole verification, a send and its check, in a warm container: CPU, pace, memory, calls and connections. Beside
 * this service stand the bare SDK with the same calls, the usual stack of `bench/baseline`, and the peers of `bench/peers`.
 *
 *     npm run bench:flow [-- --rounds 12] [--flows 100] [--memory-flows 5000] [--memory-runs 3]
 *                        [--before DIR] [--profile DIR] [--quick] [--write [--noisy]]
 *
 * --rounds       how often each contender is measured, in random order
 * --flows        verifications of a measurement
 * --memory-flows verifications in a fresh process, after which its memory is measured
 * --memory-runs  fresh processes of this service for that
 * --before       another checkout of this project, which runs as a contender of its own
 * --profile      folder that gets the CPU profiles
 * --quick        that the bench runs: its figures say nothing
 * --write        writes bench/results/flow.json, unless other programs ran; with --noisy even then
 *
 * Driver, AWS and each contender are processes of their own. The containers call AWS over TLS.
 */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandOf } from '../report/command.ts';
import { isNoisy, watchLoad } from '../report/machine.ts';
import { type Result, resultOf } from '../report/results.ts';
import { shuffled } from '../report/statistics.ts';
import { type Contest, contestOf, type Entrant, startJudged } from './contest.ts';
import { measure } from './measure.ts';
import { memoryOf } from './memory.ts';
import { startFakeAws } from './processes.ts';
import { profileOf } from './profile/profile.ts';
import { depthSentence, expectSameCalls, type Measured, type Profiles, tablesOf, targetsOf } from './report.ts';

const counts = {
  rounds: { usual: 12, quick: 2 },
  flows: { usual: 100, quick: 8 },
  'memory-flows': { usual: 5000, quick: 16 },
  'memory-runs': { usual: 3, quick: 1 },
};
const { command, isQuick, count, text, publish } = commandOf('bench:flow', counts, process.argv.slice(2), [
  'before',
  'profile',
]);
const [rounds, flows] = [count('rounds'), count('flows')];
/** Verifications until V8 has compiled what is hot. */
const warmUp = isQuick ? 8 : 200;

/** One at a time, as Lambda runs a container, and 16 at a time. */
const concurrencies = [1, 16];

const measureSpeed = async (entrants: Contest['entrants'], look: () => void): Promise<Measured['samples']> => {
  const contenders = [];
  for (const entrant of entrants) contenders.push(await startJudged(entrant));
  const samples = [];
  for (const contender of contenders) await measure(contender, { concurrency: 16, flows: warmUp });
  for (let round = 0; round < rounds; round += 1)
    for (const concurrency of shuffled(concurrencies, Math.random))
      for (const contender of shuffled(contenders, Math.random)) {
        samples.push({ ...(await measure(contender, { concurrency, flows })), round });
        look();
      }
  for (const { stop } of contenders) stop();
  return samples;
};

/** This service several times, and the other two that call AWS once. */
const measureMemory = async (entrants: Contest['entrants']): Promise<Measured['memories']> => {
  const [ours, ...others] = entrants;
  const beside = others.filter(({ name }) => name === 'bare SDK' || name === 'usual stack');
  const measured = [];
  for (const entrant of [...Array.from({ length: count('memory-runs') }, () => ours), ...beside])
    measured.push(await memoryOf(entrant, count('memory-flows')));
  return measured;
};

const profileAll = async (entrants: readonly Entrant[]): Promise<Profiles> => {
  const profiles = new Map();
  for (const entrant of entrants.filter(({ maps }) => maps !== undefined))
    profiles.set(entrant.name, await profileOf(entrant, { flows: 3 * flows, warmUp, keep: text('profile') }));
  return profiles;
};

type Watch = ReturnType<typeof watchLoad>;

const measureAll = async ({ entrants, depths }: Contest, watch: Watch): Promise<Result> => {
  const samples = await measureSpeed(entrants, watch.look);
  const memories = await measureMemory(entrants);
  const profiles = await profileAll(entrants);
  watch.look();
  const [ours, ...others] = entrants.map(({ name }) => name);
  const contenders = [ours ?? 'ours', ...others] as const;
  const measured = { contenders, concurrencies, depths, samples, memories, profiles };
  expectSameCalls(measured);
  const loads = watch.loads();
  const noise = isNoisy(loads) ? ['Other programs ran during this run: its figures are rough.'] : [];
  return resultOf({
    bench: 'flow',
    command,
    loads,
    tables: tablesOf(measured),
    targets: targetsOf(measured),
    notes: [depthSentence(measured), ...noise],
  });
};

// Before anything of its own runs: bundling makes a load too.
const watch = watchLoad();
const folder = await mkdtemp(path.join(tmpdir(), 'flow-'));
const aws = await startFakeAws();
try {
  const kept = text('profile');
  if (kept !== undefined) await mkdir(kept, { recursive: true });
  await publish(await measureAll(await contestOf({ aws, folder }, text('before')), watch));
} finally {
  aws.stop();
  await rm(folder, { recursive: true, force: true });
}
