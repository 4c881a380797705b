import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dynamoClient, eventBridgeClient } from '../../lambdas/aws/clients.ts';
import { eventBridgePublisher } from '../../lambdas/aws/eventbridge.ts';
import { dynamoCaseLedger, dynamoOutbox } from '../../lambdas/aws/stores/cases.ts';
import { dynamoBurstLedger } from '../../lambdas/aws/stores/detector.ts';
import { type Key, nameOf } from '../../lambdas/bursts/counts/traffic.ts';
import type { BurstLedger } from '../../lambdas/bursts/detect.ts';
import { type News, nextStep, type Seen } from '../../lambdas/bursts/findings/case.ts';
import { findingOf } from '../../lambdas/bursts/findings/finding.ts';
import { type Outbox, tellNews } from '../../lambdas/bursts/findings/notify.ts';
import type { Ruling } from '../../lambdas/bursts/judge/judge.ts';
import { type CaseLedger, sweep } from '../../lambdas/bursts/sweep.ts';
import { type Dynamo, startDynamo } from '../../local/aws/dynamo.ts';
import { type EventBridge, startEventBridge } from '../../local/aws/eventbridge.ts';
import { askInstead } from '../fakes/aws/environment.ts';
import { memoryBursts } from '../fakes/memory-bursts.ts';
import { aRuling } from '../fakes/rulings.ts';

const bus = 'findings';
let dynamo: Dynamo;
let eventBridge: EventBridge;
beforeAll(async () => {
  [dynamo, eventBridge] = await Promise.all([startDynamo(), startEventBridge({ bus })]);
  askInstead({
    AWS_ENDPOINT_URL_DYNAMODB: dynamo.url,
    AWS_ENDPOINT_URL_EVENTBRIDGE: eventBridge.url,
  });
});
afterAll(async () => {
  await eventBridge.stop();
  await dynamo.stop();
});

const unreadable = () => expect.fail('An item could not be read.');
const options = {
  exemptApplications: [],
  findingDays: 400,
  unreadable,
  findingOf: (ruling: Ruling) => findingOf(ruling, 'test'),
};

type World = {
  readonly ledger: BurstLedger;
  readonly cases: CaseLedger;
  readonly outbox: Outbox;
  /** What staff do, by the commands that the runbook has. */
  readonly note: (uid: string, words: { readonly by: string; readonly atMs: number }) => Promise<void>;
  readonly lift: (key: Key, nowMs: number, untilMs: number) => Promise<void>;
};

const inMemory = (): World => {
  const held = memoryBursts();
  return {
    ledger: held,
    cases: held.cases,
    outbox: held.outbox,
    note: async (uid, { by, atMs }) => held.note(uid, { acknowledgedBy: by, falsePositive: { by, atMs } }),
    lift: async (key, nowMs, untilMs) => held.lift(key, nowMs, untilMs),
  };
};

const seconds = (ms: number) => ({ N: String(Math.floor(ms / 1000)) });

const onTables = (): World => {
  const client = dynamoClient();
  const { tables, call } = dynamo;
  return {
    ledger: dynamoBurstLedger(client, tables, options),
    cases: dynamoCaseLedger(client, tables, options),
    outbox: dynamoOutbox(client, tables.security, unreadable),
    note: async (uid, { by, atMs }) => {
      await call('DynamoDB_20120810.UpdateItem', {
        TableName: tables.security,
        Key: { pk: { S: 'finding' }, sk: { S: uid } },
        UpdateExpression: 'SET acknowledgedBy = :by, label = :label, labeledBy = :by, labeledAt = :at',
        ExpressionAttributeValues: { ':by': { S: by }, ':label': { S: 'false-positive' }, ':at': seconds(atMs) },
      });
    },
    lift: async ({ level, of }, nowMs, untilMs) => {
      const Item = {
        pk: { S: `block#${level}#${of}` },
        liftedUntil: seconds(untilMs),
        expiresAt: seconds(nowMs + 86_400_000),
      };
      await call('DynamoDB_20120810.PutItem', { TableName: tables.guards, Item });
    },
  };
};

const minuteMs = 60_000;
/** Each test has days of its own, and its cases are closed before the next one begins. */
let nowMs = Date.UTC(2026, 0, 5);
beforeEach(() => {
  nowMs += 30 * 86_400_000;
});

let blocks = 0;
const freshBlock = (): Key => {
  blocks += 1;
  return { level: 'range', of: `+4477${String(10_000 + blocks)}` };
};

const settings = { priceUsd: () => 0.05 };

