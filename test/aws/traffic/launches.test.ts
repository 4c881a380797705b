import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Item, values } from '../../../lambdas/aws/dynamo/items.ts';
import { launchItem, readLaunch } from '../../../lambdas/aws/tables/security/launches.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { timeBucketMs, timeBucketOf } from '../../../lambdas/bursts/counts/time-buckets.ts';
import type { AnnouncedLaunch, Launch } from '../../../lambdas/bursts/evidence/launches.ts';
import type { Notification } from '../../../lambdas/bursts/findings/render.ts';
import { followLaunches } from '../../../lambdas/bursts/launches.ts';
import { Unavailable } from '../../../lambdas/otp/ports.ts';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { type AwsProxy, awsProxy } from '../../fakes/aws/proxy.ts';
import { sampleDeployment } from '../../fakes/bursts/deployment.ts';
import { event, hourMs } from '../../fakes/bursts/scene.ts';
import { inMemory, onTables as onTablesOf, type Place } from '../detector-places.ts';

let dynamo: Dynamo;
let proxy: AwsProxy;
let unreadable = 0;
beforeAll(async () => {
  dynamo = await startDynamo();
  proxy = await awsProxy(dynamo.url);
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
});
afterAll(async () => {
  await proxy.stop();
  await dynamo.stop();
});

const onTables = (): Place =>
  onTablesOf(dynamo, () => {
    unreadable += 1;
  });

const places: [string, () => Place][] = [
  ['in memory', inMemory],
  ['on the emulator', onTables],
];

/** The middle of a time bucket. */
const nowMs = (timeBucketOf(Date.now()) + 0.5) * timeBucketMs;

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
let countries = 0;
/** A country that no other test counts for. */
const freshCountry = (): string => {
  countries += 1;
  return `${letters[Math.floor(countries / 26)]}${letters[countries % 26]}`;
};

const aLaunch = (of: string, more: Partial<Launch> = {}): Launch => ({
  level: 'country',
  of,
  fromMs: nowMs - hourMs,
  untilMs: nowMs + hourMs,
  expected: 2,
  reason: 'a campaign',
  author: 'staff',
  ...more,
});

const inCountry = (country: string, count: number): readonly TrafficEvent[] =>
  Array.from({ length: count }, (_, index) =>
    event('started', { phone: `+4477${String(countries * 10_000 + index).padStart(8, '0')}`, country }, nowMs, {
      unverified: index % 2 === 0,
    }),
  );

const read = async ({ launches }: Place, of: string): Promise<AnnouncedLaunch> => {
  const found = (await launches.read()).find((launch) => launch.of === of);
  if (found === undefined) throw new Error(`No launch of ${of} was read.`);
  return found;
};

const followed = async (place: Place, times: number): Promise<readonly Notification[]> => {
  const notified: Notification[] = [];
  const follow = followLaunches(
    { now: () => nowMs, store: place.store, notify: async (some) => void notified.push(...some) },
    place.launches,
    { priceUsd: () => 0.05, deployment: sampleDeployment },
  );
  await Promise.all(Array.from({ length: times }, () => follow()));
  return notified;
};

