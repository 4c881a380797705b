import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { type Client, clientOf, freshNumber, openStack } from '../client.ts';

let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
});
afterAll(() => stack.stop());

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;

const heartbeat = async (): Promise<Item> => {
  const Key = { pk: { S: 'detector' }, sk: { S: 'listening' } };
  const input = { TableName: stack.tables.traffic, Key, ConsistentRead: true };
  return ((await stack.callDynamo('DynamoDB_20120810.GetItem', input))['Item'] ?? {}) as Item;
};

/** Values of the metric so far, oldest first, as the detector wrote them. */
const said = (): readonly unknown[] =>
  stack
    .logs()
    .filter(({ line }) => line.includes('"DetectorListening"') && line.includes('CloudWatchMetrics'))
    .map(({ line }) => JSON.parse(line)['DetectorListening']);

const control = (path: string, body: object) =>
  fetch(`${stack.origin}/_local/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('every minute the detector says that the stream feeds it, and how late its last batch was', async () => {
  await app.requested(freshNumber());
  await expect.poll(async () => (await heartbeat())['latenessMs']?.N, { timeout: 20_000 }).toBeDefined();
  await stack.strike();
  const found = await heartbeat();
  expect(found['mapping']).toEqual({ S: 'Enabled' });
  expect(Number(found['sweptAt']?.N)).toBeGreaterThan(stack.clock.now() - 60_000);
  expect(Number(found['latenessMs']?.N)).toBeLessThan(20_000);
  expect(said()).toEqual([1]);
});

test('a detector whose mapping somebody disabled says so, and counts what waited once it is enabled again', async () => {
  const events = async () => {
    const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.security });
    return (Items as readonly Item[]).filter(({ pk }) => pk?.S?.startsWith('phone#')).length;
  };
  const before = await events();
  expect((await control('mapping', { enabled: false })).status).toBe(200);
  await app.requested(freshNumber());
  await stack.strike();
  expect((await heartbeat())['mapping']).toEqual({ S: 'Disabled' });
  expect(said()).toEqual([1, 0]);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(await events()).toBe(before);
  await control('mapping', { enabled: true });
  await expect.poll(events, { timeout: 20_000 }).toBe(before + 1);
  await stack.strike();
  expect(said()).toEqual([1, 0, 1]);
});
