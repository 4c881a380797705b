/**
 * Measures cold starts: loads each deployed bundle in a fresh process, runs its first flow, and compares it with a
 * handler that does nothing. Runs are interleaved, so that a slow minute of the machine slows all of them.
 *
 *     npm run bench:cold [-- --runs 15]
 *
 * --runs  fresh processes per bundle, at least 15
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../bundle/bundle.ts';
import { type FirstFlow, firstFlow } from '../test/fakes/cold-start/first-flow.ts';
import { median } from './report/statistics.ts';
import { type BenchedName, benchedNames, benchPolicy, firstFlows, startStack } from './stack.ts';

const minRuns = 15;

const readRuns = (): number => {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: String(minRuns) } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < minRuns)
    throw new Error(
      `--runs is ${values.runs}. Allowed are whole numbers from ${minRuns}: for example --runs ${minRuns}.`,
    );
  return runs;
};

type Subject = 'bare handler' | BenchedName;
type Runs = ReadonlyMap<Subject, readonly FirstFlow[]>;

const bare = 'bare handler';
const subjects: readonly Subject[] = [bare, ...benchedNames];

type Run = (subject: Subject) => Promise<FirstFlow>;

const runAll = async (runs: number, run: Run): Promise<Runs> => {
  const found = new Map<Subject, FirstFlow[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < runs; round++)
    for (const subject of subjects) found.get(subject)?.push(await run(subject));
  return found;
};

const row = (columns: readonly string[]) =>
  columns.map((column, index) => (index === 0 ? column.padEnd(22) : column.padStart(11))).join('');

const report = (found: Runs, sizes: ReadonlyMap<string, string>): string => {
  const medianOf = (subject: Subject, what: (flow: FirstFlow) => number) =>
    median((found.get(subject) ?? []).map(what));
  const total = ({ totalMs }: FirstFlow) => totalMs;
  const lines = subjects.map((subject) =>
    row([
      subject,
      sizes.get(subject) ?? '',
      medianOf(subject, ({ loadMs }) => loadMs).toFixed(1),
      medianOf(subject, ({ firstFlowMs }) => firstFlowMs).toFixed(1),
      medianOf(subject, total).toFixed(1),
      `${(medianOf(subject, total) / medianOf(bare, total)).toFixed(2)}×`,
    ]),
  );
  return [row(['', 'KiB', 'load ms', 'flow ms', 'process ms', 'ratio']), ...lines].join('\n');
};

const machine = () =>
  `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${process.platform} ${process.arch}, Node ${process.version}`;

const runs = readRuns();
const folder = await mkdtemp(path.join(tmpdir(), 'cold-'));
try {
  const bundles = await bundle({ out: folder, policy: benchPolicy });
  const bareFile = path.join(folder, 'bare.mjs');
  await writeFile(bareFile, 'export const handler = async () => ({});\n');
  const stack = await startStack(folder);
  try {
    const ofFunction = firstFlows(stack, folder);
    const found = await runAll(runs, (subject) =>
      subject === bare ? firstFlow({ bundle: bareFile, env: {}, event: {} }) : ofFunction(subject),
    );
    const sizes = bundles.map(({ function: name, bytes, dataBytes }) => {
      const [code, data] = [bytes, dataBytes].map((size) => Math.ceil(size / 1024));
      return [name, data === 0 ? `${code}` : `${code} + ${data}`] as const;
    });
    console.log(`${machine()}\nnpm run bench:cold -- --runs ${runs}   (medians of ${runs} fresh processes each)\n`);
    console.log(report(found, new Map<string, string>(sizes)));
    console.log('\nload: import of the bundle. flow: its first request, against the local stack.');
    console.log('process: from the start of Node to the answer. ratio: of that to the bare handler.');
  } finally {
    await stack.stop();
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
