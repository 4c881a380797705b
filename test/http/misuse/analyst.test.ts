/** A thief of an analyst's role can do all that the API lets an analyst do. Here he tries what would pay. */

import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { pendingRecord } from '../../fakes/pending-record.ts';
import { type Client, clientOf, type OperatorClient, openStack, operatorOf, wordOf } from '../client.ts';

let stack: LocalStack;
let app: Client;
let desk: OperatorClient;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
  desk = operatorOf(stack);
});
afterAll(() => stack.stop());

const reason = 'a campaign of ours';

let records = 0;
/** Codes that nobody enters, for numbers of one range. */
const pump = async (range: string): Promise<void> => {
  for (let nth = 0; nth < 25; nth += 1) {
    records += 1;
    const Item = pendingRecord(range, records, stack.clock.now());
    await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.verifications, Item });
  }
};
type Found = Readonly<Record<string, unknown>>;
const foundOn = async (range: string): Promise<readonly Found[]> => {
  const { findings } = (await desk.get('/v1/findings?status=open')).body;
  return (findings as readonly Found[]).filter((each) => JSON.stringify(each).includes(range));
};
const rung = (metric: string): number =>
  stack.logs().filter(({ line }) => line.includes(`"${metric}":1`) && line.includes('CloudWatchMetrics')).length;
const refusedWith = async (phoneNumber: string, ip: string) =>
  wordOf(await app.request({ phoneNumber }, { 'x-local-source-ip': ip }));

test('a thief who lifts what he will attack hides it from the detector, and each lift and launch counts for the alarm', async () => {
  const [hidden, control] = ['+91987701', '+91998801'];
  const before = rung('DefenseLowered');
  const lifted = [{ prefix: hidden.slice(0, 7) }, { range: hidden }];
  for (const what of lifted)
    expect((await desk.post('/v1/blocks/lift', { what, reason, allowMinutes: 10_080 })).status).toBe(200);
  const launch = { what: { prefix: hidden.slice(0, 7) }, reason, forMinutes: 4320, expected: 1_000_000_000 };
  expect((await desk.post('/v1/launches', launch)).status).toBe(201);
  // A refused act lowers nothing.
  await desk.post('/v1/blocks/lift', { what: { range: hidden } });
  await desk.post('/v1/blocks/lift', { what: { finding: 'f'.repeat(32) }, reason });
  await desk.post('/v1/launches', { ...launch, expected: 0 });
  await pump(hidden);
  await pump(control);
  await expect.poll(() => foundOn(control), { timeout: 20_000 }).not.toEqual([]);
  expect(await foundOn(hidden)).toEqual([]);
  expect(rung('DefenseLowered') - before).toBe(3);
  expect((await desk.actions()).slice(0, 3)).toEqual([
    expect.objectContaining({ action: 'announce-launch', reason }),
    expect.objectContaining({ action: 'lift', about: `range ${hidden}`, reason }),
    expect.objectContaining({ action: 'lift', about: `prefix ${hidden.slice(0, 7)}`, reason }),
  ]);
});

test('a resumption of what staff have stopped counts for the alarm as well, and one that finds no stop does not', async () => {
  const before = rung('DefenseLowered');
  const what = { country: 'GB' };
  expect((await desk.post('/v1/sending/resume', { what, reason })).status).toBe(404);
  await desk.post('/v1/sending/stop', { what, reason });
  expect((await desk.post('/v1/sending/resume', { what, reason })).status).toBe(200);
  await expect.poll(() => rung('DefenseLowered') - before).toBe(1);
});

test('the detector finds an attack again a minute after staff have undone what a thief lifted and announced', async () => {
  const range = '+91996601';
  const what = { prefix: range.slice(0, 7) };
  for (const each of [what, { range }])
    await desk.post('/v1/blocks/lift', { what: each, reason, allowMinutes: 10_080 });
  await desk.post('/v1/launches', { what, reason, forMinutes: 4320, expected: 1_000_000_000 });
  for (const each of [what, { range }])
    expect((await desk.post('/v1/blocks/lift', { what: each, reason: 'a thief did it', allowMinutes: 1 })).status).toBe(
      200,
    );
  expect((await desk.call('DELETE', `/v1/launches/prefix:${what.prefix.slice(1)}`)).status).toBe(204);
  stack.clock.advance(61_000);
  await pump(range);
  await expect.poll(() => foundOn(range), { timeout: 20_000 }).not.toEqual([]);
});

test('a thief who puts a block of a minute in the place of a restriction has that minute alone', async () => {
  const range = '+91985503';
  await pump(range);
  await expect.poll(() => foundOn(range), { timeout: 20_000 }).not.toEqual([]);
  const held = async () => {
    const { blocks } = (await desk.get('/v1/blocks')).body as { readonly blocks: readonly Found[] };
    return blocks.filter(({ what }) => JSON.stringify(what).includes(range)).map(({ kind }) => kind);
  };
  await expect.poll(held).toEqual(['restriction']);
  await desk.post('/v1/blocks', { what: { range }, reason, forMinutes: 1 });
  expect(await held()).toEqual(['block']);
  stack.clock.advance(61_000);
  expect(await held()).toEqual([]);
  await pump(range);
  await expect.poll(held, { timeout: 20_000 }).toEqual(['restriction']);
});

test('a finding that a thief calls a false positive keeps its restriction, and says that staff called it so', async () => {
  const range = '+91987302';
  await pump(range);
  await expect.poll(() => foundOn(range), { timeout: 20_000 }).not.toEqual([]);
  const [found] = await foundOn(range);
  const labeled = await desk.call('PATCH', `/v1/findings/${String(found?.['id'])}`, { status: 'false-positive' });
  expect(labeled.status).toBe(200);
  // The first request may be the probe of the restriction, and there is none for an hour.
  await refusedWith(`${range}4001`, '198.18.2.1');
  expect(await refusedWith(`${range}4002`, '198.18.2.2')).toBe('destination-suspended');
  expect(await desk.actions()).toContainEqual(expect.objectContaining({ action: 'false-positive' }));
});

test('a block of every country by a thief refuses new people, serves numbers that verified lately, and ends within 30 days', async () => {
  const number = '+919822014567';
  const from = { 'x-local-source-ip': '198.18.3.1' };
  const first = await app.request({ phoneNumber: number }, from);
  expect(wordOf(await app.check(String(first.body['id']), { code: app.lastCode(number) }))).toBe('approved');
  const reputations = async () => {
    const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.guards });
    return JSON.stringify(Items).includes('"reputation#');
  };
  await expect.poll(reputations, { timeout: 20_000 }).toBe(true);
  stack.clock.advance(61_000);
  const countries = ['IN', 'GB', 'US'];
  const answers = await Promise.all(
    countries.map((country) => desk.post('/v1/blocks', { what: { country }, reason, forMinutes: 43_200 })),
  );
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(await refusedWith('+919833014567', '198.18.3.2')).toBe('destination-suspended');
  expect(await refusedWith('+447400123456', '198.18.3.3')).toBe('destination-suspended');
  expect(await refusedWith(number, '198.18.3.1')).toBe('pending');
  const { blocks } = (await desk.get('/v1/blocks')).body as { readonly blocks: readonly Found[] };
  expect(blocks.filter(({ level }) => level === 'country')).toHaveLength(3);
  stack.clock.advance(30 * 86_400_000 + 1000);
  expect(await refusedWith('+919833014568', '198.18.3.4')).toBe('pending');
});
