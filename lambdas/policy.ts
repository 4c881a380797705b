/** The settings as the functions need them: what `policy.json` beside each bundle holds. Data only. */
export type Policy = {
  /** The name that the SMS shows, 1–20 characters of the GSM-7 alphabet. */
  readonly brand: string;
  /** The proof's `aud`. */
  readonly audience: string;
  readonly code: {
    /** Digits of a code, 4–10. */
    readonly digits: number;
    /** While codes are guessed at over many numbers of a country: digits of its new codes, up to 10, and guesses at each. */
    readonly duringCodeSpraying: { readonly digits: number; readonly maxAttempts: number };
    /** How long a code lives, in seconds, 30–300. */
    readonly lifetimeSeconds: number;
    /** How long a verification lives at most, resends included, in seconds, up to 600. */
    readonly maxLifetimeSeconds: number;
    /** Guesses that are ever evaluated per verification, 1–10. */
    readonly maxAttempts: number;
    /**
     * Fewer guesses for the next verifications of a number at which others guessed wrong: from this many wrong guesses
     * on (within 24 hours of each other, since the last success), so many. Most wrong guesses first.
     */
    readonly afterWrongGuesses: readonly { readonly wrong: number; readonly maxAttempts: number }[];
  };
  readonly sends: {
    /** Wait after the first, second, … send within `cooldownWindowSeconds`; the last one repeats. Seconds. */
    readonly cooldownSeconds: readonly number[];
    readonly cooldownWindowSeconds: number;
    /** Sliding windows per phone: at most `sends` within any `windowSeconds`. At most 24 hours and ten sends. */
    readonly windows: readonly SendWindow[];
  };
  readonly ips: {
    /** Sends within any window of that length, for IPs from which nobody has verified yet. */
    readonly untrusted: IpRate;
    /** The same for IPs from which people have verified lately. */
    readonly trusted: IpRate;
    /** People who verified that make an IP a trusted one; they are forgotten 30 days after the last. At most 50. */
    readonly trustedAfter: number;
    /** Countries that one IP may send to in a day (UTC). */
    readonly countriesPerDay: number;
    /** Back ends that call for many users, by what they are known as (API key id, IAM principal, OIDC client). */
    readonly exemptApplications: readonly string[];
  };
  /** Most that all SMS may cost, by estimate, in USD per hour and day (UTC). */
  readonly caps: SpendCaps;
  /** Countries where hardly anybody verifies: a trickle of fraud hides there below every rate. */
  readonly lowVolume: {
    /** A country with fewer verifications than this, yesterday and today together, has low volume. */
    readonly verifications: number;
    /** Sends of a day (UTC) that may be without a verification there. */
    readonly unverifiedSendsPerDay: number;
  };
  /** What the detector of bursts does, and where. */
  readonly bursts: BurstPolicy;
  /** Days that a finding is kept after its last news. */
  readonly findingDays: number;
  /** Days that the audit trail is kept. */
  readonly auditDays: number;
  /** Numbers for app-store review and automated tests: no SMS, a fixed code, marked everywhere. */
  readonly testNumbers: readonly TestNumbers[];
  /** How long a proof is good for, in seconds. */
  readonly proofLifetimeSeconds: number;
  /** Countries that SMS go to, by ISO 3166-1 alpha-2 code; no other is sent to. */
  readonly countries: Readonly<Record<string, CountryPolicy>>;
  readonly purposes: readonly string[];
  /** Origins (`https://host`) that WebOTP lines may name. */
  readonly origins: readonly string[];
  readonly templates: readonly Template[];
  readonly defaultLocale: string;
  /** Ways to the SMS network, in the order in which they are tried; never empty. */
  readonly smsRoutes: readonly [SmsRoute, ...SmsRoute[]];
};

export type SendWindow = { readonly name: string; readonly windowSeconds: number; readonly sends: number };

export type IpRate = { readonly sends: number; readonly windowSeconds: number };

export type SpendCaps = { readonly hourUsd: number; readonly dayUsd: number };

/** What a block is on, the narrowest first. */
export const blockLevels = ['phone', 'ip', 'range', 'prefix', 'country'] as const;
export type BlockLevel = (typeof blockLevels)[number];

/** `enforce`: block. `record-only`: find, tell, and let pass. `off`: look away. */
export type Mode = 'enforce' | 'record-only' | 'off';

/** Rules that a key breaks by itself, one that its parts break, and one that only shows over days. */
export type RuleName =
  | 'unverified-burst'
  | 'low-and-slow'
  | 'no-conversion'
  | 'converting-strangers'
  | 'code-spraying'
  | 'guessing'
  | 'bombing'
  | 'prefixes-blocked'
  | 'conversion-drop';

/** The settings of the detector. */
export type BurstPolicy = {
  readonly levels: Readonly<Record<BlockLevel, Mode>>;
  /** Rules that have a mode of their own. */
  readonly rules: Readonly<Partial<Record<RuleName, Mode>>>;
  /** Countries (ISO 3166-1 alpha-2) that have a mode of their own. */
  readonly countries: Readonly<Record<string, Mode>>;
  /** So long after its first event the detector blocks no prefix and no country: it does not know yet what is usual. */
  readonly coldStartHours: number;
  /** A finding is critical from this spending rate on, in USD per hour. */
  readonly criticalUsdPerHour: number;
};

export type TestNumbers = {
  /** First and last number, E.164, of the same length; the same for a single number. */
  readonly from: string;
  readonly to: string;
  readonly code: string;
  /** Epoch seconds: from then on these numbers are refused. */
  readonly expiresAt: number;
  /** Verifications that may be requested in all, of all numbers of the range. */
  readonly uses: number;
};

export type CountryPolicy = {
  /** What one SMS is estimated to cost, in USD; what the caps count. */
  readonly priceUsd: number;
  readonly caps: SpendCaps;
  /** Alphanumeric sender, 1–11 characters with a letter; not possible in US and CA. */
  readonly senderId?: string;
  /** Most that one message part may cost, in USD. */
  readonly maxPriceUsd: number;
  /** India DLT: the principal entity; the template ids stand at the templates. */
  readonly entityId?: string;
};

export type Template = {
  readonly purpose: string;
  /** BCP 47 language tag. */
  readonly locale: string;
  /** Only for this country (ISO 3166-1 alpha-2), where a text has to be registered. */
  readonly country?: string;
  /** With the placeholders `{{brand}} {{code}} {{minutes}} {{amount}} {{currency}} {{payee}}`. */
  readonly text: string;
  /** India DLT template id of exactly this text. */
  readonly templateId?: string;
};

export type SmsRoute = {
  /** AWS Region whose SNS sends; empty: the Region of the deployment. */
  readonly region: string;
  /** A number of one's own to send from, E.164. */
  readonly originationNumber?: string;
};

export const transactionPurpose = 'transaction';
