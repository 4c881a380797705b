import * as enums from '@aws-sdk/client-pinpoint-sms-voice-v2';
import {
  SendNotifyTextMessageCommand,
  SendTextMessageCommand,
  type SendTextMessageCommandInput,
  SendVoiceMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultAccount } from '../../../../local/aws/sms-voice/account.ts';
import { type DeliveryEvent, type ReceiptScript, receiptScripts } from '../../../../local/aws/sms-voice/receipts.ts';
import { hourMs, other, phone, type Service, startService } from './client.ts';

let running: Service;
let events: DeliveryEvent[];
beforeEach(async () => {
  events = [];
  running = await startService({ onEvent: (event) => void events.push(event) });
  running.service.configure({ configurationSets: { receipts: {} } });
});
afterEach(() => running.stop());

const send = (change: Partial<SendTextMessageCommandInput> = {}) =>
  running.client.send(
    new SendTextMessageCommand({
      DestinationPhoneNumber: phone,
      MessageBody: 'hello',
      ConfigurationSetName: 'receipts',
      ...change,
    }),
  );
const types = () => events.map(({ eventBridge }) => eventBridge?.detail.eventType);
const finals = () => events.map(({ eventBridge }) => eventBridge?.detail['isFinal']);

describe('the order of events', () => {
  test('a message is pending, then with the carrier, then delivered, as the clock goes', async () => {
    const { script, deliverReceipts } = running.service;
    await send();
    expect(await deliverReceipts()).toBe(0);
    running.pass(1000);
    expect(await deliverReceipts()).toBe(2);
    expect(types()).toEqual(['TEXT_PENDING', 'TEXT_SUCCESSFUL']);
    running.pass(2000);
    expect(await deliverReceipts()).toBe(1);
    expect(types().at(-1)).toBe('TEXT_DELIVERED');
    expect(finals()).toEqual([false, true, true]);
    running.pass(100 * hourMs);
    expect(await deliverReceipts()).toBe(0);
    script('silent');
    await send();
    expect(await deliverReceipts(100 * hourMs)).toBe(0);
  });

  test.each<[ReceiptScript, readonly string[]]>([
    ['successful', ['PENDING', 'SUCCESSFUL']],
    ['unreachable', ['PENDING', 'UNREACHABLE']],
    ['carrier-unreachable', ['PENDING', 'CARRIER_UNREACHABLE']],
    ['carrier-blocked', ['PENDING', 'CARRIER_BLOCKED']],
    ['blocked', ['PENDING', 'BLOCKED']],
    ['spam', ['PENDING', 'SPAM']],
    ['invalid', ['PENDING', 'INVALID']],
    ['invalid-message', ['PENDING', 'INVALID_MESSAGE']],
    ['expired', ['PENDING', 'TTL_EXPIRED']],
    ['protect-blocked', ['PROTECT_BLOCKED']],
    ['doubled', ['PENDING', 'SUCCESSFUL', 'SUCCESSFUL', 'DELIVERED', 'DELIVERED']],
    ['out-of-order', ['DELIVERED', 'SUCCESSFUL', 'PENDING']],
  ])('a message that is %s has the events %j', async (script, statuses) => {
    running.service.script(script);
    await send();
    await running.service.deliverReceipts(10_000);
    expect(types()).toEqual(statuses.map((status) => `TEXT_${status}`));
  });

  test('a message that does not arrive is not in the inbox', async () => {
    for (const script of Object.keys(receiptScripts) as ReceiptScript[]) {
      running.service.clear();
      running.service.script(script);
      running.service.configure({ configurationSets: { receipts: {} } });
      await send();
      expect(running.service.messages(), script).toHaveLength(receiptScripts[script].arrives ? 1 : 0);
    }
  });

  test('AWS gives up waiting for a carrier after 72 hours', async () => {
    running.service.script('unknown');
    await send();
    running.pass(72 * hourMs - 1);
    await running.service.deliverReceipts();
    expect(types()).toEqual(['TEXT_PENDING']);
    running.pass(1);
    await running.service.deliverReceipts();
    expect(types()).toEqual(['TEXT_PENDING', 'TEXT_UNKNOWN']);
  });

  test('a late event tells when it happened, and a repeated one has the same id', async () => {
    running.service.script('late');
    const before = Date.UTC(2026, 0, 1);
    await send();
    running.pass(2 * hourMs);
    await running.service.deliverReceipts();
    expect(events.at(-1)?.eventBridge?.detail).toMatchObject({
      eventType: 'TEXT_DELIVERED',
      eventTimestamp: before + 3000,
    });
    events = [];
    running.service.script('doubled');
    await send();
    await running.service.deliverReceipts(10_000);
    const ids = events.map(({ eventBridge }) => eventBridge?.id);
    expect([ids.length, new Set(ids).size]).toEqual([5, 3]);
  });

  test('a final failure can be followed by a delivery', async () => {
    running.service.script('upgraded');
    await send();
    await running.service.deliverReceipts(hourMs);
    expect(types()).toEqual(['TEXT_PENDING', 'TEXT_UNREACHABLE', 'TEXT_DELIVERED']);
    expect(finals()).toEqual([false, true, true]);
  });

  test('a script holds for so many messages, of one number if given, and steps of a test’s own do too', async () => {
    const { script, deliverReceipts } = running.service;
    script(
      [
        { status: 'QUEUED', afterMs: 0 },
        { status: 'SPAM', afterMs: 5, times: 2 },
      ],
      { to: phone, times: 2 },
    );
    for (const DestinationPhoneNumber of [other, phone, phone, phone]) {
      events = [];
      await send({ DestinationPhoneNumber });
      await deliverReceipts(10_000);
    }
    expect(types()).toEqual(['TEXT_PENDING', 'TEXT_SUCCESSFUL', 'TEXT_DELIVERED']);
    expect(running.service.messages().map(({ to }) => to)).toEqual([phone, other]);
  });

  test('events of several messages come in the order of their arrival', async () => {
    const { MessageId: first } = await send();
    running.pass(200);
    const { MessageId: second } = await send({ DestinationPhoneNumber: other });
    await running.service.deliverReceipts(10_000);
    expect(
      events.map(({ eventBridge }) => [eventBridge?.detail.messageId, eventBridge?.detail['messageStatus']]),
    ).toEqual([
      [first, 'PENDING'],
      [second, 'PENDING'],
      [first, 'SUCCESSFUL'],
      [second, 'SUCCESSFUL'],
      [first, 'DELIVERED'],
      [second, 'DELIVERED'],
    ]);
  });

  test('a hook that fails keeps no other event from coming', async () => {
    let calls = 0;
    running.service.join(() => {
      calls += 1;
      throw new Error('No.');
    });
    await send();
    await expect(running.service.deliverReceipts(10_000)).rejects.toThrow('Not all delivery events were taken.');
    expect(calls).toBe(3);
  });

  test('events come right after a message if receipts are prompt, and a failing hook is only told of', async () => {
    const told: unknown[] = [];
    const prompt = await startService({
      areReceiptsPrompt: true,
      onTrouble: (error) => told.push(error),
      onEvent: () => {
        throw new Error('No.');
      },
    });
    const again = () =>
      prompt.client.send(new SendTextMessageCommand({ DestinationPhoneNumber: phone, MessageBody: 'hello' }));
    await again();
    await again();
    await expect.poll(() => told.length).toBe(2);
    await prompt.stop();
  });

  test('a service without a hook keeps no events', async () => {
    const deaf = await startService();
    await deaf.client.send(new SendTextMessageCommand({ DestinationPhoneNumber: phone, MessageBody: 'hello' }));
    deaf.service.join((event) => void events.push(event));
    expect(await deaf.service.deliverReceipts(10_000)).toBe(0);
    await deaf.stop();
  });
});

