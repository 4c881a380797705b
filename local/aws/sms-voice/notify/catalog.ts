import { randomUUID } from 'node:crypto';
import type { Account, NotifyConfiguration, Tier } from '../account.ts';
import { arnOf, epochSeconds, filtered, pageOf, wanted } from '../facts/lists.ts';
import { type Input, textOf, textsOf } from '../fields.ts';
import { notFound, refuse } from '../refusals.ts';
import { type Desk, nameIn, requireRate } from '../sends.ts';
import type { NotifyTemplate } from './templates.ts';

export const describeTemplates = (desk: Desk, input: Input): object => {
  requireRate(desk, 'DescribeNotifyTemplates', 1);
  const { templates } = desk.account();
  const chosen = wanted(
    templates,
    textsOf(input, 'TemplateIds'),
    (id) => templates.find((each) => each.id === id),
    (id) => notFound('NOTIFY_TEMPLATE', id),
  );
  const { page, next } = pageOf(filtered(chosen, input, valuesOfTemplate(desk.account())), input);
  return { NotifyTemplates: page.map(templateInformation(desk.account())), ...next };
};

/** The name that the model gives to the use case of all templates. The pages call it CODE_VERIFICATION. */
const templateType = 'OTP_VERIFICATION';

const countriesOf = ({ notifyCountries }: Account, { countries, tiers }: NotifyTemplate): readonly string[] =>
  countries ?? [...new Set(tiers.flatMap((tier) => Object.keys(notifyCountries[tier])))];

const valuesOfTemplate =
  (account: Account) =>
  (template: NotifyTemplate, name: string): readonly string[] => {
    if (name === 'template-type') return [templateType];
    if (name === 'channels') return template.channels;
    if (name === 'tier-access') return template.tiers;
    if (name === 'supported-countries') return countriesOf(account, template);
    if (name === 'language-code') return [template.language];
    return template.voiceIds ?? [];
  };

const templateInformation = (account: Account) => (template: NotifyTemplate) => {
  const { id, channels, tiers, isActive, language, content, variables, voiceIds } = template;
  return {
    TemplateId: id,
    Version: 1,
    TemplateType: templateType,
    Channels: channels,
    TierAccess: tiers,
    Status: isActive ? 'ACTIVE' : 'INACTIVE',
    SupportedCountries: countriesOf(account, template),
    LanguageCode: language,
    Content: content,
    Variables: Object.fromEntries(
      Object.entries(variables).map(([name, { type, isRequired, source, ...bounds }]) => [
        name,
        {
          ...{ Type: type, Required: isRequired, Source: source, MaxLength: bounds.maxLength },
          ...{ MinValue: bounds.minValue, MaxValue: bounds.maxValue, Pattern: bounds.pattern },
          DefaultValue: bounds.defaultValue,
        },
      ]),
    ),
    SupportedVoiceIds: voiceIds,
    CreatedTimestamp: epochSeconds(Date.UTC(2026, 0, 1)),
  };
};

export const describeConfigurations = (desk: Desk, input: Input): object => {
  requireRate(desk, 'DescribeNotifyConfigurations', 1);
  const { notifyConfigurations, notifyReview } = desk.account();
  // AWS reviews a new name by itself. Here it has done so before anybody asks.
  const reviewed = notifyConfigurations.map((each) =>
    each.status === 'PENDING' ? { ...each, status: notifyReview } : each,
  );
  desk.configure({ notifyConfigurations: reviewed });
  const chosen = wanted(
    reviewed,
    textsOf(input, 'NotifyConfigurationIds'),
    (id) => reviewed.find((each) => each.id === nameIn(id, 'notify-configuration')),
    (id) => notFound('NOTIFY_CONFIGURATION', id),
  );
  const { page, next } = pageOf(filtered(chosen, input, valuesOfConfiguration), input);
  return { NotifyConfigurations: page.map(configurationInformation), ...next };
};

const valuesOfConfiguration = (each: NotifyConfiguration, name: string): readonly string[] => {
  if (name === 'display-name') return [each.displayName];
  if (name === 'enabled-countries') return each.countries ?? [];
  if (name === 'enabled-channels') return each.channels;
  if (name === 'default-template') return [each.defaultTemplateId ?? ''];
  if (name === 'default-pool') return [each.poolId ?? ''];
  if (name === 'use-case') return ['CODE_VERIFICATION'];
  if (name === 'status') return [each.status];
  if (name === 'tier-upgrade-status') return [each.tier];
  return [String(each.isProtectedFromDeletion === true)];
};

