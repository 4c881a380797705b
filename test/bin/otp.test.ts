import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { functionNames, policyFile } from '../../lambdas/contract.ts';
import { recordOf, resourcesOf } from '../lib/permissions.ts';

const root = path.join(import.meta.dirname, '..', '..');
const out = mkdtempSync(path.join(tmpdir(), 'otp-synth-'));
const assembly = path.join(out, path.basename(root));

/** `cdk synth` as a fresh clone runs it: no credentials, no Region, and every proxy leads nowhere. */
const synthesize = (cwd: string) => {
  const nowhere = 'http://127.0.0.1:9';
  const cdk = path.join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  return spawnSync(process.execPath, [cdk, 'synth', '--quiet', '--output', path.join(out, path.basename(cwd))], {
    cwd,
    encoding: 'utf8',
    env: {
      PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
      HOME: out,
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

test('a finding of cdk-nag without a reason fails the synthesis', () => {
  // A copy inside the project, where its packages are found, whose reason is for a rule that there is none of. Its bundles are empty.
  const copy = path.join(root, 'build', 'otp-without-a-reason');
  for (const part of ['bin', 'lib', 'lambdas', 'cdk.json', 'package.json']) {
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  }
  const makeFolder = "mkdirSync(process.argv[3] + '/' + process.argv[5], { recursive: true });";
  const fakeBundler = `import { mkdirSync } from 'node:fs'; ${makeFolder}`;
  writeFileSync(path.join(copy, 'bin', 'bundle.ts'), fakeBundler);
  const api = path.join(copy, 'lib', 'otp-api.ts');
  writeFileSync(api, readFileSync(api, 'utf8').replace('AwsSolutions-APIG6', 'AwsSolutions-NONE'));
  const { status, stdout, stderr } = synthesize(copy);
  rmSync(copy, { recursive: true });
  expect(status).toBe(1);
  expect(stdout + stderr).toContain('AwsSolutions-APIG6');
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
