import {
  BatchGetItemCommand,
  DynamoDBClient,
  PutItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { startDynamoFront } from '../../../local/aws/dynamo-front.ts';
import { type Loopback, listenOnLoopback, readBody } from '../../../local/http/loopback.ts';

/** Between front and emulator: a transaction that comes while the gate is closed waits there. */
let gate = { arrived: Promise.withResolvers<void>(), opened: Promise.resolve() };
let between: Loopback;
let dynamo: Dynamo;
let front: Awaited<ReturnType<typeof startDynamoFront>>;
let client: DynamoDBClient;

beforeAll(async () => {
  dynamo = await startDynamo();
  between = await listenOnLoopback();
  between.server.on('request', async (request, response) => {
    const body = await readBody(request, 16 * 1024 * 1024);
    const target = String(request.headers['x-amz-target']);
    if (target.endsWith('TransactWriteItems')) {
      gate.arrived.resolve();
      await gate.opened;
    }
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
      'x-amz-date': String(request.headers['x-amz-date']),
      authorization: String(request.headers.authorization),
    };
    const passed = await fetch(dynamo.emulatorUrl, { method: 'POST', headers, body: body?.toString('utf8') ?? '' });
    response.writeHead(passed.status, { 'content-type': 'application/x-amz-json-1.0' }).end(await passed.text());
  });
  front = await startDynamoFront(between.url);
  client = new DynamoDBClient({
    endpoint: front.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  for (const part of [front, between, dynamo]) await part.stop();
});

/** Starts a transaction that stands still in the middle until it is let go. */
const startTransaction = async (items: TransactWriteItem[], token?: string) => {
  const opened = Promise.withResolvers<void>();
  gate = { arrived: Promise.withResolvers<void>(), opened: opened.promise };
  const running = transact(items, token);
  await gate.arrived.promise;
  return async () => {
    opened.resolve();
    return await running;
  };
};

const key = (pk: string) => ({ pk: { S: pk } });
const put = (pk: string) => ({ Put: { TableName: dynamo.tables.guards, Item: key(pk) } });
const transact = (items: TransactWriteItem[], ClientRequestToken?: string) =>
  client.send(
    new TransactWriteItemsCommand({
      TransactItems: items,
      ...(ClientRequestToken === undefined ? {} : { ClientRequestToken }),
    }),
  );
const write = (pk: string) => client.send(new PutItemCommand({ TableName: dynamo.tables.guards, Item: key(pk) }));

describe('what DynamoDB does and the emulator does not', () => {
  test('a transaction conflicts with one that holds its item, as on AWS, and each entry says whether it was that one', async () => {
    const finish = await startTransaction([put('free'), put('hot')]);
    await expect(transact([put('calm'), put('hot')])).rejects.toMatchObject({
      name: 'TransactionCanceledException',
      CancellationReasons: [{ Code: 'None' }, { Code: 'TransactionConflict' }],
    });
    await finish();
    await transact([put('calm'), put('hot')]);
  });

  test('a plain write is refused while a transaction holds its item, as on AWS, and one of another item is not', async () => {
    const finish = await startTransaction([put('hot')]);
    await expect(write('hot')).rejects.toMatchObject({
      name: 'TransactionConflictException',
      $metadata: { httpStatusCode: 400 },
    });
    await write('calm');
    await finish();
    await write('hot');
  });

  test('a transaction that is repeated while it runs is told so, as on AWS, and is not done twice', async () => {
    const count = (token: string) => {
      const { guards: TableName } = dynamo.tables;
      const Update = {
        TableName,
        Key: key('counted'),
        UpdateExpression: 'ADD n :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      };
      return { items: [{ Update }], token };
    };
    const { items, token } = count('token');
    const finish = await startTransaction(items, token);
    await expect(transact(items, token)).rejects.toMatchObject({ name: 'TransactionInProgressException' });
    await finish();
    await transact(items, token);
    const { Item } = await dynamo.call('DynamoDB_20120810.GetItem', {
      TableName: dynamo.tables.guards,
      Key: key('counted'),
    });
    expect(Item).toMatchObject({ n: { N: '1' } });
  });

  test('an entry of a transaction has one action, as on AWS', async () => {
    const { guards: TableName } = dynamo.tables;
    const two = { ...put('a'), Delete: { TableName, Key: key('b') } };
    await expect(transact([two])).rejects.toMatchObject({ name: 'ValidationException' });
    await expect(transact([{}])).rejects.toMatchObject({ name: 'ValidationException' });
  });

  test('the items of a batch of reads come in no order to rely on, as on AWS', async () => {
    const { guards: TableName } = dynamo.tables;
    for (const pk of ['one', 'two', 'three']) await write(pk);
    const Keys = ['one', 'two', 'three'].map(key);
    const { Responses } = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys } } }));
    expect(Responses?.[TableName]?.map(({ pk }) => pk?.S)).toEqual(['three', 'two', 'one']);
  });

  test('a connection that the emulator drops is dropped in front as well', async () => {
    const nobody = await listenOnLoopback();
    nobody.server.on('request', (request) => request.socket.resetAndDestroy());
    const broken = await startDynamoFront(nobody.url);
    const [failure] = await Promise.allSettled([fetch(broken.url, { method: 'POST', body: '{}' })]);
    expect(failure.status).toBe('rejected');
    await Promise.all([broken.stop(), nobody.stop()]);
  });
});

