import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  brokenLimitOf,
  type Guard,
  guardAllowances,
  nextSendAt,
  noGuard,
  withoutSend,
  withSend,
} from '../../../lambdas/otp/limits/guard.ts';
import { momentOf } from '../../../lambdas/otp/limits/moment.ts';
import { noReputation, type Reputation } from '../../../lambdas/otp/limits/reputation.ts';
import { samplePolicy } from '../../fakes/policy.ts';

/** With a cooldown that grows, which the default is not. */
const limits = { ...samplePolicy.sends, cooldownSeconds: [30, 60, 120] };
const stranger = { isPair: false };
const start = Date.UTC(2026, 0, 1);

/** A key of a record; its first twelve characters are its own. */
const keyOf = (name: number | string): string => `${name}`.padStart(12, '_').padEnd(43, '=');
const approvedOf = (...names: (number | string)[]): Reputation => ({
  ...noReputation,
  approved: names.map((name) => momentOf(keyOf(name), start)),
});

const brokenAt = (guard: Guard, seconds: number, reputation = noReputation) =>
  brokenLimitOf({ guard, reputation }, stranger, limits, start + seconds * 1000);

const sendAt = (guard: Guard, seconds: number): Guard => {
  const broken = brokenAt(guard, seconds);
  if (broken !== undefined) throw new Error(`refused by ${broken.limit}`);
  return withSend(guard, momentOf(keyOf(seconds), start + seconds * 1000));
};

const sent = (...seconds: number[]): Guard => seconds.reduce(sendAt, noGuard);
const timesOf = ({ sends }: Guard): readonly number[] => sends.map(({ atMs }) => atMs);

describe('a cooldown of several waits grows within ten minutes: 30, 60, 120 seconds', () => {
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
    expect(brokenAt(sent(...seconds), at)).toEqual(limit === undefined ? undefined : { limit, retryAfterSeconds });
  });
});

test('a number gets five SMS in ten minutes, and the sixth when the first leaves the window', () => {
  const guard = sent(0, 30, 90, 210, 330);
  expect(brokenAt(guard, 450)).toEqual({ limit: 'phone-10m', retryAfterSeconds: 150 });
  expect(brokenAt(guard, 599.999)).toMatchObject({ retryAfterSeconds: 1 });
  expect(brokenAt(guard, 600)).toBeUndefined();
});

const tenTimes = Array.from({ length: 10 }, (_, index) => index * 700);

test('a number gets ten SMS in 24 hours, and the eleventh when the first leaves the window', () => {
  const guard = sent(...tenTimes);
  expect(brokenAt(guard, 7000)).toMatchObject({ limit: 'phone-24h' });
  expect(brokenAt(guard, 86_399.999)).toMatchObject({ retryAfterSeconds: 1 });
  expect(brokenAt(guard, 86_400)).toBeUndefined();
  expect(withSend(guard, momentOf(keyOf('next'), start + 86_400_000)).sends).toHaveLength(10);
});

