import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { wireFaults } from '../fakes/aws/proxy.ts';
import { smsTo } from '../fakes/sending/sms.ts';
import { phone, wrongCode } from '../fakes/world.ts';
import { freshNumber, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  // Back-off waits a random part of a delay: tries follow each other at once. back-off.test.ts holds the delays.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  stage = await openStage();
});
afterAll(() => stage.stop());
afterEach(() => {
  stage.faults.tables.heal();
  stage.faults.keys.heal();
  stage.sns.clearFaults();
  stage.noted.length = 0;
});

/** How many calls of a flow can go wrong, and for how long: once (the SDK repeats it), or until the flow has given up. */
const spans = [1, 1000];
const serviceFaults = { tables: wireFaults, keys: wireFaults.filter((f) => f !== 'conflict' && f !== 'unprocessed') };
const runsOf = (calls: { tables: number; keys: number }) =>
  (['tables', 'keys'] as const).flatMap((service) =>
    serviceFaults[service].flatMap((fault) =>
      Array.from({ length: calls[service] }, (_, call) => call).flatMap((call) =>
        spans.map((times) => ({ service, fault, call, times })),
      ),
    ),
  );

const settled = <T extends { readonly kind: string }>(promise: Promise<T>): Promise<T | { readonly kind: string }> =>
  promise.catch((cause: unknown) => ({ kind: cause instanceof Error ? cause.name : 'unknown' }));

const requested = async (number: string) => {
  const outcome = await stage.request({ phone: phone(number) });
  if (outcome.kind !== 'created') throw new Error(outcome.kind);
  return { id: outcome.view.id, code: stage.lastCode(number) };
};

const idempotencyKey = 'key-0123456789-abcdef';

describe('a request sends at most one SMS, and none that is not counted', () => {
  test.each(runsOf({ tables: 5, keys: 3 }))(
    'a request sends one SMS at most and counts it, despite $fault of $service at call $call, $times times',
    async (run) => {
      const number = freshNumber();
      const application = number;
      const ask = () => stage.request({ phone: phone(number), idempotencyKey, application });
      stage.faults[run.service].failAt(run.call, run.fault, run.times);
      const first = await settled(ask());
      expect(['created', 'too-soon', 'in-progress', 'Unavailable']).toContain(first.kind);
      expect(stage.messages(number)).toHaveLength(first.kind === 'created' ? 1 : 0);
      stage.faults[run.service].heal();
      // The client does what the answers say: it asks again with the same key, after a while.
      stage.state.nowMs += 31_000;
      const again = await ask();
      expect(again.kind).toBe(first.kind === 'created' ? 'repeated' : again.kind);
      expect(stage.messages(number).length).toBeLessThanOrEqual(1);
      if (again.kind === 'created' || first.kind === 'created') expect(stage.messages(number)).toHaveLength(1);
      // No answer says that an SMS went out that did not.
      const told = JSON.stringify([first, again]);
      if (stage.messages(number).length === 0) expect(told).not.toContain('"accepted"');
    },
  );
});

describe('what was not read is never taken for absent', () => {
  test('a block behind a read that stays unprocessed stops the request all the same', async () => {
    // In a block of its own: the block would stop the other tests.
    const number = '+919812345678';
    const block = `block#range#${number.slice(0, -4)}`;
    const until = Math.floor(stage.state.nowMs / 1000) + 900;
    const Item = { pk: { S: block }, expiresAt: { N: String(until) }, reason: { S: 'test' }, author: { S: 'test' } };
    await stage.dynamo.call('DynamoDB_20120810.PutItem', { TableName: stage.dynamo.tables.guards, Item });
    stage.faults.tables.failAt(0, 'unprocessed', 1000);
    expect(await settled(stage.request({ phone: phone(number) }))).toEqual({ kind: 'Unavailable' });
    stage.faults.tables.failAt(0, 'unprocessed', 2);
    expect(await settled(stage.request({ phone: phone(number) }))).toMatchObject({ kind: 'suspended' });
    expect(stage.messages(number)).toHaveLength(0);
  });

  test('every read is consistent', () => {
    const reads = stage.faults.tables.inputs.filter((_, call) => /Get/.test(stage.faults.tables.calls[call] ?? ''));
    expect(reads.length).toBeGreaterThan(0);
    expect(reads.filter((input) => !input.includes('"ConsistentRead":true'))).toEqual([]);
  });
});

