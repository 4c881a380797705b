/** Error classes in short are those of the SDK: as objects, and as what becomes of an answer of AWS. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shortErrors } from '../../bundle/errors.ts';
import { trimModules, trims } from '../../bundle/lean.ts';
import { namedErrors, plainSchemas, schemasOfNamedErrors } from '../../bundle/schemas.ts';

const root = path.join(import.meta.dirname, '../..');
const clients = ['cloudwatch', 'dynamodb', 'eventbridge', 'kms', 'lambda', 's3', 'sns'];
const errorsOf = (client: string) => `@aws-sdk/client-${client}/dist-es/models/errors.js`;
const textOf = (client: string) => readFile(path.join(root, 'node_modules', errorsOf(client)), 'utf8');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'errors-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Kind = 'short' | 'whole';

/** A module with the trims of the functions, minified as they are; or with the SDK as it comes. */
const load = async (name: string, kind: Kind, contents: string) => {
  const outfile = path.join(folder, `${name}-${kind}.mjs`);
  const trimmed = trims.filter(({ becomes }) => [shortErrors, plainSchemas, schemasOfNamedErrors].includes(becomes));
  await build({
    stdin: { contents, resolveDir: root },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    minify: kind === 'short',
    mainFields: ['module', 'main'],
    logLevel: 'silent',
    absWorkingDir: root,
    plugins: kind === 'short' ? [trimModules(trimmed, root)] : [],
  });
  return import(pathToFileURL(outfile).href);
};

type Ctor = (new (options: object) => Error) & { readonly shapeId: string };

const options = {
  name: 'AnotherName',
  message: 'It failed.',
  $metadata: { httpStatusCode: 400, requestId: 'request' },
  Message: 'It failed so.',
  Item: { pk: { S: 'guard#' } },
  CancellationReasons: [{ Code: 'None' }],
};

/** What code can learn of an error, except its stack. */
const factsOf = (error: Error, ctors: readonly Ctor[]) => {
  const { stack: _, ...own } = Object.fromEntries(
    Object.getOwnPropertyNames(error).map((key) => [key, (error as unknown as Record<string, unknown>)[key]]),
  );
  return {
    own,
    text: String(error),
    isInstanceOf: ctors.filter((ctor) => error instanceof ctor).map(({ shapeId }) => shapeId),
    shapeId: (error.constructor as Ctor).shapeId,
    baseId: (Object.getPrototypeOf(error.constructor) as Ctor).shapeId,
  };
};

describe.each(clients)('the errors of %s', (client) => {
  test('error classes in short have the names, ids, fields and kin of those of the SDK', async () => {
    const contents = `export * from './node_modules/${errorsOf(client)}';`;
    const [short, whole]: Record<string, Ctor>[] = await Promise.all([
      load(client, 'short', contents),
      load(client, 'whole', contents),
    ]);
    const facts = (module: Record<string, Ctor> = {}) => {
      const ctors = Object.values(module);
      const made = Object.entries(module).map(([name, ctor]) => [
        name,
        [{}, options].map((given) => factsOf(new ctor(given), ctors)),
      ]);
      return Object.fromEntries(made);
    };
    expect(Object.keys(whole ?? {}).length).toBeGreaterThan(10);
    expect(facts(short)).toEqual(facts(whole));
  });

  test('error classes in short are a third of their length', async () => {
    const text = await textOf(client);
    expect(shortErrors(text).length).toBeLessThan(text.length / 3);
  });

  test('a class that is spelled in another way fails the build', async () => {
    const text = await textOf(client);
    const changes = [
      text.replace('super({', 'super({ more: 1,'),
      text.replace('$fault = "client"', '$fault = "server"'),
      text.replace('    constructor', '    Item;\n    constructor'),
      `${text}export const more = 1;\n`,
    ];
    for (const changed of changes) expect(() => shortErrors(changed)).toThrow(/bundle\/errors\.ts/);
  });
});

