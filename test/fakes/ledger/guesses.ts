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
    vouch: ({ ip, phoneKeys }) =>
      call('vouch', () => {
        for (const phoneKey of phoneKeys) verifiersOf(ip).add(phoneKey);
      }),
    reputation: (phoneKey) => call('reputation', () => reputationOf(phoneKey)),
    write: async ({ id, phoneKey }, reputation) => {
      const outcome = await transact('guess', [`reputation ${phoneKey}`], () => {
        if (setOf('marks').has(id)) return 'already-counted' as const;
        if (reputationOf(phoneKey).version !== reputation.version - 1) return 'lost-race' as const;
        setOf('marks').add(id);
        reputations.set(phoneKey, reputation);
        return 'written' as const;
      });
      return outcome === 'conflict' ? 'lost-race' : outcome;
    },
  };
};
