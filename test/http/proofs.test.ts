import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { type Case, casesOf, snippetOf } from '../clients/cases.ts';

const root = path.join(import.meta.dirname, '..', '..');
/** In the project, so that the snippet finds jose as a back end does. */
const folder = path.join(root, 'build', `snippet-${process.pid}`);
const file = path.join(folder, 'verify-proof.ts');

let stack: LocalStack;
let cases: readonly Case[];
let verifyProof: (
  proof: string,
  expected: object,
  use: (jti: string, until: number) => Promise<boolean>,
) => Promise<object>;
const fetches = (): number =>
  stack.logs().filter(({ line }) => line.includes('"answered"') && line.includes('"jwks"')).length;

beforeAll(async () => {
  // Without a recorder of permissions: the cases sign with the key themselves, as no function does.
  stack = await startLocalStack({ bundles: inject('strictBundles'), quiet: true });
  cases = await casesOf(stack);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, snippetOf('ts', stack.url, settings.audience));
  ({ verifyProof } = await import(file));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stack?.stop();
});

const used = new Map<string, number>();
const use = async (jti: string, until: number): Promise<boolean> => !used.has(jti) && Boolean(used.set(jti, until));

test('the TypeScript of the page is accepted by the compiler in strict mode', () => {
  const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
  const options = [
    '--noEmit',
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  expect(execFileSync(tsc, ['--ignoreConfig', ...options, file], { cwd: root, encoding: 'utf8' })).toBe('');
});

test('the TypeScript of the page accepts good proofs and refuses all others, and fetches the key once', async () => {
  const before = fetches();
  const verdicts: Record<string, boolean> = {};
  for (const { name, proof, isGood: _, ...expected } of cases)
    verdicts[name] = await verifyProof(proof, expected, use).then(
      () => true,
      () => false,
    );
  expect(verdicts).toEqual(Object.fromEntries(cases.map(({ name, isGood }) => [name, isGood])));
  expect(cases.filter(({ isGood }) => isGood)).toHaveLength(18);
  expect(fetches() - before).toBe(1);
});

test('the page keeps a jti until its proof can no longer be accepted', () => {
  const now = Math.floor(stack.clock.now() / 1000);
  expect(Math.max(...used.values())).toBeGreaterThan(now + 300);
});
