/** Direct calls are those of the SDK: what AWS is asked, how often, and what becomes of its answer. */

import {
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  PinpointSMSVoiceV2Client,
  PutMessageFeedbackCommand,
  SendNotifyTextMessageCommand,
  SendNotifyVoiceMessageCommand,
  SendTextMessageCommand,
  SendVoiceMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { PublishCommand, type PublishCommandInput, SNSClient } from '@aws-sdk/client-sns';
import type { HttpRequest, HttpResponse } from '@smithy/types';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { outcomeOf } from '../../../lambdas/aws/senders/outcome.ts';
import { reasonOf } from '../../../lambdas/aws/senders/reasons.ts';
import { directDynamo, directSmsVoice, directSns } from '../../fakes/aws/direct.ts';

type Answer = {
  readonly statusCode?: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  /** In place of an answer. */
  readonly error?: Error;
};
type Asked = HttpRequest & { readonly options: { readonly abortSignal?: AbortSignal } };

const good: Answer = {};
const throttled: Answer = { statusCode: 400, body: '{"__type":"x#ThrottlingException","message":"m"}' };
const refused: Answer = {
  statusCode: 400,
  body: '{"__type":"x#ConditionalCheckFailedException","message":"m","Item":{"pk":{"S":"a"}}}',
};
const lost: Answer = { error: Object.assign(new Error('hung up'), { name: 'TimeoutError', code: 'ECONNRESET' }) };

beforeEach(() => {
  vi.stubEnv('AWS_REGION', 'eu-central-1');
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 's');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

/** A network whose calls get these answers, then good ones. */
const networkOf = (answers: readonly Answer[]) => {
  const left = [...answers];
  const asked: Asked[] = [];
  const handle = async (request: HttpRequest, options = {}): Promise<{ response: HttpResponse }> => {
    asked.push({ ...request, headers: { ...request.headers }, options });
    const { statusCode = 200, body = '{}', headers = {}, error } = left.shift() ?? good;
    if (error !== undefined) throw error;
    return { response: { statusCode, headers: { ...headers, 'x-amzn-requestid': 'r' }, body: Buffer.from(body) } };
  };
  return { handle, asked };
};

/** A network whose every call gets the same answer. */
const answering = (statusCode: number, body: string) => {
  const asked: HttpRequest[] = [];
  const handle = async (request: HttpRequest) => {
    asked.push(request);
    return { response: { statusCode, headers: { 'x-amzn-requestid': 'r' }, body: Buffer.from(body) } };
  };
  return { handle, asked };
};

type Settings = { readonly region?: string; readonly maxAttempts?: number };

/** A direct client and one of the SDK, whose calls get these answers, then good ones. */
const clientsOf = (answers: readonly Answer[] = [], settings: Settings = {}) => {
  const [ours, theirs] = [networkOf(answers), networkOf(answers)];
  const { maxAttempts = 3 } = settings;
  const direct = directDynamo(ours.handle, { maxAttempts, ...settings });
  const whole = new DynamoDBClient({ maxAttempts, ...settings, requestHandler: { handle: theirs.handle } });
  return { direct: { client: direct, asked: ours.asked }, whole: { client: whole, asked: theirs.asked } };
};

const update = () => new UpdateItemCommand({ TableName: 't', Key: { pk: { S: 'a\u00fc' } } });

/** Headers that differ from call to call, or by intention: a direct call does not count its tries, and names another maker. */
const differs = [
  ...['authorization', 'x-amz-date', 'amz-sdk-invocation-id', 'amz-sdk-request', 'user-agent', 'x-amz-user-agent'],
];
const said = ({ method, protocol, hostname, port, path, query, headers, body }: HttpRequest) => ({
  ...{ method, protocol, hostname, port, path, query, body: Buffer.from(body as string).toString() },
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !differs.includes(name))),
});

const failure = (client: DynamoDBClient) => client.send(update()).catch((error: unknown) => error);

