import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { type Client, clientOf, type OperatorClient, openStack, operatorOf, wordOf } from '../client.ts';

let stack: LocalStack;
let app: Client;
let desk: OperatorClient;
let id = '';
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
  desk = operatorOf(stack);
  await attack();
  id = await vi.waitUntil(idOfRange, { timeout: 20_000, interval: 200 });
});
afterAll(() => stack.stop());

type Found = Readonly<Record<string, unknown>> & { readonly id: string; readonly what?: { readonly range?: string } };
type Tallied = { readonly requests?: number; readonly approved?: number; readonly refused?: number };
const range = '+91981240';

let calls = 0;
const request = async (phoneNumber: string): Promise<unknown> => {
  calls += 1;
  const headers = { 'x-local-source-ip': `198.18.${Math.floor(calls / 250)}.${(calls % 250) + 1}` };
  return wordOf(await app.request({ phoneNumber }, headers));
};
/** Requests codes in one range until they are refused. */
const attack = async (): Promise<void> => {
  for (let tail = 1000; tail < 1200; tail += 1)
    if ((await request(`${range}${tail}`)) === 'destination-suspended') return;
  throw new Error('Nobody stopped the attack.');
};

const list = async (query = '') => (await desk.get(`/v1/findings${query}`)).body['findings'] as readonly Found[];
const idOfRange = async () => (await list()).find(({ what }) => what?.range === range)?.id ?? '';
const idsOf = async (query: string) => (await list(query)).map((found) => found.id);
const judge = (body: unknown, of = id) => desk.call('PATCH', `/v1/findings/${of}`, body);

test('a finding says in plain sentences what happens, what it costs, and what to do, and names no number', async () => {
  const { status, body, text } = await desk.get(`/v1/findings/${id}`);
  expect(status, text).toBe(200);
  expect(body).toMatchObject({ id, level: 'range', what: { range }, country: 'IN', status: 'new', isOpen: true });
  expect(String(body['headline'])).toContain('+91 98124 0xxxx');
  expect((body['lines'] as readonly string[]).length).toBeGreaterThanOrEqual(4);
  expect(JSON.stringify(body['commands'])).toContain(`show ${id}`);
  expect(text).not.toMatch(/919812401\d{3}/);
  expect(`${body['headline']} ${body['lines']}`).not.toMatch(/\bnats?\b|p-value/);
});

test('a list is filtered by status, severity and time, and the open ones are the default', async () => {
  const { severity } = (await list()).find((found) => found.id === id) ?? expect.fail('It is not listed.');
  for (const query of ['', '?status=open', '?status=new', `?severity=${severity}`, '?since=2020-01-01'])
    expect(await idsOf(query), query).toContain(id);
  const another = severity === 'low' ? 'high' : 'low';
  for (const query of ['?status=closed', '?status=acknowledged', `?severity=${another}`, '?since=2099-01-01T00:00:00Z'])
    expect(await idsOf(query), query).not.toContain(id);
});

test.each([
  'status=done',
  'severity=extreme',
  'since=yesterday',
  'since=2026-13-01',
  'since=2026-02-30',
  'since=9999-12-31T23:59:59-23:59',
  'cursor=1',
  'status=new&status=open',
  'number=%2B919876543210',
])('the query %s is refused with a sentence, which does not repeat it', async (query) => {
  const answer = await desk.get(`/v1/findings?${query}`);
  expect([answer.status, answer.body['code']]).toEqual([400, 'invalid-request']);
  expect(answer.text).not.toContain('9876543210');
});

test('an id that no finding has is answered 404, whatever it looks like', async () => {
  const ids = ['none', crypto.randomUUID(), `${id}x`, '%23', 'a'.repeat(1100), '%F0%9F%98%80', 'finding'];
  for (const each of ids) {
    const shown = await desk.get(`/v1/findings/${each}`);
    const judged = await judge({ status: 'resolved' }, each);
    expect([shown.status, judged.status, shown.body['code']], each).toEqual([404, 404, 'finding-not-found']);
  }
  expect(await desk.actions()).toEqual([]);
});

test.each([
  [{}, '/status'],
  [{ status: 'new' }, '/status'],
  [{ status: ['resolved'] }, '/status'],
  [{ status: 'resolved', note: 'x' }, '/note'],
  [{ status: 'resolved', note: 'call +91 98765 43210' }, '/note'],
  [{ status: 'resolved', by: 'somebody else' }, '/by'],
])('a judgement that is wrong is refused, and changes nothing: %j', async (body, pointer) => {
  const answer = await judge(body);
  expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'invalid-request']);
  expect(answer.body['errors']).toEqual([expect.objectContaining({ pointer })]);
  expect((await desk.get(`/v1/findings/${id}`)).body['status']).toBe('new');
  expect(await desk.actions()).toEqual([]);
});

