import type { Account, Channel, Identity, ProtectConfiguration } from './account.ts';
import { countryOf } from './countries.ts';
import { entriesOf, type Input, textOf } from './fields.ts';
import { cutOf } from './parts.ts';
import type { Accepted } from './receipts.ts';
import { notFound, refuse, throttled } from './refusals.ts';
import type { SpendChannel, Usage } from './usage.ts';

/** The state that the operations know and change. */
export type Desk = {
  readonly account: () => Account;
  readonly configure: (change: Partial<Account>) => void;
  readonly now: () => number;
  readonly usage: Usage;
  readonly isOptedOut: (phone: string) => boolean;
  /** Lets a message take its way. @returns its id. */
  readonly accept: (message: Omit<Accepted, 'messageId' | 'atMs'>) => string;
  /** An id of a message that nobody gets. */
  readonly rehearse: () => string;
  readonly messages: ReadonlyMap<string, Accepted>;
  readonly putFeedback: (messageId: string, status: string) => void;
};

export const secondMs = 1000;
export const dayMs = 24 * 3600 * secondMs;

/** https://docs.aws.amazon.com/sms-voice/latest/userguide/quotas.html. Each is counted in any second. */
export const requireRate = ({ account, usage }: Desk, name: string, perSecond: number): void => {
  if (!account().hasRates) return;
  if (usage.within(`rate#${name}`, secondMs) >= perSecond) throw throttled();
  usage.note(`rate#${name}`, secondMs);
};

export const requireGoodStanding = ({ account }: Desk): void => {
  const { suspended } = account();
  if (suspended !== undefined) throw refuse(suspended, 'The account may not send.');
};

export type Destination = { readonly to: string; readonly country: string };

/** Stricter than the pattern of the model, which takes a number without a plus. */
export const destinationOf = ({ account }: Desk, input: Input): Destination => {
  const to = textOf(input, 'DestinationPhoneNumber') ?? '';
  const country = countryOf(to);
  if (!/^\+[1-9]\d{6,14}$/.test(to) || country === undefined)
    throw refuse('INVALID_PARAMETER', 'DestinationPhoneNumber is no number in E.164 format.', {
      Fields: [{ Name: 'DestinationPhoneNumber', Message: 'not E.164' }],
    });
  if (account().unservedCountries.includes(country))
    throw refuse('DESTINATION_COUNTRY_BLOCKED', `AWS does not send to ${country}.`);
  return { to, country };
};

/** The name in an ARN of this service, or the text itself. */
export const nameIn = (text: string, type: string): string =>
  new RegExp(`^arn:[^:]+:sms-voice:[^:]*:[^:]*:${type}/([^/]+)`).exec(text)?.[1] ?? text;

export const configurationSetOf = ({ account }: Desk, input: Input): string | undefined => {
  const given = textOf(input, 'ConfigurationSetName');
  if (given === undefined) return undefined;
  const name = nameIn(given, 'configuration-set');
  if (!Object.hasOwn(account().configurationSets, name)) throw notFound('CONFIGURATION_SET', name);
  return name;
};

/**
 * The Protect configuration of a call: its own, that of its configuration set, or that of the account.
 * https://docs.aws.amazon.com/sms-voice/latest/userguide/protect-configuration.html
 */
const protectOf = ({ account }: Desk, input: Input, configurationSet: string | undefined) => {
  const { configurationSets, protectConfigurations, defaultProtectConfigurationId } = account();
  const given = textOf(input, 'ProtectConfigurationId');
  const id =
    given === undefined
      ? ((configurationSet === undefined ? undefined : configurationSets[configurationSet]?.protectConfigurationId) ??
        defaultProtectConfigurationId)
      : nameIn(given, 'protect-configuration');
  if (id === undefined) return undefined;
  const configuration = protectConfigurations[id];
  if (configuration === undefined) throw notFound('PROTECT_CONFIGURATION', id);
  return { id, configuration };
};