describe('an approved verification frees its own sends:', () => {
  const guard = sent(...tenTimes);

  test('its SMS no longer counts in a window, and each other does', () => {
    expect(brokenAt(guard, 7000, approvedOf(700))).toBeUndefined();
    expect(brokenAt(guard, 7000, approvedOf('another', 7001))).toMatchObject({ limit: 'phone-24h' });
  });

  test('it no longer makes anybody wait, and the wait after the SMS before it holds again', () => {
    expect(brokenAt(sent(0), 5, approvedOf(0))).toBeUndefined();
    expect(brokenAt(sent(0, 30), 31, approvedOf(30))).toBeUndefined();
    expect(brokenAt(sent(0, 30), 29.5, approvedOf(30))).toEqual({ limit: 'cooldown', retryAfterSeconds: 1 });
    expect(brokenAt(sent(0, 30), 31, approvedOf(0))).toEqual({ limit: 'cooldown', retryAfterSeconds: 29 });
  });

  test('its resends are freed with it', () => {
    const resent = [0, 30, 90, 210].reduce(
      (before, seconds) => withSend(before, momentOf(keyOf('one'), start + seconds * 1000)),
      noGuard,
    );
    expect(brokenAt(resent, 211)).toMatchObject({ limit: 'cooldown' });
    expect(brokenAt(resent, 211, approvedOf('one'))).toBeUndefined();
    const left = guardAllowances({ guard: resent, reputation: approvedOf('one') }, stranger, limits, start + 211_000);
    expect(left.map(({ name, remaining }) => [name, remaining])).toEqual([
      ['phone-10m', 5],
      ['phone-24h', 10],
      ['phone-24h-all', 26],
    ]);
  });

  test('an approval of a verification whose sends the guard has forgotten frees nothing', () => {
    const old = withSend(noGuard, momentOf(keyOf('old'), start - 86_400_000));
    const now = withSend(old, momentOf(keyOf('new'), start));
    expect(timesOf(now)).toEqual([start]);
    expect(brokenAt(now, 1, approvedOf('old'))).toEqual({ limit: 'cooldown', retryAfterSeconds: 29 });
  });

  test('a send that does not name its verification is freed by no approval', () => {
    const unnamed: Guard = { version: 1, sends: [{ atMs: start, verification: '' }] };
    const reputation: Reputation = { ...noReputation, approved: [{ atMs: start, verification: '' }] };
    expect(brokenAt(unnamed, 1, reputation)).toMatchObject({ limit: 'cooldown' });
  });
});

test('the hard limit stops the 31st SMS in 24 hours, even if all thirty were approved, until the first is a day old', () => {
  const seconds = Array.from({ length: 30 }, (_, index) => index * 60);
  const guard = seconds.reduce((before, at) => withSend(before, momentOf(keyOf(at), start + at * 1000)), noGuard);
  const reputation = approvedOf(...seconds);
  expect(brokenAt(guard, 1800, reputation)).toEqual({ limit: 'phone-24h-all', retryAfterSeconds: 84_600 });
  expect(brokenAt(guard, 86_399, reputation)).toEqual({ limit: 'phone-24h-all', retryAfterSeconds: 1 });
  expect(brokenAt(guard, 86_400, reputation)).toBeUndefined();
});

/** Tries at random moments; every try that is allowed is a send. */
const tries = fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 120 });

test('the limits equal a sliding log exactly if no approval arrives, over any sequence of tries', () => {
  fc.assert(
    fc.property(tries, (gaps) => {
      let guard = noGuard;
      let nowMs = start;
      const log: number[] = [];
      for (const [index, gap] of gaps.entries()) {
        nowMs += gap * 250;
        const inLast = (seconds: number) => log.filter((at) => at > nowMs - seconds * 1000).length;
        const recent = inLast(600);
        const wait = recent === 0 ? 0 : (limits.cooldownSeconds[Math.min(recent, 3) - 1] ?? 0) * 1000;
        const allowed = inLast(600) < 5 && inLast(86_400) < 10 && nowMs >= (log.at(-1) ?? 0) + wait;
        const broken = brokenLimitOf({ guard, reputation: noReputation }, stranger, limits, nowMs);
        expect(broken === undefined).toBe(allowed);
        if (broken === undefined) {
          guard = withSend(guard, momentOf(keyOf(index), nowMs));
          log.push(nowMs);
        }
      }
      expect(guard.sends.length).toBeLessThanOrEqual(10);
    }),
  );
});

/** Tries, and whether the verification of each is approved at once. */
const triesAndApprovals = fc.array(
  fc.record({ gap: fc.integer({ min: 1, max: 4000 }), isApproved: fc.boolean(), isResend: fc.boolean() }),
  { minLength: 1, maxLength: 120 },
);

