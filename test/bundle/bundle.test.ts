import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build, type Plugin } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle, readArguments } from '../../bundle/bundle.ts';
import { pickBuiltins, type Trim, trimModules } from '../../bundle/lean.ts';
import { functionNames, policyFile } from '../../lambdas/contract.ts';
import { functionsOf } from '../../lambdas/policy.ts';
import { samplePolicy } from '../fakes/policy.ts';

const root = path.join(import.meta.dirname, '../..');
const sample = { policy: samplePolicy, source: 'test/bundle/sample' };
const functions = ['request-verification', 'check-verification'] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'bundle-'));
  await bundle({ ...sample, functions, out: path.join(folder, 'first') });
  await bundle({ ...sample, functions, out: path.join(folder, 'elsewhere/second') });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const filesIn = async (out: string): Promise<ReadonlyMap<string, string>> => {
  const names = await readdir(out, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(files.map(async (file) => [path.relative(out, file), await readFile(file, 'utf8')] as const)),
  );
};

describe('a bundle', () => {
  test('a bundle is the same bytes from the same sources, wherever it is written', async () => {
    const [first, second] = await Promise.all([
      filesIn(path.join(folder, 'first')),
      filesIn(path.join(folder, 'elsewhere/second')),
    ]);
    expect([...first.keys()].sort()).toEqual([...second.keys()].sort());
    for (const [name, text] of first) expect(text === second.get(name), name).toBe(true);
  });

  test('a bundle names no folder of the machine that made it', async () => {
    for (const [name, text] of await filesIn(path.join(folder, 'first')))
      for (const place of [root, folder, tmpdir() + path.sep, 'file://'])
        expect(text.includes(place), `${place} in ${name}`).toBe(false);
  });

  test('a bundle is a folder with the code, its data and the policy, and nothing else', async () => {
    for (const name of functions) {
      const deployed = path.join(folder, 'first', name);
      const data = name === 'request-verification' ? ['metadata.max.json'] : [];
      expect((await readdir(deployed)).sort()).toEqual(['index.mjs', ...data, policyFile]);
      expect(JSON.parse(await readFile(path.join(deployed, policyFile), 'utf8'))).toEqual(samplePolicy);
    }
  });

  test('a bundle has its source map and the licenses of what it contains beside its folder', async () => {
    const maps = path.join(folder, 'first/maps');
    const map = JSON.parse(await readFile(path.join(maps, 'check-verification.mjs.map'), 'utf8'));
    expect(map.sources).toContain('test/bundle/sample/check-verification.ts');
    const licenses = await readFile(path.join(maps, 'request-verification.licenses.txt'), 'utf8');
    for (const name of ['@aws-sdk/client-sns', '@middy/core', 'libphonenumber-js', 'valibot', 'ipaddr.js'])
      expect(licenses).toContain(`\n${name} `);
    expect(licenses).not.toContain('esbuild');
  });

  test.each(functions)('the bundle of %s is under 400 KiB', async (name) => {
    expect((await stat(path.join(folder, 'first', name, 'index.mjs'))).size).toBeLessThan(400 * 1024);
  });
});

const buildText = (contents: string, plugin: Plugin) =>
  build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'silent',
    mainFields: ['module', 'main'],
    absWorkingDir: root,
    plugins: [plugin],
  });

describe('the build fails', () => {
  const trim: Trim = { module: 'valibot/dist/index.mjs', why: '', becomes: () => 'export const string = 1;', gone: [] };
  const usesTwo = "import { string } from 'valibot'; import ipaddr from 'ipaddr.js'; console.log(string, ipaddr);";

  test('the build fails when a module to be replaced is no longer there', async () => {
    const moved = { ...trim, module: 'valibot/dist/elsewhere.mjs' };
    await expect(buildText(usesTwo, trimModules([moved], root))).rejects.toThrow(/no valibot\/dist\/elsewhere\.mjs/);
  });

  test('the build fails when a module that was to be gone is in the bundle again', async () => {
    const undone = { ...trim, gone: ['ipaddr.js/'] };
    await expect(buildText(usesTwo, trimModules([undone], root))).rejects.toThrow(
      /ipaddr\.js .*is in the bundle again/,
    );
  });

  test('the build fails when a replacement lacks what others import of it', async () => {
    const poor = { ...trim, becomes: () => 'export const number = 1;' };
    await expect(buildText(usesTwo, trimModules([poor], root))).rejects.toThrow(/No matching export/);
  });

  test('the build fails when HTTP/2 gets in', async () => {
    const usesHttp2 = "import http2 from 'node:http2'; console.log(http2.constants);";
    await expect(buildText(usesHttp2, pickBuiltins)).rejects.toThrow(/node:http2 is in the bundle/);
  });

  test('the build does not fail when all is as expected', async () => {
    const built = await buildText(usesTwo, trimModules([trim], root));
    expect(built.errors).toEqual([]);
  });
});

describe('the command line', () => {
  const policy = JSON.stringify(samplePolicy);

  test.each([
    [['--out', 'x', '--function', 'nope', '--policy', policy], /no function "nope".*request-verification/],
    [['--policy', policy], /--out DIR/],
    [['--out', 'x', '--colour', 'red'], /--colour/],
    [['--out', 'x', 'more'], /more/],
    [['--out', 'x', '--policy', '{'], /policy as a JSON object/],
    [['--out', 'x', '--policy', '[]'], /policy as a JSON object/],
  ])('%j is refused with a sentence', async (args, sentence) => {
    await expect(readArguments(args)).rejects.toThrow(sentence);
  });

  test('the command line takes one function, or all', async () => {
    expect(await readArguments(['--out', 'x', '--function', 'jwks', '--policy', policy])).toMatchObject({
      out: 'x',
      functions: ['jwks'],
      policy: samplePolicy,
    });
    const { functions } = await readArguments(['--out', 'x', '--policy', policy]);
    // As the policy asks: only a deployment with receipts has the function that notes them.
    expect(functions ?? functionsOf(samplePolicy)).toEqual(functionNames);
  });

  test('the command line ends with 1 and the usage when something is wrong', async () => {
    const run = promisify(execFile)(process.execPath, ['bundle/bundle.ts', '--function', 'nope'], { cwd: root });
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Usage: node bundle/bundle.ts'),
    });
  });
});
