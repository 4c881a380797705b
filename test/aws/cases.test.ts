import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventBridgePublisher } from '../../lambdas/aws/eventbridge.ts';
import { eventBridgeClient } from '../../lambdas/aws/sdk-clients.ts';
import { type Key, nameOf } from '../../lambdas/bursts/counts/keys.ts';
import { commitRuling } from '../../lambdas/bursts/detect.ts';
import { type CaseFacts, nextTransition } from '../../lambdas/bursts/findings/next-transition.ts';
import { notifyStaff } from '../../lambdas/bursts/findings/notify.ts';
import { type Notification, stepOf } from '../../lambdas/bursts/findings/render.ts';
import type { Ruling } from '../../lambdas/bursts/judge/ruling.ts';
import { sweep } from '../../lambdas/bursts/sweep.ts';
import { type Dynamo, startDynamo } from '../../local/aws/dynamo.ts';
import { type EventBridge, startEventBridge } from '../../local/aws/eventbridge.ts';
import { askInstead } from '../fakes/aws/environment.ts';
import { sampleDeployment } from '../fakes/bursts/deployment.ts';
import { aRuling } from '../fakes/bursts/rulings.ts';
import { inMemory, onTables as onTablesOf, type Place } from './detector-places.ts';

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
const onTables = (): Place => onTablesOf(dynamo, unreadable);

const minuteMs = 60_000;
/** Each test has days of its own, and its cases are closed before the next one begins. */
let nowMs = Date.UTC(2026, 0, 5);
beforeEach(() => {
  nowMs += 30 * 86_400_000;
});

let ranges = 0;
const freshRange = (): Key => {
  ranges += 1;
  return { level: 'range', of: `+4477${String(10_000 + ranges)}` };
};

const settings = { priceUsd: () => 0.05, deployment: sampleDeployment };

/** What the detector does with a ruling, and the case that it leads to. */
const commit = ({ store }: Place, ruling: Ruling) => commitRuling(store, ruling, sampleDeployment);
const opened = async (place: Place, ruling: Ruling): Promise<string> => {
  const decision = (await commit(place, ruling)) ?? expect.fail('The ruling was not committed.');
  return decision.ruling.uid;
};

/** A sweep at a time, and the notifications that it sent. */
const sweepAt = async ({ cases, outbox }: Place, atMs: number): Promise<readonly Notification[]> => {
  const sent: Notification[] = [];
  const notify = notifyStaff({
    outbox,
    log: () => {},
    publish: async (notifications) => {
      sent.push(...notifications);
      return new Set(notifications.map(({ id }) => id));
    },
    failed: (cause) => expect.fail(String(cause)),
  });
  await sweep({ now: () => atMs, cases, outbox, notify }, settings)();
  return sent;
};
const activities = (notifications: readonly Notification[], uid: string) =>
  notifications.flatMap(({ finding }) => (finding.finding_info.uid === uid ? [finding.activity_name] : []));
const pendingOf = async ({ outbox }: Place, uid: string) =>
  (await outbox.pending(nowMs + 365 * 86_400_000, 1000)).filter(({ finding }) => finding.finding_info.uid === uid);
const openCase = async ({ cases }: Place, uid: string, atMs = nowMs) =>
  (await cases.open(atMs, 1000)).find(({ before }) => before.uid === uid);
const storedCase = async (place: Place, uid: string, atMs = nowMs) =>
  (await openCase(place, uid, atMs)) ?? expect.fail(`The case ${uid} is not open.`);

