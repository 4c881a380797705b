/** The facts behind trust, as the tables hold them: moments of pairs, pairs, askers and verifiers of an IP. */

import { type AttributeValue, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { keyOf, values } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoGuessLedger } from '../../../lambdas/aws/stores/guesses.ts';
import { dynamoRequestLedger } from '../../../lambdas/aws/stores/request.ts';
import {
  ipKey,
  ipReputationKey,
  maxVerifiers,
  maxVerifiersPerDay,
  readVerifiers,
} from '../../../lambdas/aws/tables/guards.ts';
import { countGuesses, type GuessFact } from '../../../lambdas/otp/guesses.ts';
import { noProbes } from '../../../lambdas/otp/limits/blocks.ts';
import { dayOf, hourOf } from '../../../lambdas/otp/limits/caps.ts';
import { isWorn, noGuard, withSend } from '../../../lambdas/otp/limits/guard.ts';
import type { IpShare } from '../../../lambdas/otp/limits/ip-limit.ts';
import { isTrustedIp, maxAskersPerDay, nameOfNumber } from '../../../lambdas/otp/limits/ip-trust.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import type { Reservation } from '../../../lambdas/otp/limits/reservation.ts';
import { randomId } from '../../../lambdas/otp/record/code.ts';
import { startDynamo } from '../../../local/aws/dynamo.ts';
import { aroundCalls } from '../../fakes/aws/around-calls.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { inParallel } from '../../fakes/in-parallel.ts';

const nowMs = Date.UTC(2026, 10, 21, 12);
const dayMs = 86_400_000;
const trusted = { trustedAfter: 3 };

let stop = async () => {};
let tables = { verifications: '', guards: '' };
let client: DynamoDBClient;
beforeAll(async () => {
  const started = await startDynamo();
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: started.url });
  tables = started.tables;
  client = dynamoClient();
  stop = async () => {
    client.destroy();
    await started.stop();
  };
});
afterAll(() => stop());

const request = () => dynamoRequestLedger(client, tables, randomId);
const count = (fact: GuessFact) => countGuesses(dynamoGuessLedger(client, tables.guards))([fact]);

const subjectOf = (more: { readonly phoneKey?: string; readonly ip?: string } = {}) => ({
  phoneKey: randomId(),
  range: '+91987654',
  prefix: '+919876',
  country: 'IN',
  ip: randomId(),
  network: randomId(),
  application: 'app',
  ...more,
});
const factsOf = (subject: ReturnType<typeof subjectOf>, atMs = nowMs) => request().read(subject, undefined, atMs);

const rightFrom = (ip: string, more: Partial<GuessFact> = {}): GuessFact => ({
  id: randomId(),
  kind: 'right',
  phoneKey: randomId(),
  ip,
  network: randomId(),
  verification: randomId().slice(0, 12),
  atMs: nowMs,
  ...more,
});

const reservationOf = (ip: Partial<IpShare> & { readonly key: string }, atMs = nowMs): Reservation => ({
  ...noProbes,
  ip: {
    rate: { intervalMs: 1000, toleranceMs: 1_000_000 },
    country: 'IN',
    countriesPerDay: 3,
    isTrustedIp: false,
    tatMs: 0,
    ...ip,
  },
  countryDay: undefined,
  caps: [],
  price: 0,
  day: dayOf(atMs),
  hour: hourOf(atMs),
  nowMs: atMs,
});
const askersOf = async (ip: string, atMs = nowMs) => {
  const { askersToday, askersYesterday } = (await factsOf(subjectOf({ ip }), atMs)).ip;
  return { askersToday: askersToday.toSorted(), askersYesterday: askersYesterday.toSorted() };
};

const itemAt = async (pk: string): Promise<Record<string, AttributeValue> | undefined> =>
  (await client.send(new GetItemCommand({ TableName: tables.guards, Key: keyOf(pk), ConsistentRead: true }))).Item;
const put = (item: Record<string, AttributeValue>) =>
  client.send(new PutItemCommand({ TableName: tables.guards, Item: item }));

describe('a guard', () => {
  test('a guard names the SMS that a pair asked for', async () => {
    const subject = subjectOf();
    const guard = [1, 2, 3].reduce((before, nth) => withSend(before, momentOf(randomId(), nowMs + nth, true)), noGuard);
    await put({
      ...values({
        pk: `guard#${subject.phoneKey}`,
        version: 3,
        sends: guard.sends.map((s) => `${s.atMs} ${s.verification} p`),
      }),
    });
    const read = await factsOf(subject, nowMs + 10);
    expect(read.guard.sends).toEqual(guard.sends);
    expect(isWorn(read, nowMs + 10)).toBe(true);
  });
});

