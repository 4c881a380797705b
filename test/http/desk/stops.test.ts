import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { type Client, clientOf, freshNumber, type OperatorClient, openStack, operatorOf, wordOf } from '../client.ts';

let stack: LocalStack;
let app: Client;
let backEnd: Client;
let desk: OperatorClient;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
  backEnd = clientOf({ ...stack, apiKey: stack.apiKeys['back-end'] ?? '' });
  desk = operatorOf(stack);
});
afterAll(() => stack.stop());
afterEach(async () => {
  for (const name of Object.keys(await stops())) {
    const [kind = '', of = ''] = name.split('#');
    await resume(kind === 'all' ? kind : { [kind]: of });
  }
});

type Held = Readonly<Record<string, unknown>>;
/** The stops that hold, by name, as the functions read them. */
const stops = async (): Promise<Readonly<Record<string, Held>>> => {
  const Key = { pk: { S: 'stop' } };
  const input = { TableName: stack.tables.guards, Key, ConsistentRead: true };
  const { Item = {} } = await stack.callDynamo('DynamoDB_20120810.GetItem', input);
  const { pk: _, ...held } = Item as Record<string, { readonly M: Held }>;
  return Object.fromEntries(Object.entries(held).map(([name, { M }]) => [name, M]));
};
const stop = (what: unknown, more: object = {}) =>
  desk.post('/v1/sending/stop', { what, reason: 'a leak of keys', ...more });
const resume = (what: unknown, more: object = {}) =>
  desk.post('/v1/sending/resume', { what, reason: 'the leak is over', ...more });

let ips = 0;
const from = () => {
  ips += 1;
  return { 'x-local-source-ip': `198.19.${ips}.1` };
};
const request = async (phoneNumber = freshNumber()) => wordOf(await app.request({ phoneNumber }, from()));

test.each<readonly [string, unknown, object]>([
  ['nothing', undefined, {}],
  ['everything by another word', 'everything', {}],
  ['the code UK', { country: 'UK' }, {}],
  ['a country and an application', { country: 'IN', application: 'default' }, {}],
  ['a range', { range: '+91 98765 4xxxx' }, {}],
  ['all without a reason', 'all', { reason: undefined }],
  ['all with an empty reason', 'all', { reason: '  ' }],
  ['all with a number in the reason', 'all', { reason: 'ask +91 98765 43210' }],
  ['all with an end', 'all', { forMinutes: 5 }],
])('a stop of %s is refused with a sentence, and stops nothing', async (_, what, more) => {
  for (const act of [stop, resume]) {
    const answer = await act(what, more);
    expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'invalid-request']);
    expect((answer.body['errors'] as readonly unknown[]).length).toBeGreaterThan(0);
  }
  expect(await stops()).toEqual({});
  expect(await request()).toBe('pending');
  expect(await desk.actions()).toEqual([]);
});

test.each([
  ['an application that the settings lack', { application: 'unknown' }],
  ['a country without SMS', { country: 'FR' }],
])('a stop of %s is refused with a sentence, and nothing of it can be resumed', async (_, what) => {
  const answer = await stop(what);
  expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'invalid-request']);
  expect((await resume(what)).status).toBe(404);
  expect(await stops()).toEqual({});
  expect(await desk.actions()).toEqual([]);
});

test('a stop spares nobody, trusted numbers included, while a code that is out is checked, until somebody resumes', async () => {
  const trusted = freshNumber();
  const first = await app.requested(trusted);
  expect(wordOf(await app.check(first.id, { code: first.code }))).toBe('approved');
  const open = await app.requested(freshNumber());
  const stopped = await stop('all');
  expect(stopped.body).toMatchObject({ what: 'all', reason: 'a leak of keys' });
  stack.clock.advance(61_000);
  expect([await request(trusted), await request()]).toEqual(['sending-stopped', 'sending-stopped']);
  expect(wordOf(await backEnd.request({ phoneNumber: freshNumber() }))).toBe('sending-stopped');
  expect(wordOf(await app.check(open.id, { code: open.code }))).toBe('approved');
  stack.clock.advance(7 * 86_400_000);
  expect(await request()).toBe('sending-stopped');
  expect([(await resume('all')).status, await request()]).toEqual([200, 'pending']);
});

