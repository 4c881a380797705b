import type { Contender, Outcome, Visible } from './contender.ts';

export type Judge = (attempt: Visible, atMs: number) => Outcome;

/** For rules that know SMS only: a resend is one more SMS to them, and they do not hear of guesses. */
export const everySms = (judge: Judge, verified: Contender['verified'] = () => {}): Contender => ({
  ask: (attempt) => judge(attempt, attempt.atMs),
  resend: judge,
  verified,
  wrong: () => {},
});
