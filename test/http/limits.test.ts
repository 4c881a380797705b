import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import type { LocalStack } from '../../local/stack.ts';
import { inParallel } from '../fakes/in-parallel.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Answer, type Client, clientOf, freshNumber, openStack, tally, wordOf } from './client.ts';

let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
});
afterAll(() => stack.stop());

const from = (ip: string) => ({ 'x-local-source-ip': ip });
let ips = 0;
/** An IP that no other test has used. */
const freshIp = () => {
  ips += 1;
  return from(`203.0.${Math.floor(ips / 250)}.${(ips % 250) + 1}`);
};

const itemOf = async (pk: string) => {
  const input = { TableName: stack.tables.guards, Key: { pk: { S: pk } }, ConsistentRead: true };
  const { Item } = await stack.callDynamo('DynamoDB_20120810.GetItem', input);
  return Item as Record<string, { N?: string; S?: string }> | undefined;
};

test('exactly one SMS is sent for 1,000 requests for one number from 200 IPs', async () => {
  const phoneNumber = freshNumber();
  const ask = (i: number) => app.request({ phoneNumber }, from(`198.51.100.${i % 200}`));
  const answers = await stack.clock.holdDuring(() => inParallel(1000, ask));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(999);
  expect(stack.messages(phoneNumber)).toHaveLength(1);
});

test('every answer of the routes that send says what the limits are, also where nothing was read', async () => {
  const here = freshIp();
  const { body } = await app.request({ phoneNumber: freshNumber() }, here);
  const answers = [
    await app.request('no json', here),
    await app.request({ phoneNumber: '+12345' }, here),
    await app.request({ phoneNumber: '+33612345678' }, here),
    await app.request({ phoneNumber: freshNumber() }, here),
    await app.resend(String(body['id'])),
    await app.resend(`a${'x'.repeat(27)}`),
  ];
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 403, 201, 429, 404]);
  for (const { headers } of answers) {
    expect(headers.get('ratelimit-policy')).toMatch(
      /^"phone-10m";q=5;w=600, "phone-24h";q=10;w=86400, "phone-24h-all";q=30;w=86400/,
    );
  }
  const check = await app.check(String(body['id']), { code: '000000' });
  expect(check.headers.get('ratelimit-policy')).toBeNull();
});

test('one IP asking for 60 numbers at once: five SMS, and another IP is not affected', async () => {
  const here = freshIp();
  const numbers = Array.from({ length: 60 }, freshNumber);
  const answers = await stack.clock.holdDuring(() =>
    inParallel(60, (index) => app.request({ phoneNumber: numbers[index] }, here)),
  );
  expect(tally(answers.map(wordOf))).toEqual({ pending: 5, 'too-many-requests': 55 });
  expect(numbers.filter((number) => stack.messages(number).length > 0)).toHaveLength(5);
  // A request that began a moment before the first has to wait for that moment only; all others for a share of the time.
  const waitOf = ({ headers }: Answer) => Number(headers.get('retry-after'));
  const [refused] = answers.filter(({ status }) => status === 429).toSorted((a, b) => waitOf(b) - waitOf(a));
  if (refused === undefined) expect.fail('Nobody was refused.');
  expect(refused.body['limit']).toBe('ip');
  const wait = waitOf(refused);
  expect(wait).toBeGreaterThan(100);
  expect(refused.headers.get('ratelimit')).toMatch(/"ip";r=\d+;t=\d+/);
  expect((await app.request({ phoneNumber: freshNumber() }, freshIp())).status).toBe(201);
  stack.clock.advance(wait * 1000);
  expect((await app.request({ phoneNumber: freshNumber() }, here)).status).toBe(201);
});

