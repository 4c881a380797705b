import {
  CreateNotifyConfigurationCommand,
  type CreateNotifyConfigurationCommandInput,
  DescribeAccountAttributesCommand,
  DescribeConfigurationSetsCommand,
  DescribeNotifyConfigurationsCommand,
  DescribeNotifyTemplatesCommand,
  DescribePhoneNumbersCommand,
  DescribePoolsCommand,
  DescribeSenderIdsCommand,
  DescribeSpendLimitsCommand,
  DescribeVerifiedDestinationNumbersCommand,
  GetProtectConfigurationCountryRuleSetCommand,
  ListNotifyCountriesCommand,
  type ListNotifyCountriesCommandInput,
  type NotifyTemplateFilterName,
  PutMessageFeedbackCommand,
  paginateListNotifyCountries,
  SendNotifyTextMessageCommand,
  SendTextMessageCommand,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { describe, expect, test } from 'vitest';
import { defaultAccount } from '../../../../local/aws/sms-voice/account.ts';
import {
  type Change,
  conflict,
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

describe('templates', () => {
  const ids = async (Name: NotifyTemplateFilterName, ...Values: string[]) => {
    const { NotifyTemplates = [] } = await running.client.send(
      new DescribeNotifyTemplatesCommand({ Filters: [{ Name, Values }] }),
    );
    return NotifyTemplates.map(({ TemplateId }) => TemplateId);
  };
  const all = defaultAccount.templates.map(({ id }) => id);
  const [english = ''] = all;

  test('a template says its language, its channels, its text and what it needs', async () => {
    const { NotifyTemplates } = await running.client.send(
      new DescribeNotifyTemplatesCommand({ TemplateIds: [english] }),
    );
    expect(NotifyTemplates).toMatchObject([
      {
        TemplateId: english,
        TemplateType: 'OTP_VERIFICATION',
        Version: 1,
        Status: 'ACTIVE',
        Channels: ['SMS', 'VOICE'],
        TierAccess: ['BASIC', 'ADVANCED'],
        LanguageCode: 'en',
        Content: expect.stringContaining('{{code}}'),
        Variables: {
          code: { Type: 'STRING', Required: true, Source: 'CUSTOMER', MaxLength: 40 },
          displayName: { Source: 'SYSTEM' },
        },
        CreatedTimestamp: expect.any(Date),
      },
    ]);
    expect(NotifyTemplates?.[0]?.SupportedCountries).toContain('IN');
  });

  test('a filter finds templates by language, channel, tier and country', async () => {
    expect(await ids('language-code', 'de')).toEqual(['notify-code-verification-german-001']);
    expect(await ids('language-code', 'de', 'en')).toHaveLength(2);
    expect(await ids('channels', 'SMS')).toEqual(all);
    expect(await ids('channels', 'MMS')).toEqual([]);
    expect(await ids('tier-access', 'BASIC')).toEqual(all);
    expect(await ids('supported-countries', 'AQ')).toEqual([]);
  });

  test('the type of a template is that of the model, and not that of the pages', async () => {
    expect(await ids('template-type', 'OTP_VERIFICATION')).toEqual(all);
    expect(await ids('template-type', 'CODE_VERIFICATION')).toEqual([]);
  });

  test('a filter that does not exist is refused, and a template that does not is not found', async () => {
    await expect(ids('language-codes' as 'language-code', 'en')).rejects.toEqual(invalid('INVALID_PARAMETER'));
    await expect(
      running.client.send(new DescribeNotifyTemplatesCommand({ TemplateIds: ['notify-unknown'] })),
    ).rejects.toEqual(missing('NOTIFY_TEMPLATE'));
  });

  test('pages follow each other, and a token of no answer is refused', async () => {
    const page = (NextToken?: string) =>
      running.client.send(
        new DescribeNotifyTemplatesCommand({ MaxResults: 3, ...(NextToken === undefined ? {} : { NextToken }) }),
      );
    const first = await page();
    expect(first.NotifyTemplates).toHaveLength(3);
    const second = await page(first.NextToken);
    expect([second.NotifyTemplates?.length, second.NextToken]).toEqual([1, undefined]);
    for (const token of ['from-99', 'elsewhere'])
      await expect(page(token)).rejects.toEqual(invalid('INVALID_NEXT_TOKEN'));
  });
});

describe('configurations', () => {
  const create = (change: Change<CreateNotifyConfigurationCommandInput> = {}) =>
    running.client.send(
      // A test may take a required field away, which the type does not allow.
      new CreateNotifyConfigurationCommand({
        DisplayName: 'Acme Shop',
        UseCase: 'CODE_VERIFICATION',
        EnabledChannels: ['SMS'],
        ...change,
      } as CreateNotifyConfigurationCommandInput),
    );
  const describeAll = (input = {}) => running.client.send(new DescribeNotifyConfigurationsCommand(input));

  test('a new configuration is of the Basic tier, waits for its review, and then sends', async () => {
    const made = await create({ EnabledCountries: ['DE'], DefaultTemplateId: 'notify-code-verification-german-001' });
    expect(made).toMatchObject({
      Tier: 'BASIC',
      Status: 'PENDING',
      DisplayName: 'Acme Shop',
      EnabledChannels: ['SMS'],
    });
    const { NotifyConfigurationId = '' } = made;
    const send = () =>
      running.client.send(
        new SendNotifyTextMessageCommand({
          NotifyConfigurationId,
          DestinationPhoneNumber: other,
          TemplateVariables: { code: '123456' },
        }),
      );
    await expect(send()).rejects.toEqual(conflict('NOTIFY_CONFIGURATION_NOT_ACTIVE'));
    const { NotifyConfigurations } = await describeAll({ NotifyConfigurationIds: [NotifyConfigurationId] });
    expect(NotifyConfigurations).toMatchObject([
      { NotifyConfigurationId, Status: 'ACTIVE', CreatedTimestamp: expect.any(Date) },
    ]);
    expect(await send()).toMatchObject({ ResolvedMessageBody: 'Acme Shop: Ihr Bestätigungscode ist 123456' });
  });

  test('a review may reject a configuration', async () => {
    running.service.configure({ notifyReview: 'REJECTED' });
    await create();
    const { NotifyConfigurations } = await describeAll({ Filters: [{ Name: 'status', Values: ['REJECTED'] }] });
    expect(NotifyConfigurations).toMatchObject([{ DisplayName: 'Acme Shop', Status: 'REJECTED' }]);
  });

  test('one token makes one configuration, and another request with it is refused', async () => {
    const first = await create({ ClientToken: 'abc' });
    expect((await create({ ClientToken: 'abc' })).NotifyConfigurationId).toBe(first.NotifyConfigurationId);
    expect((await create({ ClientToken: 'def' })).NotifyConfigurationId).not.toBe(first.NotifyConfigurationId);
    await expect(create({ ClientToken: 'abc', DisplayName: 'Other' })).rejects.toEqual(
      conflict('RESOURCE_ALREADY_EXISTS'),
    );
  });

  test.each<[string, Change<CreateNotifyConfigurationCommandInput>, unknown]>([
    ['a name of 16 characters', { DisplayName: 'a'.repeat(16) }, invalid('INVALID_PARAMETER')],
    ['a name with a dot', { DisplayName: 'acme.com' }, invalid('INVALID_PARAMETER')],
    ['no name', { DisplayName: undefined }, invalid('MISSING_PARAMETER')],
    ['no channel', { EnabledChannels: [] }, invalid('INVALID_PARAMETER')],
    ['a channel of pictures', { EnabledChannels: ['MMS'] }, invalid('INVALID_PARAMETER')],
    ['a country in small letters', { EnabledCountries: ['de'] }, invalid('INVALID_PARAMETER')],
    ['a country of the Advanced tier', { EnabledCountries: ['PL'] }, invalid('COUNTRY_NOT_ENABLED')],
    ['an unknown template', { DefaultTemplateId: 'notify-unknown' }, missing('NOTIFY_TEMPLATE')],
    ['an unknown pool', { PoolId: 'pool-unknown' }, missing('POOL')],
  ])('a configuration with %s is refused', async (_, change, error) => {
    await expect(create(change)).rejects.toEqual(error);
    expect((await describeAll()).NotifyConfigurations).toHaveLength(1);
  });

  test('an account has 25 configurations at most', async () => {
    for (let n = 1; n < 25; n += 1) await create();
    await expect(create()).rejects.toEqual(overQuota('NOTIFY_CONFIGURATIONS_PER_ACCOUNT'));
  });

  test('a configuration that does not exist is not found', async () => {
    await expect(describeAll({ NotifyConfigurationIds: ['notify-unknown'] })).rejects.toEqual(
      missing('NOTIFY_CONFIGURATION'),
    );
  });
});

describe('facts of an account', () => {
  test('countries are listed by tier, and say where a number of one’s own is needed', async () => {
    const list = async (input: ListNotifyCountriesCommandInput) =>
      (await running.client.send(new ListNotifyCountriesCommand(input))).NotifyCountries ?? [];
    expect(await list({ Tier: 'BASIC', Channels: ['SMS'] })).toHaveLength(30);
    const advanced = await list({ Tier: 'ADVANCED' });
    expect(advanced.length).toBeGreaterThan(30);
    expect(advanced.filter((each) => each.CustomerOwnedIdentityRequired)).toMatchObject([
      { IsoCountryCode: 'PH', SupportedTiers: ['ADVANCED'] },
    ]);
    expect(await list({ Channels: ['MMS'] })).toEqual([]);
    const sizes: number[] = [];
    for await (const { NotifyCountries = [] } of paginateListNotifyCountries(
      { client: running.client, pageSize: 20 },
      { Tier: 'BASIC' },
    ))
      sizes.push(NotifyCountries.length);
    expect(sizes).toEqual([20, 10]);
  });

  test('verified numbers are listed, by number too', async () => {
    running.service.configure({ verifiedNumbers: [phone, other] });
    const list = async (input = {}) =>
      (await running.client.send(new DescribeVerifiedDestinationNumbersCommand(input))).VerifiedDestinationNumbers ??
      [];
    expect(await list()).toMatchObject([
      { DestinationPhoneNumber: phone, Status: 'VERIFIED' },
      { DestinationPhoneNumber: other, Status: 'VERIFIED' },
    ]);
    expect(await list({ DestinationPhoneNumbers: [other] })).toHaveLength(1);
    expect(await list({ Filters: [{ Name: 'status', Values: ['PENDING'] }] })).toEqual([]);
    await expect(list({ VerifiedDestinationNumberIds: ['unknown'] })).rejects.toEqual(
      missing('VERIFIED_DESTINATION_NUMBER'),
    );
  });

  test('the account says whether it is in the sandbox, its Protect configuration and its limits', async () => {
    running.service.configure({
      isInSandbox: true,
      protectConfigurations: { 'protect-1': {} },
      spendLimitsUsd: { text: 1, voice: 1, notify: 100 },
    });
    const attributes = async () =>
      Object.fromEntries(
        ((await running.client.send(new DescribeAccountAttributesCommand({}))).AccountAttributes ?? []).map((each) => [
          each.Name,
          each.Value,
        ]),
      );
    expect(await attributes()).toEqual({ ACCOUNT_TIER: 'SANDBOX', DEFAULT_PROTECT_CONFIGURATION_ID: 'UNSET' });
    running.service.configure({ isInSandbox: false, defaultProtectConfigurationId: 'protect-1' });
    expect(await attributes()).toEqual({ ACCOUNT_TIER: 'PRODUCTION', DEFAULT_PROTECT_CONFIGURATION_ID: 'protect-1' });
    const { SpendLimits } = await running.client.send(new DescribeSpendLimitsCommand({}));
    expect(SpendLimits).toContainEqual({
      Name: 'NOTIFY_MESSAGE_MONTHLY_SPEND_LIMIT',
      EnforcedLimit: 100,
      MaxLimit: 100,
      Overridden: false,
    });
  });

  test('numbers, pools, sender ids and configuration sets are listed with what sends need of them', async () => {
    running.service.configure({
      identities: [
        { kind: 'phone-number', id: 'phone-1', phoneNumber: '+447700900123', channels: ['sms'] },
        { kind: 'phone-number', id: 'phone-2', phoneNumber: '+12065550100', isActive: false },
        { kind: 'pool', id: 'pool-1' },
        { kind: 'sender-id', id: 'Acme', countries: ['GB', 'DE'] },
      ],
      configurationSets: { receipts: { protectConfigurationId: 'protect-1' } },
    });
    const { client } = running;
    const numbers = await client.send(new DescribePhoneNumbersCommand({}));
    expect(numbers.PhoneNumbers).toMatchObject([
      { PhoneNumberId: 'phone-1', IsoCountryCode: 'GB', Status: 'ACTIVE', NumberCapabilities: ['SMS'] },
      { PhoneNumberId: 'phone-2', IsoCountryCode: 'US', Status: 'PENDING', NumberCapabilities: ['SMS', 'VOICE'] },
    ]);
    const voices = new DescribePhoneNumbersCommand({ Filters: [{ Name: 'number-capability', Values: ['VOICE'] }] });
    expect((await client.send(voices)).PhoneNumbers).toHaveLength(1);
    expect((await client.send(new DescribePoolsCommand({}))).Pools).toMatchObject([
      { PoolId: 'pool-1', Status: 'ACTIVE' },
    ]);
    const senders = new DescribeSenderIdsCommand({ SenderIds: [{ SenderId: 'Acme', IsoCountryCode: 'DE' }] });
    expect((await client.send(senders)).SenderIds).toMatchObject([
      { SenderId: 'Acme', IsoCountryCode: 'DE', Registered: true },
    ]);
    const sets = await client.send(new DescribeConfigurationSetsCommand({ ConfigurationSetNames: ['receipts'] }));
    expect(sets.ConfigurationSets).toMatchObject([
      { ConfigurationSetName: 'receipts', ProtectConfigurationId: 'protect-1' },
    ]);
  });

  test('a number, pool, sender id or configuration set that the account does not own is not found', async () => {
    const { client } = running;
    await expect(client.send(new DescribePhoneNumbersCommand({ PhoneNumberIds: ['phone-9'] }))).rejects.toEqual(
      missing('PHONE_NUMBER'),
    );
    await expect(client.send(new DescribePoolsCommand({ PoolIds: ['pool-9'] }))).rejects.toEqual(missing('POOL'));
    const senders = new DescribeSenderIdsCommand({ SenderIds: [{ SenderId: 'Acme', IsoCountryCode: 'FR' }] });
    await expect(client.send(senders)).rejects.toEqual(missing('SENDER_ID'));
    const sets = new DescribeConfigurationSetsCommand({ ConfigurationSetNames: ['unknown'] });
    await expect(client.send(sets)).rejects.toEqual(missing('CONFIGURATION_SET'));
  });

  test('a Protect configuration allows every country that it has no rule for', async () => {
    running.service.configure({ protectConfigurations: { 'protect-1': { countries: { IN: 'BLOCK' } } } });
    const rules = (ProtectConfigurationId: string) =>
      running.client.send(
        new GetProtectConfigurationCountryRuleSetCommand({ ProtectConfigurationId, NumberCapability: 'SMS' }),
      );
    const { CountryRuleSet = {} } = await rules('protect-1');
    expect([CountryRuleSet['IN'], CountryRuleSet['DE']]).toEqual([
      { ProtectStatus: 'BLOCK' },
      { ProtectStatus: 'ALLOW' },
    ]);
    await expect(rules('protect-9')).rejects.toEqual(missing('PROTECT_CONFIGURATION'));
  });

  test('a second lets one question of each kind through', async () => {
    running.service.configure({ hasRates: true });
    const ask = () => running.client.send(new DescribeNotifyTemplatesCommand({}));
    await ask();
    await expect(ask()).rejects.toEqual(refused('ThrottlingException'));
    await expect(running.client.send(new ListNotifyCountriesCommand({}))).resolves.toBeDefined();
  });
});

describe('feedback', () => {
  const send = async (MessageFeedbackEnabled: boolean) =>
    (
      await running.client.send(
        new SendTextMessageCommand({ DestinationPhoneNumber: phone, MessageBody: 'hello', MessageFeedbackEnabled }),
      )
    ).MessageId ?? '';
  const report = (MessageId: string, MessageFeedbackStatus: 'RECEIVED' | 'FAILED' = 'RECEIVED') =>
    running.client.send(new PutMessageFeedbackCommand({ MessageId, MessageFeedbackStatus }));

  test('a message is received as reported, and fails after an hour without a report', async () => {
    const [received, failed, silent] = [await send(true), await send(true), await send(true)];
    expect(await report(received)).toMatchObject({ MessageId: received, MessageFeedbackStatus: 'RECEIVED' });
    await report(failed, 'FAILED');
    const statuses = () => running.service.feedback().map(({ messageId, status }) => [messageId, status]);
    expect(statuses()).toEqual([
      [received, 'RECEIVED'],
      [failed, 'FAILED'],
      [silent, 'NONE'],
    ]);
    running.pass(hourMs);
    expect(statuses()).toEqual([
      [received, 'RECEIVED'],
      [failed, 'FAILED'],
      [silent, 'FAILED'],
    ]);
  });

  test('nothing can be reported of an unknown message, or of one without feedback', async () => {
    await expect(report('unknown')).rejects.toEqual(missing('MESSAGE'));
    await expect(report(await send(false))).rejects.toEqual(invalid('INVALID_REQUEST'));
    await expect(report(await send(true), 'READ' as 'FAILED')).rejects.toEqual(invalid('INVALID_PARAMETER'));
    await expect(report('a b')).rejects.toEqual(invalid('INVALID_PARAMETER'));
  });
});
