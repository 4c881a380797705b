import { expect, vi } from 'vitest';
import { timeBucketMs } from '../../lambdas/bursts/counts/time-buckets.ts';
import type { TableName } from '../../lambdas/contract.ts';
import type { LocalStack } from '../../local/stack.ts';
import { callerOf } from '../fakes/api-call.ts';
import { type DeadLetterBucket, letterOf } from '../fakes/aws/dead-letter-bucket.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Answer, type Client, clientOf, freshNumber, wordOf } from '../http/client.ts';

type Journey = {
  readonly stack: LocalStack;
  /** Waits until the detector has acted on all that happened before. */
  readonly settle: () => Promise<void>;
  readonly app: Client;
  readonly bucket: DeadLetterBucket;
};

let ips = 0;
/** An IP in a network that nobody has used: a network has one probe in an hour. */
const from = () => {
  ips += 1;
  return { 'x-local-source-ip': `198.18.${ips}.1` };
};
const withKey = (key: string = crypto.randomUUID()) => ({ 'idempotency-key': key });

const requested = async ({ app }: Journey, phoneNumber: string) => {
  const { status, body } = await app.request({ phoneNumber }, from());
  expect(status).toBe(201);
  return { id: String(body['id']), code: app.lastCode(phoneNumber) };
};

/**
 * Goes all ways that the product has: each function does everything here that it ever asks of AWS.
 *
 * The clock stands still, except when a step moves it, and starts with a time bucket. So a slow machine changes nothing.
 */
export const goAllWays = (journey: Journey): Promise<void> => {
  const { clock } = journey.stack;
  clock.advance(timeBucketMs - (clock.now() % timeBucketMs));
  return clock.holdDuring(() => goEachWay(journey));
};

const goEachWay = async (journey: Journey) => {
  await requests(journey);
  await requestsThatFail(journey);
  await checks(journey);
  await resends(journey);
  await theRest(journey);
  await sharedIps(journey);
  await probes(journey);
  await counted(journey);
  await launches(journey);
  await bursts(journey);
  await status(journey);
  await cases(journey);
  await numbers(journey);
  await replays(journey);
  await exports(journey);
  await stops(journey);
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
  const failing = async (fault: 'throttle' | 'reset-after-accept', word: string, times = 100) => {
    const phoneNumber = freshNumber();
    stack.faults.sns?.fail(fault, { times, to: phoneNumber });
    const answer = await app.request({ phoneNumber }, { ...withKey(), ...from() });
    expect(wordOf(answer)).toBe(word);
    stack.faults.sns?.clearFaults();
    return answer;
  };
  await failing('throttle', 'delivery-failed');
  const { body } = await failing('reset-after-accept', 'pending');
  expect(body['delivery']).toBe('unconfirmed');
  // The three tries of the first route. The second one takes the message.
  await failing('throttle', 'pending', 3);
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
  const { id } = await requestedByCall(journey, phoneNumber);
  expect(wordOf(await app.resend(id))).toBe('resend-too-soon');
  stack.clock.advance(30_000);
  const headers = withKey();
  expect((await app.resend(id, headers)).status).toBe(200);
  expect((await app.resend(id, headers)).status).toBe(200);
  stack.clock.advance(120_000);
  stack.faults.sns?.fail('throttle', { times: 100, to: phoneNumber });
  expect(wordOf(await app.resend(id))).toBe('delivery-failed');
  stack.faults.sns?.clearFaults();
  stack.faults.sns?.fail('throttle', { times: 3, to: phoneNumber });
  expect((await app.resend(id)).status).toBe(200);
  stack.clock.advance(120_000);
  stack.faults.sns?.fail('reset-after-accept', { times: 100, to: phoneNumber });
  const unconfirmed = await app.resend(id);
  expect(unconfirmed.body['delivery']).toBe('unconfirmed');
  stack.faults.sns?.clearFaults();
};

/** Makes the record of a request say that its code went out by a call, as under settings that had calls. */
const requestedByCall = async (journey: Journey, phoneNumber: string) => {
  const { stack } = journey;
  const records = () => itemsIn(stack, 'verifications');
  const before = new Set((await records()).map(({ pk }) => pk?.S));
  const made = await requested(journey, phoneNumber);
  const isNew = (item: Record<string, { S?: string }>) => !before.has(item['pk']?.S);
  const [record] = (await records()).filter((item) => isNew(item) && item['kind']?.S === 'verification');
  await stack.callDynamo('DynamoDB_20120810.UpdateItem', {
    TableName: stack.tables.verifications,
    Key: { pk: record?.['pk'] },
    UpdateExpression: 'SET channel = :channel',
    ExpressionAttributeValues: { ':channel': { S: 'voice' } },
  });
  return made;
};

