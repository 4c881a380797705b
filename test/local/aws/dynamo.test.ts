import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tables } from '../../../lambdas/contract.ts';
import { asRecord, type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { startExpirySweeper } from '../../../local/aws/expiry.ts';
import { until } from '../fixtures.ts';

let dynamo: Dynamo;
let client: DynamoDBClient;
beforeAll(async () => {
  dynamo = await startDynamo();
  client = new DynamoDBClient({
    endpoint: dynamo.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  await dynamo.stop();
});

describe('the tables', () => {
  test('the tables are those of the contract, with their stream and expiry', async () => {
    const describeTable = async (name: string) =>
      asRecord((await dynamo.call('DynamoDB_20120810.DescribeTable', { TableName: name }))['Table']);
    expect(await describeTable(dynamo.tables.verifications)).toMatchObject({
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect(await describeTable(dynamo.tables.guards)).not.toHaveProperty('StreamSpecification');
    for (const name of ['verifications', 'guards'] as const) {
      const TableName = dynamo.tables[name];
      expect(await dynamo.call('DynamoDB_20120810.DescribeTimeToLive', { TableName })).toMatchObject({
        TimeToLiveDescription: { AttributeName: tables[name].timeToLiveAttribute, TimeToLiveStatus: 'ENABLED' },
      });
    }
  });

  test('the tables at an endpoint of somebody else have names of their own, and go at the end', async () => {
    const listTables = async () => (await dynamo.call('DynamoDB_20120810.ListTables', {}))['TableNames'];
    const before = await listTables();
    const [one, two] = await Promise.all([
      startDynamo({ endpoint: dynamo.url }),
      startDynamo({ endpoint: dynamo.url }),
    ]);
    const names = [one, two, dynamo].flatMap(({ tables }) => Object.values(tables));
    expect(new Set(names).size).toBe(3 * 4);
    await Promise.all([one.stop(), two.stop()]);
    expect(await listTables()).toEqual(before);
  });
});

describe('conditions', () => {
  test('a refused check gets the record back, and a check that fits appends its guess', async () => {
    const { verifications: TableName } = dynamo.tables;
    await client.send(
      new PutItemCommand({
        TableName,
        Item: {
          pk: { S: 'record' },
          code: { B: Buffer.from('right') },
          maxAttempts: { N: '2' },
          guesses: { L: [] },
          nonces: { L: [] },
          expiresAt: { N: '200' },
        },
      }),
    );
    const check = (guess: string, nonce: string, now = '100') =>
      client.send(
        new UpdateItemCommand({
          TableName,
          Key: { pk: { S: 'record' } },
          UpdateExpression: 'SET guesses = list_append(guesses, :guesses), nonces = list_append(nonces, :nonces)',
          ConditionExpression:
            'expiresAt > :now AND attribute_not_exists(ended) AND size(guesses) < maxAttempts AND NOT contains(guesses, code) AND NOT contains(nonces, :nonce)',
          ExpressionAttributeValues: {
            ':guesses': { L: [{ B: Buffer.from(guess) }] },
            ':nonces': { L: [{ S: nonce }] },
            ':nonce': { S: nonce },
            ':now': { N: now },
          },
          ReturnValues: 'ALL_NEW',
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        }),
      );
    await expect(check('wrong', 'a', '200')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { guesses: { L: [] } },
    });
    expect((await check('wrong', 'a')).Attributes?.['guesses']?.L).toHaveLength(1);
    await expect(check('wrong', 'a')).rejects.toMatchObject({ Item: { nonces: { L: [{ S: 'a' }] } } });
    expect((await check('right', 'b')).Attributes?.['guesses']?.L).toHaveLength(2);
    await expect(check('right', 'c')).rejects.toMatchObject({
      name: 'ConditionalCheckFailedException',
      Item: { nonces: { L: [{ S: 'a' }, { S: 'b' }] } },
    });
  });
});

describe('expiry', () => {
  test('an item goes two days after it expired, as on AWS, and not before', async () => {
    const { guards: TableName } = dynamo.tables;
    const put = (pk: string, expiresAt: string | undefined) =>
      dynamo.call('DynamoDB_20120810.PutItem', {
        TableName,
        Item: { pk: { S: pk }, ...(expiresAt === undefined ? {} : { expiresAt: { N: expiresAt } }) },
      });
    await Promise.all([put('long ago', '1000'), put('just now', '1001'), put('never', undefined)]);
    const table = { name: TableName, keys: ['pk'], attribute: 'expiresAt' };
    const sweeper = startExpirySweeper({ call: dynamo.call, tables: [table], now: () => (2 * 86_400 + 1000) * 1000 });
    await sweeper.sweep();
    await sweeper.stop();
    const { Items } = await dynamo.call('DynamoDB_20120810.Scan', { TableName });
    const left = (Array.isArray(Items) ? Items : []).map((found) => asRecord(asRecord(found)['pk'])['S']);
    expect(left.sort()).toEqual(['just now', 'never']);
  });
});

describe('the emulator', () => {
  test('the emulator dies with the process that started it, even if that is killed', async () => {
    const module = JSON.stringify(fileURLToPath(new URL('../../../local/aws/dynamo.ts', import.meta.url)));
    const script = `const { startDynamo } = await import(${module}); const { emulatorUrl } = await startDynamo();
      console.log(emulatorUrl); setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, DYNAMODB_ENDPOINT: '' },
    });
    const url = await new Promise<string>((resolve) => {
      parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    });
    const answers = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    expect(await answers()).toBe(true);
    parent.kill('SIGKILL');
    await until(async () => !(await answers()), 'the emulator died with its parent');
  });

  test('the emulator is named in the error when it cannot be found', async () => {
    const { PATH } = process.env;
    const { platform } = process;
    process.env['PATH'] = '';
    Object.defineProperty(process, 'platform', { value: 'plan9' });
    try {
      await expect(startDynamo()).rejects.toThrow(/DYNAMODB_ENDPOINT=.*npm start/s);
    } finally {
      Object.defineProperty(process, 'platform', { value: platform });
      process.env['PATH'] = PATH;
    }
  });

  test('an endpoint where nobody answers is an error and not a hang', async () => {
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startDynamo({ endpoint: `http://127.0.0.1:${port}` })).rejects.toThrow(
      /does not answer as a DynamoDB/,
    );
    server.close();
  });
});
