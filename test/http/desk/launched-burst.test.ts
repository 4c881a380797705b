import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { timeBucketMs, timeBucketOf } from '../../../lambdas/bursts/counts/time-buckets.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { type Client, clientOf, type OperatorClient, openStack, operatorOf, wordOf } from '../client.ts';
import { openSettling } from '../weapons/settling.ts';

let stack: LocalStack;
let settle: () => Promise<void>;
let app: Client;
let desk: OperatorClient;
beforeAll(async () => {
  ({ stack, settle } = await openSettling((options) => openStack(inject('strictBundles'), options)));
  app = clientOf(stack);
  desk = operatorOf(stack);
});
afterAll(() => stack.stop());

/** The detector reads the launches anew after this time. */
const remembered = 6000;
/** So early in a time bucket that all of it is counted there. */
const toNextTimeBucket = () =>
  stack.clock.advance((timeBucketOf(stack.clock.now()) + 1.2) * timeBucketMs - stack.clock.now());

const range = '+91981240';
let numbers = 1000;
/** Somebody new of the range asks for a code, and enters none. */
const request = async (): Promise<unknown> => {
  numbers += 1;
  const ip = { 'x-local-source-ip': `198.18.${Math.floor(numbers / 250)}.${(numbers % 250) + 1}` };
  return wordOf(await app.request({ phoneNumber: `${range}${numbers}` }, ip));
};
const burst = async (size: number): Promise<readonly unknown[]> => {
  const words: unknown[] = [];
  for (let nth = 0; nth < size; nth += 1) words.push(await request());
  await settle();
  return words;
};
const restrictions = async () =>
  ((await desk.get('/v1/blocks')).body['blocks'] as readonly Record<string, unknown>[]).map(({ what, kind }) => ({
    what,
    kind,
  }));

/** More than twice of what restricts a range that nobody has announced. */
const size = 45;

test('the detector reads a launch: its burst restricts nobody, and the same burst does once the launch is canceled', async () => {
  toNextTimeBucket();
  const launch = { what: { country: 'IN' }, reason: 'a campaign', forMinutes: 60, expected: 5000 };
  expect((await desk.post('/v1/launches', launch)).status).toBe(201);
  stack.clock.advance(remembered);
  expect(await burst(size)).toEqual(Array.from({ length: size }, () => 'pending'));
  expect([await restrictions(), await request()]).toEqual([[], 'pending']);
  expect((await desk.call('DELETE', '/v1/launches/country:IN')).status).toBe(204);
  stack.clock.advance(remembered);
  await burst(1);
  expect(await restrictions()).toEqual([{ what: { range }, kind: 'restriction' }]);
  // One of them may pass as a probe.
  expect((await burst(2)).at(-1)).toBe('destination-suspended');
});
