import { SendTextMessageCommand, type SendTextMessageCommandInput } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { describe, expect, test } from 'vitest';
import type { Identity } from '../../../../local/aws/sms-voice/account.ts';
import {
  type Change,
  conflict,
  dayMs,
  eachService,
  invalid,
  missing,
  other,
  overQuota,
  phone,
  post,
  refused,
} from './client.ts';

const running = eachService();

const send = (change: Change<SendTextMessageCommandInput> = {}) =>
  running.client.send(
    // A test may take the number away, which the type does not allow.
    new SendTextMessageCommand({
      DestinationPhoneNumber: phone,
      MessageBody: 'hello',
      ...change,
    } as SendTextMessageCommandInput),
  );
const inbox = () => running.service.messages();

describe('the inbox', () => {
  test('an accepted text is in the inbox with all that was said about it, newest first', async () => {
    running.service.configure({ configurationSets: { receipts: {} } });
    const text = 'Ihr Code: 123456 🙂\n@example.com #123456';
    const { MessageId } = await send({
      MessageBody: text,
      MessageType: 'PROMOTIONAL',
      TimeToLive: 300,
      ConfigurationSetName: 'receipts',
      Context: { verification: 'abc', send: '1' },
      MaxPrice: '0.05',
      DestinationCountryParameters: { IN_ENTITY_ID: '1101', IN_TEMPLATE_ID: '1107' },
    });
    await send({ DestinationPhoneNumber: other, MessageBody: 'second' });
    expect(inbox().map((message) => message.text)).toEqual(['second', text]);
    expect(running.service.messages(phone)).toEqual([
      {
        to: phone,
        text,
        at: '2026-01-01T00:00:00.000Z',
        messageId: MessageId,
        attributes: {
          sender: 'end-user-messaging',
          origination: '+12065550100',
          MessageType: 'PROMOTIONAL',
          TimeToLive: '300',
          ConfigurationSetName: 'receipts',
          'Context.verification': 'abc',
          'Context.send': '1',
          MaxPrice: '0.05',
          'DestinationCountryParameters.IN_ENTITY_ID': '1101',
          'DestinationCountryParameters.IN_TEMPLATE_ID': '1107',
        },
      },
    ]);
  });

  test('a rehearsal is checked like a message, gets an id, and sends nothing', async () => {
    expect(await send({ DryRun: true })).toMatchObject({ MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    running.service.optOut(phone);
    await expect(send({ DryRun: true })).rejects.toEqual(conflict('DESTINATION_PHONE_NUMBER_OPTED_OUT'));
    expect(inbox()).toEqual([]);
  });

  test('no token keeps a repeated text from being sent twice', async () => {
    await send();
    await send();
    expect(inbox()).toHaveLength(2);
  });
});

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`key${at}`, 'value']));