describe('the address and the headers are those of the SDK', () => {
  test.each<readonly [string, Settings, Readonly<Record<string, string>>]>([
    ['the Region', {}, {}],
    ['a given Region', { region: 'ap-southeast-2' }, {}],
    ['a Region of the government', {}, { AWS_REGION: 'us-gov-west-1' }],
    ['a Region of China', {}, { AWS_REGION: 'cn-north-1' }],
    ['a Region of a partition that only the SDK knows', {}, { AWS_REGION: 'us-iso-east-1' }],
    ['an endpoint of the environment', {}, { AWS_ENDPOINT_URL_DYNAMODB: 'http://[::1]:8000' }],
    ['an endpoint with a path', {}, { AWS_ENDPOINT_URL_DYNAMODB: 'https://example.org:444/emulated/here' }],
    ['a common endpoint of the environment', {}, { AWS_ENDPOINT_URL: 'https://example.org/all/' }],
    [
      'an endpoint of two',
      {},
      { AWS_ENDPOINT_URL: 'https://a.example', AWS_ENDPOINT_URL_DYNAMODB: 'https://b.example' },
    ],
    ['an empty endpoint', {}, { AWS_ENDPOINT_URL_DYNAMODB: '' }],
    ['the endpoint of FIPS', {}, { AWS_USE_FIPS_ENDPOINT: 'true' }],
    ['the endpoint of dual stack', {}, { AWS_USE_DUALSTACK_ENDPOINT: 'true' }],
    ['the endpoint of an account', {}, { AWS_ACCOUNT_ID: '000000000000' }],
    ['a session', {}, { AWS_SESSION_TOKEN: 'token' }],
    ['an empty session', {}, { AWS_SESSION_TOKEN: '' }],
  ])('a call to %s says what the SDK says', async (_, settings, environment) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const { direct, whole } = clientsOf([throttled], settings);
    await Promise.all([direct.client.send(update()), whole.client.send(update())]);
    expect(direct.asked.map(said)).toEqual(whole.asked.map(said));
    expect(direct.asked).toHaveLength(2);
    for (const { headers } of direct.asked)
      expect(headers['authorization']).toMatch(/^AWS4-HMAC-SHA256 Credential=a\/\d{8}\/[\w-]+\/dynamodb\//);
  });
});

test.each([
  ['AWS_RETRY_MODE', 'adaptive'],
  ['AWS_CREDENTIAL_EXPIRATION', new Date(Date.now() + 3_600_000).toISOString()],
])('the SDK makes the whole call with a setting that would be another one in its repeats: %s', async (name, value) => {
  vi.stubEnv(name, value);
  const { client, asked } = clientsOf([throttled]).direct;
  await client.send(update());
  expect(asked.map(({ headers }) => headers['amz-sdk-request'])).toEqual([
    expect.stringMatching(/^attempt=1;/),
    expect.stringMatching(/^attempt=2;/),
  ]);
});

test('a client without a Region asks nobody, and the SDK says so', async () => {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION'] as const) vi.stubEnv(name, undefined);
  const { client, asked } = clientsOf().direct;
  await expect(client.send(update())).rejects.toThrow('Region');
  expect(asked).toEqual([]);
});

test('an endpoint that is none is refused as by the SDK', async () => {
  vi.stubEnv('AWS_ENDPOINT_URL_DYNAMODB', 'no address');
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const { direct, whole } = clientsOf();
  const [ours, theirs] = await Promise.all([failure(direct.client), failure(whole.client)]);
  expect(ours).toBeInstanceOf(Error);
  expect(String(ours)).toBe(String(theirs));
  vi.restoreAllMocks();
});

test('a Region that is not known at first is asked for again', async () => {
  vi.stubEnv('AWS_REGION', undefined);
  const { client, asked } = clientsOf().direct;
  await expect(client.send(update())).rejects.toThrow('Region');
  vi.stubEnv('AWS_REGION', 'eu-west-1');
  await client.send(update());
  expect(asked.map(({ hostname }) => hostname)).toEqual(['dynamodb.eu-west-1.amazonaws.com']);
});

test('a transaction has the same token in all tries, and another in the next call', async () => {
  const { client, asked } = clientsOf([throttled, throttled]).direct;
  const write = () => new TransactWriteItemsCommand({ TransactItems: [] });
  await client.send(write());
  await client.send(write());
  const [first, second, third, other] = asked.map(
    ({ body }) => JSON.parse(Buffer.from(body).toString()).ClientRequestToken,
  );
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect([second, third]).toEqual([first, first]);
  expect(other).not.toBe(first);
});

test('a transaction whose caller gave it a token keeps that', async () => {
  const { client, asked } = clientsOf([lost]).direct;
  await client.send(new TransactWriteItemsCommand({ TransactItems: [], ClientRequestToken: 'mine' }));
  expect(asked.map(({ body }) => JSON.parse(Buffer.from(body).toString()).ClientRequestToken)).toEqual([
    'mine',
    'mine',
  ]);
});

test('a transaction whose token is undefined has one in all tries', async () => {
  const { client, asked } = clientsOf([lost]).direct;
  await client.send(new TransactWriteItemsCommand({ TransactItems: [], ClientRequestToken: undefined }));
  const [first, second] = asked.map(({ body }) => JSON.parse(Buffer.from(body).toString()).ClientRequestToken);
  expect(first).toMatch(/^[0-9a-f-]{36}$/);
  expect(second).toBe(first);
});

