import { metrics } from '../contract.ts';
import { type Allowance, windowsOf } from '../otp/limits/guard.ts';
import type { StopHit } from '../otp/limits/stops.ts';
import type { LimitHit } from '../otp/sending/refusal.ts';
import type { Policy } from '../policy.ts';
import type { AnswerFacts } from '../telemetry.ts';
import { problem, type Reply } from './problem.ts';

const policyHeader = (limits: readonly Pick<Allowance, 'name' | 'quota' | 'windowSeconds'>[]): string =>
  limits.map(({ name, quota, windowSeconds }) => `"${name}";q=${quota};w=${windowSeconds}`).join(', ');

/** The windows of a number, for every answer of a route that sends. An answer without facts cannot say what is left. */
export const sendHeaders = ({ sends }: Policy): Record<string, string> => ({
  'ratelimit-policy': policyHeader(
    windowsOf(sends).map(({ name, windowSeconds, sends: quota }) => ({ name, quota, windowSeconds })),
  ),
});

/** draft-ietf-httpapi-ratelimit-headers: the policies, and what is left of each. */
export const rateLimitHeaders = (allowances: readonly Allowance[]): Record<string, string> => {
  if (allowances.length === 0) return {};
  return {
    'ratelimit-policy': policyHeader(allowances),
    ratelimit: allowances
      .map(({ name, remaining, resetSeconds }) => `"${name}";r=${remaining};t=${resetSeconds}`)
      .join(', '),
  };
};

const limitProblems = {
  'too-soon': {
    code: 'resend-too-soon',
    says: 'The last SMS to this number is too recent. Send the next one',
    metrics: [metrics.refused],
  },
  limited: {
    code: 'too-many-requests',
    says: 'Too many SMS were requested. Request the next one',
    metrics: [metrics.refused],
  },
  // The level and key of a block would tell an attacker what to change.
  suspended: {
    code: 'destination-suspended',
    says: 'Sending to this destination is suspended. Offer another way to verify, or try again',
    metrics: [metrics.refused, metrics.blocked],
  },
  'cap-reached': {
    code: 'spend-cap-reached',
    says: 'The spending cap is reached, so no SMS is sent. Offer another way to verify, or try again',
    metrics: [metrics.refused, metrics.spendCapReached],
  },
} as const;

export const answerLimited = ({ retryAfterSeconds, allowances, limit, kind }: LimitHit, facts: AnswerFacts): Reply => {
  const { code, says, metrics: counted } = limitProblems[kind];
  const isSecret = kind === 'suspended' || kind === 'cap-reached';
  return problem(code, {
    detail: `${says} in ${retryAfterSeconds} seconds.`,
    headers: { 'retry-after': String(retryAfterSeconds), ...rateLimitHeaders(allowances) },
    extra: isSecret ? {} : { limit },
    facts: { ...facts, limit },
    metrics: counted,
  });
};

/** It does not say what is stopped, nor by whom. Limits are not asked, so nothing is said of them. */
export const answerStopped = ({ retryAfterSeconds, limit }: StopHit, facts: AnswerFacts): Reply =>
  problem('sending-stopped', {
    detail: `The operators of the service have stopped sending. Offer another way to verify, or try again in ${retryAfterSeconds} seconds.`,
    headers: { 'retry-after': String(retryAfterSeconds) },
    facts: { ...facts, limit },
    metrics: [metrics.refused, metrics.stopped],
  });
