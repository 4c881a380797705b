import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { functionNames, policyFile } from '../../lambdas/contract.ts';
import { recordOf, resourcesOf } from '../lib/template/permissions.ts';

const root = path.join(import.meta.dirname, '..', '..');
const out = mkdtempSync(path.join(tmpdir(), 'otp-synth-'));
const assembly = path.join(out, path.basename(root));

/** `npm run synth` as a fresh clone runs it: no credentials, no Region, and every proxy leads nowhere. */
const synthesize = (cwd: string) => {
  const nowhere = 'http://127.0.0.1:9';
  const cdk = path.join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  const [, ...command] = scripts['synth']?.split(' ') ?? [];
  return spawnSync(process.execPath, [cdk, ...command, '--output', path.join(out, path.basename(cwd))], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
      HOME: out,
      // Five runs of one CLI: the first compiles it for all.
      NODE_COMPILE_CACHE: path.join(out, 'compiled'),
      AWS_EC2_METADATA_DISABLED: 'true',
      HTTP_PROXY: nowhere,
      HTTPS_PROXY: nowhere,
    },
  });
};

let synthesis: ReturnType<typeof synthesize>;
beforeAll(() => {
  synthesis = synthesize(root);
});
afterAll(() => rmSync(out, { recursive: true, force: true }));

test('a fresh clone synthesizes without an account and without a network', () => {
  expect([synthesis.status, synthesis.stderr]).toEqual([0, '']);
});

type Change = { readonly file: string; readonly from: string; readonly to: string };

/** Synthesizes a copy inside the project, where its packages are found, with one change. Its bundles are empty. */
const synthesizeWith = ({ file, from, to }: Change) => {
  const copy = path.join(root, 'build', 'otp-with-a-change');
  for (const part of ['bin', 'bundle', 'lib', 'lambdas', 'cdk.json', 'package.json']) {
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  }
  const makeFolder = "mkdirSync(process.argv[3] + '/' + process.argv[5], { recursive: true });";
  const fakeBundler = `import { mkdirSync } from 'node:fs'; ${makeFolder}`;
  writeFileSync(path.join(copy, 'bundle', 'bundle.ts'), fakeBundler);
  const changed = path.join(copy, file);
  writeFileSync(changed, readFileSync(changed, 'utf8').replace(from, to));
  const { status, stdout, stderr } = synthesize(copy);
  rmSync(copy, { recursive: true });
  return { status, said: stdout + stderr };
};

test.each([
  [
    'a finding of cdk-nag without a reason',
    { file: 'lib/constructs/api.ts', from: 'AwsSolutions-APIG6', to: 'AwsSolutions-NONE' },
    'AwsSolutions-APIG6',
  ],
  [
    'what CloudFormation would refuse',
    { file: 'lib/constructs/function.ts', from: 'memorySize: facts.memoryMegabytes', to: 'memorySize: 7' },
    'MemorySize: 7 is less than the minimum of 128',
  ],
  [
    'a warning',
    { file: 'lib/constructs/function.ts', from: 'Runtime.NODEJS_24_X', to: "new Runtime('nodejs99.x')" },
    "Runtime: 'nodejs99.x' is not one of",
  ],
  [
    'the stack of the emulator, where nobody has said that an emulator will get it,',
    { file: 'cdk.json', from: '"context": {', to: '"context": { "emulator": true,' },
    'Set AWS_ENDPOINT_URL to your emulator',
  ],
])('%s fails the synthesis', (_, change, why) => {
  const { status, said } = synthesizeWith(change);
  expect([status, said]).toEqual([1, expect.stringContaining(why)]);
});

test('every function is deployed as its bundle and its policy', () => {
  const template = recordOf(JSON.parse(readFileSync(path.join(assembly, 'OtpService.template.json'), 'utf8')));
  const lambdas = Object.values(resourcesOf(template)).filter(({ Type }) => Type === 'AWS::Lambda::Function');
  const folders = readdirSync(assembly).filter((name) => name.startsWith('asset.'));
  expect(lambdas).toHaveLength(functionNames.length);
  expect(folders).toHaveLength(functionNames.length);
  for (const folder of folders) {
    expect(readdirSync(path.join(assembly, folder))).toEqual(expect.arrayContaining(['index.mjs', policyFile]));
  }
});
