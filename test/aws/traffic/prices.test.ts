import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient, dynamoClientOnce } from '../../../lambdas/aws/clients.ts';
import { dynamoPriceBook, dynamoPriceSums } from '../../../lambdas/aws/stores/traffic/prices.ts';
import { priceAttributes } from '../../../lambdas/contract.ts';
import type { PriceBook } from '../../../lambdas/desk/prices/sums.ts';
import type { PriceSums } from '../../../lambdas/otp/receipts/ports.ts';
import { startDynamo } from '../../../local/aws/dynamo.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { memoryPrices } from '../../fakes/receipts/memory-receipts.ts';

let [dynamo, client]: [Awaited<ReturnType<typeof startDynamo>>, DynamoDBClient] = [undefined, undefined] as never;
beforeAll(async () => {
  dynamo = await startDynamo();
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
  client = dynamoClient();
});
afterAll(async () => {
  client.destroy();
  await dynamo.stop();
});

type Prices = PriceSums & PriceBook;
const onEmulator = (): Prices => ({
  ...dynamoPriceSums(dynamoClientOnce(), dynamo.tables.traffic),
  ...dynamoPriceBook(client, dynamo.tables.traffic),
});

const way = { country: 'IN', route: 'end-user-messaging' };
const measured = { priceUsd: 0.021, estimateUsd: 0.02, parts: { real: 2, estimated: 1 } };
const whole = { estimatedMicroUsd: 20_000, realMicroUsd: 21_000, partsOf: 1, estimatedParts: 1, realParts: 2 };

describe.each([
  ['in memory', memoryPrices],
  ['on the emulator', onEmulator],
] as const)('sums of prices %s', (_, open) => {
  let prices: Prices;
  beforeAll(() => {
    prices = open();
  });

  test('messages of a day, in parallel, lose none, and a country, a route and a day have sums of their own', async () => {
    await Promise.all(Array.from({ length: 30 }, () => prices.add(way, '2026-11-29', measured)));
    await prices.add({ ...way, country: 'GB' }, '2026-11-29', measured);
    await prices.add({ ...way, route: 'notify' }, '2026-11-29', { ...measured, parts: undefined });
    await prices.add(way, '2026-11-30', measured);
    const { sums, unreadable } = await prices.since('2026-11-29');
    expect(unreadable).toBe(0);
    expect(sums).toHaveLength(4);
    expect(sums).toContainEqual({ ...way, messages: 1, ...whole });
    expect(sums).toContainEqual({ ...way, country: 'GB', messages: 1, ...whole });
    const noParts = { partsOf: 0, estimatedParts: 0, realParts: 0 };
    expect(sums).toContainEqual({ ...way, route: 'notify', messages: 1, ...whole, ...noParts });
    expect(sums).toContainEqual({
      ...{ ...way, messages: 30, estimatedMicroUsd: 600_000, realMicroUsd: 630_000 },
      ...{ partsOf: 30, estimatedParts: 30, realParts: 60 },
    });
  });

  test('days before the first one are left out', async () => {
    expect((await prices.since('2026-11-30')).sums).toEqual([{ ...way, messages: 1, ...whole }]);
    expect((await prices.since('2026-12-01')).sums).toEqual([]);
  });
});

describe('items of prices', () => {
  test('an item has the attributes that the contract lists, and lives for ninety days after its day', async () => {
    await onEmulator().add(way, '2026-11-29', measured);
    const Key = { pk: { S: 'prices' }, sk: { S: '2026-11-29#IN#end-user-messaging' } };
    const { Item } = await dynamo.call('DynamoDB_20120810.GetItem', { TableName: dynamo.tables.traffic, Key });
    expect(Object.keys(Item as object).toSorted()).toEqual([...priceAttributes, 'expiresAt', 'pk', 'sk'].toSorted());
    expect(Item).toMatchObject({ expiresAt: { N: String(Date.parse('2027-02-28T00:00:00Z') / 1000) } });
  });

  test.each([
    ['2026-11-29#IN', { messages: { N: '1' } }],
    ['2026-11-29#India#sns', { messages: { N: '1' } }],
    ['2026-11-30#IN#sns', { messages: { S: 'one' } }],
    ['2026-11-30#IN#eum', { messages: { N: '-1' } }],
  ])('an item at %j that nobody of ours wrote is counted as unreadable, and stops nothing', async (sk, attributes) => {
    const before = await onEmulator().since('2026-01-01');
    const Item = { pk: { S: 'prices' }, sk: { S: sk }, ...attributes };
    await dynamo.call('DynamoDB_20120810.PutItem', { TableName: dynamo.tables.traffic, Item });
    const after = await onEmulator().since('2026-01-01');
    expect(after).toEqual({ sums: before.sums, unreadable: before.unreadable + 1 });
  });
});