/** A sweep at a time, and what it told. */
const sweepAt = async ({ cases, outbox }: World, atMs: number): Promise<readonly News[]> => {
  const told: News[] = [];
  const tell = tellNews({
    outbox,
    say: () => {},
    publish: async (news) => {
      told.push(...news);
      return new Set(news.map(({ id }) => id));
    },
    failed: (cause) => expect.fail(String(cause)),
  });
  await sweep({ now: () => atMs, cases, outbox, tell }, settings)();
  return told;
};
const activities = (news: readonly News[], uid: string) =>
  news.flatMap(({ finding }) => (finding.finding_info.uid === uid ? [finding.activity_name] : []));
const untoldOf = async ({ outbox }: World, uid: string) =>
  (await outbox.untold(nowMs + 365 * 86_400_000, 1000)).filter(({ finding }) => finding.finding_info.uid === uid);
const openCase = async ({ cases }: World, uid: string, atMs = nowMs) =>
  (await cases.open(atMs, 1000)).find(({ file }) => file.uid === uid);
const fileOf = async (world: World, uid: string, atMs = nowMs) =>
  (await openCase(world, uid, atMs))?.file ?? expect.fail(`The case ${uid} is not open.`);

const places: [string, () => World][] = [
  ['in memory', inMemory],
  ['on the emulator', onTables],
];
describe.each(places)('a case %s', (_, open) => {
  test('whose writer died before it told anybody is told of by the sweep, once', async () => {
    const world = open();
    const told = await world.ledger.rule(aRuling(freshBlock(), nowMs));
    const uid = told?.ruling.uid ?? '';
    expect(activities(await sweepAt(world, nowMs + 19_000), uid)).toEqual([]);
    expect(await untoldOf(world, uid)).toEqual([told?.news]);
    expect(activities(await sweepAt(world, nowMs + 21_000), uid)).toEqual(['Create']);
    expect(activities(await sweepAt(world, nowMs + 81_000), uid)).toEqual([]);
  });

  test('is closed once by sweeps that race each other', async () => {
    const world = open();
    const uid = (await world.ledger.rule(aRuling(freshBlock(), nowMs)))?.ruling.uid ?? '';
    await sweepAt(world, nowMs + minuteMs);
    const sweeps = await Promise.all([1, 2, 3, 4].map(() => sweepAt(world, nowMs + 30 * minuteMs)));
    expect(activities(sweeps.flat(), uid)).toEqual(['Close']);
    expect(await openCase(world, uid)).toBeUndefined();
    expect(await untoldOf(world, uid)).toEqual([]);
  });

  test('that gets a ruling, or whose block is prolonged, while a sweep thinks stays open', async () => {
    const world = open();
    const key = freshBlock();
    const uid = (await world.ledger.rule(aRuling(key, nowMs)))?.ruling.uid ?? '';
    const quiet: Seen = { refusedSince: [], liftedUntilMs: undefined, parent: undefined };
    const closing = async () => {
      const step = nextStep(await fileOf(world, uid), quiet, 0.05, nowMs + 86_400_000);
      return step ?? expect.fail('It is not to be closed.');
    };
    const first = await closing();
    const before = (await world.ledger.read([key], nowMs)).get(nameOf(key))?.last ?? expect.fail('no block');
    await world.ledger.prolong({ key, last: { ...before, untilMs: before.untilMs + 15 * minuteMs }, before });
    expect(await world.cases.take(first)).toBe(false);
    expect((await fileOf(world, uid)).untilMs).toBe(nowMs + 30 * minuteMs);

    const second = await closing();
    const atMs = nowMs + 40 * minuteMs;
    await world.ledger.rule(aRuling(key, atMs, { uid, untilMs: atMs + 60 * minuteMs, isUpdate: true, step: 1 }));
    expect(await world.cases.take(second)).toBe(false);
    expect(await fileOf(world, uid)).toMatchObject({ isOpen: true, atMs });
  });

  test('that was closed is opened again by a later ruling, as an update that rings', async () => {
    const world = open();
    const key = freshBlock();
    const uid = (await world.ledger.rule(aRuling(key, nowMs)))?.ruling.uid ?? '';
    await sweepAt(world, nowMs + 30 * minuteMs);
    expect(await openCase(world, uid)).toBeUndefined();
    const atMs = nowMs + 60 * minuteMs;
    const again = await world.ledger.rule(aRuling(key, atMs, { uid, isUpdate: true, step: 1 }));
    expect(again?.news).toMatchObject({ rings: 'medium', finding: { activity_name: 'Update', status: 'New' } });
    expect(await openCase(world, uid)).toBeDefined();
  });

  test('counts its parts exactly, by however many at once they are found', async () => {
    const world = open();
    const prefix: Key = { level: 'prefix', of: `+44${7000 + blocks}` };
    const parent = (await world.ledger.rule(aRuling(prefix, nowMs, { severity: 'high' })))?.ruling.uid ?? '';
    const keys = Array.from({ length: 6 }, (_, nth): Key => ({ level: 'range', of: `${prefix.of}${10 + nth}` }));
    const rule = (key: Key) => world.ledger.rule(aRuling(key, nowMs + 1000, { severity: 'critical', parent }));
    const told = await Promise.all([...keys, ...keys].map(rule));
    const parts = told.flatMap((each) => each ?? []);
    expect(parts.map(({ ruling }) => ruling.severity)).toEqual(keys.map(() => 'medium'));
    expect(parts.map(({ news }) => news.finding.unmapped.parent)).toEqual(keys.map(() => parent));
    expect((await fileOf(world, parent)).children).toBe(6);
  });

  test('that stood before its parent is taken in by the sweep, once, and says no more', async () => {
    const world = open();
    const prefix: Key = { level: 'prefix', of: `+44${7500 + blocks}` };
    const key: Key = { level: 'range', of: `${prefix.of}99` };
    const uid = (await world.ledger.rule(aRuling(key, nowMs, { untilMs: nowMs + 60 * minuteMs })))?.ruling.uid ?? '';
    const parent = (await world.ledger.rule(aRuling(prefix, nowMs + 1000, { severity: 'high' })))?.ruling.uid ?? '';
    await Promise.all([1, 2, 3].map(() => sweepAt(world, nowMs + 2 * minuteMs)));
    expect(await fileOf(world, uid)).toMatchObject({ parent });
    expect((await fileOf(world, parent)).children).toBe(1);
    expect(activities(await sweepAt(world, nowMs + 3 * minuteMs), uid)).toEqual([]);
  });

  test('whose parent is not there is told as its own', async () => {
    const world = open();
    const told = await world.ledger.rule(aRuling(freshBlock(), nowMs, { severity: 'critical', parent: 'nobody' }));
    expect(told?.ruling).toMatchObject({ severity: 'critical' });
    expect(told?.news.finding.unmapped).not.toHaveProperty('parent');
  });

  test('keeps what staff wrote, whatever the detector writes', async () => {
    const world = open();
    const key = freshBlock();
    const uid = (await world.ledger.rule(aRuling(key, nowMs)))?.ruling.uid ?? '';
    await world.note(uid, { by: 'ada', atMs: nowMs + minuteMs });
    expect(activities(await sweepAt(world, nowMs + 2 * minuteMs), uid)).toEqual(['Create', 'Close']);
    const atMs = nowMs + 40 * minuteMs;
    await world.ledger.rule(aRuling(key, atMs, { uid, isUpdate: true, step: 1 }));
    expect(await fileOf(world, uid)).toMatchObject({
      staff: { acknowledgedBy: 'ada', falsePositive: { by: 'ada' } },
      finding: { status: 'In Progress' },
    });
  });

  test('is closed as suppressed once staff want no block there', async () => {
    const world = open();
    const key = freshBlock();
    const uid = (await world.ledger.rule(aRuling(key, nowMs)))?.ruling.uid ?? '';
    await world.lift(key, nowMs + minuteMs, nowMs + 60 * minuteMs);
    const news = await sweepAt(world, nowMs + 2 * minuteMs);
    const last = news.filter(({ finding }) => finding.finding_info.uid === uid).at(-1);
    expect(last?.finding).toMatchObject({ activity_name: 'Close', status: 'Suppressed' });
  });
});