describe('the model', () => {
  test.each<[string, Change<SendTextMessageCommandInput>]>([
    ['1600 characters', { MessageBody: '🙂'.repeat(1600) }],
    ['a time to live of 5 seconds', { TimeToLive: 5 }],
    ['a time to live of 72 hours', { TimeToLive: 259_200 }],
    ['a price of one dollar', { MaxPrice: '1.0' }],
    ['a price without an integer', { MaxPrice: '.5' }],
    ['five pairs of context', { Context: many(5) }],
    ['800 characters of context', { Context: { a: 'x'.repeat(800) } }],
    ['a keyword with a space', { Keyword: 'My program' }],
  ])('a text with %s is accepted', async (_, change) => {
    await expect(send(change)).resolves.toMatchObject({ MessageId: expect.any(String) });
  });

  test.each<[string, Change<SendTextMessageCommandInput>]>([
    ['1601 characters', { MessageBody: 'a'.repeat(1601) }],
    ['an empty body', { MessageBody: '' }],
    ['a blank body', { MessageBody: ' \n ' }],
    ['a number with spaces', { DestinationPhoneNumber: '+91 98765 43210' }],
    ['a number without +', { DestinationPhoneNumber: '919876543210' }],
    ['a number of sixteen digits', { DestinationPhoneNumber: '+9198765432101234' }],
    ['a number of no country', { DestinationPhoneNumber: '+21012345678' }],
    ['a time to live of 4 seconds', { TimeToLive: 4 }],
    ['a time to live beyond 72 hours', { TimeToLive: 259_201 }],
    ['a price without a point', { MaxPrice: '1' }],
    ['a price of six decimals', { MaxPrice: '0.123456' }],
    ['a price of a hundred dollars', { MaxPrice: '100.0' }],
    ['six pairs of context', { Context: many(6) }],
    ['a key of context with a space', { Context: { 'a b': 'x' } }],
    ['a value of context that ends with a space', { Context: { a: 'x ' } }],
    ['a value of context that begins with a space', { Context: { a: ' x' } }],
    ['an empty value of context', { Context: { a: '' } }],
    ['801 characters of context', { Context: { a: 'x'.repeat(801) } }],
    ['an identity with a space', { OriginationIdentity: 'Acme Inc' }],
    ['an entity id with a space', { DestinationCountryParameters: { IN_ENTITY_ID: '11 01' } }],
    ['a configuration set with a space', { ConfigurationSetName: 'my set' }],
    ['an unknown type of message', { MessageType: 'URGENT' as 'PROMOTIONAL' }],
  ])('a text with %s is refused', async (_, change) => {
    await expect(send(change)).rejects.toEqual(invalid('INVALID_PARAMETER'));
    expect(inbox()).toEqual([]);
  });

  test.each([
    ['no number', { DestinationPhoneNumber: undefined }],
    ['no body', { MessageBody: undefined }],
  ])('a text with %s is refused', async (_, change) => {
    await expect(send(change)).rejects.toEqual(invalid('MISSING_PARAMETER'));
  });

  const raw = (more: object) =>
    post(running.service.url, 'SendTextMessage', { DestinationPhoneNumber: phone, MessageBody: 'hello', ...more });

  test.each([
    ['a token against duplicates', { ClientToken: 'abc' }],
    ['a misspelt field', { Timetolive: 60 }],
    ['a field of a voice', { VoiceId: 'MATTHEW' }],
    ['a name of JavaScript', { constructor: 'x' }],
    ['an entry for another country', { DestinationCountryParameters: { constructor: 'x' } }],
  ])('a text with %s is refused, although AWS ignores some of these', async (_, more) => {
    expect(await raw(more)).toMatchObject({ status: 400, __type: 'ValidationException', Reason: 'INVALID_PARAMETER' });
    expect(inbox()).toEqual([]);
  });

  test.each([
    ['a number that is a number', { DestinationPhoneNumber: 919876543210 }],
    ['a time to live that is a text', { TimeToLive: '60' }],
    ['a time to live of a half', { TimeToLive: 60.5 }],
    ['a price that is a number', { MaxPrice: 0.05 }],
    ['a context that is a list', { Context: ['a'] }],
    ['a value of context that is a number', { Context: { a: 1 } }],
    ['a rehearsal that is a text', { DryRun: 'true' }],
  ])('a text with %s is not understood', async (_, more) => {
    expect(await raw(more)).toMatchObject({ status: 400, __type: 'SerializationException' });
  });

  test('a body that is no JSON object is not understood', async () => {
    for (const body of ['', '[]', 'null', '{'])
      expect(await post(running.service.url, 'SendTextMessage', body)).toMatchObject({
        status: 400,
        __type: 'SerializationException',
      });
  });

  test('an unsigned request is refused, and so are a signature for SNS, another operation, another protocol', async () => {
    const { url } = running.service;
    const input = { DestinationPhoneNumber: phone, MessageBody: 'hello' };
    const forSns = 'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sns/aws4_request';
    expect(await post(url, 'SendTextMessage', input, { authorization: 'none' })).toMatchObject({ status: 403 });
    expect(await post(url, 'SendTextMessage', input, { authorization: forSns })).toMatchObject({ status: 403 });
    const unknown = { status: 400, __type: 'UnknownOperationException' };
    for (const operation of ['SendMediaMessage', 'DeleteNotifyConfiguration', 'constructor', ''])
      expect(await post(url, operation, input)).toMatchObject(unknown);
    expect(await post(url, 'SendTextMessage', input, { 'content-type': 'application/x-amz-json-1.1' })).toMatchObject(
      unknown,
    );
    expect(inbox()).toEqual([]);
  });

  test('an error quotes number and text, so that a log that copies it shows', async () => {
    running.service.optOut(phone);
    await expect(send({ MessageBody: 'code 123456' })).rejects.toThrow(/\+919876543210.*code 123456/);
  });
});

