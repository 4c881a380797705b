import { describe, expect, test } from 'vitest';
import { type Counts, noCounts } from '../../lambdas/bursts/counts/counts.ts';
import { type History, noHistory, rollUp } from '../../lambdas/bursts/counts/history.ts';
import type { Level } from '../../lambdas/bursts/counts/keys.ts';
import { timeBucketMs, timeBucketOf } from '../../lambdas/bursts/counts/time-buckets.ts';
import { assess as assessed, type KeyState } from '../../lambdas/bursts/evidence/assess.ts';
import { type Baseline, baselinesOf } from '../../lambdas/bursts/evidence/baseline.ts';
import { rollUpRipe as rolledUpRipe } from '../../lambdas/bursts/evidence/roll-up.ts';
import { brokenBy } from '../../lambdas/bursts/evidence/rules.ts';
import { hourMs, minuteMs, mondayMs } from '../fakes/bursts/scene.ts';

const noonMs = mondayMs + 12 * hourMs;
const baseline: Baseline = { perHour: 0.5, conversion: 0.8, arriving: 1 };

const weighing = (level: Level, usual: Baseline, nowMs: number) => ({
  level,
  baseline: usual,
  nowMs,
  since: undefined,
  explained: new Set<number>(),
});
const assess = (level: Level, state: KeyState, usual: Baseline, nowMs: number) =>
  assessed(state, weighing(level, usual, nowMs));
const rollUpRipe = (level: Level, state: KeyState, usual: Baseline, nowMs: number) =>
  rolledUpRipe(state, weighing(level, usual, nowMs));

/** Counts of the time bucket before, by slot. */
const counts = (started: Readonly<Record<number, number>>, verified: Readonly<Record<number, number>> = {}): Counts => {
  const empty = noCounts(timeBucketOf(noonMs) - 1);
  const bySlot = (given: Readonly<Record<number, number>>) => empty.started.map((_, slot) => given[slot] ?? 0);
  return { ...empty, started: bySlot(started), verified: bySlot(verified) };
};
const prefix = { level: 'prefix', of: '+447700' } as const;
const stateOf = (...each: readonly Counts[]): KeyState => ({ history: undefined, counts: each });

describe('evidence', () => {
  // ln(0.95 / 0.2) and ln(0.05 / 0.8).
  const unverified = 1.558_145;
  const verified = -2.772_589;
  test('the evidence of a code that was never entered is the logarithm of how much likelier that is in an attack', () => {
    expect(assess('prefix', stateOf(counts({ 3: 1 })), baseline, noonMs + 5 * minuteMs).fast).toBeCloseTo(
      unverified,
      5,
    );
  });
  test('the evidence of nine of them passes one false alarm in a million, that of eight does not', () => {
    const of = (n: number) => assess('prefix', stateOf(counts({ 3: n })), baseline, noonMs + 5 * minuteMs).fast;
    expect(of(9)).toBeGreaterThan(Math.log(1e6));
    expect(of(8)).toBeLessThan(Math.log(1e6));
  });
  test('the evidence is lowered by every code that is entered, and never below none', () => {
    const of = (n: number, m: number) =>
      assess('prefix', stateOf(counts({ 3: n }, { 3: m })), baseline, noonMs + 5 * minuteMs).fast;
    expect(of(6, 1)).toBeCloseTo(5 * unverified + verified, 5);
    expect(of(4, 3)).toBe(0);
  });
  test('the evidence of a code that was just sent is next to none, and grows with its age', () => {
    const sentMs = noonMs - timeBucketMs;
    const after = (seconds: number) =>
      assess('prefix', stateOf(counts({ 0: 10 })), baseline, sentMs + seconds * 1000).fast / 10;
    const ages = [6, 15, 30, 60, 120, 300].map(after);
    expect(ages[0]).toBeLessThan(0.05);
    expect(ages).toEqual(ages.toSorted((one, other) => one - other));
    expect(ages.at(-1)).toBeGreaterThan(1.5);
  });
  test('the oldest slot comes first, in whatever order the counts are given', () => {
    const [one, other] = [counts({ 3: 4 }), { ...counts({ 9: 4 }), timeBucket: timeBucketOf(noonMs) }];
    const at = noonMs + 9 * minuteMs;
    expect(assess('prefix', stateOf(one, other), baseline, at).fast).toBeCloseTo(8 * unverified, 1);
  });
});

