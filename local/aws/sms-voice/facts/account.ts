import type { Identity } from '../account.ts';
import { countryCodes, countryOf } from '../countries.ts';
import { type Input, textOf, textsOf } from '../fields.ts';
import { notFound, refuse } from '../refusals.ts';
import { type Desk, nameIn, requireRate, sandboxLimitUsd } from '../sends.ts';
import { arnOf, epochSeconds, filtered, pageOf, wanted } from './lists.ts';

export const describeVerifiedNumbers = (desk: Desk, input: Input): object => {
  requireRate(desk, 'DescribeVerifiedDestinationNumbers', 1);
  const all = desk.account().verifiedNumbers.map((number) => ({ id: `verified-number-${number.slice(1)}`, number }));
  const missing = (id: string) => notFound('VERIFIED_DESTINATION_NUMBER', id);
  const byId = wanted(
    all,
    textsOf(input, 'VerifiedDestinationNumberIds'),
    (id) => all.find((each) => each.id === id),
    missing,
  );
  const numbers = textsOf(input, 'DestinationPhoneNumbers');
  const chosen = byId.filter(({ number }) => numbers === undefined || numbers.includes(number));
  const { page, next } = pageOf(
    filtered(chosen, input, (_, name) => (name === 'status' ? ['VERIFIED'] : [])),
    input,
  );
  return {
    VerifiedDestinationNumbers: page.map(({ id, number }) => ({
      VerifiedDestinationNumberArn: arnOf('verified-destination-number', id),
      VerifiedDestinationNumberId: id,
      DestinationPhoneNumber: number,
      Status: 'VERIFIED',
      CreatedTimestamp: epochSeconds(Date.UTC(2026, 0, 1)),
    })),
    ...next,
  };
};

const both = ['TRANSACTIONAL', 'PROMOTIONAL'] as const;
/** Fields of an identity that no call here asks for. */
const ofEachIdentity = {
  MessageType: 'TRANSACTIONAL',
  TwoWayEnabled: false,
  SelfManagedOptOutsEnabled: false,
  OptOutListName: 'Default',
  DeletionProtectionEnabled: false,
  CreatedTimestamp: epochSeconds(Date.UTC(2026, 0, 1)),
};

const ofKind = (desk: Desk, wantedKind: Identity['kind']): readonly Identity[] =>
  desk.account().identities.filter(({ kind }) => kind === wantedKind);

