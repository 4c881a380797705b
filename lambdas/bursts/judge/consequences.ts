import { shareForAnyone } from '../../otp/limits/caps.ts';
import { type BlockLevel, type BurstPolicy, blockLevels, type Mode, type RuleWithMode } from '../../policy.ts';
import type { Key, Level } from '../counts/keys.ts';
import { isRestricted } from './blocks.ts';
import type { Candidate } from './candidate.ts';
import type { Action, Explanation, Severity } from './ruling.ts';

const coldLevels: readonly Level[] = ['prefix', 'country', 'new-network'];
const isBlockLevel = (level: Level): level is BlockLevel => blockLevels.some((each) => each === level);

/** The level whose mode the settings give. New networks are those of a country. */
const settingsLevel = (level: Level): BlockLevel | undefined => {
  if (level === 'new-network') return 'country';
  return isBlockLevel(level) ? level : undefined;
};

/** The mildest of the modes that the settings give to level, rule and country; `record-only` before anything is learnt. */
export const modeOf = (
  policy: BurstPolicy,
  { level }: Key,
  rule: RuleWithMode,
  country: string,
  runningHours: number,
): Mode => {
  const order: readonly Mode[] = ['off', 'record-only', 'enforce'];
  const isCold = coldLevels.includes(level) && runningHours < policy.coldStartHours;
  const ofSettings = settingsLevel(level);
  const modes: readonly Mode[] = [
    ofSettings === undefined ? 'enforce' : policy.levels[ofSettings],
    policy.rules[rule] ?? 'enforce',
    policy.countries[country] ?? 'enforce',
    isCold ? 'record-only' : 'enforce',
  ];
  return order.find((mode) => modes.includes(mode)) ?? 'enforce';
};

/**
 * What a rule leads to at a level. Strangers can make anything look like an attack. So no action of the detector stops a
 * number from one of its pairs, and all but longer codes let probes pass. Only an attack on a range that goes on behind
 * the restriction, from trusted IPs, is blocked.
 */
export const actionOf = (rule: RuleWithMode, { key, lastBlock }: Candidate, nowMs: number): Action => {
  // The detector cannot tell which numbers the guesses are meant for: codes become longer, no request is refused.
  if (key.level === 'codes') return 'longer-codes';
  if (rule === 'bombing' || key.level === 'phone') return 'none';
  if (key.level !== 'range' || rule === 'converting-strangers') return 'restrict';
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
  return coldLevels.includes(level) || rule === 'code-spraying' ? 'high' : 'medium';
};
