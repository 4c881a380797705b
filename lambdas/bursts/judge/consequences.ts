import { shareForAnyone } from '../../otp/limits/caps.ts';
import { type BlockLevel, type BurstPolicy, blockLevels, type Mode, type RuleName } from '../../policy.ts';
import type { Key, Level } from '../counts/keys.ts';
import { isRestricted } from './blocks.ts';
import type { Candidate } from './candidate.ts';
import type { Action, Explanation, Severity } from './ruling.ts';

const coldLevels: readonly Level[] = ['prefix', 'country'];
const isBlockLevel = (level: Level): level is BlockLevel => blockLevels.some((each) => each === level);

/** The mildest of the modes that the settings give to level, rule and country; `record-only` before anything is learnt. */
export const modeOf = (
  policy: BurstPolicy,
  { level }: Key,
  rule: RuleName,
  country: string,
  runningHours: number,
): Mode => {
  const order: readonly Mode[] = ['off', 'record-only', 'enforce'];
  const isCold = coldLevels.includes(level) && runningHours < policy.coldStartHours;
  const modes: readonly Mode[] = [
    isBlockLevel(level) ? policy.levels[level] : 'enforce',
    policy.rules[rule] ?? 'enforce',
    policy.countries[country] ?? 'enforce',
    isCold ? 'record-only' : 'enforce',
  ];
  return order.find((mode) => modes.includes(mode)) ?? 'enforce';
};

/** A country with fewer approvals in its past counts as one without verifications. */
const hardlyAnyVerified = 5;

/**
 * What a rule leads to at a level. A group of numbers is restricted first, which spares callers from trusted IPs. Only
 * an attack that goes on behind the restriction is blocked.
 */
export const actionOf = (rule: RuleName, { key, state, assessment, lastBlock }: Candidate, nowMs: number): Action => {
  if (rule === 'bombing') return 'none';
  // The detector cannot tell which numbers the guesses are meant for: all codes become longer, no request is refused.
  if (key.level === 'codes') return 'longer-codes';
  if (rule === 'converting-strangers') return 'restrict';
  if (key.level === 'ip' || key.level === 'phone') return 'block';
  const isKnown = (state.history?.verifiedLong ?? 0) + assessment.seen.verified >= hardlyAnyVerified;
  if (key.level === 'country' && isKnown) return rule === 'prefixes-blocked' ? 'restrict' : 'none';
  return isRestricted(lastBlock, nowMs) ? 'block' : 'restrict';
};

/** At a critical pace, an attack uses up in half an hour what unverified numbers may cost in an hour. */
const hoursToCap = 0.5;

/**
 * The pace from which on a finding is critical, in USD per hour. A cap bounds what any attack costs, so that a pace
 * beyond all caps would be reached by none.
 */
export const criticalUsdPerHourOf = ({ criticalUsdPerHour }: BurstPolicy, hourCapUsd: number): number =>
  Math.min(criticalUsdPerHour, (hourCapUsd * shareForAnyone) / hoursToCap);

/** @param action what the rule leads to if the mode is `enforce`. */
export const severityOf = (
  { level }: Key,
  mode: Mode,
  action: Action,
  { rule, usdPerHour, criticalUsdPerHour = Number.POSITIVE_INFINITY }: Explanation,
): Severity => {
  if (action === 'none' || mode === 'record-only') return 'low';
  // Most requests of a whole country come from its own people.
  if (usdPerHour >= criticalUsdPerHour && level !== 'codes') return 'critical';
  return level === 'prefix' || level === 'country' || rule === 'code-spraying' ? 'high' : 'medium';
};