describe.each(places)('the launches %s', (_, open) => {
  test('a launch is read as it was announced, and nothing is noted of it', async () => {
    const place = open();
    const of = freshCountry();
    const launch = aLaunch(of, { level: 'country' });
    await place.staff.announce(launch);
    const progress = { requests: 0, rolledUp: 0, rolledUpTo: 0, exceededMs: undefined };
    expect(await read(place, of)).toEqual({ ...launch, country: undefined, progress });
  });

  test('the requests of everybody in the country are counted, and the sweep notes them', async () => {
    const place = open();
    const of = freshCountry();
    await place.staff.announce(aLaunch(of));
    await place.store.count(inCountry(of, 6), [], nowMs);
    expect(await followed(place, 1)).toEqual([]);
    expect((await read(place, of)).progress).toMatchObject({ requests: 6, exceededMs: undefined });
  });

  test('a launch that is exceeded is reported once, by however many sweeps at a time', async () => {
    const place = open();
    const of = freshCountry();
    await place.staff.announce(aLaunch(of));
    await place.store.count(inCountry(of, 7), [], nowMs);
    const notified = await followed(place, 4);
    expect(notified.filter(({ finding }) => finding.unmapped.of === of)).toHaveLength(1);
    expect((await read(place, of)).progress).toMatchObject({ requests: 7, exceededMs: nowMs });
    expect(await followed(place, 1)).toEqual([]);
  });

  test('a launch that staff announced anew meanwhile is left as they wrote it', async () => {
    const place = open();
    const of = freshCountry();
    await place.staff.announce(aLaunch(of));
    const before = await read(place, of);
    await place.staff.announce(aLaunch(of, { fromMs: nowMs - 1000, expected: 9 }));
    await place.launches.note(before, { requests: 5, rolledUp: 1, rolledUpTo: 3, exceededMs: nowMs });
    expect(await read(place, of)).toMatchObject({ expected: 9, progress: { requests: 0, exceededMs: undefined } });
  });

  test('a sweep that read older progress changes nothing', async () => {
    const place = open();
    const of = freshCountry();
    await place.staff.announce(aLaunch(of));
    const before = await read(place, of);
    await place.launches.note(before, { requests: 5, rolledUp: 4, rolledUpTo: 30, exceededMs: undefined });
    await place.launches.note(before, { requests: 2, rolledUp: 1, rolledUpTo: 20, exceededMs: undefined });
    expect((await read(place, of)).progress).toMatchObject({ requests: 5, rolledUp: 4, rolledUpTo: 30 });
  });
});

describe('an item that is no launch', () => {
  beforeEach(() => {
    unreadable = 0;
  });

  const whole = launchItem(aLaunch('ZZ'));
  test.each<[string, Item]>([
    ['a beginning that is text', { ...whole, from: { S: 'now' } }],
    ['no end', { ...whole, until: { NULL: true } }],
    ['an end beyond 72 hours', { ...whole, until: { N: String(nowMs + 80 * hourMs) } }],
    ['an end beyond all clocks', { ...whole, until: { N: '1e120' } }],
    ['an expected number that is negative', { ...whole, expected: { N: '-5' } }],
    ['no reason', { ...whole, reason: { NULL: true } }],
    ['a level that has no launches', { ...whole, sk: { S: 'range#+44770012' } }],
    ['no level', { ...whole, sk: { S: 'ZZ' } }],
    ['a number of more digits than JavaScript holds', { ...whole, expected: { N: '123456789012345678901234567890' } }],
    ['progress that is text', { ...whole, requests: { S: 'many' } }],
    ['a country that is a list', { ...whole, country: { L: [] } }],
  ])('an item with %s is no launch, and is reported as unreadable', async (_, item) => {
    expect(readLaunch(item)).toBeUndefined();
    const { pk, sk, ...rest } = item;
    const Key = { pk, sk };
    await dynamo.call('DynamoDB_20120810.PutItem', { TableName: dynamo.tables.security, Item: { ...Key, ...rest } });
    const launches = await onTables().launches.read();
    await dynamo.call('DynamoDB_20120810.DeleteItem', { TableName: dynamo.tables.security, Key });
    expect(launches.map(({ of }) => of)).not.toContain('ZZ');
    expect(unreadable).toBe(1);
  });

  test('the item that an update creates is no launch', () => {
    const { pk = { S: '' }, sk = { S: '' } } = whole;
    expect(readLaunch({ pk, sk, ...values({ from: nowMs, requests: 1, rolledUp: 0, rolledUpTo: 0 }) })).toBeUndefined();
  });
});

test('a launch of a prefix names the country that its announcement names', () => {
  const launch = aLaunch('+919876', { level: 'prefix', country: 'IN' });
  expect(readLaunch(launchItem(launch))).toMatchObject({ level: 'prefix', of: '+919876', country: 'IN' });
});

test('launches that cannot be read are an outage, and no absence', async () => {
  const { launches } = onTables();
  proxy.failAt(0, 'internal-error', 100, 'Query');
  await expect(launches.read()).rejects.toBeInstanceOf(Unavailable);
  proxy.heal();
});
