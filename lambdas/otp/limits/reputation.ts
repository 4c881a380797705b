import { maxSendsIn24Hours, maxWrongOfStep, type Policy, reservedForPairs } from '../../policy.ts';
import { dayMs } from '../durations.ts';
import { type Moment, newestOf } from './moment.ts';

/** What is remembered of a number beside its sends. Times are epoch milliseconds. */
export type Reputation = {
  /** Counts the writes, from 0. */
  readonly version: number;
  /** When its holder last verified. */
  readonly verifiedAtMs?: number | undefined;
  /** Approvals of the last 24 hours, oldest first. Each frees the sends of its verification, and forgives its wrong guesses. */
  readonly approved: readonly Moment[];
  /** Wrong guesses of the last 24 hours that no approval has forgiven, oldest first. */
  readonly wrong: readonly Moment[];
  /** The networks from which its holder last verified, oldest first. With the number, each is a pair. */
  readonly pairs: readonly Pair[];
};

/** A network from which a number has verified, and when it last did. */
export type Pair = { readonly network: string; readonly atMs: number };

export const noReputation: Reputation = { version: 0, approved: [], wrong: [], pairs: [] };

/** How long a number is trusted after its holder verified, in milliseconds. */
export const trustedMs = 90 * dayMs;

/**
 * An approval is kept for ten minutes more than a wrong guess, which is the longest life of a verification: while a wrong
 * guess counts, the approval that forgives it is there, in whatever order the stream brings them.
 */
const approvalKeptMs = dayMs + 600_000;

/**
 * Wrong guesses that a number is remembered by: the newest, which are those that count the longest. Twice what the
 * highest step asks for. So the count stays at that step, although approvals forgive some of them (ADR 43).
 */
export const maxWrong = 2 * maxWrongOfStep;

/** Approvals that a number is remembered by: as many as it can have SMS in 24 hours. */
export const maxApproved = maxSendsIn24Hours + reservedForPairs;

/** Home, work and mobile carrier. More would let an attacker who verifies once stay a pair for longer. */
export const maxPairs = 3;
/** 72 bits of a keyed hash. */
const networkLength = 12;
const networkName = (network: string): string => network.slice(0, networkLength);

/** The number has verified within 90 days. Whether that is still trust, its sends say as well. */
export const hasVerifiedLately = ({ verifiedAtMs }: Reputation, nowMs: number): boolean =>
  verifiedAtMs !== undefined && nowMs < verifiedAtMs + trustedMs;

/** The number has verified from this network within 90 days: the two are a pair. */
export const hasVerifiedFrom = ({ pairs }: Reputation, network: string, nowMs: number): boolean =>
  pairs.some((pair) => pair.network === networkName(network) && nowMs < pair.atMs + trustedMs);

/** Whether something belongs to a verification that was approved. */
export const isOfApproved = ({ approved }: Pick<Reputation, 'approved'>, { verification }: Moment): boolean =>
  verification !== '' && approved.some((approval) => approval.verification === verification);

/** Wrong guesses that still count: each for 24 hours from itself. */
export const wrongGuesses = ({ wrong }: Pick<Reputation, 'wrong'>, nowMs: number): number =>
  wrong.filter(({ atMs }) => nowMs < atMs + dayMs).length;

/** What makes a code harder to guess, beside wrong guesses at its number. */
export type CodeRisk = {
  readonly isCodeSpraying: boolean;
  /** Strangers' guesses and code spraying concern no pair. */
  readonly isPair: boolean;
};

/**
 * The attempts of the number's next verification. Wrong guesses lower them, down to one. They never stop a send, or an
 * attacker who guesses could lock the holder out. Those of a pair are lowered only by wrong guesses at verifications of
 * pairs, or an attacker could leave the holder one attempt.
 */
export const maxAttemptsFor = (
  reputation: Reputation,
  { maxAttempts, afterWrongGuesses, duringCodeSpraying }: Policy['code'],
  { isCodeSpraying, isPair }: CodeRisk,
  nowMs: number,
): number => {
  const counted = isPair ? reputation.wrong.filter(({ pair }) => pair) : reputation.wrong;
  const wrong = wrongGuesses({ wrong: counted }, nowMs);
  const rule = afterWrongGuesses.find((candidate) => wrong >= candidate.wrong);
  const usual = isCodeSpraying && !isPair ? Math.min(maxAttempts, duringCodeSpraying.maxAttempts) : maxAttempts;
  return Math.max(1, Math.min(usual, rule?.maxAttempts ?? usual));
};

/** A guess at a verification of the number, and from which network that was asked for, if it says something of its holder. */
export type NumberGuess = Moment & { readonly kind: 'right' | 'wrong'; readonly network: string | undefined };

/** Whether a reputation has counted a guess, or an approval has forgiven it. */
const hasCounted = (reputation: Reputation, guess: NumberGuess): boolean =>
  isOfApproved(reputation, guess) || (guess.kind === 'wrong' && reputation.wrong.some((each) => isSame(each, guess)));

/** A wrong guess is told by its place among those of its verification. Before ADR 66 it was remembered by its time alone. */
const isSame = (known: Moment, { verification, nth, atMs }: Moment): boolean =>
  known.verification === verification && (known.nth === undefined ? known.atMs === atMs : known.nth === nth);

/**
 * The reputation after a guess; the same one if the guess changes nothing, as one that it has counted already. What it says
 * does not depend on the order in which the stream brings the guesses: an approval forgives the wrong guesses of its own
 * verification that came before it, and those that are still to come.
 */
export const afterGuess = (before: Reputation, guess: NumberGuess): Reputation => {
  if (hasCounted(before, guess)) return before;
  return guess.kind === 'right' ? afterRight(before, guess) : afterWrong(before, guess);
};

const afterRight = (before: Reputation, { network, atMs, verification }: NumberGuess): Reputation => {
  const { version, verifiedAtMs = 0, pairs } = before;
  const approved = [...before.approved, { atMs, verification }];
  return remembered({
    version: version + 1,
    verifiedAtMs: Math.max(verifiedAtMs, atMs),
    approved,
    wrong: before.wrong.filter((each) => !isOfApproved({ approved }, each)),
    pairs: network === undefined ? pairs : withPair(pairs, { network: networkName(network), atMs }),
  });
};

const afterWrong = (before: Reputation, { atMs, verification, pair, nth }: NumberGuess): Reputation => {
  const moment = { atMs, verification, ...(pair ? { pair } : {}), ...(nth === undefined ? {} : { nth }) };
  const after = remembered({ ...before, version: before.version + 1, wrong: [...before.wrong, moment] });
  return after.wrong.includes(moment) ? after : before;
};

/** What is remembered: the newest, for a day. */
const remembered = (reputation: Reputation): Reputation => {
  const { approved, wrong } = reputation;
  const latestMs = Math.max(...[...approved, ...wrong].map(({ atMs }) => atMs));
  return {
    ...reputation,
    approved: newestOf(approved, latestMs - approvalKeptMs, maxApproved),
    wrong: newestOf(wrong, latestMs - dayMs, maxWrong),
  };
};

/** The newest pairs, each by its last approval. Names decide between pairs of one moment, so that no order of guesses does. */
const withPair = (pairs: readonly Pair[], pair: Pair): readonly Pair[] => {
  const known = pairs.find(({ network }) => network === pair.network);
  const latest = { ...pair, atMs: Math.max(pair.atMs, known?.atMs ?? 0) };
  return [...pairs.filter((each) => each !== known), latest]
    .toSorted((a, b) => a.atMs - b.atMs || (a.network < b.network ? -1 : 1))
    .slice(-maxPairs);
};
