import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { clientDocumentOf } from '../../docs/generate/openapi/client-document.ts';
import { nodePackages } from '../fakes/node-packages.ts';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '../..');
const tsc = path.join(root, 'node_modules/typescript/bin/tsc');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'otp-types-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A caller's use of the types. Each mistake has to be one. */
const use = `
import type { components, operations } from './schema.d.ts';

type Named = components['schemas'];
type Answers = operations['checkVerification']['responses'];

export const request: Named['VerificationRequest'] = { phoneNumber: '+919876543210' };
export const payment: Named['CheckRequest'] = {
  code: '492039',
  transaction: { amount: '1499.00', currency: 'INR', payee: 'Acme' },
};
export const proofOf = (result: Answers[200]['content']['application/json']): string | undefined =>
  result.status === 'approved' ? result.proof : undefined;
export const isExpired = ({ code }: Answers[410]['content']['application/problem+json']) => code === 'code-expired';

// @ts-expect-error The number is missing.
export const none: Named['VerificationRequest'] = { purpose: 'login' };
// @ts-expect-error A code is a text.
export const number: Named['CheckRequest'] = { code: 492039 };
// @ts-expect-error A wrong code has no proof.
export const wrong = (result: Named['StillPending']) => result.proof;
`;

test('another generator makes types of the document, by which a caller names requests, results and problems', async () => {
  const packages = nodePackages('generator', path.join(import.meta.dirname, 'generator'));
  const generator = path.join(packages, 'node_modules/openapi-typescript/bin/cli.js');
  const file = path.join(folder, 'schema.d.ts');
  const whole = JSON.parse(await readFile(path.join(root, 'docs/openapi.json'), 'utf8'));
  await writeFile(path.join(folder, 'openapi.json'), JSON.stringify(clientDocumentOf(whole)));
  await run(process.execPath, [generator, path.join(folder, 'openapi.json'), '--output', file]);
  await writeFile(path.join(folder, 'use.ts'), use);
  const options = [
    '--noEmit',
    '--strict',
    '--target',
    'es2023',
    '--module',
    'nodenext',
    '--allowImportingTsExtensions',
  ];
  const { stdout } = await run(process.execPath, [tsc, '--ignoreConfig', ...options, 'use.ts'], { cwd: folder });
  expect(stdout).toBe('');
});
