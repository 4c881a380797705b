import { PinpointSMSVoiceV2Client, SendTextMessageCommand } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accountOwning } from '../../local/aws/sms-voice/owned.ts';
import type { DeliveryEvent } from '../../local/aws/sms-voice/receipts.ts';
import { mergeInboxes } from '../../local/inbox.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { until, writeBundles } from './fixtures.ts';

const phone = '+919876543210';
const setup = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' }, maxAttempts: 1 };

describe('a local stack with End User Messaging', () => {
  let bundles: Awaited<ReturnType<typeof writeBundles>>;
  let stack: LocalStack;
  let client: PinpointSMSVoiceV2Client;
  let sns: SNSClient;
  beforeAll(async () => {
    bundles = await writeBundles();
    stack = await startLocalStack({ bundles: bundles.folder, quiet: true });
    client = new PinpointSMSVoiceV2Client({ ...setup, endpoint: stack.endpoints.smsVoice });
    sns = new SNSClient({ ...setup, endpoint: stack.endpoints.sns });
  });
  afterEach(() => stack.reset());
  afterAll(async () => {
    client.destroy();
    sns.destroy();
    await stack.stop();
    await bundles.remove();
  });

  const text = (MessageBody: string) =>
    client.send(new SendTextMessageCommand({ DestinationPhoneNumber: phone, MessageBody }));
  const control = (path: string, body: unknown) =>
    fetch(`${stack.origin}/_local/messaging/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });

  test('messages of both services are in one inbox, newest first', async () => {
    await sns.send(new PublishCommand({ PhoneNumber: phone, Message: 'first' }));
    stack.clock.advance(1000);
    await text('second');
    stack.clock.advance(1000);
    await sns.send(new PublishCommand({ PhoneNumber: phone, Message: 'third' }));
    expect(stack.messages(phone).map((message) => message.text)).toEqual(['third', 'second', 'first']);
    const response = await fetch(`${stack.origin}/_local/messages?limit=2`);
    expect(await response.json()).toMatchObject([
      { text: 'third' },
      { text: 'second', attributes: { sender: 'end-user-messaging' } },
    ]);
  });

  test('a reset empties the inbox of both, and ends faults and opt-outs', async () => {
    await text('hello');
    await control('opt-outs', { to: phone });
    await control('faults', { mode: 'throttle', times: 9 });
    await stack.reset();
    expect(stack.messages()).toEqual([]);
    await expect(text('hello')).resolves.toBeDefined();
  });

  test('a function gets its address by the variable of the SDK', async () => {
    const { kind, ...rest } = await stack.invoke('jwks', {});
    expect({ kind, ...rest }).toMatchObject({
      kind: 'answered',
      payload: {
        body: expect.stringContaining(`"AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2":"${stack.endpoints.smsVoice}"`),
      },
    });
  });

  test('quotas of requests per second do not hold in local mode', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, at) => text(`${at}`)));
    expect(stack.messages()).toHaveLength(20);
  });

  test('faults are armed by a control, and ended by mode none of either control', async () => {
    expect((await control('faults', { mode: 'DESTINATION_PHONE_NUMBER_OPTED_OUT', to: phone })).status).toBe(204);
    await expect(text('hello')).rejects.toMatchObject({ Reason: 'DESTINATION_PHONE_NUMBER_OPTED_OUT' });
    for (const end of [
      () => control('faults', { mode: 'none' }),
      () =>
        fetch(`${stack.origin}/_local/faults`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"mode":"none"}',
        }),
    ]) {
      await control('faults', { mode: 'throttle', times: 9 });
      expect((await end()).status).toBe(204);
      await expect(text('hello')).resolves.toBeDefined();
    }
  });

  test('a control can opt a holder out', async () => {
    expect((await control('opt-outs', { to: phone })).status).toBe(204);
    await expect(text('hello')).rejects.toMatchObject({ Reason: 'DESTINATION_PHONE_NUMBER_OPTED_OUT' });
  });

  test('receipts come by themselves, as a control scripts them, and late ones on request', async () => {
    const events: DeliveryEvent[] = [];
    stack.faults.smsVoice?.join((event) => void events.push(event));
    const types = () => events.map(({ eventBridge }) => eventBridge?.detail.eventType);
    await text('hello');
    await until(() => events.length === 3, 'the receipts came');
    events.length = 0;
    expect(await (await control('receipts', { script: 'late', to: phone })).json()).toEqual({ delivered: 0 });
    await text('hello');
    await until(() => events.length === 1, 'the first receipt came');
    stack.clock.advance(2 * 3600 * 1000 + 1000);
    expect(await (await control('receipts', {})).json()).toEqual({ delivered: 1 });
    expect(types()).toEqual(['TEXT_PENDING', 'TEXT_DELIVERED']);
  });

  test.each([
    ['faults', { mode: 'unknown' }],
    ['faults', { mode: 'throttle', times: 0 }],
    ['faults', { mode: 'throttle', to: 1 }],
    ['opt-outs', {}],
    ['receipts', { script: 'nonsense' }],
    ['receipts', { script: 'late', times: 0.5 }],
    ['receipts', { script: 'late', to: 1 }],
  ])('the control %s refuses %j', async (path, body) => {
    expect((await control(path, body)).status).toBe(400);
  });
});

test('a local stack with an endpoint of its own starts no stand-in, and its controls do nothing', async () => {
  const bundles = await writeBundles();
  const stack = await startLocalStack({
    bundles: bundles.folder,
    quiet: true,
    endpoints: { smsVoice: 'http://127.0.0.1:9' },
  });
  expect(stack.endpoints.smsVoice).toBe('http://127.0.0.1:9');
  expect(stack.faults.smsVoice).toBeUndefined();
  expect(stack.messages()).toEqual([]);
  await stack.stop();
  await bundles.remove();
});

describe('the account of local mode', () => {
  test('it owns what the settings name, at the prices that they estimate', () => {
    const { priceUsd, ...account } = accountOwning({
      countries: { GB: { priceUsd: 0.04, senderId: 'Acme' }, US: { priceUsd: 0.01 } },
      smsRoutes: [
        { originationIdentity: 'pool-1', configurationSet: 'receipts', protectConfiguration: 'protect-1' },
        { originationIdentity: 'arn:aws:sms-voice:us-east-1:000000000000:phone-number/phone-9' },
        { originationIdentity: '+12065550199' },
        { configuration: 'notify-1', tier: 'advanced', templates: { de: 'template-de' } },
        {},
      ],
      voice: { countries: { US: { priceUsd: 0.03 } }, routes: [{ originationIdentity: 'phone-8' }, 'notify-1'] },
    });
    expect(account).toMatchObject({
      configurationSets: { receipts: {} },
      protectConfigurations: { 'protect-1': {} },
      hasRates: false,
    });
    expect(account.identities?.slice(0, 5)).toEqual([
      { kind: 'pool', id: 'pool-1' },
      { kind: 'phone-number', id: 'phone-9' },
      { kind: 'phone-number', id: 'phone-12065550199', phoneNumber: '+12065550199' },
      { kind: 'phone-number', id: 'phone-8' },
      { kind: 'sender-id', id: 'Acme', countries: ['GB'] },
    ]);
    expect(account.notifyConfigurations?.[0]).toMatchObject({ id: 'notify-1', tier: 'ADVANCED', status: 'ACTIVE' });
    expect(account.templates?.[0]).toMatchObject({ id: 'template-de', language: 'de' });
    expect([priceUsd?.('GB', 'sms'), priceUsd?.('US', 'voice'), priceUsd?.('GB', 'voice')]).toEqual([0.04, 0.03, 0]);
  });
});

test('inboxes of one moment keep their order', () => {
  const message = (text: string, at: string) => ({ to: phone, text, at, messageId: text, attributes: {} });
  const merged = mergeInboxes(
    [message('d', '2026-01-02'), message('b', '2026-01-01'), message('a', '2026-01-01')],
    [message('e', '2026-01-03'), message('c', '2026-01-01')],
  );
  expect(merged.map(({ text }) => text)).toEqual(['e', 'd', 'b', 'a', 'c']);
});
