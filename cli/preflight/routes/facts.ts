import type {
  NotifyConfigurationInformation,
  NotifyCountryInformation,
  NotifyTemplateInformation,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';

export type OriginationNumber = {
  /** E.164, or a short code. */
  readonly number: string;
  /** ISO 3166-1 alpha-2 */
  readonly country: string;
  /** False in every other state, such as pending or deleted. */
  readonly isActive: boolean;
  readonly takesSms: boolean;
  readonly takesCalls: boolean;
  /** Id of its pool, if it is in one. SNS does not say. */
  readonly pool?: string | undefined;
};

export type SenderId = { readonly senderId: string; readonly country: string; readonly isRegistered: boolean };

/** In USD a month: the limit that holds. */
export type SpendLimit = { readonly enforcedUsd: number };

/** The facts of a Region about Notify, for routes that send by it. */
export type NotifyFacts = {
  readonly configurations: readonly NotifyConfigurationInformation[];
  readonly templates: readonly NotifyTemplateInformation[];
  readonly countries: readonly NotifyCountryInformation[];
  readonly spendLimit: SpendLimit | undefined;
  readonly configurationSets: readonly ConfigurationSet[];
};

export type ConfigurationSet = { readonly name: string; readonly protectConfiguration: string | undefined };
export type Pool = { readonly id: string; readonly isActive: boolean };

/** The facts of a Region about End User Messaging, for routes by `SendTextMessage`, or by `SendVoiceMessage`. */
export type EndUserMessagingFacts = {
  readonly originationNumbers: readonly OriginationNumber[];
  readonly senderIds: readonly SenderId[];
  readonly isInSandbox: boolean;
  readonly spendLimit: SpendLimit | undefined;
  /** Numbers (E.164) by the ids of their resources. */
  readonly numberIds: ReadonlyMap<string, string>;
  readonly pools: readonly Pool[];
  readonly configurationSets: readonly ConfigurationSet[];
  readonly protect: ProtectFacts;
};

export type ProtectFacts = {
  /** Id of the account's default; it holds for sends that no other configuration is for. */
  readonly accountDefault: string | undefined;
  /** Status by country, by configuration. */
  readonly rules: ReadonlyMap<string, Readonly<Record<string, string>>>;
};
