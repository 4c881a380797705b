/** Labels that contenders do not see, and the notes of a run that are kept by them. */

import type { Outcome, Visible } from '../contenders/contender.ts';
import type { Family, TrapKind } from '../traffic/kinds.ts';
import type { Caller } from '../traffic/world.ts';

export type Label =
  | { readonly legit: true; readonly trap?: TrapKind }
  | { readonly legit: false; readonly family: Family | 'denial'; readonly attack: string };

/** Notes of a run, with the labels that contenders do not see. */
export type Book<Mark> = {
  readonly asked: (attempt: Visible, label: Mark, outcome: Outcome, isProbe: boolean) => void;
  readonly resent: (attempt: Visible, label: Mark, outcome: Outcome, atMs: number, isProbe: boolean) => void;
  /** @param worth in guesses at codes of six digits: 0.001 at nine digits. */
  readonly guessed: (label: Mark, worth: number) => void;
};

/** Notes of a run about people and attackers. */
export type Notes = Book<Label> & {
  readonly settled: (caller: Caller, trap: TrapKind | undefined, startedMs: number, isDelivered: boolean) => void;
};
