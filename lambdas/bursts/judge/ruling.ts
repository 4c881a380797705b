import type { Mode, RuleName } from '../../policy.ts';
import type { Key } from '../counts/keys.ts';

/**
 * What a ruling leads to. A restriction refuses unverified numbers unless they call from a trusted IP. Longer codes refuse
 * no request; they make guessing a thousand times as hard.
 */
export type Action = 'block' | 'restrict' | 'longer-codes' | 'none';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** Names the case of a key: the same until the key has been quiet for a day. */
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
  /** How many blocks came before it in a row: the next one is longer. */
  readonly step: number;
  readonly action: Exclude<Action, 'none'>;
  /** Staff lifted it, and want none before this time. */
  readonly liftedUntilMs?: number | undefined;
};

/** The numbers behind a ruling, as a person can follow them. */
export type Explanation = {
  readonly rule: RuleName;
  /** Evidence in nats, and the threshold of the rule. */
  readonly evidence: number;
  readonly threshold: number;
  /** Chance of this much traffic without an attack. */
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
  /** The pace from which on a finding is critical there, if it may be. */
  readonly criticalUsdPerHour?: number;
  /** Approved there within about a day: the people whom a block would affect, except trusted ones. */
  readonly collateral: number;
  /** Prefixes that were blocked, if they are the reason. */
  readonly prefixes: readonly string[];
  /** Countries with the largest drops, if all are judged together. */
  readonly countries: readonly string[];
};

/** What is found at a key, and what is done about it. */
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
  /** When the block ends; without a block, the time of the ruling. */
  readonly untilMs: number;
  readonly step: number;
  readonly explanation: Explanation;
};
