import { afterEach, describe, expect, test } from 'vitest';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { createGate } from '../../../local/state/gate.ts';
import { until, writeBundles } from '../fixtures.ts';

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const startWith = async (modules: Parameters<typeof writeBundles>[0] = {}) => {
  const bundles = await writeBundles(modules);
  const stack = await startLocalStack({ bundles: bundles.folder, quiet: true });
  ends.push(async () => void (await Promise.all([stack.stop(), bundles.remove()])));
  return stack;
};

const put = (stack: LocalStack, table: keyof LocalStack['tables'], item: object) =>
  stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables[table], Item: item });
const countOf = async (stack: LocalStack, table: keyof LocalStack['tables']) =>
  (await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables[table] }))['Count'];
const empty = (stack: LocalStack, headers: Record<string, string> = {}) =>
  fetch(`${stack.origin}/_local/state`, { method: 'DELETE', headers });

describe('starting anew', () => {
  test('no table, dead letter or fault is left after starting anew, and the clock is that of the machine', async () => {
    const stack = await startWith();
    for (let nth = 0; nth < 60; nth += 1) await put(stack, 'guards', { pk: { S: `guard#${nth}` } });
    await put(stack, 'verifications', { pk: { S: 'a' } });
    await put(stack, 'traffic', { pk: { S: 'a' }, sk: { S: 'b' } });
    await put(stack, 'security', { pk: { S: 'a' }, sk: { S: 'b' } });
    stack.deadLetters?.objects.set('a', 'letter');
    stack.faults.sns?.fail('reset', { times: 5 });
    stack.clock.advance(86_400_000);
    expect((await empty(stack)).status).toBe(204);
    for (const table of ['guards', 'verifications', 'traffic', 'security'] as const)
      expect(await countOf(stack, table)).toBe(0);
    expect(stack.deadLetters?.objects.size).toBe(0);
    expect(stack.clock.offsetMs()).toBe(0);
  });

  test('starting anew makes the functions forget, and their streams go on from then', async () => {
    const stack = await startWith({
      'detect-bursts': `let seen = 0;
        export const handler = async ({ Records }) => { for (const { dynamodb } of Records) console.log(++seen, dynamodb.Keys.pk.S); return {}; };`,
    });
    const lines = () => stack.logs().map(({ line }) => line);
    const verification = (pk: string) => put(stack, 'verifications', { pk: { S: pk }, kind: { S: 'verification' } });
    await verification('before');
    await until(() => lines().includes('1 before'), 'the first was seen');
    await stack.reset();
    await verification('after');
    await until(() => lines().includes('1 after'), 'the function counts from one');
    expect(lines().filter((line) => line.endsWith('before'))).toHaveLength(1);
  });

  test('starting anew waits for calls that run, and later calls wait for its end', async () => {
    const stack = await startWith({
      jwks: `export const handler = async () => { console.log('here'); await new Promise((done) => setTimeout(done, 300)); return { statusCode: 200, body: '{}' }; };`,
    });
    const ask = () => fetch(`${stack.url}/.well-known/jwks.json`).then(({ status }) => status);
    const running = ask();
    await until(() => stack.logs().length > 0, 'the call runs');
    const [first, second, later] = [empty(stack), empty(stack), ask()];
    expect(await running).toBe(200);
    expect([(await first).status, (await second).status, await later]).toEqual([204, 204, 200]);
  });

  test('starting anew ends a call that does not end by itself with the answer to an outage', async () => {
    const stack = await startWith({
      jwks: `export const handler = () => { console.log('here'); return new Promise(() => {}); };`,
    });
    const running = fetch(`${stack.url}/.well-known/jwks.json`).then(({ status }) => status);
    await until(() => stack.logs().length > 0, 'the call runs');
    expect((await empty(stack)).status).toBe(204);
    expect(await running).toBe(503);
  });

  test('a page of another origin cannot start anew', async () => {
    const stack = await startWith();
    await put(stack, 'guards', { pk: { S: 'guard#1' } });
    for (const headers of [{ origin: 'http://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'same-site' }])
      expect((await empty(stack, headers)).status).toBe(403);
    expect(await countOf(stack, 'guards')).toBe(1);
    expect((await empty(stack, { origin: stack.origin, 'sec-fetch-site': 'same-origin' })).status).toBe(204);
  });

  test('a stack that ends while it starts anew ends whole', async () => {
    const stack = await startWith();
    const emptied = stack.reset().catch(() => {});
    await stack.stop();
    await emptied;
    await expect(fetch(stack.origin)).rejects.toThrow();
  });

  test('a gate opens again after an act that fails', async () => {
    const gate = createGate();
    await expect(gate.closeDuring(() => Promise.reject(new Error('no')), 10)).rejects.toThrow('no');
    expect([gate.isOpen(), await gate.pass(async () => 'through')]).toEqual([true, 'through']);
  });
});