describe('tries', () => {
  const outage: Answer = { statusCode: 503, body: 'Service Unavailable' };
  const denied: Answer = { statusCode: 400, body: '{"__type":"x#AccessDeniedException","message":"m"}' };
  const page: Answer = { body: '<html>' };
  const cases: readonly (readonly [string, readonly Answer[]])[] = [
    ['a throttle', [throttled]],
    ['a lost connection', [lost]],
    ['an outage', [outage]],
    ['two faults of two kinds', [lost, outage]],
    ['faults without end', [throttled, lost, throttled, lost]],
    ['an error that no try mends', [denied, good]],
    ['an error that no try mends, after one that a try mends', [throttled, denied]],
    ['a condition that fails at once', [refused]],
    ['a condition that fails after a fault', [lost, refused]],
    ['an answer that is none', [page]],
  ];

  test.each(cases.flatMap(([name, answers]) => [3, 1].map((maxAttempts) => [name, maxAttempts, answers] as const)))(
    '%s with %i tries ends as with the SDK, after as many',
    async (_, maxAttempts, answers) => {
      const { direct, whole } = clientsOf(answers, { maxAttempts });
      const settled = async (client: DynamoDBClient) =>
        client.send(update()).then(
          () => 'done',
          (error: Error & { Item?: unknown; code?: string }) => [error.name, error.message, error.Item, error.code],
        );
      expect(await settled(direct.client)).toEqual(await settled(whole.client));
      expect(direct.asked.length).toBe(whole.asked.length);
    },
  );

  test('an answer says after how many tries it came', async () => {
    const attempts = async (...answers: Answer[]) =>
      (await clientsOf(answers).direct.client.send(update())).$metadata.attempts;
    expect(await attempts()).toBe(1);
    expect(await attempts(throttled)).toBe(2);
    expect(await attempts(lost, throttled)).toBe(3);
  });

  test('each of many calls at the same time is repeated after a throttle, as itself', async () => {
    const n = 30;
    const answers = Array.from({ length: n }, () => throttled);
    const { client, asked } = clientsOf(answers).direct;
    await Promise.all(
      Array.from({ length: n }, (_, at) =>
        client.send(new GetItemCommand({ TableName: `t${at}`, Key: { pk: { S: 'a' } } })),
      ),
    );
    const tables = asked.map(({ body }) => JSON.parse(Buffer.from(body).toString()).TableName);
    for (let at = 0; at < n; at += 1) expect(tables.filter((name) => name === `t${at}`)).toHaveLength(2);
  });

  test('a quota of retries that failures used up is filled again by calls that succeed', async () => {
    let isUp = false;
    const network = () => {
      let calls = 0;
      const handle = async () => {
        calls += 1;
        return { response: { statusCode: isUp ? 200 : 500, headers: {}, body: Buffer.from('{}') } };
      };
      return { handle, calls: () => calls };
    };
    const triesWith = async (client: DynamoDBClient, calls: () => number) => {
      const triesOfNext = async () => {
        const before = calls();
        await failure(client);
        return calls() - before;
      };
      isUp = false;
      await Promise.all(Array.from({ length: 100 }, () => failure(client)));
      const exhausted = await triesOfNext();
      isUp = true;
      for (let call = 0; call < 20; call += 1) await client.send(update());
      isUp = false;
      return [exhausted, await triesOfNext()];
    };
    const [ours, theirs] = [network(), network()];
    const direct = await triesWith(directDynamo(ours.handle), ours.calls);
    const whole = await triesWith(new DynamoDBClient({ maxAttempts: 3, requestHandler: theirs }), theirs.calls);
    expect(direct).toEqual(whole);
    expect(direct[0]).toBe(1);
    expect(direct[1]).toBeGreaterThan(1);
  });
});

test('a command that no direct client knows is made by the SDK', async () => {
  const described = { body: '{"Table":{"CreationDateTime":1.7e9}}' };
  const { direct, whole } = clientsOf([described]);
  const [ours, theirs] = await Promise.all(
    [direct, whole].map(({ client }) => client.send(new DescribeTableCommand({ TableName: 't' }))),
  );
  expect(ours?.Table?.CreationDateTime).toEqual(new Date(1.7e12));
  expect(ours).toEqual(theirs);
});

