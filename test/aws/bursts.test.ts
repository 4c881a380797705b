import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../lambdas/aws/clients.ts';
import { dynamoBurstLedger } from '../../lambdas/aws/stores/detector.ts';
import { readFacts } from '../../lambdas/aws/stores/send-facts.ts';
import { noHistory } from '../../lambdas/bursts/counts/history.ts';
import {
  type Key,
  nameOf,
  type TrafficEvent,
  timeBucketMs,
  timeBucketOf,
} from '../../lambdas/bursts/counts/traffic.ts';
import type { BurstLedger } from '../../lambdas/bursts/detect.ts';
import { findingOf } from '../../lambdas/bursts/findings/finding.ts';
import type { Ruling } from '../../lambdas/bursts/judge/judge.ts';
import { Unavailable } from '../../lambdas/otp/ports.ts';
import { type Dynamo, startDynamo } from '../../local/aws/dynamo.ts';
import { askInstead } from '../fakes/aws/environment.ts';
import { type AwsProxy, awsProxy } from '../fakes/aws/proxy.ts';
import { memoryBursts } from '../fakes/memory-bursts.ts';
import { aRuling as anyRuling } from '../fakes/rulings.ts';
import { event } from '../fakes/scene.ts';

let dynamo: Dynamo;
let proxy: AwsProxy;
let unreadable = 0;
beforeAll(async () => {
  dynamo = await startDynamo();
  proxy = await awsProxy(dynamo.url);
  askInstead({
    AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
  });
});
afterAll(async () => {
  await proxy.stop();
  await dynamo.stop();
});

/** A container of its own: nothing is remembered from one to the next. */
const onTables = (): BurstLedger =>
  dynamoBurstLedger(dynamoClient(), dynamo.tables, {
    exemptApplications: ['exempt'],
    findingOf: (ruling) => findingOf(ruling, 'test'),
    findingDays: 400,
    unreadable: () => {
      unreadable += 1;
    },
  });

const places: [string, () => BurstLedger][] = [
  ['in memory', () => memoryBursts(['exempt'])],
  ['on the emulator', onTables],
];

/** The middle of a time bucket, so that seconds before and after are in it as well. */
const nowMs = (timeBucketOf(Date.now()) + 0.5) * timeBucketMs;

let blocks = 0;
/** A range that no other test has used, in a country of its own where it is counted in. */
const freshBlock = (): string => {
  blocks += 1;
  return `+4477${String(10_000 + blocks)}`;
};
const phoneIn = (block: string, index = 0): string => `${block}${String(index).padStart(4, '0')}`;
const blockKeyOf = (of: string): Key => ({ level: 'range', of });

const aRuling = (key: Key, more: Partial<Ruling> = {}): Ruling => anyRuling(key, nowMs, more);

const factsOf = async (ledger: BurstLedger, key: Key, atMs = nowMs) => {
  const facts = (await ledger.read([key], atMs)).get(nameOf(key));
  if (facts === undefined) throw new Error(`Nothing was read of ${nameOf(key)}.`);
  return facts;
};

const sum = (counts: readonly number[] = []): number => counts.reduce((total, each) => total + each, 0);

