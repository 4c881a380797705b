import {
  SendNotifyTextMessageCommand,
  type SendNotifyTextMessageCommandInput,
  SendNotifyVoiceMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { describe, expect, test } from 'vitest';
import { defaultAccount, type NotifyConfiguration } from '../../../../local/aws/sms-voice/account.ts';
import type { NotifyTemplate } from '../../../../local/aws/sms-voice/notify/templates.ts';
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
  post,
  refused,
} from './client.ts';

const running = eachService();

const [configuration = expect.fail('There is no configuration.')] = defaultAccount.notifyConfigurations;
const [english = expect.fail('There is no template.')] = defaultAccount.templates;
const inputOf = (change: Change<SendNotifyTextMessageCommandInput>) =>
  // A test may take a required field away, which the type does not allow.
  ({
    NotifyConfigurationId: configuration.id,
    DestinationPhoneNumber: phone,
    TemplateId: english.id,
    TemplateVariables: { code: '123456' },
    ...change,
  }) as SendNotifyTextMessageCommandInput;
const send = (change: Change<SendNotifyTextMessageCommandInput> = {}) =>
  running.client.send(new SendNotifyTextMessageCommand(inputOf(change)));
const inbox = () => running.service.messages();
/** A mobile number of India for each n. */
const phoneOf = (n: number) => `+9198${String(n).padStart(8, '0')}`;

const configured = (...changes: readonly Partial<NotifyConfiguration>[]) =>
  running.service.configure({ notifyConfigurations: changes.map((change) => ({ ...configuration, ...change })) });
const templated = (change: Partial<NotifyTemplate>) =>
  running.service.configure({ templates: [{ ...english, ...change }] });

describe('messages', () => {
  test('a message has the text of its template, and the answer shows it with the code', async () => {
    const { MessageId, ...answer } = await send({ TimeToLive: 300, Context: { send: '1' } });
    const text = 'Example: your verification code is 123456';
    expect(answer).toMatchObject({ TemplateId: english.id, ResolvedMessageBody: text });
    expect(inbox()).toEqual([
      {
        to: phone,
        text,
        at: '2026-01-01T00:00:00.000Z',
        messageId: MessageId,
        attributes: {
          sender: 'notify',
          origination: 'NOTIFY',
          NotifyConfigurationId: configuration.id,
          TemplateId: english.id,
          TimeToLive: '300',
          'Context.send': '1',
        },
      },
    ]);
  });

  test('a call says the text of its template', async () => {
    const { TemplateId, ...input } = inputOf({ TemplateVariables: { code: '1. 2. 3.' } });
    const voice = new SendNotifyVoiceMessageCommand({ ...input, TemplateId, VoiceId: 'JOANNA' });
    expect(await running.client.send(voice)).toMatchObject({
      ResolvedMessageBody: expect.stringContaining('1. 2. 3.'),
    });
    expect(inbox()).toMatchObject([{ channel: 'voice', text: 'Example: your verification code is 1. 2. 3.' }]);
  });

  test('a rehearsal shows the text, sends nothing and uses nothing up', async () => {
    for (let time = 0; time < 11; time += 1)
      expect(await send({ DryRun: true })).toMatchObject({ ResolvedMessageBody: expect.stringContaining('123456') });
    expect(inbox()).toEqual([]);
    await expect(send()).resolves.toBeDefined();
  });

  test('a configuration is named by its id or its ARN', async () => {
    const NotifyConfigurationId = `arn:aws:sms-voice:us-east-1:000000000000:notify-configuration/${configuration.id}`;
    await expect(send({ NotifyConfigurationId })).resolves.toBeDefined();
    await expect(send({ NotifyConfigurationId: 'notify-unknown' })).rejects.toEqual(missing('NOTIFY_CONFIGURATION'));
  });

  test.each([
    'OriginationIdentity',
    'MaxPrice',
    'MessageBody',
    'ProtectConfigurationId',
    'ClientToken',
    'LanguageCode',
  ])('a message has no field %s', async (field) => {
    expect(await post(running.service.url, 'SendNotifyTextMessage', { ...inputOf({}), [field]: '1.0' })).toMatchObject({
      __type: 'ValidationException',
      Reason: 'INVALID_PARAMETER',
    });
  });

  test.each(['NotifyConfigurationId', 'DestinationPhoneNumber', 'TemplateVariables'] as const)(
    'a message needs its %s',
    async (field) => {
      const { [field]: _, ...input } = inputOf({});
      expect(await post(running.service.url, 'SendNotifyTextMessage', input)).toMatchObject({
        Reason: 'MISSING_PARAMETER',
      });
    },
  );

  test.each<[string, Change<SendNotifyTextMessageCommandInput>]>([
    ['21 variables', { TemplateVariables: Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`v${at}`, 'x'])) }],
    ['a variable of 2049 characters', { TemplateVariables: { code: '1'.repeat(2049) } }],
    ['an empty variable', { TemplateVariables: { code: '' } }],
    ['a variable with a hyphen', { TemplateVariables: { 'the-code': '1' } }],
    ['a time to live of 4 seconds', { TimeToLive: 4 }],
    ['a number without +', { DestinationPhoneNumber: '919876543210' }],
    ['a template with a dot', { TemplateId: 'notify.english' }],
  ])('a message with %s is refused', async (_, change) => {
    await expect(send(change)).rejects.toEqual(invalid('INVALID_PARAMETER'));
  });
});

