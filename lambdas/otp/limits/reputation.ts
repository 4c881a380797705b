import { maxSendsIn24Hours, maxWrongOfStep, type Policy } from '../../policy.ts';
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
};

export const noReputation: Reputation = { version: 0, approved: [], wrong: [] };

const dayMs = 86_400_000;
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

/** A trusted number passes the limits on groups of numbers. */
export const isTrustedNumber = ({ verifiedAtMs }: Reputation, nowMs: number): boolean =>
  verifiedAtMs !== undefined && nowMs < verifiedAtMs + trustedMs;

/** Whether something belongs to a verification that was approved. */
export const isOfApproved = ({ approved }: Reputation, { verification }: Moment): boolean =>
  verification !== '' && approved.some((approval) => approval.verification === verification);

/** Wrong guesses that still count: each for 24 hours from itself. */
export const wrongGuesses = ({ wrong }: Reputation, nowMs: number): number =>
  wrong.filter(({ atMs }) => nowMs < atMs + dayMs).length;

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

/** A guess at a verification of the number. */
export type NumberGuess = Moment & { readonly kind: 'right' | 'wrong' };

/**
 * The reputation after a guess. What it says does not depend on the order in which the stream brings the guesses: an
 * approval forgives the wrong guesses of its own verification that came before it, and those that are still to come.
 */
export const afterGuess = (before: Reputation, { kind, ...guess }: NumberGuess): Reputation => {
  const approved = kind === 'right' && !isOfApproved(before, guess) ? [...before.approved, guess] : before.approved;
  const wrong = kind === 'wrong' ? [...before.wrong, guess] : before.wrong;
  const { version, verifiedAtMs = 0 } = before;
  const latestMs = Math.max(...[...approved, ...wrong].map(({ atMs }) => atMs));
  const after = {
    version: version + 1,
    verifiedAtMs: kind === 'right' ? Math.max(verifiedAtMs, guess.atMs) : before.verifiedAtMs,
    approved: newestOf(approved, latestMs - approvalKeptMs, maxSendsIn24Hours),
    wrong,
  };
  const unforgiven = wrong.filter((each) => !isOfApproved({ ...after, approved }, each));
  return { ...after, wrong: newestOf(unforgiven, latestMs - dayMs, maxWrong) };
};
