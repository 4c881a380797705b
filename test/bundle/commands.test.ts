/** Functions whose calls go to AWS directly: the SDK stands beside their bundle, and is there when a call needs it. */

import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../../bundle/bundle.ts';
import { nameCommands, sdkFile } from '../../bundle/commands.ts';
import { dynamodbCalls, kmsCalls } from '../../lambdas/aws/calls/json.ts';
import { snsCalls } from '../../lambdas/aws/calls/query.ts';
import { commandOf } from '../../lambdas/aws/sdk.ts';
import {
  type AnyFunctionName,
  functionNames,
  functions,
  optionalFunctionNames,
  routes,
} from '../../lambdas/contract.ts';
import { firstFlow, lambdaEnvironment } from '../fakes/cold-start/first-flow.ts';
import { samplePolicy } from '../fakes/policy.ts';
import { startResponder } from '../fakes/responder.ts';

/** Those of a deployment with all that the settings offer. */
const all = [...functionNames, ...optionalFunctionNames];
const withoutDirectCalls: readonly AnyFunctionName[] = [
  ...(['deliver-webhooks', 'replay-dead-letters'] as const),
  // The SDK is inside.
  ...(['export-events', 'read-status'] as const),
];
const names = ['cancel-verification', 'check-verification', 'request-verification'] as const;
const root = path.join(import.meta.dirname, '../..');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'commands-'));
  await bundle({ policy: samplePolicy, functions: all, out: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const route = routes.find((one) => one.function === 'cancel-verification');
const id = `a${'b'.repeat(27)}`;
const event = {
  ...{ resource: route?.path, path: route?.path.replace('{id}', id), httpMethod: route?.method },
  ...{ headers: {}, pathParameters: { id }, body: null, isBase64Encoded: false },
  requestContext: { requestId: 'r', identity: { apiKeyId: 'k', sourceIp: '198.18.0.1' } },
};

const settings: Readonly<Record<string, string>> = {
  VERIFICATIONS_TABLE: 'verifications',
  ENDPOINT: 'https://otp.example.com',
  APPLICATIONS: '{"default":["*"]}',
};

/** A cancellation by the bundle in this folder. The update is its one call. */
const cancel = async (bundled: string, failOnce: readonly string[] = []) => {
  const responder = await startResponder({ failOnce });
  try {
    const wanted = functions['cancel-verification'].environment;
    const env = {
      ...lambdaEnvironment('cancel-verification', responder.endpoints),
      ...Object.fromEntries(wanted.map((name) => [name, settings[name] ?? ''])),
    };
    const flow = await firstFlow({ bundle: path.join(bundled, 'index.mjs'), env, event });
    return { answer: flow.answer as { statusCode: number }, asked: responder.asked };
  } finally {
    await responder.stop();
  }
};

describe('a bundle whose calls are direct', () => {
  test.each(names)('the bundle of %s has no line of the SDK for calls of every day', async (name) => {
    const { sources } = JSON.parse(await readFile(path.join(folder, 'maps', `${name}.mjs.map`), 'utf8'));
    const ofSdk = (sources as string[]).filter((source) =>
      /\/(?:@smithy\/|@aws-sdk\/(?!util-dynamodb\/))/.test(source),
    );
    expect(ofSdk).toEqual([]);
  });

  test.each(all)('the SDK stands beside the bundle of %s, if that loads it, with its licenses', async (name) => {
    const code = await readFile(path.join(folder, name, 'index.mjs'), 'utf8');
    const loadsSdk = code.includes(sdkFile);
    expect((await readdir(path.join(folder, name))).includes(sdkFile)).toBe(loadsSdk);
    expect(loadsSdk).toBe(!withoutDirectCalls.includes(name));
    const licenses = await readFile(path.join(folder, 'maps', `${name}.licenses.txt`), 'utf8');
    if (loadsSdk) expect(licenses).toContain('@aws-sdk/client-kms ');
  });

  test('a usual flow never loads the SDK: its file may be missing', async () => {
    const without = path.join(folder, 'without');
    await cp(path.join(folder, 'cancel-verification'), without, { recursive: true });
    await rm(path.join(without, sdkFile));
    const { asked } = await cancel(without);
    expect(asked).toHaveLength(1);
    // With a fault, the call needs it.
    await expect(cancel(without, ['DynamoDB_20120810.UpdateItem'])).resolves.toMatchObject({
      answer: { statusCode: 503 },
      asked: { length: 1 },
    });
  });

  test('a call that fails is repeated by the SDK beside the bundle', async () => {
    const usual = await cancel(path.join(folder, 'cancel-verification'));
    const { answer, asked } = await cancel(path.join(folder, 'cancel-verification'), ['DynamoDB_20120810.UpdateItem']);
    expect(answer).toEqual(usual.answer);
    expect(asked.map(({ headers }) => headers['amz-sdk-request'])).toEqual([undefined, 'attempt=2; max=3']);
    const [first, second] = asked.map(({ body }) => JSON.parse(body));
    expect(second).toEqual(first);
  });
});

test('the SDK has a command for each direct call', () => {
  const operations = [dynamodbCalls(), kmsCalls(), snsCalls()].flatMap((calls) => calls.operations);
  for (const operation of operations)
    expect(commandOf(operation, {})).toMatchObject({ schema: { 2: operation }, input: {} });
  expect(() => commandOf('DeleteTable', {})).toThrow('DeleteTable');
});

test('a function with a command that no direct client knows fails the build', async () => {
  const contents = "import { DeleteTableCommand } from '@aws-sdk/client-dynamodb'; console.log(DeleteTableCommand);";
  const options = { bundle: true, write: false, platform: 'node', format: 'esm', logLevel: 'silent' } as const;
  const stdin = { contents, resolveDir: root };
  await expect(build({ ...options, stdin, plugins: [nameCommands] })).rejects.toThrow(/No matching export/);
});
