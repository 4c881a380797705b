/** An account that answers the walk without a network: facts of Notify that a test may change, and what it was asked. */

import type {
  NotifyConfigurationInformation,
  NotifyCountryInformation,
  NotifyTemplateInformation,
  TemplateVariableMetadata,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type {
  CallAws,
  OperationName,
  Operations,
  Refusal,
  Reply,
} from '../../../cli/preflight/first-sms/operations.ts';

type Answers = { readonly [Name in OperationName]: (input: Operations[Name]['input']) => Operations[Name]['output'] };
export type Asked = {
  readonly [Name in OperationName]: { name: Name; input: Operations[Name]['input'] };
}[OperationName];

export const configurationId = 'notify-0123456789abcdef0123456789abcdef';

export const configuration = (more: Partial<NotifyConfigurationInformation> = {}): NotifyConfigurationInformation => ({
  NotifyConfigurationArn: `arn:aws:sms-voice:eu-west-1:111122223333:notify-configuration/${configurationId}`,
  NotifyConfigurationId: configurationId,
  DisplayName: 'Example',
  UseCase: 'CODE_VERIFICATION',
  EnabledChannels: ['SMS'],
  EnabledCountries: ['GB', 'IN', 'US'],
  Tier: 'BASIC',
  TierUpgradeStatus: 'BASIC',
  Status: 'ACTIVE',
  DeletionProtectionEnabled: false,
  CreatedTimestamp: new Date(0),
  ...more,
});

export const country = (IsoCountryCode: string, isOwn = false): NotifyCountryInformation => ({
  IsoCountryCode,
  CountryName: IsoCountryCode,
  SupportedChannels: ['SMS'],
  SupportedUseCases: ['CODE_VERIFICATION'],
  SupportedTiers: ['BASIC', 'ADVANCED'],
  CustomerOwnedIdentityRequired: isOwn,
});

export const codeOf = (more: Partial<TemplateVariableMetadata> = {}): TemplateVariableMetadata => ({
  Type: 'STRING',
  Required: true,
  Source: 'CUSTOMER',
  Pattern: '^\\d{4,8}$',
  ...more,
});

export const template = (
  LanguageCode: string,
  more: Partial<NotifyTemplateInformation> = {},
): NotifyTemplateInformation => ({
  TemplateId: `notify-code-verification-${LanguageCode}-001`,
  Version: 1,
  TemplateType: 'OTP_VERIFICATION',
  Channels: ['SMS'],
  TierAccess: ['BASIC', 'ADVANCED'],
  Status: 'ACTIVE',
  LanguageCode,
  Content: `{{brandName}} ${LanguageCode} {{code}}`,
  Variables: { code: codeOf(), brandName: { Type: 'STRING', Required: true, Source: 'SYSTEM' } },
  CreatedTimestamp: new Date(0),
  ...more,
});

export const refusal = (name: string, more: Partial<Refusal> = {}): Refusal => ({
  name,
  reason: '',
  fields: [],
  code: '',
  status: 400,
  ...more,
});

export type Notify = {
  configurations: NotifyConfigurationInformation[];
  countries: readonly NotifyCountryInformation[];
  templates: readonly NotifyTemplateInformation[];
  /** The states of a configuration, one per look at it. */
  becomes: Partial<NotifyConfigurationInformation>[];
  tier: 'SANDBOX' | 'PRODUCTION';
  refusals: Partial<Record<OperationName | 'DryRun', Refusal>>;
  /** Items of a page; all by default. */
  pageSize: number;
};

const pageOf = <Item>(all: readonly Item[], token: string | undefined, size: number) => {
  const from = Number(token ?? 0);
  const next = from + size < all.length ? { NextToken: String(from + size) } : {};
  return { items: all.slice(from, from + size), next };
};

/** A fresh account has no configuration, and those that it makes are active at the second look. */
export const notifyAccount = (facts: Partial<Notify> = {}) => {
  const notify: Notify = {
    configurations: [],
    countries: ['DE', 'GB', 'IN', 'US'].map((each) => country(each)),
    templates: ['de', 'en', 'es', 'fr', 'it', 'nl', 'pt-BR'].map((each) => template(each)),
    becomes: [{ Status: 'ACTIVE' }],
    tier: 'SANDBOX',
    refusals: {},
    pageSize: 1000,
    ...facts,
  };
  const asked: Asked[] = [];
  const answers: Answers = {
    DescribeAccountAttributes: () => ({ AccountAttributes: [{ Name: 'ACCOUNT_TIER', Value: notify.tier }] }),
    DescribeNotifyConfigurations: ({ NotifyConfigurationIds, NextToken }) => {
      if (NotifyConfigurationIds !== undefined)
        notify.configurations = notify.configurations.map((each) => ({ ...each, ...notify.becomes.shift() }));
      const { items, next } = pageOf(notify.configurations, NextToken, notify.pageSize);
      return { NotifyConfigurations: items, ...next };
    },
    ListNotifyCountries: ({ NextToken }) => {
      const { items, next } = pageOf(notify.countries, NextToken, notify.pageSize);
      return { NotifyCountries: items, ...next };
    },
    CreateNotifyConfiguration: ({ DisplayName, EnabledCountries }) => {
      const made = configuration({ DisplayName, EnabledCountries, Status: 'PENDING' });
      notify.configurations.push(made);
      return made;
    },
    DescribeNotifyTemplates: ({ NextToken }) => {
      const { items, next } = pageOf(notify.templates, NextToken, notify.pageSize);
      return { NotifyTemplates: items, ...next };
    },
    DescribeSpendLimits: () => ({
      SpendLimits: [{ Name: 'NOTIFY_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: 1, MaxLimit: 1, Overridden: false }],
    }),
    SendNotifyTextMessage: ({ TemplateVariables, TemplateId }) => ({
      MessageId: 'message-1',
      TemplateId,
      ResolvedMessageBody: `Your code is ${TemplateVariables?.['code']}`,
    }),
  };
  const call: CallAws = async <Name extends OperationName>(
    name: Name,
    input: Operations[Name]['input'],
  ): Promise<Reply<Operations[Name]['output']>> => {
    asked.push({ name, input } as Asked);
    const isDry = 'DryRun' in input && input.DryRun === true;
    const refused = notify.refusals[isDry ? 'DryRun' : name];
    if (refused !== undefined) return { kind: 'refused', refusal: refused };
    return { kind: 'replied', value: answers[name](input) };
  };
  return { notify, asked, call };
};
