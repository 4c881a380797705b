import type { Channel, NotifyConfiguration } from '../account.ts';
import { entriesOf, type Input, textOf } from '../fields.ts';
import { cutOf } from '../parts.ts';
import { notFound, refuse } from '../refusals.ts';
import {
  commonOf,
  configurationSetOf,
  type Desk,
  type Destination,
  dayMs,
  destinationOf,
  nameIn,
  requireGoodStanding,
  requireOptedIn,
  requireRate,
  requireSpend,
  stopOf,
  usd,
} from '../sends.ts';
import type { NotifyTemplate, TemplateVariable } from './templates.ts';

/** https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-quotas.html */
const limits = {
  BASIC: { perSecond: 1, perDay: 200 },
  ADVANCED: { perSecond: 25, perDay: Number.POSITIVE_INFINITY },
} as const;
/** To one number, of one configuration and of the account. Nobody can have it raised. */
const maxPerNumberAndDay = 10;

/**
 * Sends the text of a template: https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-send-messages.html
 *
 * The SMS sandbox does not hold here: its page names the calls of SMS, MMS and voice alone.
 */
export const sendNotify =
  (channel: Channel) =>
  (desk: Desk, input: Input): object => {
    requireGoodStanding(desk);
    const configuration = configurationOf(desk, textOf(input, 'NotifyConfigurationId') ?? '');
    const { id, tier, status, channels, poolId } = configuration;
    requireRate(desk, id, limits[tier].perSecond);
    if (status !== 'ACTIVE')
      throw refuse('NOTIFY_CONFIGURATION_NOT_ACTIVE', 'Conflict Occurred.', {
        ResourceType: 'NOTIFY_CONFIGURATION',
        ResourceId: id,
      });
    const kind = channel === 'sms' ? 'SMS' : 'VOICE';
    if (!channels.includes(kind)) throw refuse('CHANNEL_NOT_ENABLED', `${id} has no channel ${kind}.`);
    const destination = destinationOf(desk, input);
    const template = templateOf(desk, input, configuration, kind);
    const text = filledIn(template, entriesOf(input, 'TemplateVariables'), configuration);
    requireVoice(template, textOf(input, 'VoiceId'));
    requireCountry(desk, configuration, template, destination);
    const configurationSet = configurationSetOf(desk, input);
    if (poolId !== undefined) requireOptedIn(desk, destination);
    const cut = cutOf(text);
    const { account, usage } = desk;
    const price = usd((channel === 'sms' ? cut.parts : 1) * account().priceUsd(destination.country, channel));
    const fee = usd(account().notifyFeeUsd);
    requireLimits(desk, configuration, destination);
    requireSpend(desk, 'notify', price + fee);
    const answer = { TemplateId: template.id, ResolvedMessageBody: text };
    if (input['DryRun'] === true) return { MessageId: desk.rehearse(), ...answer };
    for (const name of namesOf(configuration, destination)) usage.note(name, dayMs);
    usage.spend('notify', price + fee);
    const messageId = desk.accept({
      ...commonOf(input),
      ...destination,
      ...{ sender: 'notify', channel, text, origination: poolId ?? 'NOTIFY', cut, configurationSet },
      ...{ priceUsd: price, carrierFeeUsd: fee, ...protectionOf(desk, destination) },
    });
    return { MessageId: messageId, ...answer };
  };

const configurationOf = ({ account }: Desk, given: string): NotifyConfiguration => {
  const id = nameIn(given, 'notify-configuration');
  const found = account().notifyConfigurations.find((each) => each.id === id);
  if (found === undefined) throw notFound('NOTIFY_CONFIGURATION', id);
  return found;
};

const templateOf = (
  { account }: Desk,
  input: Input,
  { defaultTemplateId, tier, id: configuration }: NotifyConfiguration,
  kind: 'SMS' | 'VOICE',
): NotifyTemplate => {
  const id = textOf(input, 'TemplateId') || defaultTemplateId;
  if (id === undefined || id === '') throw refuse('MISSING_PARAMETER', `${configuration} has no default template.`);
  const template = account().templates.find((each) => each.id === id);
  if (template === undefined) throw notFound('NOTIFY_TEMPLATE', id);
  const { channels, tiers, isActive } = template;
  if (!isActive) throw refuse('INVALID_PARAMETER', `The template ${id} is not active.`);
  if (!channels.includes(kind)) throw refuse('INVALID_PARAMETER', `The template ${id} is not for ${kind}.`);
  if (!tiers.includes(tier)) throw refuse('INVALID_PARAMETER', `The template ${id} is not for the tier ${tier}.`);
  return template;
};

