import type { BurstPolicy } from '../../policy.ts';
import type { Key } from '../counts/keys.ts';
import { modeOf } from './consequences.ts';
import { caseNameOf } from './judge-key.ts';
import { type Explanation, type LastNotified, noneCounted, type Ruling } from './ruling.ts';

/** What a review of the last days found. */
export type Assessed = Pick<
  Explanation,
  | 'evidence'
  | 'threshold'
  | 'chance'
  | 'seenStarted'
  | 'seenVerified'
  | 'expectedPerHour'
  | 'conversion'
  | 'spentUsd'
  | 'usdPerHour'
  | 'countries'
>;

/** What took days to show leads to one notification a day. */
const notifyDailyMs = 20 * 3_600_000;

/** The ruling on missing approvals. It leads to no action. */
export const rulingOnDrop = (
  key: Key,
  country: string,
  assessed: Assessed,
  lastNotified: LastNotified | undefined,
  policy: BurstPolicy,
  nowMs: number,
): Ruling | undefined => {
  const mode = modeOf(policy, key, 'conversion-drop', country, Number.POSITIVE_INFINITY);
  // Other findings of the country say nothing of this one.
  if (mode === 'off' || nowMs < (lastNotified?.dropMs ?? 0) + notifyDailyMs) return undefined;
  const nothingElse = {
    ...noneCounted,
    requests: 0,
    seenSms: assessed.seenStarted,
    applications: [],
  };
  return {
    ...caseNameOf(key, undefined, lastNotified, 'none', nowMs),
    key,
    country,
    within: undefined,
    rule: 'conversion-drop',
    mode,
    action: 'none',
    severity: mode === 'enforce' && key.level === 'everywhere' ? 'medium' : 'low',
    atMs: nowMs,
    untilMs: nowMs,
    step: 0,
    explanation: {
      ...assessed,
      ...nothingElse,
      rule: 'conversion-drop',
      collateral: Math.round(assessed.seenVerified),
    },
  };
};