test('60 calls at the same time get an answer each, their own', async () => {
  const answers = Array.from({ length: 60 }, (_, n) => ({ body: `{"Item":{"n":{"N":"${n}"}}}` }));
  const { client, asked } = clientsOf(answers).direct;
  const got = await Promise.all(
    answers.map((_, n) => client.send(new GetItemCommand({ TableName: `t${n}`, Key: { pk: { S: 'a' } } }))),
  );
  const tables = asked.map(({ body }) => JSON.parse(Buffer.from(body).toString()).TableName);
  got.forEach(({ Item }, n) => {
    expect(tables[Number(Item?.['n']?.N)]).toBe(`t${n}`);
  });
});

test('an abort reaches the call, and ends it without another try', async () => {
  const abort = new AbortController();
  const { client, asked } = clientsOf([
    { error: Object.assign(new Error('Request aborted'), { name: 'AbortError' }) },
  ]).direct;
  abort.abort();
  await expect(client.send(update(), { abortSignal: abort.signal })).rejects.toMatchObject({ name: 'AbortError' });
  expect(asked.map(({ options }) => options.abortSignal)).toEqual([abort.signal]);
});

test('a clock that AWS corrects stays corrected for calls of every kind', async () => {
  const aws = new Date(Date.now() + 3_600_000);
  const skewed = {
    statusCode: 403,
    body: '{"__type":"x#RequestTimeTooSkewed","message":"m"}',
    headers: { date: aws.toUTCString() },
  };
  const { client, asked } = clientsOf([skewed]).direct;
  await client.send(update());
  await client.send(update());
  await client.send(new DescribeTableCommand({ TableName: 't' }));
  const hours = asked.map(({ headers }) => headers['x-amz-date']?.slice(9, 11));
  const hourOf = (date: Date) => date.toISOString().slice(11, 13);
  expect(hours).toEqual([hourOf(new Date(aws.getTime() - 3_600_000)), ...[1, 2, 3].map(() => hourOf(aws))]);
});

