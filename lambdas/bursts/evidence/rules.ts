import type { RuleName } from '../../policy.ts';
import { areOfNumber, type Key, type Level } from '../counts/keys.ts';
import type { Assessment } from './assess.ts';
import type { Baseline } from './baseline.ts';
import { areGuesses } from './guesses.ts';
import { isWide, type Lately } from './lately.ts';
import { thresholds } from './thresholds.ts';
import { chanceOf } from './weigh.ts';

export const rules = [
  'unverified-burst',
  'low-and-slow',
  'no-conversion',
  'converting-strangers',
  'code-spraying',
  'guessing',
  'bombing',
] as const satisfies readonly RuleName[];
export type Rule = (typeof rules)[number];

const isGateOpen = (level: Level, { chance }: Assessment): boolean => chance < thresholds.gate[level];

const hasNoConversion = ({ pending, seen, baseline }: Assessment): boolean =>
  seen.verified === 0 &&
  pending.count * baseline.arriving >= thresholds.noConversion.pending &&
  pending.oldestSeconds >= thresholds.noConversion.oldestSeconds;

const isConvertingUnverified = ({ started, distinctIps, seen, baseline }: Assessment): boolean => {
  const [, unverifiedHour] = started;
  const { unverified, ips, chance, share } = thresholds.convertingUnverified;
  if (unverifiedHour < unverified || distinctIps < ips) return false;
  return seen.verified >= share * seen.started && chanceOf(unverifiedHour, 1, baseline) < chance;
};

/**
 * A farm of SIMs enters its codes from many IPs, slowly. A launch or a campaign brings people to all ranges around, and an
 * office has few IPs.
 */
const isSlowlyConverting = (assessment: Assessment): boolean => {
  const { started, around, isFarmAgain, distinctIps, seen, baseline } = assessment;
  const [, , sixHours] = started;
  const { again, perIp, chance, share, ...first } = thresholds.slowlyConverting;
  const { unverified, ips } = isFarmAgain ? again : first;
  if (sixHours < unverified || sixHours < around) return false;
  if (distinctIps < ips || seen.started > perIp * distinctIps) return false;
  return seen.verified >= share * seen.started && (isFarmAgain || chanceOf(sixHours, 2, baseline) < chance);
};

/** Nothing but their numbers speaks against people who verify. */
const areConverting = (assessment: Assessment): boolean =>
  isConvertingUnverified(assessment) || isSlowlyConverting(assessment);

/** Levels that are judged by the codes that are entered. */
const judged: readonly Level[] = ['range', 'prefix', 'country', 'ip', 'new-network'];
const slowly: readonly Level[] = ['range', 'prefix'];

/** By the share of people who verify. Restricting a wide group refuses all new people in it, and so needs a flood. */
export const areMostlyAttackers = (
  level: Level,
  { lately, baseline }: { readonly lately: Lately; readonly baseline: Baseline },
): boolean =>
  !isWide(level) ||
  lately.verified <= (1 - thresholds.attackShare) * lately.ripe * baseline.conversion * baseline.arriving;

/** Of a narrow key, evidence may be given from around it, or by the rate. Wider keys have none but that of people. */
const isBurst = (level: Level, { fast, rise: [, people] }: Assessment): boolean => {
  const needsPeople = level === 'range' || level === 'ip';
  return fast >= thresholds.burst && (!needsPeople || people >= thresholds.minPeople);
};

/** A handful of people in six hours is no attack, however few verify. The usual number is none either. */
const isSlow = ({ slow, rise: [, hour, sixHours], baseline }: Assessment): boolean =>
  slow >= thresholds.slow &&
  hour >= thresholds.slowMin.hour &&
  sixHours >= thresholds.slowMin.sixHours &&
  2 * 6 * hour >= sixHours &&
  chanceOf(sixHours, 2, baseline) < thresholds.slowMin.chance;

/** The rules that a key breaks, the most severe first. */
export const brokenBy = (key: Key, assessment: Assessment): readonly Rule[] => {
  const { level } = key;
  const open = isGateOpen(level, assessment) && areMostlyAttackers(level, assessment);
  const isOfGroup = level === 'ip' || (level === 'codes' && !areOfNumber(key));
  const broken: Readonly<Record<Rule, boolean>> = {
    'unverified-burst': judged.includes(level) && open && isBurst(level, assessment),
    'no-conversion': level === 'prefix' && open && hasNoConversion(assessment),
    'low-and-slow': slowly.includes(level) && open && isSlow(assessment),
    'converting-strangers': level === 'range' && assessment.areNumbersEvidence && areConverting(assessment),
    'code-spraying': isOfGroup && areGuesses(assessment.seen),
    guessing: areOfNumber(key) && assessment.seen.wrong >= thresholds.guessing,
    bombing: level === 'phone' && assessment.limited >= thresholds.bombing,
  };
  return rules.filter((rule) => broken[rule]);
};

/** Whether guesses go on, so that codes stay long. */
export const areGuessedAt = (key: Key, { recent }: Assessment): boolean =>
  areOfNumber(key) ? recent.wrong >= thresholds.guessing : areGuesses(recent);