/** A client whose every call is answered with one error, and what the caller catches. */
const caught = `
  import { DynamoDBClient, TransactWriteItemsCommand, ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
  import { PutEventsCommand, EventBridgeClient } from '@aws-sdk/client-eventbridge';
  import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
  import { GetEventSourceMappingCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
  import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
  import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
  import { HttpResponse } from '@smithy/core/protocols';
  const calls = {
    dynamodb: [DynamoDBClient, new TransactWriteItemsCommand({ TransactItems: [] })],
    kms: [KMSClient, new GenerateMacCommand({ KeyId: 'key', MacAlgorithm: 'HMAC_SHA_256', Message: new Uint8Array(1) })],
    eventbridge: [EventBridgeClient, new PutEventsCommand({ Entries: [] })],
    lambda: [LambdaClient, new GetEventSourceMappingCommand({ UUID: 'mapping' })],
    s3: [S3Client, new GetObjectCommand({ Bucket: 'bucket', Key: 'key' })],
    sns: [SNSClient, new PublishCommand({ Message: 'Hello' })],
  };
  export const ctors = [ConditionalCheckFailedException, ResourceNotFoundException, TransactionCanceledException];
  export const catchAnswer = async (service, statusCode, body) => {
    const [Client, command] = calls[service];
    const headers = { 'x-amzn-requestid': 'request', 'content-type': 'application/x-amz-json-1.0' };
    let tries = 0;
    const handle = async () => {
      tries += 1;
      return { response: new HttpResponse({ statusCode, headers, body: new TextEncoder().encode(body) }) };
    };
    const client = new Client({
      region: 'eu-central-1',
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 2,
      requestHandler: { handle },
    });
    const error = await client.send(command).then(() => undefined, (cause) => cause);
    return { error, tries };
  };`;

const shapesOf = async (client: string): Promise<readonly string[]> =>
  [...(await textOf(client)).matchAll(/export class (\w+)/g)].map(([, shape = '']) => shape);

const answerOf = (client: string, shape: string): string => {
  if (client === 's3')
    return `<Error><Code>${shape}</Code><Message>No.</Message><RequestId>request</RequestId></Error>`;
  if (client === 'sns')
    return `<ErrorResponse><Error><Type>Sender</Type><Code>${shape}</Code><Message>No.</Message></Error><RequestId>request</RequestId></ErrorResponse>`;
  return JSON.stringify({
    __type: `com.amazonaws.${client}#${shape}`,
    message: 'No.',
    Item: { pk: { S: 'guard#' } },
    CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: { pk: { S: 'guard#' } } }],
  });
};

const caughtBy = (kind: Kind) => load('caught', kind, caught);
let modules: readonly [Awaited<ReturnType<typeof caughtBy>>, Awaited<ReturnType<typeof caughtBy>>];
beforeAll(async () => {
  modules = await Promise.all([caughtBy('short'), caughtBy('whole')]);
});

test.each(['dynamodb', 'eventbridge', 'kms', 'lambda', 's3', 'sns'])(
  'an answer of %s with an error becomes what the whole SDK makes of it',
  async (client) => {
    const [short, whole] = modules;
    const names = [...(await shapesOf(client)), 'ValidationException', 'AccessDeniedException', 'NeverHeardOf'];
    const seenOf = async ({ catchAnswer, ctors }: typeof short, shape: string, status: number) => {
      const { error, tries } = await catchAnswer(client, status, answerOf(client, shape));
      const { own, isInstanceOf } = factsOf(error, ctors);
      const { totalRetryDelay: _, ...metadata } = own['$metadata'] as Record<string, unknown>;
      const seen = { name: error.name, message: error.message, metadata, isInstanceOf, tries };
      // Of an error that nobody names, name and message count. All of SNS are as they were.
      const isWhole = client === 'sns' || namedErrors.includes(shape);
      return isWhole ? { ...own, ...seen, $metadata: undefined, $response: undefined } : seen;
    };
    const cases = names.flatMap((shape) => [400, 500].map((status) => [shape, status] as const));
    const seenBy = (module: typeof short) => Promise.all(cases.map(([shape, status]) => seenOf(module, shape, status)));
    const [ours, theirs] = await Promise.all([seenBy(short), seenBy(whole)]);
    expect(ours).toEqual(theirs);
    expect(ours.map(({ name }) => name)).toEqual(cases.map(([shape]) => shape));
  },
);
