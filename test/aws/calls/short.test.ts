/** Calls on the short way are those of the whole way: what AWS is asked, how often, and what becomes of its answer. */

import {
  ConditionalCheckFailedException,
  DescribeTableCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  GetItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import type { HttpRequest } from '@smithy/types';
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { leanClient } from '../../../lambdas/aws/calls/lean.ts';

type Answer = { readonly statusCode?: number; readonly body?: string; readonly headers?: Record<string, string> };
type Asked = HttpRequest & { readonly options: { readonly abortSignal?: AbortSignal } };

const good: Answer = {};
const throttled: Answer = { statusCode: 400, body: '{"__type":"x#ThrottlingException","message":"m"}' };
const refused: Answer = {
  statusCode: 400,
  body: '{"__type":"x#ConditionalCheckFailedException","message":"m","Item":{"pk":{"S":"a"}}}',
};

/** A lean client and one of the SDK, whose calls get these answers, then good ones. */
const clientsOf = (answers: readonly Answer[] = [], more: DynamoDBClientConfig = {}) => {
  const make = (isLean: boolean) => {
    const left = [...answers];
    const asked: Asked[] = [];
    const handle = async (request: HttpRequest, options = {}) => {
      asked.push({ ...request, headers: { ...request.headers }, options });
      const { statusCode = 200, body = '{}', headers = {} } = left.shift() ?? good;
      return { response: { statusCode, headers: { ...headers, 'x-amzn-requestid': 'r' }, body: Buffer.from(body) } };
    };
    const settings = {
      ...{ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' }, maxAttempts: 3, ...more },
      requestHandler: { handle, metadata: { handlerProtocol: 'http/1.1' } },
    } as never;
    const timeouts = { connectionTimeout: 1, requestTimeout: 1, socketTimeout: 1 };
    const client = isLean
      ? leanClient(
          { service: 'dynamodb', timeouts, connections: 'kept' },
          (lean) => new DynamoDBClient({ ...lean, ...(settings as object) }),
        )
      : new DynamoDBClient(settings);
    return { client, asked };
  };
  return { lean: make(true), whole: make(false) };
};

const update = () => new UpdateItemCommand({ TableName: 't', Key: { pk: { S: 'a\u00fc' } } });

afterEach(() => vi.unstubAllEnvs());

/** Headers that differ from call to call, or by intention: the name of the SDK stands in one header instead of two. */
const differs = ['authorization', 'x-amz-date', 'amz-sdk-invocation-id', 'user-agent', 'x-amz-user-agent'];
const said = ({ method, protocol, hostname, port, path, query, headers, body }: HttpRequest) => ({
  ...{ method, protocol, hostname, port, path, query, body: Buffer.from(body as string).toString() },
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !differs.includes(name))),
});

test.each<readonly [string, DynamoDBClientConfig, Readonly<Record<string, string>>]>([
  ['the Region', {}, {}],
  ['a Region of China', { region: 'cn-north-1' }, {}],
  ['a given endpoint', { endpoint: 'http://127.0.0.1:4566' }, {}],
  ['a given endpoint with a path', { endpoint: 'https://example.org:444/emulated/here' }, {}],
  ['an endpoint of the environment', {}, { AWS_ENDPOINT_URL_DYNAMODB: 'http://[::1]:8000' }],
  ['a common endpoint of the environment', {}, { AWS_ENDPOINT_URL: 'https://example.org/all/' }],
])('a call to %s has the address and the headers that the SDK gives it', async (_, more, environment) => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  const { lean, whole } = clientsOf([throttled], more);
  await Promise.all([lean.client.send(update()), whole.client.send(update())]);
  expect(lean.asked.map(said)).toEqual(whole.asked.map(said));
  expect(lean.asked).toHaveLength(2);
  expect(lean.asked[0]?.headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=a\//);
});

