import { describe, expect, test } from 'vitest';
import { firstRefusal, phoneRefusal, refusalOf } from '../../../lambdas/otp/limits/refusal.ts';
import type { Exceeded } from '../../../lambdas/otp/limits/reservation.ts';
import { refusalByCounters } from '../../../lambdas/otp/sending/refusal.ts';

/** 17:23:11.345 UTC. */
const nowMs = Date.UTC(2026, 10, 21, 17, 23, 11, 345);
const restOfHour = 36 * 60 + 49;
const restOfDay = 6 * 3600 + restOfHour;
const rate = { intervalMs: 120_000, toleranceMs: 480_000 };
const capOf = (hour: number, day: number) => ({ price: 10, spent: { hour: 95, day: 95 }, caps: { hour, day } });

describe('an exceeded counter is refused', () => {
  test.each<[string, Exceeded, object]>([
    [
      'by the rate of the IP until a send conforms',
      { kind: 'exceeded', counter: 'ip', tatMs: nowMs + 490_001, rate },
      { because: 'ip', limit: 'ip', retryAfterSeconds: 11 },
    ],
    [
      'by the rate of the IP for a second at least, if it lost its races',
      { kind: 'exceeded', counter: 'ip', tatMs: nowMs, rate },
      { because: 'ip', limit: 'ip', retryAfterSeconds: 1 },
    ],
    [
      'by the countries of the IP until the day ends',
      { kind: 'exceeded', counter: 'ip-countries' },
      { because: 'ip', limit: 'ip-countries', retryAfterSeconds: restOfDay },
    ],
    [
      'by the sends of a low-volume country until the day ends',
      { kind: 'exceeded', counter: 'low-volume' },
      { because: 'low-volume', limit: 'low-volume', retryAfterSeconds: restOfDay },
    ],
    [
      'by the cap of an hour until the hour ends',
      { kind: 'exceeded', counter: 'cap-country', ...capOf(100, 1000) },
      { because: 'cap', limit: 'cap-country', retryAfterSeconds: restOfHour },
    ],
    [
      'by the cap of a day until the day ends',
      { kind: 'exceeded', counter: 'cap-total', ...capOf(100, 100) },
      { because: 'cap', limit: 'cap-total', retryAfterSeconds: restOfDay },
    ],
    [
      'by the uses of a test number for good',
      { kind: 'exceeded', counter: 'test-number-uses' },
      { because: 'phone', limit: 'test-number-uses', retryAfterSeconds: 0 },
    ],
  ])('an exceeded counter is refused %s', (_, exceeded, refusal) => {
    expect(refusalOf(exceeded, nowMs)).toEqual({ kind: 'refused', ...refusal });
  });
});

test('the first of several refusals is named, and the longest is waited for', () => {
  const cooldown = phoneRefusal({ limit: 'cooldown', retryAfterSeconds: 30 });
  expect(firstRefusal([cooldown, phoneRefusal({ limit: 'phone-24h', retryAfterSeconds: 600 })])).toEqual({
    ...cooldown,
    retryAfterSeconds: 600,
  });
  expect(firstRefusal([])).toBeUndefined();
});

test('a reservation that exceeded two counters names the first, and waits for both', () => {
  const counters: Exceeded[] = [
    { kind: 'exceeded', counter: 'cap-total', ...capOf(100, 1000) },
    { kind: 'exceeded', counter: 'cap-country', ...capOf(1000, 100) },
  ];
  expect(refusalByCounters({ kind: 'exceeded', counters }, nowMs)).toMatchObject({
    limit: 'cap-total',
    retryAfterSeconds: restOfDay,
  });
});

test('a reservation that exceeded nothing is a bug, and no refusal', () => {
  expect(() => refusalByCounters({ kind: 'exceeded', counters: [] }, nowMs)).toThrow('This is a bug');
});
