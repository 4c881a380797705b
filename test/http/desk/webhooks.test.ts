/** Webhooks as staff see them: dead letters are listed and replayed, and none is lost. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import settings from '../../../bin/settings.ts';
import { bundle } from '../../../bundle/bundle.ts';
import { functionNames, webhookQueue } from '../../../lambdas/contract.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { deskWith } from '../../fakes/desk/desk.ts';
import { webhookSettings } from '../../lib/template/variants.ts';
import { type OperatorClient, openStack, operatorOf } from '../client.ts';

const { types } = webhookSettings.events;

let stack: LocalStack;
let desk: OperatorClient;
let bundles: string;
beforeAll(async () => {
  bundles = await mkdtemp(join(tmpdir(), 'otp-webhooks-desk-'));
  const policy = policyOf(parseSettings({ ...settings, ...webhookSettings }));
  // Nothing is delivered here, so that what is replayed stays in the queue to be looked at.
  await bundle({ out: bundles, policy, functions: functionNames });
  stack = await openStack(bundles, {}, inject('webhookTemplate'));
  desk = operatorOf(stack);
});
afterAll(async () => {
  await stack.stop();
  await rm(bundles, { recursive: true });
});
beforeEach(() => stack.reset());

const envelope = (at: number, application = 'web') => ({
  id: `evt_${String(at).padStart(3, '0')}`,
  type: 'verification.approved',
  timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, at)).toISOString(),
  data: { application, verification: `key-${at}`, purpose: 'login' },
});
const dead = (...envelopes: readonly object[]) => {
  for (const each of envelopes) stack.queues.deadLetters.send(JSON.stringify(each));
};
const many = (count: number, application?: string) =>
  Array.from({ length: count }, (_, at) => envelope(at, application));
const waitingIds = () => stack.queues.waiting.bodies().map((body): string => JSON.parse(body).id);
const deadIds = () => stack.queues.deadLetters.bodies().map((body): string => JSON.parse(body).id);
const list = async () => (await desk.get('/v1/webhooks')).body;
const replay = (body: object = {}) => desk.post('/v1/webhooks/replay', { reason: 'it is mended', ...body });
const sqs = () => {
  if (stack.faults.sqs === undefined) throw new Error('The stack has no stand-in of SQS.');
  return stack.faults.sqs;
};

describe('the list', () => {
  test('the list shows webhooks by their host, and dead letters with the time until which they are kept', async () => {
    dead(envelope(2), envelope(1));
    expect(await list()).toEqual({
      webhooks: [{ application: 'web', host: 'hooks.example.com', types, deadLetters: 2 }],
      waiting: 0,
      inFlight: 0,
      deadLetters: {
        count: 2,
        events: [1, 2].map((at) => ({
          id: `evt_00${at}`,
          type: 'verification.approved',
          application: 'web',
          verification: `key-${at}`,
          at: `2026-01-01T00:00:0${at}.000Z`,
          keptUntil: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        })),
        unreadable: 0,
        isMore: false,
      },
    });
  });

  test('the list changes nothing: what it shows can be found again at once', async () => {
    dead(...many(12));
    for (const _ of [1, 2]) expect((await list())['deadLetters']).toMatchObject({ count: 12, isMore: false });
    expect(stack.queues.deadLetters.counts()).toEqual({ visible: 12, inFlight: 0, delayed: 0 });
  });

  test('the list has 50 events, and says that there are more', async () => {
    dead(...many(70));
    const { events, isMore } = (await list())['deadLetters'] as { events: unknown[]; isMore: boolean };
    expect([events.length, isMore]).toEqual([50, true]);
    expect(stack.queues.deadLetters.counts().visible).toBe(70);
  });

  test('the list counts what is no event, and reads an event that EventBridge could not hand over', async () => {
    dead({ detail: envelope(1), source: 'otp-service' }, { some: 'thing' });
    stack.queues.deadLetters.send('no JSON');
    expect((await list())['deadLetters']).toMatchObject({
      events: [expect.objectContaining({ id: 'evt_001' })],
      unreadable: 2,
    });
  });

  test('the age of the oldest event is of CloudWatch, and the list does without it', async () => {
    const dimensions = { QueueName: 'webhooks' };
    const metric = 'ApproximateAgeOfOldestMessage';
    stack.faults.cloudwatch?.put({ namespace: 'AWS/SQS', metric, dimensions, value: 5400 });
    expect(await list()).toMatchObject({ oldestSeconds: 5400 });
    stack.faults.cloudwatch?.fail('access-denied', { times: 10 });
    expect(await list()).not.toHaveProperty('oldestSeconds');
  });

  test('a queue that does not answer is an outage, and no empty list', async () => {
    sqs().fail('access-denied', { times: 20 });
    expect((await desk.get('/v1/webhooks')).status).toBe(503);
  });
});

describe('the replay', () => {
  test('a replay moves all dead letters back, and is an act in the audit trail', async () => {
    dead(...many(23));
    const answer = await replay();
    expect([answer.status, answer.body]).toEqual([
      200,
      { replayed: 23, withoutWebhook: 0, unreadable: 0, missing: [], isMore: false },
    ]);
    expect(waitingIds().toSorted()).toEqual(many(23).map(({ id }) => id));
    expect(deadIds()).toEqual([]);
    expect((await desk.actions())[0]).toMatchObject({
      action: 'replay-webhooks',
      about: 'all dead letters of webhooks',
      reason: 'it is mended',
    });
  });

  test('a replay of an application, or of ids, leaves the others where staff find them', async () => {
    dead(envelope(1), envelope(2, 'gone'), envelope(3));
    expect((await replay({ application: 'web', ids: ['evt_003', 'evt_002'] })).body).toMatchObject({
      replayed: 1,
      missing: ['evt_002'],
    });
    expect([waitingIds(), deadIds()]).toEqual([['evt_003'], ['evt_001', 'evt_002']]);
    expect((await list())['deadLetters']).toMatchObject({ count: 2 });
    expect((await replay({ application: 'web' })).body).toMatchObject({ replayed: 1 });
    expect(deadIds()).toEqual(['evt_002']);
    expect((await desk.actions()).map((each) => each['about'])).toEqual([
      'all dead letters of the webhook of web',
      '2 events of the webhook of web',
    ]);
  });

  test('an event is replayed byte for byte, in the message group of its application', async () => {
    const body =
      '{ "id":"evt_1","type":"verification.approved","timestamp":"2026-01-01T00:00:00.000Z","data":{"application":"web"} }';
    stack.queues.deadLetters.send(body);
    await replay();
    stack.clock.advance(webhookQueue.visibilitySeconds * 1000);
    expect(stack.queues.waiting.bodies()).toEqual([body]);
  });

  test('an event that EventBridge could not hand over is replayed as its envelope alone', async () => {
    dead({ detail: envelope(1), source: 'otp-service' });
    await replay();
    expect(stack.queues.waiting.bodies()).toEqual([JSON.stringify(envelope(1))]);
  });

  test('an event that no webhook asks for stays: it would be given up again at once, and moved without end', async () => {
    const requested = { ...envelope(3), type: 'verification.requested' };
    dead(envelope(1), envelope(2, 'gone'), requested);
    expect((await replay()).body).toEqual({
      ...{ replayed: 1, withoutWebhook: 2, unreadable: 0, missing: [], isMore: false },
    });
    expect([waitingIds(), deadIds()]).toEqual([['evt_001'], ['evt_002', 'evt_003']]);
    expect((await replay({ ids: ['evt_002'] })).body).toMatchObject({ replayed: 0, withoutWebhook: 1, missing: [] });
    expect((await list())['deadLetters']).toMatchObject({ count: 2 });
  });

  test('a message that is no event stays', async () => {
    stack.queues.deadLetters.send('no JSON');
    expect((await replay()).body).toEqual({
      replayed: 0,
      withoutWebhook: 0,
      unreadable: 1,
      missing: [],
      isMore: false,
    });
    expect(stack.queues.deadLetters.counts()).toMatchObject({ visible: 1 });
  });

  test.each(['reset-after-accept', 'internal-error'] as const)(
    'an event is never lost when SQS fails a send or a deletion by %s',
    async (fault) => {
      for (const operation of ['SendMessageBatch', 'DeleteMessageBatch', 'ReceiveMessage']) {
        await stack.reset();
        dead(...many(25));
        sqs().fail(fault, { operation, times: 3 });
        await replay();
        sqs().clearFaults();
        const left = new Set([...waitingIds(), ...deadIds()]);
        expect(left.size, operation).toBe(25);
      }
    },
  );

  test('two replays at the same time send no event twice', async () => {
    dead(...many(40));
    await Promise.all([replay(), replay()]);
    expect(waitingIds().toSorted()).toEqual(many(40).map(({ id }) => id));
  });

  test('a replay of more than one call can move says that there is more', async () => {
    dead(...many(520));
    expect((await replay()).body).toMatchObject({ replayed: 500, isMore: true });
    expect((await replay()).body).toMatchObject({ replayed: 20, isMore: false });
  });

  test.each<readonly [string, object, string]>([
    ['no reason', { reason: '' }, '/reason'],
    ['no id', { ids: [] }, '/ids'],
    ['an id that no event has', { ids: ['a b'] }, '/ids/0'],
    ['51 ids', { ids: Array.from({ length: 51 }, (_, at) => `evt_${at}`) }, '/ids'],
    ['an application that the settings do not name', { application: 'other' }, '/application'],
    ['a field that is unknown', { all: true }, '/all'],
  ])('a replay with %s is refused, and moves nothing', async (_, body, pointer) => {
    dead(envelope(1));
    const answer = await replay(body);
    expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'invalid-request']);
    const errors = answer.body['errors'] as readonly { readonly pointer: string }[];
    expect(errors.map((each) => each.pointer)).toEqual([pointer]);
    expect([deadIds(), await desk.actions()]).toEqual([['evt_001'], []]);
  });
});

describe('without webhooks', () => {
  let plain: LocalStack;
  beforeAll(async () => {
    plain = await openStack(inject('bundles'));
  });
  afterAll(() => plain.stop());

  test('the list is empty, and a replay says that there is no webhook', async () => {
    const client = operatorOf(plain);
    expect((await client.get('/v1/webhooks')).body).toMatchObject({ webhooks: [], deadLetters: { count: 0 } });
    const answer = await client.post('/v1/webhooks/replay', { reason: 'it is mended' });
    expect([answer.status, answer.body['code']]).toEqual([409, 'no-webhooks']);
  });
});

describe('otp-desk', () => {
  const run = (...args: string[]) => deskWith([...args, `--local=${new URL(stack.url).origin}`, '--yes'], {});

  test('otp-desk lists webhooks and replays their dead letters until none is left', async () => {
    dead(...many(520));
    const shown = await run('webhooks');
    expect([shown.exit, shown.err]).toEqual([0, '']);
    expect(shown.out).toContain('hooks.example.com');
    expect(shown.out).toContain('Given up: about 520.');
    expect(shown.out).not.toContain('a-secret-path');
    const replayed = await run('webhooks', 'replay', '--application', 'web', '--reason', 'it is mended');
    expect([replayed.exit, replayed.out]).toEqual([0, '520 events are back in the queue.\n']);
    expect((await run('webhooks')).out).toContain('No event is given up.');
  });

  test('otp-desk finds ids behind more letters than one call reads, and misses none that it has moved', async () => {
    dead(...many(1010));
    const args = ['webhooks', 'replay', 'evt_000', 'evt_1005', '--reason', 'it is mended'];
    const { exit, out } = await run(...args);
    expect([exit, out]).toEqual([0, '2 events are back in the queue.\n']);
    expect(waitingIds().toSorted()).toEqual(['evt_000', 'evt_1005']);
  });

  test('otp-desk replays an application whose events lie behind more letters than one call reads', async () => {
    dead(...many(1010, 'gone'), envelope(2000));
    const { exit, out } = await run('webhooks', 'replay', '--application', 'web', '--reason', 'it is mended');
    expect([exit, out]).toEqual([0, '1 events are back in the queue.\n']);
  });

  test('otp-desk ends if the queue takes nothing, and says so', async () => {
    dead(...many(3));
    sqs().fail('internal-error', { operation: 'SendMessageBatch', times: 100 });
    const { exit } = await run('webhooks', 'replay', '--reason', 'it is mended');
    expect(exit).not.toBe(0);
  });

  test('otp-desk fails for an id that it does not find', async () => {
    dead(envelope(1));
    const { exit, out } = await run('webhooks', 'replay', 'evt_001', 'evt_009', '--reason', 'it is mended', '--json');
    expect([exit, JSON.parse(out)]).toEqual([
      1,
      { replayed: 1, withoutWebhook: 0, unreadable: 0, missing: ['evt_009'], isMore: false },
    ]);
  });
});
