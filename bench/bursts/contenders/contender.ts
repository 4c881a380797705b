/** A contender decides whether the SMS of a request is sent. */

/** A request as the service sees it, without a label. */
export type Visible = {
  /** Of the verification. Its resends and checks have the same. */
  readonly id: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** A synthetic number in E.164. */
  readonly phone: string;
  /** Cut as by `parsePhone`: all but the last four digits; calling code and first digits. */
  readonly range: string;
  readonly prefix: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** An opaque name of the IP. */
  readonly ip: string;
  /** An opaque name of its network: /24 or /48. */
  readonly network: string;
  readonly application: string;
  readonly priceUsd: number;
  /** The number verified within the 90 days before the run. */
  readonly verifiedBefore: boolean;
  /** The networks from which it did. */
  readonly verifiedFrom: readonly string[];
  /** Numbers that had verified from the IP before the run. */
  readonly ipVerifiers: number;
};

/** What is usual for a group of numbers or an IP, on the days before the run. */
export type Usual = {
  readonly level: 'ip' | 'range' | 'prefix' | 'country';
  readonly of: string;
  /** Requests per hour, as a mean over the day. */
  readonly perHour: number;
  /** Factor of it for each hour of the day, UTC. */
  readonly hours: readonly number[];
  /** Share of the requests that is approved. */
  readonly conversion: number;
};

/** Shares of all requests. */
export type Strata = {
  /** For numbers that are not trusted. */
  readonly unverified: number;
  /** Of those, from IPs that are not trusted. */
  readonly stratum: number;
  /** For trusted numbers from a network and an IP that are new to them. */
  readonly newNetwork: number;
  readonly pairs: number;
};

/** What a service remembers that has been running before the run. */
export type Past = {
  readonly days: number;
  /** The beginning of the run. */
  readonly endMs: number;
  readonly strata: Strata;
  readonly usual: readonly Usual[];
};

export type Code = { readonly digits: number; readonly maxAttempts: number };

export type Outcome = 'sent' | 'refused';

export type Level = 'phone' | 'ip' | 'range' | 'prefix' | 'country' | 'all';

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** A finding for staff. The key is that field of `Visible`; for `all` it is empty. */
export type Finding = {
  readonly level: Level;
  readonly key: string;
  readonly severity: Severity;
  readonly atMs: number;
  /** The countries that a finding about `all` names. */
  readonly countries?: readonly string[];
};

export type Report = {
  readonly findings: readonly Finding[];
  /** Count of blocks. */
  readonly blocks: number;
  /** Restrictions that a launch spared, and launches with far more requests than announced. */
  readonly spared?: number;
  readonly exceeded?: number;
  /** Read and write units of tables, by name. */
  readonly units?: Readonly<Record<string, number>>;
};

/** Times are given and never run backwards. A contender plays its own delays, by `atMs` and `tick`. */
export type Contender = {
  /**
   * Called once, before the run: the contender takes the past for its own. Facts of a number or an IP come with each
   * request (`verifiedBefore`, `verifiedFrom`, `ipVerifiers`).
   */
  readonly remember?: (past: Past) => void;
  readonly ask: (attempt: Visible) => Outcome;
  /** The code was entered. */
  readonly verified: (attempt: Visible, atMs: number) => void;
  /** A wrong code was entered. */
  readonly wrong: (attempt: Visible, atMs: number) => void;
  /** The same verification asks for another SMS. */
  readonly resend: (attempt: Visible, atMs: number) => Outcome;
  /** Whether a request that was sent passed a restriction as a test of it. */
  readonly isProbe?: (attempt: Visible) => boolean;
  /** Milliseconds that the last refusal said to wait. */
  readonly waitMs?: () => number;
  /** Whether a request would be sent now. It changes nothing. */
  readonly wouldSend?: (attempt: Visible) => boolean;
  /** Digits of the code of an attempt, and guesses evaluated at it. By default 6 and 5. */
  readonly codeOf?: (attempt: Visible) => Code;
  /** Called every `tickMs` of the run's clock. */
  readonly tick?: (nowMs: number) => void;
  /** Called once, at the end. */
  readonly report?: () => Report;
};

/** Makes a fresh contender for each run. */
export type Entry = { readonly name: string; readonly enter: (seed: number) => Contender };

export const tickMs = 10_000;
