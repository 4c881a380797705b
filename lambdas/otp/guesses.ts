import { afterSuccess, afterWrong, type Reputation } from './limits/reputation.ts';
import { isApproved, sameMac, type Verification } from './record/verification.ts';

/** A record of the stream of verifications: what stood there before, and what stands there now. */
type Change = {
  /** Unique in the stream; the same when the record is delivered again. */
  readonly id: string;
  readonly before: Verification | undefined;
  readonly after: Verification | undefined;
};

/** What a change says of a guess. */
export type GuessFact = {
  readonly id: string;
  readonly kind: 'right' | 'wrong';
  readonly phoneKey: string;
  readonly ip: string;
  readonly atMs: number;
};

/**
 * The guess that a change let in, if it did. Everything else that happens to a record says nothing of guesses, and
 * test numbers say nothing at all.
 */
export const guessOf = ({ id, before, after }: Change): GuessFact | undefined => {
  if (before === undefined || after === undefined || after.test) return undefined;
  if (after.guesses.length !== before.guesses.length + 1) return undefined;
  const { phoneKey, ip, code, guesses, guessedAtMs, createdAtMs } = after;
  const kind = isApproved(after) && sameMac(guesses.at(-1) ?? '', code) ? 'right' : 'wrong';
  return { id, kind, phoneKey, ip, atMs: guessedAtMs ?? createdAtMs };
};

/** The counts that a guess changes. */
export type GuessLedger = {
  readonly reputation: (phoneKey: string) => Promise<Reputation>;
  /**
   * Writes the number's reputation and, for a success, that the number vouches for the IP: once for each fact.
   * `again`: somebody else wrote in between. `known`: this fact was counted before.
   */
  readonly write: (fact: GuessFact, reputation: Reputation) => Promise<'written' | 'trusted' | 'again'>;
};

const maxTries = 8;

/**
 * Counts a guess for its number, exactly once, however often and in whatever order the stream brings it.
 *
 * @throws Error when others keep writing in between, and Unavailable; the stream then brings the record again.
 */
export const countGuess =
  ({ reputation, write }: GuessLedger) =>
  async (fact: GuessFact): Promise<'written' | 'trusted'> => {
    for (let attempt = 0; attempt < maxTries; attempt += 1) {
      const before = await reputation(fact.phoneKey);
      const after = fact.kind === 'right' ? afterSuccess(before, fact.atMs) : afterWrong(before, fact.atMs);
      const outcome = await write(fact, after);
      if (outcome !== 'again') return outcome;
    }
    throw new Error('A guess could not be counted: others kept writing the same counts.');
  };
