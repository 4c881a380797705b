import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import settings from '../../../bin/settings.ts';
import { bundle } from '../../../bundle/bundle.ts';
import { webhookQueue } from '../../../lambdas/contract.ts';
import { localPolicyOf } from '../../../local/policy/switches.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { roomySettings } from '../../fakes/settings.ts';
import { type Client, clientOf, freshNumber, openStack } from '../client.ts';

type Got = { readonly headers: IncomingHttpHeaders; readonly body: string };
type Event = { readonly id: string; readonly type: string; readonly data: Readonly<Record<string, unknown>> };

/** A consumer on this machine, which can be down. */
const startConsumer = async () => {
  const got: Got[] = [];
  let status = 204;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(status, status === 307 ? { location: 'http://169.254.169.254/' } : {}).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    got,
    answer: (next: number) => {
      status = next;
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
};

let consumer: Awaited<ReturnType<typeof startConsumer>>;
let bundles: string;
let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  consumer = await startConsumer();
  bundles = await mkdtemp(join(tmpdir(), 'otp-webhooks-'));
  const switches = { allCountries: false, testNumbers: [], limits: true, webhook: consumer.url };
  const policy = localPolicyOf({ ...settings, ...roomySettings }, switches, { file: 'settings', now: new Date() });
  await bundle({ out: bundles, policy, webhooksTo: 'loopback' });
  stack = await openStack(bundles, {}, inject('deliveryTemplate'));
  app = clientOf(stack);
});
afterAll(async () => {
  await stack.stop();
  await consumer.stop();
  await rm(bundles, { recursive: true });
});
afterEach(async () => {
  consumer.answer(204);
  await untilEmpty();
  consumer.got.length = 0;
  stack.queues.deadLetters.clear();
});

const secretOf = () => stack.webhooks()[0]?.secret ?? '';
/** Moves the clock on until nothing waits. */
const untilEmpty = async () => {
  for (
    let hour = 0;
    hour < 60 && stack.queues.waiting.counts().visible + stack.queues.waiting.counts().inFlight > 0;
    hour += 1
  ) {
    stack.clock.advance(4_600_000);
    await stack.workedOff();
  }
};
const eventsOf = (type?: string): readonly Event[] =>
  consumer.got
    .map(({ body }) => JSON.parse(body) as Event)
    .filter((event) => type === undefined || event.type === type);
const headersOf = ({ headers }: Got) => ({
  'webhook-id': String(headers['webhook-id']),
  'webhook-timestamp': String(headers['webhook-timestamp']),
  'webhook-signature': String(headers['webhook-signature']),
});
/** As a consumer does it, at the time of the delivery. */
const verifies = (secret: string, got: Got, body = got.body): boolean => {
  const skewSeconds = Number(headersOf(got)['webhook-timestamp']) - Math.floor(Date.now() / 1000);
  const headers = headersOf(got);
  const now = Date.now;
  Date.now = () => now() + skewSeconds * 1000;
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  } finally {
    Date.now = now;
  }
};

describe('a verification', () => {
  test('its request and its approval come to the consumer, signed, with nothing secret', async () => {
    const number = freshNumber();
    const { id, code } = await app.requested(number);
    expect((await app.check(id, { code })).body['status']).toBe('approved');
    await stack.workedOff();
    const types = new Set(eventsOf().map(({ type }) => type));
    expect([...types].toSorted()).toEqual(['verification.approved', 'verification.requested']);
    for (const each of consumer.got) {
      expect(verifies(secretOf(), each)).toBe(true);
      expect(each.headers['webhook-id']).toBe((JSON.parse(each.body) as Event).id);
      for (const secret of [code, number, number.slice(-7), id]) expect(each.body).not.toContain(secret);
    }
  });

  test('each event has one id, however often it comes', async () => {
    await app.requested(freshNumber());
    await stack.workedOff();
    const [event] = eventsOf('verification.requested');
    expect(event?.id).toMatch(/^evt_/);
    // The stand-ins repeat batches, as AWS may. A consumer that drops known ids sees each event once.
    expect(new Set(eventsOf('verification.requested').map(({ id }) => id)).size).toBe(1);
  });
});

describe('nothing forged verifies', () => {
  test('a delivery verifies by its own secret and as it came, and in no other way', async () => {
    await app.requested(freshNumber());
    await stack.workedOff();
    const [got] = consumer.got;
    if (got === undefined) throw new Error('Nothing came.');
    expect(verifies(secretOf(), got)).toBe(true);
    expect(verifies(`whsec_${Buffer.alloc(32, 9).toString('base64')}`, got)).toBe(false);
    expect(verifies(secretOf(), got, got.body.replace('pending', 'approved'))).toBe(false);
    const older = { ...got, headers: { ...got.headers, 'webhook-timestamp': '1' } };
    expect(verifies(secretOf(), older)).toBe(false);
  });
});

