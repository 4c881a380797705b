import {
  type AnyFunctionName,
  fields,
  functionNames,
  type OptionalFunctionName,
  optionalFunctionNames,
  type ProofAlgorithm,
} from './contract.ts';

/** The settings as the functions need them: what `policy.json` beside each bundle holds. Data only. */
export type Policy = {
  /** The name that the SMS shows, 1–20 characters. */
  readonly brand: string;
  /** The proof's `aud`. */
  readonly audience: string;
  readonly code: {
    /** Digits of a code, 4–10. */
    readonly digits: number;
    /** Under code spraying: digits of the country's new codes, up to 10, and attempts at each. */
    readonly duringCodeSpraying: { readonly digits: number; readonly maxAttempts: number };
    /** How long a code lives, in seconds, 30–300. */
    readonly lifetimeSeconds: number;
    /** How long a verification lives at most, resends included, in seconds, up to 600. */
    readonly maxLifetimeSeconds: number;
    /** Attempts of a verification, resends included, 1–10. */
    readonly maxAttempts: number;
    /**
     * Fewer attempts for the next verifications of a number, after N wrong guesses within 24 hours at verifications that
     * were not approved. The largest N first, `maxWrongOfStep` at most.
     */
    readonly afterWrongGuesses: readonly { readonly wrong: number; readonly maxAttempts: number }[];
  };
  readonly sends: {
    /** Wait after the first, second, … send within `cooldownWindowSeconds`; the last one repeats. Seconds. */
    readonly cooldownSeconds: readonly number[];
    readonly cooldownWindowSeconds: number;
    /**
     * Sliding windows per phone: at most `sends` of verifications that were not approved, within any `windowSeconds`. At
     * most 24 hours, and at most the hard limit.
     */
    readonly windows: readonly SendWindow[];
    /** The hard limit: sends to a phone within any 24 hours, those of approved verifications included. */
    readonly maxIn24Hours: number;
  };
  readonly ips: {
    /** Sends in any window of that length, for untrusted IPs. */
    readonly untrusted: IpRate;
    /** The same for trusted IPs. */
    readonly trusted: IpRate;
    /** Numbers that have verified from an IP before it may be trusted, until 30 days after the last. At most 50. */
    readonly trustedAfter: number;
    /** Countries that one IP may send to in a day (UTC). */
    readonly countriesPerDay: number;
  };
  /** The estimated cost of all SMS at most, in USD per hour and day (UTC). */
  readonly caps: SpendCaps;
  /** Items that hold the cap of all SMS, each of which takes about a thousand writes a second. */
  readonly totalShards?: number;
  /** The same of one application, beside the caps of all. Only `policyFor` sets it, if the application has caps. */
  readonly ownCaps?: SpendCaps;
  /** Countries with few verifications, where fraud hides below every rate. */
  readonly lowVolume: {
    /** A country with fewer verifications than this, yesterday and today together, has low volume. */
    readonly verifications: number;
    /** Sends of a day (UTC) that may be without a verification there. */
    readonly unverifiedSendsPerDay: number;
  };
  readonly bursts: BurstPolicy;
  /** Days that a finding is kept after its last notification. */
  readonly findingDays: number;
  /** Address of the runbook, to which findings add `#` and a heading. */
  readonly runbookUrl: string;
  /** Days that the audit trail is kept. */
  readonly auditDays: number;
  /** Days that logs are kept. */
  readonly logRetentionDays: number;
  /** Numbers for app-store review and automated tests. They get no SMS and have a fixed code. */
  readonly testNumbers: readonly TestNumbers[];
  /** How long a proof is good for, in seconds. */
  readonly proofLifetimeSeconds: number;
  readonly proofs: { readonly algorithm: ProofAlgorithm };
  /** How records are sealed, except those of payments. */
  readonly sealing: Sealing;
  /** Countries that get SMS, by ISO 3166-1 alpha-2 code. */
  readonly countries: Readonly<Record<string, CountryPolicy>>;
  readonly purposes: readonly string[];
  /** Origins of web pages. Browsers may call from them; WebOTP lines may name those without a port. */
  readonly origins: readonly string[];
  /** Android apps (SMS Retriever hashes) that an SMS may name. */
  readonly appHashes: readonly string[];
  readonly templates: readonly Template[];
  readonly defaultLocale: string;
  /** Routes to the SMS network, in the order in which they are tried. */
  readonly smsRoutes: readonly [SmsRoute, ...SmsRoute[]];
  /** Calls that speak the code. Without it, there are none. */
  readonly voice?: VoicePolicy;
  /** The client apps by name, at least one. */
  readonly applications: Readonly<Record<string, ApplicationPolicy>>;
  /** How the service learns what became of a message. Undefined if it does not. */
  readonly receipts?: ReceiptPolicy;
  /** How the service learns whether a number is still its holder's. Undefined if it does not ask. */
  readonly numberRisk?: NumberRiskPolicy;
  /** The events that the customer's own systems get. Undefined: none. */
  readonly events?: EventPolicy;
};