/** Whether a Protect configuration stops a message: by the number, or by the country. */
export const stopOf = (
  { countries = {}, overrides = {} }: ProtectConfiguration,
  { to, country }: Destination,
): { readonly status: string; readonly stoppedBy: 'number' | 'country' | undefined } => {
  const override = overrides[to];
  if (override !== undefined) return { status: override, stoppedBy: override === 'BLOCK' ? 'number' : undefined };
  const status = countries[country] ?? 'ALLOW';
  return { status, stoppedBy: status === 'BLOCK' ? 'country' : undefined };
};

const requireProtection = (desk: Desk, input: Input, destination: Destination, set: string | undefined) => {
  const protect = protectOf(desk, input, set);
  if (protect === undefined) return undefined;
  const { status, stoppedBy } = stopOf(protect.configuration, destination);
  const facts = { ResourceType: 'PROTECT_CONFIGURATION', ResourceId: protect.id };
  if (stoppedBy === 'number')
    throw refuse('DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE', 'Conflict Occurred.', facts);
  if (stoppedBy === 'country')
    throw refuse('DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION', 'Conflict Occurred.', facts);
  return { id: protect.id, status };
};

const reaches = ({ countries }: Identity, country: string) => countries === undefined || countries.includes(country);
const speaks = ({ channels }: Identity, channel: Channel) => channels === undefined || channels.includes(channel);

/** The identity that a call names, or that AWS chooses. */
const identityOf = ({ account }: Desk, input: Input, { country }: Destination, channel: Channel): Identity => {
  const { identities } = account();
  const given = textOf(input, 'OriginationIdentity');
  if (given === undefined) {
    const chosen = identities.find(
      (each) => each.isActive !== false && reaches(each, country) && speaks(each, channel),
    );
    if (chosen === undefined) throw refuse('NO_ORIGINATION_IDENTITIES_FOUND', `Nothing can send to ${country}.`);
    return chosen;
  }
  const name = ['phone-number', 'pool', 'sender-id'].reduce((rest, type) => nameIn(rest, type), given);
  const found = identities.filter(({ id, phoneNumber }) => id === name || phoneNumber === name);
  // A sender id is one for each country.
  const identity = found.find((each) => reaches(each, country)) ?? found[0];
  if (identity !== undefined) return identity;
  if (/^(?:phone|pool)-|^\+?\d+$|^arn:/.test(given))
    throw notFound(given.includes('pool') ? 'POOL' : 'PHONE_NUMBER', given);
  throw refuse('SENDER_ID_NOT_REGISTERED', `${given} is no sender id of this account.`);
};

const requireIdentity = (desk: Desk, input: Input, destination: Destination, channel: Channel): Identity => {
  const identity = identityOf(desk, input, destination, channel);
  const { kind, id, isActive, messageTypes } = identity;
  const facts = {
    ResourceType: kind === 'pool' ? 'POOL' : kind === 'sender-id' ? 'SENDER_ID' : 'PHONE_NUMBER',
    ResourceId: id,
  };
  if (isActive === false) throw refuse('RESOURCE_NOT_ACTIVE', 'Conflict Occurred.', facts);
  if (!speaks(identity, channel) || (channel === 'voice' && kind === 'sender-id'))
    throw refuse('NUMBER_CAPABILITIES_MISMATCH', 'Conflict Occurred.', facts);
  const messageType = textOf(input, 'MessageType');
  if (messageType !== undefined && messageTypes?.some((each) => each === messageType) === false)
    throw refuse('MESSAGE_TYPE_MISMATCH', 'Conflict Occurred.', facts);
  if (reaches(identity, destination.country)) return identity;
  if (kind === 'pool') throw refuse('NO_ORIGINATION_IDENTITIES_FOUND', 'Conflict Occurred.', facts);
  throw refuse('INVALID_IDENTITY_FOR_DESTINATION_COUNTRY', `It cannot send to ${destination.country}.`);
};