describe('a consumer that is down', () => {
  test('a consumer that is down for an hour loses nothing, and gets each event with the id that it had', async () => {
    consumer.answer(503);
    const ids = await Promise.all(Array.from({ length: 5 }, async () => (await app.requested(freshNumber())).id));
    await stack.workedOff();
    const tried = new Set(eventsOf().map(({ id }) => id));
    expect(tried.size).toBe(ids.length);
    for (let minute = 0; minute < 60; minute += 10) {
      stack.clock.advance(600_000);
      await stack.workedOff();
    }
    expect(consumer.got.length).toBeGreaterThan(3 * ids.length);
    consumer.got.length = 0;
    consumer.answer(204);
    await untilEmpty();
    expect(new Set(eventsOf().map(({ id }) => id))).toEqual(tried);
    for (const each of consumer.got) expect(verifies(secretOf(), each)).toBe(true);
    expect(stack.queues.deadLetters.counts().visible).toBe(0);
  });

  test.each([307, 410, 429, 500])('an answer of %i is tried again', async (status) => {
    consumer.answer(status);
    await app.requested(freshNumber());
    await stack.workedOff();
    const before = consumer.got.length;
    expect(before).toBeGreaterThan(0);
    consumer.answer(204);
    await untilEmpty();
    expect(consumer.got.length).toBeGreaterThan(before);
  });

  test('an event that nobody takes in a day is a dead letter, whole, and no sooner', async () => {
    consumer.answer(500);
    await app.requested(freshNumber());
    await stack.workedOff();
    const [event] = consumer.got;
    for (let hour = 0; hour < 23; hour += 1) {
      stack.clock.advance(3_600_000);
      await stack.workedOff();
    }
    expect(stack.queues.deadLetters.counts().visible).toBe(0);
    await untilEmpty();
    await stack.workedOff();
    // An event that the stream brought twice has two letters.
    const letters = stack.queues.deadLetters.receive(10);
    expect(new Set(letters.map(({ body }) => body))).toEqual(new Set([event?.body]));
    expect(consumer.got.length).toBeLessThanOrEqual((webhookQueue.maxTries + 1) * letters.length);
  });
});

describe('messages that this service did not send', () => {
  const forged = (application: string) =>
    JSON.stringify({
      ...{ id: 'evt_forged', type: 'verification.approved', timestamp: '2026-11-30T10:00:00Z' },
      data: { application },
    });
  const deep = `{"detail-type":"verification.approved","detail":${forged('shop').replace('{', `{"more":${'['.repeat(30_000)}${']'.repeat(30_000)},`)}}`;

  test('such messages are dead letters as they came, no consumer gets them, and events beside them arrive', async () => {
    const bodies = ['no event', deep, forged('removed-webhook')];
    for (const body of bodies) stack.queues.waiting.send(body);
    await app.requested(freshNumber());
    await stack.workedOff();
    // Batches may come twice, and a second time the message is there already.
    expect(new Set(stack.queues.deadLetters.bodies())).toEqual(new Set(bodies));
    expect(stack.queues.waiting.bodies()).toEqual([]);
    const ids = eventsOf().map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids).not.toContain('evt_forged');
  });

  test('the function can set waits and give up by its own client of SQS', async () => {
    const before = JSON.stringify(stack.logs()).split('dependency failed').length;
    stack.queues.waiting.send('no event');
    consumer.answer(503);
    await app.requested(freshNumber());
    await stack.workedOff();
    const { visible, inFlight } = stack.queues.waiting.counts();
    expect([visible, inFlight > 0]).toEqual([0, true]);
    const got = consumer.got.length;
    // The first wait is ten seconds and a quarter of that at most. A message without one is hidden for minutes.
    stack.clock.advance(13_000);
    await stack.workedOff();
    expect(consumer.got.length).toBeGreaterThan(got);
    expect(JSON.stringify(stack.logs()).split('dependency failed').length).toBe(before);
  });
});

describe('secrets', () => {
  test('a delivery verifies by both secrets while they are rotated, and later by the new one alone', async () => {
    const old = secretOf();
    const next = `whsec_${createHash('sha256').update('next').digest('base64')}`;
    const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:local-webhook-AbCdEf';
    const deliver = async () => {
      consumer.got.length = 0;
      // The function asks again after five minutes.
      stack.clock.advance(301_000);
      await app.requested(freshNumber());
      await stack.workedOff();
      const [got] = consumer.got;
      return got === undefined ? [] : [verifies(old, got), verifies(next, got)];
    };
    stack.faults.secrets?.put(arn, JSON.stringify([next, old]));
    expect(await deliver()).toEqual([true, true]);
    stack.faults.secrets?.put(arn, next);
    expect(await deliver()).toEqual([false, true]);
    stack.faults.secrets?.put(arn, 'no secret');
    expect(await deliver()).toEqual([]);
    stack.faults.secrets?.put(arn, old);
    await untilEmpty();
    expect(consumer.got.length).toBeGreaterThan(0);
  });

  test('no log has a secret, a signature, a body or a URL', async () => {
    await app.requested(freshNumber());
    await stack.workedOff();
    const logs = JSON.stringify(stack.logs());
    expect(logs).toContain('deliver-webhooks');
    expect(logs).not.toMatch(/whsec_|v1,[A-Za-z0-9+/]{20}/);
    expect(logs).not.toContain(new URL(consumer.url).host);
    for (const { body } of consumer.got) expect(logs).not.toContain(JSON.stringify(body).slice(1, -1));
  });
});
