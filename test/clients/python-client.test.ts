/** The Python client: generated from the document as it is, typed, installable, and of use against a running service. */

import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { freshNumber } from '../http/client.ts';
import { root } from '../laws/source/files.ts';
import { generatedPackage, generatePackage, pythonPrograms } from './python/generate.ts';
import { python } from './setup.ts';

const run = promisify(execFile);
const source = path.join(root, 'clients', 'python');
const journey = path.join(import.meta.dirname, 'python', 'journey.py');

let stack: LocalStack;
let home: string;
let site: string;

/** Installs a copy of the package, as pip does, without what pip would fetch. The copy keeps builds out of the project. */
const install = async (): Promise<string> => {
  const copy = path.join(home, 'source');
  await cp(source, copy, { recursive: true, filter: (file) => !file.includes('__pycache__') });
  const target = path.join(home, 'site');
  const offline = ['--no-deps', '--no-build-isolation', '--no-index', '--disable-pip-version-check', '--quiet'];
  await run(python(), ['-m', 'pip', 'install', ...offline, '--target', target, copy]);
  return target;
};

beforeAll(async () => {
  stack = await startLocalStack({ bundles: inject('bundles'), quiet: true, stage: 'otp' });
  home = await mkdtemp(path.join(tmpdir(), 'otp-python-'));
  site = await install();
});
afterAll(async () => {
  await stack?.stop();
  await rm(home, { recursive: true, force: true });
});

/** The text of each file of a folder, by path. */
const filesOf = async (folder: string): Promise<Readonly<Record<string, string>>> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.parentPath.includes('__pycache__'));
  const texts = files.map(async ({ parentPath, name }) => {
    const file = path.join(parentPath, name);
    return [path.relative(folder, file), await readFile(file, 'utf8')] as const;
  });
  return Object.fromEntries((await Promise.all(texts)).toSorted(([one], [other]) => (one < other ? -1 : 1)));
};

const runJourney = async (): Promise<Record<string, unknown>> => {
  const env = {
    PYTHONPATH: site,
    PYTHONDONTWRITEBYTECODE: '1',
    OTP_URL: stack.url,
    OTP_ORIGIN: stack.origin,
    OTP_AUDIENCE: settings.audience,
    NUMBERS: Array.from({ length: 8 }, freshNumber).join(' '),
  };
  return JSON.parse((await run(python(), [journey], { env, cwd: home })).stdout);
};

test('the generated package is what the generator makes of the document: if not, npm run client:python writes it', async () => {
  const fresh = path.join(home, 'otp_client');
  generatePackage(fresh);
  expect(await filesOf(generatedPackage)).toEqual(await filesOf(fresh));
});

test('the package that pip installs has the client and the verifier, with their types', async () => {
  const files = Object.keys(await filesOf(site));
  const expected = ['otp_client/py.typed', 'otp_proof/py.typed', 'otp_client/api/verifications/check_verification.py'];
  expect(expected.filter((file) => !files.includes(file))).toEqual([]);
  expect(files.filter((file) => file.includes('test_'))).toEqual([]);
  const metadata = files.find((file) => file.endsWith('.dist-info/METADATA')) ?? '';
  const needs = (await readFile(path.join(site, metadata), 'utf8')).match(/(?<=^Requires-Dist: )[\w-]+/gm);
  expect(needs?.toSorted()).toEqual(['PyJWT', 'attrs', 'httpx', 'python-dateutil']);
});

test('the package is accepted by a type checker in strict mode, and so is a program that uses it', async () => {
  const mypy = path.join(pythonPrograms(), 'mypy');
  const cache = ['--cache-dir', path.join(home, 'mypy')];
  const packages = ['otp_client', 'otp_proof'].map((name) => path.join(source, name));
  const { stdout } = await run(mypy, ['--strict', ...cache, ...packages, journey], { cwd: source });
  expect(stdout).toContain('Success: no issues found');
});

test('the client leads from a number to a proof that the verifier takes once, and tells each refusal', async () => {
  const results = await runJourney();
  const { number } = results['sign in'] as { readonly number: string };
  expect(results).toEqual({
    'sign in': {
      number,
      'too soon': ['429 resend-too-soon', true],
      resent: 'Verification',
      seen: ['pending', 6, true],
      checks: ['pending 4', 'pending 4 superseded-code', '400 invalid-request'],
      verdicts: ['wrong-purpose', number, 'used-before', 'malformed'],
      again: '410 code-already-used',
    },
    race: { '410 code-already-used': 7, Approved: 1 },
    payment: ['pending 4', '400 invalid-request', 'Approved'],
    cancel: ['204', '410 verification-canceled'],
    refusals: {
      stranger: '401 unauthorized',
      number: '400 invalid-phone-number',
      faults: ['/origin'],
      'another path': '404 verification-not-found',
      'is typed': true,
      later: '409 of-a-later-version',
    },
    'event loop': ['Approved', 'ES256'],
  });
});
