import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type TableName, tables } from '../../../lambdas/contract.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { callerOf } from '../../fakes/api-call.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { wrongCode } from '../../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack, wordOf } from '../client.ts';
import { openSettling } from '../weapons/settling.ts';

let stack: LocalStack;
let settle: () => Promise<void>;
let app: Client;
let desk: ReturnType<typeof callerOf>;
beforeAll(async () => {
  ({ stack, settle } = await openSettling((options) => openStack(inject('strictBundles'), options)));
  app = clientOf(stack);
  desk = callerOf(stack.operatorUrl, '');
});
afterAll(() => stack.stop());

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly SS?: readonly string[] }>>;
const itemsOf = async (name: TableName): Promise<readonly Item[]> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', {
    TableName: stack.tables[name],
    ConsistentRead: true,
  });
  return Items as readonly Item[];
};
const tableNames = Object.keys(tables) as readonly TableName[];

let ips = 0;
const fromAnywhere = () => {
  ips += 1;
  return { 'x-local-source-ip': `198.18.${Math.floor(ips / 250)}.${(ips % 250) + 1}` };
};

/** The keyed hash of a number, as the audit trail has it. */
const keyOf = async (number: string): Promise<string> => {
  const entry = (await itemsOf('security')).find(
    ({ pk, range }) => pk?.S?.startsWith('phone#') && range?.S === number.slice(0, -4),
  );
  return entry?.['pk']?.S?.slice('phone#'.length) ?? expect.fail('The trail has nothing of the number.');
};

/** Nearly all that a number can leave: approvals, wrong codes, refusals, a finding of guessing, longer codes. */
const live = async (number: string): Promise<string> => {
  stack.clock.advance(900_000);
  const home = fromAnywhere();
  const first = await app.request({ phoneNumber: number }, home);
  const id = String(first.body['id']);
  await app.check(id, { code: wrongCode(app.lastCode(number)) });
  expect(wordOf(await app.check(id, { code: app.lastCode(number) }))).toBe('approved');
  await settle();
  for (let nth = 0; nth < 14; nth += 1) {
    const answer = await app.request({ phoneNumber: number }, fromAnywhere());
    if (answer.status === 201) {
      const code = app.lastCode(number);
      for (let guess = 1; guess <= 5; guess += 1)
        await app.check(String(answer.body['id']), { code: wrongCode(code, guess) });
    }
    if (nth % 3 === 0) stack.clock.advance(61_000);
  }
  await settle();
  return await keyOf(number);
};

const because = { reason: 'the holder asked us to' };
const history = (number: string, more: object = {}) =>
  desk('POST', '/v1/numbers/history', { number, ...because, ...more });
const erase = (number: string, more: object = {}) => desk('POST', '/v1/numbers/erase', { number, ...because, ...more });

/** As the clock of the hour counts: no test uses up what another may do. */
const anHourLater = () => stack.clock.advance(3_700_000);

const logs = (): string =>
  stack
    .logs()
    .map(({ line }) => line)
    .join('\n');
/** Lines about a finding name a number by the first characters of its keyed hash, until the logs are deleted. */
const isOfFinding = (line: string): boolean => /"message":"finding"/.test(line);

/** Items that have the number, its keyed hash or its short name. */
const leftOf = async (number: string, key: string): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const name of tableNames) {
    for (const item of await itemsOf(name)) {
      const text = JSON.stringify(item);
      if ([number, number.slice(1), number.slice(-10), key, key.slice(0, 12)].some((each) => text.includes(each)))
        found.push(`${name}: ${item['pk']?.S} ${item['sk']?.S ?? ''}`.trim());
    }
  }
  return found.toSorted();
};