describe('a check is judged once, whatever is lost, and asked again gets its answer', () => {
  test.each(runsOf({ tables: 1, keys: 3 }))(
    'a check is judged once and repeats its answer, despite $fault of $service at call $call, $times times',
    async (run) => {
      const { id, code } = await requested(freshNumber());
      stage.faults[run.service].failAt(run.call, run.fault, run.times);
      const first = await settled(stage.check(id, code, idempotencyKey));
      expect(['approved', 'Unavailable']).toContain(first.kind);
      if (run.times === 1) expect(first.kind).toBe('approved');
      stage.faults[run.service].heal();
      expect(await stage.check(id, code, idempotencyKey)).toMatchObject({ kind: 'approved' });
      expect(await stage.find(id)).toMatchObject({ attemptsRemaining: 4, status: 'approved' });
    },
  );

  test('a wrong guess whose answer was lost costs one attempt', async () => {
    const { id, code } = await requested(freshNumber());
    stage.faults.tables.failAt(0, 'lost-answer', 1000);
    expect(await settled(stage.check(id, wrongCode(code), idempotencyKey))).toEqual({ kind: 'Unavailable' });
    stage.faults.tables.heal();
    const again = await stage.check(id, wrongCode(code), idempotencyKey);
    expect(again).toMatchObject({ kind: 'wrong', attemptsRemaining: 4 });
  });
});

describe('a resend leaves a code that works: the fresh one if its SMS went out, else the one before', () => {
  test.each(runsOf({ tables: 6, keys: 2 }))(
    'a resend leaves a code that works, despite $fault of $service at call $call, $times times',
    async (run) => {
      const number = freshNumber();
      const { id, code } = await requested(number);
      stage.state.nowMs += 31_000;
      stage.faults[run.service].failAt(run.call, run.fault, run.times);
      const outcome = await settled(stage.resend({ id }));
      stage.faults[run.service].heal();
      expect(['resent', 'too-soon', 'Unavailable']).toContain(outcome.kind);
      expect(stage.messages(number)).toHaveLength(outcome.kind === 'resent' ? 2 : 1);
      // If the tables stay dark after the write, nobody can put the code before back: then a resend is the way out.
      const isStuck = run.fault === 'lost-answer' && run.service === 'tables' && run.call === 5 && run.times > 1;
      if (!isStuck) expect(await stage.check(id, stage.lastCode(number))).toMatchObject({ kind: 'approved' });
      stage.state.nowMs += 61_000;
      if (isStuck) expect(await stage.resend({ id })).toMatchObject({ kind: 'resent' });
      if (isStuck) expect(await stage.check(id, stage.lastCode(number))).toMatchObject({ kind: 'approved' });
      expect(code).toMatch(/^\d{6}$/);
    },
  );
});

describe('reading and canceling', () => {
  test.each(runsOf({ tables: 1, keys: 0 }))(
    'a verification can be read and canceled in the end, despite $fault at call $call, $times times',
    async (run) => {
      const { id } = await requested(freshNumber());
      stage.faults.tables.failAt(run.call, run.fault, run.times);
      expect(['canceled', 'Unavailable']).toContain((await settled(stage.cancel(id))).kind);
      stage.faults.tables.failAt(run.call, run.fault, run.times);
      const found = await stage.find(id).catch(() => ({ status: 'unavailable' }));
      expect(['canceled', 'pending', 'unavailable']).toContain(found?.status);
      stage.faults.tables.heal();
      expect(await stage.cancel(id)).toEqual({ kind: 'canceled' });
    },
  );
});