const theRest = async (journey: Journey) => {
  const { app } = journey;
  const { id } = await requested(journey, freshNumber());
  expect((await app.find(id)).status).toBe(200);
  expect((await app.cancel(id)).status).toBe(204);
  expect((await app.call('GET', '/.well-known/jwks.json')).status).toBe(200);
};

/** A back end that names no end user is refused a request and a resend, both of an IP that its users share. */
const sharedIps = async ({ stack }: Journey) => {
  const backEnd = clientOf({ ...stack, apiKey: stack.apiKeys['back-end'] ?? '' });
  const phoneNumber = freshNumber();
  const { body } = await backEnd.request({ phoneNumber }, from());
  expect(wordOf(await backEnd.request({ phoneNumber }, from()))).toBe('resend-too-soon');
  expect(wordOf(await backEnd.resend(String(body['id'])))).toBe('resend-too-soon');
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

/** The stream has brought both kinds of guesses to the guards: those that were right, and those that were not. */
const counted = async ({ stack, settle }: Journey) => {
  await settle();
  const keys = (await itemsIn(stack, 'guards')).map(({ pk }) => pk?.S ?? '');
  for (const kind of ['reputation#', 'ip-reputation#', 'verified#'])
    expect(keys).toContainEqual(expect.stringMatching(`^${kind}`));
};

/** All that stands in a table. */
export const itemsIn = async (stack: LocalStack, table: TableName) => {
  const input = { TableName: stack.tables[table], ConsistentRead: true };
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', input);
  return Items as readonly Record<string, { S?: string }>[];
};
const rulesFound = async (stack: LocalStack) => (await itemsIn(stack, 'security')).map(({ rule }) => rule?.S);

/** Has the detector count the requests of a launch, and find one that has too many. */
const launches = async ({ stack }: Journey) => {
  const announce = async (expected: number) => {
    const Item = {
      pk: { S: 'launch' },
      sk: { S: 'country#IN' },
      from: { N: String(stack.clock.now() - 3_600_000) },
      until: { N: String(stack.clock.now() + 3_600_000) },
      expected: { N: String(expected) },
      reason: { S: 'test' },
      author: { S: 'test' },
      expiresAt: { N: String(Math.ceil(stack.clock.now() / 1000) + 3600) },
    };
    await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.security, Item });
    await stack.strike();
  };
  await announce(1_000_000);
  expect(await rulesFound(stack)).not.toContain('launch-exceeded');
  await announce(1);
  expect(await rulesFound(stack)).toContain('launch-exceeded');
};

/** An answer in one line, with the limit that refused it. */
const lineOf = (answer: Answer) =>
  [wordOf(answer), answer.body['limit']].filter((word) => word !== undefined).join(' by ');

/** Makes the detector do all that it can: tell of bombing, restrict a range, and renew that restriction. */
const bursts = async ({ app, stack, settle }: Journey) => {
  const bombed = freshNumber();
  for (let nth = 0; nth < 14; nth += 1) await app.request({ phoneNumber: bombed }, from());
  await settle();
  expect(await rulesFound(stack)).toContain('bombing');

  const range = '+91981234';
  const answers: string[] = [];
  const attack = async () => {
    answers.push(lineOf(await app.request({ phoneNumber: `${range}${1000 + answers.length}` }, from())));
    await settle();
  };
  const endOf = async () => {
    const Key = { pk: { S: `block#range#${range}` } };
    const input = { TableName: stack.tables.guards, Key, ConsistentRead: true };
    const { Item } = await stack.callDynamo('DynamoDB_20120810.GetItem', input);
    return Number((Item as Record<string, { N?: string }> | undefined)?.['expiresAt']?.N ?? 0);
  };
  while ((await endOf()) === 0 && answers.length < 60) await attack();
  const before = await endOf();
  expect(before, answers.join('\n')).toBeGreaterThan(stack.clock.now() / 1000);
  // The first after the restriction passes as its probe. Half an hour and more go by until the next is due.
  for (let nth = 0; nth < 2; nth += 1) await attack();
  expect(answers.slice(-2)).toEqual(['pending', 'destination-suspended']);

  // The probe has failed, so that the restriction is renewed for a quarter of an hour from now.
  stack.clock.advance(before * 1000 - stack.clock.now() - 60_000);
  for (let nth = 0; nth < 12; nth += 1) await attack();
  expect(new Set(answers.slice(-12))).toEqual(new Set(['destination-suspended']));
  expect(await endOf(), answers.join('\n')).toBeGreaterThan(before + 800);
};

/** Has the detector put a record aside, and a dead letter replayed that holds what the detector passes over. */
const replays = async ({ stack, bucket, settle }: Journey) => {
  const invented = { pk: { S: 'invented' }, kind: { S: 'verification' }, shape: { N: '1' } };
  await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.verifications, Item: invented });
  await settle();
  expect(bucket.objects.size).toBe(1);
  bucket.objects.clear();
  bucket.objects.set('aws/lambda/mapping/shard/1', letterOf([{ eventID: 'e', dynamodb: { SequenceNumber: '1' } }]));
  const answer = await stack.invoke('replay-dead-letters', {});
  expect(answer).toMatchObject({ kind: 'answered', payload: { replayed: 1, failed: [] } });
  expect(bucket.objects.size).toBe(0);
};