/** A value of the answer itself, if a filter has the name of a field. */
const valueIn =
  (names: Readonly<Record<string, string>>) =>
  (information: Readonly<Record<string, unknown>>, filter: string): readonly string[] => {
    const value = information[names[filter] ?? ''];
    return Array.isArray(value) ? value.map(String) : [String(value)];
  };

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_DescribePhoneNumbers.html */
export const describePhoneNumbers = (desk: Desk, input: Input): object => {
  requireRate(desk, 'DescribePhoneNumbers', 1);
  const all = ofKind(desk, 'phone-number').map(({ id, phoneNumber = '+12065550100', channels, isActive }) => ({
    ...ofEachIdentity,
    PhoneNumberArn: arnOf('phone-number', id),
    PhoneNumberId: id,
    PhoneNumber: phoneNumber,
    Status: isActive === false ? 'PENDING' : 'ACTIVE',
    IsoCountryCode: countryOf(phoneNumber) ?? 'US',
    NumberCapabilities: (channels ?? ['sms', 'voice']).map((channel) => channel.toUpperCase()),
    NumberType: 'LONG_CODE',
    MonthlyLeasingPrice: '1.00',
  }));
  const find = (id: string) => all.find((each) => each.PhoneNumberId === nameIn(id, 'phone-number'));
  const chosen = wanted(all, textsOf(input, 'PhoneNumberIds'), find, (id) => notFound('PHONE_NUMBER', id));
  const names = { status: 'Status', 'iso-country-code': 'IsoCountryCode', 'number-capability': 'NumberCapabilities' };
  const { page, next } = pageOf(filtered(chosen, input, valueIn({ ...names, 'message-type': 'MessageType' })), input);
  return { PhoneNumbers: page, ...next };
};

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_DescribePools.html */
export const describePools = (desk: Desk, input: Input): object => {
  requireRate(desk, 'DescribePools', 1);
  const all = ofKind(desk, 'pool').map(({ id, isActive }) => ({
    ...ofEachIdentity,
    PoolArn: arnOf('pool', id),
    PoolId: id,
    Status: isActive === false ? 'CREATING' : 'ACTIVE',
    SharedRoutesEnabled: false,
  }));
  const find = (id: string) => all.find((each) => each.PoolId === nameIn(id, 'pool'));
  const chosen = wanted(all, textsOf(input, 'PoolIds'), find, (id) => notFound('POOL', id));
  const { page, next } = pageOf(filtered(chosen, input, valueIn({ status: 'Status' })), input);
  return { Pools: page, ...next };
};

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_DescribeSenderIds.html. One for each country. */
export const describeSenderIds = (desk: Desk, input: Input): object => {
  requireRate(desk, 'DescribeSenderIds', 1);
  const all = ofKind(desk, 'sender-id').flatMap(({ id, countries = [], messageTypes = both, isActive }) =>
    countries.map((country) => ({
      SenderIdArn: arnOf('sender-id', `${id}/${country}`),
      SenderId: id,
      IsoCountryCode: country,
      MessageTypes: messageTypes,
      MonthlyLeasingPrice: '0.00',
      DeletionProtectionEnabled: false,
      Registered: isActive !== false,
    })),
  );
  const asked = (input['SenderIds'] ?? []) as readonly { readonly SenderId: string; readonly IsoCountryCode: string }[];
  const keyOf = ({ SenderId, IsoCountryCode }: (typeof asked)[number]) =>
    `${nameIn(SenderId, 'sender-id')}/${IsoCountryCode}`;
  const find = (key: string) => all.find((each) => keyOf(each) === key);
  const chosen = wanted(all, asked.map(keyOf), find, (key) => notFound('SENDER_ID', key));
  const names = { 'sender-id': 'SenderId', 'iso-country-code': 'IsoCountryCode', registered: 'Registered' };
  const { page, next } = pageOf(filtered(chosen, input, valueIn({ ...names, 'message-type': 'MessageTypes' })), input);
  return { SenderIds: page, ...next };
};

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_DescribeConfigurationSets.html */
export const describeConfigurationSets = (desk: Desk, input: Input): object => {
  requireRate(desk, 'DescribeConfigurationSets', 1);
  const all = Object.entries(desk.account().configurationSets).map(([name, { protectConfigurationId }]) => ({
    ConfigurationSetArn: arnOf('configuration-set', name),
    ConfigurationSetName: name,
    EventDestinations: [
      {
        EventDestinationName: 'receipts',
        Enabled: true,
        MatchingEventTypes: ['ALL'],
        SnsDestination: { TopicArn: 'arn:aws:sns:us-east-1:000000000000:receipts' },
      },
    ],
    ProtectConfigurationId: protectConfigurationId,
    CreatedTimestamp: epochSeconds(Date.UTC(2026, 0, 1)),
  }));
  const find = (name: string) => all.find((each) => each.ConfigurationSetName === nameIn(name, 'configuration-set'));
  const missing = (name: string) => notFound('CONFIGURATION_SET', name);
  const chosen = wanted(all, textsOf(input, 'ConfigurationSetNames'), find, missing);
  const names = { 'protect-configuration-id': 'ProtectConfigurationId' };
  const { page, next } = pageOf(filtered(chosen, input, valueIn(names)), input);
  return { ConfigurationSets: page, ...next };
};

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_GetProtectConfigurationCountryRuleSet.html */
export const protectRules = (desk: Desk, input: Input): object => {
  requireRate(desk, 'GetProtectConfigurationCountryRuleSet', 1);
  const id = nameIn(textOf(input, 'ProtectConfigurationId') ?? '', 'protect-configuration');
  const configuration = desk.account().protectConfigurations[id];
  if (configuration === undefined) throw notFound('PROTECT_CONFIGURATION', id);
  // A new configuration allows every country.
  const allowed = Object.fromEntries(countryCodes.map((country) => [country, 'ALLOW'] as const));
  return {
    ProtectConfigurationArn: arnOf('protect-configuration', id),
    ProtectConfigurationId: id,
    NumberCapability: textOf(input, 'NumberCapability'),
    CountryRuleSet: Object.fromEntries(
      Object.entries({ ...allowed, ...configuration.countries }).map(([country, ProtectStatus]) => [
        country,
        { ProtectStatus },
      ]),
    ),
  };
};

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_DescribeAccountAttributes.html */
export const describeAttributes = (desk: Desk): object => {
  requireRate(desk, 'DescribeAccountAttributes', 1);
  const { isInSandbox, defaultProtectConfigurationId } = desk.account();
  return {
    AccountAttributes: [
      { Name: 'ACCOUNT_TIER', Value: isInSandbox ? 'SANDBOX' : 'PRODUCTION' },
      { Name: 'DEFAULT_PROTECT_CONFIGURATION_ID', Value: defaultProtectConfigurationId ?? 'UNSET' },
    ],
  };
};

/** The model takes whole dollars. A limit without end is one of AWS's largest. */
export const describeSpendLimits = (desk: Desk): object => {
  requireRate(desk, 'DescribeSpendLimits', 1);
  const { isInSandbox, spendLimitsUsd } = desk.account();
  const { notify } = spendLimitsUsd;
  const [text, voice] = [spendLimitsUsd.text, spendLimitsUsd.voice].map((usd) =>
    isInSandbox ? Math.min(usd, sandboxLimitUsd) : usd,
  );
  return {
    SpendLimits: Object.entries({ TEXT: text, VOICE: voice, NOTIFY: notify }).map(([name, usd = 0]) => {
      const limit = Number.isFinite(usd) ? Math.floor(usd) : 1_000_000_000;
      return { Name: `${name}_MESSAGE_MONTHLY_SPEND_LIMIT`, EnforcedLimit: limit, MaxLimit: limit, Overridden: false };
    }),
  };
};

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_PutMessageFeedback.html */
export const putFeedback = (desk: Desk, input: Input): object => {
  requireRate(desk, 'PutMessageFeedback', 20);
  const id = textOf(input, 'MessageId') ?? '';
  const status = textOf(input, 'MessageFeedbackStatus') ?? '';
  const message = desk.messages.get(id);
  if (message === undefined) throw notFound('MESSAGE', id);
  if (!message.hasFeedback) throw refuse('INVALID_REQUEST', `${id} was sent without MessageFeedbackEnabled.`);
  desk.putFeedback(id, status);
  return { MessageId: id, MessageFeedbackStatus: status };
};
