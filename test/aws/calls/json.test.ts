/** Calls as plain JSON say what the SDK says by its schemas, and read what it reads. */

import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  DecryptCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
} from '@aws-sdk/client-kms';
import type { HttpRequest, HttpResponse } from '@smithy/types';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { isConditionFailed } from '../../../lambdas/aws/dynamo/refusals.ts';
import { directDynamo, directKms } from '../../fakes/aws/direct.ts';
import { askInstead } from '../../fakes/aws/environment.ts';

type Answer = { readonly statusCode: number; readonly body: string };

beforeAll(() => askInstead({}));

/** A direct client and one of the SDK. Their calls reach a handler that keeps them and gives this answer. */
const clientsOf = (answer: Answer) => {
  const asked: HttpRequest[] = [];
  const handle = async (request: HttpRequest) => {
    asked.push(request);
    const headers = { 'x-amzn-requestid': 'r-1' };
    return { response: { ...answer, headers, body: Buffer.from(answer.body) } as HttpResponse };
  };
  const once = { maxAttempts: 1 };
  const options = { ...once, requestHandler: { handle } };
  // biome-ignore lint/suspicious/noExplicitAny: commands of both services, in one list.
  const by = (dynamo: DynamoDBClient, kms: KMSClient) => (command: any) =>
    ('KeyId' in command.input ? kms.send(command) : dynamo.send(command)) as Promise<unknown>;
  return {
    asked,
    lean: by(directDynamo(handle, once), directKms(handle, once)),
    whole: by(new DynamoDBClient(options), new KMSClient(options)),
  };
};

/** The call as it arrives at AWS. The token of a transaction is drawn for each call. */
const said = ({ method, hostname, path, headers, body }: HttpRequest) => {
  const { ClientRequestToken, ...rest } = JSON.parse(Buffer.from(body).toString());
  const { 'content-type': type, 'x-amz-target': target } = headers;
  return { method, hostname, path, type, target, rest, hasToken: typeof ClientRequestToken === 'string' };
};

const settled = (promise: Promise<unknown>) =>
  promise.then(
    (output) => ({ output: plain(output) }),
    (error: Error) => ({ error: error.name, message: error.message.split('\n')[0], more: membersOf(error) }),
  );

/** The SDK leaves the answer's type and message among the members if the answer has no text. */
const membersOf = (error: object): unknown => {
  const { __type: _type, message: _message, ...members }: Record<string, unknown> = { ...error };
  return plain(members);
};

/** Bytes as text, whichever class holds them. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const kept = Object.entries(value).filter(([name, each]) => name !== 'totalRetryDelay' && each !== undefined);
  return Object.fromEntries(kept.map(([name, each]) => [name, plain(each)]));
};

const text = fc.string({ unit: 'grapheme' });
/** Of attributes. Two are also types of values. */
const named = fc.oneof(text, fc.constantFrom('B', 'BS', 'S'));
const attribute = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: 'small' },
    text.map((S) => ({ S })),
    fc.integer().map((N) => ({ N: String(N) })),
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.array(text, { minLength: 1 }).map((SS) => ({ SS })),
    fc.array(tie('any'), { maxLength: 3 }).map((L) => ({ L })),
    fc.dictionary(named, tie('any'), { maxKeys: 3 }).map((M) => ({ M })),
    fc.uint8Array({ minLength: 1 }).map((B) => ({ B })),
    fc.uint8Array({ minLength: 1 }).map((bytes) => ({ B: Buffer.from(bytes) })),
    fc.array(fc.uint8Array({ minLength: 1 }), { minLength: 1 }).map((BS) => ({ BS })),
    fc.constant({ NULL: true }),
  ),
})).any as fc.Arbitrary<never>;
const item = fc.dictionary(named, attribute, { maxKeys: 4 });
const bytes = fc.uint8Array({ minLength: 1 });
const key = { KeyId: 'arn:aws:kms:us-east-1:000000000000:key/1' } as const;

const commands = fc.oneof(
  item.map((Key) => new GetItemCommand({ TableName: 't', Key, ConsistentRead: true })),
  item.map((Item) => new PutItemCommand({ TableName: 't', Item, ConditionExpression: undefined })),
  item.map((values) => new QueryCommand({ TableName: 't', Limit: 3, ExpressionAttributeValues: values })),
  item.map((values) => new UpdateItemCommand({ TableName: 't', Key: values, ExpressionAttributeValues: values })),
  item.map((Key) => new BatchGetItemCommand({ RequestItems: { t: { Keys: [Key] } } })),
  item.map((Item) => new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName: 't', Item } }] })),
  item.map((Item) => new BatchWriteItemCommand({ RequestItems: { t: [{ PutRequest: { Item } }] } })),
  item.map((Key) => new DeleteItemCommand({ TableName: 't', Key, ReturnValues: 'ALL_OLD' })),
  item.map((from) => new ScanCommand({ TableName: 't', ExclusiveStartKey: from, Segment: 0, TotalSegments: 2 })),
  fc.constant(new GetPublicKeyCommand(key)),
  bytes.map((Message) => new GenerateMacCommand({ ...key, Message, MacAlgorithm: 'HMAC_SHA_256' })),
  bytes.map((Plaintext) => new EncryptCommand({ ...key, Plaintext, EncryptionContext: { a: 'b' } })),
  bytes.map((CiphertextBlob) => new DecryptCommand({ ...key, CiphertextBlob })),
  bytes.map((Message) => new SignCommand({ ...key, Message, SigningAlgorithm: 'ECDSA_SHA_256' })),
);