/** Asks whether all is well, with open findings and a restriction. */
const status = async ({ stack }: Journey) => {
  const answer = await fetch(`${stack.operatorUrl}/v1/status`);
  expect(answer.status).toBe(200);
  const { checks } = (await answer.json()) as { checks: readonly { readonly state: string }[] };
  expect(checks.filter(({ state }) => state === 'unknown')).toEqual([]);
};

/** Has two exports asked for at once, of which one starts, and waits until it is done. */
const exports = async ({ stack }: Journey) => {
  const ask = async (path: string, body?: object) => {
    const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
    const answer = await fetch(`${stack.operatorUrl}${path}`, body === undefined ? {} : init);
    return { status: answer.status, body: (await answer.json()) as Readonly<Record<string, unknown>> };
  };
  const now = stack.clock.now();
  const all = { from: new Date(now - 86_400_000), to: new Date(now), reason: 'to see it' };
  const [one, other] = await Promise.all([ask('/v1/exports', all), ask('/v1/exports', all)]);
  expect([one.status, other.status].toSorted()).toEqual([202, 409]);
  const { id } = one.status === 202 ? one.body : other.body;
  await vi.waitFor(async () => expect((await ask(`/v1/exports/${String(id)}`)).body).toMatchObject({ state: 'done' }), {
    timeout: 30_000,
    interval: 50,
  });
};

/** Lets the sweep do all that it can: tell what was left while EventBridge was down, and close what is over. */
const cases = async ({ stack, app, settle }: Journey) => {
  await stack.strike();
  stack.faults.eventbridge?.fail('internal-error');
  const bombed = freshNumber();
  for (let nth = 0; nth < 14; nth += 1) await app.request({ phoneNumber: bombed }, from());
  await settle();
  const ofBombing = (await untoldIn(stack)).find((item) => JSON.stringify(item).includes('bombing'));
  expect(ofBombing).toHaveProperty('isLogged');
  stack.clock.advance(60_000);
  await stack.strike();
  expect(await untoldIn(stack)).toEqual([]);
  stack.clock.advance(2 * 3_600_000);
  await stack.strike();
  const activities = stack.events().map(({ detail }) => detail['activity_name']);
  expect(activities.filter((activity) => activity === 'Close').length).toBeGreaterThanOrEqual(3);
};

/** Stops sending in each way that there is. The sweep reminds staff, and remembers that it did. */
const stops = async ({ stack, app }: Journey) => {
  const stop = { M: { at: { N: '1795262591345' }, by: { S: 'arn' }, reason: { S: 'A leaked key' } } };
  await stack.callDynamo('DynamoDB_20120810.PutItem', {
    TableName: stack.tables.guards,
    Item: { pk: { S: 'stop' }, all: stop, 'application#default': stop, 'country#IN': stop },
  });
  expect(wordOf(await app.request({ phoneNumber: freshNumber() }, from()))).toBe('sending-stopped');
  await stack.strike();
  expect(stack.logs().some(({ line }) => line.includes('sending is stopped'))).toBe(true);
};

const untoldIn = async (stack: LocalStack) =>
  (await itemsIn(stack, 'security')).filter((item) => item['pk']?.S === 'outbox');

/** Reads the history of a number, and erases it while a finding on its codes is pending. */
const numbers = async ({ app, stack, settle }: Journey) => {
  const number = freshNumber();
  const first = await app.request({ phoneNumber: number }, from());
  expect(wordOf(await app.check(String(first.body['id']), { code: app.lastCode(number) }))).toBe('approved');
  await settle();
  stack.faults.eventbridge?.fail('internal-error', 100);
  for (let nth = 0; nth < 14; nth += 1) {
    const { status, body } = await app.request({ phoneNumber: number }, from());
    stack.clock.advance(61_000);
    if (status !== 201) continue;
    for (let guess = 1; guess <= 5; guess += 1)
      await app.check(String(body['id']), { code: wrongCode(app.lastCode(number), guess) });
  }
  await settle();
  stack.faults.eventbridge?.clearFaults();
  const desk = callerOf(stack.operatorUrl, '');
  const body = { number, reason: 'the holder asked' };
  expect((await desk('POST', '/v1/numbers/history', body)).status).toBe(200);
  const { body: answer } = await desk('POST', '/v1/numbers/erase', body);
  const erased = answer['erased'] as Readonly<Record<string, number>>;
  for (const kind of ['guard', 'reputation', 'counts', 'findings', 'notices', 'events', 'namesAtIps'])
    expect(erased[kind], kind).toBeGreaterThan(0);
};
