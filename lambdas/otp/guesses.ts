import { momentOf } from './limits/moment.ts';
import { afterGuess, type NumberGuess, type Reputation } from './limits/reputation.ts';
import { Unavailable } from './ports.ts';
import { guessLetIn, type Verification } from './record/verification.ts';

/** A change of a record, as the stream shows it. */
type Change = {
  /** Unique in the stream, and the same when the change is delivered again. */
  readonly id: string;
  readonly before: Verification | undefined;
  readonly after: Verification | undefined;
};

/** A guess that a record let in. */
export type GuessFact = NumberGuess & {
  readonly id: string;
  readonly phoneKey: string;
  readonly ip: string;
};

/**
 * The guess that a change let in, if it let one in. Guesses at test numbers do not count.
 *
 * @param exemptApplications back ends whose network says nothing of a number: all of their users share it.
 */
export const guessOf = (
  { id, before, after }: Change,
  exemptApplications: readonly string[] = [],
): GuessFact | undefined => {
  if (before === undefined || after === undefined || after.test) return undefined;
  const kind = guessLetIn(before, after);
  if (kind === undefined) return undefined;
  const { key, phoneKey, ip, application, pair, guessedAtMs, createdAtMs } = after;
  const network = exemptApplications.includes(application) ? undefined : after.network;
  return { id, kind, phoneKey, ip, network, ...momentOf(key, guessedAtMs ?? createdAtMs, pair) };
};

/** What the guesses of a number change. */
export type GuessLedger = {
  readonly reputation: (phoneKey: string) => Promise<Reputation>;
  /**
   * Writes the reputation of the number and, for a right guess, of the IP: once for each guess.
   * `lost-race`: the reputation has changed since it was read.
   */
  readonly write: (fact: GuessFact, reputation: Reputation) => Promise<'written' | 'already-counted' | 'lost-race'>;
};

const maxTries = 8;

/**
 * Counts a guess for its number, exactly once, however often and in whatever order the stream brings it.
 *
 * @throws Unavailable, also after eight lost races. The stream then brings the change again.
 */
export const countGuess =
  ({ reputation, write }: GuessLedger) =>
  async (fact: GuessFact): Promise<'written' | 'already-counted'> => {
    for (let attempt = 0; attempt < maxTries; attempt += 1) {
      const after = afterGuess(await reputation(fact.phoneKey), fact);
      const outcome = await write(fact, after);
      if (outcome !== 'lost-race') return outcome;
    }
    // Other writers kept changing the reputation. The stream brings the change again.
    throw new Unavailable('DynamoDB TransactWriteItems');
  };
