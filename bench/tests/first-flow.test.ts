/** The bundles that are deployed, each in a fresh process, with its first flow: a cold start as it will be. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundle } from '../../bundle/bundle.ts';
import { functionNames } from '../../lambdas/contract.ts';
import { benchedNames, benchPolicy, firstFlows, type Stack, startStack } from '../stack.ts';

let folder: string;
let bundles: readonly Bundle[];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'first-flow-'));
  bundles = await bundle({ out: folder, policy: benchPolicy });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(functionNames)('the deployed bundle of %s is under 400 KiB', (name) => {
  expect(bundles.find((found) => found.function === name)?.bytes).toBeLessThan(400 * 1024);
});

describe('first flows', () => {
  let stack: Stack;
  let run: ReturnType<typeof firstFlows>;
  beforeAll(async () => {
    stack = await startStack(folder);
    run = firstFlows(stack, folder);
  });
  afterAll(() => stack?.stop());

  test.each(benchedNames)('%s loads neither undici nor HTTP/2 in its first flow', async (name) => {
    const { modules } = await run(name);
    // It did call AWS.
    expect(modules).toContain('NativeModule https');
    expect(modules).not.toContain('NativeModule internal/deps/undici/undici');
    expect(modules.filter((module) => module.includes('http2'))).toEqual([]);
  });
});
