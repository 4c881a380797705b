import type { Policy } from '../../policy.ts';

/** What is remembered of a number beside its sends, under its pseudonym. Times are epoch milliseconds. */
export type Reputation = {
  /** Counts the writes; 0 where there is nothing yet. */
  readonly version: number;
  /** When its holder last proved that they hold it. */
  readonly verifiedAtMs?: number | undefined;
  /** Wrong guesses since the last success, each within 24 hours of the one before. */
  readonly wrong: number;
  readonly wrongAtMs?: number | undefined;
};

export const noReputation: Reputation = { version: 0, wrong: 0 };

const dayMs = 86_400_000;
/** How long a success vouches for a number, in milliseconds. */
export const trustedMs = 90 * dayMs;

/** A number whose holder has verified lately is not caught by limits that are meant for groups of numbers. */
export const isTrustedNumber = ({ verifiedAtMs }: Reputation, nowMs: number): boolean =>
  verifiedAtMs !== undefined && nowMs < verifiedAtMs + trustedMs;

/** Wrong guesses that still count. */
export const wrongGuesses = ({ wrong, wrongAtMs }: Reputation, nowMs: number): number =>
  wrongAtMs !== undefined && nowMs < wrongAtMs + dayMs ? wrong : 0;

/**
 * The guesses of the number's next verification. Wrong guesses never stop the sending, or unverified numbers could lock the
 * holder out; they only leave fewer guesses, and never none.
 */
export const maxAttemptsFor = (
  reputation: Reputation,
  { maxAttempts, afterWrongGuesses, duringCodeSpraying }: Policy['code'],
  isCodeSpraying: boolean,
  nowMs: number,
) => {
  const wrong = wrongGuesses(reputation, nowMs);
  const rule = afterWrongGuesses.find((candidate) => wrong >= candidate.wrong);
  const most = isCodeSpraying ? Math.min(maxAttempts, duringCodeSpraying.maxAttempts) : maxAttempts;
  return Math.max(1, Math.min(most, rule?.maxAttempts ?? most));
};

/** A success that the stream brings late does not undo wrong guesses that came after it. */
export const afterSuccess = (reputation: Reputation, atMs: number): Reputation => {
  const { version, verifiedAtMs = 0, wrongAtMs = 0 } = reputation;
  const isLate = wrongAtMs > atMs;
  return {
    ...(isLate ? reputation : { wrong: 0 }),
    version: version + 1,
    verifiedAtMs: Math.max(verifiedAtMs, atMs),
  };
};

/** A guess older than the last success does not count: the stream may bring it late. */
export const afterWrong = (reputation: Reputation, atMs: number): Reputation => {
  const { version, verifiedAtMs, wrongAtMs = 0 } = reputation;
  if (verifiedAtMs !== undefined && atMs <= verifiedAtMs) return { ...reputation, version: version + 1 };
  return {
    version: version + 1,
    verifiedAtMs,
    wrong: wrongGuesses(reputation, atMs) + 1,
    wrongAtMs: Math.max(wrongAtMs, atMs),
  };
};
