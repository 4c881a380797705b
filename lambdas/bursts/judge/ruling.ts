import type { Mode, RuleName } from '../../policy.ts';
import type { Key } from '../counts/keys.ts';
import type { ExceededLaunch, Launch } from '../evidence/launches.ts';

/**
 * What a ruling leads to. A restriction refuses unverified numbers unless they come from a trusted IP, and a block those
 * as well; probes pass both. Longer codes refuse no request; they make guessing a thousand times as hard.
 */
export type Action = 'block' | 'restrict' | 'longer-codes' | 'none';

export type Severity = 'low' | 'medium' | 'high' | 'critical';

/** Names the case of a key: the same until the key has been quiet for a day. */
export type CaseName = {
  readonly uid: string;
  readonly firstMs: number;
};

/** The last notification about a key that led to no block, and the last one about missing approvals. */
export type LastNotified = CaseName & { readonly atMs: number; readonly dropMs?: number | undefined };

/** What staff did to a block: they lifted it, or wrote one of their own in its place, which ends then. */
export type BlockAsItIs = { readonly liftedUntilMs: number | undefined; readonly staffUntilMs: number | undefined };

/** The last block on a key. */
export type LastBlock = CaseName & {
  /** Time of the ruling. A renewal does not change it, because it is no new evidence. */
  readonly atMs: number;
  readonly untilMs: number;
  /** How many blocks came before it in a row. */
  readonly step: number;
  readonly action: Exclude<Action, 'none'>;
  readonly rule?: RuleName | undefined;
  /** One probe passes in this time. */
  readonly probeIntervalMs?: number | undefined;
  /** Staff lifted it, and want none before this time. */
  readonly liftedUntilMs?: number | undefined;
};

/** A launch as findings name it: without the free text of staff. */
export type NamedLaunch = Pick<Launch, 'level' | 'of' | 'fromMs' | 'untilMs' | 'expected'> & {
  /** Requests since its beginning, as of the last sweep. */
  readonly requests: number;
};

/** The purpose that a swapped or ported number was used for, and the outcome of the request. */
export type AtRisk = {
  readonly found: 'swapped' | 'ported';
  readonly outcome: 'refused' | 'step-up';
  readonly purpose: string;
};

/** The numbers behind a ruling, as a person can follow them. */
export type Explanation = {
  readonly rule: RuleName;
  /** Evidence in nats, and the threshold of the rule. */
  readonly evidence: number;
  readonly threshold: number;
  /** Chance of this much traffic without an attack. */
  readonly chance: number;
  /** People. */
  readonly startedTenMinutes: number;
  readonly startedHour: number;
  readonly startedSixHours: number;
  readonly seenStarted: number;
  readonly seenVerified: number;
  /** Their SMS, those that they asked for again included. */
  readonly seenSms: number;
  /** Age of the first of them, in seconds. A review of whole days has none. */
  readonly seenSeconds?: number;
  /** Wrong codes, and the verifications over which they came: of everybody. */
  readonly wrong: number;
  readonly requests: number;
  readonly pending: number;
  readonly oldestPendingSeconds: number;
  readonly distinctIps: number;
  readonly limited: number;
  readonly expectedPerHour: number;
  readonly conversion: number;
  /** Share of the country's codes that arrive, as far as pairs show. */
  readonly arriving: number;
  /** Of all SMS that were seen. */
  readonly spentUsd: number;
  readonly usdPerHour: number;
  /** The pace from which on a finding is critical there, if it may be. */
  readonly criticalUsdPerHour?: number;
  /** The cap of its country an hour: it bounds every pace. */
  readonly hourCapUsd?: number;
  /** Verified there within about a day: the people whom a restriction may affect. */
  readonly collateral: number;
  /** Of those whom a restriction holds, so many an hour pass as probes. */
  readonly probesPerHour: number;
  /** Names of the applications that these requests and guesses came through. None of a review of whole days. */
  readonly applications: readonly string[];
  /** Countries with the largest drops, if all are judged together. */
  readonly countries: readonly string[];
  /** The launch that was exceeded, or because of which nothing was restricted. */
  readonly launch?: NamedLaunch | undefined;
  /** Of `swapped-number`. */
  readonly atRisk?: AtRisk | undefined;
};

/** The counts of an explanation that is not about counted traffic. */
export const noneCounted = {
  startedTenMinutes: 0,
  startedHour: 0,
  startedSixHours: 0,
  wrong: 0,
  pending: 0,
  oldestPendingSeconds: 0,
  distinctIps: 0,
  limited: 0,
  arriving: 1,
  probesPerHour: 0,
} as const satisfies Partial<Explanation>;

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
  /** One probe passes in this time; none passes longer codes, which refuse nothing. */
  readonly probeIntervalMs?: number | undefined;
  readonly step: number;
  /** Of `launch-exceeded`: the launch, which ends. */
  readonly exceeded?: ExceededLaunch | undefined;
  readonly explanation: Explanation;
};

/** The wider groups that are to know of a ruling that leads to an action, and the parts of them that it concerns. */
export const partsOf = ({
  key,
  within,
  country,
  action,
}: Pick<Ruling, 'key' | 'within' | 'country' | 'action'>): readonly { readonly within: Key; readonly part: Key }[] => {
  if (action === 'none' || within === undefined) return [];
  if (key.level !== 'range') return [{ within, part: key }];
  return [
    { within, part: key },
    { within: { level: 'country', of: country }, part: within },
  ];
};
