import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { readStops, stopAttribute, stopKey, stopValue } from '../../../lambdas/aws/tables/guards.ts';
import type { Stop, StopWhat } from '../../../lambdas/otp/limits/stops.ts';
import { wireFaults } from '../../fakes/aws/proxy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { phone } from '../../fakes/world.ts';
import { freshNumber, openStage, type Stage } from '../stage.ts';

let stage: Stage;
beforeAll(async () => {
  // Back-off waits a random part of a delay: tries follow each other at once. back-off.test.ts holds the delays.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  stage = await openStage();
});
afterAll(() => stage.stop());
afterEach(async () => {
  stage.faults.tables.heal();
  await resume();
});

type Attribute = Parameters<typeof readStops>[0] extends infer Item | undefined ? Item[keyof Item] : never;
type Attributes = Readonly<Record<string, Attribute>>;
const table = () => stage.dynamo.tables.guards;
const writeItem = (attributes: Attributes) =>
  stage.dynamo.call('DynamoDB_20120810.PutItem', {
    TableName: table(),
    Item: { pk: { S: stopKey }, ...attributes },
  });
const resume = () =>
  stage.dynamo.call('DynamoDB_20120810.DeleteItem', { TableName: table(), Key: { pk: { S: stopKey } } });

const mapOf = ({ at, by, reason }: ReturnType<typeof stopValue>): Attribute => ({
  M: { at: { N: String(at) }, by: { S: by }, reason: { S: reason } },
});
const stopOf = (what: StopWhat, atMs = 1_795_262_591_345): Stop => ({ what, atMs, by: 'arn', reason: 'A leaked key' });
const itemOf = (...stops: readonly Stop[]): Attributes =>
  Object.fromEntries(stops.map((stop) => [stopAttribute(stop.what), mapOf(stopValue(stop))]));

const all = stopOf({ kind: 'all' });
const ofApp = stopOf({ kind: 'application', application: 'app' });
const ofIndia = stopOf({ kind: 'country', country: 'IN' });
const stopped = (what: string) => ({ kind: 'stopped', limit: `stop-${what}` });

/** All items of the tables that a send writes. */
const everything = async (): Promise<unknown> => {
  const scans = [table(), stage.dynamo.tables.verifications].map((TableName) =>
    stage.dynamo.call('DynamoDB_20120810.Scan', { TableName, ConsistentRead: true }),
  );
  return (await Promise.all(scans)).map((scan) => (scan as { Items: unknown }).Items);
};

describe('the item of the stops', () => {
  test('stops are read as they are written, each by its attribute', () => {
    const item = { pk: { S: stopKey }, ...itemOf(all, ofApp, ofIndia) };
    expect(readStops(item as never)).toEqual([all, ofApp, ofIndia]);
    expect(Object.keys(item)).toEqual(['pk', 'all', 'application#app', 'country#IN']);
  });

  test('no item and an item without a stop stop nothing', async () => {
    expect(readStops(undefined)).toEqual([]);
    await writeItem({});
    expect(await stage.request({ phone: phone(freshNumber()) })).toMatchObject({ kind: 'created' });
  });

  test.each<[string, Attributes]>([
    ['a time that is no number', { all: { M: { at: { S: 'now' }, by: { S: 'x' }, reason: { S: 'y' } } } }],
    ['a time with a fraction', { all: { M: { at: { N: '1.5' }, by: { S: 'x' }, reason: { S: 'y' } } } }],
    ['a time of no calendar', { all: { M: { at: { N: '9000000000000000' }, by: { S: 'x' }, reason: { S: 'y' } } } }],
    ['no time', { all: { M: { by: { S: 'x' }, reason: { S: 'y' } } } }],
    ['no author', { all: { M: { at: { N: '1' }, reason: { S: 'y' } } } }],
    ['no reason', { all: { M: { at: { N: '1' }, by: { S: 'x' } } } }],
    ['a text in place of the map', { all: { S: 'yes' } }],
    ['a flag in place of the map', { all: { BOOL: false } }],
    ['nothing in place of the map', { all: { NULL: true } }],
    ['a country in small letters', { 'country#in': mapOf(stopValue(ofIndia)) }],
    ['a country by three letters', { 'country#IND': mapOf(stopValue(ofIndia)) }],
    ['a kind that nobody knows', { 'counrty#GB': mapOf(stopValue(ofIndia)) }],
    ['an application without a name', { 'application#': mapOf(stopValue(ofApp)) }],
    ['a name with another name behind it', { 'country#GB#x': mapOf(stopValue(ofIndia)) }],
    ['an expiry', { ...itemOf(stopOf({ kind: 'country', country: 'GB' })), expiresAt: { N: '1' } }],
  ])('an item that is malformed stops everything, and the log can tell it: %s', async (_, attributes) => {
    await writeItem(attributes);
    const before = await everything();
    expect(await stage.request({ phone: phone(freshNumber()) })).toMatchObject(stopped('unreadable'));
    expect(await everything()).toEqual(before);
  });
});

