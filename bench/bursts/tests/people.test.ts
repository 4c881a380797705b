import { describe, expect, test } from 'vitest';
import { randomFrom } from '../play/random.ts';
import { run } from '../play/run.ts';
import { quick, type Size } from '../traffic/calendar.ts';
import { pastOf } from '../traffic/past.ts';
import { peopleOf, trustedShare } from '../traffic/people.ts';
import { type Behind, type Caller, worldOf } from '../traffic/world.ts';
import { noAttacks, of, recorder, sendsAll } from './recorder.ts';

const drawn = (behindDays: Behind, returning = 1): readonly Caller[] => {
  const world = worldOf(1, 40_000, undefined, behindDays);
  const [country] = world.main;
  if (country === undefined) throw new Error('There is no country.');
  const person = peopleOf(world, country, randomFrom('people'));
  return Array.from({ length: 4000 }, () => person(returning));
};

const share = (callers: readonly Caller[], is: (caller: Caller) => boolean) =>
  callers.filter(is).length / callers.length;

describe('trust', () => {
  test.each([
    [90, 0.86],
    [7, 0.18],
    [0, 0],
  ] as const)(
    'a service of %d days gets %d of the requests of returning people from trusted numbers',
    (behindDays, wanted) => {
      expect(trustedShare[behindDays]).toBe(wanted);
      expect(share(drawn(behindDays), ({ verifiedBefore }) => verifiedBefore)).toBeCloseTo(wanted, 1);
    },
  );

  test('a number verified from somewhere if it is trusted, and most ask from there again', () => {
    const trusted = drawn(90).filter(({ verifiedBefore }) => verifiedBefore);
    expect(trusted.every(({ verifiedFrom }) => verifiedFrom.length > 0)).toBe(true);
    const pairs = share(trusted, ({ verifiedFrom, network }) => verifiedFrom.includes(network));
    expect(pairs).toBeGreaterThan(0.85);
    expect(pairs).toBeLessThan(0.95);
  });

  test('a service that never ran trusts no IP; one of 90 days trusts those that many share', () => {
    expect(drawn(0).some(({ ipVerifiers }) => ipVerifiers > 0)).toBe(false);
    expect(share(drawn(90, 0), ({ ipVerifiers }) => ipVerifiers >= 3)).toBeCloseTo(0.42, 1);
  });

  test('18 of 100 requests of returning people come from trusted numbers after a first week', () => {
    const week: Size = { ...quick, traps: {}, attacks: noAttacks, warmUpDays: 7, testDays: 1, cleanDays: [] };
    const { noted, entry } = recorder(sendsAll);
    run({ entry, seed: 1, size: week });
    const verified = new Map<string, number>();
    for (const { attempt, atMs } of of(noted, 'verified'))
      verified.set(attempt.phone, verified.get(attempt.phone) ?? atMs);
    const last = of(noted, 'ask').slice(-4000);
    const known = last.filter(
      ({ attempt }) => (verified.get(attempt.phone) ?? Number.POSITIVE_INFINITY) < attempt.atMs,
    );
    expect(known.length / last.length / 0.55).toBeGreaterThan(0.13);
    expect(known.length / last.length / 0.55).toBeLessThan(0.24);
  });
});

describe('networks', () => {
  test('the gateways of a carrier share networks, and a network is of one place', () => {
    const callers = drawn(90);
    const perNetwork = Map.groupBy(callers, ({ network }) => network);
    const shared = [...perNetwork.values()].map((some) => new Set(some.map(({ ip }) => ip)).size);
    expect(Math.max(...shared)).toBe(16);
    const networks = Map.groupBy(callers, ({ ip }) => ip);
    for (const some of networks.values()) expect(new Set(some.map(({ network }) => network)).size).toBe(1);
  });
});

describe('what a contender is told of the past', () => {
  test('a service that just opened has no past', () => {
    expect(pastOf(worldOf(1, 40_000))).toBeUndefined();
  });

  test('countries have the rates with which their people come, and ranges add up to their prefix', () => {
    const world = worldOf(1, 40_000, undefined, 90);
    const past = pastOf(world);
    const [country] = world.main;
    const usual = past?.usual ?? [];
    expect(usual.find(({ level, of }) => level === 'country' && of === country?.code)?.perHour).toBeCloseTo(
      (40_000 * (country?.share ?? 0)) / 24,
      6,
    );
    const prefix = usual.find(({ level, of }) => level === 'prefix' && of === country?.prefixes[0]);
    const ranges = usual.filter(({ level, of }) => level === 'range' && of.startsWith(prefix?.of ?? '-'));
    expect(ranges.length).toBeGreaterThan(10);
    expect(ranges.reduce((sum, { perHour }) => sum + perHour, 0)).toBeCloseTo(prefix?.perHour ?? 0, 6);
  });

  test('unverified numbers from untrusted IPs are a quarter to a third of the requests', () => {
    const strata = pastOf(worldOf(1, 40_000, undefined, 90))?.strata;
    expect(strata?.stratum).toBeGreaterThan(0.25);
    expect(strata?.stratum).toBeLessThan(0.35);
  });
});
