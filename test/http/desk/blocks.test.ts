import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { type Client, clientOf, freshNumber, type OperatorClient, openStack, operatorOf, wordOf } from '../client.ts';

let stack: LocalStack;
let app: Client;
let desk: OperatorClient;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
  desk = operatorOf(stack);
});
afterAll(() => stack.stop());

const operator = 'arn:aws:iam::000000000000:user/local-operator';
const because = { reason: 'an attack on it', forMinutes: 60 };
const block = (what: unknown, more: object = {}) => desk.post('/v1/blocks', { what, ...because, ...more });
const lift = (what: unknown, more: object = {}) =>
  desk.post('/v1/blocks/lift', { what, reason: 'these are our users', ...more });
const blocks = async () => (await desk.get('/v1/blocks')).body['blocks'] as readonly Record<string, unknown>[];

let ips = 0;
const fromAnywhere = () => {
  ips += 1;
  return { 'x-local-source-ip': `198.18.${Math.floor(ips / 250)}.${(ips % 250) + 1}` };
};
const request = async (phoneNumber: string, from = fromAnywhere()) => wordOf(await app.request({ phoneNumber }, from));

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const country = { country: 'IN' };
const end = { forMinutes: undefined };

describe('a slip in a block is refused with a sentence, and blocks nobody', () => {
  const slips: readonly (readonly [string, object, string, string])[] = [
    ['no group', { what: {} }, '/what', 'Name one of country'],
    ['no body of a group', { what: 'IN' }, '/what', 'JSON object'],
    ['two names of a group', { what: { country: 'IN', prefix: '+91 9876' } }, '/what/country', 'Name one of country'],
    ['a name that is no group', { what: { city: 'Pune' } }, '/what/city', 'There is no such field'],
    ['the code UK', { what: { country: 'UK' } }, '/what/country', 'Write "GB"'],
    ['a country that the settings leave out', { what: { country: 'FR' } }, '/what/country', 'send no SMS to FR'],
    ['the name of a country', { what: { country: 'India' } }, '/what/country', 'two letters'],
    ['a code of no country', { what: { country: 'XX' } }, '/what/country', 'No country'],
    ['a country as a number', { what: { country: 91 } }, '/what/country', 'as a string'],
    ['a prefix that is too long', { what: { prefix: '+91 98765' } }, '/what/prefix', 'the 4 digits behind it'],
    ['a prefix that is too short', { what: { prefix: '+91 98' } }, '/what/prefix', 'the 4 digits behind it'],
    ['a prefix without its plus', { what: { prefix: '919876' } }, '/what/prefix', 'leading +'],
    ['a prefix of no country', { what: { prefix: '+999 1234' } }, '/what/prefix', 'No country'],
    ['a range with too many digits', { what: { range: '+91 98765 43' } }, '/what/range', 'without its last four'],
    ['a range with too few digits', { what: { range: '+91 9876' } }, '/what/range', 'without its last four'],
    ['a whole number as a range', { what: { range: '+91 98765 43210' } }, '/what/range', 'a whole number'],
    ['a number without its country', { what: { number: '98765 43210' } }, '/what/number', ''],
    ['a private IP', { what: { ip: '10.0.0.1' } }, '/what/ip', 'private network'],
    ['a range of IPs', { what: { ip: '203.0.113.0/24' } }, '/what/ip', 'one IP alone'],
    ['an IP with a port', { what: { ip: '203.0.113.7:443' } }, '/what/ip', 'one IP alone'],
    ['no end', { what: country, ...end }, '/until', 'either until'],
    ['two ends', { what: country, until: inDays(1) }, '/until', 'either until'],
    ['an end in epoch seconds', { what: country, ...end, until: 1_795_262_591 }, '/until', 'as a string'],
    ['epoch seconds as a text', { what: country, ...end, until: '1795262591' }, '/until', 'time zone'],
    ['epoch milliseconds', { what: country, ...end, until: '1795262591345' }, '/until', 'time zone'],
    ['a time of no zone', { what: country, ...end, until: '2026-12-01T06:00:00' }, '/until', 'time zone'],
    ['a day that is in no calendar', { what: country, ...end, until: '2026-02-30T06:00:00Z' }, '/until', 'time zone'],
    ['a time that is over', { what: country, ...end, until: inDays(-1) }, '/until', 'This time is over'],
    ['an end in 31 days', { what: country, ...end, until: inDays(31) }, '/until', '30 days at most'],
    ['31 days in minutes', { what: country, forMinutes: 31 * 1440 }, '/forMinutes', 'from 1 to 43200'],
    ['no minutes', { what: country, forMinutes: 0 }, '/forMinutes', 'from 1 to 43200'],
    ['half a minute', { what: country, forMinutes: 0.5 }, '/forMinutes', 'whole minutes'],
    ['no reason', { what: country, reason: undefined }, '/reason', 'required'],
    ['an empty reason', { what: country, reason: '   ' }, '/reason', 'Write why'],
    ['the word of the command', { what: country, reason: 'WHY' }, '/reason', 'WHY stands for your reason'],
    ['a reason with a number in it', { what: country, reason: 'abuse by +91 98765-43210' }, '/reason', 'phone number'],
    ['a number behind a slash', { what: country, reason: 'abuse by 98765/43210' }, '/reason', 'phone number'],
    ['a number of two parts', { what: country, reason: 'abuse by 98765, 43210' }, '/reason', 'phone number'],
    ['an order to a terminal', { what: country, reason: 'an \u001b[31mattack' }, '/reason', 'control character'],
    ['a zero byte', { what: country, reason: 'an \u0000 attack' }, '/reason', 'control character'],
    ['half a character', { what: country, reason: 'an attack \ud800' }, '/reason', 'nobody can read'],
    ['a reason of 201 characters', { what: country, reason: 'a'.repeat(201) }, '/reason', '3 to 200'],
    ['an unknown field', { what: country, author: 'me' }, '/author', 'no such field'],
  ];

  test.each(slips)('a block is refused for %s', async (_, body, pointer, sentence) => {
    const before = await desk.actions();
    const answer = await desk.post('/v1/blocks', { ...because, ...body });
    expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'invalid-request']);
    const errors = answer.body['errors'] as readonly { readonly pointer: string; readonly detail: string }[];
    expect(errors.find((each) => each.pointer === pointer)?.detail.toLowerCase(), answer.text).toContain(
      sentence.toLowerCase(),
    );
    expect(await blocks()).toEqual([]);
    expect(await desk.actions()).toEqual(before);
  });

  test.each([
    ['a list', '[]'],
    ['a text', '"IN"'],
    ['a body cut short', '{"what":{"country"'],
    ['a field twice', '{"what":{"country":"IN"},"what":{"country":"GB"},"reason":"why","forMinutes":5}'],
    ['no body', undefined],
  ])('a block is refused for a body that is %s', async (_, body) => {
    const answer = await desk.call('POST', '/v1/blocks', body, { 'content-type': 'application/json' });
    expect([answer.status, answer.body['code']]).toEqual([400, 'invalid-request']);
    expect(await blocks()).toEqual([]);
  });

  test('a number that is refused is neither in the answer nor in the log', async () => {
    await block({ number: '+91 98765 5432' });
    await block({ range: '+91 98765 54321' });
    const log = stack.logs().map(({ line }) => line);
    expect(log.filter((line) => /9876554321|98765 5432/.test(line))).toEqual([]);
  });
});

