import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../bundle/bundle.ts';
import { samplePolicy } from '../fakes/policy.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'otp-webhook-bundle-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The sources that a bundle holds, by its source map. */
const bundled = async (webhooksTo?: 'loopback') => {
  const out = path.join(folder, webhooksTo ?? 'deployed');
  const more = webhooksTo === undefined ? {} : { webhooksTo };
  await bundle({ out, functions: ['deliver-webhooks'], policy: samplePolicy, ...more });
  const code = await readFile(path.join(out, 'deliver-webhooks', 'index.mjs'), 'utf8');
  const map = await readFile(path.join(out, 'maps', 'deliver-webhooks.mjs.map'), 'utf8');
  const { sources } = JSON.parse(map) as { sources: readonly string[] };
  return {
    code,
    wire: sources.filter((source) => source.includes('webhooks/wire/')).map((each) => path.basename(each)),
  };
};

test('a deployed bundle reaches public addresses, and has no code that calls this machine', async () => {
  const { code, wire } = await bundled();
  expect(wire.toSorted()).toEqual(['post.ts', 'reach.ts']);
  expect(code).not.toContain('127.0.0.1');
});

test('a bundle of local mode calls this machine, and has no code that looks up a name', async () => {
  const { code, wire } = await bundled('loopback');
  expect(wire.toSorted()).toEqual(['loopback.ts', 'post.ts']);
  expect(code).not.toContain('resolve4');
});
