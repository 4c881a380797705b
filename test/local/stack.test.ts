import { GenerateMacCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { laneOf } from '../../local/aws/mapping.ts';
import type { StreamRecord } from '../../local/aws/streams.ts';
import { listenOnLoopback } from '../../local/http/loopback.ts';
import { type LocalStack, localKeys, startLocalStack } from '../../local/stack.ts';
import { until, writeBundles } from './fixtures.ts';

let bundles: Awaited<ReturnType<typeof writeBundles>>;
beforeAll(async () => {
  bundles = await writeBundles();
});
afterAll(() => bundles.remove());

const refuses = (url: string) =>
  fetch(url).then(
    () => false,
    () => true,
  );

describe('a local stack', () => {
  test('a local stack gives a function all that it needs, at one address', async () => {
    const stack = await startLocalStack({ bundles: bundles.folder, quiet: true });
    const response = await fetch(`${stack.url}/v1/verifications`, {
      method: 'POST',
      headers: { 'x-api-key': 'local' },
      body: '{}',
    });
    const { environment } = (await response.json()) as { environment: Record<string, string> };
    expect(environment).toMatchObject({
      VERIFICATIONS_TABLE: stack.tables.verifications,
      GUARDS_TABLE: stack.tables.guards,
      CODE_KEYS: JSON.stringify({ a: stack.keys.code }),
      PSEUDONYM_KEY: stack.keys.pseudonym,
      SEAL_KEY: stack.keys.seal,
      ENDPOINT: stack.url,
      AWS_ENDPOINT_URL_DYNAMODB: stack.endpoints.dynamodb,
      AWS_ENDPOINT_URL_KMS: stack.endpoints.kms,
      AWS_ENDPOINT_URL_SNS: stack.endpoints.sns,
      AWS_ENDPOINT_URL_EVENTBRIDGE: stack.endpoints.eventbridge,
    });
    await stack.stop();
  });

  test('a local stack holds its keys in its KMS, delivers its streams, and plays TTL by its clock', async () => {
    const seen: StreamRecord[] = [];
    const deliver = async (records: readonly StreamRecord[]) => {
      seen.push(...records);
      return undefined;
    };
    const stack = await startLocalStack({
      bundles: bundles.folder,
      quiet: true,
      streamConsumers: [{ table: 'verifications', deliver }],
    });
    const client = new KMSClient({
      endpoint: stack.endpoints.kms,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    const command = new GenerateMacCommand({
      KeyId: stack.keys.code,
      Message: Buffer.from('x'),
      MacAlgorithm: 'HMAC_SHA_256',
    });
    expect((await client.send(command)).Mac).toHaveLength(32);
    client.destroy();
    const purgeAt = String(Math.floor(stack.clock.now() / 1000) + 300);
    await stack.callDynamo('DynamoDB_20120810.PutItem', {
      TableName: stack.tables.verifications,
      Item: { pk: { S: 'x' }, purgeAt: { N: purgeAt } },
    });
    await stack.sweepExpired();
    stack.clock.advance(301_000);
    await stack.sweepExpired();
    await until(() => seen.length === 2, 'the item came and went');
    expect(seen.map(({ eventName, userIdentity }) => [eventName, userIdentity?.principalId])).toEqual([
      ['INSERT', undefined],
      ['REMOVE', 'dynamodb.amazonaws.com'],
    ]);
    await stack.stop();
  });

  describe('feeds detect-bursts the stream of verifications', () => {
    const put = (stack: LocalStack, pk: string, kind: string | undefined) =>
      stack.callDynamo('DynamoDB_20120810.PutItem', {
        TableName: stack.tables.verifications,
        Item: { pk: { S: pk }, ...(kind === undefined ? {} : { kind: { S: kind } }) },
      });
    const written = (stack: LocalStack) =>
      stack
        .logs()
        .flatMap(({ function: name, stream, line }) => (name === 'detect-bursts' && stream === 'stdout' ? [line] : []));
    const startWith = async (detector: string) => {
      const own = await writeBundles({ 'detect-bursts': detector });
      const stack = await startLocalStack({ bundles: own.folder, quiet: true });
      return { stack, end: async () => void (await Promise.all([stack.stop(), own.remove()])) };
    };
    const naming = '({ eventName, dynamodb }) => eventName + " " + dynamodb.Keys.pk.S';

    test('a local stack feeds detect-bursts with what the deployed filter lets through, and nothing else', async () => {
      const { stack, end } = await startWith(`
        export const handler = async ({ Records }) => { for (const line of Records.map(${naming})) console.log(line); return {}; };
      `);
      await put(stack, 'refused', 'refusal');
      await put(stack, 'other', 'of another kind');
      await put(stack, 'bare', undefined);
      await put(stack, 'a', 'verification');
      await stack.callDynamo('DynamoDB_20120810.UpdateItem', {
        TableName: stack.tables.verifications,
        Key: { pk: { S: 'a' } },
        UpdateExpression: 'SET guessedAt = :now',
        ExpressionAttributeValues: { ':now': { N: '1' } },
      });
      await stack.callDynamo('DynamoDB_20120810.DeleteItem', {
        TableName: stack.tables.verifications,
        Key: { pk: { S: 'a' } },
      });
      await put(stack, 'b', 'verification');
      await until(() => written(stack).length >= 4, 'all records arrived');
      const of = (pk: string) => written(stack).filter((line) => line.endsWith(` ${pk}`));
      expect([of('a'), of('b'), of('refused')]).toEqual([['INSERT a', 'MODIFY a'], ['INSERT b'], ['INSERT refused']]);
      expect(written(stack)).toHaveLength(4);
      await end();
    });

    test('a local stack feeds detect-bursts again from the record that it failed at, and other keys do not wait', async () => {
      const { stack, end } = await startWith(`
        let failures = 0;
        export const handler = async ({ Records }) => {
          for (const { dynamodb } of Records) {
            const { Keys, SequenceNumber } = dynamodb;
            if (Keys.pk.S === 'bad') return { batchItemFailures: [{ itemIdentifier: SequenceNumber }] };
            if (Keys.pk.S === 'slow' && failures++ < 2) throw new Error('not yet');
            console.log(Keys.pk.S);
          }
          return { batchItemFailures: [] };
        };
      `);
      const shardOf = (pk: string) => laneOf({ dynamodb: { Keys: { pk: { S: pk } } } }, 4);
      const names = Array.from({ length: 20 }, (_, nth) => `good${nth}`);
      const others = names.filter((pk) => shardOf(pk) !== shardOf('bad')).toSorted();
      expect([shardOf('slow') === shardOf('bad'), others.length > 5]).toEqual([false, true]);
      await put(stack, 'bad', 'verification');
      for (const pk of ['slow', ...others]) await put(stack, pk, 'verification');
      await until(() => written(stack).length > others.length, 'all but the bad one were counted');
      expect(written(stack).toSorted()).toEqual([...others, 'slow']);
      await end();
    });

    test('a local stack ends at once while detect-bursts is busy', async () => {
      const { stack, end } = await startWith(
        "export const handler = () => { console.log('here'); return new Promise(() => {}); };",
      );
      await put(stack, 'a', 'verification');
      await until(() => written(stack).length > 0, 'it was called');
      const from = performance.now();
      await end();
      expect(performance.now() - from).toBeLessThan(20_000);
    });

    test('a local stack feeds detect-bursts nothing by option', async () => {
      const own = await writeBundles({ 'detect-bursts': "export const handler = async () => console.log('here');" });
      const stack = await startLocalStack({ bundles: own.folder, quiet: true, feedStreamFunctions: false });
      await put(stack, 'a', 'verification');
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect(written(stack)).toEqual([]);
      await stack.stop();
      await own.remove();
    });
  });

  test('a local stack leads its functions through whatever a test puts between', async () => {
    const stack = await startLocalStack({
      bundles: bundles.folder,
      quiet: true,
      endpoints: { sns: 'http://127.0.0.1:9', kms: (url) => `${url}/through` },
    });
    expect(stack.endpoints.sns).toBe('http://127.0.0.1:9');
    expect(stack.endpoints.kms).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/through$/);
    expect(stack.faults.sns).toBeUndefined();
    expect(stack.messages()).toEqual([]);
    await stack.stop();
  });

  test('a local stack ends whole, once, however often it is asked', async () => {
    const stack = await startLocalStack({ bundles: bundles.folder, quiet: true });
    const { url, endpoints } = stack;
    await Promise.all([stack.stop(), stack.stop()]);
    await stack.stop();
    for (const address of [url, ...Object.values(endpoints)]) expect(await refuses(address)).toBe(true);
  });

  test('a local stack answers what is asked while it starts as soon as it can', async () => {
    const { port, stop } = await listenOnLoopback();
    await stop();
    const askUntilOpen = async (): Promise<number> => {
      for (;;) {
        const answer = await fetch(`http://127.0.0.1:${port}/_local/clock`).catch(() => undefined);
        if (answer !== undefined) return answer.status;
      }
    };
    const [stack, status] = await Promise.all([
      startLocalStack({ bundles: bundles.folder, port, quiet: true }),
      askUntilOpen(),
    ]);
    expect(status).toBe(200);
    await stack.stop();
  });

  test('a local stack ends at once, requests in flight included', async () => {
    const hanging = await writeBundles({
      jwks: `export const handler = () => { console.log('here'); return new Promise(() => {}); };`,
    });
    const stack = await startLocalStack({ bundles: hanging.folder, quiet: true });
    const asked = fetch(`${stack.url}/.well-known/jwks.json`).then(
      ({ status }) => status,
      () => 'connection lost',
    );
    await until(() => stack.logs().length > 0, 'the function was called');
    await stack.stop();
    expect([503, 'connection lost']).toContain(await asked);
    await hanging.remove();
  });

  test('a local stack says so when its port is busy, and leaves nothing behind', async () => {
    const { port, stop } = await listenOnLoopback();
    await expect(startLocalStack({ bundles: bundles.folder, port, quiet: true })).rejects.toThrow(
      `Port ${port} is already in use. Stop what listens there, or choose another port: npm start -- --port ${port + 1}`,
    );
    await stop();
  });

  test('a local stack says so when there are no bundles, and leaves nothing behind', async () => {
    const { port, stop } = await listenOnLoopback();
    await stop();
    const starting = startLocalStack({ bundles: '/nowhere', port, quiet: true });
    await expect(starting).rejects.toThrow(/no bundle of request-verification/);
    expect(await refuses(`http://127.0.0.1:${port}`)).toBe(true);
  });

  test('a local stack has its keys at fixed names, each with the use of the contract', () => {
    expect(Object.values(localKeys).map(({ spec, usage }) => `${spec} ${usage}`)).toEqual([
      'HMAC_256 GENERATE_VERIFY_MAC',
      'HMAC_256 GENERATE_VERIFY_MAC',
      'SYMMETRIC_DEFAULT ENCRYPT_DECRYPT',
      'HMAC_256 GENERATE_VERIFY_MAC',
      'ECC_NIST_P256 SIGN_VERIFY',
      'ECC_NIST_P256 SIGN_VERIFY',
    ]);
    expect(new Set(Object.values(localKeys).map(({ arn }) => arn)).size).toBe(6);
  });
});
