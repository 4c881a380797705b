/** The example of a consumer of webhooks, as a reader runs it. */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import { eventTypes } from '../../lambdas/policy.ts';
import { parseSettings, policyOf } from '../../lib/settings/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { roomySettings } from '../fakes/settings.ts';
import { clientOf, freshNumber } from '../http/client.ts';
import { root } from '../laws/source/files.ts';

const example = path.join(root, 'clients', 'examples', 'webhooks');
const maxLines = 60;
const application = 'default';
const secretArn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:webhook-AbCdEf';
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`;

let home: string;
let stack: LocalStack;
beforeAll(async () => {
  stack = await startLocalStack({ bundles: inject('bundles'), quiet: true });
  home = await mkdtemp(path.join(tmpdir(), 'otp-consumer-'));
  await mkdir(path.join(home, 'node_modules'));
  await cp(path.join(example, 'server.mjs'), path.join(home, 'server.mjs'));
  await writeFile(path.join(home, 'clock.mjs'), clock);
  const name = 'standardwebhooks';
  await symlink(path.join(root, 'node_modules', name), path.join(home, 'node_modules', name));
  await symlink(inject('clientPackage'), path.join(home, 'node_modules', 'otp-service-client'));
});
afterAll(async () => {
  await stack?.stop();
  await rm(home, { recursive: true, force: true });
});

/** Of the consumer, so that it has the time of a service whose clock was moved. */
let aheadMs = 0;
const clock = 'const { now } = Date; Date.now = () => now() + Number(process.env.AHEAD_MS);';
let consumer: ChildProcess | undefined;
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill();
});

/** Starts the consumer with these secrets. @returns its URL. */
const start = (...secrets: readonly string[]): Promise<string> => startAt('0', ...secrets);
const startAt = (PORT: string, ...secrets: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = {
      PATH: process.env['PATH'],
      PORT,
      OTP_APPLICATION: application,
      WEBHOOK_SECRETS: secrets.join(' '),
      AHEAD_MS: String(aheadMs),
    };
    const child = spawn(process.execPath, ['--import', './clock.mjs', 'server.mjs'], {
      cwd: home,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    const listen = (part: Buffer) => {
      output += part;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (url !== undefined) resolve(url);
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', () => reject(new Error(`The consumer ended: ${output}`)));
  });

type Delivery = {
  readonly id?: string;
  readonly type?: string;
  readonly atMs?: number;
  /** Of the fact. */
  readonly time?: string;
  readonly verification?: string;
  readonly hint?: string;
  readonly secrets: readonly string[];
};

/** A delivery as the service makes it: one signature for each secret, over the bytes of the body. */
const deliveryOf = ({
  id = 'evt_1',
  type = 'verification.approved',
  atMs = Date.now(),
  time = new Date(atMs).toISOString(),
  verification,
  hint,
  secrets,
}: Delivery) => {
  const body = JSON.stringify({
    id,
    type,
    timestamp: time,
    data: { application, verification, ...(hint === undefined ? {} : { hint }) },
  });
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(atMs / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, new Date(atMs), body)).join(' '),
  };
  return { body, headers };
};
const post = async (url: string, { body, headers }: ReturnType<typeof deliveryOf>) =>
  (await fetch(`${url}/events`, { method: 'POST', body, headers })).status;

/** A verification of the running service, which the consumer remembers by its id alone. */
const login = async (url: string) => {
  const { id } = await clientOf(stack).requested(freshNumber());
  const place = `${url}/logins/${id}`;
  expect((await fetch(place, { method: 'PUT' })).status).toBe(200);
  return { verification: recordKey(application, id), state: async () => await (await fetch(place)).json() };
};

test('a genuine event changes the row of its verification, and the same event again changes nothing', async () => {
  const secret = newSecret();
  const url = await start(secret);
  const { verification, state } = await login(url);
  expect(await state()).toEqual({ state: 'requested', events: 0 });
  const delivered = deliveryOf({ verification, secrets: [secret] });
  expect(await post(url, delivered)).toBe(204);
  expect(await state()).toEqual({ state: 'approved', events: 1 });
  // Signed anew, as each try of the service is.
  const again = deliveryOf({ verification, secrets: [secret], atMs: Date.now() + 2000 });
  expect([await post(url, delivered), await post(url, again)]).toEqual([204, 204]);
  expect(await state()).toEqual({ state: 'approved', events: 1 });
  const late = deliveryOf({ id: 'evt_0', type: 'verification.requested', verification, secrets: [secret] });
  expect([await post(url, late), await state()]).toEqual([204, { state: 'approved', events: 2 }]);
});

test('a code that is not enough alone is no approval, and no later event makes it one', async () => {
  const secret = newSecret();
  const url = await start(secret);
  const { verification, state } = await login(url);
  const hint = 'additional-verification-required';
  expect(await post(url, deliveryOf({ verification, hint, secrets: [secret] }))).toBe(204);
  const late = {
    id: 'evt_2',
    type: 'verification.delivered',
    atMs: Date.now() + 1000,
    verification,
    secrets: [secret],
  };
  expect([await post(url, deliveryOf({ ...late, hint })), await state()]).toEqual([
    204,
    { state: 'step-up', events: 2 },
  ]);
});

test('an event that comes after a later one changes no state', async () => {
  const secret = newSecret();
  const url = await start(secret);
  const { verification, state } = await login(url);
  const of = (id: string, type: string, time: string) =>
    deliveryOf({ id, type: `verification.${type}`, time, verification, secrets: [secret] });
  await post(url, of('evt_1', 'failed', '2026-11-30T10:02:00.000Z'));
  await post(url, of('evt_2', 'delivered', '2026-11-30T10:01:00.000Z'));
  await post(url, of('evt_3', 'requested', '2026-11-30T10:00:00.000Z'));
  expect(await state()).toEqual({ state: 'failed', events: 3 });
});

const minutes = (count: number) => Date.now() + count * 60_000;

test.each<readonly [string, (mine: string, verification: string) => ReturnType<typeof deliveryOf>]>([
  ['another secret', (_, verification) => deliveryOf({ verification, secrets: [newSecret()] })],
  ['no signature', (_, verification) => deliveryOf({ verification, secrets: [] })],
  [
    'a time of six minutes ago',
    (mine, verification) => deliveryOf({ verification, secrets: [mine], atMs: minutes(-6) }),
  ],
  ['a time in six minutes', (mine, verification) => deliveryOf({ verification, secrets: [mine], atMs: minutes(6) })],
  [
    'a body that was changed',
    (mine, verification) => {
      const { body, headers } = deliveryOf({ type: 'verification.failed', verification, secrets: [mine] });
      return { body: body.replace('failed', 'approved'), headers };
    },
  ],
  [
    'a body that was written anew',
    (mine, verification) => {
      const { body, headers } = deliveryOf({ verification, secrets: [mine] });
      return { body: JSON.stringify(JSON.parse(body), undefined, 1), headers };
    },
  ],
  [
    'the id of another event',
    (mine, verification) => {
      const { body, headers } = deliveryOf({ verification, secrets: [mine] });
      return { body, headers: { ...headers, 'webhook-id': 'evt_2' } };
    },
  ],
  [
    'a later time than it was signed for',
    (mine, verification) => {
      const { body, headers } = deliveryOf({ verification, secrets: [mine], atMs: minutes(-6) });
      return { body, headers: { ...headers, 'webhook-timestamp': String(Math.floor(Date.now() / 1000)) } };
    },
  ],
])('an event with %s is refused, and changes nothing', async (_, forge) => {
  const secret = newSecret();
  const url = await start(secret);
  const { verification, state } = await login(url);
  expect(await post(url, forge(secret, verification))).toBe(401);
  expect(await state()).toEqual({ state: 'requested', events: 0 });
});

test('an event that is refused does not make a genuine one of the same id a duplicate', async () => {
  const secret = newSecret();
  const url = await start(secret);
  const { verification, state } = await login(url);
  expect(await post(url, deliveryOf({ verification, secrets: [newSecret()] }))).toBe(401);
  expect(await post(url, deliveryOf({ verification, secrets: [secret] }))).toBe(204);
  expect(await state()).toEqual({ state: 'approved', events: 1 });
});

test('events are taken during a rotation, whichever side has the new secret first', async () => {
  const [old, next] = [newSecret(), newSecret()];
  // The service signs with both. The consumer has the old one, both, or the new one.
  for (const secrets of [[old], [old, next], [next]])
    expect(await post(await start(...secrets), deliveryOf({ verification: 'x', secrets: [old, next] }))).toBe(204);
  // The consumer has both, and the service signs with one.
  const url = await start(old, next);
  for (const secret of [old, next])
    expect(await post(url, deliveryOf({ id: `evt_${secret.length}`, verification: 'x', secrets: [secret] }))).toBe(204);
  expect(await post(await start(next), deliveryOf({ verification: 'x', secrets: [old] }))).toBe(401);
});

test('a body that is too large is refused before it is read to its end', async () => {
  const url = await start(newSecret());
  const answer = await fetch(`${url}/events`, { method: 'POST', body: 'x'.repeat(70_000) }).catch(() => undefined);
  expect([413, undefined]).toContain(answer?.status);
});

/** The whole way: a request, the stream, the bus, the queue, a signed delivery to the consumer. */
const openDelivering = async (url: string, secret: string) => {
  const bundles = await mkdtemp(path.join(home, 'bundles-'));
  const webhook = { application, url: `${url}/events`, types: eventTypes, secret: secretArn };
  const policy = policyOf(parseSettings({ ...settings, ...roomySettings }));
  await bundle({
    out: bundles,
    policy: { ...policy, events: { types: eventTypes, webhooks: [webhook] } },
    webhooksTo: 'loopback',
  });
  const delivering = await startLocalStack({ bundles, quiet: true });
  delivering.faults.secrets?.put(secretArn, secret);
  return delivering;
};

const approvedAfter = (events: number) => ({ state: 'approved', events });

describe('a service that delivers', () => {
  const [secret, next] = [newSecret(), newSecret()];
  let delivering: LocalStack;
  let url: string;
  beforeAll(async () => {
    url = await start(secret, next);
    consumer = children.pop();
    delivering = await openDelivering(url, secret);
  });
  afterAll(async () => {
    consumer?.kill();
    await delivering?.stop();
  });

  /** Requests a code, and has the consumer remember the verification. */
  const begin = async () => {
    const app = clientOf(delivering);
    const { id, code } = await app.requested(freshNumber());
    const place = `${url}/logins/${id}`;
    await fetch(place, { method: 'PUT' }).catch(() => undefined);
    const approve = async () => expect((await app.check(id, { code })).status).toBe(200);
    return { place, approve, state: async () => await (await fetch(place)).json() };
  };

  test('each event reaches the row of its verification, once, although batches come twice', async () => {
    const logins = [await begin(), await begin(), await begin()];
    for (const { approve } of logins) await approve();
    await delivering.workedOff();
    // The request may have been delivered before the consumer knew of the verification.
    for (const { state } of logins) expect([approvedAfter(1), approvedAfter(2)]).toContainEqual(await state());
  });

  test('a new secret beside the old one, and then alone, loses no event', async () => {
    for (const secrets of [JSON.stringify([secret, next]), next]) {
      delivering.faults.secrets?.put(secretArn, secrets);
      // A container remembers a secret for minutes, and a clock ahead of the consumer's would be refused.
      await delivering.reset();
      const { approve, state } = await begin();
      await approve();
      await delivering.workedOff();
      expect(await state(), secrets).toMatchObject({ state: 'approved' });
    }
  });

  test('a consumer that was down for an hour gets each event when it is back', async () => {
    const { port } = new URL(url);
    consumer?.kill();
    await new Promise((resolve) => consumer?.once('exit', resolve));
    const { place, approve, state } = await begin();
    await approve();
    for (let minute = 0; minute < 60; minute += 10) {
      await delivering.workedOff();
      delivering.clock.advance(10 * 60_000);
    }
    expect(delivering.queues.waiting.bodies().length).toBeGreaterThan(0);
    // No wait is longer than an hour. The consumer is back before it is over: the queue looks at the clock by itself.
    aheadMs = delivering.clock.offsetMs() + 3_700_000;
    await startAt(port, secret, next);
    await fetch(place, { method: 'PUT' });
    delivering.clock.advance(3_700_000);
    await delivering.workedOff();
    expect(await state()).toMatchObject({ state: 'approved' });
    expect([delivering.queues.waiting.bodies(), delivering.queues.deadLetters.bodies()]).toEqual([[], []]);
  });
});

test('the example has at most 60 lines', async () => {
  const text = await readFile(path.join(example, 'server.mjs'), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(maxLines);
});
