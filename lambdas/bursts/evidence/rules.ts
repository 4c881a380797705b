import type { RuleName } from '../../policy.ts';
import type { Level } from '../counts/keys.ts';
import type { Assessment } from './assess.ts';
import { poissonTail } from './chance.ts';
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

/** More wrong codes than mistakes leave behind. */
export const areGuesses = ({ requests, wrong }: { readonly requests: number; readonly wrong: number }): boolean => {
  const { perRequest, min, chance } = thresholds.wrongCodes;
  return wrong >= min && poissonTail(wrong, Math.max(1, requests) * perRequest) < chance;
};

const hasNoConversion = ({ pending, seen }: Assessment): boolean =>
  seen.verified === 0 &&
  pending.count >= thresholds.noConversion.pending &&
  pending.oldestSeconds >= thresholds.noConversion.oldestSeconds;

const isConvertingUnverified = ({ started, distinctIps, seen, baseline }: Assessment): boolean => {
  const [, unverifiedHour] = started;
  const { unverified, ips, chance, share } = thresholds.convertingUnverified;
  if (unverifiedHour < unverified || distinctIps < ips) return false;
  return seen.verified >= share * seen.started && chanceOf(unverifiedHour, 1, baseline) < chance;
};

/** Levels that are judged by the codes that are entered. */
const judged: readonly Level[] = ['range', 'prefix', 'country', 'ip'];

/** A handful of codes in six hours is no attack, however few are entered. The usual number is none either. */
const isSlow = ({ slow, started: [, hour, sixHours], baseline }: Assessment): boolean =>
  slow >= thresholds.slow &&
  hour >= thresholds.slowMin.hour &&
  sixHours >= thresholds.slowMin.sixHours &&
  chanceOf(sixHours, 2, baseline) < thresholds.slowMin.chance;

/** The rules that a key breaks, the most severe first. */
export const brokenBy = (level: Level, assessment: Assessment): readonly Rule[] => {
  const { fast } = assessment;
  const open = isGateOpen(level, assessment);
  const broken: Readonly<Record<Rule, boolean>> = {
    'unverified-burst': judged.includes(level) && open && fast >= thresholds.burst,
    'no-conversion': level === 'prefix' && open && hasNoConversion(assessment),
    'low-and-slow': (level === 'prefix' || level === 'range') && open && isSlow(assessment),
    'converting-strangers': level === 'range' && isConvertingUnverified(assessment),
    'code-spraying': (level === 'ip' || level === 'codes') && areGuesses(assessment.seen),
    guessing: level === 'phone' && assessment.seen.wrong >= 12,
    bombing: level === 'phone' && assessment.limited >= 12,
  };
  return rules.filter((rule) => broken[rule]);
};
