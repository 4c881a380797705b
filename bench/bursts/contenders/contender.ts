/** What is judged: anything that can say, of a request for a code, whether it should be sent. */

/** A request as the service sees it. Nothing here tells whether it is meant well. */
export type Visible = {
  /** Of this verification; its resends and checks carry it as well. */
  readonly id: number;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** The number, which is synthetic, in E.164. A contender that keeps pseudonyms takes it for one. */
  readonly phone: string;
  /** As `parsePhone` of the service makes them: all but the last four digits; calling code and first digits. */
  readonly range: string;
  readonly prefix: string;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Names the caller's address; opaque. */
  readonly ip: string;
  readonly application: string;
  readonly priceUsd: number;
  /** Whether the number has verified in the 90 days before the run. What happens in the run a contender sees itself. */
  readonly verifiedBefore: boolean;
};

export type Code = { readonly digits: number; readonly maxAttempts: number };

export type Outcome = 'sent' | 'refused';

export type Level = 'phone' | 'ip' | 'range' | 'prefix' | 'country' | 'all';

export type Severity = 'info' | 'low' | 'medium' | 'high' | 'critical';

/** What security staff would be told. The key is what `Visible` has at that level; of `all` it says nothing. */
export type Finding = {
  readonly level: Level;
  readonly key: string;
  readonly severity: Severity;
  readonly atMs: number;
  /** Of a finding about all of them: the countries that it names. */
  readonly countries?: readonly string[];
};

export type Report = {
  readonly findings: readonly Finding[];
  /** Blocks that were written. */
  readonly blocks: number;
  /** Counted cost: read and write units of the table, by name. */
  readonly units?: Readonly<Record<string, number>>;
};

/** All times are given; they never run backwards. What takes time in it, it delays itself, by `atMs` and `tick`. */
export type Contender = {
  readonly ask: (attempt: Visible) => Outcome;
  /** The code was entered. */
  readonly verified: (attempt: Visible, atMs: number) => void;
  /** Another code was entered. */
  readonly wrong: (attempt: Visible, atMs: number) => void;
  /** The same verification asks for another SMS. */
  readonly resend: (attempt: Visible, atMs: number) => Outcome;
  /** Digits of the code that was sent for an attempt, and the guesses that are evaluated at it. By default 6 and 5. */
  readonly codeOf?: (attempt: Visible) => Code;
  /** Called every `tickMs` of the clock of the run. */
  readonly tick?: (nowMs: number) => void;
  /** Asked once, at the end. */
  readonly report?: () => Report;
};

/** One that enters a run: a contender is made anew for each, and knows nothing of the others. */
export type Entry = { readonly name: string; readonly enter: (seed: number) => Contender };

export const tickMs = 10_000;