describe('a stop on the tables', () => {
  test('a stopped request is one read, and leaves the tables as they were', async () => {
    await writeItem(itemOf(all));
    const before = await everything();
    const calls = stage.faults.tables.calls.length;
    const idempotencyKey = 'stop-0123456789-abcdef';
    const numbers = Array.from({ length: 30 }, freshNumber);
    const asked = (index: number) =>
      stage.request({ phone: phone(numbers[index]), idempotencyKey: `${idempotencyKey}-${index}` });
    const outcomes = await inParallel(30, asked);
    expect(outcomes.map(({ kind }) => kind)).toEqual(outcomes.map(() => 'stopped'));
    expect(stage.faults.tables.calls.slice(calls)).toEqual(outcomes.map(() => 'BatchGetItem'));
    expect(await everything()).toEqual(before);
    await resume();
    const sent = await inParallel(30, asked);
    expect(sent.map(({ kind }) => kind)).toEqual(sent.map(() => 'created'));
  });

  test('a resend is stopped by its application and by the country of its number, and the code that is out stays good', async () => {
    const number = freshNumber();
    const outcome = await stage.request({ phone: phone(number) });
    if (outcome.kind !== 'created') throw new Error(outcome.kind);
    const code = stage.lastCode(number);
    stage.state.nowMs += 31_000;
    for (const [what, stop] of [
      ['application', ofApp],
      ['country', ofIndia],
      ['all', all],
    ] as const) {
      await writeItem(itemOf(stop));
      expect(await stage.resend({ id: outcome.view.id })).toMatchObject(stopped(what));
    }
    expect(stage.messages(number)).toHaveLength(1);
    expect(await stage.check(outcome.view.id, code)).toMatchObject({ kind: 'approved' });
  });

  // A conflict is one of transactions, and none of a read.
  test.each(wireFaults.filter((fault) => fault !== 'conflict'))(
    'nothing is sent while the stops cannot be read: %s',
    async (fault) => {
      const number = freshNumber();
      stage.faults.tables.failAt(0, fault, 100, 'BatchGetItem');
      await expect(stage.request({ phone: phone(number) })).rejects.toMatchObject({ name: 'Unavailable' });
      expect(stage.messages(number)).toEqual([]);
    },
  );

  test('requests that come after a stop is written are refused, while others are under way', async () => {
    const early = inParallel(20, () => stage.request({ phone: phone(freshNumber()) }));
    await writeItem(itemOf(all));
    const late = await inParallel(20, () => stage.request({ phone: phone(freshNumber()) }));
    expect(late.map(({ kind }) => kind)).toEqual(late.map(() => 'stopped'));
    const others = (await early).filter(({ kind }) => kind !== 'created' && kind !== 'stopped');
    expect(others).toEqual([]);
  });
});