describe('the answer says what became of the SMS', () => {
  const send = (number: string) => stage.request({ phone: phone(number) });

  test('an SMS that is throttled for a moment is sent once', async () => {
    const number = freshNumber();
    stage.sns.fail('throttle', { times: 2 });
    expect(await send(number)).toMatchObject({ kind: 'created', view: { delivery: 'accepted' } });
    expect(stage.messages(number)).toHaveLength(1);
  });

  test('an SMS that is throttled for good is not sent, and nothing is counted', async () => {
    const number = freshNumber();
    stage.sns.fail('throttle', { times: 1000 });
    expect(await send(number)).toMatchObject({ kind: 'not-sent' });
    stage.sns.clearFaults();
    expect(await send(number)).toMatchObject({ kind: 'created' });
    expect(stage.messages(number)).toHaveLength(1);
  });

  test('an SMS is unconfirmed after an error inside SNS, and is not tried again', async () => {
    const number = freshNumber();
    stage.sns.fail('internal-error');
    expect(await send(number)).toMatchObject({ kind: 'created', view: { delivery: 'unconfirmed' } });
    expect(stage.messages(number)).toHaveLength(0);
  });

  test('an SMS whose answer does not come in time is unconfirmed, goes out once, and its code works', async () => {
    stage.hurrySns(1000);
    const number = freshNumber();
    stage.sns.fail('timeout-after-accept');
    const outcome = await send(number);
    expect(outcome).toMatchObject({ kind: 'created', view: { delivery: 'unconfirmed' } });
    expect(stage.messages(number)).toHaveLength(1);
    const id = outcome.kind === 'created' ? outcome.view.id : '';
    expect(await stage.find(id)).toMatchObject({ delivery: 'unconfirmed' });
    expect(await stage.check(id, stage.lastCode(number))).toMatchObject({ kind: 'approved' });
  });

  test('a holder who opted out gets no SMS, and the answer says accepted, as SNS does', async () => {
    const number = freshNumber();
    stage.sns.optOut(number);
    expect(await send(number)).toMatchObject({ kind: 'created', view: { delivery: 'accepted' } });
    expect(stage.messages(number)).toHaveLength(0);
    expect(await send(number)).toMatchObject({ kind: 'too-soon' });
  });

  test('an SMS is not sent where nobody listens at the address of SNS, and nothing is counted', async () => {
    const number = freshNumber();
    const { snsSender } = await import('../../lambdas/aws/senders/sns.ts');
    const { SNSClient } = await import('@aws-sdk/client-sns');
    const nobody = new SNSClient({ endpoint: 'http://127.0.0.1:1', region: 'us-east-1', maxAttempts: 1 });
    const causes: unknown[] = [];
    const outcome = await snsSender(
      (_, cause) => causes.push(cause),
      () => nobody,
    ).send(smsTo(number));
    expect(outcome).toEqual({ kind: 'rejected', reason: 'unreachable' });
    expect(causes).toHaveLength(3);
  });
});

test('every call of the flows to DynamoDB and KMS has met every fault that it can meet', () => {
  const always = ['throttled', 'internal-error', 'no-connection', 'lost-answer'];
  const faultsOf = {
    BatchGetItem: ['unprocessed'],
    TransactWriteItems: ['conflict'],
    UpdateItem: ['conflict'],
    GetItem: [],
  };
  const onTables = Object.entries(faultsOf).flatMap(([operation, more]) =>
    [...always, ...more].map((fault) => `${operation}: ${fault}`),
  );
  const onKeys = ['GenerateMac', 'Encrypt', 'Decrypt', 'Sign'].flatMap((operation) =>
    always.map((fault) => `${operation}: ${fault}`),
  );
  expect([...stage.faults.tables.struck].sort()).toEqual(onTables.sort());
  expect([...stage.faults.keys.struck].sort()).toEqual(onKeys.sort());
});
