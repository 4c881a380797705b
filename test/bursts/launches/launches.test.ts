import { describe, expect, test } from 'vitest';
import { noCounts } from '../../../lambdas/bursts/counts/counts.ts';
import { progressAfter } from '../../../lambdas/bursts/counts/launch-requests.ts';
import { timeBucketMs, timeBucketOf } from '../../../lambdas/bursts/counts/time-buckets.ts';
import {
  type AnnouncedLaunch,
  holdsLaunch,
  idOfLaunch,
  isLaunch,
  type Launch,
  launchOf,
} from '../../../lambdas/bursts/evidence/launches.ts';
import { hourMs, minuteMs, mondayMs } from '../../fakes/bursts/scene.ts';

const noProgress = { requests: 0, rolledUp: 0, rolledUpTo: 0, exceededMs: undefined };

const aLaunch = (more: Partial<Launch> = {}): AnnouncedLaunch => ({
  level: 'country',
  of: 'GB',
  fromMs: mondayMs,
  untilMs: mondayMs + hourMs,
  expected: 100,
  reason: 'a campaign',
  author: 'staff',
  ...more,
  progress: noProgress,
});

describe('an announcement', () => {
  test.each<[string, Partial<Launch>]>([
    ['ends before it begins', { untilMs: mondayMs - 1 }],
    ['lasts no time', { untilMs: mondayMs }],
    ['lasts longer than 72 hours', { untilMs: mondayMs + 72 * hourMs + 1 }],
    ['expects nobody', { expected: 0 }],
    ['expects a part of a request', { expected: 1.5 }],
    ['expects more than can be counted', { expected: Number.POSITIVE_INFINITY }],
    ['has no beginning', { fromMs: Number.NaN }],
    ['names a country in small letters', { of: 'gb' }],
    ['names all countries', { of: '*' }],
    ['names a number as a prefix', { level: 'prefix', of: '+447700900123' }],
    ['names a prefix without its plus', { level: 'prefix', of: '447700' }],
  ])('an announcement that %s is no launch', (_, more) => {
    expect(isLaunch(aLaunch(more))).toBe(false);
  });

  test('an announcement of 72 hours, of a country or a prefix, is a launch', () => {
    expect(isLaunch(aLaunch({ untilMs: mondayMs + 72 * hourMs }))).toBe(true);
    expect(isLaunch(aLaunch({ level: 'prefix', of: '+447700' }))).toBe(true);
  });

  test('the id of a launch has its level and its country or prefix', () => {
    expect(idOfLaunch(aLaunch())).toBe('country:GB');
    expect(idOfLaunch(aLaunch({ level: 'prefix', of: '+919876' }))).toBe('prefix:919876');
  });

  test('a launch holds from its beginning until its end, and no longer than it is exceeded', () => {
    const launch = aLaunch();
    const at = [-1, 0, hourMs - 1, hourMs].map((ms) => holdsLaunch(launch, mondayMs + ms));
    expect(at).toEqual([false, true, true, false]);
    const exceeded = { ...launch, progress: { ...noProgress, exceededMs: mondayMs } };
    expect(holdsLaunch(exceeded, mondayMs + 1)).toBe(false);
  });
});

describe('what a launch holds for', () => {
  const inside = { country: 'GB', prefix: '+447700' };
  const outside = { country: 'IN', prefix: '+919876' };
  const country = aLaunch();
  const prefix = aLaunch({ level: 'prefix', of: '+447700' });

  test.each([
    ['range', true, true],
    ['prefix', true, true],
    ['ip', true, true],
    ['country', true, false],
    ['new-network', true, false],
    ['codes', false, false],
    ['phone', false, false],
    ['everywhere', false, false],
  ] as const)(
    'a launch of the country holds at the level %s: %s; one of the prefix: %s',
    (level, byCountry, byPrefix) => {
      const key = { level, of: 'any' };
      expect(launchOf(key, [inside], [country]) !== undefined).toBe(byCountry);
      expect(launchOf(key, [inside], [prefix]) !== undefined).toBe(byPrefix);
      expect(launchOf(key, [outside], [country, prefix])).toBeUndefined();
    },
  );

  test('an IP that also asks for numbers outside of launches is in none', () => {
    const key = { level: 'ip', of: 'any' } as const;
    expect(launchOf(key, [inside, inside], [country])).toBe(country);
    expect(launchOf(key, [inside, outside], [country])).toBeUndefined();
    expect(launchOf(key, [], [country])).toBeUndefined();
  });
});

describe('the requests of a launch', () => {
  const first = timeBucketOf(mondayMs);
  const countsAt = (timeBucket: number, more: Partial<ReturnType<typeof noCounts>>) => ({
    ...noCounts(timeBucket),
    ...more,
  });
  const people = (count: number, slot = 0): readonly number[] =>
    Array.from({ length: 60 }, (_, index) => (index === slot ? count : 0));

  test('the requests of everybody are counted: people, those that ask again, trusted numbers and probes', () => {
    const counts = [countsAt(first, { started: people(5), again: 4, others: 3, probed: 2, resent: 9, blocked: 9 })];
    expect(progressAfter(aLaunch(), counts, mondayMs + minuteMs).requests).toBe(14);
  });

  test('requests from before the beginning do not count', () => {
    const launch = aLaunch({ fromMs: mondayMs + timeBucketMs / 2 });
    const counts = [
      countsAt(first - 1, { started: people(1000), others: 1000 }),
      countsAt(first, { started: [...people(100, 0).slice(0, 30), ...people(7, 0).slice(0, 30)], others: 10 }),
    ];
    expect(progressAfter(launch, counts, launch.fromMs + minuteMs).requests).toBe(7 + 5);
  });

  test('a launch is exceeded by more than three times the expected requests, and not by as many', () => {
    const at = (requests: number) =>
      progressAfter(aLaunch(), [countsAt(first, { started: people(requests) })], mondayMs + minuteMs).exceededMs;
    expect([at(300), at(301)]).toEqual([undefined, mondayMs + minuteMs]);
  });

  test('each request of 72 hours is counted once, although counts expire after 26', () => {
    let launch = aLaunch({ untilMs: mondayMs + 72 * hourMs, expected: 1_000_000 });
    const buckets = Array.from({ length: 72 * 6 }, (_, index) =>
      countsAt(first + index, { started: people(index + 1) }),
    );
    for (let minute = 0; minute < 72 * 60; minute += 1) {
      const nowMs = mondayMs + minute * minuteMs;
      const kept = buckets.filter(
        ({ timeBucket }) => timeBucket <= timeBucketOf(nowMs) && timeBucket > timeBucketOf(nowMs) - 26 * 6,
      );
      launch = { ...launch, progress: progressAfter(launch, kept, nowMs) };
    }
    expect(launch.progress.requests).toBe((432 * 433) / 2);
  });

  test('a request of which the stream tells a day late still counts', () => {
    let launch = aLaunch({ untilMs: mondayMs + 72 * hourMs, expected: 1_000_000 });
    const early = countsAt(first, { started: people(10) });
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      launch = { ...launch, progress: progressAfter(launch, [early], mondayMs + minute * minuteMs) };
    }
    const late = countsAt(first, { started: people(25) });
    expect(progressAfter(launch, [late], mondayMs + 24 * hourMs).requests).toBe(25);
  });
});
