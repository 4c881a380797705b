/** The bundles that are deployed, each in a fresh process, with its first flow: a cold start as it will be. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundle } from '../../bundle/bundle.ts';
import { type FunctionName, functionNames, routes } from '../../lambdas/contract.ts';
import { benchedNames, benchPolicy, firstFlows, type Stack, startStack } from '../stack.ts';

let folder: string;
let bundles: readonly Bundle[];
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'first-flow-'));
  bundles = await bundle({ out: folder, policy: benchPolicy });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Callers wait for the functions of the routes. The others hold the words of findings, and up to six clients. */
const maxKibibytes = (name: FunctionName): number => (routes.some((route) => route.function === name) ? 400 : 590);

test.each(functionNames.map((name) => [name, maxKibibytes(name)] as const))(
  'the deployed bundle of %s is under %i KiB',
  (name, kibibytes) => {
    expect(bundles.find((found) => found.function === name)?.bytes).toBeLessThan(kibibytes * 1024);
  },
);

describe('first flows', () => {
  let stack: Stack;
  let run: ReturnType<typeof firstFlows>;
  beforeAll(async () => {
    stack = await startStack(folder);
    run = firstFlows(stack, folder);
  });
  afterAll(() => stack?.stop());

  test.each(benchedNames)('%s loads neither undici, HTTP/2 nor file streams in its first flow', async (name) => {
    // Only an answer that needed AWS is one.
    const { modules } = await run(name);
    // The others frame their calls on sockets.
    expect(modules.includes('NativeModule https')).toBe(name === 'detect-bursts');
    expect(modules).not.toContain('NativeModule internal/deps/undici/undici');
    expect(modules.filter((module) => module.includes('http2') || module.includes('fs/streams'))).toEqual([]);
  });
});