/** What a purpose does about a number whose SIM was swapped, or which was ported. */
export const riskOutcomes = ['allow', 'step-up', 'refuse'] as const;
export type RiskOutcome = (typeof riskOutcomes)[number];

/** `open`: a number of which nothing is known is as if clean. `closed`: it is as if swapped. */
export const failModes = ['open', 'closed'] as const;
export type FailMode = (typeof failModes)[number];

export type RiskRule = { readonly ifSwapped: RiskOutcome; readonly failMode: FailMode };

export type NumberRiskPolicy = {
  /** A swap minds if it is not older than so many hours, 1–2400. */
  readonly maxAgeHours: number;
  /** By purpose. Providers are not asked for a purpose that is missing. */
  readonly purposes: Readonly<Record<string, RiskRule>>;
  /** Each country has one at most. */
  readonly providers: readonly RiskProvider[];
};

/** How an operator or an aggregator is asked: whether there was a swap within the hours, or when the last one was. */
export const riskQuestions = ['check', 'retrieve-date'] as const;

/** An API of CAMARA SIM Swap 2.1: https://github.com/camaraproject/SimSwap/tree/r3.3 */
export type RiskProvider = {
  /** Its name in the settings, in metrics and in the finding. */
  readonly name: string;
  readonly countries: readonly string[];
  /** `https://` and what stands before `/sim-swap/v2`, without a slash at its end. */
  readonly apiRoot: string;
  readonly question: (typeof riskQuestions)[number];
  /** The price of a look-up in USD, which the caps count. */
  readonly priceUsd: number;
  /** The endpoint of access tokens, `https://`. It is the audience of the client's assertion as well. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly scope: string;
  /** ARN of the secret of AWS Secrets Manager that holds the private key: a JWK with `kid` and `alg`. */
  readonly secret: string;
};

/** The events of a verification. */
export const eventTypes = [
  'verification.requested',
  'verification.delivered',
  'verification.failed',
  'verification.approved',
  'verification.refused',
] as const;
export type EventType = (typeof eventTypes)[number];

export type EventPolicy = {
  /** At least one, each once. */
  readonly types: readonly EventType[];
  /** One of an application at most. */
  readonly webhooks: readonly WebhookPolicy[];
};

export type WebhookPolicy = {
  readonly application: string;
  /** `https://`, with a public host, without credentials and fragment. */
  readonly url: string;
  /** Of those of the events. */
  readonly types: readonly EventType[];
  /** ARN of the secret of AWS Secrets Manager: a `whsec_` text, or a JSON list of two while they are rotated. */
  readonly secret: string;
};

/** The webhook that asks for an event. `undefined`: none does. */
export const webhookFor = (
  webhooks: readonly WebhookPolicy[],
  event: { readonly application: string; readonly type: EventType },
): WebhookPolicy | undefined =>
  webhooks.find(({ application, types }) => application === event.application && types.includes(event.type));

/** `configuration-set`: by that of the stack, of messages that name it. `event-bus`: by the account's bus of events. */
export const receiptSources = ['configuration-set', 'event-bus'] as const;
export type ReceiptSource = (typeof receiptSources)[number];

export type ReceiptPolicy = {
  /** At least one. */
  readonly sources: readonly ReceiptSource[];
  /** Whether each send notes the id of its message, for receipts that have nothing else. */
  readonly noteMessageIds: boolean;
  /** Whether the check reports messages to AWS whose code was used. */
  readonly feedback: boolean;
};