describe.each(places)('the ledger of bursts %s', (_, open) => {
  test('counts each event once, however often and however parallel it comes', async () => {
    const ledger = open();
    const block = freshBlock();
    const events = [0, 1, 2].map((index) => event('started', { phone: phoneIn(block, index) }, nowMs));
    await Promise.all([ledger.count(events), ledger.count(events), ledger.count([...events, ...events])]);
    await ledger.count(events.toReversed());
    const { counts } = await factsOf(ledger, blockKeyOf(block));
    expect(counts.map(({ started }) => sum(started))).toEqual([3]);
    expect(counts[0]?.ips).toHaveLength(3);
  });

  test('takes back what was counted for an SMS that was surely not sent', async () => {
    const ledger = open();
    const block = freshBlock();
    const of = (kind: TrafficEvent['kind']) => event(kind, { phone: phoneIn(block) }, nowMs);
    await ledger.count([of('unsent')]);
    await ledger.count([of('started'), of('started')]);
    const { counts } = await factsOf(ledger, blockKeyOf(block));
    expect(counts.map(({ started }) => sum(started))).toEqual([1]);
  });

  test('counts a hundred events of a hundred blocks, more than one transaction holds', async () => {
    const ledger = open();
    const all = Array.from({ length: 100 }, () => freshBlock());
    await ledger.count(all.map((block) => event('started', { phone: phoneIn(block) }, nowMs)));
    const read = await ledger.read(all.map(blockKeyOf), nowMs);
    expect([...read.values()].map(({ counts }) => sum(counts[0]?.started))).toEqual(all.map(() => 1));
  });

  test('remembers of a key what was rolled up last, and no counts of before', async () => {
    const ledger = open();
    const block = freshBlock();
    const key = blockKeyOf(block);
    const timeBucket = timeBucketOf(nowMs);
    const earlier = (timeBucket - 4 + 0.5) * timeBucketMs;
    await ledger.count([
      event('started', { phone: phoneIn(block) }, earlier),
      event('started', { phone: phoneIn(block) }, nowMs),
    ]);
    expect((await factsOf(ledger, key)).counts.map((each) => each.timeBucket)).toEqual([timeBucket - 4, timeBucket]);
    const history = { ...noHistory(timeBucket - 4), fast: 1e-200, recent: [1, 2, 3] };
    await Promise.all([ledger.rollUp({ key, history }), ledger.rollUp({ key, history })]);
    await ledger.rollUp({ key, history: { ...noHistory(timeBucket - 5), fast: 7 } });
    const facts = await factsOf(ledger, key);
    expect(facts.history).toEqual(history);
    expect(facts.counts.map((each) => each.timeBucket)).toEqual([timeBucket]);
  });

  test('has one first event, whoever asks', async () => {
    const ledger = open();
    const first = await ledger.runningSinceMs(nowMs);
    expect(first).toBeLessThanOrEqual(nowMs);
    expect(await ledger.runningSinceMs(nowMs + 1000)).toBe(first);
  });

  test('lets one of two rulings that race stand', async () => {
    const ledger = open();
    const key = blockKeyOf(freshBlock());
    const outcomes = await Promise.all([
      ledger.rule(aRuling(key)),
      ledger.rule(aRuling(key, { atMs: nowMs + 5, untilMs: nowMs + 900_005 })),
    ]);
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    expect((await factsOf(ledger, key)).last).toMatchObject({
      step: 0,
      action: 'block',
      uid: `case-of-${nameOf(key)}`,
    });
    expect(await ledger.rule(aRuling(key, { action: 'none', atMs: nowMs + 1000 }))).toBeUndefined();
    expect(
      await ledger.rule(aRuling(key, { atMs: nowMs + 902_000, untilMs: nowMs + 4_500_000, step: 1 })),
    ).toBeDefined();
    expect((await factsOf(ledger, key)).last).toMatchObject({ step: 1, untilMs: nowMs + 4_500_000 });
  });

  test('lets a block take the place of a restriction, and of nothing else', async () => {
    const ledger = open();
    const key: Key = { level: 'prefix', of: freshBlock() };
    const later = (seconds: number, more: Partial<Ruling> = {}) =>
      ledger.rule(aRuling(key, { atMs: nowMs + seconds * 1000, untilMs: nowMs + (seconds + 900) * 1000, ...more }));
    expect(await later(0, { action: 'restrict' })).toBeDefined();
    expect(await later(100, { action: 'restrict' })).toBeUndefined();
    expect(await later(110, { action: 'none' })).toBeUndefined();
    expect(await later(120)).toBeDefined();
    expect(await later(130)).toBeUndefined();
    expect((await factsOf(ledger, key)).last).toMatchObject({ action: 'block', untilMs: nowMs + 1_020_000 });
  });

  test('remembers what was told, and keeps the last block beside it', async () => {
    const ledger = open();
    const key = blockKeyOf(freshBlock());
    await ledger.rule(aRuling(key));
    const atMs = nowMs + 901_000;
    expect(await ledger.rule(aRuling(key, { action: 'none', atMs, untilMs: atMs }))).toBeDefined();
    const { last, told } = await factsOf(ledger, key);
    expect([last?.atMs, told?.atMs]).toEqual([nowMs, atMs]);
  });

  test('tells of two grave cases of a campaign as such, and of one of its countries, in parallel as well', async () => {
    const ledger = open();
    // Hours that no other test has grave cases in.
    const atMs = nowMs + 50 * 3_600_000;
    const grave = (more: Partial<Ruling> = {}, key = blockKeyOf(freshBlock())) =>
      ledger.rule(aRuling(key, { severity: 'high', atMs, untilMs: atMs + 900_000, ...more }));
    const before = await Promise.all([grave(), grave(), grave()]);
    const severities = before.map((told) => told?.ruling.severity).toSorted();
    expect(severities).toEqual(['high', 'high', 'medium']);
    const severityOf = async (hours: number, more: Partial<Ruling> = {}, key?: Key) =>
      (await grave({ atMs: atMs + hours * 3_600_000, ...more }, key))?.ruling.severity;
    expect(await severityOf(1, { country: 'FR' })).toBe('medium');
    expect(await severityOf(2, { country: 'FR' }, { level: 'country', of: `F${blocks}` })).toBe('medium');
    // Elsewhere, hours later, it is another one; where it was, it is the same for a day.
    expect(await severityOf(6, { country: 'DE' })).toBe('high');
    expect(await severityOf(20)).toBe('medium');
    expect(await severityOf(50)).toBe('high');
  });

  test('remembers the prefixes of a country that were blocked', async () => {
    const ledger = open();
    const country = `Z${blocks}`;
    const within = { level: 'country', of: country } as const;
    const prefix = (of: string) =>
      ledger.rule(aRuling({ level: 'prefix', of: `${of}-${country}` }, { country, within }));
    await Promise.all([prefix('+447700'), prefix('+447701')]);
    const { parts } = await factsOf(ledger, { level: 'country', of: country });
    expect(parts.map(({ of, atMs }) => [of.slice(0, 7), atMs]).toSorted()).toEqual([
      ['+447700', nowMs],
      ['+447701', nowMs],
    ]);
  });

  test('prolongs a block that has not changed, and no other', async () => {
    const ledger = open();
    const key = blockKeyOf(freshBlock());
    await ledger.rule(aRuling(key));
    const { last: before } = await factsOf(ledger, key);
    if (before === undefined) throw new Error('no block');
    const last = { ...before, untilMs: before.untilMs + 900_000 };
    await ledger.prolong({ key, last, before });
    await ledger.prolong({ key, last: { ...last, untilMs: last.untilMs + 900_000 }, before });
    expect((await factsOf(ledger, key)).last?.untilMs).toBe(nowMs + 1_800_000);
  });
});

