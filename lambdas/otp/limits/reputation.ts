import type { Policy } from '../../policy.ts';

/** What is remembered of a number beside its sends, under its pseudonym. Times are epoch milliseconds. */
export type Standing = {
  /** Counts the writes; 0 where there is nothing yet. */
  readonly version: number;
  /** When its holder last proved that they hold it. */
  readonly verifiedAtMs?: number | undefined;
  /** Wrong guesses since the last success, each within 24 hours of the one before. */
  readonly wrong: number;
  readonly wrongAtMs?: number | undefined;
};

export const noStanding: Standing = { version: 0, wrong: 0 };

const dayMs = 86_400_000;
/** How long a success vouches for a number, in milliseconds. */
export const knownGoodMs = 90 * dayMs;

/** A number whose holder has verified lately is not caught by limits that are meant for groups of numbers. */
export const isKnownGood = ({ verifiedAtMs }: Standing, nowMs: number): boolean =>
  verifiedAtMs !== undefined && nowMs < verifiedAtMs + knownGoodMs;

/** Wrong guesses that still count. */
export const wrongGuesses = ({ wrong, wrongAtMs }: Standing, nowMs: number): number =>
  wrongAtMs !== undefined && nowMs < wrongAtMs + dayMs ? wrong : 0;

/**
 * The guesses of the number's next verification. Wrong guesses never stop the sending, or strangers could lock the
 * holder out; they only leave fewer guesses, and never none.
 */
export const maxAttemptsFor = (
  standing: Standing,
  { maxAttempts, afterWrongGuesses, whileSprayed }: Policy['code'],
  isSprayed: boolean,
  nowMs: number,
) => {
  const wrong = wrongGuesses(standing, nowMs);
  const rule = afterWrongGuesses.find((candidate) => wrong >= candidate.wrong);
  const most = isSprayed ? Math.min(maxAttempts, whileSprayed.maxAttempts) : maxAttempts;
  return Math.max(1, Math.min(most, rule?.maxAttempts ?? most));
};

/** A success that the stream brings late does not undo wrong guesses that came after it. */
export const afterSuccess = (standing: Standing, atMs: number): Standing => {
  const { version, verifiedAtMs = 0, wrongAtMs = 0 } = standing;
  const isLate = wrongAtMs > atMs;
  return {
    ...(isLate ? standing : { wrong: 0 }),
    version: version + 1,
    verifiedAtMs: Math.max(verifiedAtMs, atMs),
  };
};

/** A guess older than the last success does not count: the stream may bring it late. */
export const afterWrong = (standing: Standing, atMs: number): Standing => {
  const { version, verifiedAtMs, wrongAtMs = 0 } = standing;
  if (verifiedAtMs !== undefined && atMs <= verifiedAtMs) return { ...standing, version: version + 1 };
  return {
    version: version + 1,
    verifiedAtMs,
    wrong: wrongGuesses(standing, atMs) + 1,
    wrongAtMs: Math.max(wrongAtMs, atMs),
  };
};
