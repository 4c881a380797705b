/**
 * Counts and measures what a verification takes of AWS, and multiplies by the list of prices.
 *
 *     npm run bench:cost [-- --quick] [--write] [--noisy]
 *
 * --quick  few flows and verifications, to see that it runs
 * --write  writes the results, and the facts of `docs/capacity.md`; then run `npm run docs`
 * --noisy  writes them although other programs ran
 *
 * The deployed bundles run on the local stack, where bytes are counted, and against a fake AWS, where the time of a core is
 * measured. The detector's code is replayed at four rates, where units and batches are counted.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { type Measured, measuredFile } from '../../docs/generate/capacity/measured.ts';
import { parseSettings, policyOf } from '../../lib/settings/settings.ts';
import { startLocalStack } from '../../local/stack.ts';
import { type Bytes, measureBytes } from '../../test/fakes/cost/bytes.ts';
import { commit, isNoisy, machine, watchLoad } from '../report/machine.ts';
import { isInterval, resultOf, type Table, type Target, writeResult } from '../report/results.ts';
import { measureLedgers } from './ledgers.ts';
import { measureRuns } from './runs.ts';
import { tablesOf, targetsOf } from './tables.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    noisy: { type: 'boolean', default: false },
  },
});

const flows = values.quick ? 20 : 300;
const shareOfLedger = values.quick ? 0.02 : 1;
const command = `npm run bench:cost${values.quick ? ' -- --quick' : ''}`;

const countBytes = async (): Promise<Bytes> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'cost-'));
  await bundle({ out: folder, policy: policyOf(parseSettings(settings)) });
  const stack = await startLocalStack({ bundles: folder, port: 0, quiet: true, repeatBatches: false });
  try {
    return await measureBytes(stack);
  } finally {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
};

const step = (text: string) => console.error(`${text} …`);

const printTable = ({ title, columns, rows }: Table) => {
  const cells = [columns, ...rows].map((row) =>
    row.map((cell) => (typeof cell === 'object' ? String(cell.middle) : String(cell))),
  );
  const widths = columns.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  console.log([`\n${title}`, ...cells.map(line)].join('\n'));
};

const printTarget = ({ measure, bound, value }: Target) => {
  const atMost = 'atMost' in bound ? bound.atMost : Number.NaN;
  const found = isInterval(value) ? value.middle : value;
  console.log(`${measure}: $${found} of at most $${atMost}: ${found <= atMost ? 'met' : 'missed'}`);
};

const watch = watchLoad();
step('bytes, on the local stack');
const { flows: bytes, entryBytes } = await countBytes();
step('run times, against the fake AWS');
const runs = await measureRuns(flows);
watch.look();
const ledgers = await measureLedgers(shareOfLedger, step);
watch.look();
const loads = watch.loads();
const { processor, cores, platform, node } = machine();
const measured: Measured = {
  command,
  machine: `${processor}, ${cores} cores, ${platform}, Node ${node}`,
  commit: commit(),
  date: new Date().toISOString().slice(0, 10),
  isNoisy: isNoisy(loads),
  bytes,
  entryBytes,
  runs,
  ledgers,
};
const [tables, targets] = [tablesOf(measured), targetsOf(measured)];
console.log(`${measured.machine}, commit ${measured.commit}, ${measured.date}\n${command}`);
for (const table of tables) printTable(table);
console.log('');
for (const target of targets) printTarget(target);
console.log(`load average: ${loads.before.toFixed(1)} before, ${loads.highest.toFixed(1)} at most`);
if (measured.isNoisy) console.log('NOISY: other programs ran. Do not publish these figures.');
if (values.quick) console.log('QUICK: a few flows say nothing. Do not publish these figures.');
if (values.write) {
  if (values.quick) throw new Error('A quick run is not written. Leave out --quick.');
  if (measured.isNoisy && !values.noisy)
    throw new Error('Other programs ran, so that nothing is written. Wait until they have ended, or add --noisy.');
  const notes = measured.isNoisy ? ['Other programs ran. Run times are too long; all else is counted.'] : [];
  await writeFile(measuredFile, `${JSON.stringify(measured, undefined, 2)}\n`);
  await writeResult(resultOf({ bench: 'cost', command, loads, tables, targets, notes }));
  console.log('Written. Now run `npm run docs`.');
}
