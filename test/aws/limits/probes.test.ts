import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { values } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoRequestLedger } from '../../../lambdas/aws/stores/request.ts';
import { blockKey, detectorAuthor, ipKey, networkKey } from '../../../lambdas/aws/tables/guards.ts';
import type { ProbeShare } from '../../../lambdas/otp/limits/blocks.ts';
import { noteShareOf } from '../../../lambdas/otp/limits/refusal.ts';
import type { Reservation } from '../../../lambdas/otp/limits/reservation.ts';
import type { RequestLedger } from '../../../lambdas/otp/ports.ts';
import { randomId } from '../../../lambdas/otp/record/code.ts';
import { wireFaults } from '../../fakes/aws/proxy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { phone } from '../../fakes/world.ts';
import { openStage, type Stage } from '../stage.ts';

let stage: Stage;
let ledger: RequestLedger;
beforeAll(async () => {
  // Back-off waits a random part of a delay: tries follow each other at once. back-off.test.ts holds the delays.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  stage = await openStage();
  ledger = dynamoRequestLedger(dynamoClient(), stage.dynamo.tables, randomId);
});
afterAll(() => stage.stop());
afterEach(() => {
  stage.faults.tables.heal();
  stage.sns.clearFaults();
  stage.noted.length = 0;
});

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
const itemAt = async (pk: string): Promise<Item | undefined> => {
  const input = { TableName: stage.dynamo.tables.guards, Key: { pk: { S: pk } }, ConsistentRead: true };
  return ((await stage.dynamo.call('DynamoDB_20120810.GetItem', input)) as { Item?: Item }).Item;
};
const countOf = async (table: 'guards' | 'verifications', begins: string): Promise<number> => {
  const input = { TableName: stage.dynamo.tables[table], ConsistentRead: true };
  const { Items } = (await stage.dynamo.call('DynamoDB_20120810.Scan', input)) as { Items: readonly Item[] };
  return Items.filter(({ pk }) => pk?.S?.startsWith(begins)).length;
};

const put = (item: Record<string, unknown>) =>
  stage.dynamo.call('DynamoDB_20120810.PutItem', { TableName: stage.dynamo.tables.guards, Item: values(item) });
const until = () => Math.floor(stage.state.nowMs / 1000) + 86_400;
/** A restriction as the detector writes it. */
const restrict = (level: ProbeShare['level'], of: string, more: Record<string, unknown> = {}) =>
  put({
    pk: blockKey(level, of),
    expiresAt: until(),
    reason: 'test',
    author: detectorAuthor,
    finding: 'uid',
    restriction: true,
    probeIntervalMs: 900_000,
    ...more,
  });

let ranges = 0;
/** A range that no other test has used, of ten thousand numbers. */
const freshRange = () => {
  ranges += 1;
  const range = `+91987${String(ranges).padStart(3, '0')}`;
  return { range, phone: (index: number) => phone(`${range}${String(index).padStart(4, '0')}`) };
};
let networks = 0;
/** An IP of a network that no other request came from. */
const freshIp = () => {
  networks += 1;
  return `172.${Math.floor(networks / 256)}.${networks % 256}.9`;
};
const settled = <T extends { readonly kind: string }>(promise: Promise<T>): Promise<T | { readonly kind: string }> =>
  promise.catch((cause: unknown) => ({ kind: cause instanceof Error ? cause.name : 'unknown' }));

