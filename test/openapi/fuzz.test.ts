import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { operatorTag } from '../../docs/generate/openapi/operators/words.ts';
import { parseSettings, policyOf } from '../../lib/settings/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { waitLonger } from '../fakes/aws/patient-bundles.ts';
import { roomySettings } from '../fakes/settings.ts';
import { type Fuzzed, fuzz, openApiDocument, runProgram, sumOf } from './fuzzer.ts';

const root = path.join(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'otp-fuzz-'));
let stack: LocalStack;

beforeAll(async () => {
  // A test number has a code that a fuzzer can know.
  const expires = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  const testNumbers = [{ number: '+12025550123', code: '271828', expires, uses: 10_000 }];
  await bundle({ out: folder, policy: policyOf(parseSettings({ ...settings, ...roomySettings, testNumbers })) });
  await waitLonger(folder);
  stack = await startLocalStack({ bundles: folder, quiet: true });
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('the linter finds nothing in the document', async () => {
  const redocly = path.join(root, 'node_modules/@redocly/cli/bin/cli.js');
  const config = path.join(import.meta.dirname, 'redocly.yaml');
  const { code, output } = await runProgram(process.execPath, [redocly, 'lint', openApiDocument, '--config', config], {
    cwd: folder,
    env: { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
  });
  expect(output).toContain('is valid');
  expect(output).not.toContain('warning');
  expect(code).toBe(0);
});

const runs: Fuzzed[] = [];

const fuzzClients = async (name: string, parts: readonly string[]): Promise<Fuzzed> => {
  // The routes of operators are at another URL, and have a test of their own.
  const only = ['--exclude-tag', operatorTag, '--url', stack.url, '--header', `x-api-key: ${stack.apiKey}`];
  const fuzzed = await fuzz(name, {
    folder,
    hooks: 'hooks',
    parts: [...only, ...parts],
    facts: { OTP_URL: stack.url, OTP_API_KEY: stack.apiKey },
  });
  expect(fuzzed.code, fuzzed.output.slice(0, 12_000)).toBe(0);
  runs.push(fuzzed);
  return fuzzed;
};

test('a fuzzer finds no failure of a route, and no answer that the document does not describe', async () => {
  await fuzzClients('single', ['--phases', 'examples,coverage,fuzzing', '--max-examples', '700']);
});

test('a fuzzer finds no failure of sequences of calls, which follow the links of the document', async () => {
  const { output } = await fuzzClients('sequences', [
    ...['--phases', 'stateful', '--max-examples', '100'],
    ...['--max-time', '40'],
  ]);
  expect(output).toMatch(/API Links: +(\d+) covered \/ \1 selected/);
});

test('the fuzzer gets past the limits and reaches verifications that are alive', () => {
  const reached = {
    cases: sumOf(runs, /^calls$/),
    successes: sumOf(runs, / 2\d\d$/),
    'verifications opened': sumOf(runs, /^requestVerification 201$/),
    'checks of live verifications': sumOf(runs, /^checkVerification 2/),
    'checks at known ids': sumOf(runs, /^checkVerification (?:2|410|422)/),
    resends: sumOf(runs, /^resendVerification 2/),
  };
  console.log(reached);
  expect(reached.cases).toBeGreaterThanOrEqual(5000);
  expect(reached.successes).toBeGreaterThanOrEqual(1500);
  expect(reached['verifications opened']).toBeGreaterThanOrEqual(200);
  expect(reached['checks of live verifications']).toBeGreaterThanOrEqual(200);
  expect(reached['checks at known ids']).toBeGreaterThanOrEqual(250);
  expect(reached.resends).toBeGreaterThanOrEqual(150);
});
