import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundling, bundle } from '../../bundle/bundle.ts';
import type { Policy } from '../../lambdas/policy.ts';
import { samplePolicy } from '../fakes/policy.ts';

const numberRisk: NonNullable<Policy['numberRisk']> = {
  maxAgeHours: 240,
  purposes: { login: { ifSwapped: 'step-up', failMode: 'open' } },
  providers: [],
};
const [request, maxKiB] = ['request-verification', 400] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'otp-risk-bundles-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const made = async (name: string, more: Partial<Bundling>) => {
  const [only] = await bundle({ out: path.join(folder, name), functions: [request], policy: samplePolicy, ...more });
  if (only === undefined) throw new Error('There is no bundle.');
  return { ...only, text: await readFile(only.file, 'utf8') };
};

test('a deployment that asks no provider has none of it in its bundle', async () => {
  const { text } = await made('without', {});
  expect(text).not.toMatch(/sim-swap\/v2|client_assertion|GetSecretValue/);
});

test('a deployment that asks providers keeps its bundle small, and knows no carrier of local mode', async () => {
  const { text, bytes } = await made('with', { policy: { ...samplePolicy, numberRisk } });
  expect(text).toMatch(/sim-swap\/v2/);
  expect(text).not.toContain('LOCAL_CARRIER');
  expect(bytes).toBeLessThanOrEqual(maxKiB * 1024);
});

test('local mode asks its own carrier', async () => {
  const { text } = await made('local', { policy: { ...samplePolicy, numberRisk }, riskTo: 'local' });
  expect(text).toContain('LOCAL_CARRIER');
});