describe('requests behind a restriction', () => {
  test('one of 40 parallel requests takes the probe; the others send, count and record nothing', async () => {
    const { range, phone: number } = freshRange();
    await restrict('range', range);
    const [records, guards] = [await countOf('verifications', ''), await countOf('guards', 'guard#')];
    const refusals = await countOf('verifications', 'refusal#');
    const outcomes = await inParallel(40, (index) => stage.request({ phone: number(index), ip: freshIp() }));
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    const refused = outcomes.filter((outcome) => outcome.kind === 'suspended' && outcome.limit === 'block-range');
    expect(refused).toHaveLength(39);
    expect(await countOf('guards', 'guard#')).toBe(guards + 1);
    const noted = (await countOf('verifications', 'refusal#')) - refusals;
    expect(noted).toBe(39);
    expect(await countOf('verifications', '')).toBe(records + 1 + noted);
    const sent = outcomes.findIndex(({ kind }) => kind === 'created');
    expect(stage.messages(number(sent).reveal())).toHaveLength(1);
    stage.state.nowMs += 449_999;
    expect(await stage.request({ phone: number(90), ip: freshIp() })).toMatchObject({ kind: 'suspended' });
    stage.state.nowMs += 900_001;
    expect(await stage.request({ phone: number(91), ip: freshIp() })).toMatchObject({ kind: 'created' });
  });

  test('a probe changes its time on the block and nothing else, and the record has its level', async () => {
    const { range, phone: number } = freshRange();
    await restrict('range', range);
    const before = await itemAt(blockKey('range', range));
    const outcome = await stage.request({ phone: number(1), ip: freshIp() });
    expect(await itemAt(blockKey('range', range))).toEqual({
      ...before,
      probedAt: { N: String(stage.state.nowMs) },
    });
    if (outcome.kind !== 'created') throw new Error(outcome.kind);
    stage.state.nowMs += 31_000;
    expect(await stage.resend({ id: outcome.view.id })).toMatchObject({ kind: 'resent' });
  });

  test('one of 30 parallel requests of one network takes a probe, whatever ranges they are for', async () => {
    const outcomes = await inParallel(30, async (index) => {
      const { range, phone: number } = freshRange();
      await restrict('range', range, { probeIntervalMs: 1 });
      return stage.request({ phone: number(1), ip: `198.51.100.${index}` });
    });
    expect(outcomes.filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(outcomes.filter(({ kind }) => kind === 'suspended')).toHaveLength(29);
  });

  test('a send that surely failed gives the probes of block and network back', async () => {
    const { range, phone: number } = freshRange();
    await restrict('range', range);
    const ip = freshIp();
    stage.sns.fail('throttle', { times: 1000 });
    expect(await stage.request({ phone: number(1), ip })).toMatchObject({ kind: 'not-sent' });
    stage.sns.clearFaults();
    expect(await itemAt(blockKey('range', range))).not.toHaveProperty('probedAt');
    expect(await stage.request({ phone: number(2), ip })).toMatchObject({ kind: 'created' });
  });

  const faults = wireFaults.flatMap((fault) =>
    [0, 1, 2, 3, 4].flatMap((call) => [1, 1000].map((times) => ({ fault, call, times }))),
  );
  test.each(faults)(
    'a probe sends one SMS at most, and costs one probe at most, despite $fault at call $call, $times times',
    async ({ fault, call, times }) => {
      const { range, phone: number } = freshRange();
      await restrict('range', range);
      stage.faults.tables.failAt(call, fault, times);
      const first = await settled(stage.request({ phone: number(1), ip: freshIp() }));
      stage.faults.tables.heal();
      expect(['created', 'suspended', 'too-soon', 'Unavailable']).toContain(first.kind);
      const sent = () => stage.messages(number(1).reveal()).length + stage.messages(number(2).reveal()).length;
      expect(sent()).toBe(first.kind === 'created' ? 1 : 0);
      const second = await stage.request({ phone: number(2), ip: freshIp() });
      if (first.kind === 'created') expect(second.kind).toBe('suspended');
      expect(sent()).toBeLessThanOrEqual(1);
      stage.state.nowMs += 1_350_000;
      expect(await stage.request({ phone: number(3), ip: freshIp() })).toMatchObject({ kind: 'created' });
    },
  );

  test('trusted numbers from new networks are held by their own restriction, and probes of it pass', async () => {
    const { phone: number } = freshRange();
    const [first, second] = [2, 3].map((index) => number(index));
    if (first === undefined || second === undefined) throw new Error('no numbers');
    for (const each of [first, second]) await trust(each);
    await restrict('new-network', 'IN');
    expect(await stage.request({ phone: first, ip: freshIp() })).toMatchObject({ kind: 'created' });
    expect(await stage.request({ phone: second, ip: freshIp() })).toMatchObject({
      kind: 'suspended',
      limit: 'block-new-network',
    });
    expect(await stage.request({ phone: number(4), ip: freshIp() })).toMatchObject({ kind: 'created' });
    await restrict('new-network', 'IN', { expiresAt: 1 });
  });
});

/** Makes a number trusted, as an approval of yesterday from elsewhere does. */
const trust = async (number: ReturnType<typeof phone>): Promise<void> => {
  const subject = await subjectOf(number);
  await put({
    pk: `reputation#${subject}`,
    version: 1,
    approved: [],
    wrong: [],
    verifiedAt: stage.state.nowMs - 86_400_000,
    expiresAt: until(),
  });
};
/** The keyed hash of a number, which a guard shows. */
const subjectOf = async (number: ReturnType<typeof phone>): Promise<string> => {
  const keys = async () => {
    const input = { TableName: stage.dynamo.tables.guards, ConsistentRead: true };
    const { Items } = (await stage.dynamo.call('DynamoDB_20120810.Scan', input)) as { Items: readonly Item[] };
    return Items.flatMap(({ pk }) => (pk?.S?.startsWith('guard#') ? [pk.S.slice('guard#'.length)] : []));
  };
  const before = new Set(await keys());
  expect(await stage.request({ phone: number, ip: freshIp() })).toMatchObject({ kind: 'created' });
  stage.state.nowMs += 700_000;
  const [made = ''] = (await keys()).filter((key) => !before.has(key));
  return made;
};

describe('the probes of a ledger', () => {
  const reservation = (probes: readonly ProbeShare[], nowMs: number, probeNetwork?: string): Reservation => ({
    ...{ ip: undefined, countryDay: undefined, caps: [], price: 0, day: '', hour: '', nowMs },
    probes,
    probeNetwork,
  });
  const share = (of: string, intervalMs = 900_000): ProbeShare => ({ level: 'range', of, intervalMs, until: until() });
  const probedAt = async (of: string) => Number((await itemAt(blockKey('range', of)))?.['probedAt']?.N ?? 0);

  test('several restrictions all give a probe or none, and a release leaves later probes alone', async () => {
    const [one, other] = [freshRange().range, freshRange().range];
    const { nowMs } = stage.state;
    await restrict('range', one, { probedAt: nowMs - 900_000 });
    await restrict('range', other, { probedAt: nowMs - 899_999 });
    const network = randomId();
    const lost = await ledger.takeProbes(reservation([share(one), share(other)], nowMs, network));
    expect(lost.outcome).toMatchObject({ kind: 'exceeded', counters: [{ counter: 'probe' }] });
    await lost.release();
    expect([await probedAt(one), await probedAt(other)]).toEqual([0, nowMs - 899_999]);
    expect(await itemAt(networkKey(network))).not.toHaveProperty('probedAt');
    const held = await ledger.takeProbes(reservation([share(one), share(other)], nowMs + 1, network));
    expect(held.outcome.kind).toBe('held');
    const later = await ledger.takeProbes(reservation([share(one)], nowMs + 900_001));
    expect(later.outcome.kind).toBe('held');
    await held.release();
    expect([await probedAt(one), await probedAt(other)]).toEqual([nowMs + 900_001, 0]);
  });

  test('a probe of a block that is gone makes none', async () => {
    const { range } = freshRange();
    const { outcome } = await ledger.takeProbes(reservation([share(range)], stage.state.nowMs));
    expect(outcome.kind).toBe('exceeded');
    expect(await itemAt(blockKey('range', range))).toBeUndefined();
  });

  test('an item with the time of a probe and no end holds for nobody', async () => {
    const { range, phone: number } = freshRange();
    await put({ pk: blockKey('range', range), probedAt: stage.state.nowMs });
    expect(await stage.request({ phone: number(1), ip: freshIp() })).toMatchObject({ kind: 'created' });
  });
});

describe('a number that is guessed at', () => {
  test('an item on its codes makes them longer, until it ends, and those of nobody else', async () => {
    const { phone: number } = freshRange();
    const phoneKey = await subjectOf(number(1));
    await put({ pk: blockKey('codes', phoneKey), expiresAt: Math.floor(stage.state.nowMs / 1000) + 900 });
    const longer = { kind: 'created', view: { codeLength: 9, attemptsRemaining: 3 } };
    expect(await stage.request({ phone: number(1), ip: freshIp() })).toMatchObject(longer);
    expect(await stage.request({ phone: number(2), ip: freshIp() })).toMatchObject({ view: { codeLength: 6 } });
    stage.state.nowMs += 900_000;
    expect(await stage.request({ phone: number(1), ip: freshIp() })).toMatchObject({ view: { codeLength: 6 } });
  });
});

describe('refusals', () => {
  test('ten of many refusals of an IP are noted at once, in parallel or not, and then one a minute', async () => {
    const { nowMs } = stage.state;
    const ip = randomId();
    const take = async (atMs: number, tatMs = 0) => {
      const note = noteShareOf(ip, tatMs, atMs);
      return note !== undefined && (await ledger.takeNote(note));
    };
    const parallel = (await inParallel(50, () => take(nowMs))).filter(Boolean).length;
    expect(parallel).toBeGreaterThanOrEqual(3);
    expect(parallel).toBeLessThanOrEqual(10);
    let noted = parallel;
    for (let nth = 0; nth < 20; nth += 1) if (await take(nowMs)) noted += 1;
    expect(noted).toBe(10);
    expect(await take(nowMs + 59_999)).toBe(false);
    expect(await take(nowMs + 60_000)).toBe(true);
    expect(await take(nowMs + 60_000)).toBe(false);
    expect(await ledger.readRefusedTatMs(ip)).toBe(nowMs + 660_000);
    expect(Object.keys((await itemAt(ipKey(ip))) ?? {}).toSorted()).toEqual(['expiresAt', 'pk', 'refusedTat']);
  });

  test('a flood of refused requests writes nothing beyond the rate', async () => {
    const { phone: number } = freshRange();
    const ip = freshIp();
    await stage.request({ phone: number(1), ip });
    const ask = async (times: number) => {
      stage.faults.tables.calls.length = 0;
      for (let nth = 0; nth < times; nth += 1) {
        expect(await stage.request({ phone: number(1), ip })).toMatchObject({ kind: 'too-soon' });
      }
      return new Set(stage.faults.tables.calls);
    };
    expect(await ask(10)).toEqual(new Set(['BatchGetItem', 'UpdateItem', 'PutItem']));
    expect(await ask(20)).toEqual(new Set(['BatchGetItem']));
    stage.faults.tables.calls.length = 0;
    const nowhere = await stage.request({ phone: phone('+4915112345678'), ip });
    expect([nowhere.kind, ...stage.faults.tables.calls]).toEqual(['destination-not-allowed', 'BatchGetItem']);
  });
});
