/** Decides whether a call is made again, and when. Pure. */

import type { Problem } from './outcomes.ts';

/**
 * The seconds that `Retry-After` asks for: a number, or a date (RFC 9110 section 10.2.3).
 *
 * A date counts from the `Date` of the same answer, so that the clock of this machine may be wrong.
 */
export const retryAfterSecondsOf = (
  retryAfter: string | null,
  date: string | null,
  nowMs: number,
): number | undefined => {
  const text = retryAfter?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs) || !/[a-z]/i.test(text)) return undefined;
  const sentMs = Date.parse(date ?? '');
  return Math.max(0, Math.ceil((atMs - (Number.isNaN(sentMs) ? nowMs : sentMs)) / 1000));
};

/**
 * Whether the same call may get another outcome soon. A limit that refused is an outcome: the person waits, and not the
 * client. A throttle of API Gateway has no `limit`, and lasts for a second.
 */
export const isPassing = ({ code, status, limit }: Pick<Problem, 'code' | 'status' | 'limit'>): boolean => {
  if (code === 'too-many-requests') return limit === undefined;
  if (code === 'delivery-failed') return status === 502;
  return ['request-in-progress', 'internal-error', 'temporarily-unavailable'].includes(code);
};

/** Milliseconds to wait before the next try, if the service named none: twice as long each time, half of it by chance. */
export const backoffMs = (retries: number, random: () => number): number =>
  Math.round(Math.min(250 * 2 ** retries, 8000) * (0.5 + random() / 2));

/** Whether a wait still fits, so that some time is left for the answer. */
export const fits = (waitMs: number, elapsedMs: number, budgetMs: number): boolean => elapsedMs + waitMs < budgetMs;
