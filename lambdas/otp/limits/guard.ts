import { cooldownLimit, hardLimit, type Policy, type SendWindow } from '../../policy.ts';
import type { Moment } from './moment.ts';
import { isOfApproved, type Reputation } from './reputation.ts';

/** Which SMS were sent to a number. */
export type Guard = {
  /** Counts the writes, from 0. A write is conditional on the version that was read. */
  readonly version: number;
  /** The sends of the last 24 hours, oldest first. The hard limit bounds them. */
  readonly sends: readonly Moment[];
};

export const noGuard: Guard = { version: 0, sends: [] };

export type SendLimits = Policy['sends'];

/** The facts that decide about the next SMS to a number. */
export type NumberFacts = { readonly guard: Guard; readonly reputation: Reputation };

const daySeconds = 86_400;

/** Times of sends, oldest first: those that still count, and all. */
type SendTimes = { readonly counted: readonly number[]; readonly all: readonly number[] };

/** An approved verification frees its own sends, resends included, from cooldown and windows (ADR 43). */
const timesOf = ({ guard: { sends }, reputation }: NumberFacts): SendTimes => ({
  counted: sends.filter((send) => !isOfApproved(reputation, send)).map(({ atMs }) => atMs),
  all: sends.map(({ atMs }) => atMs),
});

type CountedWindow = SendWindow & { readonly counts: keyof SendTimes };

/** The windows of a number, and the hard limit as one more. */
export const windowsOf = ({ windows, maxIn24Hours }: SendLimits): readonly CountedWindow[] => [
  ...windows.map((window) => ({ ...window, counts: 'counted' as const })),
  { name: hardLimit, windowSeconds: daySeconds, sends: maxIn24Hours, counts: 'all' },
];

/** Why no SMS may go to the number now. */
export type BrokenLimit = { readonly limit: string; readonly retryAfterSeconds: number };

/**
 * Decides whether one more SMS may go to the number now. It may, if no limit is broken.
 *
 * Exact to the millisecond: a send at `t` counts in a window of `w` from `t` up to, and not including, `t + w`.
 */
export const brokenLimitOf = (facts: NumberFacts, limits: SendLimits, nowMs: number): BrokenLimit | undefined => {
  const limit = limitBrokenAt(timesOf(facts), limits, nowMs);
  if (limit === undefined) return undefined;
  return { limit, retryAfterSeconds: Math.ceil((nextSendAt(facts, limits, nowMs) - nowMs) / 1000) };
};

const limitBrokenAt = (times: SendTimes, limits: SendLimits, atMs: number): string | undefined => {
  for (const { name, windowSeconds, sends: maxSends, counts } of windowsOf(limits)) {
    if (within(times[counts], windowSeconds, atMs).length >= maxSends) return name;
  }
  return atMs < cooldownEndsAt(times, limits, atMs) ? cooldownLimit : undefined;
};

const within = (sends: readonly number[], windowSeconds: number, atMs: number): readonly number[] =>
  sends.filter((sentAt) => sentAt + windowSeconds * 1000 > atMs);

const cooldownEndsAt = ({ counted }: SendTimes, limits: SendLimits, atMs: number): number => {
  const last = counted.at(-1);
  const recent = within(counted, limits.cooldownWindowSeconds, atMs).length;
  if (last === undefined || recent === 0) return 0;
  const step = Math.min(recent, limits.cooldownSeconds.length) - 1;
  return last + (limits.cooldownSeconds[step] ?? 0) * 1000;
};

/**
 * The first time from now on at which a send is allowed, in epoch milliseconds, if nothing is approved until then. Only
 * the end of a window or of a cooldown can allow a send, so no other times are tried.
 */
export const nextSendAt = (facts: NumberFacts, limits: SendLimits, nowMs: number): number => {
  const times = timesOf(facts);
  const last = times.counted.at(-1) ?? 0;
  const moments = [
    nowMs,
    ...limits.cooldownSeconds.map((seconds) => last + seconds * 1000),
    ...times.counted.map((sentAt) => sentAt + limits.cooldownWindowSeconds * 1000),
    ...windowsOf(limits).flatMap(({ windowSeconds, counts }) =>
      times[counts].map((sentAt) => sentAt + windowSeconds * 1000),
    ),
  ];
  const allowed = moments.filter((moment) => moment >= nowMs && limitBrokenAt(times, limits, moment) === undefined);
  return Math.min(...allowed);
};

/** The guard with one more send. It forgets those that no limit counts any more. */
export const withSend = ({ version, sends }: Guard, send: Moment): Guard => ({
  version: version + 1,
  sends: [...sends.filter(({ atMs }) => atMs + daySeconds * 1000 > send.atMs), send].toSorted(
    (a, b) => a.atMs - b.atMs,
  ),
});

/** The guard without a send that surely failed: that one, and no other verification's of the same time. */
export const withoutSend = ({ version, sends }: Guard, send: Moment): Guard => {
  const index = sends.findLastIndex(
    ({ atMs, verification }) => atMs === send.atMs && verification === send.verification,
  );
  return { version: version + 1, sends: sends.filter((_, position) => position !== index) };
};

/** One window as the caller sees it (IETF draft-ietf-httpapi-ratelimit-headers). */
export type Allowance = {
  readonly name: string;
  readonly quota: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Seconds until the oldest counted send leaves the window; the whole window if none is counted. */
  readonly resetSeconds: number;
};

export const guardAllowances = (facts: NumberFacts, limits: SendLimits, nowMs: number): readonly Allowance[] => {
  const times = timesOf(facts);
  return windowsOf(limits).map(({ name, windowSeconds, sends: quota, counts }) => {
    const counted = within(times[counts], windowSeconds, nowMs);
    const oldest = counted[0];
    const resetMs = oldest === undefined ? windowSeconds * 1000 : oldest + windowSeconds * 1000 - nowMs;
    return {
      name,
      quota,
      windowSeconds,
      remaining: Math.max(0, quota - counted.length),
      resetSeconds: Math.ceil(resetMs / 1000),
    };
  });
};
