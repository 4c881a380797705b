import type { GuessLedger } from '../../../lambdas/otp/guesses.ts';
import { noReputation } from '../../../lambdas/otp/limits/reputation.ts';
import type { Calls } from './calls.ts';
import type { MemoryTables } from './tables.ts';

export const memoryGuesses = ({ reputations, verifiersOf }: MemoryTables, { call, transact }: Calls): GuessLedger => {
  const reputationOf = (phoneKey: string) => reputations.get(phoneKey) ?? noReputation;
  return {
    addVerifiers: (verifiers) =>
      call('addVerifiers', () => {
        for (const { ip, phoneKeys } of verifiers) for (const phoneKey of phoneKeys) verifiersOf(ip).add(phoneKey);
      }),
    readReputations: (phoneKeys) =>
      call('reputation', () => new Map(phoneKeys.map((phoneKey) => [phoneKey, reputationOf(phoneKey)]))),
    write: async (phoneKey, after) => {
      const outcome = await transact('guess', [`reputation ${phoneKey}`], () => {
        if (reputationOf(phoneKey).version !== after.version - 1) return 'lost-race' as const;
        reputations.set(phoneKey, after);
        return 'written' as const;
      });
      return outcome === 'conflict' ? 'lost-race' : outcome;
    },
  };
};