const places: [string, () => Place][] = [
  ['in memory', inMemory],
  ['on the emulator', onTables],
];
describe.each(places)('a case %s', (_, open) => {
  test('staff are notified by the sweep, once, of a case whose writer died before', async () => {
    const place = open();
    const first = await commit(place, aRuling(freshRange(), nowMs));
    const uid = first?.ruling.uid ?? '';
    expect(activities(await sweepAt(place, nowMs + 19_000), uid)).toEqual([]);
    expect(await pendingOf(place, uid)).toEqual([first?.step.notification]);
    expect(activities(await sweepAt(place, nowMs + 21_000), uid)).toEqual(['Create']);
    expect(activities(await sweepAt(place, nowMs + 81_000), uid)).toEqual([]);
  });

  test('a sweep follows two open cases of one key: an old one that is not closed yet, and a new one', async () => {
    const place = open();
    const key = freshRange();
    const old = await opened(place, aRuling(key, nowMs, { uid: `old-${key.of}` }));
    const late = await opened(place, aRuling(key, nowMs + 20 * minuteMs, { uid: `late-${key.of}` }));
    const told = await sweepAt(place, nowMs + 31 * minuteMs);
    expect([activities(told, old).at(-1), activities(told, late)]).toEqual(['Close', ['Create']]);
  });

  test('a case is closed once by sweeps that race each other', async () => {
    const place = open();
    const uid = await opened(place, aRuling(freshRange(), nowMs));
    await sweepAt(place, nowMs + minuteMs);
    const sweeps = await Promise.all([1, 2, 3, 4].map(() => sweepAt(place, nowMs + 30 * minuteMs)));
    expect(activities(sweeps.flat(), uid)).toEqual(['Close']);
    expect(await openCase(place, uid)).toBeUndefined();
    expect(await pendingOf(place, uid)).toEqual([]);
  });

  test('a case stays open if it gets a ruling, or its block is renewed, while a sweep decides', async () => {
    const place = open();
    const key = freshRange();
    const uid = await opened(place, aRuling(key, nowMs));
    const quiet: CaseFacts = { refusedSince: [], liftedUntilMs: undefined, parent: undefined };
    const closing = async () => {
      const { before, finding } = await storedCase(place, uid);
      const transition = nextTransition(before, quiet, 0.05, nowMs + 86_400_000);
      return stepOf(transition ?? expect.fail('It is not to be closed.'), finding, sampleDeployment);
    };
    const first = await closing();
    const facts = (await place.store.readFacts([key], nowMs)).get(nameOf(key));
    const before = facts?.lastBlock ?? expect.fail('no block');
    const after = { ...before, untilMs: before.untilMs + 15 * minuteMs };
    expect(await place.store.commit({ kind: 'renewal', key, before, after })).toBe('committed');
    expect(await place.cases.commit(first)).toBe(false);
    expect((await storedCase(place, uid)).before.untilMs).toBe(nowMs + 30 * minuteMs);

    const second = await closing();
    const atMs = nowMs + 40 * minuteMs;
    await commit(place, aRuling(key, atMs, { uid, untilMs: atMs + 60 * minuteMs, isUpdate: true, step: 1 }));
    expect(await place.cases.commit(second)).toBe(false);
    expect((await storedCase(place, uid)).before).toMatchObject({ isOpen: true, atMs });
  });

  test('a closed case is opened again by a later ruling, as an update that raises an alarm', async () => {
    const place = open();
    const key = freshRange();
    const uid = await opened(place, aRuling(key, nowMs));
    await sweepAt(place, nowMs + 30 * minuteMs);
    expect(await openCase(place, uid)).toBeUndefined();
    const atMs = nowMs + 60 * minuteMs;
    const again = await commit(place, aRuling(key, atMs, { uid, isUpdate: true, step: 1 }));
    expect(again?.step.notification).toMatchObject({
      alarmSeverity: 'medium',
      finding: { activity_name: 'Update', status: 'New' },
    });
    expect(await openCase(place, uid)).toBeDefined();
  });

  test('a case counts its parts exactly, however many are found at once', async () => {
    const place = open();
    const prefix: Key = { level: 'prefix', of: `+44${7000 + ranges}` };
    const parent = await opened(place, aRuling(prefix, nowMs, { severity: 'high' }));
    const keys = Array.from({ length: 6 }, (_, nth): Key => ({ level: 'range', of: `${prefix.of}${10 + nth}` }));
    const rule = (key: Key) => commit(place, aRuling(key, nowMs + 1000, { severity: 'critical', parent }));
    const decisions = await Promise.all([...keys, ...keys].map(rule));
    const parts = decisions.flatMap((each) => each ?? []);
    expect(parts.map(({ ruling }) => ruling.severity)).toEqual(keys.map(() => 'medium'));
    expect(parts.map(({ step }) => step.finding.unmapped.parent)).toEqual(keys.map(() => parent));
    expect((await storedCase(place, parent)).before.children).toBe(6);
  });

  test('a case that stood before its parent becomes part of it by the sweep, once, without a notification', async () => {
    const place = open();
    const prefix: Key = { level: 'prefix', of: `+44${7500 + ranges}` };
    const key: Key = { level: 'range', of: `${prefix.of}99` };
    const uid = await opened(place, aRuling(key, nowMs, { untilMs: nowMs + 60 * minuteMs }));
    const parent = await opened(place, aRuling(prefix, nowMs + 1000, { severity: 'high' }));
    await Promise.all([1, 2, 3].map(() => sweepAt(place, nowMs + 2 * minuteMs)));
    expect((await storedCase(place, uid)).before).toMatchObject({ parent });
    expect((await storedCase(place, parent)).before.children).toBe(1);
    expect(activities(await sweepAt(place, nowMs + 3 * minuteMs), uid)).toEqual([]);
  });

  test('a case whose parent is not there is a case of its own', async () => {
    const place = open();
    const decision = await commit(place, aRuling(freshRange(), nowMs, { severity: 'critical', parent: 'nobody' }));
    expect(decision?.ruling).toMatchObject({ severity: 'critical' });
    expect(decision?.step.finding.unmapped).not.toHaveProperty('parent');
  });

  test('the notes of staff stay, whatever the detector writes', async () => {
    const place = open();
    const key = freshRange();
    const uid = await opened(place, aRuling(key, nowMs));
    await place.staff.note(uid, { by: 'ada', atMs: nowMs + minuteMs });
    expect(activities(await sweepAt(place, nowMs + 2 * minuteMs), uid)).toEqual(['Create', 'Close']);
    const atMs = nowMs + 40 * minuteMs;
    await commit(place, aRuling(key, atMs, { uid, isUpdate: true, step: 1 }));
    expect(await storedCase(place, uid)).toMatchObject({
      before: { staff: { acknowledgedBy: 'ada', falsePositive: { by: 'ada' } } },
      finding: { status: 'In Progress' },
    });
  });

  test('a case is closed as suppressed once staff want no block there', async () => {
    const place = open();
    const key = freshRange();
    const uid = await opened(place, aRuling(key, nowMs));
    await place.staff.lift(key, nowMs + 60 * minuteMs);
    const notifications = await sweepAt(place, nowMs + 2 * minuteMs);
    const last = notifications.filter(({ finding }) => finding.finding_info.uid === uid).at(-1);
    expect(last?.finding).toMatchObject({ activity_name: 'Close', status: 'Suppressed' });
  });
});

