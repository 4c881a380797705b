import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { dynamoClient } from '../../lambdas/aws/clients.ts';
import type { Item } from '../../lambdas/aws/dynamo/items.ts';
import { dynamoAuditTrail } from '../../lambdas/aws/stores/audit-trail.ts';
import { auditItem, auditKey } from '../../lambdas/aws/tables/security/audit.ts';
import { type AuditEntry, type AuditTrail, auditEntryOf } from '../../lambdas/bursts/audit.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { type Dynamo, startDynamo } from '../../local/aws/dynamo.ts';
import { askInstead } from '../fakes/aws/environment.ts';
import { type AwsProxy, awsProxy } from '../fakes/aws/proxy.ts';
import { event, mondayMs } from '../fakes/bursts/scene.ts';

let dynamo: Dynamo;
let proxy: AwsProxy;
let trail: AuditTrail;
beforeAll(async () => {
  dynamo = await startDynamo();
  proxy = await awsProxy(dynamo.url);
  askInstead({
    AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
  });
  trail = dynamoAuditTrail(dynamoClient(), dynamo.tables.security);
});
afterEach(() => proxy.heal());
afterAll(async () => {
  await proxy.stop();
  await dynamo.stop();
});

let phones = 0;
const entriesOf = (count: number): readonly AuditEntry[] => {
  phones += 1;
  const phone = `+4477001${String(phones).padStart(5, '0')}`;
  return Array.from({ length: count }, (_, nth) => auditEntryOf(event('wrong', { phone }, mondayMs + nth), 90));
};
/** What stands about the number of these entries, by one Query. */
const historyOf = async ([entry]: readonly AuditEntry[]): Promise<readonly Item[]> => {
  const { Items } = await dynamo.call('DynamoDB_20120810.Query', {
    TableName: dynamo.tables.security,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: auditKey(entry?.phoneKey ?? '') } },
    ConsistentRead: true,
  });
  return Items as readonly Item[];
};
const times = (items: readonly Item[]) => items.map(({ at }) => Number(at?.N));

test('entries are one number’s history, in order, however many and however often they come', async () => {
  const entries = entriesOf(60);
  await trail.keep([...entries].reverse());
  await trail.keep([...entries, ...entries.slice(0, 5)]);
  expect(times(await historyOf(entries))).toEqual(entries.map(({ atMs }) => atMs));
});

test('no entries are no call', async () => {
  const before = proxy.calls.length;
  await trail.keep([]);
  expect(proxy.calls.length).toBe(before);
});

test('the writer asks again for what DynamoDB did not get to', async () => {
  const entries = entriesOf(30);
  proxy.failAt(0, 'unprocessed', 2);
  await trail.keep(entries);
  expect(await historyOf(entries)).toHaveLength(30);
  expect(proxy.struck).toContain('BatchWriteItem: unprocessed');
});

test('entries that cannot be kept are reported, so that their records come again', async () => {
  const entries = entriesOf(3);
  proxy.failAt(0, 'unprocessed', 100);
  await expect(trail.keep(entries)).rejects.toThrow(Unavailable);
  expect(await historyOf(entries)).toEqual([]);
});

test.each(['throttled', 'internal-error', 'no-connection', 'lost-answer'] as const)(
  'a call that ends as %s is repeated, and writes nothing twice',
  async (fault) => {
    const entries = entriesOf(3);
    proxy.failAt(0, fault);
    await trail.keep(entries);
    expect(await historyOf(entries)).toHaveLength(3);
  },
);

test('an entry takes one unit to write', () => {
  const [entry] = entriesOf(1);
  if (entry === undefined) throw new Error('There is no entry.');
  const longest = {
    ...entry,
    phoneKey: 'k'.repeat(43),
    ip: 'a'.repeat(43),
    id: 'f'.repeat(32),
    purpose: 'p'.repeat(32),
    application: 'x'.repeat(200),
    verification: 'v'.repeat(32),
    reason: 'r'.repeat(32),
    limit: 'l'.repeat(32),
  };
  expect(JSON.stringify(auditItem(longest)).length).toBeLessThan(1024);
});