test('a verified number is trusted, and so is its IP, through the stream', async () => {
  const here = freshIp();
  const numbers = Array.from({ length: 3 }, freshNumber);
  for (const phoneNumber of numbers) {
    const { body } = await app.request({ phoneNumber }, here);
    expect((await app.check(String(body['id']), { code: app.lastCode(phoneNumber) })).body['status']).toBe('approved');
  }
  stack.clock.advance(600_000);
  const successes = async () => {
    const input = { TableName: stack.tables.guards, ConsistentRead: true };
    const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', input);
    const trusted = (Items as Record<string, { S?: string; SS?: string[] }>[]).filter(({ pk }) =>
      pk?.S?.startsWith('ip-reputation#'),
    );
    return Math.max(0, ...trusted.map((item) => item['verifiers']?.SS?.length ?? 0));
  };
  await expect.poll(successes, { timeout: 20_000 }).toBe(3);
  // An untrusted IP gets five at once. More than ten that have not verified would be more failures than three can answer for.
  const answers = await inParallel(10, () => app.request({ phoneNumber: freshNumber() }, here));
  expect(tally(answers.map(wordOf))).toEqual({ pending: 10 });
});

test('wrong guesses leave the number fewer guesses next time, through the stream', async () => {
  const phoneNumber = freshNumber();
  const { id, code } = await app.requested(phoneNumber).catch(async () => {
    const { body } = await app.request({ phoneNumber }, freshIp());
    return { id: String(body['id']), code: app.lastCode(phoneNumber) };
  });
  for (let nth = 1; nth <= 5; nth += 1) await app.check(id, { code: wrongCode(code, nth) });
  // Each request is one of the ten of a day, so that none may ask before the guesses are counted.
  const counted = async () => {
    const input = { TableName: stack.tables.guards, ConsistentRead: true };
    const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', input);
    return Math.max(0, ...(Items as { wrong?: { L?: unknown[] } }[]).map(({ wrong }) => wrong?.L?.length ?? 0));
  };
  await expect.poll(counted, { timeout: 20_000 }).toBe(5);
  stack.clock.advance(130_000);
  expect((await app.request({ phoneNumber }, freshIp())).body['attemptsRemaining']).toBe(3);
});

describe('an approved verification, through the stream,', () => {
  /** Waits until the stream has brought the approval of a verification. */
  const arrived = (id: string) =>
    expect
      .poll(
        async () => {
          const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', {
            TableName: stack.tables.guards,
            ConsistentRead: true,
          });
          const lists = (Items as Record<string, { L?: { S?: string }[] }>[]).map(({ approved }) => approved?.L ?? []);
          return lists.flat().some(({ S }) => S?.split(' ')[1] === recordKey('default', id).slice(0, 12));
        },
        { timeout: 20_000 },
      )
      .toBe(true);
  const signIn = async (phoneNumber: string) => {
    const { body } = await app.request({ phoneNumber }, freshIp());
    const answer = await app.check(String(body['id']), { code: app.lastCode(phoneNumber) });
    expect(answer.body['status']).toBe('approved');
    await arrived(String(body['id']));
  };

  test('a person signs in, and at once gets the code for a payment; the headers count what is not freed', async () => {
    const phoneNumber = freshNumber();
    for (let nth = 1; nth <= 6; nth += 1) await signIn(phoneNumber);
    const transaction = { amount: '1499.00', currency: 'INR', payee: 'Acme' };
    const paid = await app.request({ phoneNumber, purpose: 'transaction', transaction }, freshIp());
    expect(paid.status).toBe(201);
    expect(paid.headers.get('ratelimit')).toMatch(
      /^"phone-10m";r=4;t=600, "phone-24h";r=9;t=86400, "phone-24h-all";r=23;/,
    );
    expect(stack.messages(phoneNumber)).toHaveLength(7);
    const answers = await inParallel(20, () => app.request({ phoneNumber }, freshIp()));
    expect(tally(answers.map(wordOf))).toEqual({ 'resend-too-soon': 20 });
  });

  test('an attacker on a number whose holder signs in six times meanwhile gets ten SMS, and guesses ever less', async () => {
    const phoneNumber = freshNumber();
    let [sends, guesses] = [0, 0];
    const attack = async () => {
      const answers = await inParallel(5, () => app.request({ phoneNumber }, freshIp()));
      for (const { body } of answers.filter(({ status }) => status === 201)) {
        sends += 1;
        guesses += Number(body['attemptsRemaining']);
        const code = app.lastCode(phoneNumber);
        for (let nth = 1; nth <= 6; nth += 1) await app.check(String(body['id']), { code: wrongCode(code, nth) });
      }
      return answers;
    };
    for (let round = 0; round < 6; round += 1) {
      await signIn(phoneNumber);
      await attack();
      stack.clock.advance(700_000);
    }
    for (let round = 0; round < 8; round += 1) {
      await attack();
      stack.clock.advance(700_000);
    }
    const refused = await attack();
    expect(refused.map(wordOf)).toEqual(Array(5).fill('too-many-requests'));
    expect(refused[0]?.body['limit']).toBe('phone-24h');
    expect(sends).toBe(10);
    expect(guesses).toBeLessThanOrEqual(50);
    expect(stack.messages(phoneNumber)).toHaveLength(16);
  });
});

