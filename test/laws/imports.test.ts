import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { breaches, type Manifest } from './breaches.ts';
import { root, sources } from './source/files.ts';
import { importsOf } from './source/imports.ts';
import { parse } from './source/syntax.ts';

test('every file imports only what its room may import', async () => {
  const manifest: Manifest = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  expect(sources.map((source) => source.path)).toContain('lambdas/contract.ts');
  const folders = [
    'bench/peers',
    'clients/examples/express',
    'clients/examples/pages',
    'clients/examples/webhooks',
    'test/clients/verifiers',
  ];
  const inner = folders.map(async (folder): Promise<readonly [string, Manifest]> => {
    return [folder, JSON.parse(await readFile(path.join(root, folder, 'package.json'), 'utf8'))];
  });
  expect(breaches(sources, manifest, Object.fromEntries(await Promise.all(inner)))).toEqual([]);
});

const pins = {
  '@aws-lambda-powertools/logger': '2.35.0',
  '@aws-sdk/client-kms': '3.1162.0',
  '@aws-sdk/client-sns': '3.1162.0',
  '@middy/core': '7.9.2',
  'aws-cdk-lib': '2.276.0',
  'cdk-nag': '3.0.2',
  constructs: '10.8.1',
  esbuild: '0.28.2',
  'fast-check': '4.10.2',
  'ipaddr.js': '2.5.0',
  'libphonenumber-js': '1.13.16',
  'sms-segments-calculator': '1.3.0',
  valibot: '^1.5.0',
};
const manifest: Manifest = { devDependencies: { ...pins, valibot: '1.5.0' } };
const breachesOf = (file: string, text: string) => breaches([{ path: file, text }], manifest);

