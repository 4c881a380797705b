/**
 * Plays a newcomer: clones the repository into a temporary folder, does what its pages say and nothing else, and ends with a
 * proof that two back ends of its own have verified, in Express and in FastAPI.
 *
 *     npm run newcomer
 *
 * Commands and code are the blocks of the pages, so a page that lacks a step fails here. It needs git, Node, npm, bash, curl, and
 * Python 3.10 or later with venv. npm and PyPI are asked for packages.
 *
 * How it counts:
 * - The clone is that of the last commit. A change that is not committed is not seen.
 * - A passage is read as a whole, word for word, with its tables, code and answers. What has no part in the way is left out:
 *   the README's table of costs, its promises and its map.
 * - A block is copied by a click. An id is copied too. A code is typed, and so are the names of files and what no page has: the
 *   command that clones. `person.ts` has the speeds and their sources.
 * - A person does nothing while a command runs, and reads nothing twice. Nobody errs, and nobody looks for a page.
 * - The machine's time starts after `npm ci`. Free ports stand for those of the pages.
 *
 * Fails if a step fails, or if a person of average speeds needs more than the target from the clone to the proof in one back
 * end. The time to both, the slow person's and the machine's are printed and not judged: a busy machine would fail.
 */

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import type { Block } from './page.ts';
import { type Effort, people, secondsOf, sumOf } from './person.ts';
import { fileOf, isCommand, type Reader, startReading, type Timing } from './reader.ts';
import { freePort, openTerminals, type Terminals } from './terminal.ts';

const root = path.join(import.meta.dirname, '..', '..');
const [targetMinutes, targetMachineMinutes] = [10, 2];

type Way = { readonly name: string; readonly effort: Effort; readonly timings: readonly Timing[] };

const expectThat = (holds: boolean, what: string, answer: unknown) => {
  if (!holds) throw new Error(`Expected ${what}, and got ${JSON.stringify(answer)}.`);
};

