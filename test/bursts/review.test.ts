import { describe, expect, test } from 'vitest';
import { type History, noHistory } from '../../lambdas/bursts/counts/history.ts';
import { timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import { type Reviewed, reviewCountries } from '../../lambdas/bursts/judge/review.ts';
import { defaultBursts } from '../../lib/settings/schema/bursts.ts';
import { hourMs, mondayMs } from '../fakes/bursts/scene.ts';

const nowMs = mondayMs;

/** A country that has known 86% for weeks, and what it has had within the last day or so. */
const country = (name: string, day: { started: number; verified: number }, more: Partial<Reviewed> = {}): Reviewed => {
  const history: History = {
    ...noHistory(timeBucketOf(nowMs) - 1),
    startedLong: 400,
    verifiedLong: 344,
    startedDay: day.started,
    verifiedDay: day.verified,
  };
  return { country: name, history, lastNotified: undefined, priceUsd: 0.2, ...more };
};
const many = (day: { started: number; verified: number }) =>
  Array.from({ length: 30 }, (_, index) => country(`C${index}`, day));
const rulingsOn = (reviewed: readonly Reviewed[], policy = defaultBursts) =>
  reviewCountries(reviewed, undefined, policy, nowMs);

describe('a review of the countries', () => {
  test('one unverified message an hour in each of thirty countries is found, although it shows in none of them', () => {
    const trickled = many({ started: 70 + 17, verified: 60 });
    const rulings = rulingsOn(trickled);
    expect(rulings).toMatchObject([
      { key: { level: 'everywhere' }, rule: 'conversion-drop', action: 'none', severity: 'medium', isUpdate: false },
    ]);
    const [found] = rulings;
    expect(found?.explanation.countries).toHaveLength(30);
    expect(found?.explanation.seenStarted).toBeCloseTo(30 * 87, -2);
    expect(rulingsOn(trickled.slice(0, 2))).toEqual([]);
  });

  test('nothing is found if the conversion is the usual one', () => {
    expect(rulingsOn(many({ started: 87, verified: 75 }))).toEqual([]);
  });

  test('an outage in one country is no attack on all', () => {
    const outage = country('DE', { started: 4000, verified: 400 });
    const rulings = rulingsOn([...many({ started: 70, verified: 60 }), outage]);
    expect(rulings.map(({ key }) => key)).toEqual([{ level: 'country', of: 'DE' }]);
  });

  test('a country without any verification is found', () => {
    const history = { ...noHistory(timeBucketOf(nowMs) - 1), startedDay: 17 };
    const rulings = rulingsOn([{ country: 'LK', history, lastNotified: undefined, priceUsd: 0.3 }]);
    expect(rulings).toMatchObject([{ key: { level: 'country', of: 'LK' }, severity: 'low', action: 'none' }]);
  });

  test('staff are notified of the same drop once a day, as an update of the same case', () => {
    const trickled = many({ started: 87, verified: 60 });
    const [first] = rulingsOn(trickled);
    const lastNotified = { uid: first?.uid ?? '', firstMs: nowMs, atMs: nowMs, dropMs: nowMs };
    const later = (hours: number) => reviewCountries(trickled, lastNotified, defaultBursts, nowMs + hours * hourMs);
    expect(later(1)).toEqual([]);
    expect(later(21)).toMatchObject([{ uid: first?.uid, isUpdate: true }]);
  });

  test('a country whose other findings are recorded all day long is found as well', () => {
    const lastNotified = { uid: 'u', firstMs: nowMs - hourMs, atMs: nowMs - 60_000 };
    expect(rulingsOn([country('LK', { started: 100, verified: 10 }, { lastNotified })])).toMatchObject([
      { key: { level: 'country', of: 'LK' }, rule: 'conversion-drop' },
    ]);
  });

  test('a review finds nothing if the settings say off, or if its counts are days old', () => {
    const trickled = many({ started: 87, verified: 60 });
    expect(rulingsOn(trickled, { ...defaultBursts, rules: { 'conversion-drop': 'off' } })).toEqual([]);
    expect(reviewCountries(trickled, undefined, defaultBursts, nowMs + 7 * 24 * hourMs)).toEqual([]);
  });
});