const configurationInformation = (each: NotifyConfiguration) => ({
  NotifyConfigurationArn: arnOf('notify-configuration', each.id),
  NotifyConfigurationId: each.id,
  DisplayName: each.displayName,
  UseCase: 'CODE_VERIFICATION',
  DefaultTemplateId: each.defaultTemplateId,
  PoolId: each.poolId,
  EnabledCountries: each.countries,
  EnabledChannels: each.channels,
  Tier: each.tier,
  TierUpgradeStatus: each.tier,
  Status: each.status,
  RejectionReason: each.rejectionReason,
  DeletionProtectionEnabled: each.isProtectedFromDeletion === true,
  CreatedTimestamp: epochSeconds(each.createdMs),
});

/** Makes a configuration of the Basic tier. One token makes one configuration. */
export const createConfiguration =
  (made: Map<string, { readonly asked: string; readonly answer: object }>) =>
  (desk: Desk, input: Input): object => {
    requireRate(desk, 'CreateNotifyConfiguration', 1);
    const { ClientToken: token, ...rest } = input;
    const asked = JSON.stringify(rest);
    const earlier = typeof token === 'string' ? made.get(token) : undefined;
    if (earlier?.asked === asked) return earlier.answer;
    if (earlier !== undefined) throw refuse('RESOURCE_ALREADY_EXISTS', 'The token is of another request.');
    const { account, configure, now } = desk;
    const { notifyConfigurations, maxNotifyConfigurations } = account();
    if (notifyConfigurations.length >= maxNotifyConfigurations)
      throw refuse('NOTIFY_CONFIGURATIONS_PER_ACCOUNT', `An account has at most ${maxNotifyConfigurations}.`);
    const configuration = configurationFrom(account(), input, now());
    configure({ notifyConfigurations: [...notifyConfigurations, configuration] });
    const answer = { ...configurationInformation(configuration), Tags: input['Tags'] };
    if (typeof token === 'string') made.set(token, { asked, answer });
    return answer;
  };

const configurationFrom = (account: Account, input: Input, createdMs: number): NotifyConfiguration => {
  const channels = textsOf(input, 'EnabledChannels') ?? [];
  if (channels.some((each) => each !== 'SMS' && each !== 'VOICE'))
    throw refuse('INVALID_PARAMETER', 'EnabledChannels: SMS and VOICE are supported.');
  const countries = textsOf(input, 'EnabledCountries');
  const strange = countries?.filter((each) => !Object.hasOwn(account.notifyCountries.BASIC, each)) ?? [];
  if (strange.length > 0) throw refuse('COUNTRY_NOT_ENABLED', `The Basic tier has no ${strange.join(', ')}.`);
  const templateId = textOf(input, 'DefaultTemplateId');
  if (templateId !== undefined && !account.templates.some(({ id }) => id === templateId))
    throw notFound('NOTIFY_TEMPLATE', templateId);
  const poolId = textOf(input, 'PoolId');
  if (
    poolId !== undefined &&
    !account.identities.some(({ kind, id }) => kind === 'pool' && id === nameIn(poolId, 'pool'))
  )
    throw notFound('POOL', poolId);
  return {
    id: `notify-${randomUUID().replaceAll('-', '')}`,
    displayName: textOf(input, 'DisplayName') ?? '',
    tier: 'BASIC',
    status: 'PENDING',
    channels: channels.includes('VOICE') ? (channels.includes('SMS') ? ['SMS', 'VOICE'] : ['VOICE']) : ['SMS'],
    ...(countries === undefined ? {} : { countries }),
    ...(templateId === undefined ? {} : { defaultTemplateId: templateId }),
    ...(poolId === undefined ? {} : { poolId: nameIn(poolId, 'pool') }),
    isProtectedFromDeletion: input['DeletionProtectionEnabled'] === true,
    createdMs,
  };
};

export const listCountries = (desk: Desk, input: Input): object => {
  requireRate(desk, 'ListNotifyCountries', 1);
  const { notifyCountries, ownIdentityCountries } = desk.account();
  const wantedTier = textOf(input, 'Tier');
  const tiersOf = (country: string): readonly Tier[] =>
    (['BASIC', 'ADVANCED'] as const).filter((tier) => Object.hasOwn(notifyCountries[tier], country));
  const channels = textsOf(input, 'Channels');
  const all = Object.entries({ ...notifyCountries.BASIC, ...notifyCountries.ADVANCED })
    .filter(([country]) => wantedTier === undefined || tiersOf(country).some((tier) => tier === wantedTier))
    .filter(() => channels === undefined || channels.some((each) => each === 'SMS' || each === 'VOICE'));
  const { page, next } = pageOf(all, input);
  return {
    NotifyCountries: page.map(([country, name]) => ({
      IsoCountryCode: country,
      CountryName: name,
      SupportedChannels: ['SMS', 'VOICE'],
      SupportedUseCases: ['CODE_VERIFICATION'],
      SupportedTiers: tiersOf(country),
      CustomerOwnedIdentityRequired: ownIdentityCountries.includes(country),
    })),
    ...next,
  };
};