test('a block that somebody wrote by hand, until a year of no calendar, is listed and holds up no other', async () => {
  const of = '+91981177';
  const [at, reason, author] = [{ N: '1' }, { S: 'by hand' }, { S: 'somebody' }];
  const put = (TableName: string, Item: object) => stack.callDynamo('DynamoDB_20120810.PutItem', { TableName, Item });
  const key = { pk: { S: `block#range#${of}` } };
  await put(stack.tables.guards, { ...key, expiresAt: { N: '1795262591345000' }, reason, author });
  const place = { pk: { S: 'staff-block' }, sk: { S: `range#${of}` } };
  await put(stack.tables.security, { ...place, at, until: { N: '1795262591345000' }, reason, author });
  expect(await blocks()).toEqual([
    expect.objectContaining({ what: { range: of }, until: '9999-12-31T23:59:59.999Z', reason: 'by hand' }),
  ]);
  await lift({ range: of });
  expect(await blocks()).toEqual([]);
});

test('a number that words split passes in a reason, since its digits look like counts', async () => {
  const reason = 'abuse by 98765 and then 43210';
  expect((await block({ prefix: '+91 9812' }, { reason })).status).toBe(201);
  expect((await desk.actions())[0]).toMatchObject({ reason });
  await lift({ prefix: '+91 9812' });
});

