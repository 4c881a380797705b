import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoReplay } from '../../../clients/typescript/proof/dynamodb.ts';
import { startDynamo } from '../../../local/aws/dynamo.ts';
import { type AwsProxy, awsProxy } from '../../fakes/aws/proxy.ts';

const tableName = 'used-proofs';
let dynamo: Awaited<ReturnType<typeof startDynamo>>;
let proxy: AwsProxy;
let client: DynamoDBClient;
beforeAll(async () => {
  dynamo = await startDynamo();
  proxy = await awsProxy(dynamo.url);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  client = new DynamoDBClient({ endpoint: proxy.url, region: 'us-east-1', credentials, maxAttempts: 3 });
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'jti', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'jti', KeyType: 'HASH' }],
    }),
  );
});
afterAll(async () => {
  client.destroy();
  await proxy.stop();
  await dynamo.stop();
});

test('a proof is used once, and stands in the table until it has expired', async () => {
  const { use } = dynamoReplay({ client, tableName, prefix: 'proof#' });
  expect([await use('a', 1795303742.5), await use('a', 1795303742.5), await use('b', 1)]).toEqual([true, false, true]);
  const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: { jti: { S: 'proof#a' } } }));
  expect(Item?.['expiresAt']).toEqual({ N: '1795303743' });
});

test('one of twenty parallel uses of two processes is the first', async () => {
  const stores = [dynamoReplay({ client, tableName }), dynamoReplay({ client, tableName })];
  const uses = Array.from({ length: 20 }, (_, index) => stores[index % 2]?.use('raced', 1795303742));
  expect((await Promise.all(uses)).filter(Boolean)).toHaveLength(1);
});

test('a person whose first use lost its answer is not refused: the SDK repeats the write, which knows its own', async () => {
  const { use } = dynamoReplay({ client, tableName });
  proxy.failAt(0, 'lost-answer', 1, 'PutItem');
  expect(await use('lost', 1795303742)).toBe(true);
  expect([...proxy.struck]).toContain('PutItem: lost-answer');
  proxy.heal();
  expect(await use('lost', 1795303742)).toBe(false);
});

test('a table that is away throws, so that nobody takes a proof for unused', async () => {
  const { use } = dynamoReplay({ client, tableName });
  proxy.failAt(0, 'internal-error', 100, 'PutItem');
  await expect(use('away', 1795303742)).rejects.toThrow();
  proxy.heal();
  await expect(dynamoReplay({ client, tableName: 'no-such-table' }).use('a', 1)).rejects.toThrow();
});