/** https://docs.aws.amazon.com/sms-voice/latest/userguide/sandbox.html */
const requireVerified = ({ account }: Desk, { to }: Destination): void => {
  const { isInSandbox, verifiedNumbers } = account();
  if (isInSandbox && !verifiedNumbers.includes(to))
    throw refuse('DESTINATION_PHONE_NUMBER_NOT_VERIFIED', 'Conflict Occurred.', {
      ResourceType: 'VERIFIED_DESTINATION_NUMBER',
      ResourceId: to,
    });
};

export const requireOptedIn = ({ isOptedOut }: Pick<Desk, 'isOptedOut'>, { to }: Destination): void => {
  if (isOptedOut(to))
    throw refuse('DESTINATION_PHONE_NUMBER_OPTED_OUT', 'Conflict Occurred.', {
      ResourceType: 'OPT_OUT_LIST',
      ResourceId: 'Default',
    });
};

const limitReasons = {
  text: 'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT',
  voice: 'MONTHLY_SPEND_LIMIT_REACHED_FOR_VOICE',
  notify: 'MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY',
} as const;

/** https://docs.aws.amazon.com/sms-voice/latest/userguide/sandbox.html */
export const sandboxLimitUsd = 1;

/** AWS stops within minutes after the limit is reached. Here no message goes beyond it. */
export const requireSpend = ({ account, usage }: Desk, channel: SpendChannel, price: number): void => {
  const { isInSandbox, spendLimitsUsd } = account();
  const limit =
    isInSandbox && channel !== 'notify' ? Math.min(sandboxLimitUsd, spendLimitsUsd[channel]) : spendLimitsUsd[channel];
  if (usd(usage.spentUsd(channel) + price) > limit)
    throw refuse(limitReasons[channel], 'The spend limit of the month is reached.');
};

const requirePrice = (input: Input, field: string, price: number): void => {
  const max = textOf(input, field);
  if (max !== undefined && price > Number(max)) throw refuse('PRICE_OVER_THRESHOLD', `The message costs $${price}.`);
};

/** Numbers, texts and codes stand elsewhere, or nowhere. */
const apart: ReadonlySet<string> = new Set(['DestinationPhoneNumber', 'MessageBody', 'TemplateVariables']);

/** Fields that all sends have, as an accepted message holds them. */
export const commonOf = (input: Input) => ({
  context: entriesOf(input, 'Context'),
  asked: Object.fromEntries(
    Object.entries(input)
      .filter(([name, value]) => !apart.has(name) && value !== null)
      .flatMap(([name, value]) =>
        typeof value === 'object'
          ? Object.entries(entriesOf(input, name)).map(([key, held]) => [`${name}.${key}`, held] as const)
          : [[name, String(value)] as const],
      ),
  ),
  hasFeedback: input['MessageFeedbackEnabled'] === true,
  messageType: textOf(input, 'MessageType') ?? 'TRANSACTIONAL',
});

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html */
export const sendText = (desk: Desk, input: Input): object => {
  requireRate(desk, 'SendTextMessage', desk.account().sendsPerSecond.text);
  requireGoodStanding(desk);
  const destination = destinationOf(desk, input);
  const text = bodyOf(input);
  const configurationSet = configurationSetOf(desk, input);
  const protect = requireProtection(desk, input, destination, configurationSet);
  const identity = requireIdentity(desk, input, destination, 'sms');
  requireVerified(desk, destination);
  requireOptedIn(desk, destination);
  const { priceUsd, carrierFeeUsd } = desk.account();
  const cut = cutOf(text);
  const price = usd(cut.parts * priceUsd(destination.country, 'sms'));
  const fee = usd(cut.parts * carrierFeeUsd(destination.country));
  requirePrice(input, 'MaxPrice', usd(price + fee));
  requireSpend(desk, 'text', price + fee);
  if (input['DryRun'] === true) return { MessageId: desk.rehearse() };
  requireRate(desk, `SMS to ${destination.to}`, 1);
  desk.usage.spend('text', price + fee);
  return {
    MessageId: desk.accept({
      ...commonOf(input),
      ...destination,
      sender: 'end-user-messaging',
      channel: 'sms',
      text,
      origination: identity.phoneNumber ?? identity.id,
      ...{ cut, priceUsd: price, carrierFeeUsd: fee, configurationSet, protect, isStopped: false },
    }),
  };
};