describe('configurations', () => {
  test.each(['PENDING', 'REJECTED', 'REQUIRES_VERIFICATION'] as const)(
    'a configuration that is %s sends nothing',
    async (status) => {
      configured({ status });
      await expect(send()).rejects.toEqual(conflict('NOTIFY_CONFIGURATION_NOT_ACTIVE'));
      expect(inbox()).toEqual([]);
    },
  );

  test('a channel that is not enabled carries nothing', async () => {
    configured({ channels: ['VOICE'] });
    await expect(send()).rejects.toEqual(invalid('CHANNEL_NOT_ENABLED'));
  });

  test('the Basic tier sends to its thirty countries, and the Advanced tier to more', async () => {
    expect(Object.keys(defaultAccount.notifyCountries.BASIC)).toHaveLength(30);
    const poland = { DestinationPhoneNumber: '+48512345678' };
    await expect(send(poland)).rejects.toEqual(invalid('COUNTRY_NOT_ENABLED'));
    configured({ tier: 'ADVANCED' });
    await expect(send(poland)).resolves.toBeDefined();
  });

  test('a configuration sends to its own countries only', async () => {
    configured({ countries: ['DE', 'PL'] });
    await expect(send()).rejects.toEqual(invalid('COUNTRY_NOT_ENABLED'));
    await expect(send({ DestinationPhoneNumber: other })).resolves.toBeDefined();
    await expect(send({ DestinationPhoneNumber: '+48512345678' })).rejects.toEqual(invalid('COUNTRY_NOT_ENABLED'));
  });

  test('some countries ask for a number of one’s own', async () => {
    const philippines = { DestinationPhoneNumber: '+639171234567' };
    configured({ tier: 'ADVANCED' });
    await expect(send(philippines)).rejects.toEqual(conflict('NO_ORIGINATION_IDENTITIES_FOUND'));
    configured({ tier: 'ADVANCED', poolId: 'pool-1' });
    await expect(send(philippines)).resolves.toBeDefined();
  });

  test('an opt-out holds for a pool of one’s own, and not for the numbers of AWS', async () => {
    running.service.optOut(phone);
    await expect(send()).resolves.toBeDefined();
    configured({ poolId: 'pool-1' });
    await expect(send()).rejects.toEqual(conflict('DESTINATION_PHONE_NUMBER_OPTED_OUT'));
  });

  test('the sandbox of SMS does not hold for Notify', async () => {
    running.service.configure({ isInSandbox: true });
    await expect(send()).resolves.toBeDefined();
  });

  test('a number that Protect blocks is no error: the message is taken, and never arrives', async () => {
    running.service.configure({
      protectConfigurations: { 'protect-1': { overrides: { [phone]: 'BLOCK' } } },
      defaultProtectConfigurationId: 'protect-1',
    });
    await expect(send()).resolves.toBeDefined();
    await send({ DestinationPhoneNumber: other });
    expect(inbox().map(({ to }) => to)).toEqual([other]);
  });
});

