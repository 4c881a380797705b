/** Counts in lanes, and the entries of the audit trail that say what was counted, as the tables hold them. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { type Item, keyOf, values } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoDetector } from '../../../lambdas/aws/stores/detector.ts';
import { dynamoTrafficCounters } from '../../../lambdas/aws/stores/traffic/counters.ts';
import { auditItem, countedMark } from '../../../lambdas/aws/tables/security/audit.ts';
import { timeBucketSort } from '../../../lambdas/aws/tables/traffic.ts';
import { auditEntryOf } from '../../../lambdas/bursts/audit.ts';
import { placesOf } from '../../../lambdas/bursts/counts/batch.ts';
import { type Key, nameOf } from '../../../lambdas/bursts/counts/keys.ts';
import { timeBucketMs, timeBucketOf } from '../../../lambdas/bursts/counts/time-buckets.ts';
import { minuteMs } from '../../../lambdas/otp/durations.ts';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { type AwsProxy, awsProxy } from '../../fakes/aws/proxy.ts';
import { event } from '../../fakes/bursts/scene.ts';

let dynamo: Dynamo;
let proxy: AwsProxy;
beforeAll(async () => {
  dynamo = await startDynamo();
  proxy = await awsProxy(dynamo.url);
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
});
afterAll(async () => {
  await proxy.stop();
  await dynamo.stop();
});

const auditDays = 90;
/** The middle of a time bucket. */
const nowMs = (timeBucketOf(Date.now()) + 0.5) * timeBucketMs;

/** The detector of a container. */
const container = (lane: string, verifiedEnough = Number.POSITIVE_INFINITY) => {
  const client = dynamoClient();
  const options = { auditDays, unreadable: () => {}, lane, verifiedEnough };
  const counters = dynamoTrafficCounters(client, dynamo.tables, options);
  return dynamoDetector(client, dynamo.tables, counters, { findingDays: 400 });
};

const startedIn = (country: string, index: number) =>
  event('started', { phone: `+4477${String(index * 7919).padStart(8, '0')}`, country }, nowMs);
const countryKey = (of: string): Key => ({ level: 'country', of });
const sum = (counts: readonly number[] = []): number => counts.reduce((total, each) => total + each, 0);

const startedOf = async (store: ReturnType<typeof container>, country: string) => {
  const facts = (await store.readFacts([countryKey(country)], nowMs)).get(nameOf(countryKey(country)));
  return facts?.counts.map(({ started }) => sum(started));
};

const sortsOf = async (country: string): Promise<readonly (string | undefined)[]> => {
  const { Items } = await dynamo.call('DynamoDB_20120810.Query', {
    TableName: dynamo.tables.traffic,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: nameOf(countryKey(country)) } },
  });
  return (Items as readonly Item[]).map(({ sk }) => sk?.S);
};

describe('lanes', () => {
  test('each container counts in a lane of its own, and every container reads the sum', async () => {
    const [one, other] = [container('one'), container('other')];
    await Promise.all([one.count([startedIn('L1', 1)], [], nowMs), other.count([startedIn('L1', 2)], [], nowMs)]);
    const sort = timeBucketSort(timeBucketOf(nowMs));
    expect(await sortsOf('L1')).toEqual([`${sort}#one-1`, `${sort}#other-1`]);
    expect([await startedOf(one, 'L1'), await startedOf(other, 'L1')]).toEqual([[2], [2]]);
  });

  test('an invented name of an application is not kept, and what came through it is counted', async () => {
    const isApplication = (name: string) => name === 'web';
    const options = { exemptApplications: [], isApplication, auditDays, unreadable: () => {}, lane: 'named' };
    const counters = dynamoTrafficCounters(dynamoClient(), dynamo.tables, { ...options, verifiedEnough: 1e9 });
    const store = dynamoDetector(dynamoClient(), dynamo.tables, counters, { findingDays: 400 });
    const events = ['web', 'invented', '__proto__'].map((application, index) => {
      const one = startedIn('L9', index);
      return { ...one, subject: { ...one.subject, application } };
    });
    await store.count(events, [], nowMs);
    await store.count(
      events.slice(1).map((each, nth) => ({ ...each, id: `again ${nth}` })),
      [],
      nowMs,
    );
    const facts = (await store.readFacts([countryKey('L9')], nowMs)).get(nameOf(countryKey('L9')));
    expect(facts?.counts.map(({ applications, started }) => [applications, sum(started)])).toEqual([[['web'], 5]]);
  });

  test('an item of an older version, which has no lane, is added to the lanes', async () => {
    const timeBucket = timeBucketOf(nowMs);
    const key = keyOf(nameOf(countryKey('L2')), timeBucketSort(timeBucket));
    const Item = { ...key, ...values({ timeBucket, s3: 5, expiresAt: Math.ceil(nowMs / 1000) + 3600 }) };
    await dynamo.call('DynamoDB_20120810.PutItem', { TableName: dynamo.tables.traffic, Item });
    const store = container('new');
    await store.count([startedIn('L2', 1)], [], nowMs);
    expect(await startedOf(store, 'L2')).toEqual([6]);
  });

  test('transactions of a batch run beside each other, and no two of them meet in an item', async () => {
    const before = proxy.inputs.length;
    const all = Array.from({ length: 100 }, (_, index) => startedIn('L3', 100 + index));
    const store = container('batch');
    // The detector is behind: otherwise it counts by plain writes.
    await store.count(all, [], nowMs + minuteMs);
    const transactions = proxy.inputs.slice(before).map((input) => JSON.parse(input).TransactItems as readonly Write[]);
    expect(transactions.length).toBeGreaterThan(2);
    const names = transactions.flatMap((writes) => [...new Set(writes.map(nameOfWrite))]);
    expect(new Set(names).size).toBe(names.length);
    expect(await startedOf(store, 'L3')).toEqual([100]);
  });
});

