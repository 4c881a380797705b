import { advancedCountries, basicCountries } from './countries.ts';
import { defaultTemplates, type NotifyTemplate } from './notify/templates.ts';

export type Channel = 'sms' | 'voice';
export type Tier = 'BASIC' | 'ADVANCED';

/** A number or a name that a message can be sent from. */
export type Identity = {
  readonly kind: 'phone-number' | 'pool' | 'sender-id';
  /** The id of a number or pool, or the sender id itself. */
  readonly id: string;
  /** E.164, of a number. */
  readonly phoneNumber?: string;
  /** Countries that it can send to (ISO 3166-1 alpha-2). All if not given. */
  readonly countries?: readonly string[];
  /** Both if not given. */
  readonly channels?: readonly Channel[];
  /** Both if not given. */
  readonly messageTypes?: readonly ('TRANSACTIONAL' | 'PROMOTIONAL')[];
  /** True if not given. */
  readonly isActive?: boolean;
};

/** https://docs.aws.amazon.com/sms-voice/latest/userguide/protect-configuration.html. A country without a rule is allowed. */
export type ProtectConfiguration = {
  readonly countries?: Readonly<Record<string, 'ALLOW' | 'BLOCK' | 'FILTER' | 'MONITOR'>>;
  /** By number (E.164). They beat the rule of its country. */
  readonly overrides?: Readonly<Record<string, 'ALLOW' | 'BLOCK'>>;
};

export type NotifyStatus = 'PENDING' | 'ACTIVE' | 'REJECTED' | 'REQUIRES_VERIFICATION';

export type NotifyConfiguration = {
  readonly id: string;
  readonly displayName: string;
  readonly tier: Tier;
  readonly status: NotifyStatus;
  readonly rejectionReason?: string;
  readonly channels: readonly ('SMS' | 'VOICE')[];
  /** All of its tier if not given. */
  readonly countries?: readonly string[];
  readonly defaultTemplateId?: string;
  /** With a pool of one's own, that pool's list of opt-outs is obeyed. */
  readonly poolId?: string;
  readonly isProtectedFromDeletion?: boolean;
  /** Epoch milliseconds. */
  readonly createdMs: number;
};

/** The facts of an AWS account in one Region that decide over messages. A test changes them by `configure`. */
export type Account = {
  /** In the sandbox only verified numbers get messages. */
  readonly isInSandbox: boolean;
  readonly verifiedNumbers: readonly string[];
  /** The reason why AWS lets this account send nothing at all. */
  readonly suspended: 'ACCOUNT_DISABLED' | 'INSUFFICIENT_ACCOUNT_REPUTATION' | undefined;
  readonly identities: readonly Identity[];
  readonly configurationSets: Readonly<Record<string, { readonly protectConfigurationId?: string }>>;
  /** By id. */
  readonly protectConfigurations: Readonly<Record<string, ProtectConfiguration>>;
  readonly defaultProtectConfigurationId: string | undefined;
  /** Countries that AWS sends to from no account. */
  readonly unservedCountries: readonly string[];
  /** Of a month (UTC), in USD. */
  readonly spendLimitsUsd: Readonly<Record<'text' | 'voice' | 'notify', number>>;
  /** The price of one part, or of one minute, by country. */
  readonly priceUsd: (country: string, channel: Channel) => number;
  readonly carrierFeeUsd: (country: string) => number;
  readonly notifyFeeUsd: number;
  readonly notifyConfigurations: readonly NotifyConfiguration[];
  readonly maxNotifyConfigurations: number;
  /** The status of a new configuration after the review of its name, which ends before the next question. */
  readonly notifyReview: NotifyStatus;
  readonly templates: readonly NotifyTemplate[];
  /** Countries of Notify by tier, with their names. */
  readonly notifyCountries: Readonly<Record<Tier, Readonly<Record<string, string>>>>;
  /** Countries to which Notify sends from the customer's own numbers only. */
  readonly ownIdentityCountries: readonly string[];
  /** Whether Notify's events reach EventBridge. The pages name destinations of configuration sets only. */
  readonly isNotifyOnEventBridge: boolean;
  /** Whether the quotas of requests per second hold: https://docs.aws.amazon.com/sms-voice/latest/userguide/quotas.html */
  readonly hasRates: boolean;
  /** The two of these quotas that bound sends, which AWS raises on request. That of one number is fixed. */
  readonly sendsPerSecond: Readonly<Record<'text' | 'voice', number>>;
};

/** An account out of the sandbox, with a number for all countries and an active configuration of Notify's Basic tier. */
export const defaultAccount: Account = {
  isInSandbox: false,
  verifiedNumbers: [],
  suspended: undefined,
  identities: [{ kind: 'phone-number', id: 'phone-0123456789abcdef0123456789abcdef', phoneNumber: '+12065550100' }],
  configurationSets: {},
  protectConfigurations: {},
  defaultProtectConfigurationId: undefined,
  unservedCountries: ['CU', 'IR', 'KP', 'SY'],
  spendLimitsUsd: { text: Number.POSITIVE_INFINITY, voice: Number.POSITIVE_INFINITY, notify: Number.POSITIVE_INFINITY },
  priceUsd: () => 0.01,
  carrierFeeUsd: () => 0,
  notifyFeeUsd: 0,
  notifyConfigurations: [
    {
      id: 'notify-0123456789abcdef0123456789abcdef',
      displayName: 'Example',
      tier: 'BASIC',
      status: 'ACTIVE',
      channels: ['SMS', 'VOICE'],
      createdMs: Date.UTC(2026, 0, 1),
    },
  ],
  maxNotifyConfigurations: 25,
  notifyReview: 'ACTIVE',
  templates: defaultTemplates,
  notifyCountries: { BASIC: basicCountries, ADVANCED: { ...basicCountries, ...advancedCountries } },
  ownIdentityCountries: ['PH'],
  isNotifyOnEventBridge: false,
  hasRates: true,
  sendsPerSecond: { text: 1, voice: 1 },
};
