import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { values } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoHeartbeat } from '../../../lambdas/aws/stores/traffic/heartbeat.ts';
import { heartbeatKey } from '../../../lambdas/aws/tables/traffic.ts';
import { minuteMs } from '../../../lambdas/otp/durations.ts';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { askInstead } from '../../fakes/aws/environment.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
});
afterAll(() => dynamo.stop());
beforeEach(() => dynamo.call('DynamoDB_20120810.DeleteItem', { TableName: dynamo.tables.traffic, Key: heartbeatKey }));

const atMs = Date.UTC(2026, 0, 5);
const store = () => dynamoHeartbeat(dynamoClient(), dynamo.tables.traffic);

test('the detector has no heartbeat before its first sweep and its first batch', async () => {
  expect(await store().read()).toEqual({ sweptMs: undefined, mapping: undefined, lastBatch: undefined });
});

test('a sweep says when it was and in which state the mapping is, and keeps what batches said', async () => {
  await store().tookBatch(atMs, 700);
  await store().swept(atMs + 5, 'Disabled');
  expect(await store().read()).toEqual({
    sweptMs: atMs + 5,
    mapping: 'Disabled',
    lastBatch: { atMs, latenessMs: 700 },
  });
});

test('the worst batch of a minute is kept, whichever container writes it, and a later minute begins anew', async () => {
  const [one, other] = [store(), store()];
  await one.tookBatch(atMs, 700);
  await other.tookBatch(atMs + 1000, 90_000);
  await one.tookBatch(atMs + 2000, 300);
  expect((await one.read()).lastBatch).toEqual({ atMs: atMs + 1000, latenessMs: 90_000 });
  await one.tookBatch(atMs + 1000 + minuteMs, 200);
  expect((await one.read()).lastBatch).toEqual({ atMs: atMs + 1000 + minuteMs, latenessMs: 200 });
});

test('the worst batch is kept of containers that write at the same time', async () => {
  const lateness = [400, 100, 900, 300, 800, 200];
  await Promise.all(lateness.map((each, nth) => store().tookBatch(atMs + nth, each)));
  expect((await store().read()).lastBatch).toEqual({ atMs: atMs + 2, latenessMs: 900 });
});

test('a heartbeat that cannot be read is none, and the next one replaces it', async () => {
  const Item = { ...heartbeatKey, ...values({ sweptAt: 'x', mapping: 1, batchAt: 'x', latenessMs: true }) };
  await dynamo.call('DynamoDB_20120810.PutItem', { TableName: dynamo.tables.traffic, Item });
  expect(await store().read()).toEqual({ sweptMs: undefined, mapping: undefined, lastBatch: undefined });
  await store().tookBatch(atMs, 1);
  expect((await store().read()).lastBatch).toEqual({ atMs, latenessMs: 1 });
});