describe('the account', () => {
  test.each(['ACCOUNT_DISABLED', 'INSUFFICIENT_ACCOUNT_REPUTATION'] as const)(
    'an account that is %s sends nothing',
    async (reason) => {
      running.service.configure({ suspended: reason });
      await expect(send()).rejects.toEqual(refused('AccessDeniedException', { Reason: reason }));
    },
  );

  test('an account in the sandbox sends to verified numbers only', async () => {
    running.service.configure({ isInSandbox: true, verifiedNumbers: [other] });
    await expect(send()).rejects.toEqual(conflict('DESTINATION_PHONE_NUMBER_NOT_VERIFIED'));
    await expect(send({ DestinationPhoneNumber: other })).resolves.toBeDefined();
  });

  test('an account in the sandbox spends a dollar a month at most', async () => {
    running.service.configure({ isInSandbox: true, verifiedNumbers: [phone], priceUsd: () => 0.5 });
    await send();
    await send();
    await expect(send()).rejects.toEqual(overQuota('MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT'));
    running.service.configure({ isInSandbox: false });
    await expect(send()).resolves.toBeDefined();
  });

  test('a holder who opted out gets nothing, and the error names the list', async () => {
    running.service.optOut(phone);
    await expect(send()).rejects.toMatchObject({
      Reason: 'DESTINATION_PHONE_NUMBER_OPTED_OUT',
      ResourceType: 'OPT_OUT_LIST',
      ResourceId: 'Default',
    });
    await expect(send({ DestinationPhoneNumber: other })).resolves.toBeDefined();
    expect(inbox().map(({ to }) => to)).toEqual([other]);
  });

  test('a text to a country that AWS does not serve is refused', async () => {
    await expect(send({ DestinationPhoneNumber: '+9647901234567' })).resolves.toBeDefined();
    running.service.configure({ unservedCountries: ['IQ'] });
    await expect(send({ DestinationPhoneNumber: '+9647901234567' })).rejects.toEqual(
      invalid('DESTINATION_COUNTRY_BLOCKED'),
    );
  });

  test('a text that costs more than its maximum is refused, by its parts and its carrier fee', async () => {
    running.service.configure({ priceUsd: () => 0.02, carrierFeeUsd: () => 0.003 });
    await expect(send({ MaxPrice: '0.023' })).resolves.toBeDefined();
    await expect(send({ MaxPrice: '0.0229' })).rejects.toEqual(invalid('PRICE_OVER_THRESHOLD'));
    const twoParts = { MessageBody: 'ж'.repeat(71) };
    await expect(send({ ...twoParts, MaxPrice: '0.0459' })).rejects.toEqual(invalid('PRICE_OVER_THRESHOLD'));
    await expect(send({ ...twoParts, MaxPrice: '0.046' })).resolves.toBeDefined();
  });

  test('a month has a spend limit, rehearsals cost nothing, and the next month begins anew', async () => {
    running.service.configure({ priceUsd: () => 0.3, spendLimitsUsd: { text: 1, voice: 0, notify: 0 } });
    for (let time = 0; time < 3; time += 1) await send();
    for (const DryRun of [false, true])
      await expect(send({ DryRun })).rejects.toEqual(overQuota('MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT'));
    running.pass(31 * dayMs);
    for (let time = 0; time < 9; time += 1) await send({ DryRun: true });
    await expect(send()).resolves.toBeDefined();
  });

  test('the spend limit holds for parallel texts', async () => {
    running.service.configure({ priceUsd: () => 0.1, spendLimitsUsd: { text: 1, voice: 0, notify: 0 } });
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => send()));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10);
    expect(inbox()).toHaveLength(10);
  });

  test('a second lets one text through by default', async () => {
    running.service.configure({ hasRates: true });
    await send();
    await expect(send({ DestinationPhoneNumber: other })).rejects.toEqual(refused('ThrottlingException'));
    running.pass(999);
    await expect(send()).rejects.toEqual(refused('ThrottlingException'));
    running.pass(1);
    await expect(send()).resolves.toBeDefined();
    expect(inbox()).toHaveLength(2);
  });

  test('a number gets one text a second, even if the account may send more', async () => {
    running.service.configure({ hasRates: true, sendsPerSecond: { text: 3, voice: 1 } });
    await send();
    await expect(send()).rejects.toEqual(refused('ThrottlingException'));
    await expect(send({ DestinationPhoneNumber: other })).resolves.toBeDefined();
    await expect(send({ DestinationPhoneNumber: '+447700900123' })).rejects.toEqual(refused('ThrottlingException'));
    running.pass(1000);
    await expect(send()).resolves.toBeDefined();
  });
});