describe('on the tables', () => {
  test('cases that one sweep has no time for are looked after by others', async () => {
    const world = onTables();
    // As real ones are: hashes.
    const uids = Array.from({ length: 6 }, (_, nth) => createHash('sha256').update(String(nth)).digest('hex'));
    for (const uid of uids) await world.ledger.rule(aRuling(freshBlock(), nowMs, { uid }));
    const seen = new Set<string>();
    for (let minute = 0; minute < 60; minute += 1) {
      const some = await world.cases.open(nowMs + minute * minuteMs, 2);
      expect(some).toHaveLength(2);
      for (const { file } of some) seen.add(file.uid);
    }
    expect(uids.filter((uid) => !seen.has(uid))).toEqual([]);
  });

  test('a block whose item somebody deleted does not hold, and the detector may write another', async () => {
    const world = onTables();
    const key = freshBlock();
    await world.ledger.rule(aRuling(key, nowMs, { untilMs: nowMs + 43_200_000, step: 3 }));
    const Key = { pk: { S: `block#range#${key.of}` } };
    await dynamo.call('DynamoDB_20120810.DeleteItem', { TableName: dynamo.tables.guards, Key });
    const later = nowMs + minuteMs;
    const last = (await world.ledger.read([key], later)).get(nameOf(key))?.last;
    expect(last).toMatchObject({ untilMs: later, step: 3 });
    expect(await world.ledger.rule(aRuling(key, later, { isUpdate: true }))).toBeDefined();
  });
});