test('a finding has the traffic of its group: what got a code and what was refused since its block', async () => {
  const { body } = await desk.get(`/v1/findings/${id}`);
  const { byTenMinutes, byTenSeconds } = body['traffic'] as Readonly<Record<string, readonly Tallied[]>>;
  const totalOf = (points: readonly Tallied[] = [], of: keyof Tallied) =>
    points.reduce((sum, each) => sum + (each[of] ?? 0), 0);
  expect(byTenMinutes).toHaveLength(12);
  expect(totalOf(byTenMinutes, 'requests')).toBeGreaterThan(5);
  expect(totalOf(byTenMinutes, 'refused')).toBeGreaterThan(0);
  expect(totalOf(byTenMinutes, 'approved')).toBe(0);
  expect(totalOf(byTenSeconds, 'requests')).toBe(totalOf(byTenMinutes, 'requests'));
});

test('a judgement is in the finding, in its timeline and in the audit trail, with its principal and its note', async () => {
  const { status, body } = await judge({ status: 'acknowledged', note: 'I look at it' });
  expect([status, body['status'], body['note']]).toEqual([200, 'acknowledged', 'I look at it']);
  expect(await idsOf('?status=acknowledged')).toContain(id);
  expect(await idsOf('?status=new')).not.toContain(id);
  const [act] = await desk.actions();
  expect(act).toMatchObject({ action: 'acknowledge', finding: id, reason: 'I look at it' });
  const shown = await desk.get(`/v1/findings/${id}`);
  const timeline = shown.body['timeline'] as readonly { readonly at: string; readonly text: string }[];
  expect(timeline.map(({ text }) => text)).toContainEqual(expect.stringMatching(/local-operator.*I look at it/));
  expect(timeline.map(({ at }) => at)).toEqual(timeline.map(({ at }) => at).toSorted());
});

test('the last judgement counts: a finding that was resolved by mistake is acknowledged again', async () => {
  for (const status of ['false-positive', 'resolved', 'acknowledged', 'resolved', 'acknowledged']) {
    const answer = await judge({ status });
    expect([answer.status, answer.body['status']], answer.text).toEqual([200, status]);
  }
  expect(await idsOf('?status=resolved')).not.toContain(id);
});

test('one of many judgements at once holds, and each is an act', async () => {
  const verdicts = ['acknowledged', 'resolved', 'false-positive'] as const;
  const before = (await desk.actions()).length;
  const answers = await inParallel(9, (nth) => judge({ status: verdicts[nth % 3] }));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 200));
  expect((await desk.actions()).length - before).toBe(9);
  expect(verdicts).toContain((await desk.get(`/v1/findings/${id}`)).body['status']);
});

test('a lift names the finding, and the group that it is about is served again', async () => {
  expect(await request(`${range}9001`)).toBe('destination-suspended');
  const missing = await desk.post('/v1/blocks/lift', { what: { finding: 'none' }, reason: 'these are our users' });
  expect([missing.status, missing.body['code']]).toEqual([404, 'finding-not-found']);
  const lifted = await desk.post('/v1/blocks/lift', { what: { finding: id }, reason: 'these are our users' });
  expect(lifted.status, lifted.text).toBe(200);
  expect(await request(`${range}9002`)).toBe('pending');
  expect((await desk.actions())[0]).toMatchObject({ action: 'lift', finding: id, reason: 'these are our users' });
});

describe('many findings', () => {
  const put = (Item: unknown) =>
    stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.security, Item });
  beforeAll(async () => {
    const Key = { pk: { S: 'finding' }, sk: { S: id } };
    const input = { TableName: stack.tables.security, Key, ConsistentRead: true };
    const { Item } = await stack.callDynamo('DynamoDB_20120810.GetItem', input);
    for (let nth = 0; nth < 120; nth += 1) {
      const copy = `copy-${String(nth).padStart(3, '0')}`;
      await put(JSON.parse(JSON.stringify(Item).replaceAll(id, copy)));
      await put({ pk: { S: 'open' }, sk: { S: copy } });
    }
    // An item that lost what makes it a finding.
    await put({ pk: { S: 'finding' }, sk: { S: 'broken' } });
    await put({ pk: { S: 'open' }, sk: { S: 'broken' } });
  });

  test('each is on one page, and one that cannot be read holds up no other, and is counted', async () => {
    const ids: string[] = [];
    let query = '';
    do {
      const { status, body, text } = await desk.get(`/v1/findings${query}`);
      expect([status, body['unreadable']], text).toEqual([200, 1]);
      ids.push(...(body['findings'] as readonly Found[]).map((found) => found.id));
      query = body['cursor'] === undefined ? '' : `?cursor=${encodeURIComponent(String(body['cursor']))}`;
    } while (query !== '' && ids.length < 1000);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((each) => each.startsWith('copy-'))).toHaveLength(120);
    const broken = await desk.get('/v1/findings/broken');
    expect([broken.status, broken.body['code']]).toEqual([404, 'finding-not-found']);
  });
});

test('a page of another origin can neither read nor judge a finding', async () => {
  for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as const) {
    expect((await desk.call('GET', `/v1/findings/${id}`, undefined, { ...headers })).status).toBe(403);
    expect((await desk.call('PATCH', `/v1/findings/${id}`, { status: 'resolved' }, { ...headers })).status).toBe(403);
  }
});
