import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Client, clientOf, openStack } from './client.ts';

/**
 * Every flow with every outcome, and then a search of every byte that the product left anywhere: tables, their stream,
 * logs and metrics, KMS calls. The handset's inbox, and answers to the caller who gave the number, are the only places
 * where a code or a number may stand.
 */

let stack: LocalStack;
let app: Client;
const streamed: unknown[] = [];
/** Numbers whose last four digits are unlike anything that appears by chance. */
const numbers = ['+919876598431', '+919876591357', '+919876597913', '+919876592468', '+447400198642', '+14155557531'];
const codes: string[] = [];

beforeAll(async () => {
  stack = await openStack(inject('bundles'), {
    streamConsumers: [
      {
        table: 'verifications',
        deliver: async (records) => {
          streamed.push(...records);
          return { batchItemFailures: [] };
        },
      },
    ],
  });
  app = clientOf(stack);
});
afterAll(() => stack.stop());

const [first = '', second = '', third = '', fourth = '', british = '', american = ''] = numbers;

const runEverything = async () => {
  const key = { 'idempotency-key': crypto.randomUUID() };
  const one = await app.requested(first, { appHash: 'FA+9qCX9VSu', origin: 'https://app.example.com' });
  await app.request({ phoneNumber: first });
  await app.check(one.id, { code: wrongCode(one.code) }, key);
  await app.check(one.id, { code: one.code }, key);
  await app.check(one.id, { code: one.code });
  await app.check(one.id, { code: one.code });
  await app.check(one.id, { code: 'not digits' });
  const pay = { amount: '1499.00', currency: 'INR', payee: 'Acme' };
  const two = await app.requested(second, { purpose: 'transaction', transaction: pay });
  for (const nth of [1, 2, 3, 4, 5, 6]) await app.check(two.id, { code: wrongCode(two.code, nth), transaction: pay });
  const three = await app.requested(third);
  stack.clock.advance(31_000);
  await app.resend(three.id);
  codes.push(one.code, two.code, three.code, app.lastCode(third));
  await app.cancel(three.id);
  await app.find(three.id);
  await app.resend(three.id);
  for (const [mode, to] of [
    ['throttle', fourth],
    ['timeout-after-accept', british],
    ['opted-out', american],
  ] as const) {
    stack.faults.sns?.fail(mode, { times: mode === 'throttle' ? 10 : 1, to });
    await app.request({ phoneNumber: to }, { 'idempotency-key': crypto.randomUUID() });
    stack.faults.sns?.clearFaults();
  }
  codes.push(app.lastCode(british));
  stack.faults.kms?.fail('internal-error', { times: 20 });
  await app.request({ phoneNumber: fourth });
  await app.check(three.id, { code: three.code });
  stack.faults.kms?.clearFaults();
  await app.request({ phoneNumber: `${first} ext 5` });
  await app.request({ phoneNumber: '+442079460958' });
  await app.request(`{"phoneNumber": "${first}", "code": "${one.code}`);
  await app.call('GET', '/.well-known/jwks.json');
};

const contentsOf = async (TableName: string): Promise<string> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName, ConsistentRead: true });
  return JSON.stringify(Items);
};

test('nothing that the product leaves behind holds a code, a number, or its last four digits', async () => {
  await runEverything();
  await expect.poll(() => JSON.stringify(streamed).includes('canceled'), { timeout: 20_000 }).toBe(true);
  const places = {
    verifications: await contentsOf(stack.tables.verifications),
    guards: await contentsOf(stack.tables.guards),
    traffic: await contentsOf(stack.tables.traffic),
    security: await contentsOf(stack.tables.security),
    stream: JSON.stringify(streamed),
    logs: stack
      .logs()
      .map(({ line }) => line)
      .join('\n'),
    'KMS calls': JSON.stringify(stack.faults.kms?.calls ?? []),
  };
  for (const [place, content] of Object.entries(places)) expect(content.length, place).toBeGreaterThan(500);
  // Random ciphertexts, MACs and ids hold any four digits sooner or later: they are looked at decoded, below.
  const opaque = /[A-Za-z0-9+/_-]{22,}={0,2}/g;
  for (const [place, content] of Object.entries(places)) {
    const plain = content.replace(opaque, (text) => (/^\d+$/.test(text) ? text : ''));
    for (const number of [...numbers, '+442079460958']) {
      expect(content, `${place} holds a number`).not.toContain(number.slice(1));
      expect(content, `${place} holds a national number`).not.toContain(number.slice(-9));
      expect(wordsOf(plain), `${place} holds the last four digits`).not.toContain(number.slice(-4));
    }
    for (const code of codes) expect(wordsOf(plain), `${place} holds a code`).not.toContain(code);
    for (const text of content.match(opaque) ?? []) {
      const decoded = Buffer.from(text, 'base64').toString('latin1');
      for (const secret of [...numbers, ...codes]) expect(decoded.includes(secret), place).toBe(false);
    }
  }
  expect(codes.filter((code) => /^\d{6}$/.test(code))).toHaveLength(5);
});

/** Runs of digits that stand alone: a time in milliseconds is one word, and holds no code. */
const wordsOf = (text: string): string[] => text.match(/\d+/g) ?? [];

test('the search finds what it is to find', () => {
  expect(wordsOf('{"code":"492039"} at 1795302000000')).toEqual(['492039', '1795302000000']);
});
