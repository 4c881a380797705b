import type { IpRate } from '../../policy.ts';

/**
 * The generic cell rate algorithm (ITU-T I.371): one number, the theoretical arrival time (TAT), says how much of an
 * allowance is used. A send conforms iff TAT − now ≤ τ, and moves TAT on by T, from now if TAT is past.
 */
export type Rate = {
  /** T: one send's share of the time, in milliseconds. */
  readonly intervalMs: number;
  /** τ: how far ahead of its time a send may be, in milliseconds. 1 + τ/T sends conform at once. */
  readonly toleranceMs: number;
};

/** The rate under which no window of that length holds more sends: half may come at once, half over the window (ADR 21). */
export const rateOf = ({ sends, windowSeconds }: IpRate): Rate => {
  const atOnce = Math.ceil(sends / 2);
  const intervalMs = Math.ceil((windowSeconds * 1000) / Math.max(1, sends - atOnce));
  return { intervalMs, toleranceMs: intervalMs * (atOnce - 1) };
};

/** @param tatMs the theoretical arrival time in epoch milliseconds, 0 without sends. */
export const conforms = (tatMs: number, { toleranceMs }: Rate, nowMs: number): boolean => tatMs - nowMs <= toleranceMs;

export const tatAfter = (tatMs: number, { intervalMs }: Rate, nowMs: number): number =>
  Math.max(nowMs, tatMs) + intervalMs;

/** The first time at which a send conforms again, in epoch milliseconds. */
export const conformsAt = (tatMs: number, { toleranceMs }: Rate): number => tatMs - toleranceMs;

/** How many sends conform at once now. */
export const remainingOf = (tatMs: number, { intervalMs, toleranceMs }: Rate, nowMs: number): number =>
  conforms(tatMs, { intervalMs, toleranceMs }, nowMs)
    ? Math.floor((toleranceMs - (Math.max(nowMs, tatMs) - nowMs)) / intervalMs) + 1
    : 0;