describe('identities', () => {
  const own = (...identities: readonly Identity[]) => running.service.configure({ identities });
  const long: Identity = { kind: 'phone-number', id: 'phone-1', phoneNumber: '+12065550199', countries: ['US'] };

  test.each(['+12065550199', 'phone-1', 'arn:aws:sms-voice:us-east-1:000000000000:phone-number/phone-1'])(
    'a number is named by itself, its id or its ARN: %s',
    async (OriginationIdentity) => {
      own({ ...long, countries: ['IN'] });
      await send({ OriginationIdentity });
      expect(inbox()[0]?.attributes).toMatchObject({ origination: '+12065550199' });
    },
  );

  test('a sender id counts in its country only', async () => {
    own({ kind: 'sender-id', id: 'Acme', countries: ['IN'] }, { kind: 'sender-id', id: 'Acme', countries: ['GB'] });
    await expect(send({ OriginationIdentity: 'Acme' })).resolves.toBeDefined();
    await expect(
      send({ OriginationIdentity: 'arn:aws:sms-voice:us-east-1:000000000000:sender-id/Acme/IN' }),
    ).resolves.toBeDefined();
    await expect(send({ OriginationIdentity: 'Acme', DestinationPhoneNumber: other })).rejects.toEqual(
      invalid('INVALID_IDENTITY_FOR_DESTINATION_COUNTRY'),
    );
  });

  test.each<[string, string, unknown]>([
    ['a sender id', 'Example', invalid('SENDER_ID_NOT_REGISTERED')],
    ['a number', '+12065550111', missing('PHONE_NUMBER')],
    ['the id of a number', 'phone-2', missing('PHONE_NUMBER')],
    ['a pool', 'pool-2', missing('POOL')],
    ['the ARN of a pool', 'arn:aws:sms-voice:us-east-1:000000000000:pool/pool-2', missing('POOL')],
  ])('%s that the account does not own sends nothing', async (_, OriginationIdentity, error) => {
    await expect(send({ OriginationIdentity })).rejects.toEqual(error);
  });

  test('AWS chooses an identity that reaches the country, or finds none', async () => {
    own(long);
    await expect(send()).rejects.toEqual(conflict('NO_ORIGINATION_IDENTITIES_FOUND'));
    own(long, { kind: 'pool', id: 'pool-1', countries: ['IN'] });
    await send();
    expect(inbox()[0]?.attributes).toMatchObject({ origination: 'pool-1' });
    own({ ...long, countries: ['IN'], isActive: false });
    await expect(send()).rejects.toEqual(conflict('NO_ORIGINATION_IDENTITIES_FOUND'));
  });

  test.each<[string, Partial<Identity>, unknown]>([
    ['another country', {}, invalid('INVALID_IDENTITY_FOR_DESTINATION_COUNTRY')],
    ['another country, as a pool,', { kind: 'pool' }, conflict('NO_ORIGINATION_IDENTITIES_FOUND')],
    ['another channel', { countries: ['IN'], channels: ['voice'] }, conflict('NUMBER_CAPABILITIES_MISMATCH')],
    ['another type of message', { messageTypes: ['PROMOTIONAL'] }, conflict('MESSAGE_TYPE_MISMATCH')],
    ['a later time', { isActive: false }, conflict('RESOURCE_NOT_ACTIVE')],
  ])('an identity for %s sends nothing', async (_, change, error) => {
    own({ ...long, ...change });
    const named = { OriginationIdentity: 'phone-1', MessageType: 'TRANSACTIONAL' } as const;
    await expect(send(named)).rejects.toEqual(error);
  });

  test('a configuration set has to exist, by its name or its ARN', async () => {
    await expect(send({ ConfigurationSetName: 'receipts' })).rejects.toEqual(missing('CONFIGURATION_SET'));
    running.service.configure({ configurationSets: { receipts: {} } });
    const arn = 'arn:aws:sms-voice:us-east-1:000000000000:configuration-set/receipts';
    for (const ConfigurationSetName of ['receipts', arn])
      await expect(send({ ConfigurationSetName })).resolves.toBeDefined();
  });
});