test('a reason may say since when, and how many', async () => {
  const reasons = ['since 2026-11-29 03:04:05 it is 1,000 an hour', '2026-11-29T03:04', 'INC-12345: 60 of 100'];
  for (const reason of reasons) {
    const answer = await block({ prefix: '+91 9811' }, { reason });
    expect([answer.status, answer.body['reason']], answer.text).toEqual([201, reason]);
  }
  await lift({ prefix: '+91 9811' });
});

test('a block of a range refuses the next request, its neighbor is served, and a lift lets it pass', async () => {
  const answer = await block({ range: '+91 (98111) 1xxxx' });
  expect(answer.status, answer.text).toBe(201);
  expect(answer.body).toMatchObject({ level: 'range', what: { range: '+91981111' }, kind: 'block', by: operator });
  expect(await request('+919811112345')).toBe('destination-suspended');
  expect(await request('+919811122345')).toBe('pending');
  expect((await lift({ range: '+91981111' })).status).toBe(200);
  expect(await request('+919811112346')).toBe('pending');
  expect(await blocks()).toEqual([]);
});

test('a country in lower case is taken, refuses the next request, and ends by itself', async () => {
  expect((await block({ country: 'gb' }, { forMinutes: 1 })).body).toMatchObject({ what: { country: 'GB' } });
  expect(await request('+447400123456')).toBe('destination-suspended');
  expect(await request(freshNumber())).toBe('pending');
  stack.clock.advance(61_000);
  expect(await request('+447400123456')).toBe('pending');
  expect(await blocks()).toEqual([]);
});

test('a number and an IP are blocked, and no answer, list, act or log line names them or their keyed hashes', async () => {
  const number = freshNumber();
  const ip = '203.0.113.77';
  const answers = [
    await block({ number }),
    await block({ ip }),
    await desk.get('/v1/blocks'),
    await desk.get('/v1/actions'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 200, 200]);
  expect(await request(number)).toBe('destination-suspended');
  expect(await request(freshNumber(), { 'x-local-source-ip': ip })).toBe('destination-suspended');
  const [ofNumber, ofIp] = answers;
  expect([ofNumber?.body['what'], ofIp?.body['what']]).toEqual([{ number: 'hidden' }, { ip: 'hidden' }]);
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.guards });
  const keys = (Items as readonly { readonly pk: { readonly S: string } }[])
    .map(({ pk }) => /^block#(?:phone|ip)#(.+)$/.exec(pk.S)?.[1])
    .filter((key) => key !== undefined);
  expect(keys).toHaveLength(2);
  const secrets = [number, number.slice(1), ip, ...keys];
  const said = [...answers.map(({ text }) => text), ...stack.logs().map(({ line }) => line)].join('\n');
  for (const secret of secrets) expect(said).not.toContain(secret);
  expect((await desk.actions()).slice(0, 2)).toEqual([
    expect.objectContaining({ action: 'block', about: 'an IP' }),
    expect.objectContaining({ action: 'block', about: 'a number' }),
  ]);
  await lift({ number });
  await lift({ ip });
  expect(await request(freshNumber(), { 'x-local-source-ip': ip })).toBe('pending');
  expect(await blocks()).toEqual([]);
});

test('each act is in the audit trail with its principal, its time, its end and its reason', async () => {
  const at = stack.clock.now();
  const { until } = (await block({ prefix: '+91 9822' }, { reason: 'a test of the trail' })).body;
  const { allowUntil } = (await lift({ prefix: '+91 9822' }, { reason: 'the test is over' })).body;
  const [lifted, blocked] = await desk.actions();
  expect(blocked).toMatchObject({ action: 'block', about: 'prefix +919822', reason: 'a test of the trail', until });
  expect(lifted).toMatchObject({
    action: 'lift',
    about: 'prefix +919822',
    reason: 'the test is over',
    until: allowUntil,
  });
  expect([typeof until, typeof allowUntil]).toEqual(['string', 'string']);
  for (const act of [blocked, lifted]) {
    expect(act?.['principal']).toBe(operator);
    expect(Math.abs(Date.parse(String(act?.['at'])) - at)).toBeLessThan(30_000);
  }
  // An act and its line in the log have one id.
  expect(stack.logs().some(({ line }) => line.includes(String(blocked?.['id'])))).toBe(true);
});