/** Calls of a number within a day: https://docs.aws.amazon.com/sms-voice/latest/userguide/quotas.html */
const maxCallsPerDay = 5;

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendVoiceMessage.html */
export const sendVoice = (desk: Desk, input: Input): object => {
  requireRate(desk, 'SendVoiceMessage', desk.account().sendsPerSecond.voice);
  requireGoodStanding(desk);
  const destination = destinationOf(desk, input);
  const text = spoken(bodyOf(input), textOf(input, 'MessageBodyTextType') ?? 'TEXT');
  const configurationSet = configurationSetOf(desk, input);
  const protect = requireProtection(desk, input, destination, configurationSet);
  const identity = requireIdentity(desk, input, destination, 'voice');
  requireVerified(desk, destination);
  requireOptedIn(desk, destination);
  const calls = `calls to ${destination.to}`;
  if (desk.usage.within(calls, dayMs) >= maxCallsPerDay)
    throw refuse('DAILY_DESTINATION_CALL_LIMIT', `${destination.to} has had all calls of the day.`);
  const price = usd(desk.account().priceUsd(destination.country, 'voice'));
  requirePrice(input, 'MaxPricePerMinute', price);
  requireSpend(desk, 'voice', price);
  if (input['DryRun'] === true) return { MessageId: desk.rehearse() };
  desk.usage.note(calls, dayMs);
  desk.usage.spend('voice', price);
  return {
    MessageId: desk.accept({
      ...commonOf(input),
      ...destination,
      sender: 'end-user-messaging',
      channel: 'voice',
      text,
      origination: identity.phoneNumber ?? identity.id,
      ...{ cut: cutOf(text), priceUsd: price, carrierFeeUsd: 0, configurationSet, protect, isStopped: false },
    }),
  };
};

/** The model lets a body be absent, and the pages do not say what is sent then. */
const bodyOf = (input: Input): string => {
  const body = textOf(input, 'MessageBody');
  if (body === undefined) throw refuse('MISSING_PARAMETER', 'MessageBody is required here.');
  return body;
};

const maxSpokenCharacters = 3000;

/** The words that a person hears: a text as it is, or SSML without its tags. */
const spoken = (body: string, type: string): string => {
  if (type === 'TEXT') {
    if ([...body].length > maxSpokenCharacters)
      throw refuse('INVALID_PARAMETER', `MessageBody: a text has at most ${maxSpokenCharacters} characters.`);
    return body;
  }
  if (!/^\s*<speak[\s>][\s\S]*<\/speak>\s*$/.test(body))
    throw refuse('INVALID_PARAMETER', 'MessageBody: SSML begins with <speak> and ends with </speak>.');
  if (/&(?!(?:amp|lt|gt|quot|apos);)/.test(body))
    throw refuse('INVALID_PARAMETER', 'MessageBody: SSML has & and other marks of XML as entities, such as &amp;.');
  return body
    .replace(/<[^>]*>/g, ' ')
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: keyof typeof entities) => entities[name])
    .replace(/\s+/g, ' ')
    .trim();
};

/** https://docs.aws.amazon.com/polly/latest/dg/escapees.html */
const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" } as const;

/** Without the dust of binary fractions. AWS has five decimals. */
export const usd = (value: number): number => Math.round(value * 100_000) / 100_000;