describe('on the bus', () => {
  const refused: unknown[] = [];
  const publish = eventBridgePublisher(eventBridgeClient(), bus, (cause) => void refused.push(cause));
  beforeEach(() => {
    refused.length = 0;
    eventBridge.clearFaults();
  });
  const newsOf = async (world: World, count: number): Promise<readonly News[]> => {
    const told = await Promise.all(
      Array.from({ length: count }, () => world.ledger.rule(aRuling(freshBlock(), nowMs))),
    );
    return told.flatMap((each) => each?.news ?? []);
  };
  const onBus = (news: readonly News[]) => {
    const uids = new Set(news.map(({ finding }) => finding.metadata.uid));
    return eventBridge.events().filter(({ detail }) => uids.has(String((detail['metadata'] as { uid: string }).uid)));
  };

  test('each of more than ten news is an event of its own: the finding, at its time', async () => {
    const news = await newsOf(inMemory(), 23);
    expect([...(await publish(news))].toSorted()).toEqual(news.map(({ id }) => id).toSorted());
    const events = onBus(news);
    expect(events).toHaveLength(23);
    expect(events.map(({ detail }) => detail)).toContainEqual(news[0]?.finding);
    expect(new Set(events.map(({ source, detailType, at }) => [source, detailType, at].join()))).toEqual(
      new Set([`otp-service,Detection Finding,${new Date(nowMs).toISOString()}`]),
    );
  });

  test('an entry that fails in an answer of 200 stays to be told, and the sweep tells it', async () => {
    const world = onTables();
    const news = await newsOf(world, 3);
    eventBridge.fail('first-entry-fails');
    const failures: unknown[] = [];
    const tell = tellNews({
      outbox: world.outbox,
      say: () => {},
      publish,
      failed: (cause) => void failures.push(cause),
    });
    expect(await tell(news)).toBe(false);
    expect(refused).toEqual([expect.objectContaining({ name: 'EventRefused' })]);
    const [first] = news;
    expect(onBus(news)).toHaveLength(2);
    const uid = first?.finding.finding_info.uid ?? '';
    expect(await untoldOf(world, uid)).toEqual([{ ...first, isSaid: true }]);
    await sweep({ now: () => nowMs + minuteMs, cases: world.cases, outbox: world.outbox, tell }, settings)();
    expect(onBus(news)).toHaveLength(3);
    expect(await untoldOf(world, uid)).toEqual([]);
  });

  test.each(['throttle', 'internal-error', 'reset'] as const)('%s takes nothing, and is said', async (fault) => {
    const news = await newsOf(inMemory(), 12);
    eventBridge.fail(fault, 10);
    expect((await publish(news)).size).toBe(0);
    expect(refused).toEqual([expect.objectContaining({ name: 'Unavailable', dependency: 'EventBridge PutEvents' })]);
    expect(onBus(news)).toEqual([]);
  });

  test('an answer that is lost is told again under the same name, so that twins are known', async () => {
    const news = await newsOf(inMemory(), 1);
    eventBridge.fail('reset-after-accept');
    expect([(await publish(news)).size, (await publish(news)).size]).toEqual([0, 1]);
    const names = onBus(news).map(({ detail }) => (detail['metadata'] as { uid: string }).uid);
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(1);
  });

  test('an event that is too large for EventBridge holds up no other, and is not tried for ever', async () => {
    const [large, small] = await newsOf(inMemory(), 2);
    if (large === undefined || small === undefined) throw new Error('There are no news.');
    const grown = { ...large, finding: { ...large.finding, message: 'x'.repeat(300_000) } };
    expect([...(await publish([grown, small]))].toSorted()).toEqual([large.id, small.id].toSorted());
    expect(onBus([grown, small])).toHaveLength(1);
    expect(refused).toHaveLength(1);
  });

  test('news that are large together go in several requests', async () => {
    const news = (await newsOf(inMemory(), 5)).map((each) => ({
      ...each,
      finding: { ...each.finding, message: 'x'.repeat(100_000) },
    }));
    expect((await publish(news)).size).toBe(5);
    expect(onBus(news)).toHaveLength(5);
    expect(refused).toEqual([]);
  });
});