test('many blocks of one place at once leave one block, and each is an act; another one extends it', async () => {
  const before = (await desk.actions()).length;
  const answers = await inParallel(8, (nth) => block({ range: '+91982221' }, { forMinutes: 60 + nth }));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
  expect(await blocks()).toHaveLength(1);
  expect((await desk.actions()).length - before).toBe(8);
  const { body } = await block({ range: '+91982221' }, { forMinutes: 43_200 });
  const [held, ...others] = await blocks();
  expect(others).toEqual([]);
  expect(Date.parse(String(held?.['until'])) / 1000).toBeCloseTo(Date.parse(String(body['until'])) / 1000, -1);
  await lift({ range: '+91982221' });
  await lift({ range: '+91982221' });
  expect(await blocks()).toEqual([]);
});

test.each([
  [{ what: country, reason: 'users', allowMinutes: 10_081 }, '/allowMinutes'],
  [{ what: country, reason: 'users', allowMinutes: 0 }, '/allowMinutes'],
  [{ what: {}, reason: 'users' }, '/what'],
  [{ what: { finding: 'a b' }, reason: 'users' }, '/what'],
  [{ what: { country: 'IN', finding: 'x' }, reason: 'users' }, '/what'],
  [{ what: country }, '/reason'],
])('a lift that is wrong is refused: %j', async (body, pointer) => {
  const answer = await desk.post('/v1/blocks/lift', body);
  expect(answer.status, answer.text).toBe(400);
  const errors = answer.body['errors'] as readonly { readonly pointer: string }[];
  expect(errors.some((each) => each.pointer.startsWith(pointer))).toBe(true);
});

test('a page of another origin, and another name of this machine, can neither block nor read', async () => {
  const before = await desk.actions();
  const foreign: readonly Readonly<Record<string, string>>[] = [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of foreign) {
    const body = { what: country, ...because };
    expect((await desk.call('POST', '/v1/blocks', body, headers)).status).toBe(403);
    expect((await desk.call('GET', '/v1/blocks', undefined, headers)).status).toBe(403);
    const preflight = await desk.call('OPTIONS', '/v1/blocks', undefined, headers);
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  }
  expect(await blocks()).toEqual([]);
  expect(await desk.actions()).toEqual(before);
});

describe('the audit trail in pages', () => {
  beforeAll(async () => {
    for (let round = 0; round < 12; round += 1)
      await inParallel(10, (nth) => lift(country, { reason: `act ${round} of ${nth}`, allowMinutes: 1 }));
  });

  test('each act is on one page, the newest first, also while others act', async () => {
    const first = await desk.get('/v1/actions');
    const cursor = String(first.body['cursor']);
    await lift(country, { reason: 'an act in between' });
    const second = await desk.get(`/v1/actions?cursor=${encodeURIComponent(cursor)}`);
    const pages = [first, second].map(({ body }) => body['actions'] as readonly { id: string; at: string }[]);
    expect(pages[0]).toHaveLength(100);
    expect(second.body).not.toHaveProperty('cursor');
    const all = pages.flat();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(second.text).not.toContain('an act in between');
  });

  test('nothing is listed since a time to come, with or without a cursor', async () => {
    const { body } = await desk.get('/v1/actions');
    const since = 'since=2099-01-01T00:00:00Z';
    for (const query of [since, `${since}&cursor=${encodeURIComponent(String(body['cursor']))}`]) {
      const answer = await desk.get(`/v1/actions?${query}`);
      expect([answer.status, answer.body], query).toEqual([200, { actions: [] }]);
    }
  });

  test.each(['cursor=x', 'cursor=', 'since=yesterday', 'since=1795262591', 'page=2', 'cursor=a&cursor=b'])(
    'the query %s is refused',
    async (query) => {
      const answer = await desk.get(`/v1/actions?${query}`);
      expect([answer.status, answer.body['code']]).toEqual([400, 'invalid-request']);
    },
  );
});
