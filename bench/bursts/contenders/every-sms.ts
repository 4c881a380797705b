import type { Contender, Outcome, Visible } from './contender.ts';

export type Judge = (attempt: Visible, atMs: number) => Outcome;

/** For rules about SMS only: a resend is one more SMS, and guesses are ignored. */
export const everySms = (judge: Judge, verified: Contender['verified'] = () => {}): Contender => ({
  ask: (attempt) => judge(attempt, attempt.atMs),
  resend: judge,
  verified,
  wrong: () => {},
});