/** Sends what is allowed, and approves what is to be approved. */
const sendAll = (list: readonly { gap: number; isApproved: boolean; isResend: boolean }[]) => {
  let guard = noGuard;
  let nowMs = start;
  let last = '';
  const approved = new Set<string>();
  for (const [index, { gap, isApproved, isResend }] of list.entries()) {
    nowMs += gap * 250;
    if (brokenLimitOf({ guard, reputation: approvedOf(...approved) }, stranger, limits, nowMs) !== undefined) continue;
    const name = isResend && last !== '' && !approved.has(last) ? last : `v${index}`;
    guard = withSend(guard, momentOf(keyOf(name), nowMs));
    if (isApproved) approved.add(name);
    last = name;
  }
  return { guard, reputation: approvedOf(...approved), nowMs, approved };
};

test('whatever was approved, no more than the windows allow of the rest and no more than the hard limit of all are sent', () => {
  fc.assert(
    fc.property(triesAndApprovals, (list) => {
      const { guard, nowMs, approved } = sendAll(list);
      const isFree = (name: string) => approved.has(name.replace(/^_+/, ''));
      const rest = guard.sends.filter(({ verification }) => !isFree(verification));
      const inLast = (sends: Guard['sends'], seconds: number) =>
        sends.filter(({ atMs }) => atMs > nowMs - seconds * 1000).length;
      expect(inLast(rest, 600)).toBeLessThanOrEqual(5);
      expect(inLast(rest, 86_400)).toBeLessThanOrEqual(10);
      expect(inLast(guard.sends, 86_400)).toBeLessThanOrEqual(30);
    }),
  );
});

test('Retry-After is true, whatever was approved: at that second a send is allowed, one second earlier it is not', () => {
  fc.assert(
    fc.property(triesAndApprovals, fc.integer({ min: 0, max: 999 }), (list, offsetMs) => {
      const { guard, reputation, nowMs } = sendAll(list);
      const askedAt = nowMs + offsetMs;
      const facts = { guard, reputation };
      const broken = brokenLimitOf(facts, stranger, limits, askedAt);
      if (broken === undefined) return;
      const { retryAfterSeconds } = broken;
      expect(brokenLimitOf(facts, stranger, limits, askedAt + retryAfterSeconds * 1000)).toBeUndefined();
      expect(brokenLimitOf(facts, stranger, limits, askedAt + (retryAfterSeconds - 1) * 1000)).toBeDefined();
      expect(nextSendAt(facts, stranger, limits, askedAt)).toBeGreaterThan(askedAt);
    }),
  );
});

describe('a send that is rolled back', () => {
  const lost = momentOf(keyOf(90), start + 90_000);

  test('a send that is rolled back leaves the guard as before, except for its version', () => {
    const before = sent(0, 30);
    const after = withoutSend(sendAt(before, 90), lost);
    expect(after.sends).toEqual(before.sends);
    expect(after.version).toBe(before.version + 2);
    expect(withoutSend(after, lost).sends).toEqual(before.sends);
  });

  test('a send that is rolled back takes no send of another verification off, even one of the same millisecond', () => {
    const guard = withSend(sent(0, 30, 90), momentOf(keyOf('other'), start + 90_000));
    expect(withoutSend(guard, lost).sends.at(-1)).toEqual(momentOf(keyOf('other'), start + 90_000));
    expect(withoutSend(guard, momentOf(keyOf(91), start + 90_000)).sends).toEqual(guard.sends);
  });
});

test('the allowances say what is left of each window, and of the hard limit', () => {
  const leftOf = (guard: Guard, seconds: number) =>
    guardAllowances({ guard, reputation: noReputation }, stranger, limits, start + seconds * 1000);
  expect(leftOf(sent(0, 30), 100)).toEqual([
    { name: 'phone-10m', quota: 5, windowSeconds: 600, remaining: 3, resetSeconds: 500 },
    { name: 'phone-24h', quota: 10, windowSeconds: 86_400, remaining: 8, resetSeconds: 86_300 },
    { name: 'phone-24h-all', quota: 30, windowSeconds: 86_400, remaining: 28, resetSeconds: 86_300 },
  ]);
  expect(leftOf(noGuard, 0)).toMatchObject([
    { remaining: 5, resetSeconds: 600 },
    { remaining: 10 },
    { remaining: 30, resetSeconds: 86_400 },
  ]);
});
