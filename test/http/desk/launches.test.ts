import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { type OperatorClient, openStack, operatorOf } from '../client.ts';

let stack: LocalStack;
let desk: OperatorClient;
beforeAll(async () => {
  stack = await openStack(inject('bundles'));
  desk = operatorOf(stack);
});
afterAll(() => stack.stop());

const body = { what: { country: 'IN' }, reason: 'a campaign', forMinutes: 60, expected: 5000 };
const announce = (more: object = {}) => desk.post('/v1/launches', { ...body, ...more });
const cancel = (id: string) => desk.call('DELETE', `/v1/launches/${id}`);
const launches = async () => (await desk.get('/v1/launches')).body['launches'] as readonly Record<string, unknown>[];
const inHours = (hours: number) => new Date(stack.clock.now() + hours * 3_600_000).toISOString();

test.each<readonly [string, object, string]>([
  ['a range', { what: { range: '+91 98765 4xxxx' } }, '/what'],
  ['a number', { what: { number: '+919876543210' } }, '/what'],
  ['an IP', { what: { ip: '203.0.113.7' } }, '/what'],
  ['no group', { what: {} }, '/what'],
  ['a country without SMS', { what: { country: 'FR' } }, '/what/country'],
  ['73 hours', { forMinutes: 73 * 60 }, '/forMinutes'],
  ['an end in 73 hours', { forMinutes: undefined, until: '2099-01-01T00:00:00Z' }, '/until'],
  ['two ends', { until: '2099-01-01T00:00:00Z' }, '/until'],
  ['no expectation', { expected: undefined }, '/expected'],
  ['an expectation of nothing', { expected: 0 }, '/expected'],
  ['an expectation as a text', { expected: '5000' }, '/expected'],
  ['half a request', { expected: 0.5 }, '/expected'],
  ['no reason', { reason: '' }, '/reason'],
  ['a reason with a number in it', { reason: 'ask +91 98765 43210' }, '/reason'],
])('a launch of %s is refused with a sentence, and announces nothing', async (_, more, pointer) => {
  const answer = await announce(more);
  expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'invalid-request']);
  const errors = answer.body['errors'] as readonly { readonly pointer: string }[];
  expect([...new Set(errors.map((each) => each.pointer))]).toEqual([pointer]);
  expect(await launches()).toEqual([]);
  expect(await desk.actions()).toEqual([]);
});

test('a launch is listed until its end, and is in the audit trail from its start to its cancellation', async () => {
  const announced = await announce({ what: { prefix: '+91 9822' }, forMinutes: undefined, until: inHours(2) });
  expect(announced.status, announced.text).toBe(201);
  expect(announced.body).toMatchObject({ id: 'prefix:919822', what: { prefix: '+919822' }, expected: 5000 });
  expect(await launches()).toEqual([expect.objectContaining({ ...announced.body, requests: 0, isExceeded: false })]);
  expect((await cancel('prefix:919822')).status).toBe(204);
  expect(await launches()).toEqual([]);
  expect((await desk.actions()).slice(0, 2)).toEqual([
    expect.objectContaining({ action: 'cancel-launch', about: 'launch prefix:919822' }),
    expect.objectContaining({ action: 'announce-launch', about: 'prefix +919822', reason: 'a campaign' }),
  ]);
  await announce({ forMinutes: 1 });
  stack.clock.advance(61_000);
  expect(await launches()).toEqual([]);
  const before = await desk.actions();
  const over = await cancel('country:IN');
  expect([over.status, over.body['code']], over.text).toEqual([404, 'launch-not-found']);
  expect(await desk.actions()).toEqual(before);
});

test('a cancellation of no launch is answered 404, and is no act', async () => {
  await cancel('country:IN');
  const before = await desk.actions();
  for (const id of ['country:IN', 'country:in', 'country:FR', 'prefix:919', 'prefix:+919822', 'range:919876543', 'x']) {
    const answer = await cancel(encodeURIComponent(id));
    expect([answer.status, answer.body['code']], id).toEqual([404, 'launch-not-found']);
  }
  expect(await desk.actions()).toEqual(before);
});

test('one launch is left of many announcements at once, and one of many cancellations finds it', async () => {
  const answers = await inParallel(6, (nth) => announce({ expected: 100 + nth }));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 6 }, () => 201));
  expect(await launches()).toHaveLength(1);
  const canceled = await inParallel(6, () => cancel('country:IN'));
  expect(canceled.map(({ status }) => status).toSorted()).toEqual([204, 404, 404, 404, 404, 404]);
});

test('a page of another origin can neither announce a launch nor cancel one', async () => {
  const before = await desk.actions();
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as const) {
    expect((await desk.call('POST', '/v1/launches', body, { ...headers })).status).toBe(403);
    expect((await desk.call('DELETE', '/v1/launches/country:GB', undefined, { ...headers })).status).toBe(403);
  }
  expect(await desk.actions()).toEqual(before);
});
