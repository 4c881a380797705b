import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import { stopAttribute, stopKey } from '../../../lambdas/aws/tables/guards.ts';
import type { StopWhat } from '../../../lambdas/otp/limits/stops.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { callerOf } from '../../fakes/api-call.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { type Answer, type Client, clientOf, freshNumber, openStack, wordOf } from '../client.ts';

let stack: LocalStack;
let app: Client;
let backEnd: Client;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
  backEnd = clientOf({ ...stack, apiKey: stack.apiKeys['back-end'] ?? '' });
});
afterAll(() => stack.stop());
afterEach(() => write(undefined));

const all: StopWhat = { kind: 'all' };
const by = { at: { N: '1795262591345' }, by: { S: 'arn:aws:iam::111122223333:role/analyst' }, reason: { S: 'A leak' } };
const TableName = () => stack.tables.guards;
/** Writes the item as the operator's function does, or deletes it. */
const write = (what: StopWhat | undefined, value: unknown = { M: by }) =>
  what === undefined
    ? stack.callDynamo('DynamoDB_20120810.DeleteItem', { TableName: TableName(), Key: { pk: { S: stopKey } } })
    : stack.callDynamo('DynamoDB_20120810.PutItem', {
        TableName: TableName(),
        Item: { pk: { S: stopKey }, [stopAttribute(what)]: value },
      });

let ips = 0;
const from = () => {
  ips += 1;
  return { 'x-local-source-ip': `198.19.${ips}.1` };
};
const words = (answers: readonly Answer[]) => [...new Set(answers.map(wordOf))];
const itemsIn = async (table: string): Promise<readonly unknown[]> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: table, ConsistentRead: true });
  return Items as readonly unknown[];
};
const everything = async () => [await itemsIn(TableName()), await itemsIn(stack.tables.verifications)];