describe('a reputation of a number', () => {
  test('right guesses leave the last three networks, wrong ones say whether a pair made them', async () => {
    const phoneKey = randomId();
    const networks = Array.from({ length: 4 }, () => randomId());
    for (const [index, network] of [...networks.entries()].toReversed()) {
      await count(rightFrom('ip', { phoneKey, network, atMs: nowMs + index }));
    }
    const [own, strange] = [true, false].map((isPair) => ({
      kind: 'wrong' as const,
      ...momentOf(randomId(), nowMs, isPair),
    }));
    for (const guess of [own, strange]) await count(rightFrom('ip', { phoneKey, ...guess }));
    const { reputation } = await factsOf(subjectOf({ phoneKey }));
    expect(reputation.pairs).toEqual(
      networks.slice(1).map((network, index) => ({ network: network.slice(0, 12), atMs: nowMs + index + 1 })),
    );
    expect(reputation.wrong.map(({ pair }) => pair === true).toSorted()).toEqual([false, true]);
  });

  test('a reputation from before pairs has none, and learns one', async () => {
    const phoneKey = randomId();
    await put(
      values({ pk: `reputation#${phoneKey}`, version: 2, approved: [], wrong: ['1 Zk9vX2pQ1rTs'], verifiedAt: 1 }),
    );
    expect((await factsOf(subjectOf({ phoneKey }))).reputation).toEqual({
      version: 2,
      verifiedAtMs: 1,
      approved: [],
      wrong: [{ atMs: 1, verification: 'Zk9vX2pQ1rTs' }],
      pairs: [],
    });
    await count(rightFrom('ip', { phoneKey, network: 'home' }));
    expect((await factsOf(subjectOf({ phoneKey }))).reputation.pairs).toEqual([{ network: 'home', atMs: nowMs }]);
  });
});

describe('the askers of an IP', () => {
  test('an unverified number is noted by the write that takes the rate, and stays when that is released', async () => {
    const key = randomId();
    const { outcome, release } = await request().reserve(reservationOf({ key, asker: 'a'.repeat(12) }));
    expect(outcome.kind).toBe('held');
    await request().reserve(reservationOf({ key, asker: 'b'.repeat(12) }));
    await request().reserve(reservationOf({ key }));
    await release();
    expect(await askersOf(key)).toEqual({ askersToday: ['a'.repeat(12), 'b'.repeat(12)], askersYesterday: [] });
    expect((await factsOf(subjectOf({ ip: key }))).ip.tatMs).toBe(nowMs + 2000);
  });

  test('forty names are noted in a day, exactly, however parallel they come, and all are sent to', async () => {
    const key = randomId();
    const outcomes = await inParallel(60, (index) =>
      request().reserve(
        reservationOf({ key, asker: String(index).padStart(12, '_'), rate: { intervalMs: 1, toleranceMs: 1_000_000 } }),
      ),
    );
    const held = outcomes.filter(({ outcome }) => outcome.kind === 'held').length;
    expect(held).toBeGreaterThan(maxAskersPerDay);
    expect((await askersOf(key)).askersToday).toHaveLength(maxAskersPerDay);
  });

  test('a trusted IP takes new askers until it is trusted no more, exactly, however parallel they come', async () => {
    const key = randomId();
    const ask = (name: string) =>
      request().reserve(reservationOf({ key, isTrustedIp: true, maxAskers: 4, asker: name }));
    const outcomes = await inParallel(30, (index) => ask(String(index).padStart(12, '_')));
    expect(outcomes.filter(({ outcome }) => outcome.kind === 'held').length).toBeLessThanOrEqual(4);
    for (const name of ['a', 'b', 'c', 'd', 'e']) await ask(name);
    const { askersToday } = await askersOf(key);
    expect(askersToday).toHaveLength(4);
    expect((await ask('f')).outcome).toMatchObject({ kind: 'exceeded', counters: [{ counter: 'ip' }] });
    // A number that asked before is no other failure.
    expect((await ask(askersToday[0] ?? '')).outcome.kind).toBe('held');
  });

  test('the names of a day are read on the next day as well, and go with the day after', async () => {
    const key = randomId();
    const askers = ['a', 'b', 'c'].map((name) => name.repeat(12));
    for (const [index, asker] of askers.entries()) {
      await request().reserve(reservationOf({ key, asker }, nowMs + index * dayMs));
    }
    expect(await askersOf(key, nowMs + 2 * dayMs)).toEqual({ askersToday: [askers[2]], askersYesterday: [askers[1]] });
    const names = Object.keys((await itemAt(ipKey(key))) ?? {}).filter((name) => name.startsWith('askers'));
    expect(names.toSorted()).toEqual(['askers20261122', 'askers20261123']);
  });

  test('a weekend without a request leaves no names of Thursday and Friday behind', async () => {
    const key = randomId();
    for (const day of [0, 1, 4])
      await request().reserve(reservationOf({ key, asker: `day ${day}` }, nowMs + day * dayMs));
    const names = Object.keys((await itemAt(ipKey(key))) ?? {});
    expect(names.filter((name) => /\d{8}$/.test(name)).toSorted()).toEqual(['askers20261125', 'countries20261125']);
  });

  test('an item of an IP from before askers is read', async () => {
    const key = randomId();
    await put({ ...values({ pk: ipKey(key), tat: nowMs, expiresAt: 1 }), countries20261121: { SS: ['IN'] } });
    const { ip } = await factsOf(subjectOf({ ip: key }));
    expect(ip).toMatchObject({ countriesToday: ['IN'], askersToday: [], askersYesterday: [], verifiers: [] });
    expect((await request().reserve(reservationOf({ key, tatMs: nowMs, asker: 'a' }))).outcome.kind).toBe('held');
  });
});