describe('a block', () => {
  const put = (pk: string, seconds: number) =>
    stack.callDynamo('DynamoDB_20120810.PutItem', {
      TableName: stack.tables.guards,
      Item: {
        pk: { S: pk },
        expiresAt: { N: String(Math.floor((Date.now() + stack.clock.offsetMs()) / 1000) + seconds) },
        reason: { S: 'test' },
        author: { S: 'staff' },
      },
    });

  test('a block on a range stops it, says until when but not on what, spares its neighbors, and expires', async () => {
    await put('block#range#+91987654', 900);
    const blocked = await app.request({ phoneNumber: '+919876543210' }, freshIp());
    expect([blocked.status, blocked.body['code']]).toEqual([429, 'destination-suspended']);
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(800);
    expect(blocked.text).not.toMatch(/block|range|91987654/);
    expect((await app.request({ phoneNumber: '+919876643210' }, freshIp())).status).toBe(201);
    stack.clock.advance(900_000);
    expect((await app.request({ phoneNumber: '+919876543210' }, freshIp())).status).toBe(201);
  });
});

test('no SMS more is sent at the cap of a country, in parallel', async () => {
  const numbers = Array.from({ length: 30 }, (_, index) => `+4474001${String(23_400 + index)}`);
  const answers = await stack.clock.holdDuring(() =>
    inParallel(30, (index) => app.request({ phoneNumber: numbers[index] }, freshIp())),
  );
  // 4/5 of 0.20 USD, at 5 cents each.
  expect(tally(answers.map(wordOf))).toEqual({ pending: 3, 'spend-cap-reached': 27 });
  expect(numbers.filter((number) => stack.messages(number).length > 0)).toHaveLength(3);
  const refused = answers.find(({ status }) => status === 429);
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  const logged = stack.logs().filter(({ line }) => line.includes('SpendCapReached'));
  expect(logged.length).toBeGreaterThan(0);
});

test('a test number gets no SMS, has its code, and is used up', async () => {
  const phoneNumber = '+12025550123';
  const answers = await inParallel(5, () => app.request({ phoneNumber }));
  expect(tally(answers.map(wordOf))).toEqual({ pending: 3, 'destination-not-allowed': 2 });
  expect(stack.messages(phoneNumber)).toHaveLength(0);
  const id = String(answers.find(({ status }) => status === 201)?.body['id']);
  const { body } = await app.check(id, { code: '271828' });
  const claims = JSON.parse(Buffer.from(String(body['proof']).split('.')[1] ?? '', 'base64url').toString('utf8'));
  expect(claims.aud).toMatch(/\/test$/);
  expect(await itemOf('test#+12025550123-+12025550123')).toMatchObject({ usedCount: { N: '3' } });
});