test('a stopped request is answered 503 with a wait and a sentence, and says neither what is stopped nor by whom', async () => {
  await write({ kind: 'country', country: 'IN' });
  const { status, headers, body, text } = await app.request({ phoneNumber: freshNumber() }, from());
  expect(status).toBe(503);
  expect(headers.get('retry-after')).toBe('300');
  expect(headers.has('ratelimit')).toBe(false);
  expect(body).toMatchObject({ code: 'sending-stopped', title: 'Sending is stopped', status: 503 });
  expect(body['detail']).toBe(
    'The operators of the service have stopped sending. Offer another way to verify, or try again in 300 seconds.',
  );
  expect(text).not.toMatch(/limit|IN"|arn|leak|country/);
});

test('a stop leaves no trace of the requests that it refuses, and the same keys send once staff resume', async () => {
  await write(all);
  const before = await everything();
  const numbers = Array.from({ length: 12 }, freshNumber);
  const asked = (nth: number) =>
    app.request({ phoneNumber: numbers[nth] }, { ...from(), 'idempotency-key': `stop-0123456789-${nth}` });
  expect(words(await inParallel(12, asked))).toEqual(['sending-stopped']);
  expect(await everything()).toEqual(before);
  expect(numbers.flatMap((number) => stack.messages(number))).toEqual([]);
  await write(undefined);
  expect(words(await inParallel(12, asked))).toEqual(['pending']);
  await write(all);
  // A repeat of what was sent sends nothing, and gets its answer.
  expect(words(await inParallel(12, asked))).toEqual(['pending']);
  expect(numbers.flatMap((number) => stack.messages(number))).toHaveLength(12);
});

test('a stop takes effect for an application or a country alone, and the others go on', async () => {
  await write({ kind: 'application', application: 'default' });
  expect(wordOf(await app.request({ phoneNumber: freshNumber() }, from()))).toBe('sending-stopped');
  expect(wordOf(await backEnd.request({ phoneNumber: freshNumber() }))).toBe('pending');
  await write({ kind: 'country', country: 'GB' });
  expect(wordOf(await backEnd.request({ phoneNumber: '+447400123456' }))).toBe('sending-stopped');
  expect(wordOf(await app.request({ phoneNumber: freshNumber() }, from()))).toBe('pending');
});

test('a verification that is open cannot be sent again, but found and checked, and a test number passes', async () => {
  const phoneNumber = freshNumber();
  const { id, code } = await app.requested(phoneNumber);
  stack.clock.advance(31_000);
  await write(all);
  const resent = await app.resend(id);
  expect([resent.status, wordOf(resent)]).toEqual([503, 'sending-stopped']);
  expect(stack.messages(phoneNumber)).toHaveLength(1);
  expect(wordOf(await app.find(id))).toBe('pending');
  expect(wordOf(await app.check(id, { code }))).toBe('approved');
  expect(wordOf(await app.request({ phoneNumber: '+12025550123' }, from()))).toBe('pending');
});

test.each([
  ['a text', { S: 'yes' }],
  ['a map without a time', { M: { by: { S: 'x' }, reason: { S: 'y' } } }],
])('an item that is no stop stops everything, and the log and local mode say so: %s', async (_, value) => {
  await write({ kind: 'country', country: 'FR' }, value);
  const { body } = await app.request({ phoneNumber: freshNumber() }, from());
  expect(body['code']).toBe('sending-stopped');
  const requestId = String(body['requestId']);
  const line = stack.logs().find((each) => each.line.includes(requestId) && each.line.includes('answered'))?.line;
  expect(JSON.parse(line ?? '{}')).toMatchObject({ status: 503, code: 'sending-stopped', limit: 'stop-unreadable' });
  const local = await fetch(new URL(`/_local/refusals?requestId=${requestId}`, stack.url));
  expect(await local.text()).toContain('cannot be read, which stops all sending');
});

const resumed = (what: unknown) =>
  callerOf(stack.operatorUrl, '')('POST', '/v1/sending/resume', { what, reason: 'it is over' });

test('a resumption of all ends what cannot be read as well, and leaves the stops of others', async () => {
  await stack.callDynamo('DynamoDB_20120810.PutItem', {
    TableName: TableName(),
    Item: {
      pk: { S: stopKey },
      'country#FR': { S: 'half written' },
      odd: { N: '1' },
      all: { M: by },
      'country#GB': { M: by },
    },
  });
  expect((await resumed('all')).status).toBeLessThan(300);
  expect(wordOf(await app.request({ phoneNumber: freshNumber() }, from()))).toBe('pending');
  expect(wordOf(await backEnd.request({ phoneNumber: '+447400123457' }))).toBe('sending-stopped');
  expect((await resumed('all')).status).toBe(404);
});

test('a stop of what the settings no longer name can be resumed, and one that never was cannot', async () => {
  await write({ kind: 'country', country: 'DE' });
  expect((await resumed({ country: 'de' })).status).toBeLessThan(300);
  expect((await resumed({ country: 'DE' })).status).toBe(404);
  await write({ kind: 'application', application: 'old-app' });
  expect((await resumed({ application: 'older-app' })).status).toBe(404);
  expect((await resumed({ application: 'old-app' })).status).toBeLessThan(300);
  await write(undefined);
  expect((await resumed('all')).status).toBe(404);
});

test('requests under way while a stop is written send or are stopped, and none that comes later sends', async () => {
  const early = inParallel(15, () => app.request({ phoneNumber: freshNumber() }, from()));
  await write(all);
  const late = await inParallel(15, () => app.request({ phoneNumber: freshNumber() }, from()));
  expect(words(late)).toEqual(['sending-stopped']);
  expect(words(await early).filter((word) => word !== 'pending' && word !== 'sending-stopped')).toEqual([]);
});

test('the sweep rings once for a stop, and again each hour', async () => {
  const rung = () => stack.logs().filter(({ line }) => line.includes('"sending is stopped"'));
  const counted = () => stack.logs().filter(({ line }) => line.includes('"SendingStopped":')).length;
  const [before, countedBefore] = [rung().length, counted()];
  await write({ kind: 'application', application: 'default' });
  await stack.strike();
  await stack.strike();
  expect(rung().length - before).toBe(1);
  expect(JSON.parse(rung().at(-1)?.line ?? '{}')['stops']).toEqual([
    { of: 'application default', since: '2026-11-21T12:03:11.345Z' },
  ]);
  const [mail, ...earlier] = stack.mails();
  expect(earlier.filter(({ text }) => text.includes('staff have stopped these SMS'))).toEqual([]);
  expect(mail?.text.split('\n')[0]).toBe(
    '"Critical: Nobody gets a code for the application default: staff have stopped these SMS."',
  );
  expect(mail?.text).toMatch(/"Stopped at 2026-11-21 12:03 UTC, .* ago, by .*111122223333.*\. The reason: A leak.*\."/);
  expect(mail?.text).toContain('"Lift it: otp-desk --local resume application default --reason WHY"');
  stack.clock.advance(3_600_000);
  await stack.strike();
  expect(rung().length - before).toBe(2);
  expect(counted() - countedBefore).toBe(2);
  expect(stack.mails().filter(({ text }) => text.includes('staff have stopped these SMS'))).toHaveLength(2);
  // A reason is free text, and an author is a person's.
  expect(stack.logs().filter(({ line }) => /A leak|111122223333/.test(line))).toEqual([]);
  await write(undefined);
  stack.clock.advance(3_600_000);
  await stack.strike();
  expect(rung().length - before).toBe(2);
});
