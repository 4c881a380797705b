import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pythonEnvironment } from '../fakes/python.ts';

export const openApiDocument = path.join(import.meta.dirname, '../../docs/openapi.json');

type Run = { readonly code: unknown; readonly output: string };

/** Not in step with this process, which serves the API. */
export const runProgram = (
  program: string,
  parts: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Run> =>
  new Promise((resolve) => {
    const options = { cwd, env: { PATH: process.env['PATH'] ?? '', ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, parts, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), output: `${stdout}\n${stderr}` }),
    );
  });

/** Checks that ask for more than this API promises. */
const excluded = [
  // People may spell a number in any way, so that no schema says which texts are numbers.
  'positive_data_acceptance',
  // API Gateway answers 404 for a method without a route.
  'unsupported_method',
  // A verification stays readable after its cancellation.
  'use_after_free',
];

export type Fuzzed = Run & { readonly figures: Readonly<Record<string, number>> };

export type Fuzzing = {
  /** Path of the document; the published one by default. */
  readonly document?: string;
  /** Holds what the runs write. */
  readonly folder: string;
  /** Name of the module in this folder that has the hooks. */
  readonly hooks: string;
  readonly parts: readonly string[];
  /** What the hooks have to know. */
  readonly facts: Readonly<Record<string, string>>;
};

/** Runs Schemathesis over the document. @returns its answer, and the figures that the hooks have counted. */
export const fuzz = async (
  name: string,
  { document = openApiDocument, folder, hooks, parts, facts }: Fuzzing,
): Promise<Fuzzed> => {
  const programs = pythonEnvironment('schemathesis', path.join(import.meta.dirname, 'requirements.txt'));
  const file = path.join(folder, `${name}.json`);
  const all = [
    ...['run', document, ...parts],
    // More than one worker breaks Python 3.11, whose parser of lambdas is not made for threads.
    ...['--exclude-checks', excluded.join(), '--seed', '1', '--workers', '1', '--no-shrink'],
    ...['--suppress-health-check', 'all', '--continue-on-failure'],
  ];
  const python = { SCHEMATHESIS_HOOKS: hooks, PYTHONPATH: import.meta.dirname, PYTHONDONTWRITEBYTECODE: '1' };
  const env = { ...python, ...facts, FIGURES: file, NO_COLOR: '1' };
  const ran = await runProgram(path.join(programs, 'st'), all, { cwd: folder, env });
  const figures: Fuzzed['figures'] = JSON.parse(readFileSync(file, 'utf8'));
  console.log(name, ran.output.slice(ran.output.lastIndexOf('SUMMARY')), figures);
  return { ...ran, figures };
};

/** The sum of some figures, over all runs. */
export const sumOf = (runs: readonly Fuzzed[], figure: RegExp): number =>
  runs
    .flatMap(({ figures }) => Object.entries(figures))
    .filter(([name]) => figure.test(name))
    .reduce((total, [, count]) => total + count, 0);
