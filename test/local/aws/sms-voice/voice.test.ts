import { SendVoiceMessageCommand, type SendVoiceMessageCommandInput } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { describe, expect, test } from 'vitest';
import {
  type Change,
  conflict,
  dayMs,
  eachService,
  hourMs,
  invalid,
  missing,
  other,
  overQuota,
  phone,
  refused,
} from './client.ts';

const running = eachService();

const caller = '+12065550100';
const call = (change: Change<SendVoiceMessageCommandInput> = {}) =>
  running.client.send(
    // A test may take a required field away, which the type does not allow.
    new SendVoiceMessageCommand({
      DestinationPhoneNumber: phone,
      OriginationIdentity: caller,
      MessageBody: 'Your code is 1. 2. 3.',
      ...change,
    } as SendVoiceMessageCommandInput),
  );
const inbox = () => running.service.messages();

describe('calls', () => {
  test('a call is in the inbox as a voice, with what it says', async () => {
    const { MessageId } = await call({ VoiceId: 'JOANNA', Context: { verification: 'abc' } });
    expect(inbox()).toEqual([
      {
        to: phone,
        text: 'Your code is 1. 2. 3.',
        at: '2026-01-01T00:00:00.000Z',
        messageId: MessageId,
        attributes: {
          sender: 'end-user-messaging',
          origination: caller,
          OriginationIdentity: caller,
          VoiceId: 'JOANNA',
          'Context.verification': 'abc',
        },
        channel: 'voice',
      },
    ]);
  });

  test('SSML is heard without its tags', async () => {
    const MessageBody =
      '<speak>Your code is <say-as interpret-as="digits">123</say-as><break time="1s"/>Goodbye.</speak>';
    await call({ MessageBody, MessageBodyTextType: 'SSML' });
    expect(inbox()[0]?.text).toBe('Your code is 123 Goodbye.');
  });

  test.each<[string, Change<SendVoiceMessageCommandInput>]>([
    ['3000 characters', { MessageBody: 'a'.repeat(3000) }],
    ['6000 characters of SSML', { MessageBody: `<speak>${'a'.repeat(5985)}</speak>`, MessageBodyTextType: 'SSML' }],
  ])('a call with %s is accepted', async (_, change) => {
    await expect(call(change)).resolves.toBeDefined();
  });

  test.each<[string, Change<SendVoiceMessageCommandInput>]>([
    ['3001 characters', { MessageBody: 'a'.repeat(3001) }],
    ['6001 characters of SSML', { MessageBody: `<speak>${'a'.repeat(5986)}</speak>`, MessageBodyTextType: 'SSML' }],
    ['SSML without its root', { MessageBody: 'hello', MessageBodyTextType: 'SSML' }],
    ['SSML with an & that is no entity', { MessageBody: '<speak>Tea & Co</speak>', MessageBodyTextType: 'SSML' }],
    ['an unknown voice', { VoiceId: 'HAL' as 'AMY' }],
    ['a voice in small letters', { VoiceId: 'joanna' as 'AMY' }],
    ['a price without a point', { MaxPricePerMinute: '1' }],
  ])('a call with %s is refused', async (_, change) => {
    await expect(call(change)).rejects.toEqual(invalid('INVALID_PARAMETER'));
    expect(inbox()).toEqual([]);
  });

  test('a call has to name its identity, which AWS chooses for a text', async () => {
    await expect(call({ OriginationIdentity: undefined })).rejects.toEqual(invalid('MISSING_PARAMETER'));
  });

  test('a call needs a number or a pool with a voice', async () => {
    running.service.configure({
      identities: [
        { kind: 'sender-id', id: 'Acme' },
        { kind: 'phone-number', id: 'phone-1', channels: ['sms'] },
        { kind: 'pool', id: 'pool-1' },
      ],
    });
    for (const OriginationIdentity of ['Acme', 'phone-1'])
      await expect(call({ OriginationIdentity })).rejects.toEqual(conflict('NUMBER_CAPABILITIES_MISMATCH'));
    await expect(call({ OriginationIdentity: 'pool-1' })).resolves.toBeDefined();
    await expect(call({ OriginationIdentity: 'phone-2' })).rejects.toEqual(missing('PHONE_NUMBER'));
  });

  test('the rules of texts hold: sandbox, opt-out, Protect, price, spend limit', async () => {
    const { configure, optOut } = running.service;
    configure({ isInSandbox: true });
    await expect(call()).rejects.toEqual(conflict('DESTINATION_PHONE_NUMBER_NOT_VERIFIED'));
    configure({ isInSandbox: false, priceUsd: (_, channel) => (channel === 'voice' ? 0.03 : 9) });
    await expect(call({ MaxPricePerMinute: '0.02' })).rejects.toEqual(invalid('PRICE_OVER_THRESHOLD'));
    configure({ spendLimitsUsd: { text: 9, voice: 0.05, notify: 9 } });
    await call({ MaxPricePerMinute: '0.03' });
    await expect(call()).rejects.toEqual(overQuota('MONTHLY_SPEND_LIMIT_REACHED_FOR_VOICE'));
    configure({ protectConfigurations: { a: { countries: { IN: 'BLOCK' } } }, defaultProtectConfigurationId: 'a' });
    await expect(call()).rejects.toEqual(conflict('DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION'));
    optOut(other);
    await expect(call({ DestinationPhoneNumber: other })).rejects.toEqual(
      conflict('DESTINATION_PHONE_NUMBER_OPTED_OUT'),
    );
  });

  test('a number gets five calls in any 24 hours, and another number its own five', async () => {
    for (let time = 0; time < 5; time += 1) {
      await call();
      running.pass(hourMs);
    }
    await expect(call()).rejects.toEqual(overQuota('DAILY_DESTINATION_CALL_LIMIT'));
    await expect(call({ DestinationPhoneNumber: other })).resolves.toBeDefined();
    running.pass(dayMs - 5 * hourMs - 1);
    await expect(call()).rejects.toEqual(overQuota('DAILY_DESTINATION_CALL_LIMIT'));
    running.pass(1);
    await expect(call()).resolves.toBeDefined();
    await expect(call()).rejects.toEqual(overQuota('DAILY_DESTINATION_CALL_LIMIT'));
  });

  test('a rehearsal of a call counts as no call', async () => {
    for (let time = 0; time < 9; time += 1) await call({ DryRun: true });
    await expect(call()).resolves.toBeDefined();
    expect(inbox()).toHaveLength(1);
  });

  test('a second lets one call through, beside one text', async () => {
    running.service.configure({ hasRates: true });
    await call();
    await expect(call({ DestinationPhoneNumber: other })).rejects.toEqual(refused('ThrottlingException'));
  });
});
