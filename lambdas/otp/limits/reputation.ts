import type { Policy } from '../../policy.ts';

/** What is remembered of a number beside its sends. Times are epoch milliseconds. */
export type Reputation = {
  /** Counts the writes, from 0. */
  readonly version: number;
  /** When its holder last verified. */
  readonly verifiedAtMs?: number | undefined;
  /** Wrong guesses since the last success, each within 24 hours of the one before. */
  readonly wrong: number;
  readonly wrongAtMs?: number | undefined;
};

export const noReputation: Reputation = { version: 0, wrong: 0 };

const dayMs = 86_400_000;
/** How long a number is trusted after its holder verified, in milliseconds. */
export const trustedMs = 90 * dayMs;

/** A trusted number passes the limits on groups of numbers. */
export const isTrustedNumber = ({ verifiedAtMs }: Reputation, nowMs: number): boolean =>
  verifiedAtMs !== undefined && nowMs < verifiedAtMs + trustedMs;

/** Wrong guesses that still count. */
export const wrongGuesses = ({ wrong, wrongAtMs }: Reputation, nowMs: number): number =>
  wrongAtMs !== undefined && nowMs < wrongAtMs + dayMs ? wrong : 0;

/**
 * The attempts of the number's next verification. Wrong guesses lower them, down to one. They never stop a send, or an
 * attacker who guesses could lock the holder out.
 */
export const maxAttemptsFor = (
  reputation: Reputation,
  { maxAttempts, afterWrongGuesses, duringCodeSpraying }: Policy['code'],
  isCodeSpraying: boolean,
  nowMs: number,
): number => {
  const wrong = wrongGuesses(reputation, nowMs);
  const rule = afterWrongGuesses.find((candidate) => wrong >= candidate.wrong);
  const usual = isCodeSpraying ? Math.min(maxAttempts, duringCodeSpraying.maxAttempts) : maxAttempts;
  return Math.max(1, Math.min(usual, rule?.maxAttempts ?? usual));
};

/** The stream may bring a success late. It then leaves the wrong guesses that came after it. */
export const afterSuccess = (reputation: Reputation, atMs: number): Reputation => {
  const { version, verifiedAtMs = 0, wrongAtMs = 0 } = reputation;
  const isLate = wrongAtMs > atMs;
  return {
    ...(isLate ? reputation : { wrong: 0 }),
    version: version + 1,
    verifiedAtMs: Math.max(verifiedAtMs, atMs),
  };
};

/** The stream may bring a wrong guess late. It counts only if it came after the last success. */
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
