import {
  DescribeAccountAttributesCommand,
  GetProtectConfigurationCountryRuleSetCommand,
  type PhoneNumberInformation,
  PinpointSMSVoiceV2Client,
  paginateDescribeConfigurationSets,
  paginateDescribeNotifyConfigurations,
  paginateDescribeNotifyTemplates,
  paginateDescribePhoneNumbers,
  paginateDescribePools,
  paginateDescribeSenderIds,
  paginateDescribeSpendLimits,
  paginateListNotifyCountries,
  type SpendLimitName,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { ClientOptions, Questions } from '../questions.ts';
import type { ConfigurationSet, EndUserMessagingFacts, NotifyFacts, ProtectFacts, SpendLimit } from './facts.ts';

const allOf = async <Page>(pages: AsyncIterable<Page>): Promise<readonly Page[]> => {
  const all: Page[] = [];
  for await (const page of pages) all.push(page);
  return all;
};

const spendLimitOf = async (
  client: PinpointSMSVoiceV2Client,
  name: SpendLimitName,
): Promise<SpendLimit | undefined> => {
  const pages = await allOf(paginateDescribeSpendLimits({ client }, {}));
  const limits = pages.flatMap(({ SpendLimits = [] }) => SpendLimits);
  const enforcedUsd = limits.find(({ Name }) => Name === name)?.EnforcedLimit;
  return enforcedUsd === undefined ? undefined : { enforcedUsd };
};

const configurationSetsOf = async (client: PinpointSMSVoiceV2Client): Promise<readonly ConfigurationSet[]> => {
  const pages = await allOf(paginateDescribeConfigurationSets({ client }, {}));
  return pages
    .flatMap(({ ConfigurationSets = [] }) => ConfigurationSets)
    .map(({ ConfigurationSetName: name = '', ProtectConfigurationId: protectConfiguration }) => ({
      name,
      protectConfiguration,
    }));
};

/** SMS or calls. */
type Capability = 'SMS' | 'VOICE';

/** The questions to a Region whose Notify sends. All are read-only. */
export const notifyQuestions = (options: ClientOptions, channel: Capability = 'SMS'): Questions<NotifyFacts> => {
  const client = new PinpointSMSVoiceV2Client(options);
  return {
    configurations: {
      actions: ['sms-voice:DescribeNotifyConfigurations'],
      ask: async () =>
        (await allOf(paginateDescribeNotifyConfigurations({ client }, {}))).flatMap(
          ({ NotifyConfigurations = [] }) => NotifyConfigurations,
        ),
    },
    templates: {
      actions: ['sms-voice:DescribeNotifyTemplates'],
      ask: async () => {
        const Filters = [{ Name: 'channels' as const, Values: [channel] }];
        const pages = await allOf(paginateDescribeNotifyTemplates({ client }, { Filters }));
        return pages.flatMap(({ NotifyTemplates = [] }) => NotifyTemplates);
      },
    },
    countries: {
      actions: ['sms-voice:ListNotifyCountries'],
      ask: async () =>
        (await allOf(paginateListNotifyCountries({ client }, { Channels: [channel] }))).flatMap(
          ({ NotifyCountries = [] }) => NotifyCountries,
        ),
    },
    spendLimit: {
      actions: ['sms-voice:DescribeSpendLimits'],
      ask: () => spendLimitOf(client, 'NOTIFY_MESSAGE_MONTHLY_SPEND_LIMIT'),
    },
    configurationSets: {
      actions: ['sms-voice:DescribeConfigurationSets'],
      ask: () => configurationSetsOf(client),
    },
  };
};

const numberQuestions = (
  client: PinpointSMSVoiceV2Client,
): Pick<Questions<EndUserMessagingFacts>, 'originationNumbers' | 'numberIds'> => {
  const numbersOf = async (): Promise<readonly PhoneNumberInformation[]> =>
    (await allOf(paginateDescribePhoneNumbers({ client }, {}))).flatMap(({ PhoneNumbers = [] }) => PhoneNumbers);
  return {
    originationNumbers: {
      actions: ['sms-voice:DescribePhoneNumbers'],
      ask: async () =>
        (await numbersOf()).map(
          ({ PhoneNumber = '', IsoCountryCode = '', Status, PoolId, NumberCapabilities = [] }) => ({
            number: PhoneNumber,
            country: IsoCountryCode,
            isActive: Status === 'ACTIVE',
            takesSms: NumberCapabilities.includes('SMS'),
            takesCalls: NumberCapabilities.includes('VOICE'),
            pool: PoolId,
          }),
        ),
    },
    numberIds: {
      actions: ['sms-voice:DescribePhoneNumbers'],
      ask: async () =>
        new Map((await numbersOf()).map(({ PhoneNumberId = '', PhoneNumber = '' }) => [PhoneNumberId, PhoneNumber])),
    },
  };
};

/** The questions to a Region whose End User Messaging sends. All are read-only. */
export const endUserMessagingQuestions = (
  options: ClientOptions,
  protectConfigurations: readonly string[],
  capability: Capability = 'SMS',
): Questions<EndUserMessagingFacts> => {
  const client = new PinpointSMSVoiceV2Client(options);
  return {
    isInSandbox: {
      actions: ['sms-voice:DescribeAccountAttributes'],
      ask: async () => (await attributesOf(client)).get('ACCOUNT_TIER') !== 'PRODUCTION',
    },
    spendLimit: {
      actions: ['sms-voice:DescribeSpendLimits'],
      ask: () => spendLimitOf(client, `${capability === 'SMS' ? 'TEXT' : 'VOICE'}_MESSAGE_MONTHLY_SPEND_LIMIT`),
    },
    ...numberQuestions(client),
    senderIds: {
      actions: ['sms-voice:DescribeSenderIds'],
      ask: async () =>
        (await allOf(paginateDescribeSenderIds({ client }, {})))
          .flatMap(({ SenderIds = [] }) => SenderIds)
          .map(({ SenderId = '', IsoCountryCode = '', Registered = false }) => ({
            senderId: SenderId,
            country: IsoCountryCode,
            isRegistered: Registered,
          })),
    },
    pools: {
      actions: ['sms-voice:DescribePools'],
      ask: async () =>
        (await allOf(paginateDescribePools({ client }, {})))
          .flatMap(({ Pools = [] }) => Pools)
          .map(({ PoolId = '', Status }) => ({ id: PoolId, isActive: Status === 'ACTIVE' })),
    },
    configurationSets: {
      actions: ['sms-voice:DescribeConfigurationSets'],
      ask: () => configurationSetsOf(client),
    },
    protect: {
      actions: [
        'sms-voice:DescribeAccountAttributes',
        'sms-voice:DescribeConfigurationSets',
        'sms-voice:GetProtectConfigurationCountryRuleSet',
      ],
      ask: () => protectOf(client, protectConfigurations, capability),
    },
  };
};

const attributesOf = async (client: PinpointSMSVoiceV2Client): Promise<ReadonlyMap<string, string>> => {
  const { AccountAttributes = [] } = await client.send(new DescribeAccountAttributesCommand({}));
  return new Map(AccountAttributes.map(({ Name = '', Value = '' }) => [Name, Value]));
};

const protectOf = async (
  client: PinpointSMSVoiceV2Client,
  named: readonly string[],
  capability: Capability,
): Promise<ProtectFacts> => {
  const id = (await attributesOf(client)).get('DEFAULT_PROTECT_CONFIGURATION_ID');
  // The API says "UNSET" if there is none.
  const accountDefault = id === '' || id === 'UNSET' ? undefined : id;
  const ofSets = (await configurationSetsOf(client)).map(({ protectConfiguration }) => protectConfiguration);
  const ids = [...new Set([...named, ...ofSets, accountDefault].filter((each) => each !== undefined))];
  const rules = await Promise.all(ids.map(async (each) => [each, await rulesOf(client, each, capability)] as const));
  return { accountDefault, rules: new Map(rules) };
};

const rulesOf = async (
  client: PinpointSMSVoiceV2Client,
  id: string,
  NumberCapability: Capability,
): Promise<Readonly<Record<string, string>>> => {
  const { CountryRuleSet = {} } = await client.send(
    new GetProtectConfigurationCountryRuleSetCommand({ ProtectConfigurationId: id, NumberCapability }),
  );
  return Object.fromEntries(
    Object.entries(CountryRuleSet).map(([country, { ProtectStatus = '' }]) => [country, ProtectStatus]),
  );
};