test('a transaction has the same token in all tries, and another in the next call', async () => {
  const { client, asked } = clientsOf([throttled, throttled]).lean;
  const write = () => new TransactWriteItemsCommand({ TransactItems: [] });
  await client.send(write());
  await client.send(write());
  const [first, second, third, other] = asked.map(({ body }) => JSON.parse(body).ClientRequestToken);
  expect([second, third]).toEqual([first, first]);
  expect(other).not.toBe(first);
});

test('a refusal is the error of the SDK, with its item, its tries and its hidden response', async () => {
  const { lean, whole } = clientsOf([throttled, refused]);
  const failure = (client: DynamoDBClient) => client.send(update()).catch((error: unknown) => error);
  const [ours, theirs] = await Promise.all([failure(lean.client), failure(whole.client)]);
  for (const error of [ours, theirs]) {
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect(error).toMatchObject({ Item: { pk: { S: 'a' } }, $metadata: { attempts: 2, requestId: 'r' } });
    expect(Object.getOwnPropertyDescriptor(error, '$response')).toMatchObject({ enumerable: false });
  }
  expect(lean.asked).toHaveLength(whole.asked.length);
});

test('an operation that JSON alone cannot read goes the whole way', async () => {
  const described = { body: '{"Table":{"CreationDateTime":1.7e9}}' };
  const { lean, whole } = clientsOf([described]);
  const [ours, theirs] = await Promise.all(
    [lean, whole].map(({ client }) => client.send(new DescribeTableCommand({ TableName: 't' }))),
  );
  expect(ours?.Table?.CreationDateTime).toEqual(new Date(1.7e12));
  expect(ours).toEqual(theirs);
});

test('60 calls at the same time get an answer each, their own', async () => {
  const answers = Array.from({ length: 60 }, (_, n) => ({ body: `{"Item":{"n":{"N":"${n}"}}}` }));
  const { client, asked } = clientsOf(answers).lean;
  const got = await Promise.all(
    answers.map((_, n) => client.send(new GetItemCommand({ TableName: `t${n}`, Key: { pk: { S: 'a' } } }))),
  );
  const tables = asked.map(({ body }) => JSON.parse(body).TableName);
  got.forEach(({ Item }, n) => {
    expect(tables[Number(Item?.['n']?.N)]).toBe(`t${n}`);
  });
});

test('an abort reaches the call', async () => {
  const { client, asked } = clientsOf().lean;
  const { signal } = new AbortController();
  await client.send(update(), { abortSignal: signal });
  expect(asked[0]?.options.abortSignal).toBe(signal);
});

test('a Region that is not known at first is asked for again', async () => {
  const region = vi.fn(async () => 'eu-west-1').mockRejectedValueOnce(new Error('Not yet.'));
  const { client, asked } = clientsOf([], { region }).lean;
  await expect(client.send(update())).rejects.toThrow('Not yet.');
  await client.send(update());
  expect(asked.map(({ hostname }) => hostname)).toEqual(['dynamodb.eu-west-1.amazonaws.com']);
});

test('a clock that AWS corrects stays corrected for calls of every kind', async () => {
  const aws = new Date(Date.now() + 3_600_000);
  const skewed = {
    statusCode: 403,
    body: '{"__type":"x#RequestTimeTooSkewed","message":"m"}',
    headers: { date: aws.toUTCString() },
  };
  const { client, asked } = clientsOf([skewed]).lean;
  await client.send(update());
  await client.send(new DescribeTableCommand({ TableName: 't' }));
  const hours = asked.map(({ headers }) => headers['x-amz-date']?.slice(9, 11));
  const hourOf = (date: Date) => date.toISOString().slice(11, 13);
  expect(hours).toEqual([hourOf(new Date(aws.getTime() - 3_600_000)), hourOf(aws), hourOf(aws)]);
});