test('each of many calls that a wrong clock signed is repeated, though another one has corrected the clock meanwhile', async () => {
  // Two answers of one millisecond correct the clock by the same time.
  vi.useFakeTimers({ toFake: ['Date'] });
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  const held: (() => void)[] = [];
  const skewed = '{"__type":"x#RequestTimeTooSkewed","message":"m"}';
  const handle = ({ headers }: HttpRequest) =>
    new Promise<{ response: HttpResponse }>((resolve) => {
      const isSkewed = headers['x-amz-date']?.slice(9, 11) !== date.slice(17, 19);
      const body = Buffer.from(isSkewed ? skewed : '{}');
      held.push(() => resolve({ response: { statusCode: isSkewed ? 403 : 200, headers: { date }, body } }));
    });
  const outcomesWith = async (client: DynamoDBClient) => {
    const outcomes: string[] = [];
    const calls = Array.from({ length: 5 }, async () => {
      outcomes.push(
        await client.send(update()).then(
          () => 'done',
          ({ name }: Error) => name,
        ),
      );
    });
    await vi.waitFor(() => expect(held).toHaveLength(calls.length));
    while (outcomes.length < calls.length) {
      held.shift()?.();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return outcomes;
  };
  const direct = directDynamo(handle);
  const whole = new DynamoDBClient({ maxAttempts: 3, requestHandler: { handle } });
  expect(await outcomesWith(direct)).toEqual(await outcomesWith(whole));
});

describe('a message of SNS', () => {
  const ok =
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>id-1</MessageId>' +
    '</PublishResult><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>';

  /** A direct client and one of the SDK, each call of which gets this answer. */
  const publishersOf = ({ statusCode = 200, body = ok }: Answer) => {
    const { handle, asked } = answering(statusCode, body);
    return { asked, direct: directSns(handle), whole: new SNSClient({ maxAttempts: 1, requestHandler: { handle } }) };
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
    const { asked, direct, whole } = publishersOf({});
    await fc.assert(
      fc.asyncProperty(messages, async (input) => {
        await direct.send(new PublishCommand(input));
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
  ])('%s is read as the SDK reads it, after one call', async (_, statusCode, body) => {
    const input = { PhoneNumber: '+4915112345678', Message: 'm' };
    const outcome = async (which: 'direct' | 'whole') => {
      const { asked, [which]: client } = publishersOf({ statusCode, body });
      const told = await client.send(new PublishCommand(input)).then(
        ({ $metadata: { totalRetryDelay: _delay, ...metadata }, ...output }) => ({ output, metadata }),
        (error: Error) => ({ name: error.name, message: error.message.split('\n')[0], more: JSON.stringify(error) }),
      );
      return { told, calls: asked.length };
    };
    expect(await outcome('direct')).toEqual(await outcome('whole'));
  });
});

describe('a message of AWS End User Messaging', () => {
  /** A direct client and one of the SDK, each call of which gets this answer. */
  const messengersOf = ({ statusCode = 200, body = '{"MessageId":"m-1"}' }: Answer, region = '') => {
    const { handle, asked } = answering(statusCode, body);
    const whole = new PinpointSMSVoiceV2Client({
      ...(region === '' ? {} : { region }),
      ...{ maxAttempts: 1, requestHandler: { handle } },
    });
    return { asked, direct: directSmsVoice(handle, { region }), whole };
  };

  const text = fc.string({ unit: 'grapheme' });
  const words = fc.dictionary(fc.oneof(text, fc.constantFrom('B', 'BS', '__type')), text, { maxKeys: 3 });
  const commands = fc.oneof(
    fc
      .record({ DestinationPhoneNumber: text, MessageBody: text, Context: words, TimeToLive: fc.integer() })
      .map((input) => new SendTextMessageCommand(input)),
    fc
      .record({ NotifyConfigurationId: text, DestinationPhoneNumber: text, TemplateVariables: words })
      .map((input) => new SendNotifyTextMessageCommand(input)),
    fc
      .record({ DestinationPhoneNumber: text, OriginationIdentity: text, MessageBody: text, DryRun: fc.boolean() })
      .map((input) => new SendVoiceMessageCommand(input)),
    fc
      .record({ NotifyConfigurationId: text, DestinationPhoneNumber: text, TemplateVariables: words })
      .map((input) => new SendNotifyVoiceMessageCommand(input)),
    text.map((MessageId) => new PutMessageFeedbackCommand({ MessageId, MessageFeedbackStatus: 'RECEIVED' })),
  );
  /** Without the digest: the SDK writes the members in another order. */
  const meant = (request: HttpRequest) => {
    const { headers, body, ...rest } = said(request);
    const { 'x-amz-content-sha256': _digest, ...others } = headers;
    return { ...rest, headers: others, body: JSON.parse(body) };
  };

  test.each<readonly [string, string, Readonly<Record<string, string>>]>([
    ['the Region', '', {}],
    ['another Region', 'us-west-2', {}],
    ['an endpoint of the environment', '', { AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2: 'http://127.0.0.1:4000/aws' }],
  ])('a message by the address of %s says what the SDK says by its schemas', async (_, region, environment) => {
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const { asked, direct, whole } = messengersOf({}, region);
    await fc.assert(
      fc.asyncProperty(commands, async (command) => {
        await direct.send(command as SendTextMessageCommand);
        await whole.send(command as SendTextMessageCommand);
        const [ours, theirs] = asked.splice(0).map(meant);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['an answer', 200, '{"MessageId":"m-1"}'],
    ['an answer without an id', 200, '{}'],
    ['half an answer', 200, '{"Mess'],
    ['an empty answer', 200, ''],
    ['a page', 200, '<html>'],
    [
      'a number that opted out',
      400,
      '{"__type":"ConflictException","Message":"m","Reason":"DESTINATION_PHONE_NUMBER_OPTED_OUT"}',
    ],
    ['a reason that nobody knows', 400, '{"__type":"x#ValidationException","Message":"m","Reason":"NEW"}'],
    [
      'a limit of the day',
      400,
      '{"__type":"ServiceQuotaExceededException","Message":"m","Reason":"DAILY_DESTINATION_CALL_LIMIT"}',
    ],
    ['a missing permission', 400, '{"__type":"AccessDeniedException","Message":"m","Reason":"ACCOUNT_DISABLED"}'],
    ['a throttle', 400, '{"__type":"ThrottlingException","Message":"m"}'],
    ['an outage', 500, '{"__type":"InternalServerException","Message":"m","RequestId":"r"}'],
    ['a page of a proxy', 503, 'Service Unavailable'],
  ])('%s is read as the SDK reads it, after one call to End User Messaging', async (_, statusCode, body) => {
    const outcome = async (which: 'direct' | 'whole') => {
      const { asked, [which]: client } = messengersOf({ statusCode, body });
      const told = await client.send(new SendTextMessageCommand({ DestinationPhoneNumber: '+0' })).then(
        ({ MessageId }) => MessageId,
        (error: Error) => ({
          outcome: outcomeOf(error, reasonOf),
          name: error.name,
          code: Reflect.get(error, 'Reason'),
        }),
      );
      return { told, calls: asked.length };
    };
    expect(await outcome('direct')).toEqual(await outcome('whole'));
  });
});
