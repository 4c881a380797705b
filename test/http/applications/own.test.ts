import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { type AwsProxy, awsProxy } from '../../fakes/aws/proxy.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { type Client, clientOf, freshNumber, openStack, tally, wordOf } from '../client.ts';

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

/** The calls to DynamoDB that a request makes, and the items that it reads. */
const callsOf = async (app: Client) => {
  const before = tables.calls.length;
  expect(await app.request(login(freshNumber()), freshIp())).toMatchObject({ status: 201 });
  const calls = tables.calls.slice(before);
  const read = tables.inputs
    .slice(before)
    .filter((_, at) => calls[at] === 'BatchGetItem' && tables.inputs[before + at]?.includes('guard#'));
  const keys = read.flatMap((input) => [...input.matchAll(/"pk"/g)]);
  return {
    calls: tally(calls.filter((each) => each !== 'Query' && each !== 'GetRecords')),
    keys: keys.length,
    read: read.join(),
  };
};

test('an application with caps reads one item more in the one read, and makes one write more beside the others', async () => {
  const [usual, more] = [await callsOf(own), await callsOf(capped)];
  expect(usual.read).not.toContain('spent#application');
  expect(more.read).toContain('spent#application#capped#');
  expect([usual.keys, more.keys]).toEqual([18, 19]);
});

test('an application that reaches its cap sends no more in parallel, and the others go on', async () => {
  stack.clock.advance(3_600_000 - (stack.clock.now() % 3_600_000));
  const numbers = Array.from({ length: 60 }, freshNumber);
  const answers = await stack.clock.holdDuring(() =>
    inParallel(60, (nth) => capped.request(login(numbers[nth] ?? ''), freshIp())),
  );
  // Four fifths of 0.50 USD, at 5 cents each.
  expect(tally(answers.map(wordOf))).toEqual({ pending: 8, 'spend-cap-reached': 52 });
  expect(numbers.filter((number) => stack.messages(number).length > 0)).toHaveLength(8);
  const refused = answers.find(({ status }) => status === 429);
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