describe('a call as plain JSON', () => {
  test('a call says what the SDK says by its schemas, and a transaction has a token', async () => {
    const { asked, lean, whole } = clientsOf({ statusCode: 200, body: '{}' });
    await fc.assert(
      fc.asyncProperty(commands, async (command) => {
        await Promise.all([lean(command), whole(command)]);
        const [ours, theirs] = asked.splice(0).map(said);
        expect(ours).toEqual(theirs);
      }),
      { numRuns: 400 },
    );
  });

  const wire = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, function (this: Record<string, unknown>, name: string, each: unknown) {
        const held = this[name];
        return held instanceof Uint8Array ? Buffer.from(held).toString('base64') : each;
      }),
    );
  const update = new UpdateItemCommand({ TableName: 't', Key: {} });
  const canceled = JSON.stringify({
    __type: 'com.amazonaws.dynamodb.v20120810#TransactionCanceledException',
    Message:
      'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]',
    CancellationReasons: [
      { Code: 'None' },
      {
        Code: 'ConditionalCheckFailed',
        Message: 'The conditional request failed',
        Item: { pk: { S: 'a' }, b: { B: 'AAEC' } },
      },
    ],
  });
  const mac = new GenerateMacCommand({ ...key, Message: Buffer.from('m'), MacAlgorithm: 'HMAC_SHA_256' });

  test('an answer is read as the SDK reads it, attributes of bytes included', async () => {
    await fc.assert(
      fc.asyncProperty(item, async (Attributes) => {
        const { lean, whole } = clientsOf({ statusCode: 200, body: JSON.stringify({ Attributes: wire(Attributes) }) });
        expect(await settled(lean(update))).toEqual(await settled(whole(update)));
      }),
      { numRuns: 200 },
    );
  });

  test.each(['name', 'stack', 'message', '__proto__', 'cause'])(
    'a condition that failed is known as one, and keeps its stack, whatever the answer has as %s',
    async (member) => {
      const body = `{"__type":"x#ConditionalCheckFailedException","Message":"m","${member}":{"a":"+4915112345678"}}`;
      const { lean } = clientsOf({ statusCode: 400, body });
      const error = await lean(update).catch((cause: unknown) => cause);
      expect(isConditionFailed(error)).toBe(true);
      expect((error as Error).stack).toMatch(/\n +at /);
      expect((error as Error).cause).toBeUndefined();
    },
  );

  test.each([
    ['bytes of KMS', 200, '{"KeyId":"k","Mac":"AAEC/w==","MacAlgorithm":"HMAC_SHA_256"}'],
    ['a transaction that was canceled', 400, canceled],
    ['a transaction that was canceled for no reason that it tells', 400, '{"__type":"x#TransactionCanceledException"}'],
    [
      'a condition that failed, with bytes',
      400,
      '{"__type":"x#ConditionalCheckFailedException","Item":{"a":{"B":"AAEC"}}}',
    ],
    ['a condition that failed, of another status', 500, '{"__type":"x#ConditionalCheckFailedException","message":"m"}'],
    ['an error without a name', 400, '{"message":"m"}'],
    ['an error that is a list', 400, '["ConditionalCheckFailedException"]'],
    ['an answer that is no JSON', 200, '<html>'],
    ['an answer that is half a JSON', 200, '{"Mac":"AAE'],
    ['an answer that is no object', 200, '[1]'],
    ['an empty answer', 200, ''],
    ['an error of the service', 400, '{"__type":"com.amazonaws#ValidationException","message":"m"}'],
    ['a condition that failed', 400, '{"__type":"x#ConditionalCheckFailedException","Item":{"a":{"S":"b"}}}'],
    ['a throttle', 400, '{"__type":"ThrottlingException","message":"m"}'],
    ['an outage', 503, 'Service Unavailable'],
    ['a redirection', 302, ''],
  ])('%s is read as the SDK reads it', async (_, statusCode, body) => {
    for (const command of body.includes('HMAC_SHA_256') ? [mac] : [update, mac]) {
      const { lean, whole } = clientsOf({ statusCode, body });
      expect(await settled(lean(command))).toEqual(await settled(whole(command)));
    }
  });
});