describe('templates', () => {
  test('the default template is used if a message names none', async () => {
    await expect(send({ TemplateId: undefined })).rejects.toEqual(invalid('MISSING_PARAMETER'));
    configured({ defaultTemplateId: 'notify-code-verification-german-001' });
    expect(await send({ TemplateId: undefined })).toMatchObject({
      ResolvedMessageBody: 'Example: Ihr Bestätigungscode ist 123456',
    });
  });

  test('a template that does not exist is not found', async () => {
    await expect(send({ TemplateId: 'notify-unknown' })).rejects.toEqual(missing('NOTIFY_TEMPLATE'));
  });

  test.each<[string, Partial<NotifyTemplate>, string]>([
    ['that is not active', { isActive: false }, 'INVALID_PARAMETER'],
    ['for calls', { channels: ['VOICE'] }, 'INVALID_PARAMETER'],
    ['of another tier', { tiers: ['ADVANCED'] }, 'INVALID_PARAMETER'],
    ['for another country', { countries: ['DE'] }, 'COUNTRY_NOT_ENABLED'],
  ])('a template %s sends nothing', async (_, change, reason) => {
    templated(change);
    await expect(send()).rejects.toEqual(invalid(reason));
  });

  test('a template without the variable refuses the code, and one with another variable misses it', async () => {
    await expect(send({ TemplateVariables: { code: '123456', brand: 'Acme' } })).rejects.toEqual(
      invalid('INVALID_PARAMETER'),
    );
    await expect(send({ TemplateVariables: {} })).rejects.toEqual(invalid('MISSING_PARAMETER'));
    await expect(send({ TemplateVariables: { code: '1', displayName: 'Acme' } })).rejects.toEqual(
      invalid('INVALID_PARAMETER'),
    );
  });

  const integer = { type: 'INTEGER', isRequired: true, source: 'CUSTOMER', minValue: 1, maxValue: 10 } as const;
  test.each([
    ['5', true],
    ['0', false],
    ['11', false],
    ['five', false],
  ])('an integer variable of %s fits: %s', async (minutes, fits) => {
    templated({ content: '{{code}} {{minutes}}', variables: { ...english.variables, minutes: integer } });
    const sent = send({ TemplateVariables: { code: '123456', minutes } });
    if (fits) expect(await sent).toMatchObject({ ResolvedMessageBody: '123456 5' });
    else await expect(sent).rejects.toEqual(invalid('INVALID_PARAMETER'));
  });

  test('a variable keeps to its length, its pattern and its type', async () => {
    const bounded = (more: object) => ({ type: 'STRING', isRequired: true, source: 'CUSTOMER', ...more }) as const;
    for (const [variable, code] of [
      [bounded({ maxLength: 5 }), '123456'],
      [bounded({ pattern: '[0-9]{4}' }), '123456'],
      [bounded({ type: 'BOOLEAN' }), '1'],
    ] as const) {
      templated({ variables: { ...english.variables, code: variable } });
      await expect(send({ TemplateVariables: { code } })).rejects.toEqual(invalid('INVALID_PARAMETER'));
    }
  });

  test('a default fills in a variable that is not given, and dollar signs stay as they are', async () => {
    const variables = {
      ...english.variables,
      tail: { type: 'STRING', isRequired: false, source: 'CUSTOMER', defaultValue: "$& $'" } as const,
    };
    templated({ content: '{{code}} {{tail}}', variables });
    expect(await send()).toMatchObject({ ResolvedMessageBody: "123456 $& $'" });
  });

  test('a voice that the template does not have says nothing', async () => {
    templated({ voiceIds: ['JOANNA'] });
    const call = (VoiceId: 'JOANNA' | 'HANS') =>
      running.client.send(new SendNotifyVoiceMessageCommand({ ...inputOf({}), VoiceId }));
    await expect(call('HANS')).rejects.toEqual(invalid('INVALID_PARAMETER'));
    await expect(call('JOANNA')).resolves.toBeDefined();
  });
});

