/** The cap of all SMS in shards: never exceeded, and used up but for the price of a few SMS. */

import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import type { Item } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoSending } from '../../../lambdas/aws/stores/desk/status.ts';
import { dynamoRequestLedger } from '../../../lambdas/aws/stores/request.ts';
import { gather } from '../../../lambdas/aws/stores/shares/share.ts';
import { spentKey } from '../../../lambdas/aws/tables/guards.ts';
import { noProbes } from '../../../lambdas/otp/limits/blocks.ts';
import { dayOf, hourOf, leasesOf, microUsd, sharesForAnyone } from '../../../lambdas/otp/limits/caps.ts';
import type { Reservation } from '../../../lambdas/otp/limits/reservation.ts';
import type { Reserved } from '../../../lambdas/otp/ports.ts';
import { randomId } from '../../../lambdas/otp/record/code.ts';
import { settleAll } from '../../../lambdas/otp/settle.ts';
import { maxTotalShards, maxTotalShardsWithRisk, smsPerLease } from '../../../lambdas/policy.ts';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { aroundCalls } from '../../fakes/aws/around-calls.ts';
import { askInstead } from '../../fakes/aws/environment.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
});
afterAll(() => dynamo.stop());

const dayMs = 86_400_000;
let days = 0;
/** A day of its own for each case: the cap begins anew. */
const anotherDay = (): number => {
  days += 1;
  return Date.UTC(2026, 0, 1, 12) + days * dayMs;
};

const subject = {
  phoneKey: 'p',
  range: '+91987654',
  prefix: '+919876',
  country: 'IN',
  ip: 'i',
  network: 'n',
  application: 'app',
};
const price = 20_000;

/** So many at once, until all are done. */
const inParallel = <T>(count: number, act: (index: number) => Promise<T>): Promise<readonly T[]> =>
  settleAll(
    Array.from({ length: count }, (_, index) => () => act(index)),
    16,
  );

type Some = {
  readonly shards: number;
  readonly capUsd: number;
  readonly nowMs: number;
  readonly notify?: Reservation['notify'];
};

/** Sends of a deployment with so many shards. Each reads, and then reserves. */
const sender = ({ shards, capUsd, nowMs, notify }: Some) => {
  const ledger = dynamoRequestLedger(dynamoClient(), dynamo.tables, randomId, shards);
  const caps = { hourUsd: capUsd, dayUsd: capUsd };
  const read = () => ledger.read(subject, undefined, nowMs);
  let sends = 0;
  const send = async ({ isTrusted = false, of = price, lookUpPrice = 0 } = {}): Promise<Reserved> => {
    sends += 1;
    const { leftInShards = [] } = await read();
    const share = {
      cap: { of: 'total', caps } as const,
      caps: isTrusted ? { hour: microUsd(capUsd), day: microUsd(capUsd) } : sharesForAnyone(caps),
      leases: leasesOf(leftInShards, `record ${sends}`),
    };
    const reservation: Reservation = {
      ...noProbes,
      ip: undefined,
      countryDay: undefined,
      caps: [share],
      notify,
      price: of,
      lookUpPrice,
      day: dayOf(nowMs),
      hour: hourOf(nowMs),
      nowMs,
    };
    return ledger.reserve(reservation);
  };
  return {
    send,
    spent: async () => (await read()).spent.total.day,
    notified: async () => (await read()).notifiedToday,
  };
};

const heldOf = (all: readonly Reserved[]): number => all.filter(({ outcome }) => outcome.kind === 'held').length;

const itemOf = async (pk: string): Promise<Item | undefined> => {
  const Key = { pk: { S: pk } };
  const { Item } = await dynamo.call('DynamoDB_20120810.GetItem', { TableName: dynamo.tables.guards, Key });
  return Item as Item | undefined;
};