/** `public`: in the hands of end users. `back-end`: a server that calls for its end users. */
export const applicationKinds = ['public', 'back-end'] as const;
export type ApplicationKind = (typeof applicationKinds)[number];

/** Facts that an application has of its own. */
export type ApplicationPolicy = { readonly kind: ApplicationKind } & Partial<
  Pick<Policy, 'brand' | 'audience' | 'purposes' | 'origins' | 'appHashes' | 'templates' | 'defaultLocale'>
> & {
    /** Its countries, of those of all. */
    readonly countries?: readonly string[];
    /** Its caps, which hold beside those of all. */
    readonly caps?: SpendCaps;
    /** Ranges of IPs (CIDR) from which alone the credentials of a back end are good. */
    readonly sourceIps?: readonly string[];
  };

/** The policy as an application has it: its own facts, and those of all for the rest. */
export const policyFor = (policy: Policy, application: string): Policy => {
  const { countries, caps, ...own } = policy.applications[application] ?? {};
  return {
    ...policy,
    ...own,
    ...(countries === undefined ? {} : { countries: pick(policy.countries, countries) }),
    ...(caps === undefined ? {} : { ownCaps: caps }),
  };
};

const pick = (countries: Policy['countries'], names: readonly string[]): Policy['countries'] =>
  Object.fromEntries(Object.entries(countries).filter(([name]) => names.includes(name)));

/** The origins that a message may name: its line of WebOTP has no port. */
export const messageOriginsOf = ({ origins }: Pick<Policy, 'origins'>): readonly string[] =>
  origins.filter((origin) => new RegExp(fields.origin).test(origin));

/**
 * The origins from which browsers may call: those of an application, or of all. No browser may hold the credentials of a back
 * end.
 */
export const browserOriginsOf = (
  policy: Pick<Policy, 'origins' | 'applications'>,
  names: readonly string[] = Object.keys(policy.applications),
): readonly string[] => [
  ...new Set(
    names.flatMap((name) => {
      const { kind, origins = policy.origins } = policy.applications[name] ?? {};
      return kind === 'public' ? origins : [];
    }),
  ),
];

/** Name of the limit on the time between two sends to a phone. */
export const cooldownLimit = 'cooldown';
/** Name of the hard limit. */
export const hardLimit = 'phone-24h-all';
/** The highest value of the hard limit: what a guard holds and a reputation lists. */
export const maxSendsIn24Hours = 50;
/** Of a number's sends within 24 hours, those that are its pairs' own: no stranger can use them up. */
export const reservedForPairs = 3;
/** Shards of the cap of all SMS at most. A send reads each in its one read, which has 24 keys at most. */
export const maxTotalShards = 4;
/** The same if the settings ask for number risk, which takes two more keys of that read. */
export const maxTotalShardsWithRisk = 2;
/** A lease is good for so many SMS of the price of the send that takes it, that one included. */
export const smsPerLease = 20;
/** The highest number of wrong guesses that a step of `afterWrongGuesses` may ask for. */
export const maxWrongOfStep = 50;

export type SendWindow = { readonly name: string; readonly windowSeconds: number; readonly sends: number };

export type IpRate = { readonly sends: number; readonly windowSeconds: number };

export type SpendCaps = { readonly hourUsd: number; readonly dayUsd: number };

/** Levels of a block, the narrowest first. */
export const blockLevels = ['phone', 'ip', 'range', 'prefix', 'country'] as const;
export type BlockLevel = (typeof blockLevels)[number];

/**
 * Levels at which a send can be held, the narrowest first. `new-network`, which staff do not use, holds trusted numbers of
 * a country that ask from networks and IPs from which they have never verified.
 */
export const heldLevels = ['phone', 'ip', 'range', 'prefix', 'new-network', 'country'] as const;
export type HeldLevel = (typeof heldLevels)[number];

/** `enforce`: block. `record-only`: find and notify, without a block. `off`: find nothing. */
export type Mode = 'enforce' | 'record-only' | 'off';

export const ruleNames = [
  'unverified-burst',
  'low-and-slow',
  'no-conversion',
  'converting-strangers',
  'code-spraying',
  'guessing',
  'bombing',
  'conversion-drop',
] as const;
/** Rules that may have a mode of their own. */
export type RuleWithMode = (typeof ruleNames)[number];
/** They lead to no action, and are found only if staff announce a launch, or if the settings ask whether numbers are at risk. */
export const rulesWithoutMode = ['launch-exceeded', 'swapped-number'] as const;
export type RuleName = RuleWithMode | (typeof rulesWithoutMode)[number];

