import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import settings from '../../../bin/settings.ts';
import { bundle } from '../../../bundle/bundle.ts';
import { itemKinds, verificationEvents } from '../../../lambdas/contract.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { faultsOf } from '../../fakes/openapi.ts';
import { roomySettings } from '../../fakes/settings.ts';
import { wrongCode } from '../../fakes/world.ts';
import { type Client, clientOf, freshNumber } from '../client.ts';

/** The events of a running service: its API, the stream, both of its readers, and the bus. */

const application = 'default';
const [texts, testNumber] = [
  { sender: 'end-user-messaging', originationIdentity: '+12065550100' } as const,
  { number: '+12025550123', code: '271828', uses: 9 },
];
const inAYear = () => new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10);

let bundles: string;
let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  bundles = await mkdtemp(join(tmpdir(), 'otp-events-'));
  const policy = policyOf(
    parseSettings({
      ...settings,
      ...roomySettings,
      smsRoutes: [texts, {}],
      receipts: { sources: ['configuration-set'] },
      events: {},
      testNumbers: [{ ...testNumber, expires: inAYear() }],
    }),
  );
  await bundle({ out: bundles, policy });
  // Each batch once, so that an event that comes twice is one that was made twice.
  stack = await startLocalStack({ bundles, quiet: true, stage: 'otp', repeatBatches: false });
  app = clientOf(stack);
});
afterAll(async () => {
  await stack?.stop();
  await rm(bundles, { recursive: true, force: true });
});

const smsVoice = () => {
  const { smsVoice: network } = stack.faults;
  if (network === undefined) throw new Error('The stack has no stand-in of End User Messaging.');
  return network;
};

/** Of verifications alone, newest first. */
const ofVerifications = () => stack.events().filter(({ source }) => source === verificationEvents.source);
/** Receipts first: what they write is on the stream as well. */
const settled = async () => {
  await smsVoice().deliverReceipts();
  await stack.workedOff();
};
let before = 0;
beforeEach(async () => {
  smsVoice().clearFaults();
  stack.faults.sns?.clearFaults();
  await settled();
  before = ofVerifications().length;
});
/** The events of the test, when nothing of it waits any more. */
const details = async () => {
  await settled();
  const all = ofVerifications();
  return all
    .slice(0, all.length - before)
    .map(({ detail }) => detail as { type: string; data: Readonly<Record<string, unknown>> });
};
/** Types with the states and the reasons that they give, in an order of their own. */
const told = async () =>
  (await details())
    .map(({ type, data }) => [type, data['status'], data['reason']].filter((each) => each !== undefined).join(' '))
    .toSorted();

describe('each event is on the bus once', () => {
  test('a verification is requested and approved, and a wrong code before is no event', async () => {
    const number = freshNumber();
    smsVoice().script('successful', { to: number });
    const { id, code } = await app.requested(number);
    await app.check(id, { code: wrongCode(code) });
    expect((await app.check(id, { code })).body['status']).toBe('approved');
    expect(await told()).toEqual(['verification.approved approved', 'verification.requested pending']);
    const verification = recordKey(application, id);
    for (const { data } of await details())
      expect(data).toMatchObject({ application, verification, purpose: 'login', country: 'IN', channel: 'sms' });
  });

  test('the last wrong code fails the verification', async () => {
    const number = freshNumber();
    smsVoice().script('successful', { to: number });
    const { id, code } = await app.requested(number);
    for (const nth of [1, 2, 3, 4, 5, 6]) await app.check(id, { code: wrongCode(code, nth) });
    expect(await told()).toEqual(['verification.failed failed attempts-exhausted', 'verification.requested pending']);
  });

  test('a message that arrived is an event, however often its receipt comes', async () => {
    const number = freshNumber();
    smsVoice().script('doubled', { to: number });
    const { id } = await app.requested(number);
    await expect.poll(async () => (await app.find(id)).body['delivery']).toBe('delivered');
    expect(await told()).toEqual(['verification.delivered pending', 'verification.requested pending']);
  });

  test('a message that did not arrive leaves the verification pending, and says why', async () => {
    const number = freshNumber();
    smsVoice().script('unreachable', { to: number });
    const { body } = await app.request({ phoneNumber: number, purpose: 'login' });
    await expect.poll(async () => (await app.find(String(body['id']))).body['delivery']).toBe('failed');
    expect(await told()).toEqual(['verification.failed pending not-delivered', 'verification.requested pending']);
    const failed = (await details()).find(({ type }) => type === 'verification.failed');
    expect(failed?.data['deliveryReason']).toBe('unreachable');
  });

  test('a message that no route takes fails the verification', async () => {
    const number = freshNumber();
    smsVoice().fail('throttle', { times: 20, to: number });
    stack.faults.sns?.fail('throttle', { times: 20, to: number });
    expect((await app.request({ phoneNumber: number, purpose: 'login' })).status).toBeGreaterThanOrEqual(500);
    expect(await told()).toEqual(['verification.failed failed send-failed', 'verification.requested pending']);
  });

  test('a request that a shared limit refuses after its record is written has failed, and is refused', async () => {
    const capped = clientOf({ ...stack, apiKey: stack.apiKeys['capped'] ?? '' });
    const asked = Array.from({ length: 40 }, () => capped.request({ phoneNumber: freshNumber(), purpose: 'login' }));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    const count = (status: number) => statuses.filter((each) => each === status).length;
    expect(count(201) + count(429)).toBe(40);
    expect(count(429)).toBeGreaterThan(0);
    const all = await details();
    const byType = (type: string) => all.filter((each) => each.type === `verification.${type}`).map(({ data }) => data);
    expect(byType('refused')).toHaveLength(count(429));
    // Refusals that came beside a commit leave a record, and its end says so.
    expect(byType('requested').length - byType('failed').length).toBe(count(201));
    expect(byType('failed').every(({ reason }) => reason === 'send-failed')).toBe(true);
  });

  test('a second request within the cooldown is refused, of no verification, with the code of the API', async () => {
    const number = freshNumber();
    smsVoice().script('successful', { to: number });
    await app.requested(number);
    const { status, body } = await app.request({ phoneNumber: number, purpose: 'login' });
    expect(status).toBe(429);
    expect(await told()).toEqual([`verification.refused refused ${body['code']}`, 'verification.requested pending']);
    const refused = (await details()).find(({ type }) => type === 'verification.refused');
    expect(refused?.data).not.toHaveProperty('verification');
  });

  test('a resend and a cancellation are no events', async () => {
    const number = freshNumber();
    smsVoice().script('successful', { to: number });
    const { id } = await app.requested(number);
    stack.clock.advance(31_000);
    smsVoice().script('successful', { to: number });
    expect((await app.resend(id)).status).toBe(200);
    await app.cancel(id);
    expect(await told()).toEqual(['verification.requested pending']);
  });

  test('events of a test number say that they are of one', async () => {
    const { id } = await app.requested(testNumber.number);
    expect((await app.check(id, { code: testNumber.code })).body['status']).toBe('approved');
    expect(await told()).toEqual(['verification.approved approved', 'verification.requested pending']);
    for (const { data } of await details()) expect(data['test']).toBe(true);
  });
});

