import { describe, expect, test } from 'vitest';
import { staffLimits } from '../../lambdas/contract.ts';
import type { Action } from '../../lambdas/desk/actions.ts';
import {
  arePortNoticesUsed,
  liftPortNotice,
  notePorting,
  type PortNoticeStore,
  readNoticeEnd,
  readPorted,
} from '../../lambdas/desk/numbers/port-notice.ts';
import { pseudonymsFrom } from '../../lambdas/otp/number/pseudonyms.ts';
import type { PortNotice } from '../../lambdas/otp/risk/ports.ts';
import { phone } from '../fakes/world.ts';

const nowMs = Date.UTC(2026, 10, 30, 9);
const dayMs = 86_400_000;
const number = '+919876543210';
const pseudonyms = async () => pseudonymsFrom(Buffer.alloc(32, 7));
const operator = { principal: 'arn:aws:sts::111122223333:assumed-role/Analyst/asha', atMs: nowMs, requestId: 'r-1' };

const memoryNotices = (): PortNoticeStore & { readonly acts: Action[]; readonly keys: string[] } => {
  let held: PortNotice | undefined;
  const [acts, keys]: [Action[], string[]] = [[], []];
  return {
    acts,
    keys,
    note: async (phoneKey, notice, action) => {
      keys.push(phoneKey);
      acts.push(action);
      held = notice;
      return notice;
    },
    lift: async (_, __, actionOn) => {
      const lifted = held;
      if (lifted !== undefined) acts.push(actionOn(lifted));
      held = undefined;
      return lifted;
    },
  };
};

describe('the time of a porting', () => {
  test.each<[string, string, number]>([
    ['a day', '2026-11-29', Date.UTC(2026, 10, 29)],
    ['a time', '2026-11-30T08:59:59Z', nowMs - 1000],
    ['a time of another zone', '2026-11-30T10:00:00+01:00', nowMs],
    ['the oldest day that counts', '2026-09-01T09:00:00Z', nowMs - 90 * dayMs],
  ])('a porting at %s is read as that moment', (_, text, atMs) => {
    expect(readPorted(text, nowMs)).toEqual({ kind: 'parsed', value: atMs });
  });

  test.each<[string, string, RegExp]>([
    ['a day that no calendar has', '2026-02-30', /^Write it as a day/],
    ['a time without a zone', '2026-11-30T08:00:00', /^Write it as a day/],
    ['a year', '2026', /^Write it as a day/],
    ['nothing', '', /^Write it as a day/],
    ['a second to come', '2026-11-30T09:00:01Z', /^This time is to come/],
    ['the next century', '2126-01-01', /^This time is to come/],
    ['a second too old', '2026-09-01T08:59:59Z', /^This is too long ago. 90 days at most/],
    ['the last century', '1970-01-01', /^This is too long ago/],
  ])('%s is refused with a sentence', (_, text, detail) => {
    expect(readPorted(text, nowMs)).toEqual({ kind: 'invalid', detail: expect.stringMatching(detail) });
  });
});

describe('the end of a notice', () => {
  test.each<[string, Parameters<typeof readNoticeEnd>[0], number]>([
    ['nothing', {}, nowMs + 10 * dayMs],
    ['a day in minutes', { forMinutes: 1440 }, nowMs + dayMs],
    ['the longest', { forMinutes: staffLimits.maxPortNoticeSeconds / 60 }, nowMs + 90 * dayMs],
    ['a time', { until: '2026-12-01T09:00:00Z' }, nowMs + dayMs],
  ])('a notice that ends by %s has that end', (_, ending, untilMs) => {
    expect(readNoticeEnd(ending, nowMs)).toEqual({ kind: 'parsed', value: untilMs });
  });

  test.each<[string, Parameters<typeof readNoticeEnd>[0], RegExp]>([
    ['an end that is over', { until: '2026-11-30T09:00:00Z' }, /^This time is over/],
    ['an end after 90 days', { until: '2027-02-28T09:00:01Z' }, /^This is too long. 90 days at most/],
    ['two ends', { until: '2026-12-01T09:00:00Z', forMinutes: 5 }, /^Write either until/],
    ['a day without its time', { until: '2026-12-01' }, /^Write the time with its date/],
  ])('%s is refused with a sentence', (_, ending, detail) => {
    expect(readNoticeEnd(ending, nowMs)).toEqual({ kind: 'invalid', detail: expect.stringMatching(detail) });
  });
});

describe('an act on a notice', () => {
  const request = {
    phone: phone(number),
    portedAtMs: undefined,
    untilMs: nowMs + dayMs,
    reason: 'a list of the carrier',
  };

  test('an act on a notice names neither the number nor its keyed hash, and the lift names the act before', async () => {
    const notices = memoryNotices();
    await notePorting({ notices, pseudonyms })(request, operator);
    const later = { ...operator, principal: 'arn:aws:sts::111122223333:assumed-role/Analyst/lee', atMs: nowMs + 1 };
    await liftPortNotice({ notices, pseudonyms })({ ...request, reason: 'a mistake' }, later);
    expect(notices.acts).toMatchObject([
      { action: 'port-notice', about: 'a number', reason: 'a list of the carrier', untilMs: nowMs + dayMs },
      {
        action: 'lift-port-notice',
        about: `the porting notice of a number, noted at 2026-11-30T09:00:00.000Z by ${operator.principal}`,
        reason: 'a mistake',
      },
    ]);
    const key = (await pseudonyms()).phoneKey(phone(number));
    const text = JSON.stringify(notices.acts);
    for (const secret of [number.slice(1), number.slice(-4), key, key.slice(0, 12)]) expect(text).not.toContain(secret);
  });

  test('each spelling of a number is the same number', async () => {
    const notices = memoryNotices();
    for (const spelled of [number, '+91 98765 43210', '+91 (98765) 43-210'])
      await notePorting({ notices, pseudonyms })({ ...request, phone: phone(spelled) }, operator);
    expect(new Set(notices.keys).size).toBe(1);
  });

  test('a lift finds no notice twice', async () => {
    const notices = memoryNotices();
    await notePorting({ notices, pseudonyms })(request, operator);
    const lift = liftPortNotice({ notices, pseudonyms });
    expect((await lift(request, operator))?.notice.untilMs).toBe(nowMs + dayMs);
    expect(await lift(request, operator)).toBeUndefined();
  });
});

test('notices are used if a purpose minds, and not without one', () => {
  const rule = { ifSwapped: 'refuse', failMode: 'open' } as const;
  const risk = { maxAgeHours: 240, providers: [] };
  expect(arePortNoticesUsed({})).toBe(false);
  expect(arePortNoticesUsed({ numberRisk: { ...risk, purposes: {} } })).toBe(false);
  expect(arePortNoticesUsed({ numberRisk: { ...risk, purposes: { login: rule } } })).toBe(true);
});