/** The settings of the detector. */
export type BurstPolicy = {
  readonly levels: Readonly<Record<BlockLevel, Mode>>;
  /** Rules that have a mode of their own. */
  readonly rules: Readonly<Partial<Record<RuleWithMode, Mode>>>;
  /** Countries (ISO 3166-1 alpha-2) that have a mode of their own. */
  readonly countries: Readonly<Record<string, Mode>>;
  /** Hours after its first event in which the detector blocks no prefix and no country, because it has no history. */
  readonly coldStartHours: number;
  /** From this cost on a finding is critical, in USD per hour. */
  readonly criticalUsdPerHour: number;
};

export type TestNumbers = {
  /** First and last number, E.164, of the same length; the same for a single number. */
  readonly from: string;
  readonly to: string;
  readonly code: string;
  /** Epoch seconds. From then on these numbers are refused. */
  readonly expiresAt: number;
  /** Verifications of all these numbers together. */
  readonly uses: number;
};

export type CountryPolicy = {
  /** The estimated cost of one SMS part in USD, which the caps count. */
  readonly priceUsd: number;
  /** Parts of the longest SMS that goes there, if it has several. */
  readonly maxParts?: number;
  readonly caps: SpendCaps;
  /** Alphanumeric sender, 1–11 characters with a letter. Not in US and CA. */
  readonly senderId?: string;
  /** The price of one message part at most, in USD. */
  readonly maxPriceUsd: number;
  /** India DLT: the principal entity. The templates have their template ids. */
  readonly entityId?: string;
  /** Names of its routes, in the order in which they are tried. Without it, all routes in their order. */
  readonly routes?: readonly string[];
};

export type Template = {
  readonly purpose: string;
  /** BCP 47 language tag. */
  readonly locale: string;
  /** Only for this country (ISO 3166-1 alpha-2), if its texts have to be registered. */
  readonly country?: string;
  /** With the placeholders that `otp/record/message.ts` lists. */
  readonly text: string;
  /** India DLT template id of exactly this text, to which nothing is added. */
  readonly templateId?: string;
};

/** The services that hand a message to the network: Amazon SNS, AWS End User Messaging, or its Notify with identities and texts of AWS. */
export const smsSenders = ['sns', 'end-user-messaging', 'notify'] as const;
export type SmsSenderName = (typeof smsSenders)[number];

type AnyRoute = {
  /** Its name in the settings, in metrics and in records. */
  readonly name: string;
  /** AWS Region whose service sends. Empty for the Region of the deployment. */
  readonly region: string;
};

export type SnsRoute = AnyRoute & {
  readonly sender: 'sns';
  /** Origination number, E.164. */
  readonly originationNumber?: string;
};

/** By `SendTextMessage`. */
export type EndUserMessagingRoute = AnyRoute & {
  readonly sender: 'end-user-messaging';
  /** A number (E.164), a sender id, the id of a number or pool, or the ARN of one. Without it AWS chooses. */
  readonly originationIdentity?: string;
  readonly configurationSet?: string;
  /** Id of a Protect configuration, in place of those of the configuration set and the account. */
  readonly protectConfiguration?: string;
};

/** By `SendNotifyTextMessage`. The texts are templates of AWS, with the code as their variable. */
export type NotifyRoute = AnyRoute & {
  readonly sender: 'notify';
  /** Id of the Notify configuration. */
  readonly configuration: string;
  readonly tier: 'basic' | 'advanced';
  /** Id of the template of AWS by language (BCP 47). At least that of the default language. */
  readonly templates: Readonly<Record<string, string>>;
  readonly configurationSet?: string;
};

export type SmsRoute = SnsRoute | EndUserMessagingRoute | NotifyRoute;

/** Digits of the longest code that the templates of Notify take. Preflight reads their patterns. */
export const maxNotifyDigits = 8;

/**
 * Messages of Notify to a number within a day, calls included. Nobody can have it raised:
 * https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-quotas.html
 */