describe('what DynamoDB refuses', () => {
  const guards = () => ({ TableName: dynamo.tables.guards, Key: { pk: { S: 'strict' } } });
  const value = { ':value': { N: '1' } };
  const many = (count: number) => Array.from({ length: count }, (_, index) => key(`many${index}`));

  test.each<[string, string, () => object]>([
    [
      'a reserved word',
      'UpdateItem',
      () => ({ UpdateExpression: 'SET ttl = :value', ExpressionAttributeValues: value }),
    ],
    [
      'a value that nobody uses',
      'UpdateItem',
      () => ({ UpdateExpression: 'SET a = :value', ExpressionAttributeValues: { ...value, ':more': { N: '1' } } }),
    ],
    [
      'a name that nobody uses',
      'UpdateItem',
      () => ({ UpdateExpression: 'REMOVE a', ExpressionAttributeNames: { '#b': 'b' } }),
    ],
    [
      'a path that is set twice',
      'UpdateItem',
      () => ({ UpdateExpression: 'SET a = :value, a = :value', ExpressionAttributeValues: value }),
    ],
    [
      'a change of the key',
      'UpdateItem',
      () => ({ UpdateExpression: 'SET pk = :value', ExpressionAttributeValues: value }),
    ],
    [
      'an ADD below the top level',
      'UpdateItem',
      () => ({ UpdateExpression: 'ADD a.b :value', ExpressionAttributeValues: value }),
    ],
    ['an expression of more than 4 KB', 'UpdateItem', () => ({ UpdateExpression: `REMOVE ${'a'.repeat(4097)}` })],
    ['an empty set', 'PutItem', () => ({ Item: { ...key('strict'), a: { SS: [] } } })],
    ['a set with a member twice', 'PutItem', () => ({ Item: { ...key('strict'), a: { SS: ['x', 'x'] } } })],
    ['an empty key', 'PutItem', () => ({ Item: key('') })],
    ['a key of 2,049 bytes', 'PutItem', () => ({ Item: key('x'.repeat(2049)) })],
    ['a number of 39 digits', 'PutItem', () => ({ Item: { ...key('strict'), a: { N: '1'.repeat(39) } } })],
    ['400 KB', 'PutItem', () => ({ Item: { ...key('strict'), a: { S: 'x'.repeat(409_600) } } })],
  ])('an item or an expression with %s is refused, as on AWS', async (_, operation, more) => {
    const base = operation === 'PutItem' ? { TableName: dynamo.tables.guards } : guards();
    await expect(dynamo.call(`DynamoDB_20120810.${operation}`, { ...base, ...more() })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  test.each<[string, string, (TableName: string) => object]>([
    ['101 keys', 'BatchGetItem', (name) => ({ RequestItems: { [name]: { Keys: many(101) } } })],
    ['a key twice', 'BatchGetItem', (name) => ({ RequestItems: { [name]: { Keys: [key('a'), key('a')] } } })],
    [
      '26 writes',
      'BatchWriteItem',
      (name) => ({ RequestItems: { [name]: many(26).map((Item) => ({ PutRequest: { Item } })) } }),
    ],
    [
      '101 entries',
      'TransactWriteItems',
      (TableName) => ({ TransactItems: many(101).map((Item) => ({ Put: { TableName, Item } })) }),
    ],
    [
      'two entries for one item',
      'TransactWriteItems',
      (TableName) => ({
        TransactItems: [{ Put: { TableName, Item: key('a') } }, { Delete: { TableName, Key: key('a') } }],
      }),
    ],
    [
      'more than 4 MB',
      'TransactWriteItems',
      (TableName) => ({
        TransactItems: many(12).map((each) => ({
          Put: { TableName, Item: { ...each, a: { S: 'x'.repeat(400_000) } } },
        })),
      }),
    ],
  ])('a batch or a transaction of %s is refused, as on AWS', async (_, operation, input) => {
    const call = dynamo.call(`DynamoDB_20120810.${operation}`, input(dynamo.tables.guards));
    await expect(call).rejects.toMatchObject({ code: 'ValidationException' });
  });

  test('a batch of reads ends at 16 MB, as on AWS, and names the keys that are left', async () => {
    const { guards: TableName } = dynamo.tables;
    for (const Item of many(42))
      await dynamo.call('DynamoDB_20120810.PutItem', { TableName, Item: { ...Item, a: { S: 'x'.repeat(400_000) } } });
    const answer = await client.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: many(42) } } }));
    const left = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
    expect(left.length).toBeGreaterThan(0);
    expect((answer.Responses?.[TableName] ?? []).length + left.length).toBe(42);
    for (const Key of many(42)) await dynamo.call('DynamoDB_20120810.DeleteItem', { TableName, Key });
  });
});