describe('the verifiers of an IP', () => {
  const verifiersOf = async (ip: string, atMs: number) => (await factsOf(subjectOf({ ip }), atMs)).ip.verifiers;

  test('the verifiers of an IP that is used each day never expire, also when the set is full', async () => {
    const ip = randomId();
    for (let index = 0; index < maxVerifiers; index += 1) await count(rightFrom(ip));
    for (let day = 1; day <= 40; day += 1) await count(rightFrom(ip, { atMs: nowMs + day * dayMs }));
    const lastMs = nowMs + 40 * dayMs;
    // Those of today and yesterday beside the full set.
    expect(await verifiersOf(ip, lastMs)).toHaveLength(maxVerifiers + 2);
    expect(await verifiersOf(ip, lastMs + 30 * dayMs - 1000)).toHaveLength(maxVerifiers);
    expect(await verifiersOf(ip, lastMs + 30 * dayMs)).toEqual([]);
    const names = Object.keys((await itemAt(ipReputationKey(ip))) ?? {}).filter((name) => name.startsWith('verifiers'));
    expect(names).toHaveLength(3);
  });

  test('the verifiers of a day go by the next write, however many days later it comes', async () => {
    const ip = randomId();
    const full = Array.from({ length: maxVerifiers }, (_, index) => `verifier ${index}`.padEnd(12, '_'));
    await put({ ...values({ pk: ipReputationKey(ip), expiresAt: nowMs / 1000 + 1 }), verifiers: { SS: full } });
    for (const day of [0, 1, 4, 20]) await count(rightFrom(ip, { atMs: nowMs + day * dayMs }));
    const names = Object.keys((await itemAt(ipReputationKey(ip))) ?? {}).filter((name) => name.startsWith('verifiers'));
    expect(names.toSorted()).toEqual(['verifiers', 'verifiers20261211']);
  });

  test('an office of a hundred that verify stays trusted, although fifty names are remembered for long', async () => {
    const ip = randomId();
    const phones = Array.from({ length: 100 }, () => randomId());
    for (const phoneKey of phones) {
      await request().reserve(reservationOf({ key: ip, asker: nameOfNumber(phoneKey) }));
      await count(rightFrom(ip, { phoneKey }));
    }
    const facts = (await factsOf(subjectOf({ ip }))).ip;
    expect(facts.verifiers).toHaveLength(maxVerifiers + maxVerifiersPerDay);
    expect(facts.askersToday).toHaveLength(maxAskersPerDay);
    expect(isTrustedIp(facts, trusted)).toBe(true);
  });

  test('a busy IP pays for no writes that its full sets refuse', async () => {
    const ip = randomId();
    const watched = dynamoClient();
    const ledger = dynamoGuessLedger(watched, tables.guards);
    const phones = Array.from({ length: maxVerifiers + maxVerifiersPerDay }, () => randomId());
    for (const phoneKey of phones) await countGuesses(ledger)([rightFrom(ip, { phoneKey })]);
    let updates = 0;
    aroundCalls(watched, (call, { name }) => {
      if (name === 'UpdateItemCommand') updates += 1;
      return call();
    });
    for (let more = 0; more < 5; more += 1) await countGuesses(ledger)([rightFrom(ip)]);
    expect(updates).toBe(0);
  });

  test('longer names of older items are the same numbers', () => {
    const names = [1, 2].map((index) => `number ${index}`.padEnd(16, '_'));
    const item = { expiresAt: { N: String(nowMs / 1000 + 1) }, verifiers: { SS: names } };
    expect(readVerifiers(item, nowMs)).toEqual(names.map((name) => name.slice(0, 12)));
  });
});
