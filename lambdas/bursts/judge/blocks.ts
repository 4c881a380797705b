import { hourMs } from '../../otp/durations.ts';
import type { RuleName } from '../../policy.ts';
import type { Key, Level } from '../counts/keys.ts';
import type { Assessment } from '../evidence/assess.ts';
import type { Baseline } from '../evidence/baseline.ts';
import { type Probes, type ProbesSince, probesSince } from '../evidence/probes.ts';
import { areGuessedAt, areMostlyAttackers } from '../evidence/rules.ts';
import { thresholds } from '../evidence/thresholds.ts';
import type { Since } from '../evidence/weigh.ts';
import type { BlockAsItIs, LastBlock } from './ruling.ts';

/** Blocks and cases of a key belong together for this long. */
export const repeatWithinMs = 24 * 3_600_000;

/** By then a block has taken effect, and what was on its way has arrived. */
export const effectMs = 20_000;

/** After a block, evidence is taken as given: an attacker who comes back is stopped in fewer messages each time. */
export const sinceOf = (last: LastBlock | undefined, nowMs: number): Since | undefined => {
  if (last === undefined || last.untilMs + repeatWithinMs < nowMs) return undefined;
  if (last.liftedUntilMs !== undefined) return { ms: last.liftedUntilMs, evidence: 0 };
  // Behind a restriction, what counts is what passes it, from when it took effect.
  if (isRestricted(last, nowMs)) return { ms: last.atMs + effectMs, evidence: 0, isRestriction: true };
  const { first, more, max } = thresholds.again;
  return { ms: last.untilMs, evidence: Math.min(max, first + more * last.step) };
};

/** How many rulings within a day of each other came before the next. */
export const nextStepOf = (last: LastBlock | undefined, nowMs: number): number => {
  if (last === undefined || nowMs > last.untilMs + repeatWithinMs) return 0;
  return isRestricted(last, nowMs) ? last.step : last.step + 1;
};

export const isRestricted = (last: LastBlock | undefined, nowMs: number): boolean =>
  last !== undefined && last.action === 'restrict' && nowMs < last.untilMs;

/** Whether a block on the key holds, or staff want none for now. A restriction of a range may still become a block. */
export const isSettled = (last: LastBlock | undefined, { level }: Key, nowMs: number): boolean => {
  if (last === undefined) return false;
  if (nowMs < (last.liftedUntilMs ?? 0)) return true;
  const mayHarden = last.action === 'restrict' && level === 'range';
  return nowMs < last.untilMs && !mayHarden;
};

/** An item whose times lie ahead of all clocks is none. */
const maxAheadMs = 3_600_000;

/**
 * The last block as the block's item shows it. A lifted block does not hold until staff want one again, and one whose
 * item is gone does not hold at all. A block of staff in its place may end sooner, and the detector judges from then on.
 */
export const lastBlockNow = (
  last: LastBlock | undefined,
  block: BlockAsItIs | undefined,
  nowMs: number,
): LastBlock | undefined => {
  if (last === undefined || last.atMs > nowMs + maxAheadMs) return undefined;
  // A read that lags may show a new block as gone. A second block would then be refused.
  if (block === undefined) return { ...last, untilMs: Math.min(last.untilMs, nowMs) };
  const { liftedUntilMs, staffUntilMs = last.untilMs } = block;
  if (liftedUntilMs === undefined) return { ...last, untilMs: Math.min(last.untilMs, staffUntilMs) };
  return { ...last, untilMs: Math.min(last.untilMs, liftedUntilMs, nowMs), liftedUntilMs };
};

/** Probes per hour that pass a restriction: as many as people usually come, and no fewer than these. */
export const probesPerHour = (level: Level, usualPerHour: number, isTrustedIp: boolean): number => {
  const { minProbesPerHour: min } = thresholds;
  if (level === 'ip') return Math.max(isTrustedIp ? min.trustedIp : min.ip, usualPerHour);
  if (level === 'range' || level === 'prefix' || level === 'country' || level === 'new-network')
    return Math.max(min[level], usualPerHour);
  return 0;
};

export const probeIntervalMs = (perHour: number): number => Math.round(hourMs / perHour);

/** What became of the probes that may renew a block now. */
export const probesOfBlock = (
  { probeIntervalMs: intervalMs = 0 }: Pick<LastBlock, 'probeIntervalMs'>,
  { probes }: Pick<Assessment, 'probes'>,
  baseline: Baseline,
  nowMs: number,
): ProbesSince => probesSince(probes, nowMs - thresholds.restriction.ms - intervalMs, baseline);

/** Whether the last probes of a block on a wide group said that it holds people. */
export const haveProbesVerified = (last: LastBlock, key: Key, probes: Probes, baseline: Baseline): boolean => {
  return !areAttackers(key, probesOfBlock(last, { probes }, baseline, last.untilMs), baseline);
};

const areAttackers = ({ level }: Key, { failed, verified }: ProbesSince, baseline: Baseline): boolean =>
  areMostlyAttackers(level, { lately: { ripe: failed + verified, verified }, baseline });

/** When a restriction is renewed. */
const conditionsOf = (rule: RuleName | undefined) =>
  rule === 'converting-strangers' ? thresholds.restriction.ofFarm : thresholds.restriction;

/** More refused requests than usual people make, in this time bucket and the last. */
const isPressed = (rule: RuleName | undefined, { blocked, baseline }: Assessment): boolean => {
  const { min, timesUsual } = conditionsOf(rule).pressed;
  return blocked >= min + (timesUsual * baseline.perHour) / 6;
};

/**
 * Whether an attack goes on behind a block. Only its probes say so; refused requests, which cost nothing, say nothing. But
 * without them nobody attacks any more, and a probe of an hour ago holds no block. If those who verify are the attack, it
 * goes on for as long as probes verify.
 */
const goesOn = (last: LastBlock, key: Key, assessment: Assessment, nowMs: number): boolean => {
  if (key.level === 'codes') return areGuessedAt(key, assessment);
  if (!isPressed(last.rule, assessment)) return false;
  const probes = probesOfBlock(last, assessment, assessment.baseline, nowMs);
  const { failed, verified, evidence } = probes;
  if (last.rule === 'converting-strangers') return verified > 0 && evidence <= 0;
  return failed > 0 && evidence > 0 && areAttackers(key, probes, assessment.baseline);
};

/**
 * The block with a later end, a quarter of an hour from now, if the attack goes on behind it. Without new evidence, which
 * is a ruling, it ends after hours.
 */
export const renew = (last: LastBlock, key: Key, assessment: Assessment, nowMs: number): LastBlock | undefined => {
  if (nowMs >= last.untilMs || nowMs < last.untilMs - conditionsOf(last.rule).renewedBeforeMs) return undefined;
  const { ms, maxMs } = thresholds.restriction;
  const untilMs = Math.min(nowMs + ms, last.atMs + maxMs);
  if (untilMs <= last.untilMs || !goesOn(last, key, assessment, nowMs)) return undefined;
  return { ...last, untilMs };
};