type Write = Readonly<Record<string, { readonly TableName: string; readonly Key?: Item; readonly Item?: Item }>>;
const nameOfWrite = (write: Write): string => {
  const { TableName = '', Key, Item: put } = Object.values(write)[0] ?? {};
  const { pk, sk } = Key ?? put ?? {};
  return [TableName, pk?.S, sk?.S].join('\n');
};

describe('the approvals of a country and day', () => {
  const approved = (country: string, index: number) =>
    event('approved', { phone: `+4478${String(index).padStart(8, '0')}`, country }, nowMs);
  const countOf = async (country: string) => {
    const Key = keyOf(`verified#${country}#${new Date(nowMs).toISOString().slice(0, 10)}`);
    const { Item } = await dynamo.call('DynamoDB_20120810.GetItem', { TableName: dynamo.tables.guards, Key });
    return Number((Item as Item | undefined)?.['verifiedCount']?.N ?? 0);
  };

  test('approvals are counted until they are enough, and no container writes more once it has read that', async () => {
    const store = container('enough', 3);
    const approve = (index: number) => store.count([approved('V1', index)], [countryKey('V1')], nowMs);
    for (let index = 0; index < 6; index += 1) await approve(index);
    expect(await countOf('V1')).toBe(3);
    const other = container('other', 3);
    await other.count([approved('V1', 6)], [countryKey('V1')], nowMs);
    await other.count([approved('V1', 7)], [countryKey('V1')], nowMs);
    expect(await countOf('V1')).toBe(4);
  });
});

describe('an entry of the audit trail', () => {
  const entryOf = async (id: string, phoneKey: string): Promise<Item | undefined> => {
    const { Items } = await dynamo.call('DynamoDB_20120810.Query', {
      TableName: dynamo.tables.security,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `phone#${phoneKey}` } },
    });
    return (Items as readonly Item[]).find(({ sk }) => sk?.S?.endsWith(`#${id}`));
  };

  test('an entry that an older version kept without counting its event is counted once', async () => {
    const started = startedIn('E1', 1);
    const Item = auditItem(auditEntryOf(started, auditDays));
    await dynamo.call('DynamoDB_20120810.PutItem', { TableName: dynamo.tables.security, Item });
    const store = container('entry');
    for (const _ of [1, 2, 3]) await store.count([started], [], nowMs);
    expect(await startedOf(store, 'E1')).toEqual([1]);
    expect(await entryOf(started.id, started.subject.phoneKey)).toEqual({
      ...auditItem(auditEntryOf(started, auditDays, placesOf([started], nowMs).get(started.id))),
      ...countedMark({ lane: 'entry-1', turn: 1 }),
    });
  });

  test('an event that counts for nothing is kept all the same', async () => {
    const canceled = event('canceled', { phone: '+447700000077', country: 'E2' }, nowMs);
    await container('entry').count([canceled, canceled], [], nowMs);
    expect(await entryOf(canceled.id, canceled.subject.phoneKey)).toEqual(
      auditItem(auditEntryOf(canceled, auditDays, placesOf([canceled], nowMs).get(canceled.id))),
    );
  });
});
