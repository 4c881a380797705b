import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import settings from '../../../bin/settings.ts';
import { bundle } from '../../../bundle/bundle.ts';
import type { ReceiptSource } from '../../../lambdas/policy.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import type { ReceiptScript } from '../../../local/aws/sms-voice/receipts.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { deskWith } from '../../fakes/desk/desk.ts';
import { roomySettings } from '../../fakes/settings.ts';
import { until } from '../../local/fixtures.ts';
import { type Client, clientOf, freshNumber, operatorOf } from '../client.ts';

type Receipts = { readonly sources: ReceiptSource[]; readonly noteMessageIds?: boolean; readonly feedback?: boolean };

const texts = { sender: 'end-user-messaging', originationIdentity: '+12065550100' } as const;

/** A stack whose messages have receipts: first by End User Messaging, and by SNS after that. */
const openWith = async (receipts: Receipts) => {
  const bundles = await mkdtemp(join(tmpdir(), 'otp-receipts-'));
  const policy = policyOf(parseSettings({ ...settings, ...roomySettings, smsRoutes: [texts, {}], receipts }));
  await bundle({ out: bundles, policy });
  const stack = await startLocalStack({ bundles, quiet: true, stage: 'otp' });
  const close = async () => {
    await stack.stop();
    await rm(bundles, { recursive: true });
  };
  return { stack, app: clientOf(stack), close };
};

const smsVoice = ({ faults }: LocalStack) => {
  if (faults.smsVoice === undefined) throw new Error('The stack has no stand-in of End User Messaging.');
  return faults.smsVoice;
};

/** Asks for a code whose message has this fate, and waits until the state of the verification says so. */
const sentWith = async (stack: LocalStack, app: Client, script: ReceiptScript) => {
  const number = freshNumber();
  smsVoice(stack).script(script, { to: number });
  const { id } = await app.requested(number);
  return { id, number };
};
const isShown = (app: Client, id: string, delivery: string) =>
  until(async () => (await app.find(id)).body['delivery'] === delivery, `the message is ${delivery}`);

