/**
 * Measures a whole verification, a send and its check, in a warm container: CPU, pace, memory, calls and connections. Beside
 * this service stand the bare SDK with the same calls, the usual stack of `bench/baseline`, and the peers of `bench/peers`.
 *
 *     npm run bench:flow [-- --rounds 12] [--flows 100] [--before DIR] [--profile DIR] [--quick] [--write [--noisy]]
 *
 * --rounds  how often each contender is measured, in random order
 * --flows   verifications of a measurement
 * --before  another checkout of this project, which runs as a contender of its own
 * --profile folder that gets the CPU profiles
 * --quick   that the bench runs: its figures say nothing
 * --write   writes bench/results/flow.json, unless other programs ran, or with --noisy even then
 *
 * Driver, AWS and each contender are processes of their own. The containers call AWS over TLS.
 */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { isNoisy, watchLoad } from '../report/machine.ts';
import { type Result, resultOf, writeResult } from '../report/results.ts';
import { shuffled } from '../report/statistics.ts';
import { type Contest, contestOf, type Entrant } from './contest.ts';
import { type Contender, measure, nextRun } from './measure.ts';
import { memoryOf } from './memory.ts';
import { startFakeAws } from './processes.ts';
import { profileOf } from './profile/profile.ts';
import { depthSentence, expectSameCalls, type Measured, type Profiles, report, tablesOf, targetsOf } from './report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    flows: { type: 'string', default: '100' },
    before: { type: 'string' },
    profile: { type: 'string' },
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    noisy: { type: 'boolean', default: false },
  },
});

const counted = (name: 'rounds' | 'flows'): number => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} is ${values[name]}. Allowed are whole numbers from 1: for example --${name} 12.`);
  return number;
};

const { rounds, flows, warmUp, profiled, memoryFlows, memoryRuns } = values.quick
  ? { rounds: 2, flows: 8, warmUp: 8, profiled: 8, memoryFlows: 16, memoryRuns: 1 }
  : {
      rounds: counted('rounds'),
      flows: counted('flows'),
      warmUp: 200,
      profiled: 300,
      memoryFlows: 5000,
      memoryRuns: 3,
    };

/** One at a time, as Lambda runs a container, and 16 at a time. */
const concurrencies = [1, 16];

/** A contender that approves what is wrong would be fast. */
const judged = async (entrants: Contest['entrants']): Promise<readonly Contender[]> => {
  const contenders = await Promise.all(entrants.map(({ start }) => start()));
  for (const { judge } of contenders) await judge?.(nextRun());
  return contenders;
};

const measureSpeed = async (entrants: Contest['entrants'], look: () => void): Promise<Measured['samples']> => {
  const contenders = await judged(entrants);
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
  for (const entrant of [...Array.from({ length: memoryRuns }, () => ours), ...beside])
    measured.push(await memoryOf(entrant, memoryFlows));
  return measured;
};

const profileAll = async (entrants: readonly Entrant[]): Promise<Profiles> => {
  const profiles = new Map();
  for (const entrant of entrants.filter(({ maps }) => maps !== undefined))
    profiles.set(entrant.name, await profileOf(entrant, { flows: profiled, warmUp, keep: values.profile }));
  return profiles;
};

const command = (): string => {
  const words = values.quick ? ['--quick'] : [`--rounds ${rounds}`, `--flows ${flows}`];
  return `npm run bench:flow -- ${words.join(' ')}`;
};

const measureAll = async ({ entrants, depths }: Contest): Promise<Result> => {
  const watch = watchLoad();
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
    command: command(),
    loads,
    tables: tablesOf(measured),
    targets: targetsOf(measured),
    notes: [depthSentence(measured), ...noise],
  });
};

/** @returns whether the result may be published. */
const warn = ({ loads }: Result): boolean => {
  if (isNoisy(loads)) console.log('\nNOISY: other programs ran. Do not publish these figures.');
  if (values.quick) console.log('\nQUICK: a few flows say nothing. Do not publish these figures.');
  return !isNoisy(loads) && !values.quick;
};

const folder = await mkdtemp(path.join(tmpdir(), 'flow-'));
const aws = await startFakeAws();
try {
  if (values.profile !== undefined) await mkdir(values.profile, { recursive: true });
  const result = await measureAll(await contestOf({ aws, folder }, values.before));
  const { processor, cores, platform, node } = result.machine;
  console.log(`${processor}, ${cores} cores, ${platform}, Node ${node}, commit ${result.commit}, ${result.date}`);
  console.log(`${result.command}\n\n${report(result)}`);
  const isPublishable = warn(result);
  if (values.write && (isPublishable || values.noisy)) await writeResult(result);
  else if (values.write) {
    console.error('Nothing is written. Wait until no other program runs, or add --noisy.');
    process.exitCode = 1;
  }
} finally {
  aws.stop();
  await rm(folder, { recursive: true, force: true });
}