describe('a message of SNS', () => {
  const ok =
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>id-1</MessageId>' +
    '</PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>';

  /** A lean client and one of the SDK, each call of which gets this answer. */
  const publishersOf = ({ statusCode = 200, body = ok }: Answer) => {
    const asked: HttpRequest[] = [];
    const handle = async (request: HttpRequest) => {
      asked.push(request);
      return { response: { statusCode, headers: { 'x-amzn-requestid': 'r' }, body: Buffer.from(body) } };
    };
    const settings = {
      ...{ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' }, maxAttempts: 1 },
      requestHandler: { handle, metadata: { handlerProtocol: 'http/1.1' } },
    } as never;
    const timeouts = { connectionTimeout: 1, requestTimeout: 1, socketTimeout: 1 };
    const lean = leanClient(
      { service: 'sns', timeouts, connections: 'recent' },
      (options) => new SNSClient({ ...options, ...(settings as object) }),
    );
    return { asked, lean, whole: new SNSClient(settings) };
  };

  const sent = ({ method, hostname, path, headers, body }: HttpRequest) => ({
    ...{ method, hostname, path, type: headers['content-type'], length: headers['content-length'] },
    fields: Object.fromEntries(new URLSearchParams(Buffer.from(body).toString())),
  });

  const text = fc.string({ unit: 'grapheme', minLength: 1 });
  const attributes = fc.dictionary(
    text,
    fc.record({ DataType: fc.constantFrom('String', 'Number'), StringValue: text }),
    { maxKeys: 3 },
  );
  const plain = fc.record({ PhoneNumber: text, Message: text, MessageAttributes: attributes });
  const others: readonly PublishCommandInput[] = [
    { TopicArn: 'arn:aws:sns:eu-central-1:000000000000:t', Message: 'm' },
    { PhoneNumber: '+4915112345678', Message: 'm', Subject: 's' },
    {
      PhoneNumber: '+4915112345678',
      Message: 'm',
      MessageAttributes: { a: { DataType: 'Binary', BinaryValue: new Uint8Array([1]) } },
    },
  ];
  const messages = fc.oneof({ weight: 9, arbitrary: plain }, fc.constantFrom(...others));

  test('a message says what the SDK says by its schemas', async () => {
    const { asked, lean, whole } = publishersOf({});
    await fc.assert(
      fc.asyncProperty(messages, async (input) => {
        await lean.send(new PublishCommand(input));
        await whole.send(new PublishCommand(input));
        const [ours, theirs] = asked.splice(0).map(sent);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 300 },
    );
  });

  test.each([
    ['an answer', 200, ok],
    ['an answer with white space', 200, `<?xml version="1.0"?>\n${ok.replaceAll('><', '>\n  <')}\n`],
    ['an answer with more in it', 200, ok.replace('</MessageId>', '</MessageId><SequenceNumber>7</SequenceNumber>')],
    ['an answer with an entity', 200, ok.replace('id-1', 'id&amp;1')],
    ['half an answer', 200, ok.slice(0, 100)],
    ['an answer that is cut behind the id', 200, ok.slice(0, ok.indexOf('</PublishResult>'))],
    ['an empty answer', 200, ''],
    ['a page', 200, '<html><body>Hello</body></html>'],
    [
      'an error',
      400,
      '<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>m</Message></Error></ErrorResponse>',
    ],
    ['a throttle', 429, '<ErrorResponse><Error><Code>Throttled</Code><Message>m</Message></Error></ErrorResponse>'],
    ['an outage', 503, 'Service Unavailable'],
    ['an error that looks like an answer', 500, ok],
  ])('%s is read as the SDK reads it', async (_, statusCode, body) => {
    const input = { PhoneNumber: '+4915112345678', Message: 'm' };
    const outcome = async (which: 'lean' | 'whole') => {
      const client = publishersOf({ statusCode, body })[which];
      return client.send(new PublishCommand(input)).then(
        ({ $metadata: { totalRetryDelay: _delay, ...metadata }, ...output }) => ({ output, metadata }),
        (error: Error) => ({ name: error.name, message: error.message.split('\n')[0], more: JSON.stringify(error) }),
      );
    };
    expect(await outcome('lean')).toEqual(await outcome('whole'));
  });
});