describe('a number that has lived', () => {
  const number = freshNumber();
  let key = '';
  beforeAll(async () => {
    key = await live(number);
  });

  test('its history is told in words and times, and without any keyed hash', async () => {
    const { status, body, text } = await history(number);
    expect(status, text).toBe(200);
    expect(body).toMatchObject({
      number: expect.stringMatching(/^\+91•{6}\d{4}$/),
      events: expect.arrayContaining([
        expect.objectContaining({ what: 'approved', says: 'The right code was entered.', country: 'IN' }),
        expect.objectContaining({ what: 'wrong' }),
        expect.objectContaining({ what: 'refused', limit: 'cooldown' }),
      ]),
      findings: expect.arrayContaining([expect.objectContaining({ rule: 'guessing' })]),
      reputation: { verifiedAt: expect.stringMatching(/^2\d{3}-.*Z$/), networks: 1 },
    });
    const trusted = (await itemsOf('guards')).flatMap(({ pk }) => pk?.S?.split('#')[1] ?? []);
    for (const secret of [number.slice(1), key, key.slice(0, 12), ...trusted.filter((each) => each.length > 20)])
      expect(text).not.toContain(secret);
  });

  test('its erasure says what it did, and what is still to end and when', async () => {
    const { status, body, text } = await erase(number, { order: 'ERASE-2026-0001' });
    expect(status, text).toBe(200);
    expect(body).toMatchObject({ order: 'ERASE-2026-0001', isComplete: true, stays: [] });
    expect(body['erased']).toMatchObject({ guard: 1, reputation: 1, namesAtIps: 1 });
    for (const name of ['events', 'counts', 'findings'])
      expect((body['erased'] as Record<string, number>)[name], name).toBeGreaterThan(0);
    const remaining = body['remaining'] as readonly { readonly until?: string }[];
    const [records] = remaining;
    expect(Date.parse(records?.until ?? '') - stack.clock.now()).toBeLessThanOrEqual(16 * 60_000);
    for (const { until } of remaining)
      if (until !== undefined) expect(Date.parse(until)).toBeGreaterThan(stack.clock.now());
    for (const secret of [number.slice(1), key, key.slice(0, 12)]) expect(text).not.toContain(secret);
  });

  test('records and names at IPs alone are left at once, and after their time nothing is, of number or keyed hash', async () => {
    const places = (await leftOf(number, key)).map((place) => place.replace(/^verifications: .*/, 'verifications'));
    expect([...new Set(places.map((place) => place.replace(/#.*/, '')))]).toEqual(['guards: ip', 'verifications']);
    stack.clock.advance(5 * 86_400_000);
    await stack.sweepExpired();
    expect(await leftOf(number, key)).toEqual([]);
    const lines = logs().split('\n');
    expect(lines.some(isOfFinding)).toBe(true);
    for (const secret of [number.slice(1), number.slice(-10)]) expect(logs()).not.toContain(secret);
    for (const secret of [key, key.slice(0, 12)])
      expect(lines.filter((line) => line.includes(secret) && !isOfFinding(line))).toEqual([]);
    expect(JSON.stringify([...(stack.deadLetters?.objects.values() ?? [])].map(String))).not.toContain(key);
    expect(JSON.stringify(stack.faults.kms?.calls)).not.toContain(number.slice(1));
  });

  test('the search finds what it is to find', async () => {
    const other = freshNumber();
    await app.requested(other);
    await settle();
    const places = await leftOf(other, await keyOf(other));
    for (const place of ['guards: guard#', 'security: phone#', 'verifications: '])
      expect(
        places.some((each) => each.startsWith(place)),
        place,
      ).toBe(true);
  });

  test('the trail of operators has each reading and each erasure, by an order number and no number', async () => {
    const { body, text } = await desk('GET', '/v1/actions');
    const actions = body['actions'] as readonly Record<string, unknown>[];
    expect(actions.filter(({ action }) => action === 'erase' || action === 'history')).toEqual([
      expect.objectContaining({ action: 'erase', about: 'a number', order: 'ERASE-2026-0001', ...because }),
      expect.objectContaining({ action: 'history', about: 'a number', ...because }),
    ]);
    for (const secret of [number.slice(1), key, key.slice(0, 12)]) expect(text).not.toContain(secret);
  });
});

test('a block of staff on a number outlives the erasure, and is named; after its end nothing is left', async () => {
  anHourLater();
  const number = freshNumber();
  const key = await live(number);
  const blocked = await desk('POST', '/v1/blocks', { what: { number }, reason: 'abuse', forMinutes: 43_200 });
  expect(blocked.status, blocked.text).toBe(201);
  const { body } = await erase(number);
  expect(body).toMatchObject({ stays: [{ what: 'block', reason: 'abuse' }] });
  expect(body['order']).toMatch(/^ERASE-\d{4}-[B-Z]{8}$/);
  stack.clock.advance(6 * 86_400_000);
  await stack.sweepExpired();
  expect(await leftOf(number, key)).toEqual([`guards: block#phone#${key}`, `security: staff-block phone#${key}`]);
  expect(wordOf(await app.request({ phoneNumber: number }, fromAnywhere()))).toBe('destination-suspended');
  stack.clock.advance(31 * 86_400_000);
  await erase(number);
  await stack.sweepExpired();
  expect(await leftOf(number, key)).toEqual([]);
});

test('a request during an erasure is served, and is new data, which the next erasure takes', async () => {
  anHourLater();
  const number = freshNumber();
  const key = await live(number);
  stack.clock.advance(86_400_000);
  const [asked, ...erased] = await Promise.all([
    inParallel(4, () => app.request({ phoneNumber: number }, fromAnywhere())),
    erase(number),
    erase(number),
    erase(number),
  ]);
  expect(asked.filter(({ status }) => status >= 500)).toEqual([]);
  expect(erased.map(({ status }) => status)).toEqual([200, 200, 200]);
  await settle();
  stack.clock.advance(960_000);
  expect((await erase(number)).body).toMatchObject({ isComplete: true });
  stack.clock.advance(5 * 86_400_000);
  await stack.sweepExpired();
  expect(await leftOf(number, key)).toEqual([]);
});

test('an erasure frees the number of its limits, so that the hour has few of them', async () => {
  anHourLater();
  const number = freshNumber();
  expect((await app.request({ phoneNumber: number }, fromAnywhere())).status).toBe(201);
  expect(wordOf(await app.request({ phoneNumber: number }, fromAnywhere()))).toBe('resend-too-soon');
  await erase(number);
  expect((await app.request({ phoneNumber: number }, fromAnywhere())).status).toBe(201);
  const answers = await inParallel(32, () => erase(number));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThanOrEqual(3);
  for (const { body, headers } of refused) {
    expect(body['code']).toBe('too-many-requests');
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
  }
  expect((await app.request({ phoneNumber: number }, fromAnywhere())).status).toBeLessThan(500);
  anHourLater();
  expect((await erase(number)).status).toBe(200);
});

describe('malformed and hostile calls', () => {
  const number = '+919876554321';
  test.each([
    ['no number', { ...because }],
    ['a number that is a list', { number: [number], ...because }],
    ['a number that cannot exist', { number: '+91 98765', ...because }],
    ['a national number', { number: '9876554321', ...because }],
    ['no reason', { number }],
    ['a reason with the number in it', { number, reason: `erase ${number}` }],
    ['an unknown field', { number, ...because, phone: number }],
    ['a cursor of another key', { number, ...because, cursor: 'action' }],
    ['an order that holds the number', { number, ...because, order: 'order-919876554321' }],
    ['a body that is a list', [number]],
    ['a body cut short', `{"number":"${number}`],
  ])('%s is refused, and nothing of it comes back or is logged', async (_, body) => {
    for (const path of ['/v1/numbers/history', '/v1/numbers/erase']) {
      const answer = await desk('POST', path, body);
      expect(answer.status, answer.text).toBe(400);
      expect(answer.text).not.toContain('76554321');
    }
    expect(logs()).not.toContain('76554321');
  });

  test('a number in the path or the query string leads nowhere', async () => {
    for (const [method, path] of [
      ['GET', `/v1/numbers/${number}`],
      ['GET', '/v1/numbers/history'],
      ['DELETE', '/v1/numbers/erase'],
      ['POST', `/v1/numbers/history?number=${encodeURIComponent(number)}`],
    ] as const) {
      const answer = await desk(method, path, method === 'POST' ? { number, ...because } : undefined);
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toContain('76554321');
    }
  });

  test('a page of another origin gets no history', async () => {
    for (const headers of [{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }] as const) {
      const answer = await desk('POST', '/v1/numbers/history', { number, ...because }, { ...headers });
      expect(answer.status).toBe(403);
    }
  });

  test('a number of a country that gets no SMS any more is erased all the same', async () => {
    anHourLater();
    expect((await erase('+819012345678')).status).toBe(200);
  });
});