describe.each([
  ['a configuration set', { sources: ['configuration-set'] }],
  ['the bus of events', { sources: ['event-bus'], noteMessageIds: true }],
] satisfies [string, Receipts][])('receipts by %s', (_, receipts) => {
  let [stack, app, close]: [LocalStack, Client, () => Promise<void>] = [undefined, undefined, undefined] as never;
  beforeAll(async () => {
    ({ stack, app, close } = await openWith(receipts));
  });
  afterAll(() => close());

  test('a message that arrived is shown as delivered, and its code is good', async () => {
    const { id, number } = await sentWith(stack, app, 'delivered');
    await isShown(app, id, 'delivered');
    expect((await app.find(id)).body).not.toHaveProperty('deliveryReason');
    expect((await app.check(id, { code: app.lastCode(number) })).body).toMatchObject({ status: 'approved' });
  });

  test.each([
    ['unreachable', 'unreachable'],
    ['carrier-unreachable', 'unreachable'],
    ['carrier-blocked', 'blocked-by-carrier'],
    ['spam', 'blocked-by-carrier'],
    ['invalid-message', 'blocked-by-carrier'],
    ['invalid', 'invalid-number'],
    ['blocked', 'opted-out'],
    ['expired', 'expired'],
    ['protect-blocked', 'blocked-by-protect'],
  ] as const)('a message that ends as %s is shown as failed, because of %s', async (script, reason) => {
    const number = freshNumber();
    smsVoice(stack).script(script, { to: number });
    const { body } = await app.request({ phoneNumber: number, purpose: 'login' });
    const id = String(body['id']);
    await isShown(app, id, 'failed');
    expect((await app.find(id)).body).toMatchObject({ status: 'pending', deliveryReason: reason });
  });

  test.each(['doubled', 'out-of-order'] as const)(
    'a message whose receipts come %s is shown as delivered',
    async (script) => {
      const { id } = await sentWith(stack, app, script);
      await isShown(app, id, 'delivered');
    },
  );

  test('a message of which nobody tells more stays accepted', async () => {
    const { id } = await sentWith(stack, app, 'successful');
    await smsVoice(stack).deliverReceipts();
    expect((await app.find(id)).body).toMatchObject({ delivery: 'accepted' });
  });

  test('a resend takes the other route after a receipt that the first failed, and has no receipt yet', async () => {
    const number = freshNumber();
    smsVoice(stack).script('unreachable', { to: number });
    const { body } = await app.request({ phoneNumber: number, purpose: 'login' });
    const id = String(body['id']);
    await isShown(app, id, 'failed');
    stack.clock.advance(31_000);
    expect((await app.resend(id)).status).toBe(200);
    expect(stack.messages(number)[0]?.attributes).not.toHaveProperty('sender');
    expect((await app.find(id)).body).toMatchObject({ delivery: 'accepted' });
  });

  test('the report of prices counts a message once, whatever its receipts do, and names the setting that is wrong', async () => {
    const desk = operatorOf(stack);
    const rowOf = async () => {
      const { prices } = (await desk.get('/v1/prices')).body as {
        prices: readonly Readonly<Record<string, unknown>>[];
      };
      return prices.find(({ country }) => country === 'IN') ?? {};
    };
    await smsVoice(stack).deliverReceipts();
    const before = Number((await rowOf())['messages'] ?? 0);
    for (const script of ['delivered', 'doubled', 'out-of-order', 'late', 'unreachable'] as const)
      await sentWith(stack, app, script);
    await smsVoice(stack).deliverReceipts();
    // That of the late one has its price from an event that came in time.
    await until(async () => Number((await rowOf())['messages']) === before + 5, 'five messages more have a price');
    await smsVoice(stack).deliverReceipts();
    const row = await rowOf();
    expect(row).toMatchObject({ route: 'end-user-messaging', channel: 'sms', messages: before + 5 });
    expect(row['parts']).toEqual({ estimated: before + 5, real: before + 5, driftPercent: 0 });
    const { hasReceipts } = (await desk.get('/v1/prices')).body;
    expect(hasReceipts).toBe(true);
    const { exit, out } = await deskWith(['prices', '--local', new URL(stack.url).origin]);
    expect(out).toContain(`${before + 5} : ${before + 5}`);
    const { state, changes } = (await desk.get('/v1/prices')).body as {
      state: string;
      changes: readonly { setting: string }[];
    };
    expect([exit, out.includes('countries.IN.priceUsd')]).toEqual(state === 'drift' ? [3, true] : [0, false]);
    expect(changes.map(({ setting }) => setting)).toEqual(state === 'drift' ? ['countries.IN.priceUsd'] : []);
  });

  test('no receipt leaves a number in a log', async () => {
    const { id, number } = await sentWith(stack, app, 'delivered');
    await isShown(app, id, 'delivered');
    const lines = stack.logs().map(({ line }) => line);
    expect(lines.some((line) => line.includes('SmsDelivered'))).toBe(true);
    expect(lines.filter((line) => line.includes(number.slice(-10)))).toEqual([]);
  });
});

describe('receipts with feedback', () => {
  let [stack, app, close]: [LocalStack, Client, () => Promise<void>] = [undefined, undefined, undefined] as never;
  beforeAll(async () => {
    ({ stack, app, close } = await openWith({ sources: ['configuration-set'], feedback: true }));
  });
  afterAll(() => close());

  test('AWS is told of a message whose code was used, and of no other', async () => {
    const used = await sentWith(stack, app, 'delivered');
    const unused = await sentWith(stack, app, 'delivered');
    await isShown(app, used.id, 'delivered');
    await isShown(app, unused.id, 'delivered');
    await app.check(used.id, { code: app.lastCode(used.number) });
    expect(
      smsVoice(stack)
        .feedback()
        .map(({ status }) => status),
    ).toEqual(['RECEIVED', 'NONE']);
  });

  test('an approval is answered though feedback fails', async () => {
    const { id, number } = await sentWith(stack, app, 'delivered');
    await isShown(app, id, 'delivered');
    smsVoice(stack).fail('internal-error', { operation: 'PutMessageFeedback' });
    expect((await app.check(id, { code: app.lastCode(number) })).body).toMatchObject({ status: 'approved' });
    expect(stack.logs().some(({ line }) => line.includes('message-feedback'))).toBe(true);
  });
});