test('a stop of a country or of an application leaves the others, and each ends by its own name', async () => {
  await stop({ country: 'gb' });
  await stop({ application: 'back-end' });
  expect(await request('+447400123456')).toBe('sending-stopped');
  expect(await request()).toBe('pending');
  expect(wordOf(await backEnd.request({ phoneNumber: freshNumber() }))).toBe('sending-stopped');
  expect(Object.keys(await stops()).toSorted()).toEqual(['application#back-end', 'country#GB']);
  const before = await desk.actions();
  const missing = await resume('all');
  expect([missing.status, missing.body['code']]).toEqual([404, 'stop-not-found']);
  expect(await desk.actions()).toEqual(before);
  expect((await resume({ country: 'GB' })).status).toBe(200);
  expect(await request('+447400123457')).toBe('pending');
  expect((await resume({ application: 'back-end' })).status).toBe(200);
  expect(wordOf(await backEnd.request({ phoneNumber: freshNumber() }))).toBe('pending');
});

test('a stop that holds keeps its beginning, and each act is in the audit trail with its reason', async () => {
  const first = await stop('all', { reason: 'the first reason' });
  const held = await stops();
  stack.clock.advance(5000);
  const second = await stop('all', { reason: 'the second reason' });
  expect([second.status, second.body], second.text).toEqual([200, first.body]);
  expect(await stops()).toEqual(held);
  expect(held['all']).toMatchObject({ reason: { S: 'the first reason' } });
  await resume('all');
  expect((await desk.actions()).slice(0, 3)).toEqual([
    expect.objectContaining({ action: 'resume-sending', about: 'all sending', reason: 'the leak is over' }),
    expect.objectContaining({ action: 'stop-sending', about: 'all sending', reason: 'the second reason' }),
    expect.objectContaining({
      action: 'stop-sending',
      reason: 'the first reason',
      principal: 'arn:aws:iam::000000000000:user/local-operator',
    }),
  ]);
});

test('one of many stops at once holds and each is an act, and one of many resumptions finds it', async () => {
  const before = (await desk.actions()).length;
  const stopped = await inParallel(8, () => stop({ country: 'IN' }));
  expect(stopped.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200));
  expect(new Set(stopped.map(({ text }) => text)).size).toBe(1);
  expect(Object.keys(await stops())).toEqual(['country#IN']);
  const resumed = await inParallel(8, () => resume({ country: 'IN' }));
  expect(resumed.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 404)]);
  expect((await desk.actions()).length - before).toBe(9);
});

test('a stop among resumptions either holds with its own reason, or is ended by a resumption after it', async () => {
  const reasonOf = (nth: number) => `the reason of ${'abcdefgh'[nth]}`;
  for (let round = 0; round < 3; round += 1) {
    const acts = await inParallel(8, (nth) =>
      nth % 2 === 0 ? stop('all', { reason: reasonOf(nth) }) : resume('all', { reason: reasonOf(nth) }),
    );
    expect(acts.filter((_, nth) => nth % 2 === 0).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const told = new Set(acts.filter((_, nth) => nth % 2 === 0).map(({ body }) => body['reason']));
    const left = (await stops())['all'] as { readonly reason?: { readonly S: string } } | undefined;
    if (left !== undefined) expect(told).toContain(left.reason?.S);
    await resume('all');
  }
});

test('a page of another origin cannot stop sending', async () => {
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as const) {
    const body = { what: 'all', reason: 'a page says so' };
    expect((await desk.call('POST', '/v1/sending/stop', body, { ...headers })).status).toBe(403);
    expect((await desk.call('POST', '/v1/sending/resume', body, { ...headers })).status).toBe(403);
  }
  expect(await request()).toBe('pending');
});
