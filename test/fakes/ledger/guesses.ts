import type { GuessLedger } from '../../../lambdas/otp/guesses.ts';
import { noReputation } from '../../../lambdas/otp/limits/reputation.ts';
import type { Calls } from './calls.ts';
import type { MemoryTables } from './tables.ts';

export const memoryGuesses = (
  { reputations, setOf, verifiersOf }: MemoryTables,
  { call, transact }: Calls,
): GuessLedger => {
  const reputationOf = (phoneKey: string) => reputations.get(phoneKey) ?? noReputation;
  return {
    reputation: (phoneKey) => call('reputation', () => reputationOf(phoneKey)),
    write: async ({ id, kind, phoneKey, ip }, reputation) => {
      const outcome = await transact('guess', [`reputation ${phoneKey}`], () => {
        if (setOf('marks').has(id)) return 'already-counted' as const;
        if (reputationOf(phoneKey).version !== reputation.version - 1) return 'lost-race' as const;
        setOf('marks').add(id);
        reputations.set(phoneKey, reputation);
        if (kind === 'right') verifiersOf(ip).add(phoneKey);
        return 'written' as const;
      });
      return outcome === 'conflict' ? 'lost-race' : outcome;
    },
  };
};