/** The answer of a curl. */
const jsonIn = (output: string) => JSON.parse(output.slice(output.search(/[{[]/)));

const codeIn = (output: string): string => /\d{6}/.exec(jsonIn(output)[0]?.text ?? '')?.[0] ?? '';

/** Clones, installs and starts. */
const begin = async (reader: Reader, terminals: Terminals) => {
  const clone = `git clone --quiet ${root} otp-service && cd otp-service`;
  reader.type(clone.replace(root, 'https://git.example.com/otp-service.git'));
  await reader.timed('git clone', () => terminals.run(clone));
  await reader.read('README.md');
  await reader.read('README.md', 'Three doors');
  const [start] = (await reader.read('README.md', 'Run it')).filter(isCommand);
  for (const command of start?.text.split(' && ') ?? []) await reader.run(command);
};

/** From the first code to the proof, with the curls of the README. */
const callByCurl = async (reader: Reader): Promise<void> => {
  const commands = (await reader.read('README.md', 'The API in five curls')).filter(isCommand).map(({ text }) => text);
  const [request = '', inbox = '', ...checks] = commands;
  const [, id = ''] = /\/verifications\/([^/\s']+)\/check/.exec(checks[0] ?? '') ?? [];
  const [, code = ''] = /"code": "([^"]+)"/.exec(checks[1] ?? '') ?? [];
  const requested = jsonIn(await reader.run(request));
  const typed = codeIn(await reader.run(inbox));
  expectThat(typed !== '', 'a code in the inbox', requested);
  const outcomes = [];
  for (const check of checks) outcomes.push(jsonIn(await reader.run(check, { [id]: requested.id, [code]: typed })));
  const words = outcomes.map((outcome) => outcome.code ?? outcome.status);
  expectThat(words.join() === 'pending,approved,code-already-used', 'a wrong, the right and a used code', words);
  expectThat(String(outcomes[1]?.proof).split('.').length === 3, 'a proof', outcomes[1]);
};

/** A back end by the section of a page, in a folder beside the clone: it gives the number of the proof, once. */
const writeBackEnd = async (reader: Reader, terminals: Terminals, blocks: readonly Block[], port: string) => {
  const curls = blocks.filter(({ text }) => text.startsWith('curl '));
  for (const block of blocks) {
    if (fileOf(block) !== undefined) await reader.make(block);
    else if (isCommand(block) && !curls.includes(block)) await reader.run(block.text, {}, port);
  }
  const [ask, inbox, signIn] = curls.map(({ text }) => text);
  const { id = '' } = jsonIn(await reader.run(ask ?? ''));
  const own = { ID: id, CODE: codeIn(await reader.run(inbox ?? '')) };
  const { phoneNumber } = jsonIn(await reader.run(signIn ?? '', own));
  expectThat(ask?.includes(`"${phoneNumber}"`) === true, 'the number of the proof', phoneNumber);
  const again = await terminals.run(reader.asRun(signIn ?? '', own));
  expectThat(!again.includes('phoneNumber'), 'no number for a used code', again);
};

/** The compiler takes the TypeScript of the package's page in the newcomer's folder, with the types of the link. */
const checkTypes = async (terminals: Terminals, blocks: readonly Block[]) => {
  const [code] = blocks.filter(({ language }) => language === 'ts');
  await writeFile(path.join(terminals.cwd(), 'types.mts'), code?.text ?? '');
  const options = '--ignoreConfig --noEmit --strict --target es2023 --module nodenext';
  await terminals.run(`node ../otp-service/node_modules/typescript/bin/tsc ${options} types.mts && rm types.mts`);
};

const playAll = async (folder: string, terminals: Terminals): Promise<readonly [Way, ...Way[]]> => {
  const ports = { '4000': await freePort(), '3000': await freePort(), '3001': await freePort() };
  const clone = path.join(folder, 'otp-service');
  const pageAt = (name: string) => readFile(path.join(clone, name), 'utf8');
  const begun = () => startReading(terminals, pageAt, ports);
  const [first, express, fastApi] = [begun(), begun(), begun()];
  await begin(first, terminals);
  await callByCurl(first);
  await first.read('README.md', 'Verify a proof in your back end');
  await first.read('clients/README.md');

  const page = 'clients/typescript/README.md';
  await express.read(page);
  await express.read(page, 'Install it');
  await writeBackEnd(express, terminals, await express.read(page, 'A back end with Express'), '3000');
  await checkTypes(terminals, await first.look(page, 'Ask for a code, and check it'));

  await terminals.run(`cd ${clone}`);
  await fastApi.read('clients/python/README.md');
  const section = await fastApi.read('clients/python/README.md', 'A back end with FastAPI');
  await writeBackEnd(fastApi, terminals, section, '3001');
  const wayOf = (name: string, reader: Reader): Way => ({ name, effort: reader.effort(), timings: reader.timings() });
  return [wayOf('clone to proof', first), wayOf('Express', express), wayOf('FastAPI', fastApi)];
};

const row = (columns: readonly (string | number)[]) =>
  columns.map((column, index) => String(column)[index === 0 ? 'padEnd' : 'padStart'](index === 0 ? 26 : 10)).join('');
const minutesOf = (seconds: number) => (seconds / 60).toFixed(1);
const machineOf = ({ timings }: Way) =>
  timings.reduce((sum, { what, seconds }) => sum + (/^(?:git clone|npm ci)$/.test(what) ? 0 : seconds), 0);

const totalOf = (name: string, ways: readonly Way[]): Way => ({
  name,
  effort: sumOf(ways.map(({ effort }) => effort)),
  timings: ways.flatMap(({ timings }) => timings),
});

const rowOf = (way: Way) => {
  const { words, keystrokes, copies } = way.effort;
  const minutes = [people.average, people.slow].map((person) => minutesOf(secondsOf(person, way.effort)));
  return row([way.name, words, keystrokes, copies, ...minutes, minutesOf(machineOf(way))]);
};

/** Prints the steps and the sums. @returns whether an average person keeps to the target with each back end. */
const report = ([first, ...backEnds]: readonly [Way, ...Way[]]): boolean => {
  const all = [first, ...backEnds];
  for (const { name, timings } of all) {
    console.log(`\n${name}`);
    for (const { what, seconds } of timings) console.log(`${seconds.toFixed(2).padStart(8)} s  ${what}`);
  }
  const ends = backEnds.map((each) => totalOf(`clone to ${each.name}`, [first, each]));
  const both = totalOf('clone to both', all);
  console.log(`\n${row(['', 'words', 'typed', 'copied', 'average', 'slow', 'machine'])}`);
  for (const way of [...all, ...ends, both]) console.log(rowOf(way));
  console.log(`\nThe last three columns are minutes. The targets: ${targetMinutes} of a person, and`);
  console.log(`${targetMachineMinutes} of the machine after npm ci.`);
  return ends.every(({ effort }) => secondsOf(people.average, effort) <= targetMinutes * 60);
};

const folder = await mkdtemp(path.join(tmpdir(), 'newcomer-'));
const terminals = openTerminals(folder);
try {
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} cores, ${process.platform} ${process.arch}`,
  );
  if (!report(await playAll(folder, terminals))) process.exitCode = 1;
} finally {
  await terminals.stop();
  await rm(folder, { recursive: true, force: true });
}