const requireVoice = ({ id, voiceIds }: NotifyTemplate, voice: string | undefined): void => {
  if (voice !== undefined && voiceIds?.includes(voice) === false)
    throw refuse('INVALID_PARAMETER', `The template ${id} is not for the voice ${voice}.`);
};

/** The text of a template with all variables filled in. */
const filledIn = (
  { content, variables }: NotifyTemplate,
  given: Readonly<Record<string, string>>,
  { displayName }: NotifyConfiguration,
): string => {
  const strange = Object.keys(given).filter((name) => variables[name]?.source !== 'CUSTOMER');
  if (strange.length > 0) throw refuse('INVALID_PARAMETER', `The template has no variable ${strange.join(', ')}.`);
  const values = Object.entries(variables).map(([name, variable]) => {
    const value = variable.source === 'SYSTEM' ? displayName : (given[name] ?? variable.defaultValue);
    if (value === undefined && variable.isRequired)
      throw refuse('MISSING_PARAMETER', `The template needs the variable ${name}.`);
    if (value !== undefined) requireFit(name, variable, value);
    return [name, value ?? ''] as const;
  });
  return values.reduce((text, [name, value]) => text.replaceAll(`{{${name}}}`, () => value), content);
};

const requireFit = (
  name: string,
  { type, maxLength, minValue, maxValue, pattern }: TemplateVariable,
  value: string,
) => {
  const isWrong =
    (maxLength !== undefined && [...value].length > maxLength) ||
    (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) ||
    (type === 'BOOLEAN' && !/^(?:true|false)$/.test(value)) ||
    (type === 'INTEGER' && !/^-?\d+$/.test(value)) ||
    (minValue !== undefined && Number(value) < minValue) ||
    (maxValue !== undefined && Number(value) > maxValue);
  if (isWrong) throw refuse('INVALID_PARAMETER', `The variable ${name} does not fit: ${value}.`);
};

const requireCountry = (
  { account }: Desk,
  { id, tier, countries, poolId }: NotifyConfiguration,
  template: NotifyTemplate,
  { country }: Destination,
): void => {
  const { notifyCountries, ownIdentityCountries } = account();
  const enabled = (countries ?? Object.keys(notifyCountries[tier])).filter((each) => each in notifyCountries[tier]);
  if (!enabled.includes(country)) throw refuse('COUNTRY_NOT_ENABLED', `${id} does not send to ${country}.`);
  if (template.countries?.includes(country) === false)
    throw refuse('COUNTRY_NOT_ENABLED', `The template ${template.id} is not for ${country}.`);
  if (ownIdentityCountries.includes(country) && poolId === undefined)
    throw refuse('NO_ORIGINATION_IDENTITIES_FOUND', `${country} asks for a number of one's own.`);
};

const namesOf = ({ id }: NotifyConfiguration, { to }: Destination) =>
  [`notify ${id}`, `notify ${id} to ${to}`, `notify to ${to}`] as const;

/** The pages do not give the reason of the limit of a number. The enum has no other that fits. */
const requireLimits = ({ usage }: Desk, configuration: NotifyConfiguration, destination: Destination): void => {
  const [ofAll, ...ofNumber] = namesOf(configuration, destination);
  if (usage.within(ofAll, dayMs) >= limits[configuration.tier].perDay)
    throw refuse('DAILY_NOTIFY_TIER_MESSAGE_LIMIT', 'All messages of the day have been sent.');
  if (ofNumber.some((name) => usage.within(name, dayMs) >= maxPerNumberAndDay))
    throw refuse('DAILY_DESTINATION_CALL_LIMIT', `${destination.to} has had all messages of the day.`);
};

/** Protect is no error here, but the event BLOCKED: https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-send-messages.html */
const protectionOf = ({ account }: Desk, destination: Destination) => {
  const { defaultProtectConfigurationId: id, protectConfigurations } = account();
  const configuration = id === undefined ? undefined : protectConfigurations[id];
  if (id === undefined || configuration === undefined) return { protect: undefined, isStopped: false };
  const { status, stoppedBy } = stopOf(configuration, destination);
  return { protect: { id, status }, isStopped: stoppedBy !== undefined };
};
