/** Functions whose calls go to AWS directly: the SDK stands beside their bundle, and is there when a call needs it. */

import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PublishCommand } from '@aws-sdk/client-sns';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../../bundle/bundle.ts';
import { nameCommands, sdkFile } from '../../bundle/commands.ts';
import { dynamodbCalls, kmsCalls, smsVoiceCalls } from '../../lambdas/aws/calls/json.ts';
import { snsCalls } from '../../lambdas/aws/calls/query.ts';
import type { Item } from '../../lambdas/aws/dynamo/items.ts';
import { isCanceled, isConditionFailed } from '../../lambdas/aws/dynamo/refusals.ts';
import { commandOf } from '../../lambdas/aws/sdk.ts';
import { outcomeOf } from '../../lambdas/aws/senders/outcome.ts';
import {
  type AnyFunctionName,
  functionNames,
  functions,
  optionalFunctionNames,
  routes,
} from '../../lambdas/contract.ts';
import type { SmsOutcome } from '../../lambdas/otp/ports.ts';
import { directDynamo, directSns } from '../fakes/aws/direct.ts';
import { askInstead } from '../fakes/aws/environment.ts';
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

describe('the SDK beside a bundle', () => {
  const sdk = () => import(pathToFileURL(path.join(folder, 'request-verification', sdkFile)).href);
  type Answer = Error | { readonly statusCode: number; readonly body: string };
  const lost = Object.assign(new Error('hung up'), { name: 'TimeoutError', code: 'ECONNRESET' });

  beforeAll(() => askInstead({}));

  /** Its last answer comes again and again. */
  const networkOf = (...answers: readonly [Answer, ...Answer[]]) => {
    let calls = 0;
    const handle = async () => {
      const answer = answers[Math.min(calls, answers.length - 1)] ?? answers[0];
      calls += 1;
      if (answer instanceof Error) throw answer;
      return { response: { ...answer, headers: {}, body: Buffer.from(answer.body) } };
    };
    return { handle, calls: () => calls };
  };

  const Item = '{"pk":{"S":"a"},"b":{"B":"AAEC"}}';
  test.each<readonly [string, string, (cause: unknown) => Item | undefined]>([
    [
      'a condition',
      `{"__type":"x#ConditionalCheckFailedException","message":"m","Item":${Item}}`,
      (cause) => (isConditionFailed(cause) ? cause.Item : undefined),
    ],
    [
      'a transaction',
      `{"__type":"x#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"None","Item":${Item}}]}`,
      (cause) => (isCanceled(cause) ? cause.CancellationReasons?.[0]?.Item : undefined),
    ],
  ])('%s that refuses the repeat of a call has its item, as in the first try', async (_, body, itemOf) => {
    for (const answers of [[], [lost]]) {
      const { handle, calls } = networkOf(...([...answers, { statusCode: 400, body }] as [Answer]));
      const client = directDynamo(handle, { sdk });
      const write = new UpdateItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } });
      const found = itemOf(await client.send(write).catch((cause: unknown) => cause));
      expect(found?.['pk']).toEqual({ S: 'a' });
      expect([...(found?.['b']?.B ?? [])]).toEqual([0, 1, 2]);
      expect(calls()).toBe(answers.length + 1);
    }
  });

  const ok = '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>';
  const errorOf = (code: string) =>
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>m</Message></Error></ErrorResponse>`;
  test.each<readonly [string, Answer, SmsOutcome]>([
    ['whose connection is lost', lost, { kind: 'unconfirmed' }],
    ['with an outage', { statusCode: 503, body: 'Service Unavailable' }, { kind: 'unconfirmed' }],
    ['with an outage that looks like an answer', { statusCode: 500, body: ok }, { kind: 'unconfirmed' }],
    ['with half an answer', { statusCode: 200, body: ok.slice(0, 60) }, { kind: 'unconfirmed' }],
    ['with another page', { statusCode: 200, body: '<html><br></html' }, { kind: 'unconfirmed' }],
    ['with a redirection', { statusCode: 302, body: '' }, { kind: 'unconfirmed' }],
    ['that took too long', { statusCode: 408, body: '' }, { kind: 'unconfirmed' }],
    ['with a refusal', { statusCode: 400, body: errorOf('InvalidParameter') }, { kind: 'rejected', reason: 'refused' }],
    ['with a throttle', { statusCode: 400, body: errorOf('Throttled') }, { kind: 'rejected', reason: 'throttled' }],
  ])('a message %s is sent once, and its outcome is known as far as it can be', async (_, answer, outcome) => {
    const { handle, calls } = networkOf(answer);
    const message = new PublishCommand({ PhoneNumber: '+4915112345678', Message: 'm' });
    const cause = await directSns(handle, { sdk })
      .send(message)
      .catch((error: unknown) => error);
    expect(outcomeOf(cause)).toEqual(outcome);
    expect(calls()).toBe(1);
  });

  test('a message whose answer nobody can read, because the SDK is missing, is sent once, and may arrive', async () => {
    const { handle, calls } = networkOf({ statusCode: 200, body: ok.slice(0, 60) });
    const missing = () => import(pathToFileURL(path.join(folder, 'nowhere', sdkFile)).href);
    const message = new PublishCommand({ PhoneNumber: '+4915112345678', Message: 'm' });
    const cause = await directSns(handle, { sdk: missing })
      .send(message)
      .catch((error: unknown) => error);
    expect(outcomeOf(cause)).toEqual({ kind: 'unconfirmed' });
    expect(calls()).toBe(1);
  });
});

test('the SDK has a command for each direct call', () => {
  const operations = [dynamodbCalls(), kmsCalls(), smsVoiceCalls(), snsCalls()].flatMap((calls) => calls.operations);
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