describe('on the tables', () => {
  test('cases that one sweep has no time for are followed by others', async () => {
    const place = onTables();
    // As real ones are: hashes.
    const uids = Array.from({ length: 6 }, (_, nth) => createHash('sha256').update(String(nth)).digest('hex'));
    for (const uid of uids) await commit(place, aRuling(freshRange(), nowMs, { uid }));
    const seen = new Set<string>();
    for (let minute = 0; minute < 60; minute += 1) {
      const some = await place.cases.open(nowMs + minute * minuteMs, 2);
      expect(some).toHaveLength(2);
      for (const { before } of some) seen.add(before.uid);
    }
    expect(uids.filter((uid) => !seen.has(uid))).toEqual([]);
  });
});

describe('on the bus', () => {
  const refused: unknown[] = [];
  const publish = eventBridgePublisher(eventBridgeClient(), bus, (cause) => void refused.push(cause));
  beforeEach(() => {
    refused.length = 0;
    eventBridge.clearFaults();
  });
  const notificationsOf = async (place: Place, count: number): Promise<readonly Notification[]> => {
    const decisions = await Promise.all(
      Array.from({ length: count }, () => commit(place, aRuling(freshRange(), nowMs))),
    );
    return decisions.flatMap((each) => each?.step.notification ?? []);
  };
  const onBus = (notifications: readonly Notification[]) => {
    const uids = new Set(notifications.map(({ finding }) => finding.metadata.uid));
    return eventBridge.events().filter(({ detail }) => uids.has(String((detail['metadata'] as { uid: string }).uid)));
  };

  test('each of more than ten notifications is an event of its own: the finding, at its time', async () => {
    const notifications = await notificationsOf(inMemory(), 23);
    expect([...(await publish(notifications))].toSorted()).toEqual(notifications.map(({ id }) => id).toSorted());
    const events = onBus(notifications);
    expect(events).toHaveLength(23);
    expect(events.map(({ detail }) => detail)).toContainEqual(notifications[0]?.finding);
    expect(new Set(events.map(({ source, detailType, at }) => [source, detailType, at].join()))).toEqual(
      new Set([`otp-service,Detection Finding,${new Date(nowMs).toISOString()}`]),
    );
  });

  test('an entry that fails in an answer of 200 stays pending, and the sweep sends it', async () => {
    const place = onTables();
    const notifications = await notificationsOf(place, 3);
    eventBridge.fail('first-entry-fails');
    const failures: unknown[] = [];
    const notify = notifyStaff({
      outbox: place.outbox,
      log: () => {},
      publish,
      failed: (cause) => void failures.push(cause),
    });
    expect(await notify(notifications)).toBe(false);
    expect(refused).toEqual([expect.objectContaining({ name: 'EventRefused' })]);
    const [first] = notifications;
    expect(onBus(notifications)).toHaveLength(2);
    const uid = first?.finding.finding_info.uid ?? '';
    expect(await pendingOf(place, uid)).toEqual([{ ...first, isLogged: true }]);
    await sweep({ now: () => nowMs + minuteMs, cases: place.cases, outbox: place.outbox, notify }, settings)();
    expect(onBus(notifications)).toHaveLength(3);
    expect(await pendingOf(place, uid)).toEqual([]);
  });

  test.each(['throttle', 'internal-error', 'reset'] as const)('%s takes nothing, and is reported', async (fault) => {
    const notifications = await notificationsOf(inMemory(), 12);
    eventBridge.fail(fault, 10);
    expect((await publish(notifications)).size).toBe(0);
    expect(refused).toEqual([expect.objectContaining({ name: 'Unavailable', dependency: 'EventBridge PutEvents' })]);
    expect(onBus(notifications)).toEqual([]);
  });

  test('a notification whose answer is lost is sent again under the same name, so that duplicates are known', async () => {
    const notifications = await notificationsOf(inMemory(), 1);
    eventBridge.fail('reset-after-accept');
    expect([(await publish(notifications)).size, (await publish(notifications)).size]).toEqual([0, 1]);
    const names = onBus(notifications).map(({ detail }) => (detail['metadata'] as { uid: string }).uid);
    expect(names).toHaveLength(2);
    expect(new Set(names).size).toBe(1);
  });

  test('an event that is too large for EventBridge holds up no other, and is not tried for ever', async () => {
    const [large, small] = await notificationsOf(inMemory(), 2);
    if (large === undefined || small === undefined) throw new Error('There are no notifications.');
    const grown = { ...large, finding: { ...large.finding, message: 'x'.repeat(300_000) } };
    expect([...(await publish([grown, small]))].toSorted()).toEqual([large.id, small.id].toSorted());
    expect(onBus([grown, small])).toHaveLength(1);
    expect(refused).toHaveLength(1);
  });

  test('several requests are made for notifications that are large together', async () => {
    const notifications = (await notificationsOf(inMemory(), 5)).map((each) => ({
      ...each,
      finding: { ...each.finding, message: 'x'.repeat(100_000) },
    }));
    expect((await publish(notifications)).size).toBe(5);
    expect(onBus(notifications)).toHaveLength(5);
    expect(refused).toEqual([]);
  });
});
