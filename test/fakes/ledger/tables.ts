import type { Block } from '../../../lambdas/otp/limits/blocks.ts';
import { type Guard, noGuard } from '../../../lambdas/otp/limits/guard.ts';
import type { Reputation } from '../../../lambdas/otp/limits/reputation.ts';
import type { Stop } from '../../../lambdas/otp/limits/stops.ts';
import type { Idempotency, Refusal } from '../../../lambdas/otp/ports.ts';
import type { Verification } from '../../../lambdas/otp/record/verification.ts';
import type { PortNotice, RiskAnswer } from '../../../lambdas/otp/risk/ports.ts';

/** What the tables hold, in memory. */
export const memoryTables = () => {
  const guards = new Map<string, Guard>();
  const records = new Map<string, Verification>();
  const counts = new Map<string, number>();
  const sets = new Map<string, Set<string>>();
  const guardOf = (phoneKey: string): Guard => guards.get(phoneKey) ?? noGuard;
  const countOf = (name: string): number => counts.get(name) ?? 0;
  const setOf = (name: string): Set<string> => {
    const found = sets.get(name) ?? new Set<string>();
    sets.set(name, found);
    return found;
  };
  return {
    guards,
    records,
    idempotencies: new Map<string, Idempotency>(),
    refusals: [] as Refusal[],
    blocks: [] as Block[],
    /** What providers said of SIMs, and what staff noted, by the keyed hash of the number. */
    sims: new Map<string, { readonly answer: RiskAnswer; readonly askedAtMs: number }>(),
    notices: new Map<string, PortNotice>(),
    stops: [] as Stop[],
    /** Countries under code spraying. */
    codeSpraying: new Set<string>(),
    /** Numbers that are guessed at, by their keyed hash. */
    guessedAt: new Set<string>(),
    reputations: new Map<string, Reputation>(),
    /** Counters by name, such as `spent total 2026-11-21`. */
    counts,
    guardOf,
    /** Whether a guard is still the one that was read. */
    guardHolds: (phoneKey: string, next: Guard): boolean => guardOf(phoneKey).version === next.version - 1,
    change: (key: string, values: Partial<Verification>): Verification | undefined => {
      const before = records.get(key);
      if (before === undefined) return undefined;
      const after = { ...before, ...values };
      records.set(key, after);
      return after;
    },
    countOf,
    add: (name: string, by: number): void => void counts.set(name, countOf(name) + by),
    setOf,
    /** Numbers that verified from an IP. */
    verifiersOf: (ip: string): Set<string> => setOf(`verifiers ${ip}`),
  };
};

export type MemoryTables = ReturnType<typeof memoryTables>;
