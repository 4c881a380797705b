/** The settings as the functions need them: what `policy.json` beside each bundle holds. Data only. */
export type Policy = {
  /** The name that the SMS shows, 1–20 characters of the GSM-7 alphabet. */
  readonly brand: string;
  /** The proof's `aud`. */
  readonly audience: string;
  readonly code: {
    /** Digits of a code, 4–10. */
    readonly digits: number;
    /** How long a code lives, in seconds, 30–300. */
    readonly lifetimeSeconds: number;
    /** How long a verification lives at most, resends included, in seconds, up to 600. */
    readonly maxLifetimeSeconds: number;
    /** Guesses that are ever evaluated per verification, 1–10. */
    readonly maxAttempts: number;
  };
  readonly sends: {
    /** Wait after the first, second, … send within `cooldownWindowSeconds`; the last one repeats. Seconds. */
    readonly cooldownSeconds: readonly number[];
    readonly cooldownWindowSeconds: number;
    /** Sliding windows per phone: at most `sends` within any `windowSeconds`. At most 24 hours and ten sends. */
    readonly windows: readonly SendWindow[];
  };
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

export type CountryPolicy = {
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
