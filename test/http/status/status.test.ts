import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { type Client, clientOf, freshNumber, openStack, wordOf } from '../client.ts';

let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  app = clientOf(stack);
});
afterAll(() => stack.stop());

type Check = { readonly name: string; readonly state: string; readonly says: string; readonly todo?: string };
type Body = Readonly<Record<string, unknown>> & { readonly state: string; readonly checks: readonly Check[] };

const status = async (): Promise<Body> => {
  const answer = await fetch(`${stack.operatorUrl}/v1/status`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json']);
  return (await answer.json()) as Body;
};

/** The checks that are not well, by name. */
const wrong = ({ checks }: Body): Readonly<Record<string, Check>> =>
  Object.fromEntries(checks.filter(({ state }) => state !== 'ok').map((check) => [check.name, check]));

const control = async (path: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${stack.origin}/_local/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
};

beforeEach(() => stack.strike());
afterEach(() => stack.reset());

test('a service that is well says so of each part, and tells its caps, blocks, stops and findings', async () => {
  const { checkedAt, ...body } = await status();
  expect(body).toMatchObject({
    state: 'ok',
    checks: [
      { name: 'detector-listening', state: 'ok', says: 'The stream feeds the detector.' },
      { name: 'detector-on-time', state: 'ok' },
      { name: 'sending', state: 'ok', says: 'Nobody has stopped sending.' },
      { name: 'caps', state: 'ok' },
      { name: 'keys-enabled', state: 'ok', says: 'All 11 keys can be used.' },
      { name: 'dead-letters', state: 'ok', says: 'There are no dead letters.' },
      { name: 'alarms-have-a-receiver', state: 'ok', says: 'Alarms reach 1 receiver.' },
      { name: 'alarms-on-now', state: 'ok', says: 'None of 1 alarm is on; 1 without data.' },
      { name: 'blocks', state: 'ok', says: '0 blocks and 0 restrictions hold now.' },
      { name: 'findings', state: 'ok', says: 'No finding is open.' },
    ],
    blocks: 0,
    restrictions: 0,
    stops: [],
    findings: { open: 0, high: 0, critical: 0 },
    receivers: [{ protocol: 'email', endpoint: 'you@local-mode.example', state: 'confirmed' }],
  });
  expect(wrong(body)).toEqual({});
  expect(Math.abs(Date.parse(String(checkedAt)) - Date.now())).toBeLessThan(60_000);
});

describe('status goes red, and says what to do', () => {
  test('a mapping that somebody disabled is red at once', async () => {
    await control('mapping', { enabled: false });
    const body = await status();
    expect(body.state).toBe('bad');
    expect(Object.keys(wrong(body))).toEqual(['detector-listening']);
    expect(wrong(body)['detector-listening']).toMatchObject({
      state: 'bad',
      says: expect.stringContaining('its event source mapping is Disabled'),
      todo: expect.stringMatching(/aws lambda update-event-source-mapping --uuid [\w-]{36} --enabled/),
    });
    await control('mapping', { enabled: true });
    expect(wrong(await status())).toEqual({});
  });

  test('a stream that came late is red, though the detector is enabled again', async () => {
    await control('mapping', { enabled: false });
    await app.requested(freshNumber());
    // DynamoDB stamps records with whole seconds.
    await new Promise((resolve) => setTimeout(resolve, 1100));
    stack.clock.advance(120_000);
    await stack.strike();
    expect(Object.keys(wrong(await status()))).toEqual(['detector-listening']);
    await control('mapping', { enabled: true });
    await expect
      .poll(async () => Object.keys(wrong(await status())), { timeout: 20_000 })
      .toEqual(['detector-on-time']);
    expect(wrong(await status())['detector-on-time']?.says).toMatch(
      /^The detector is (2 minutes|1[1-9]\d seconds) behind/,
    );
  });

  test('a clock that somebody moved makes no record late', async () => {
    stack.clock.advance(3_600_000);
    await app.requested(freshNumber());
    const isHeard = () => stack.logs().some(({ function: name }) => name === 'detect-bursts');
    await stack.strike();
    await expect.poll(isHeard, { timeout: 20_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(wrong(await status())).toEqual({});
  });

  test('a detector whose sweep has not run for more than three minutes is red', async () => {
    stack.clock.advance(179_000);
    expect(wrong(await status())).toEqual({});
    stack.clock.advance(10_000);
    expect(wrong(await status())['detector-on-time']).toMatchObject({
      state: 'bad',
      says: 'The detector has not run its sweep for 3 minutes. It runs every minute.',
      todo: 'Read what the detector says: aws logs tail /local/detect-bursts --since 10m.',
    });
  });

  test('alarms that nobody receives are red, also while somebody has not confirmed yet', async () => {
    await control('receivers', { confirmed: 0, pending: 0 });
    expect(wrong(await status())['alarms-have-a-receiver']).toMatchObject({
      says: 'Nobody receives an alarm: the topic has no subscription.',
      todo: expect.stringContaining(`aws sns subscribe --topic-arn ${stack.topic.arn} --protocol email`),
    });
    await control('receivers', { confirmed: 0, pending: 1 });
    expect(wrong(await status())['alarms-have-a-receiver']?.says).toContain('1 subscription waits');
    await control('receivers', { confirmed: 250, pending: 1 });
    const body = await status();
    expect(wrong(body)).toEqual({});
    expect(body['receivers']).toHaveLength(251);
  });

  test('a cap that refuses people is red, and is first in the list of caps', async () => {
    const words: unknown[] = [];
    const body = await stack.clock.holdDuring(async () => {
      for (let nth = 0; nth < 4; nth += 1) words.push(wordOf(await app.request({ phoneNumber: `+44740012345${nth}` })));
      return await status();
    });
    expect(words).toEqual(['pending', 'pending', 'pending', 'spend-cap-reached']);
    expect(wrong(body)).toMatchObject({
      caps: {
        state: 'bad',
        says: 'The cap of country GB is used up to 75% this hour. Numbers that have not verified lately get no SMS until it ends.',
        todo: expect.stringContaining('otp-desk --local findings'),
      },
    });
    expect((body['caps'] as readonly object[])[0]).toEqual({
      of: 'country',
      name: 'GB',
      hour: { usedUsd: 0.15, capUsd: 0.2, share: 0.75 },
      day: { usedUsd: 0.15, capUsd: 1, share: 0.15 },
    });
  });

  test.each([
    ['Disabled', /aws kms enable-key --key-id arn:/],
    ['PendingDeletion', /aws kms cancel-key-deletion --key-id arn:\S+ && aws kms enable-key --key-id arn:/],
  ])('a key that is %s is red, and named', async (state, todo) => {
    await control('keys', { key: 'seal', state });
    const body = await status();
    expect(Object.keys(wrong(body))).toEqual(['keys-enabled']);
    expect(wrong(body)['keys-enabled']).toMatchObject({
      says: `A key cannot be used: SealKey is ${state}.`,
      todo: expect.stringMatching(todo),
    });
    expect((await app.request({ phoneNumber: freshNumber() })).status).toBe(503);
    await control('keys', { key: 'seal', state: 'Enabled' });
    expect(wrong(await status())).toEqual({});
  });

  test('dead letters are red, but other objects of the bucket are none', async () => {
    stack.deadLetters?.objects.set('another/1', '{}');
    expect(wrong(await status())).toEqual({});
    stack.deadLetters?.objects.set('aws/lambda/mapping/shard/1', '{}');
    expect(wrong(await status())['dead-letters']).toMatchObject({
      says: '1 dead letter: the detector has not counted what they hold.',
      todo: 'See why, and replay them: otp-desk --local dead-letters list.',
    });
    for (let nth = 2; nth <= 1001; nth += 1) stack.deadLetters?.objects.set(`aws/lambda/mapping/shard/${nth}`, '{}');
    expect(wrong(await status())['dead-letters']?.says).toContain('More than 1000 dead letters');
  });

  const stopItem = async (attributes: object): Promise<void> => {
    const Item = { pk: { S: 'stop' }, ...attributes };
    await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.guards, Item });
  };
  const stopped = { M: { at: { N: '1795262591345' }, by: { S: 'arn:aws:iam::1:role/x' }, reason: { S: 'a test' } } };

  test('sending that staff have stopped is red, with the command that resumes it', async () => {
    await stopItem({ 'country#IN': stopped });
    const body = await status();
    expect(wrong(body)).toMatchObject({
      sending: {
        says: 'Staff have stopped sending since 2026-11-21T12:03:11.345Z: country IN.',
        todo: 'Send again when the reason is gone: otp-desk --local resume country IN --reason "…".',
      },
    });
    expect(body['stops']).toEqual([
      { what: { country: 'IN' }, at: '2026-11-21T12:03:11.345Z', by: 'arn:aws:iam::1:role/x', reason: 'a test' },
    ]);
    await stopItem({ all: { S: 'yes' } });
    expect(wrong(await status())['sending']?.says).toBe(
      'Nothing is sent, because the item of the stops cannot be read.',
    );
  });

  test('an alarm that is on is red and named, and so is one that notifies nobody', async () => {
    const alarm = { kind: 'MetricAlarm', state: 'OK', actionsEnabled: true } as const;
    const many = Array.from({ length: 120 }, (_, at) => ({ ...alarm, name: `local/Quiet${at}` }));
    stack.faults.cloudwatch?.setAlarms([
      ...many,
      { ...alarm, name: 'local/UnderAttack', kind: 'CompositeAlarm', state: 'ALARM' },
      { ...alarm, name: 'another/UnderAttack', state: 'ALARM' },
    ]);
    expect(wrong(await status())['alarms-on-now']).toMatchObject({
      says: '1 alarm on: UnderAttack.',
      todo: expect.stringContaining('describe-alarms --alarm-name-prefix local/ --state-value ALARM'),
    });
    stack.faults.cloudwatch?.setAlarms([...many, { ...alarm, name: 'local/Muted', actionsEnabled: false }]);
    expect(wrong(await status())['alarms-on-now']?.says).toContain('notifies nobody');
    stack.faults.cloudwatch?.setAlarms([]);
    expect(wrong(await status())['alarms-on-now']?.says).toBe('The stack has no alarms: somebody deleted them.');
  });
});

describe('what is not known is never taken for good', () => {
  test('one call that fails makes its check unknown and the whole bad, and breaks no other', async () => {
    stack.faults.kms?.fail('access-denied', { times: 2, operation: 'DescribeKey' });
    const body = await status();
    expect(body.state).toBe('bad');
    expect(Object.values(wrong(body)).map(({ name, state }) => [name, state])).toEqual([['keys-enabled', 'unknown']]);
    expect(wrong(body)['keys-enabled']?.says).toMatch(
      /^Nobody can tell, because KMS DescribeKey failed \(AccessDeniedException\) for \w+.*, \w+.*\.$/,
    );
    expect(wrong(await status())).toEqual({});
  });

  test('a key that is broken counts more than one that is not known', async () => {
    await control('keys', { key: 'proof', state: 'Disabled' });
    stack.faults.kms?.fail('access-denied', { times: 1, operation: 'DescribeKey' });
    const { state, says } = wrong(await status())['keys-enabled'] ?? {};
    expect([state, says]).toEqual(['bad', 'A key cannot be used: ProofKey is Disabled.']);
  });

  test('a call that is never answered is unknown within seconds', async () => {
    stack.faults.cloudwatch?.fail('timeout', { times: 10 });
    const startedMs = performance.now();
    const body = await status();
    expect(performance.now() - startedMs).toBeLessThan(8000);
    expect(Object.values(wrong(body)).map(({ name, state }) => [name, state])).toEqual([
      ['detector-on-time', 'unknown'],
      ['alarms-on-now', 'unknown'],
    ]);
    stack.faults.cloudwatch?.clear();
    expect(wrong(await status())).toEqual({});
  });

  test('a bucket that refuses its list is unknown, and what stays unknown is left out of the answer', async () => {
    stack.deadLetters?.refuse(/list/);
    expect(wrong(await status())['dead-letters']).toMatchObject({
      state: 'unknown',
      says: 'Nobody can tell, because S3 ListObjectsV2 failed (AccessDenied).',
      todo: 'Ask again, and if it stays so, read the log: aws logs tail /local/read-status --since 10m.',
    });
  });
});

test('thirty who ask at once are told of nothing bad: a slow machine may know less, and says so', async () => {
  const bodies = await Promise.all(Array.from({ length: 30 }, status));
  const states = bodies.map(({ state, checks }) => [state, checks.some((check) => check.state === 'unknown')]);
  expect(bodies.flatMap(({ checks }) => checks).filter((check) => check.state === 'bad')).toEqual([]);
  for (const [state, isUnknown] of states) expect(state).toBe(isUnknown ? 'bad' : 'ok');
});

test('the route takes no parameter and no other method', async () => {
  expect((await fetch(`${stack.operatorUrl}/v1/status?verbose=1`)).status).toBe(400);
  expect((await fetch(`${stack.operatorUrl}/v1/status`, { method: 'DELETE' })).status).not.toBe(200);
});

test('a page of another origin may not read it', async () => {
  const answer = await fetch(`${stack.operatorUrl}/v1/status`, { headers: { origin: 'https://evil.example' } });
  expect([answer.status, answer.headers.get('access-control-allow-origin')]).not.toContain('https://evil.example');
  expect(answer.status).toBe(403);
});