describe('a cap in shards', () => {
  test('no sends at once exceed it, and none is refused while more is left than one price for each shard and one more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: maxTotalShards }),
        fc.integer({ min: 2, max: 60 }),
        async (shards, sms) => {
          const nowMs = anotherDay();
          // The last fifth is not for these sends.
          const capUsd = (sms * price) / 0.8 / 1_000_000;
          const { hour: room } = sharesForAnyone({ hourUsd: capUsd, dayUsd: capUsd });
          const { send, spent } = sender({ shards, capUsd, nowMs });
          const all = await inParallel(sms + 30, () => send());
          // Those who come after the rush find what it left.
          const after = [await send(), await send()];
          const held = heldOf([...all, ...after]) * price;
          expect(held).toBeLessThanOrEqual(room);
          expect(after[1]?.outcome.kind).toBe('exceeded');
          expect(room - held).toBeLessThan((shards + 1) * price);
          expect(await spent()).toBe(held);
        },
      ),
      { numRuns: 6 },
    );
  });

  test('messages of Notify count in the item of the cap, whatever the shards hold', async () => {
    const nowMs = anotherDay();
    const { send, notified } = sender({ shards: 4, capUsd: 100, nowMs, notify: { maxMessages: 9 } });
    const all = await inParallel(40, () => send());
    expect(heldOf(all)).toBe(9);
    expect(await notified()).toBe(9);
    const [one] = all.filter(({ outcome }) => outcome.kind === 'held');
    await one?.release();
    expect(await notified()).toBe(8);
    expect((await send()).outcome.kind).toBe('held');
    expect((await send()).outcome).toMatchObject({ counters: [{ counter: 'notify-day' }] });
  });

  test('no sends of several prices exceed it together', async () => {
    const nowMs = anotherDay();
    const { send } = sender({ shards: 3, capUsd: 1, nowMs });
    const prices = Array.from({ length: 80 }, (_, nth) => 5000 + ((nth * 7919) % 40_000));
    const all = await inParallel(prices.length, (nth) => send({ of: prices[nth] ?? price }));
    const held = prices.reduce((sum, of, nth) => sum + (all[nth]?.outcome.kind === 'held' ? of : 0), 0);
    expect(held).toBeLessThanOrEqual(800_000);
    expect(held).toBeGreaterThan(800_000 - 4 * 45_000);
  });

  test('the last fifth is left to trusted numbers, which get all of it', async () => {
    const nowMs = anotherDay();
    const { send, spent } = sender({ shards: 4, capUsd: 2, nowMs });
    const strangers = heldOf(await inParallel(110, () => send()));
    expect(strangers * price).toBeLessThanOrEqual(1_600_000);
    expect((await send()).outcome.kind).toBe('exceeded');
    const trusted = heldOf(await inParallel(60, () => send({ isTrusted: true })));
    expect((strangers + trusted) * price).toBeLessThanOrEqual(2_000_000);
    expect((strangers + trusted) * price).toBeGreaterThan(2_000_000 - 5 * price);
    expect(await spent()).toBe((strangers + trusted) * price);
  });

  test('nothing exceeds it while the number of shards changes and functions of both versions run', async () => {
    const nowMs = anotherDay();
    const of = (shards: number) => sender({ shards, capUsd: 3, nowMs });
    const held: number[] = [];
    for (const [before, after] of [
      [1, 4],
      [4, 2],
      [2, 3],
      [3, 1],
    ] as const) {
      const [old, young] = [of(before), of(after)];
      held.push(heldOf(await inParallel(40, (nth) => (nth % 2 === 0 ? old : young).send())));
    }
    const sum = held.reduce((all, each) => all + each, 0);
    expect(sum * price).toBeLessThanOrEqual(2_400_000);
    expect(sum).toBeGreaterThan(40);
  });

  test('a release gives the price back to where it was taken, once', async () => {
    const nowMs = anotherDay();
    const { send, spent } = sender({ shards: 2, capUsd: 20, nowMs });
    const all = await inParallel(30, () => send());
    expect(await spent()).toBe(30 * price);
    for (const { release } of all) await release();
    expect(await spent()).toBe(0);
  });

  test('the price of a look-up stays where it was taken', async () => {
    const { send, spent } = sender({ shards: 2, capUsd: 20, nowMs: anotherDay() });
    const all = await inParallel(30, () => send({ lookUpPrice: price / 4 }));
    for (const { release } of all) await release();
    expect(await spent()).toBe((30 * price) / 4);
  });

  test('the rest of a lease is not spent in the next hour', async () => {
    const nowMs = anotherDay();
    const early = sender({ shards: 2, capUsd: 1, nowMs });
    await early.send();
    const late = sender({ shards: 2, capUsd: 1, nowMs: nowMs + 3_600_000 });
    const held = heldOf(await inParallel(60, () => late.send())) + 1;
    expect(held * price).toBeLessThanOrEqual(800_000);
    expect(held * price).toBeGreaterThanOrEqual(800_000 - (smsPerLease + 3) * price);
  });

  test('the status shows what is spent, whatever the number of shards', async () => {
    const nowMs = anotherDay();
    await inParallel(25, () => sender({ shards: 3, capUsd: 20, nowMs }).send());
    const known = { place: { of: 'total' }, caps: { hourUsd: 20, dayUsd: 20 }, priceMicroUsd: price } as const;
    const uses = await dynamoSending(dynamoClient(), dynamo.tables.guards, [known]).caps(nowMs);
    expect(uses.map(({ spent }) => spent)).toEqual([{ hour: 25 * price, day: 25 * price }]);
  });
});

test('a share that was refused is not held, even if no counter says why', async () => {
  const refused = Promise.resolve({ kind: 'exceeded', counters: [] } as const);
  const { outcome } = await gather({ name: dynamo.tables.guards }, [refused]);
  expect(outcome).toEqual({ kind: 'exceeded', counters: [] });
});

test('the cap is one item without shards, and holds only what is spent', async () => {
  const nowMs = anotherDay();
  await inParallel(3, () => sender({ shards: 1, capUsd: 20, nowMs }).send());
  const pk = spentKey({ of: 'total' }, dayOf(nowMs));
  expect(await itemOf(pk)).toEqual({
    pk: { S: pk },
    wholeDay: { N: String(3 * price) },
    [`hour${hourOf(nowMs)}`]: { N: String(3 * price) },
    expiresAt: { N: expect.any(String) },
  });
  expect(await itemOf(`${pk}#0`)).toBeUndefined();
});

test.each([
  ['18 keys, as a rule', 1, undefined, false, false, 18],
  ['20 keys, of a purpose that minds a swapped SIM', 1, undefined, false, true, 20],
  ['24 keys at most', maxTotalShards, 'key', true, false, 24],
  ['24 keys at most, of a purpose that minds a swapped SIM', maxTotalShardsWithRisk, 'key', true, true, 24],
] as const)('a send reads %s, at once and consistently', async (_, shards, key, hasOwnCaps, mindsRisk, keys) => {
  const client = dynamoClient();
  const read: unknown[] = [];
  aroundCalls(client, (call, { input }) => {
    read.push(input);
    return call();
  });
  const ledger = dynamoRequestLedger(client, dynamo.tables, randomId, shards);
  await ledger.read(subject, key, anotherDay(), { hasOwnCaps, mindsRisk });
  const ofGuards = { Keys: { length: keys }, ConsistentRead: true };
  expect(read).toMatchObject([{ RequestItems: { [dynamo.tables.guards]: ofGuards } }]);
});
