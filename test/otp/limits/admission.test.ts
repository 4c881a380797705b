import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type AdmissionFacts, admit } from '../../../lambdas/otp/limits/admission.ts';
import { dayOf, hourOf, microUsd } from '../../../lambdas/otp/limits/caps.ts';
import { noReputation } from '../../../lambdas/otp/limits/reputation.ts';
import { heldLevels } from '../../../lambdas/policy.ts';
import { samplePolicy } from '../../fakes/policy.ts';

const policy = {
  ...samplePolicy,
  ownCaps: { hourUsd: 5, dayUsd: 20 },
  sends: { ...samplePolicy.sends, cooldownSeconds: [30, 60, 120] },
};
const start = Date.UTC(2026, 10, 21, 17, 23, 11, 345);
const asked = {
  key: 'key',
  smsParts: 1,
  phoneKey: 'phone',
  range: '+91987654',
  prefix: '+919876',
  country: 'IN',
  ip: 'ip',
  network: 'network',
  application: 'app',
};

/** What the tables hold if nothing is sent from `start` on. */
type Stored = {
  readonly sends: readonly number[];
  /** The places of the sends whose verifications were approved. */
  readonly approved: readonly number[];
  readonly blocks: AdmissionFacts['blocks'];
  readonly tatAheadMs: number;
  readonly countries: readonly string[];
  readonly successes: number;
  readonly sentToday: number;
  readonly spent: Readonly<
    Record<'total' | 'country' | 'application', { readonly hour: number; readonly day: number }>
  >;
};

const factsAt = (world: Stored, nowMs: number): AdmissionFacts => {
  const isSameDay = dayOf(nowMs) === dayOf(start);
  const isSameHour = isSameDay && hourOf(nowMs) === hourOf(start);
  const left = ({ hour, day }: { hour: number; day: number }) => ({
    hour: isSameHour ? hour : 0,
    day: isSameDay ? day : 0,
  });
  return {
    guard: { version: 1, sends: world.sends.map((atMs, index) => ({ atMs, verification: `v${index}` })) },
    reputation: {
      ...noReputation,
      approved: world.approved.map((index) => ({ atMs: start, verification: `v${index}` })),
    },
    blocks: world.blocks,
    networkProbedAtMs: 0,
    isCodeSpraying: false,
    refusedTatMs: 0,
    ip: {
      tatMs: start + world.tatAheadMs,
      trustedTatMs: start + world.tatAheadMs,
      countriesToday: isSameDay ? world.countries : [],
      verifiers: Array.from({ length: world.successes }, (_, index) => `verifier ${index}`),
      askersToday: [],
      askersYesterday: [],
    },
    country: { sentToday: isSameDay ? world.sentToday : 0, verifiedToday: 0, verifiedYesterday: 0 },
    spent: {
      total: left(world.spent.total),
      country: left(world.spent.country),
      application: left(world.spent.application),
    },
  };
};

/** Send times that the guard itself would have let through: what it holds is never denser. */
const sends = fc
  .array(fc.integer({ min: 130, max: 9000 }), { maxLength: 10 })
  .map((gaps) => gaps.map((_, index) => start - 1000 * gaps.slice(index).reduce((sum, gap) => sum + gap, 0) + 100_000))
  .map((times) => times.filter((at) => at <= start && at > start - 86_400_000));
const money = (capUsd: number) => fc.constantFrom(0, microUsd(capUsd * 0.8) - microUsd(0.02), microUsd(capUsd * 0.8));
const block = fc.record({
  level: fc.constantFrom(...heldLevels),
  of: fc.constant('of'),
  until: fc.integer({ min: -100, max: 5000 }).map((seconds) => Math.floor(start / 1000) + seconds),
  reason: fc.constant('test'),
  by: fc.constant('test'),
});
const worlds: fc.Arbitrary<Stored> = fc.record({
  sends,
  approved: fc.constantFrom([], [], [0], [0, 1, 2], [7, 8, 9]),
  blocks: fc.array(block, { maxLength: 2 }),
  tatAheadMs: fc.integer({ min: -600_000, max: 900_000 }),
  countries: fc.constantFrom([], ['IN'], ['US', 'GB'], ['US', 'GB', 'DE']),
  successes: fc.constantFrom(0, 0, 3),
  sentToday: fc.constantFrom(0, 49, 50, 51),
  spent: fc.record({
    total: fc.record({ hour: money(policy.caps.hourUsd), day: money(policy.caps.dayUsd) }),
    country: fc.record({ hour: money(10), day: money(50) }),
    application: fc.record({ hour: money(5), day: money(20) }),
  }),
});

test('Retry-After is true, whatever limits hold at once: at that second a send is admitted, one second earlier it is not', () => {
  const refusals = new Set<string>();
  fc.assert(
    fc.property(worlds, (world) => {
      const now = admit(factsAt(world, start), asked, policy, start);
      if (now.kind === 'admitted') return;
      refusals.add(now.limit);
      const at = (seconds: number) => {
        const nowMs = start + seconds * 1000;
        return admit(factsAt(world, nowMs), asked, policy, nowMs).kind;
      };
      expect(at(now.retryAfterSeconds)).toBe('admitted');
      expect(at(now.retryAfterSeconds - 1)).toBe('refused');
    }),
    { numRuns: 3000 },
  );
  expect([...refusals].sort()).toEqual(
    expect.arrayContaining(['ip', 'ip-countries', 'cooldown', 'low-volume', 'cap-total', 'cap-application']),
  );
});

test('a refused send names one limit, and an admitted one takes its share of every counter', () => {
  fc.assert(
    fc.property(worlds, (world) => {
      const outcome = admit(factsAt(world, start), asked, policy, start);
      if (outcome.kind === 'refused') {
        expect(outcome.limit).not.toBe('');
        return;
      }
      expect(outcome.guard.sends).toHaveLength(world.sends.length + 1);
      expect(outcome.guard.sends.at(-1)).toEqual({ atMs: start, verification: 'key' });
      expect(outcome.reservation.ip).toMatchObject({ key: 'ip', country: 'IN' });
      expect(outcome.reservation.caps.map(({ cap }) => cap.of)).toEqual(['total', 'country', 'application']);
      expect(outcome.reservation.countryDay?.maxSends).toBe(world.successes >= 3 ? undefined : 50);
    }),
  );
});