describe('Protect', () => {
  test('a blocked country gets nothing, and any country without a rule does', async () => {
    running.service.configure({
      protectConfigurations: { 'protect-1': { countries: { IN: 'BLOCK', GB: 'MONITOR' } } },
      defaultProtectConfigurationId: 'protect-1',
    });
    await expect(send()).rejects.toEqual(conflict('DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION'));
    await expect(send({ DestinationPhoneNumber: other })).resolves.toBeDefined();
    await expect(send({ DestinationPhoneNumber: '+447700900123' })).resolves.toBeDefined();
  });

  test('an override of a number beats the rule of its country, but not an opt-out', async () => {
    running.service.configure({
      protectConfigurations: {
        'protect-1': { countries: { IN: 'BLOCK' }, overrides: { [phone]: 'ALLOW', [other]: 'BLOCK' } },
      },
      defaultProtectConfigurationId: 'protect-1',
    });
    await expect(send()).resolves.toBeDefined();
    await expect(send({ DestinationPhoneNumber: other })).rejects.toEqual(
      conflict('DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE'),
    );
    running.service.optOut(phone);
    await expect(send()).rejects.toEqual(conflict('DESTINATION_PHONE_NUMBER_OPTED_OUT'));
  });

  test('the configuration of the call beats that of its set, and that beats the one of the account', async () => {
    running.service.configure({
      protectConfigurations: { open: {}, closed: { countries: { IN: 'BLOCK' } } },
      configurationSets: { closed: { protectConfigurationId: 'closed' }, plain: {} },
      defaultProtectConfigurationId: 'open',
    });
    const blocked = conflict('DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION');
    await expect(send({ ConfigurationSetName: 'closed' })).rejects.toEqual(blocked);
    await expect(send({ ConfigurationSetName: 'plain' })).resolves.toBeDefined();
    await expect(send({ ConfigurationSetName: 'closed', ProtectConfigurationId: 'open' })).resolves.toBeDefined();
    await expect(send({ ProtectConfigurationId: 'closed' })).rejects.toEqual(blocked);
    await expect(send({ ProtectConfigurationId: 'unknown' })).rejects.toEqual(missing('PROTECT_CONFIGURATION'));
  });
});