describe('the shapes of events', () => {
  test('EventBridge brings what AWS documents, without the number and the context', async () => {
    running.service.configure({
      priceUsd: () => 0.02,
      carrierFeeUsd: () => 0.001,
      protectConfigurations: { 'protect-1': { countries: { IN: 'MONITOR' } } },
      defaultProtectConfigurationId: 'protect-1',
    });
    const { MessageId } = await send({ MessageBody: 'ж'.repeat(71), Context: { send: '1' } });
    await running.service.deliverReceipts(10_000);
    expect(events.at(-1)?.eventBridge).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Text Message Delivery Status Updated',
      source: 'aws.sms-voice',
      account: '000000000000',
      time: '2026-01-01T00:00:03Z',
      region: 'us-east-1',
      resources: [],
      detail: {
        eventType: 'TEXT_DELIVERED',
        eventVersion: '1.0',
        eventTimestamp: Date.UTC(2026, 0, 1) + 3000,
        isFinal: true,
        originationPhoneNumber: '+12065550100',
        isoCountryCode: 'IN',
        isInternationalSend: false,
        messageId: MessageId,
        messageRequestTimestamp: Date.UTC(2026, 0, 1),
        messageEncoding: 'UNICODE',
        messageType: 'TRANSACTIONAL',
        messageStatus: 'DELIVERED',
        messageStatusDescription: 'Message has been accepted by phone',
        totalMessageParts: 2,
        totalMessagePrice: 0.04,
        totalCarrierFee: 0.002,
        protectConfiguration: { protectConfigurationId: 'protect-1', protectStatus: 'MONITOR' },
      },
    });
    expect(JSON.stringify(events.map(({ eventBridge }) => eventBridge))).not.toContain(phone);
  });

  test('a destination of the configuration set gets the number and the context as well', async () => {
    await send({ Context: { verification: 'abc', send: '1' } });
    await send({ ConfigurationSetName: undefined as unknown as string });
    await running.service.deliverReceipts(10_000);
    const [first] = events;
    expect(first?.configurationSet).toEqual({
      name: 'receipts',
      record: {
        ...first?.eventBridge?.detail,
        destinationPhoneNumber: phone,
        context: { verification: 'abc', send: '1' },
      },
    });
    expect(events.filter(({ configurationSet }) => configurationSet === undefined)).toHaveLength(3);
  });

  test('a call has events of a voice, which tell no price', async () => {
    await running.client.send(
      new SendVoiceMessageCommand({
        DestinationPhoneNumber: phone,
        OriginationIdentity: '+12065550100',
        MessageBody: 'Hello.',
      }),
    );
    await running.service.deliverReceipts(10_000);
    expect(types()).toEqual(['VOICE_INITIATED', 'VOICE_RINGING', 'VOICE_ANSWERED', 'VOICE_COMPLETED']);
    expect(finals()).toEqual([false, false, false, true]);
    expect(events[0]?.eventBridge?.['detail-type']).toBe('Voice Message Delivery Status Updated');
    expect(Object.keys(events[0]?.eventBridge?.detail ?? {})).not.toContain('totalMessagePrice');
  });

  test('Notify tells destinations of configuration sets, and EventBridge only if an account says so', async () => {
    const notify = () =>
      running.client.send(
        new SendNotifyTextMessageCommand({
          NotifyConfigurationId: defaultAccount.notifyConfigurations[0]?.id ?? '',
          DestinationPhoneNumber: phone,
          TemplateId: 'notify-code-verification-english-001',
          TemplateVariables: { code: '123456' },
          ConfigurationSetName: 'receipts',
        }),
      );
    await notify();
    await running.service.deliverReceipts(10_000);
    expect(
      events.map(({ eventBridge, configurationSet }) => [eventBridge, configurationSet?.record.eventType]),
    ).toEqual([
      [undefined, 'TEXT_PENDING'],
      [undefined, 'TEXT_SUCCESSFUL'],
      [undefined, 'TEXT_DELIVERED'],
    ]);
    running.service.configure({ isNotifyOnEventBridge: true });
    await notify();
    await running.service.deliverReceipts(10_000);
    expect(events.at(-1)?.eventBridge).toBeDefined();
    expect(JSON.stringify(events)).not.toContain('123456');
  });

  test('a message of Notify that Protect stops has the event that says so', async () => {
    running.service.configure({
      protectConfigurations: { 'protect-1': { countries: { IN: 'BLOCK' } } },
      defaultProtectConfigurationId: 'protect-1',
      isNotifyOnEventBridge: true,
    });
    await running.client.send(
      new SendNotifyTextMessageCommand({
        NotifyConfigurationId: defaultAccount.notifyConfigurations[0]?.id ?? '',
        DestinationPhoneNumber: phone,
        TemplateId: 'notify-code-verification-english-001',
        TemplateVariables: { code: '123456' },
      }),
    );
    await running.service.deliverReceipts(10_000);
    expect(types()).toEqual(['TEXT_PROTECT_BLOCKED']);
  });

  test('all types of events are those of the API’s model', () => {
    const known: readonly string[] = Object.values(enums.EventType);
    const all = Object.values(receiptScripts).flatMap(({ sms, voice }) => [
      ...sms.map(({ status }) => `TEXT_${status}`),
      ...voice.map(({ status }) => `VOICE_${status}`),
    ]);
    expect(all.filter((type) => !known.includes(type))).toEqual([]);
    const told = new Set(all);
    const untold = known.filter((type) => /^(?:TEXT|VOICE)_(?!ALL)/.test(type) && !told.has(type));
    expect(untold).toEqual(['TEXT_QUEUED', 'TEXT_SENT']);
  });
});