export const maxNotifiedToNumber = 10;
/** Name of the limit on messages to a number that Notify alone can send. */
export const notifyLimit = 'phone-24h-notify';
/** Messages of an account of the Basic tier in a day. */
export const maxNotifiedByBasic = 200;
/** Name of the limit on those. */
export const notifyDayLimit = 'notify-day';

/** How a code reaches its person: as a text, or spoken by a call. */
export const channels = ['sms', 'voice'] as const;
export type Channel = (typeof channels)[number];

/** Purposes whose codes no call speaks: a voicemail box answers as well, and its greeting does not say so (ADR 112). */
export const purposesWithoutVoice: readonly string[] = ['transaction', 'account-change'];

export type VoicePolicy = {
  /** Countries that are called, each of which gets SMS as well. The price is that of a minute, in USD. */
  readonly countries: Readonly<Record<string, { readonly priceUsd: number }>>;
  /** Calls to a number within any 24 hours, except for its pairs, which may reach `maxCallsToNumber`. */
  readonly callsPerDay: number;
  /** In the order in which they are tried. */
  readonly routes: readonly [VoiceRoute, ...VoiceRoute[]];
  readonly texts: readonly SpokenText[];
};

/** Calls to a number within 24 hours that AWS makes: https://docs.aws.amazon.com/sms-voice/latest/userguide/quotas.html */
export const maxCallsToNumber = 5;
/** Name of the limit on calls to a number. */
export const callLimit = 'phone-24h-voice';

/** The text of a call before the digits of the code, which it repeats. */
export type SpokenText = {
  /** BCP 47 language tag. */
  readonly locale: string;
  /** With the placeholders `{{brand}}` and `{{code}}`. */
  readonly text: string;
  /** The voice of Amazon Polly, by its id. */
  readonly voice: string;
};

/** By `SendVoiceMessage`. */
export type EndUserMessagingVoiceRoute = AnyRoute & {
  readonly sender: 'end-user-messaging';
  /** A number (E.164) that can call, the id of a number or pool, or the ARN of one. */
  readonly originationIdentity: string;
  readonly configurationSet?: string;
  readonly protectConfiguration?: string;
};

/** By `SendNotifyVoiceMessage`, with a template of AWS. */
export type NotifyVoiceRoute = Omit<NotifyRoute, 'tier'>;

export type VoiceRoute = EndUserMessagingVoiceRoute | NotifyVoiceRoute;

/**
 * Whether outcomes are counted by route and country. A single route of SNS has none to compare with, and AWS charges for each
 * pair of route and country.
 */
export const countsRoutes = ({
  smsRoutes,
  voice,
}: {
  readonly smsRoutes: readonly Pick<SmsRoute, 'sender'>[];
  readonly voice?: object;
}): boolean => smsRoutes.length > 1 || voice !== undefined || smsRoutes.some(({ sender }) => sender !== 'sns');

/** The routes of SMS and of calls. No two have one name. */
export const allRoutesOf = ({
  smsRoutes,
  voice,
}: Pick<Policy, 'smsRoutes' | 'voice'>): readonly (SmsRoute | VoiceRoute)[] => [...smsRoutes, ...(voice?.routes ?? [])];

export const transactionPurpose = 'transaction';

/** `per-record`: KMS encrypts each record. `hourly`: the records of an hour share a key that KMS derives (ADR 102). */
export const sealings = ['per-record', 'hourly'] as const;
export type Sealing = (typeof sealings)[number];

/** How a record of this purpose is sealed. A payment is always sealed by KMS itself. */
export const sealingOf = ({ sealing }: Pick<Policy, 'sealing'>, purpose: string): Sealing =>
  purpose === transactionPurpose ? 'per-record' : sealing;

/** The functions of a deployment: those that each has, and those that its settings ask for. */
export const functionsOf = (policy: Pick<Policy, 'receipts' | 'events'>): readonly AnyFunctionName[] => {
  const isAskedFor: Readonly<Record<OptionalFunctionName, boolean>> = {
    'note-receipts': policy.receipts !== undefined,
    'publish-events': policy.events !== undefined,
    'deliver-webhooks': hasWebhooks(policy),
  };
  return [...functionNames, ...optionalFunctionNames.filter((name) => isAskedFor[name])];
};

export const hasWebhooks = ({ events }: Pick<Policy, 'events'>): boolean => (events?.webhooks.length ?? 0) > 0;
