import { describe, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { type Item, keyOf, values } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoNumberEraser } from '../../../lambdas/aws/stores/desk/number-eraser.ts';
import { dynamoNumberRecords } from '../../../lambdas/aws/stores/desk/number-records.ts';
import { dynamoPortNotices } from '../../../lambdas/aws/stores/desk/port-notices.ts';
import { portNoticeKey, readPortNotice, riskItem } from '../../../lambdas/aws/tables/number-risk.ts';
import { actionPartition } from '../../../lambdas/aws/tables/security/actions.ts';
import type { Action } from '../../../lambdas/desk/actions.ts';
import type { PortNotice } from '../../../lambdas/otp/risk/ports.ts';
import { useDynamoBehindProxy } from '../../fakes/aws/dynamo-behind-proxy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';

const nowMs = Date.UTC(2026, 10, 30, 9);
const dayMs = 86_400_000;

const aws = useDynamoBehindProxy();

const notices = () => dynamoPortNotices(dynamoClient(), aws.dynamo.tables, 90);
const itemAt = async (phoneKey: string): Promise<Item | undefined> => {
  const Key = keyOf(portNoticeKey(phoneKey));
  const { Item } = await aws.dynamo.call('DynamoDB_20120810.GetItem', {
    TableName: aws.dynamo.tables.guards,
    Key,
    ConsistentRead: true,
  });
  return Item as Item | undefined;
};
const held = async (phoneKey: string, atMs = nowMs) => readPortNotice(await itemAt(phoneKey), atMs);
const actsOf = async (): Promise<number> => {
  const { Items } = await aws.dynamo.call('DynamoDB_20120810.Query', {
    TableName: aws.dynamo.tables.security,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: actionPartition } },
    ConsistentRead: true,
  });
  return (Items as readonly Item[]).length;
};

let keys = 0;
const freshKey = (): string => {
  keys += 1;
  return `keyed-hash-${keys}`;
};
let requests = 0;
const act = (action: 'port-notice' | 'lift-port-notice' = 'port-notice', more: Partial<Action> = {}): Action => {
  requests += 1;
  return { id: `request-${requests}`, atMs: nowMs, principal: 'asha', action, reason: 'a list', about: 'x', ...more };
};
const notice = (days: number, more: Partial<PortNotice> = {}): PortNotice => ({
  notedAtMs: nowMs,
  portedAtMs: nowMs - dayMs,
  untilMs: nowMs + days * dayMs,
  by: 'asha',
  reason: 'a list',
  ...more,
});
const liftAt = (phoneKey: string, atMs = nowMs) => notices().lift(phoneKey, atMs, () => act('lift-port-notice'));