describe('the rate', () => {
  test('the rate alone is no burst: twenty times as many people who enter their codes are a launch', () => {
    const many = counts(Object.fromEntries(Array.from({ length: 60 }, (_, slot) => [slot, 10])), {
      ...Object.fromEntries(Array.from({ length: 60 }, (_, slot) => [slot, 8])),
    });
    const state = stateOf(many);
    expect(
      brokenBy({ level: 'country', of: 'GB' }, assess('country', state, { ...baseline, perHour: 180 }, noonMs)),
    ).toEqual([]);
  });
  test('a usual rate is no burst, whatever is entered', () => {
    const state = stateOf(counts({ 3: 10, 20: 10, 40: 10 }));
    const busy = { ...baseline, perHour: 180 };
    const found = assess('prefix', state, busy, noonMs + 4 * minuteMs);
    expect(found.fast).toBeGreaterThan(16);
    expect(brokenBy(prefix, found)).toEqual([]);
    expect(brokenBy(prefix, assess('prefix', state, baseline, noonMs + 4 * minuteMs))).toContain('unverified-burst');
  });
});

describe('what is usual', () => {
  const learnt = (perHour: number, days: number, conversion = 0.8): History => {
    const first = timeBucketOf(mondayMs) - days * 144;
    let history = noHistory(first - 1);
    for (let timeBucket = first; timeBucket < timeBucketOf(mondayMs); timeBucket += 1) {
      const started = perHour / 6;
      const each = { ...noCounts(timeBucket), started: [started], verified: [started * conversion] };
      history = rollUp(history, each, { slow: 0, failed: 0 });
    }
    return history;
  };
  const of = (chain: Partial<Parameters<typeof baselinesOf>[0]>) =>
    baselinesOf(
      { country: undefined, prefix: undefined, range: undefined, ip: undefined, newNetwork: undefined, ...chain },
      mondayMs,
    );

  test('the usual rate is that of approvals, by the usual conversion', () => {
    expect(of({ country: learnt(60, 14) }).country).toMatchObject({ perHour: expect.closeTo(60, 0) });
    expect(of({ country: learnt(60, 14) }).country.conversion).toBeCloseTo(0.8, 2);
  });
  test('the usual rate does not rise with codes that are never entered', () => {
    const flooded = learnt(600, 1, 0.05);
    expect(of({ country: flooded }).country.perHour).toBeLessThan(70);
  });
  test('the usual rates of prefix and range are shares of the country’s, and never zero', () => {
    const country = learnt(96, 14);
    const { prefix, range } = of({ country, prefix: learnt(12, 14) });
    expect(prefix.perHour).toBeGreaterThan(10);
    expect(prefix.perHour).toBeLessThan(14);
    expect(range.perHour).toBeLessThan(prefix.perHour / 100);
    const known = of({ country, prefix: learnt(12, 14), range: learnt(2, 14) }).range;
    expect(known.perHour).toBeCloseTo(2, 0);
    expect(of({}).prefix.perHour).toBeGreaterThan(0);
  });
});

describe('rolling up', () => {
  const quiet = (timeBucket: number, n: number, m: number): Counts => ({
    ...noCounts(timeBucket),
    started: [n],
    verified: [m],
  });
  const first = timeBucketOf(noonMs) - 4;
  const state = stateOf(quiet(first, 5, 4), quiet(first + 1, 3, 0), quiet(first + 3, 2, 1));

  test('a roll-up keeps the counts and their evidence', () => {
    const rolledUp = rollUpRipe('prefix', state, baseline, noonMs);
    expect(rolledUp.counts.map(({ timeBucket }) => timeBucket)).toEqual([first + 3]);
    const [before, after] = [state, rolledUp].map((each) => assess('prefix', each, baseline, noonMs));
    expect(after?.started).toEqual(before?.started);
    expect(after?.fast).toBeCloseTo(before?.fast ?? 0, 0);
  });
  test('a roll-up changes nothing when it is done again', () => {
    const once = rollUpRipe('prefix', state, baseline, noonMs);
    expect(rollUpRipe('prefix', once, baseline, noonMs)).toEqual(once);
  });
  test('a roll-up in two steps equals one in a single step', () => {
    const inOne = rollUpRipe('prefix', state, baseline, noonMs);
    const inTwo = rollUpRipe('prefix', rollUpRipe('prefix', state, baseline, noonMs - timeBucketMs), baseline, noonMs);
    expect(inTwo.history).toMatchObject({ timeBucket: inOne.history?.timeBucket, recent: inOne.history?.recent });
    expect(inTwo.history?.slow).toBeCloseTo(inOne.history?.slow ?? 0, 6);
  });
});
