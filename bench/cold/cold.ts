/**
 * Measures cold starts: loads a bundle in a fresh process, runs its first flow, and compares it with the usual stack of
 * `bench/baseline/` and with a handler that does nothing.
 *
 *     npm run bench:cold [-- --rounds 40] [--functions 15] [--delays both] [--before DIR] [--write] [--noisy] [--quick]
 *
 * --rounds     fresh processes of each contender and route, in random order
 * --functions  the same of each function of ours against the local stack; 0 leaves that table out
 * --delays     how AWS answers: `none` at once, `played` after DynamoDB 5 ms, transactions 10, KMS 10, SNS 30, or `both`
 * --before     another checkout of this project, which runs as a contender of its own
 * --write      writes bench/results/cold.json, unless other programs ran
 * --noisy      writes it even then, with a note
 * --quick      that the bench runs: its figures say nothing
 *
 * Driver, AWS and each contender are processes of their own. The functions call AWS over TLS.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type FakeAws, startFakeAws } from '../flow/processes.ts';
import { commit, isNoisy, type Loads, machine, watchLoad } from '../report/machine.ts';
import { resultOf, type Table, writeResult } from '../report/results.ts';
import { shuffled } from '../report/statistics.ts';
import { type Contender, contendersOf, routes } from './contenders.ts';
import { measureFunctions } from './functions.ts';
import {
  type Delays,
  functionsTable,
  plotsOf,
  printed,
  printedTarget,
  type Round,
  tablesOf,
  targetsOf,
} from './report.ts';
import type { Sample } from './samples.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    functions: { type: 'string', default: '15' },
    delays: { type: 'string', default: 'both' },
    before: { type: 'string' },
    write: { type: 'boolean', default: false },
    noisy: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
  },
});

const counted = (name: 'rounds' | 'functions', from: number): number => {
  const number = Number(values[name]);
  if (!Number.isInteger(number) || number < from)
    throw new Error(`--${name} is ${values[name]}. Allowed are whole numbers from ${from}: for example --${name} 15.`);
  return number;
};

const allDelays: readonly Delays[] = ['none', 'played'];
const delays = allDelays.filter((one) => values.delays === 'both' || values.delays === one);
if (delays.length === 0) throw new Error(`--delays is ${values.delays}. Allowed are none, played and both.`);

const rounds = values.quick ? 1 : counted('rounds', 1);
const functionRounds = values.quick ? 1 : counted('functions', 0);

/** Milliseconds, as AWS takes them in its own Region. */
const playedMs = (operation: string): number => {
  if (operation === 'TransactWriteItems') return 10;
  if (operation === 'Publish') return 30;
  return /Item/.test(operation) ? 5 : 10;
};

const measureRoutes = async (aws: FakeAws, contenders: readonly Contender[], look: () => void) => {
  const rounded: Round[] = [];
  let run = 0;
  for (const played of delays) {
    aws.delay((operation) => (played === 'played' ? playedMs(operation) : 0));
    for (const route of routes) {
      const samples: Sample[] = [];
      for (let round = 0; round < rounds; round += 1)
        for (const { name, start } of shuffled(contenders, Math.random)) {
          run += 1;
          samples.push({ name, round, ...(await start(route, run)) });
          look();
        }
      rounded.push({ route, delays: played, samples });
    }
  }
  return rounded;
};

const measure = async (folder: string) => {
  const watch = watchLoad();
  const aws = await startFakeAws();
  try {
    const contenders = await contendersOf({ aws, folder, before: values.before });
    const found = await measureRoutes(aws, contenders, watch.look);
    for (const { stop } of contenders) stop();
    const ours = functionRounds === 0 ? undefined : await measureFunctions(folder, functionRounds);
    const ofFunctions: readonly Table[] = ours === undefined ? [] : [functionsTable(ours.samples, ours.sizes)];
    return { found, tables: [...tablesOf(found), ...ofFunctions], loads: watch.loads() };
  } finally {
    aws.stop();
  }
};

const words = [
  values.quick ? '--quick' : `--rounds ${rounds} --functions ${functionRounds}`,
  ...(values.delays === 'both' ? [] : [`--delays ${values.delays}`]),
];
const command = `npm run bench:cold -- ${words.join(' ')}`;

const notesOf = (loads: Loads): readonly string[] => [
  'load: import of the bundle. First flow: from the call of the handler to its answer. CPU: of both, in all threads.',
  'CPU at Lambda’s share: that of the load, and that of the first flow divided by the share of a core that 512 MB have.',
  'AWS takes its time: DynamoDB 5 ms, transactions 10, KMS 10, SNS 30.',
  ...(isNoisy(loads) ? ['Other programs ran beside the bench.'] : []),
];

const write = async (found: readonly Round[], tables: readonly Table[], loads: Loads): Promise<void> => {
  if (values.quick) throw new Error('A quick run is not written: leave --quick or --write out.');
  if (isNoisy(loads) && !values.noisy)
    throw new Error(`The load was ${loads.before.toFixed(1)} before the run. Run it alone, or add --noisy.`);
  const [targets, plots, notes] = [targetsOf(found), plotsOf(found), notesOf(loads)];
  await writeResult(resultOf({ bench: 'cold', command, loads, tables, targets, plots, notes }));
};

const folder = await mkdtemp(path.join(tmpdir(), 'cold-'));
try {
  const { found, tables, loads } = await measure(folder);
  const { processor, cores, platform, node } = machine();
  console.log(`${processor}, ${cores} cores, ${platform}, Node ${node}, commit ${commit()}\n${command}\n`);
  console.log(
    [...tables.map(printed), targetsOf(found).map(printedTarget).join('\n'), notesOf(loads).join('\n')].join('\n\n'),
  );
  console.log(`\nload average: ${loads.before.toFixed(1)} before, ${loads.highest.toFixed(1)} at most`);
  if (isNoisy(loads)) console.log('\nNOISY: other programs ran. Do not publish these figures.');
  if (values.quick) console.log('\nQUICK: a process of each says nothing. Do not publish these figures.');
  if (values.write) await write(found, tables, loads);
} finally {
  await rm(folder, { recursive: true, force: true });
}