describe('limits', () => {
  test('the 201st message of a day is refused by the Basic tier, and the Advanced tier has no such limit', async () => {
    for (let n = 0; n < 200; n += 1) await send({ DestinationPhoneNumber: phoneOf(n) });
    running.pass(dayMs - 1);
    await expect(send()).rejects.toEqual(overQuota('DAILY_NOTIFY_TIER_MESSAGE_LIMIT'));
    expect(inbox()).toHaveLength(200);
    running.pass(1);
    await expect(send()).resolves.toBeDefined();
    configured({ tier: 'ADVANCED' });
    for (let n = 0; n < 201; n += 1) await send({ DestinationPhoneNumber: phoneOf(n) });
  });

  test('the limit of the day holds for parallel messages', async () => {
    for (let n = 0; n < 195; n += 1) await send({ DestinationPhoneNumber: phoneOf(n) });
    const parallel = Array.from({ length: 30 }, (_, at) => send({ DestinationPhoneNumber: phoneOf(1000 + at) }));
    const results = await Promise.allSettled(parallel);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
  });

  test('a number gets ten messages a day of the account, calls included, whatever the configuration', async () => {
    configured({}, { id: 'notify-2' });
    for (let time = 0; time < 5; time += 1) {
      await send();
      await running.client.send(new SendNotifyVoiceMessageCommand(inputOf({ NotifyConfigurationId: 'notify-2' })));
      running.pass(hourMs);
    }
    for (const NotifyConfigurationId of [configuration.id, 'notify-2'])
      await expect(send({ NotifyConfigurationId })).rejects.toEqual(overQuota('DAILY_DESTINATION_CALL_LIMIT'));
    await expect(send({ DestinationPhoneNumber: other })).resolves.toBeDefined();
    running.pass(dayMs);
    await expect(send()).resolves.toBeDefined();
  });

  test('Notify has a spend limit of its own, which counts its fee', async () => {
    running.service.configure({
      priceUsd: () => 0.3,
      notifyFeeUsd: 0.1,
      spendLimitsUsd: { text: 0, voice: 0, notify: 1 },
    });
    await send();
    await send();
    await expect(send()).rejects.toEqual(overQuota('MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY'));
    running.pass(31 * dayMs);
    await expect(send()).resolves.toBeDefined();
  });

  test('a second lets one message through in the Basic tier, and 25 in the Advanced tier', async () => {
    configured({}, { id: 'notify-2', tier: 'ADVANCED' });
    running.service.configure({ hasRates: true });
    await send();
    await expect(send({ DestinationPhoneNumber: other })).rejects.toEqual(refused('ThrottlingException'));
    const fast = (n: number) => send({ NotifyConfigurationId: 'notify-2', DestinationPhoneNumber: phoneOf(n) });
    for (let n = 0; n < 25; n += 1) await fast(n);
    await expect(fast(25)).rejects.toEqual(refused('ThrottlingException'));
    running.pass(1000);
    await expect(send()).resolves.toBeDefined();
  });

  test('an account that is disabled sends nothing by Notify', async () => {
    running.service.configure({ suspended: 'ACCOUNT_DISABLED' });
    await expect(send()).rejects.toEqual(refused('AccessDeniedException', { Reason: 'ACCOUNT_DISABLED' }));
  });
});
