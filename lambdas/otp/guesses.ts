import { momentOf } from './limits/moment.ts';
import { afterGuess, type NumberGuess, type Reputation } from './limits/reputation.ts';
import { Unavailable } from './ports.ts';
import { guessLetIn, type Verification } from './record/verification.ts';
import { settleAll } from './settle.ts';

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

/** The guess that a change let in, if it let one in. Guesses at test numbers do not count. */
export const guessOf = ({ id, before, after }: Change): GuessFact | undefined => {
  if (before === undefined || after === undefined || after.test) return undefined;
  const kind = guessLetIn(before, after);
  if (kind === undefined) return undefined;
  const { key, phoneKey, ip, guessedAtMs, createdAtMs } = after;
  return { id, kind, phoneKey, ip, ...momentOf(key, guessedAtMs ?? createdAtMs) };
};

/** Numbers that verified from an IP. */
export type Vouchers = { readonly ip: string; readonly phoneKeys: readonly string[]; readonly atMs: number };

/** What guesses change. */
export type GuessLedger = {
  /** Adds numbers to those that verified from an IP. Safe to repeat. */
  readonly vouch: (vouchers: Vouchers) => Promise<unknown>;
  readonly reputation: (phoneKey: string) => Promise<Reputation>;
  /**
   * Writes the reputation of the number, once for each guess.
   * `lost-race`: the reputation has changed since it was read.
   */
  readonly write: (fact: GuessFact, reputation: Reputation) => Promise<'written' | 'already-counted' | 'lost-race'>;
};

type Counted = 'written' | 'already-counted';

const maxTries = 8;

/** Counts a guess for its number. @throws Unavailable, also after eight lost races. The stream then brings the change again. */
const countForNumber = async ({ reputation, write }: GuessLedger, fact: GuessFact): Promise<Counted> => {
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    const { kind, verification, atMs } = fact;
    const after = afterGuess(await reputation(fact.phoneKey), { kind, verification, atMs });
    const outcome = await write(fact, after);
    if (outcome !== 'lost-race') return outcome;
  }
  // Other writers kept changing the reputation. The stream brings the change again.
  throw new Unavailable('DynamoDB TransactWriteItems');
};

/** Numbers, and IPs, whose guesses are counted beside each other. */
const mostBeside = 16;

/**
 * Counts guesses, each exactly once, however often and in whatever order the stream brings them: those of different
 * numbers beside each other, those of one number in their order.
 *
 * @returns what became of each guess, number by number.
 * @throws Unavailable. The stream then brings the changes again.
 */
export const countGuesses =
  (ledger: GuessLedger) =>
  async (facts: readonly GuessFact[]): Promise<readonly Counted[]> => {
    // Vouchers first: a mark says that its guess was counted for number and IP.
    const vouches = vouchersOf(facts).map((each) => () => ledger.vouch(each));
    await settleAll<unknown>(vouches, mostBeside);
    const byNumber = Map.groupBy(facts, ({ phoneKey }) => phoneKey);
    const numbers = [...byNumber.values()].map((own) => async (): Promise<readonly Counted[]> => {
      const counted: Counted[] = [];
      for (const fact of own) counted.push(await countForNumber(ledger, fact));
      return counted;
    });
    return (await settleAll(numbers, mostBeside)).flat();
  };

/** The right guesses, by their IPs. */
const vouchersOf = (facts: readonly GuessFact[]): readonly Vouchers[] => {
  const right = facts.filter(({ kind }) => kind === 'right');
  return [...Map.groupBy(right, ({ ip }) => ip)].map(([ip, own]) => ({
    ip,
    phoneKeys: [...new Set(own.map(({ phoneKey }) => phoneKey))],
    atMs: Math.max(...own.map(({ atMs }) => atMs)),
  }));
};
