import { momentOf } from './limits/moment.ts';
import { afterGuess, type NumberGuess, noReputation, type Reputation } from './limits/reputation.ts';
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
  /** The number was trusted when it asked. */
  readonly trusted?: boolean | undefined;
};

/** The guess that a change let in, if it let one in. Guesses at test numbers do not count. */
export const guessOf = ({ id, before, after }: Change): GuessFact | undefined => {
  if (before === undefined || after === undefined || after.test) return undefined;
  const kind = guessLetIn(before, after);
  if (kind === undefined) return undefined;
  const { key, phoneKey, ip, sharedIp, pair, trusted, guesses, guessedAtMs, createdAtMs } = after;
  // A shared network says nothing of a number.
  const network = sharedIp ? undefined : after.network;
  const moment = momentOf(key, guessedAtMs ?? createdAtMs, pair);
  return { id, kind, phoneKey, ip, network, trusted, nth: guesses.length, ...moment };
};

/** Numbers that verified from an IP. */
export type IpVerifiers = {
  readonly ip: string;
  readonly phoneKeys: readonly string[];
  /** Those of them that were not trusted when they asked. Askers of a day are compared with these. */
  readonly newcomers: readonly string[];
  readonly atMs: number;
};

/** What guesses change. Any call may throw `Unavailable`; the stream then brings its records again. */
export type GuessLedger = {
  /** Adds numbers to those that verified from their IPs. Safe to repeat. */
  readonly addVerifiers: (verifiers: readonly IpVerifiers[]) => Promise<unknown>;
  readonly readReputations: (phoneKeys: readonly string[]) => Promise<ReadonlyMap<string, Reputation>>;
  /** Writes a reputation, unless it has changed since it was read: `lost-race`. */
  readonly write: (phoneKey: string, after: Reputation, atMs: number) => Promise<'written' | 'lost-race'>;
};

/** Tries until a reputation stands still. */
const maxTries = 8;
/** Numbers whose guesses are counted beside each other. */
const maxBeside = 32;

/**
 * Counts guesses, each exactly once, however often and in whatever order the stream brings them: a reputation knows what
 * it has counted. Those of a number are one write, those of different numbers are written beside each other.
 *
 * @returns those that had not been counted before.
 * @throws Unavailable, also after eight lost races. The stream then brings the changes again.
 */
export const countGuesses =
  (ledger: GuessLedger) =>
  async (facts: readonly GuessFact[]): Promise<readonly GuessFact[]> => {
    const counted: GuessFact[] = [];
    await settleAll<unknown>([
      () => ledger.addVerifiers(verifiersOf(facts)),
      () => countForNumbers(ledger, facts, counted),
    ]);
    return counted;
  };

const countForNumbers = async (
  ledger: GuessLedger,
  facts: readonly GuessFact[],
  counted: GuessFact[],
): Promise<void> => {
  let open = Map.groupBy(facts, ({ phoneKey }) => phoneKey);
  for (let attempt = 0; attempt < maxTries && open.size > 0; attempt += 1) {
    const before = await ledger.readReputations([...open.keys()]);
    const writes = [...open].map(([phoneKey, own]) => async () => {
      const { after, news } = withGuesses(before.get(phoneKey) ?? noReputation, own);
      const isDone = news.length === 0 || (await ledger.write(phoneKey, after, latestOf(own))) === 'written';
      if (isDone) counted.push(...news);
      return { phoneKey, own, isDone };
    });
    const left = (await settleAll(writes, maxBeside)).filter(({ isDone }) => !isDone);
    open = new Map(left.map(({ phoneKey, own }) => [phoneKey, own]));
  }
  // Other writers kept changing a reputation.
  if (open.size > 0) throw new Unavailable('DynamoDB PutItem');
};

const latestOf = (facts: readonly GuessFact[]): number => Math.max(...facts.map(({ atMs }) => atMs));

/** A reputation after guesses, as one write, and those of them that it had not counted. */
const withGuesses = (before: Reputation, facts: readonly GuessFact[]) => {
  let after = before;
  const news: GuessFact[] = [];
  for (const fact of facts) {
    const next = afterGuess(after, fact);
    if (next !== after) news.push(fact);
    after = next;
  }
  return { after: { ...after, version: before.version + 1 }, news };
};

const phoneKeysOf = (facts: readonly GuessFact[]): readonly string[] => [
  ...new Set(facts.map(({ phoneKey }) => phoneKey)),
];

/** The right guesses, by their IPs. */
const verifiersOf = (facts: readonly GuessFact[]): readonly IpVerifiers[] => {
  const right = facts.filter(({ kind }) => kind === 'right');
  return [...Map.groupBy(right, ({ ip }) => ip)].map(([ip, own]) => ({
    ip,
    phoneKeys: phoneKeysOf(own),
    newcomers: phoneKeysOf(own.filter(({ trusted }) => trusted !== true)),
    atMs: latestOf(own),
  }));
};
