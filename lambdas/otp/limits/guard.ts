import type { Policy } from '../../policy.ts';

/** When the last SMS were sent to a number. */
export type Guard = {
  /** Counts the writes, from 0. A write is conditional on the version that was read. */
  readonly version: number;
  /** Times of the sends of the last 24 hours, oldest first, in epoch milliseconds; never more than ten. */
  readonly sends: readonly number[];
};

export const noGuard: Guard = { version: 0, sends: [] };

export type SendLimits = Policy['sends'];

export type GuardDecision =
  | { readonly kind: 'allowed'; readonly guard: Guard }
  | { readonly kind: 'refused'; readonly limit: string; readonly retryAfterSeconds: number };

/** Name of the limit on the time between two sends. */
export const cooldownLimit = 'cooldown';

const daySeconds = 86_400;

/**
 * Decides whether one more SMS may go to the number now, and what the guard is after it.
 *
 * Exact to the millisecond: a send at `t` counts in a window of `w` from `t` up to, and not including, `t + w`.
 */
export const decideSend = (guard: Guard, limits: SendLimits, nowMs: number): GuardDecision => {
  const limit = brokenLimit(guard.sends, limits, nowMs);
  if (limit === undefined) return { kind: 'allowed', guard: withSend(guard, nowMs) };
  const waitMs = nextSendAt(guard.sends, limits, nowMs) - nowMs;
  return { kind: 'refused', limit, retryAfterSeconds: Math.ceil(waitMs / 1000) };
};

const brokenLimit = (sends: readonly number[], limits: SendLimits, atMs: number): string | undefined => {
  for (const { name, windowSeconds, sends: maxSends } of limits.windows) {
    if (within(sends, windowSeconds, atMs).length >= maxSends) return name;
  }
  return atMs < cooldownEndsAt(sends, limits, atMs) ? cooldownLimit : undefined;
};

const within = (sends: readonly number[], windowSeconds: number, atMs: number): readonly number[] =>
  sends.filter((sentAt) => sentAt + windowSeconds * 1000 > atMs);

const cooldownEndsAt = (sends: readonly number[], limits: SendLimits, atMs: number): number => {
  const last = sends.at(-1);
  const recent = within(sends, limits.cooldownWindowSeconds, atMs).length;
  if (last === undefined || recent === 0) return 0;
  const step = Math.min(recent, limits.cooldownSeconds.length) - 1;
  return last + (limits.cooldownSeconds[step] ?? 0) * 1000;
};

/**
 * The first time from now on at which a send is allowed, in epoch milliseconds. Only the end of a window or of a
 * cooldown can allow a send, so no other times are tried.
 */
export const nextSendAt = (sends: readonly number[], limits: SendLimits, nowMs: number): number => {
  const last = sends.at(-1) ?? 0;
  const moments = [
    nowMs,
    ...limits.cooldownSeconds.map((seconds) => last + seconds * 1000),
    ...sends.flatMap((sentAt) => [
      sentAt + limits.cooldownWindowSeconds * 1000,
      ...limits.windows.map(({ windowSeconds }) => sentAt + windowSeconds * 1000),
    ]),
  ];
  const allowed = moments.filter((moment) => moment >= nowMs && brokenLimit(sends, limits, moment) === undefined);
  return Math.min(...allowed);
};

const withSend = (guard: Guard, nowMs: number): Guard => ({
  version: guard.version + 1,
  sends: [...within(guard.sends, daySeconds, nowMs), nowMs].sort((a, b) => a - b).slice(-10),
});

/** The guard without the send at `sentAtMs`, which surely failed. */
export const withoutSend = (guard: Guard, sentAtMs: number): Guard => {
  const index = guard.sends.lastIndexOf(sentAtMs);
  return { version: guard.version + 1, sends: guard.sends.filter((_, position) => position !== index) };
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

export const guardAllowances = (sends: readonly number[], limits: SendLimits, nowMs: number): readonly Allowance[] =>
  limits.windows.map(({ name, windowSeconds, sends: quota }) => {
    const counted = within(sends, windowSeconds, nowMs);
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
