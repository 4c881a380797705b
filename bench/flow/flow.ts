/**
 * Measures a whole verification, a send and its check, in a warm container: CPU, pace, memory, calls and connections.
 *
 *     npm run bench:flow [-- --rounds 12] [--flows 100] [--before DIR] [--profile DIR] [--quick]
 *
 * --rounds  how often each contender is measured, in random order
 * --flows   verifications of a measurement
 * --before  another checkout of this project, which runs as a contender of its own
 * --profile folder for a CPU profile of this service
 * --quick   that the bench runs: its figures say nothing
 *
 * Driver, AWS and each contender are processes of their own. The containers call AWS over TLS.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { commit, isNoisy, machine, watchLoad } from '../report/machine.ts';
import { shuffled } from '../report/statistics.ts';
import { contendersOf } from './contenders.ts';
import { type Contender, measure } from './measure.ts';
import { startFakeAws } from './processes.ts';
import { report } from './report.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '12' },
    flows: { type: 'string', default: '100' },
    before: { type: 'string' },
    profile: { type: 'string' },
    quick: { type: 'boolean', default: false },
  },
});

const counted = (name: 'rounds' | 'flows'): number => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} is ${values[name]}. Allowed are whole numbers from 1: for example --${name} 12.`);
  return number;
};

const rounds = values.quick ? 2 : counted('rounds');
const flows = values.quick ? 8 : counted('flows');

/** One at a time, as Lambda runs a container, and 16 at a time. */
const concurrencies = [1, 16];

const subject = () => {
  const { processor, cores, platform, node } = machine();
  return `${processor}, ${cores} cores, ${platform}, Node ${node}, commit ${commit()}, ${new Date().toISOString().slice(0, 10)}`;
};

const measureAll = async (contenders: readonly Contender[]) => {
  const watch = watchLoad();
  const samples = [];
  for (const contender of contenders) await measure(contender, { concurrency: 16, flows: values.quick ? 8 : 200 });
  for (let round = 0; round < rounds; round += 1)
    for (const concurrency of shuffled(concurrencies, Math.random))
      for (const contender of shuffled(contenders, Math.random)) {
        samples.push({ ...(await measure(contender, { concurrency, flows })), round });
        watch.look();
      }
  return { samples, loads: watch.loads() };
};

const folder = await mkdtemp(path.join(tmpdir(), 'flow-'));
const aws = await startFakeAws();
try {
  const { contenders, depths } = await contendersOf({ aws, folder, before: values.before, profile: values.profile });
  const { samples, loads } = await measureAll(contenders);
  const command = values.quick ? '--quick' : `--rounds ${rounds} --flows ${flows}`;
  console.log(`${subject()}\nnpm run bench:flow -- ${command}\n`);
  console.log(report({ contenders, concurrencies, depths, samples, loads }));
  if (isNoisy(loads)) console.log('\nNOISY: other programs ran. Do not publish these figures.');
  if (values.quick) console.log('\nQUICK: a few flows say nothing. Do not publish these figures.');
  for (const { stop } of contenders) stop();
} finally {
  aws.stop();
  await rm(folder, { recursive: true, force: true });
}
