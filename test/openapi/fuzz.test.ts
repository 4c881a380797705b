import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { operatorTag } from '../../docs/generate/openapi/operators/words.ts';
import { parseSettings, policyOf } from '../../lib/settings/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { pythonEnvironment } from '../fakes/python.ts';
import { roomySettings } from '../fakes/settings.ts';

const root = path.join(import.meta.dirname, '../..');
const document = path.join(root, 'docs/openapi.json');
const folder = mkdtempSync(path.join(tmpdir(), 'otp-fuzz-'));
let programs: string;
let stack: LocalStack;

beforeAll(async () => {
  programs = pythonEnvironment('schemathesis', path.join(import.meta.dirname, 'requirements.txt'));
  // A test number has a code that a fuzzer can know.
  const expires = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  const testNumbers = [{ number: '+12025550123', code: '271828', expires, uses: 10_000 }];
  await bundle({ out: folder, policy: policyOf(parseSettings({ ...settings, ...roomySettings, testNumbers })) });
  stack = await startLocalStack({ bundles: folder, quiet: true });
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Run = { readonly code: unknown; readonly output: string };

/** Not in step with this process, which serves the API. */
const run = (program: string, parts: readonly string[], env: Readonly<Record<string, string>>): Promise<Run> =>
  new Promise((resolve) => {
    const options = { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env }, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, parts, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? error.signal), output: `${stdout}\n${stderr}` }),
    );
  });

test('the linter finds nothing in the document', async () => {
  const redocly = path.join(root, 'node_modules/@redocly/cli/bin/cli.js');
  const config = path.join(import.meta.dirname, 'redocly.yaml');
  const { code, output } = await run(process.execPath, [redocly, 'lint', document, '--config', config], {
    REDOCLY_TELEMETRY: 'off',
    REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  });
  expect(output).toContain('is valid');
  expect(output).not.toContain('warning');
  expect(code).toBe(0);
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

type Fuzzed = Run & { readonly figures: Readonly<Record<string, number>> };

const fuzz = async (name: string, parts: readonly string[]): Promise<Fuzzed> => {
  const file = path.join(folder, `${name}.json`);
  const all = [
    // The routes of operators are at another URL.
    ...[
      'run',
      document,
      '--exclude-tag',
      operatorTag,
      '--url',
      stack.url,
      '--header',
      `x-api-key: ${stack.apiKey}`,
      ...parts,
    ],
    // More than one worker breaks Python 3.11, whose parser of lambdas is not made for threads.
    ...['--exclude-checks', excluded.join(), '--seed', '1', '--workers', '1', '--no-shrink'],
    ...['--suppress-health-check', 'all', '--continue-on-failure'],
  ];
  const hooks = { SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: import.meta.dirname, PYTHONDONTWRITEBYTECODE: '1' };
  const service = { OTP_URL: stack.url, OTP_API_KEY: stack.apiKey };
  const ran = await run(path.join(programs, 'st'), all, { ...hooks, ...service, FIGURES: file, NO_COLOR: '1' });
  const figures: Fuzzed['figures'] = JSON.parse(readFileSync(file, 'utf8'));
  console.log(name, ran.output.slice(ran.output.lastIndexOf('SUMMARY')), figures);
  return { ...ran, figures };
};

/** The sum of some figures, over all runs. */
const sum = (runs: readonly Fuzzed[], figure: RegExp): number =>
  runs
    .flatMap(({ figures }) => Object.entries(figures))
    .filter(([name]) => figure.test(name))
    .reduce((total, [, count]) => total + count, 0);

const runs: Fuzzed[] = [];

test('a fuzzer finds no failure of a route, and no answer that the document does not describe', async () => {
  const parts = ['--phases', 'examples,coverage,fuzzing', '--max-examples', '700'];
  const fuzzed = await fuzz('single', parts);
  expect(fuzzed.code, fuzzed.output.slice(0, 12_000)).toBe(0);
  runs.push(fuzzed);
});

test('a fuzzer finds no failure of sequences of calls, which follow the links of the document', async () => {
  const parts = ['--phases', 'stateful', '--max-examples', '100', '--max-time', '40'];
  const fuzzed = await fuzz('sequences', parts);
  expect(fuzzed.code, fuzzed.output.slice(0, 12_000)).toBe(0);
  expect(fuzzed.output).toMatch(/API Links: +(\d+) covered \/ \1 selected/);
  runs.push(fuzzed);
});

test('the fuzzer gets past the limits and reaches verifications that are alive', () => {
  const reached = {
    cases: sum(runs, /^calls$/),
    successes: sum(runs, / 2\d\d$/),
    'verifications opened': sum(runs, /^requestVerification 201$/),
    'checks of live verifications': sum(runs, /^checkVerification 2/),
    'checks at known ids': sum(runs, /^checkVerification (?:2|410|422)/),
    resends: sum(runs, /^resendVerification 2/),
  };
  console.log(reached);
  expect(reached.cases).toBeGreaterThanOrEqual(5000);
  expect(reached.successes).toBeGreaterThanOrEqual(1500);
  expect(reached['verifications opened']).toBeGreaterThanOrEqual(200);
  expect(reached['checks of live verifications']).toBeGreaterThanOrEqual(200);
  expect(reached['checks at known ids']).toBeGreaterThanOrEqual(250);
  expect(reached.resends).toBeGreaterThanOrEqual(150);
});
