import type { Key, Level } from '../counts/keys.ts';
import type { Assessment } from '../evidence/assess.ts';
import { areGuesses } from '../evidence/rules.ts';
import { thresholds } from '../evidence/thresholds.ts';
import type { Since } from '../evidence/weigh.ts';
import type { LastBlock } from './ruling.ts';

const minuteMs = 60_000;
/** How long the first, second, … block within 24 hours lasts; the last one repeats. */
export const blockMinutes = [15, 60, 240, 720] as const;
/** Blocks and cases of a key belong together for this long. */
export const repeatWithinMs = 24 * 60 * minuteMs;

/** A block later than the first lasts no longer than it takes this many newcomers to arrive. */
const maxNewcomers = 10;

export const durationMs = (step: number, perHour: number): number => {
  const [first] = blockMinutes;
  const wanted = blockMinutes[Math.min(step, blockMinutes.length - 1)] ?? first;
  return Math.min(wanted, Math.max(first, (maxNewcomers / perHour) * 60)) * minuteMs;
};

/** By then a block has taken effect, and what was on its way has arrived. */
export const effectMs = minuteMs / 3;

/** After a block, half of the evidence is taken as given: an attacker who goes on is stopped in half the messages. */
export const sinceOf = (last: LastBlock | undefined, nowMs: number): Since | undefined => {
  if (last === undefined || last.untilMs + repeatWithinMs < nowMs) return undefined;
  if (last.liftedUntilMs !== undefined) return { ms: last.liftedUntilMs, evidence: 0 };
  // Behind a restriction, what counts is what passes it, from when it took effect.
  if (isRestricted(last, nowMs)) return { ms: last.atMs + effectMs, evidence: 0, isRestriction: true };
  return { ms: last.untilMs, evidence: thresholds.again };
};

export const nextStepOf = (last: LastBlock | undefined, nowMs: number): number => {
  if (last === undefined || nowMs > last.untilMs + repeatWithinMs) return 0;
  return isRestricted(last, nowMs) ? last.step : last.step + 1;
};

export const isRestricted = (last: LastBlock | undefined, nowMs: number): boolean =>
  last !== undefined && last.action === 'restrict' && nowMs < last.untilMs;

/** Whether a block on the key holds, or staff want none for now. A restriction of a group may still become a block. */
export const isSettled = (last: LastBlock | undefined, { level }: Key, nowMs: number): boolean => {
  if (last === undefined) return false;
  if (nowMs < (last.liftedUntilMs ?? 0)) return true;
  const mayHarden = last.action === 'restrict' && (level === 'range' || level === 'prefix' || level === 'country');
  return nowMs < last.untilMs && !mayHarden;
};

/**
 * The last block as the block's item shows it. A lifted block does not hold until staff want one again, and one whose
 * item is gone does not hold at all.
 */
export const lastBlockNow = (
  last: LastBlock | undefined,
  block: { readonly liftedUntilMs: number | undefined } | undefined,
  nowMs: number,
): LastBlock | undefined => {
  if (last === undefined) return undefined;
  // A read that lags may show a new block as gone. A second block would then be refused.
  if (block === undefined) return { ...last, untilMs: Math.min(last.untilMs, nowMs) };
  const { liftedUntilMs } = block;
  if (liftedUntilMs === undefined) return last;
  return { ...last, untilMs: Math.min(last.untilMs, liftedUntilMs, nowMs), liftedUntilMs };
};

/** Blocked sends within ten minutes, beyond three times the usual, that show an attack going on. */
const minPressure = 6;
/** A block is only ever prolonged shortly before its end. */
const prolongBeforeMs = 2 * minuteMs;

/** Whether an attack goes on behind a block. A few people do not keep a block alive. */
const isPressed = (level: Level, { blocked, recent, baseline }: Assessment): boolean =>
  level === 'codes' ? areGuesses(recent) : blocked >= minPressure + (3 * baseline.perHour) / 6;

/** The block with a later end, a quarter of an hour on, if the attack goes on behind it. */
export const prolong = (
  last: LastBlock,
  { level }: Key,
  assessment: Assessment,
  nowMs: number,
): LastBlock | undefined => {
  if (nowMs >= last.untilMs || nowMs < last.untilMs - prolongBeforeMs) return undefined;
  if (!isPressed(level, assessment)) return undefined;
  return { ...last, untilMs: last.untilMs + blockMinutes[0] * minuteMs };
};