describe('all events together', () => {
  test('each has the envelope that docs/openapi.json gives its type, and the bus names it by that type', async () => {
    await settled();
    const types = new Set<string>();
    for (const { detailType, detail, at } of ofVerifications()) {
      types.add(detailType);
      expect(detail['type']).toBe(detailType);
      expect(Math.abs(Date.parse(String(detail['timestamp'])) - Date.parse(at))).toBeLessThan(1000);
      const place = ['webhooks', detailType, 'post', 'requestBody', 'content', 'application/json', 'schema'];
      expect(faultsOf(detail, place), JSON.stringify(detail)).toEqual([]);
    }
    expect([...types].toSorted()).toEqual([
      'verification.approved',
      'verification.delivered',
      'verification.failed',
      'verification.refused',
      'verification.requested',
    ]);
    const ids = ofVerifications().map(({ detail }) => detail['id']);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('none has a code, a number, or a hash of a number or an IP', async () => {
    const text = JSON.stringify(ofVerifications());
    const scan = async (TableName: string) =>
      (await stack.callDynamo('DynamoDB_20120810.Scan', { TableName, ConsistentRead: true }))[
        'Items'
      ] as readonly Record<string, { readonly S?: string }>[];
    const items = await scan(stack.tables.verifications);
    const hidden = ['phoneKey', 'ip', 'network', 'range', 'prefix', 'sendId', 'code', 'sealed', 'messageId', 'endUser'];
    const secrets = new Set(items.flatMap((item) => hidden.flatMap((name) => item[name]?.S ?? [])));
    expect(secrets.size).toBeGreaterThan(20);
    const messages = stack.messages();
    expect(messages.length).toBeGreaterThan(5);
    const spoken = messages.flatMap(({ to, text: said }) => [to, to.slice(-7), ...(/\b\d{6}\b/.exec(said) ?? [])]);
    for (const each of [...secrets, ...spoken, testNumber.code, testNumber.number.slice(1)])
      expect(text.includes(each), each).toBe(false);
  });

  test('no log of the function has a number, and no record became no event', async () => {
    const lines = stack.logs().filter(({ function: name }) => name === 'publish-events');
    expect(lines.length).toBeGreaterThan(0);
    for (const { to } of stack.messages()) expect(JSON.stringify(lines)).not.toContain(to.slice(-10));
    expect(lines.filter(({ line }) => /"level":\s*"(?:ERROR|CRITICAL)"/.test(line))).toEqual([]);
    expect([...(stack.eventLetters?.objects.keys() ?? [])]).toEqual([]);
  });

  test('the detector counts the same requests beside it', async () => {
    const TableName = stack.tables.traffic;
    const asked = async () => {
      const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName, ConsistentRead: true });
      const { sk: bucket } = itemKinds.traffic.bucket;
      return (Items as readonly Record<string, { readonly S?: string }>[]).filter(
        ({ pk, sk }) => pk?.S === 'country#GB' && sk?.S?.startsWith(bucket),
      ).length;
    };
    expect(await asked()).toBe(0);
    await app.requested('+447400123456');
    await settled();
    expect(await asked()).toBeGreaterThan(0);
  });
});
