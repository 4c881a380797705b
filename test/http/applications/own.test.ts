import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { type AwsProxy, awsProxy } from '../../fakes/aws/proxy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { type Client, clientOf, freshNumber, openStack } from '../client.ts';

let stack: LocalStack;
let own: Client;
let capped: Client;
let tables: AwsProxy;
beforeAll(async () => {
  stack = await openStack(inject('bundles'), {
    endpoints: {
      dynamodb: async (url) => {
        tables = await awsProxy(url);
        return tables.url;
      },
    },
  });
  own = clientOf(stack);
  capped = clientOf({ ...stack, apiKey: stack.apiKeys['capped'] ?? '' });
});
afterAll(async () => {
  await stack.stop();
  await tables.stop();
});

let ips = 0;
const freshIp = () => {
  ips += 1;
  return { 'x-local-source-ip': `198.51.${Math.floor(ips / 250)}.${(ips % 250) + 1}` };
};
const login = (phoneNumber: string) => ({ phoneNumber, purpose: 'login' });

/** The read of a request, its keys, and the counters of money that it writes. */
const callsOf = async (app: Client) => {
  const before = tables.calls.length;
  expect(await app.request(login(freshNumber()), freshIp())).toMatchObject({ status: 201 });
  const made = tables.calls.slice(before).map((name, at) => ({ name, input: tables.inputs[before + at] ?? '' }));
  const inputsOf = (name: string, part: string) =>
    made.filter((call) => call.name === name && call.input.includes(part)).map(({ input }) => input);
  const reads = inputsOf('BatchGetItem', 'guard#');
  return {
    reads: reads.length,
    readsOwnCap: reads.join().includes('spent#application#capped#'),
    keys: [...reads.join().matchAll(/"pk"/g)].length,
    spent: inputsOf('UpdateItem', 'spent#').length,
  };
};

test('an application with caps reads one item more in the one read, and makes one write more beside the others', async () => {
  expect(await callsOf(own)).toEqual({ reads: 1, readsOwnCap: false, keys: 18, spent: 2 });
  expect(await callsOf(capped)).toEqual({ reads: 1, readsOwnCap: true, keys: 19, spent: 3 });
});

test('an application that reaches its cap sends no more, whatever runs in parallel, and the others go on', async () => {
  stack.clock.advance(3_600_000 - (stack.clock.now() % 3_600_000));
  const numbers = Array.from({ length: 36 }, freshNumber);
  const ask = (nth: number) => capped.request(login(numbers[nth] ?? ''), freshIp());
  await stack.clock.holdDuring(() => inParallel(24, ask));
  // One after the other, because a busy machine answers some of those at once with 503.
  const answers = [];
  for (let nth = 24; nth < numbers.length; nth += 1) answers.push(await ask(nth));
  const sent = numbers.filter((number) => stack.messages(number).length > 0).length;
  // Four fifths of 0.50 USD, at 5 cents each.
  expect(sent).toBeLessThanOrEqual(8);
  expect(sent).toBeGreaterThan(0);
  const refused = answers.at(-1);
  expect(refused).toMatchObject({ status: 429, body: { code: 'spend-cap-reached' } });
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(3000);
  expect(refused?.body).not.toHaveProperty('limit');
  expect(await own.request(login(freshNumber()), freshIp())).toMatchObject({ status: 201 });
  stack.clock.advance(3_600_000);
  expect(await capped.request(login(freshNumber()), freshIp())).toMatchObject({ status: 201 });
});

test('an application has its own texts, and each line of the log names the application', async () => {
  stack.clock.advance(3_600_000);
  const phoneNumber = freshNumber();
  await capped.request(login(phoneNumber), freshIp());
  expect(stack.messages(phoneNumber)[0]?.text).toMatch(/^Capped says \d{6}$/);
  const lines = stack
    .logs()
    .filter(({ line }) => line.includes('"answered"') && line.includes('"request-verification"'));
  expect(lines.length).toBeGreaterThan(3);
  for (const { line } of lines) expect(line).toMatch(/"application":"(default|capped)"/);
});

test('a country that an application does not list is refused like one that the deployment does not list', async () => {
  const [british, french] = [{ phoneNumber: '+447400123456' }, { phoneNumber: '+33612345678' }];
  const [one, other] = [await capped.request(british, freshIp()), await capped.request(french, freshIp())];
  const { requestId: _, ...told } = one.body;
  expect([one.status, told['code']]).toEqual([403, 'destination-not-allowed']);
  expect(other.body).toMatchObject(told);
  expect(await own.request(british, freshIp())).toMatchObject({ status: 201 });
});
