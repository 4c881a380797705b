import type { Mode, RuleName } from '../../policy.ts';
import type { Key } from '../counts/keys.ts';

/**
 * What a burst leads to. A restriction stops unverified numbers who call from IPs where nobody has verified. Longer codes stop
 * nobody: they make guessing a thousand times as hard.
 */
export type Action = 'block' | 'restrict' | 'longer-codes' | 'none';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** Names what is found at a key: the same until it has been quiet for a day. */
export type CaseName = {
  readonly uid: string;
  readonly firstMs: number;
};

/** The last notification about a key that led to no block. */
export type LastNotified = CaseName & { readonly atMs: number };

/** The last block on a key. */
export type LastBlock = CaseName & {
  readonly atMs: number;
  readonly untilMs: number;
  /** How often in a row: it says how long the next one is. */
  readonly step: number;
  readonly action: Exclude<Action, 'none'>;
  /** Staff lifted it, and want none before this time. */
  readonly liftedUntilMs?: number | undefined;
};

/** Everything that a decision rests on, in numbers that a person can follow. */
export type Explanation = {
  readonly rule: RuleName;
  /** Evidence in nats, and from when on it is called a burst. */
  readonly evidence: number;
  readonly threshold: number;
  /** Chance of so much traffic by itself. */
  readonly chance: number;
  readonly startedTenMinutes: number;
  readonly startedHour: number;
  readonly startedSixHours: number;
  readonly seenStarted: number;
  readonly seenVerified: number;
  readonly wrong: number;
  readonly pending: number;
  readonly oldestPendingSeconds: number;
  readonly distinctIps: number;
  readonly limited: number;
  readonly expectedPerHour: number;
  readonly conversion: number;
  readonly spentUsd: number;
  readonly usdPerHour: number;
  /** Approved there within about a day: the people whom a block would meet, except trusted ones. */
  readonly collateral: number;
  /** Prefixes that were blocked, where that is the reason. */
  readonly prefixes: readonly string[];
  /** Countries that fall short most, where it is about all of them. */
  readonly countries: readonly string[];
};

/** A decision about a key: what is found, and what is done about it. */
export type Ruling = CaseName & {
  readonly key: Key;
  /** Whether staff know of this case. */
  readonly isUpdate: boolean;
  /** One of many of a campaign, of which others were severe before. */
  readonly isPartOfCampaign?: true | undefined;
  /** Case of the wider group under a block, or a restriction, that this one is part of. */
  readonly parent?: string | undefined;
  readonly country: string;
  /** The prefix of a range, the country of a prefix. */
  readonly within: Key | undefined;
  readonly rule: RuleName;
  readonly mode: Exclude<Mode, 'off'>;
  readonly action: Action;
  readonly severity: Severity;
  readonly atMs: number;
  /** When the block ends; the time of the ruling where there is none. */
  readonly untilMs: number;
  readonly step: number;
  readonly explanation: Explanation;
};
