import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decideSend,
  type Guard,
  guardAllowances,
  nextSendAt,
  noGuard,
  withoutSend,
} from '../../lambdas/otp/limits/guard.ts';
import { samplePolicy } from '../fakes/policy.ts';

const limits = samplePolicy.sends;
const start = Date.UTC(2026, 0, 1);

const sendAt = (guard: Guard, seconds: number): Guard => {
  const decision = decideSend(guard, limits, start + seconds * 1000);
  if (decision.kind !== 'allowed') throw new Error(`refused by ${decision.limit}`);
  return decision.guard;
};

const sent = (...seconds: number[]): Guard => seconds.reduce(sendAt, noGuard);

describe('the cooldown grows within ten minutes: 30, 60, 120 seconds', () => {
  test.each([
    [[0], 29, 'cooldown', 1],
    [[0], 30, undefined, 0],
    [[0, 30], 89, 'cooldown', 1],
    [[0, 30], 90, undefined, 0],
    [[0, 30, 90], 209, 'cooldown', 1],
    [[0, 30, 90], 210, undefined, 0],
    [[0, 30, 90, 210], 329, 'cooldown', 1],
    [[0, 30, 90, 210], 330, undefined, 0],
  ])('the sends at %j s and another at %i s meet the limit %s', (seconds, at, limit, retryAfterSeconds) => {
    const decision = decideSend(sent(...seconds), limits, start + at * 1000);
    expect(decision).toMatchObject(
      limit === undefined ? { kind: 'allowed' } : { kind: 'refused', limit, retryAfterSeconds },
    );
  });
});

test('a number gets five SMS in ten minutes, and the sixth when the first leaves the window', () => {
  const guard = sent(0, 30, 90, 210, 330);
  expect(decideSend(guard, limits, start + 450_000)).toMatchObject({
    kind: 'refused',
    limit: 'phone-10m',
    retryAfterSeconds: 150,
  });
  expect(decideSend(guard, limits, start + 599_999)).toMatchObject({ kind: 'refused', retryAfterSeconds: 1 });
  expect(decideSend(guard, limits, start + 600_000)).toMatchObject({ kind: 'allowed' });
});

test('a number gets ten SMS in 24 hours, and the eleventh when the first leaves the window', () => {
  const guard = sent(...Array.from({ length: 10 }, (_, index) => index * 700));
  expect(decideSend(guard, limits, start + 7_000_000)).toMatchObject({ kind: 'refused', limit: 'phone-24h' });
  expect(decideSend(guard, limits, start + 86_399_999)).toMatchObject({ kind: 'refused', retryAfterSeconds: 1 });
  const after = decideSend(guard, limits, start + 86_400_000);
  expect(after).toMatchObject({ kind: 'allowed' });
  expect(after.kind === 'allowed' && after.guard.sends.length).toBe(10);
});

/** Tries at random moments; every try that is allowed is a send. */
const tries = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 120 });

test('the limits equal a sliding log exactly, over any sequence of tries', () => {
  fc.assert(
    fc.property(tries, (gaps) => {
      let guard = noGuard;
      let nowMs = start;
      const log: number[] = [];
      for (const gap of gaps) {
        nowMs += gap * 250;
        const inLast = (seconds: number) => log.filter((at) => at > nowMs - seconds * 1000).length;
        const recent = inLast(600);
        const wait = recent === 0 ? 0 : (limits.cooldownSeconds[Math.min(recent, 3) - 1] ?? 0) * 1000;
        const allowed = inLast(600) < 5 && inLast(86_400) < 10 && nowMs >= (log.at(-1) ?? 0) + wait;
        const decision = decideSend(guard, limits, nowMs);
        expect(decision.kind).toBe(allowed ? 'allowed' : 'refused');
        if (decision.kind === 'allowed') {
          guard = decision.guard;
          log.push(nowMs);
        }
      }
      expect(guard.sends.length).toBeLessThanOrEqual(10);
    }),
  );
});

test('Retry-After is true: at that second a send is allowed, one second earlier it is not', () => {
  fc.assert(
    fc.property(tries, fc.integer({ min: 0, max: 999 }), (gaps, offsetMs) => {
      let guard = noGuard;
      let nowMs = start;
      for (const gap of gaps) {
        nowMs += gap * 250;
        const decision = decideSend(guard, limits, nowMs);
        if (decision.kind === 'allowed') guard = decision.guard;
      }
      const askedAt = nowMs + offsetMs;
      const decision = decideSend(guard, limits, askedAt);
      if (decision.kind === 'allowed') return;
      const { retryAfterSeconds } = decision;
      expect(decideSend(guard, limits, askedAt + retryAfterSeconds * 1000).kind).toBe('allowed');
      expect(decideSend(guard, limits, askedAt + (retryAfterSeconds - 1) * 1000).kind).toBe('refused');
      expect(nextSendAt(guard.sends, limits, askedAt)).toBeGreaterThan(askedAt);
    }),
  );
});

test('a send that is rolled back leaves the guard as before, except for its version', () => {
  const before = sent(0, 30);
  const after = withoutSend(sendAt(before, 90), start + 90_000);
  expect(after.sends).toEqual(before.sends);
  expect(after.version).toBe(before.version + 2);
  expect(withoutSend(after, start + 90_000).sends).toEqual(before.sends);
});

test('the allowances say what is left of each window', () => {
  expect(guardAllowances(sent(0, 30).sends, limits, start + 100_000)).toEqual([
    { name: 'phone-10m', quota: 5, windowSeconds: 600, remaining: 3, resetSeconds: 500 },
    { name: 'phone-24h', quota: 10, windowSeconds: 86_400, remaining: 8, resetSeconds: 86_300 },
  ]);
  expect(guardAllowances([], limits, start)).toMatchObject([{ remaining: 5, resetSeconds: 600 }, { remaining: 10 }]);
});