describe('the desk of the page', () => {
  const filesOf = (folder: string) => sources.filter((source) => source.path.startsWith(`local/page/${folder}/`));
  /** Paths that a text names, and other ways out of it than `fetch`. */
  const waysOut = (text: string): readonly string[] => {
    const code = text.replace(/\/\*\*[\s\S]*?\*\//g, '');
    const named = code.match(/(?<=["'`])\/\w[^"'`\s$]*/g) ?? [];
    const calls = /\b(?:XMLHttpRequest|WebSocket|EventSource|sendBeacon)\b|\bimport\(|https?:\/\/(?!www\.w3\.org\/)/g;
    return [...named, ...(code.match(calls) ?? [])];
  };
  const parts = /^\.\/[\w-]+\.js$|^\.\.\/(?:busy|elements|poll)\.js$/;
  const taken = ({ text }: { readonly text: string }) =>
    [...text.matchAll(/^import [^;]*'([^']+)';$/gm)].map(([, from = '']) => from);

  test.each([
    ['desk', '/_operator/v1/'],
    ['traffic', '/_local/traffic'],
  ])('the files of %s name no path but %s, and take nothing that calls another', (folder, only) => {
    const files = filesOf(folder);
    expect(files.flatMap(({ text }) => waysOut(text))).toEqual([only]);
    expect(files.flatMap(taken).filter((from) => !parts.test(from))).toEqual([]);
    expect(files.filter(({ text }) => /\bfetch\(/.test(text))).toHaveLength(1);
  });

  test.each([
    "fetch('/_local/clock')",
    'fetch(`/v1/verifications`)',
    "new WebSocket('x')",
    "await import('./a.js')",
    "fetch('https://example.com')",
  ])('the law of the desk finds %s', (text) => {
    expect(waysOut(text)).not.toEqual([]);
  });
});

describe('breaches', () => {
  test.each([
    ['lambdas/contract.ts', "import { createHash } from 'node:crypto';"],
    ['lambdas/contract.ts', "export type { Policy } from './otp/policy.ts';"],
    ['lambdas/otp/check.ts', "import { KMSClient } from '@aws-sdk/client-kms';"],
    ['lambdas/otp/check.ts', "import type { KMSClient } from '@aws-sdk/client-kms';"],
    ['lambdas/otp/check.ts', "type Client = import('@aws-sdk/client-kms').KMSClient;"],
    ['lambdas/otp/check.ts', "import middy from '@middy/core';"],
    ['lambdas/otp/check.ts', "import { Logger } from '@aws-lambda-powertools/logger';"],
    ['lambdas/otp/check.ts', "import { readFileSync } from 'node:fs';"],
    ['lambdas/otp/check.ts', "import { createHash } from 'crypto';"],
    ['lambdas/policy.ts', "import type { Ruling } from './bursts/judge/ruling.ts';"],
    ['lambdas/policy.ts', "import type { Phone } from './otp/number/phone.ts';"],
    ['lambdas/otp/check.ts', "import type { Level } from '../bursts/counts/keys.ts';"],
    ['lambdas/otp/check.ts', "import { detectBursts } from '../bursts/detect.ts';"],
    ['lambdas/otp/check.ts', "type Level = import('../bursts/counts/keys.ts').Level;"],
    ['lambdas/otp/check.ts', "import { readPolicy } from '../env.ts';"],
    ['lambdas/otp/check.ts', "import crypto = require('crypto');"],
    ['lambdas/bursts/detect.ts', "import { dynamoClient } from '../aws/clients.ts';"],
    ['lambdas/bursts/detect.ts', "import type { Telemetry } from '../telemetry.ts';"],
    ['lambdas/otp/check.ts', "import { seal } from '../aws/kms-seal.ts';"],
    ['lambdas/otp/check.ts', "import { problem } from '../http/handler.ts';"],
    ['lambdas/bursts/judge/score.ts', "const fs = process.getBuiltinModule('node:fs');"],
    ['lambdas/bursts/judge/score.ts', "const load = () => import('node:os');"],
    ['lambdas/bursts/judge/score.ts', 'const load = (name) => import(name);'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    ['lambdas/bursts/judge/score.ts', 'const load = (name) => import(`node:${name}`);'],
    ['lambdas/bursts/judge/score.ts', "import { families } from '../../bench/bursts/traffic/calendar.ts';"],
    ['lambdas/bursts/judge/score.ts', "import type { Visible } from '../../bench/bursts/contenders/contender.ts';"],
    ['bin/otp.ts', 'await import(file);'],
    ['lambdas/aws/kms-mac.ts', "import middy from '@middy/core';"],
    ['lambdas/aws/kms-mac.ts', "import { Logger } from '@aws-lambda-powertools/logger';"],
    ['lambdas/aws/kms-mac.ts', "import { Agent } from 'node:https';"],
    ['lambdas/aws/kms-mac.ts', "import { HttpRequest } from '@smithy/core/protocols';"],
    ['lambdas/aws/kms-mac.ts', "import { readEnvironment } from '../env.ts';"],
    ['lambdas/aws/kms-mac.ts', "import { problem } from '../http/handler.ts';"],
    ['lambdas/stream/batch.ts', "import type { AttributeValue } from '@aws-sdk/client-dynamodb';"],
    ['lambdas/jwks.ts', "import { KMSClient } from '@aws-sdk/client-kms';"],
    ['lambdas/jwks.ts', "import { handler } from './jwks.ts';"],
    ['lambdas/telemetry.ts', "import { handler } from './jwks.ts';"],
    ['lambdas/http/handler.ts', "import { KMSClient } from '@aws-sdk/client-kms';"],
    ['lambdas/http/handler.ts', "import { parseSettings } from '../../lib/settings/settings.ts';"],
    ['lambdas/http/handler.ts', "import { startLocalStack } from '../../local/stack.ts';"],
    ['lambdas/http/handler.ts', "import { Handler } from 'aws-lambda';"],
    ['lambdas/http/handler.ts', "import { handler } from '../check-verification.ts';"],
    ['lambdas/jwks.ts', "export * from './check-verification.ts';"],
    ['lib/otp-stack.ts', "import { KMSClient } from '@aws-sdk/client-kms';"],
    ['lib/otp-stack.ts', "import { handler } from '../lambdas/jwks.ts';"],
    ['lib/otp-stack.ts', "import { checkVerification } from '../lambdas/otp/check.ts';"],
    ['lib/otp-stack.ts', "import { blockKey } from '../lambdas/aws/stores/send-facts.ts';"],
    ['lib/otp-stack.ts', "import type { Ruling } from '../lambdas/bursts/judge/ruling.ts';"],
    ['lib/otp-stack.ts', "import { AwsSolutionsChecks } from 'cdk-nag';"],
    ['lib/otp-stack.ts', "import '../bin/otp.ts';"],
    ['bin/otp.ts', "import { checkVerification } from '../lambdas/otp/check.ts';"],
    ['bin/otp.ts', "import { KMSClient } from '@aws-sdk/client-kms';"],
    ['bin/otp.ts', "import { startLocalStack } from '../local/stack.ts';"],
    ['local/stack.ts', "import { policyOf } from '../lib/settings/settings.ts';"],
    ['local/stack.ts', "import { checkVerification } from '../lambdas/otp/check.ts';"],
    ['local/stack.ts', "import { KMSClient } from '@aws-sdk/client-kms';"],
    ['docs/generate/tables.ts', "import { dynamoFinder } from '../../lambdas/aws/stores/find.ts';"],
    ['docs/generate/tables.ts', "import { keyOf } from '../../lambdas/aws/dynamo/items.ts';"],
    ['docs/generate/tables.ts', "import { noGuard } from '../../lambdas/otp/limits/guard.ts';"],
    ['cli/preflight/judge.ts', "import { SNSClient } from '@aws-sdk/client-sns';"],
    ['cli/preflight/judge.ts', "import { parseSettings } from '../../lib/settings/settings.ts';"],
    ['cli/preflight/judge.ts', "import { askAccount } from './ask.ts';"],
    ['cli/preflight/ask.ts', "import { OtpStack } from '../../lib/otp-stack.ts';"],
    ['cli/preflight/ask.ts', "import { startSns } from '../../local/aws/sns.ts';"],
    ['replay/play.ts', "import { workOn } from '../lambdas/desk/exports/work.ts';"],
    ['lambdas/bursts/detect.ts', "import { memoryBursts } from '../../replay/memory/memory-bursts.ts';"],
    ['lambdas/detect-bursts.ts', "import { memoryBursts } from '../replay/memory/memory-bursts.ts';"],
    ['clients/typescript/caller/client.ts', "import { problems } from '../../../lambdas/contract.ts';"],
    ['clients/typescript/caller/client.ts', "import type { ProblemCode } from '../../../lambdas/contract.ts';"],
    ['clients/typescript/caller/client.ts', "import { jwtVerify } from 'jose';"],
    ['clients/typescript/caller/client.ts', "import { randomUUID } from 'node:crypto';"],
    ['clients/typescript/messages/en.ts', "import { fold } from '../proof/fold.ts';"],
    ['clients/typescript/proof/verify.ts', "import { proofType } from '../../../lambdas/otp/record/proof.ts';"],
    ['clients/typescript/proof/verify.ts', "import { PutItemCommand } from '@aws-sdk/client-dynamodb';"],
    ['clients/typescript/proof/verify.ts', "import { dynamoReplay } from './dynamodb.ts';"],
    ['clients/typescript/proof/dynamodb.ts', "import { SNSClient } from '@aws-sdk/client-sns';"],
    ['clients/examples/express/server.mjs', "import { createClient } from '../../typescript/index.ts';"],
    ['lambdas/otp/check.ts', "import { fold } from '../../clients/typescript/proof/fold.ts';"],
    ['local/stack.ts', "import { createClient } from '../clients/typescript/index.ts';"],
    ['bundle/bundle.ts', "import { samplePolicy } from '../test/fakes/policy.ts';"],
    ['lib/constructs/api.ts', "import { firstFlow } from '../../bench/first-flow.ts';"],
    ['test/otp/check.test.ts', "import { benchPolicy } from '../../bench/stack.ts';"],
    ['test/fakes/world.ts', "import type { Contender } from '../../bench/bursts/contenders/contender.ts';"],
    ['bench/cold.ts', "import { breaches } from '../test/laws/breaches.ts';"],
    ['bench/cold.ts', "import { runSimulation } from '@cloud-copilot/iam-simulate';"],
    ['lib/constructs/iam/permissions.ts', "import { runSimulation } from '@cloud-copilot/iam-simulate';"],
    ['bin/otp.ts', "import { runSimulation } from '@cloud-copilot/iam-simulate';"],
    ['local/aws/kms.ts', "import { runSimulation } from '@cloud-copilot/iam-simulate';"],
  ])('%s may not say %s', (file, text) => {
    expect(breachesOf(file, text)[0]).toMatch(/^\S+ (?:may not import|computes what it imports)/);
  });

  test.each([
    ['const region = process.env.AWS_REGION;', 'the environment'],
    ['const { env } = process;', 'the environment'],
    ['const region = globalThis.process.env.AWS_REGION;', 'the environment'],
    ['const now = Date.now();', 'the clock'],
    ['const now = new Date();', 'the clock'],
    ['const now = new Date;', 'the clock'],
    ['const now = Date();', 'the clock'],
    ['const now = performance.now();', 'the clock'],
    ['const now = globalThis.Date.now();', 'the clock'],
    ["const region = globalThis['process'].env.AWS_REGION;", 'the environment'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    ['const text = `now: ${Date.now()}`;', 'the clock'],
    ['const code = Math.random();', 'chance'],
    ['console.log(code);', 'the console'],
  ])('a pure room may not say %s', (text, word) => {
    expect(breachesOf('lambdas/otp/record/code.ts', text)).toEqual([expect.stringContaining(word)]);
  });

  test('lambdas/aws may not read the environment', () => {
    expect(breachesOf('lambdas/aws/sns.ts', 'const region = process.env.AWS_REGION;')).toHaveLength(1);
  });

  test.each([
    'src/a.ts',
    'lib/utils/a.ts',
    'lib/helpers.ts',
    'local/common.ts',
    'lambdas/shared/a.ts',
    'lib/types.d.ts',
  ])('%s may not be called so', (file) => {
    expect(breachesOf(file, '')).not.toEqual([]);
  });

  test.each([
    'scripts/deploy.ts',
    'lambdas/sns.ts',
    'lambdas/shapes/sns.ts',
    'lambdas/problems/list.ts',
    'preflight/ask.ts',
  ])('%s stands in no room', (file) => {
    expect(breachesOf(file, '')).toEqual([expect.stringContaining('no room')]);
  });

  test('a package of an example has to be pinned exactly, or to be one of this project', () => {
    const source = { path: 'clients/examples/express/server.mjs', text: "import express from 'express';" };
    const folder = 'clients/examples/express';
    const inner = (version: string) => ({ [folder]: { dependencies: { express: version } } });
    expect(breaches([source], {}, inner('5.3.0'))).toEqual([]);
    expect(breaches([source], {}, inner('^5.3.0'))).toEqual([expect.stringContaining('^5.3.0')]);
    expect(breaches([source], {}, inner('file:../../typescript'))).toHaveLength(1);
    expect(breaches([{ ...source, path: 'clients/examples/other/server.mjs' }], {}, inner('5.3.0'))).toHaveLength(1);
    const own = { path: source.path, text: "import { createClient } from 'otp-service-client';" };
    const listed = { [folder]: { dependencies: { 'otp-service-client': 'file:../../typescript' } } };
    expect(breaches([own], {}, listed)).toEqual([]);
  });

  test('a package has to be listed and pinned exactly', () => {
    const source = { path: 'lambdas/otp/number/phone.ts', text: "import * as v from 'valibot';" };
    expect(breaches([source], {})).toEqual([expect.stringContaining('does not list')]);
    expect(breaches([source], { dependencies: pins })).toEqual([expect.stringContaining('^1.5.0')]);
  });
});

describe('what is allowed', () => {
  test.each([
    ['lambdas/otp/number/phone.ts', "import { parsePhoneNumberFromString } from 'libphonenumber-js/max';"],
    ['lambdas/bursts/detect.ts', "import type { Subject } from '../otp/subject.ts';"],
    ['lambdas/otp/limits/admission.ts', "import { blockLevels, type Policy } from '../../policy.ts';"],
    ['lambdas/otp/record/code.ts', "import { randomInt } from 'node:crypto'; import { fields } from '../contract.ts';"],
    [
      'lambdas/otp/record/code.ts',
      "const text = 'process.env'; // Date.now(), import 'node:fs'\nconst at = new Date(nowMs);",
    ],
    ['lambdas/otp/number/phone.ts', "import ipaddr from 'ipaddr.js'; const address = ipaddr.process(text);"],
    ['lambdas/aws/kms-mac.ts', "import { KMSClient } from '@aws-sdk/client-kms'; const now = Date.now();"],
    ['lambdas/aws/kms-mac.ts', "import type { HttpRequest } from '@smithy/types';"],
    ['docs/generate/tables.ts', "import { guardsAttributes } from '../../lambdas/aws/tables/guards.ts';"],
    [
      'docs/generate/tables.ts',
      "import { securityAttributes } from '../../lambdas/aws/tables/security/attributes.ts';",
    ],
    ['lambdas/jwks.ts', "import middy from '@middy/core'; import type { Handler } from 'aws-lambda';"],
    ['lambdas/jwks.ts', "import { answer } from './http/handler.ts'; import { keys } from './aws/kms-keys.ts';"],
    [
      'lib/settings/settings.ts',
      "import type { Policy } from '../../lambdas/policy.ts'; import * as v from 'valibot';",
    ],
    ['lib/otp-stack.ts', "import { Stack } from 'aws-cdk-lib'; import { Key } from 'aws-cdk-lib/aws-kms';"],
    ['bin/otp.ts', "import { AwsSolutionsChecks } from 'cdk-nag'; import { OtpStack } from '../lib/otp-stack.ts';"],
    ['cli/preflight/ask.ts', "import { GetSMSAttributesCommand } from '@aws-sdk/client-sns';"],
    ['cli/preflight/judge.ts', "import type { Settings } from '../../lib/settings/settings.ts';"],
    ['replay/play.ts', "import { judgeTraffic } from '../lambdas/bursts/judge/judge-traffic.ts';"],
    ['local/stack.ts', "import { createServer } from 'node:http'; import { routes } from '../lambdas/contract.ts';"],
    ['local/functions/worker.ts', 'const { handler } = await import(bundle);'],
    ['bench/cold.ts', "import { firstFlow } from '../test/fakes/cold-start/first-flow.ts';"],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    ['bundle/lean.ts', 'const keys = Object.keys(process.getBuiltinModule(`node:${name}`));'],
    ['test/otp/check.test.ts', "import fc from 'fast-check'; import { world } from '../fakes/world.ts';"],
  ])('%s may say %s', (file, text) => {
    expect(breachesOf(file, text)).toEqual([]);
  });
});

describe('imports', () => {
  test.each([
    ["import a, { b as c } from 'x';", 'x', false],
    ["import a from 'x' with { type: 'json' };", 'x', false],
    ["import * as a from\n  'x';", 'x', false],
    ["import { type A } from 'x';", 'x', false],
    ["import type { A } from 'x';", 'x', true],
    ["import type A from 'x';", 'x', true],
    ["import type from 'x';", 'x', false],
    ["import 'x';", 'x', false],
    ['import "x";', 'x', false],
    ["await import('x');", 'x', false],
    ['await import(`x`);', 'x', false],
    ["export * from 'x';", 'x', false],
    ["export * as a from 'x';", 'x', false],
    ["export { a, b as c } from 'x';", 'x', false],
    ["export type { A } from 'x';", 'x', true],
    ["export type * from 'x';", 'x', true],
    ["type A = import('x').A;", 'x', true],
    ["const a = require('x');", 'x', false],
    ["import a = require('x');", 'x', false],
    ["const quote = /['\"`/]/g; import('x');", 'x', false],
    ["const half = a / 2; const b = '/'; import('x');", 'x', false],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
    ["const text = `a ${b ? `c ${'}'}` : { d: 1 }.d} import('y')`; import('x');", 'x', false],
  ])('an import is read from %s', (text, from, isType) => {
    expect(importsOf(parse(text))).toEqual([{ from, isType }]);
  });

  test.each([
    "// import a from 'x';",
    "/* import a from 'x'; */",
    'const text = "import a from \'x\';";',
    "const text = `import a from 'x';`;",
    'const here = import.meta.dirname;',
    "export const from = 'x';",
    "export { a }; const from = 'x';",
    "const a = { import: 'x' };",
    "export type A = { from: 'x' };",
  ])('no import is read from %s', (text) => {
    expect(importsOf(parse(text))).toEqual([]);
  });

  test('a source that cannot be read is refused', () => {
    expect(() => importsOf(parse("const a = 'unfinished"))).toThrow(/Cannot read/);
  });
});

test('MACs are compared in constant time, and nowhere else', async () => {
  const text = await readFile(path.join(root, 'lambdas/otp/record/verification.ts'), 'utf8');
  expect(text).toMatch(/timingSafeEqual\(left, right\)/);
  expect(text).not.toMatch(/(guess|code|mac|first)\s*(===|!==)\s*(guess|verification\.code|code|mac)\b/);
});
