import { expect, vi } from 'vitest';
import type { TableName } from '../../lambdas/contract.ts';
import type { LocalStack } from '../../local/stack.ts';
import { type DeadLetterBucket, letterOf } from '../fakes/aws/dead-letter-bucket.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Client, clientOf, freshNumber, wordOf } from '../http/client.ts';

type Journey = { readonly stack: LocalStack; readonly app: Client; readonly bucket: DeadLetterBucket };

let ips = 0;
/** An IP that nobody has used. */
const from = () => {
  ips += 1;
  return { 'x-local-source-ip': `198.51.100.${ips}` };
};
const withKey = (key: string = crypto.randomUUID()) => ({ 'idempotency-key': key });

const requested = async ({ app }: Journey, phoneNumber: string) => {
  const { status, body } = await app.request({ phoneNumber }, from());
  expect(status).toBe(201);
  return { id: String(body['id']), code: app.lastCode(phoneNumber) };
};

/** Goes all ways that the product has: each function does everything here that it ever asks of AWS. */
export const goAllWays = async (journey: Journey): Promise<void> => {
  await requests(journey);
  await requestsThatFail(journey);
  await checks(journey);
  await resends(journey);
  await throughBackEnd(journey);
  await theRest(journey);
  await probes(journey);
  await untilCounted(journey);
  await bursts(journey);
  await replays(journey);
};

const requests = async ({ app, stack }: Journey) => {
  const phoneNumber = freshNumber();
  const headers = { ...withKey(), ...from() };
  const first = await app.request({ phoneNumber }, headers);
  const repeated = await app.request({ phoneNumber }, headers);
  expect(repeated.body['id']).toBe(first.body['id']);
  const tooSoon = await app.request({ phoneNumber }, from());
  expect(wordOf(tooSoon)).toBe('resend-too-soon');
  const words: unknown[] = [];
  for (let nth = 0; nth < 4; nth += 1) {
    words.push(wordOf(await app.request({ phoneNumber: `+44740012345${nth}` }, from())));
  }
  expect(words).toEqual(['pending', 'pending', 'pending', 'spend-cap-reached']);
  const test = await app.request({ phoneNumber: '+12025550123' }, from());
  expect(wordOf(test)).toBe('pending');
  expect(wordOf(await app.check(String(test.body['id']), { code: '271828' }))).toBe('approved');
  expect(stack.messages('+12025550123')).toEqual([]);
};

const requestsThatFail = async ({ app, stack }: Journey) => {
  const failing = async (fault: 'throttle' | 'reset-after-accept', word: string) => {
    const phoneNumber = freshNumber();
    stack.faults.sns?.fail(fault, { times: 100, to: phoneNumber });
    const answer = await app.request({ phoneNumber }, { ...withKey(), ...from() });
    expect(wordOf(answer)).toBe(word);
    stack.faults.sns?.clearFaults();
    return answer;
  };
  await failing('throttle', 'delivery-failed');
  const { body } = await failing('reset-after-accept', 'pending');
  expect(body['delivery']).toBe('unconfirmed');
};

const checks = async (journey: Journey) => {
  const { app, stack } = journey;
  const { id, code } = await requested(journey, freshNumber());
  const headers = withKey();
  expect(wordOf(await app.check(id, { code: wrongCode(code) }))).toBe('pending');
  expect(wordOf(await app.check(id, { code }, headers))).toBe('approved');
  expect(wordOf(await app.check(id, { code }, headers))).toBe('approved');
  expect(wordOf(await app.check(id, { code: wrongCode(code) }, headers))).toBe('idempotency-key-reused');
  expect(wordOf(await app.check(id, { code }))).toBe('code-already-used');
  const phoneNumber = freshNumber();
  const late = await requested(journey, phoneNumber);
  stack.clock.advance(301_000);
  expect(wordOf(await app.check(late.id, { code: late.code }))).toBe('code-expired');
  await requested(journey, phoneNumber);
};

const resends = async (journey: Journey) => {
  const { app, stack } = journey;
  const phoneNumber = freshNumber();
  const { id } = await requested(journey, phoneNumber);
  expect(wordOf(await app.resend(id))).toBe('resend-too-soon');
  stack.clock.advance(30_000);
  const headers = withKey();
  expect((await app.resend(id, headers)).status).toBe(200);
  expect((await app.resend(id, headers)).status).toBe(200);
  stack.clock.advance(120_000);
  stack.faults.sns?.fail('throttle', { times: 100, to: phoneNumber });
  expect(wordOf(await app.resend(id))).toBe('delivery-failed');
  stack.faults.sns?.clearFaults();
  stack.faults.sns?.fail('reset-after-accept', { times: 100, to: phoneNumber });
  const unconfirmed = await app.resend(id);
  expect(unconfirmed.body['delivery']).toBe('unconfirmed');
  stack.faults.sns?.clearFaults();
};

/** A back end that names no end user: the IP is shared, in the record and in the refusals. */
const throughBackEnd = async ({ stack }: Journey) => {
  const backEnd = clientOf({ ...stack, apiKey: stack.apiKeys['back-end'] ?? '' });
  const phoneNumber = freshNumber();
  const { id } = await backEnd.requested(phoneNumber);
  expect(wordOf(await backEnd.resend(id))).toBe('resend-too-soon');
  expect(wordOf(await backEnd.request({ phoneNumber }))).toBe('resend-too-soon');
};

const theRest = async (journey: Journey) => {
  const { app } = journey;
  const { id } = await requested(journey, freshNumber());
  expect((await app.find(id)).status).toBe(200);
  expect((await app.cancel(id)).status).toBe(204);
  expect((await app.call('GET', '/.well-known/jwks.json')).status).toBe(200);
};