type Kind = TrafficEvent['kind'];
const kinds: readonly Kind[] = ['started', 'unsent', 'approved', 'resent', 'wrong', 'refused', 'canceled'];

/** What happened, in which order it comes, what comes twice, and where batches end and crash. */
const deliveries = fc
  .array(fc.record({ kind: fc.constantFrom(...kinds), phone: fc.nat(5), slot: fc.integer({ min: -40, max: 29 }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .chain((happened) =>
    fc.record({
      happened: fc.constant(happened),
      order: fc.array(fc.nat(happened.length - 1), { maxLength: 40 }),
      cuts: fc.array(fc.nat(20), { maxLength: 8 }),
    }),
  );

test('any order, repetition and split of the same events leaves the counts that they have once', async () => {
  await fc.assert(
    fc.asyncProperty(deliveries, async ({ happened, order, cuts }) => {
      const block = freshBlock();
      const events = happened.map(({ kind, phone, slot }) =>
        event(
          kind,
          { phone: phoneIn(block, phone), ip: `${block}-${phone}`, country: `C${blocks}` },
          nowMs + slot * 10_000,
          {
            ...(kind === 'refused' ? { reason: 'block', limit: 'block-range' } : {}),
          },
        ),
      );
      const [once, often] = [memoryBursts(), onTables()];
      await once.count(events);
      const shuffled = [...order.flatMap((at) => events[at] ?? []), ...events];
      for (let from = 0, cut = 0; from < shuffled.length; cut += 1) {
        const size = (cuts[cut % Math.max(1, cuts.length)] ?? 5) + 1;
        await often.count(shuffled.slice(from, from + size));
        from += size;
      }
      const keys: Key[] = [
        blockKeyOf(block),
        { level: 'country', of: `C${blocks}` },
        ...[0, 1, 2, 3, 4, 5].flatMap((phone): Key[] => [
          { level: 'phone', of: `key of ${phoneIn(block, phone)}` },
          { level: 'ip', of: `${block}-${phone}` },
        ]),
      ];
      const [expected, found] = [await once.read(keys, nowMs), await often.read(keys, nowMs)];
      const countsIn = (facts: typeof expected, key: Key) =>
        (facts.get(nameOf(key))?.counts ?? []).map((each) => ({
          ...each,
          ips: each.ips.toSorted((one, other) => one - other),
        }));
      for (const key of keys) expect(countsIn(found, key)).toEqual(countsIn(expected, key));
    }),
    { numRuns: 40 },
  );
});

describe('on the wire', () => {
  test('a crash after the commit, and an answer that is lost, count nothing twice', async () => {
    const block = freshBlock();
    const events = [0, 1, 2].map((index) => event('started', { phone: phoneIn(block, index) }, nowMs));
    proxy.failAt(0, 'lost-answer', 3);
    await expect(onTables().count(events)).rejects.toBeInstanceOf(Unavailable);
    proxy.heal();
    await onTables().count(events);
    const { counts } = await factsOf(onTables(), blockKeyOf(block));
    expect(sum(counts[0]?.started)).toBe(3);
  });

  test('conflicts with other transactions are waited out', async () => {
    const block = freshBlock();
    proxy.failAt(0, 'conflict', 3);
    await onTables().count([event('started', { phone: phoneIn(block) }, nowMs)]);
    proxy.heal();
    expect(sum((await factsOf(onTables(), blockKeyOf(block))).counts[0]?.started)).toBe(1);
    const key = blockKeyOf(freshBlock());
    proxy.failAt(0, 'conflict', 2);
    expect(await onTables().rule(aRuling(key, { severity: 'medium' }))).toBeDefined();
    proxy.heal();
  });

  test('what a batch of reads leaves out is read again, and never taken for absent', async () => {
    const key = blockKeyOf(freshBlock());
    await onTables().rule(aRuling(key));
    proxy.failAt(0, 'unprocessed', 2);
    expect((await factsOf(onTables(), key)).last).toBeDefined();
    proxy.heal();
  });

  test('an outage is said to be one', async () => {
    proxy.failAt(0, 'internal-error', 100);
    const events = [event('started', { phone: phoneIn(freshBlock()) }, nowMs)];
    await expect(onTables().count(events)).rejects.toBeInstanceOf(Unavailable);
    proxy.heal();
  });
});

const itemAt = async (table: 'guards' | 'security' | 'traffic', Key: object) => {
  const { Item } = await dynamo.call('DynamoDB_20120810.GetItem', { TableName: dynamo.tables[table], Key });
  return Item as Record<string, { S?: string; N?: string; BOOL?: boolean }> | undefined;
};
const putItem = (table: 'guards' | 'traffic', Item: object) =>
  dynamo.call('DynamoDB_20120810.PutItem', { TableName: dynamo.tables[table], Item });
const seconds = (ms: number) => ({ N: String(Math.ceil(ms / 1000)) });

describe('a block', () => {
  test('stands with its finding, and says why, till when and by whom', async () => {
    const key = blockKeyOf(freshBlock());
    await onTables().rule(aRuling(key, { action: 'restrict' }));
    const uid = `case-of-${nameOf(key)}`;
    expect(await itemAt('guards', { pk: { S: `block#range#${key.of}` } })).toMatchObject({
      expiresAt: seconds(nowMs + 900_000),
      author: { S: 'burst-detector' },
      finding: { S: uid },
      restriction: { BOOL: true },
      reason: { S: expect.stringContaining('Codes are asked for') },
    });
    const found = await itemAt('security', { pk: { S: 'finding' }, sk: { S: uid } });
    expect(found).toMatchObject({ level: { S: 'range' }, severity: { S: 'medium' }, version: { N: '1' } });
    expect(JSON.parse(found?.['finding']?.S ?? '')).toMatchObject({ class_uid: 2004, finding_info: { uid } });
  });

  test.each([
    ['restrict', true],
    ['block', undefined],
  ] as const)('by the action %s is read by a send as what it is', async (action, restriction) => {
    const range = freshBlock();
    await onTables().rule(aRuling(blockKeyOf(range), { action }));
    const subject = { phoneKey: 'p', ip: 'i', range, prefix: 'x', country: 'XX', application: 'a' };
    const { blocks } = await readFacts(dynamoClient(), dynamo.tables.guards, subject, undefined, nowMs);
    expect(blocks).toMatchObject([{ level: 'range', by: 'burst-detector' }]);
    expect(blocks[0]?.restriction).toBe(restriction);
  });

  test('of staff that holds is not written over, be it longer or shorter', async () => {
    for (const untilMs of [nowMs + 60_000, nowMs + 86_400_000]) {
      const key = blockKeyOf(freshBlock());
      const block = { pk: { S: `block#range#${key.of}` }, expiresAt: seconds(untilMs), author: { S: 'staff' } };
      await putItem('guards', block);
      expect(await onTables().rule(aRuling(key))).toBeUndefined();
      expect(await itemAt('guards', { pk: block.pk })).toEqual(block);
      expect(await onTables().rule(aRuling(key, { atMs: untilMs + 1000, untilMs: untilMs + 901_000 }))).toBeDefined();
    }
  });

  test('that staff lift is not written again until they say so, even where they were quicker', async () => {
    const key = blockKeyOf(freshBlock());
    await onTables().rule(aRuling(key, { untilMs: nowMs + 43_200_000, step: 3 }));
    const liftedUntilMs = nowMs + 3_600_000;
    const pk = { S: `block#range#${key.of}` };
    await putItem('guards', { pk, liftedUntil: seconds(liftedUntilMs), expiresAt: seconds(nowMs + 86_400_000) });
    expect((await factsOf(onTables(), key)).last).toMatchObject({ untilMs: nowMs, liftedUntilMs });
    expect(await onTables().rule(aRuling(key, { atMs: nowMs + 1000 }))).toBeUndefined();
    expect(await onTables().rule(aRuling(key, { atMs: liftedUntilMs - 1000 }))).toBeUndefined();
    const again = liftedUntilMs + 1000;
    expect(await onTables().rule(aRuling(key, { atMs: again, untilMs: again + 900_000 }))).toBeDefined();
    expect((await factsOf(onTables(), key, again)).last).toMatchObject({ untilMs: again + 900_000 });
  });

  test('that staff lift is not prolonged', async () => {
    const key = blockKeyOf(freshBlock());
    await onTables().rule(aRuling(key));
    const { last: before } = await factsOf(onTables(), key);
    if (before === undefined) throw new Error('no block');
    const pk = { S: `block#range#${key.of}` };
    const lifted = { pk, liftedUntil: seconds(nowMs + 3_600_000), expiresAt: seconds(nowMs + 86_400_000) };
    await putItem('guards', lifted);
    await onTables().prolong({ key, last: { ...before, untilMs: before.untilMs + 900_000 }, before });
    expect(await itemAt('guards', { pk })).toEqual(lifted);
  });
});

test('what nobody can read is taken for nothing, is told, and is written over', async () => {
  const timeBucket = timeBucketOf(nowMs);
  const broken = [
    { timeBucket: { N: String(timeBucket - 4) }, history: { S: '{"timeBucket":' } },
    {
      timeBucket: { N: String(timeBucket - 4) },
      history: { S: JSON.stringify({ ...noHistory(timeBucket - 4), fast: 'much' }) },
    },
    { timeBucket: { S: 'yesterday' }, history: { S: JSON.stringify(noHistory(timeBucket - 4)) } },
    { timeBucket: { N: '99999999' }, history: { S: JSON.stringify(noHistory(99_999_999)) } },
    {},
  ];
  for (const item of broken) {
    const key = blockKeyOf(freshBlock());
    await putItem('traffic', { pk: { S: nameOf(key) }, sk: { S: 'history' }, ...item });
    const before = unreadable;
    expect((await factsOf(onTables(), key)).history).toBeUndefined();
    expect(unreadable).toBe(before + 1);
    const history = noHistory(timeBucket - 3);
    await onTables().rollUp({ key, history });
    expect((await factsOf(onTables(), key)).history).toEqual(history);
  }
});

test('the approvals of a country’s day are counted where the send path reads them, once', async () => {
  const country = `V${blocks}`;
  const events = [0, 1, 2].map((index) => event('approved', { phone: phoneIn(freshBlock(), index), country }, nowMs));
  await onTables().count(events);
  await Promise.all([onTables().count(events), onTables().count(events)]);
  const day = new Date(nowMs).toISOString().slice(0, 10);
  expect(await itemAt('guards', { pk: { S: `verified#${country}#${day}` } })).toMatchObject({
    verifiedCount: { N: '3' },
  });
});