describe('porting notices in the tables', () => {
  test('a notice is stored as it is noted, and its act with it', async () => {
    const [key, before] = [freshKey(), await actsOf()];
    expect(await notices().note(key, notice(10), act())).toEqual(notice(10));
    expect(await held(key)).toEqual(notice(10));
    expect((await actsOf()) - before).toBe(1);
  });

  test('a notice with a later end takes the place of one, and one with an earlier end changes nothing but the trail', async () => {
    const [key, before] = [freshKey(), await actsOf()];
    const first = notice(10);
    await notices().note(key, first, act());
    const sooner = notice(1 / 1440, { by: 'a thief', notedAtMs: nowMs + 1000 });
    expect(await notices().note(key, sooner, act())).toEqual(first);
    expect(await held(key)).toEqual(first);
    const later = notice(20, { by: 'lee', notedAtMs: nowMs + 2000, portedAtMs: undefined });
    expect(await notices().note(key, later, act())).toEqual(later);
    expect(await held(key)).toEqual(later);
    expect((await actsOf()) - before).toBe(3);
  });

  test('a notice takes the place of one that is over and was not deleted yet, and of an item that is none', async () => {
    const [over, none] = [freshKey(), freshKey()];
    await notices().note(over, notice(10), act());
    const second = notice(0, { notedAtMs: nowMs + 11 * dayMs, untilMs: nowMs + 12 * dayMs });
    expect(await notices().note(over, second, act())).toEqual(second);
    const Item = values({ pk: portNoticeKey(none), reason: 'by hand' });
    await aws.dynamo.call('DynamoDB_20120810.PutItem', { TableName: aws.dynamo.tables.guards, Item });
    expect(await notices().note(none, notice(1), act())).toEqual(notice(1));
    expect(await held(none)).toEqual(notice(1));
  });

  test('the same request a second time does nothing', async () => {
    const [key, once] = [freshKey(), act()];
    await notices().note(key, notice(10), once);
    const before = await actsOf();
    await notices().note(key, notice(20), once);
    expect([await held(key), await actsOf()]).toEqual([notice(10), before]);
  });

  test('a lift ends the notice, with the act that names it, and a second one finds none and writes nothing', async () => {
    const key = freshKey();
    await notices().note(key, notice(10), act());
    const named: PortNotice[] = [];
    const lifted = await notices().lift(key, nowMs, (found) => {
      named.push(found);
      return act('lift-port-notice');
    });
    expect([lifted, named.at(-1)]).toEqual([notice(10), notice(10)]);
    expect(await itemAt(key)).toBeUndefined();
    const before = await actsOf();
    expect([await liftAt(key), await actsOf()]).toEqual([undefined, before]);
  });

  test('a lift of a notice that is over finds none', async () => {
    const key = freshKey();
    await notices().note(key, notice(10), act());
    expect(await liftAt(key, nowMs + 10 * dayMs)).toBeUndefined();
  });

  test('one of many lifts at once finds the notice', async () => {
    const key = freshKey();
    await notices().note(key, notice(10), act());
    const before = await actsOf();
    const lifted = await inParallel(8, () => liftAt(key));
    expect(lifted.filter((each) => each !== undefined)).toHaveLength(1);
    expect((await actsOf()) - before).toBe(1);
  });

  test.each([1, 3, 4])('a lift whose answer is lost %i times has lifted, and says so', async (times) => {
    const key = freshKey();
    await notices().note(key, notice(10), act());
    const [before, lift] = [await actsOf(), act('lift-port-notice')];
    aws.proxy.failAt(1, 'lost-answer', times, 'TransactWriteItems');
    expect(await notices().lift(key, nowMs, () => lift)).toEqual(notice(10));
    expect([await itemAt(key), (await actsOf()) - before]).toEqual([undefined, 1]);
  });

  test.each([1, 3, 4])('a notice whose answer is lost %i times is noted once', async (times) => {
    const [key, before] = [freshKey(), await actsOf()];
    aws.proxy.failAt(0, 'lost-answer', times, 'TransactWriteItems');
    expect(await notices().note(key, notice(10), act())).toEqual(notice(10));
    expect([await held(key), (await actsOf()) - before]).toEqual([notice(10), 1]);
  });

  test('the longest of many notices at once holds, and each is an act', async () => {
    const [key, before] = [freshKey(), await actsOf()];
    await inParallel(6, (nth) => notices().note(key, notice(nth + 1), act()));
    expect((await held(key))?.untilMs).toBe(notice(6).untilMs);
    expect((await actsOf()) - before).toBe(6);
  });

  test('a history shows notice and answer of a provider, and an erasure deletes the answer and leaves the notice', async () => {
    const key = freshKey();
    const tables = aws.dynamo.tables;
    await notices().note(key, notice(10), act());
    const swapped = { kind: 'swapped', provider: 'aggregator', swappedAtMs: nowMs - dayMs } as const;
    const Item = riskItem(key, swapped, nowMs);
    await aws.dynamo.call('DynamoDB_20120810.PutItem', { TableName: tables.guards, Item });
    const state = () => dynamoNumberRecords(dynamoClient(), tables).state(key, nowMs);
    expect(await state()).toMatchObject({
      portNotice: notice(10),
      simSwap: { answer: swapped, askedMs: nowMs, forgottenMs: nowMs + 600_000 },
    });
    const eraser = dynamoNumberEraser(dynamoClient(), tables);
    expect(await eraser.limits(key)).toMatchObject({ simSwap: 1 });
    expect(await eraser.limits(key)).toMatchObject({ simSwap: 0 });
    expect(await state()).toMatchObject({ portNotice: notice(10), simSwap: undefined });
    const left = { kind: 'port-notice', untilMs: notice(10).untilMs, reason: 'a list', by: 'asha' };
    expect(await eraser.staffBlocks(key, nowMs)).toEqual([left]);
    expect(await eraser.staffBlocks(key, nowMs + 10 * dayMs)).toEqual([]);
  });
});