/** Passes a restriction as a probe, once with an SMS and once without. */
const probes = async ({ app, stack }: Journey) => {
  const range = '+91986543';
  const Item = {
    pk: { S: `block#range#${range}` },
    expiresAt: { N: String(Math.floor(stack.clock.now() / 1000) + 86_400) },
    reason: { S: 'test' },
    author: { S: 'burst-detector' },
    restriction: { BOOL: true },
    probeIntervalMs: { N: '900000' },
  };
  await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.guards, Item });
  stack.faults.sns?.fail('throttle', { times: 100, to: `${range}1000` });
  expect(wordOf(await app.request({ phoneNumber: `${range}1000` }, from()))).toBe('delivery-failed');
  stack.faults.sns?.clearFaults();
  const elsewhere = (last: number) => ({ 'x-local-source-ip': `203.0.${last}.1` });
  expect(wordOf(await app.request({ phoneNumber: `${range}1001` }, elsewhere(1)))).toBe('pending');
  expect(wordOf(await app.request({ phoneNumber: `${range}1002` }, elsewhere(2)))).toBe('destination-suspended');
};

/** Until the stream has brought both kinds of guesses to the guards: those that were right, and those that were not. */
const untilCounted = async ({ stack }: Journey) => {
  const kinds = async () => {
    const keys = (await itemsIn(stack, 'guards')).map(({ pk }) => pk?.S ?? '');
    return ['reputation#', 'ip-reputation#', 'verified#'].filter((kind) => keys.some((key) => key.startsWith(kind)));
  };
  await vi.waitFor(async () => expect(await kinds()).toHaveLength(3), { timeout: 20_000, interval: 100 });
};

/** All that stands in a table. */
export const itemsIn = async (stack: LocalStack, table: TableName) => {
  const input = { TableName: stack.tables[table], ConsistentRead: true };
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', input);
  return Items as readonly Record<string, { S?: string }>[];
};
const rulesFound = async (stack: LocalStack) => (await itemsIn(stack, 'security')).map(({ rule }) => rule?.S);

const soon = { timeout: 20_000, interval: 100 };

/** Makes the detector do all that it can: tell of bombing, block a range, and renew that block. */
const bursts = async ({ app, stack }: Journey) => {
  const bombed = freshNumber();
  for (let nth = 0; nth < 14; nth += 1) await app.request({ phoneNumber: bombed }, from());
  await vi.waitFor(async () => expect(await rulesFound(stack)).toContain('bombing'), soon);

  const block = '+91981234';
  const key = `block#range#${block}`;
  let index = 1000;
  const attack = async () => {
    index += 1;
    return wordOf(await app.request({ phoneNumber: `${block}${index}` }, from()));
  };
  await vi.waitFor(async () => expect(await attack()).toBe('destination-suspended'), { timeout: 20_000, interval: 20 });
  const endOf = async () => {
    const input = { TableName: stack.tables.guards, Key: { pk: { S: key } }, ConsistentRead: true };
    const { Item } = await stack.callDynamo('DynamoDB_20120810.GetItem', input);
    return Number((Item as Record<string, { N?: string }> | undefined)?.['expiresAt']?.N ?? 0);
  };
  const before = await endOf();
  stack.clock.advance(before * 1000 - stack.clock.now() - 60_000);
  for (let nth = 0; nth < 12; nth += 1) expect(await attack()).toBe('destination-suspended');
  // The probe that passed has failed, so that the restriction is renewed for a quarter of an hour from now.
  const isRenewed = async () => {
    await attack();
    expect(await endOf()).toBeGreaterThan(before + 800);
  };
  await vi.waitFor(isRenewed, soon);
  await cases({ stack, app });
};

/** Has the detector put a record aside, and a dead letter replayed that holds what the detector passes over. */
const replays = async ({ stack, bucket }: Journey) => {
  const invented = { pk: { S: 'invented' }, kind: { S: 'verification' }, shape: { N: '1' } };
  await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.verifications, Item: invented });
  await vi.waitFor(() => expect(bucket.objects.size).toBe(1), soon);
  bucket.objects.clear();
  bucket.objects.set('aws/lambda/mapping/shard/1', letterOf([{ eventID: 'e', dynamodb: { SequenceNumber: '1' } }]));
  const answer = await stack.invoke('replay-dead-letters', {});
  expect(answer).toMatchObject({ kind: 'answered', payload: { replayed: 1, failed: [] } });
  expect(bucket.objects.size).toBe(0);
};
/** Lets the sweep do all that it can: tell what was left while EventBridge was down, and close what is over. */
const cases = async ({ stack, app }: Pick<Journey, 'stack' | 'app'>) => {
  await stack.strike();
  stack.faults.eventbridge?.fail('internal-error');
  const bombed = freshNumber();
  for (let nth = 0; nth < 14; nth += 1) await app.request({ phoneNumber: bombed }, from());
  const ofBombing = async () => (await untoldIn(stack)).find((item) => JSON.stringify(item).includes('bombing'));
  await vi.waitFor(async () => expect(await ofBombing()).toHaveProperty('isLogged'), soon);
  stack.clock.advance(60_000);
  await stack.strike();
  expect(await untoldIn(stack)).toEqual([]);
  stack.clock.advance(2 * 3_600_000);
  await stack.strike();
  const activities = stack.events().map(({ detail }) => detail['activity_name']);
  expect(activities.filter((activity) => activity === 'Close').length).toBeGreaterThanOrEqual(3);
};

const untoldIn = async (stack: LocalStack) =>
  (await itemsIn(stack, 'security')).filter((item) => item['pk']?.S === 'outbox');
