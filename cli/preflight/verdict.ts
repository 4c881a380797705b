import type { Answer } from './answers.ts';

export type State = 'ok' | 'warning' | 'problem' | 'unknown';

/** One row of the report. */
export type Finding = {
  readonly check: string;
  /** A Region, or a country in a Region. */
  readonly about: string;
  readonly state: State;
  readonly found: string;
  /** Empty if there is nothing to do. */
  readonly todo: string;
};

export type Verdict = Omit<Finding, 'check' | 'about'>;

export const ok = (found: string, todo = ''): Verdict => ({ state: 'ok', found, todo });
export const warning = (found: string, todo: string): Verdict => ({ state: 'warning', found, todo });
export const problem = (found: string, todo: string): Verdict => ({ state: 'problem', found, todo });

/** The verdict without an answer: never that all is well. */
export const unknown = (answer: Exclude<Answer<unknown>, { kind: 'answered' }>): Verdict => {
  if (answer.kind === 'denied')
    return { state: 'unknown', found: 'not allowed to ask', todo: `Allow ${answer.action}.` };
  if (answer.kind === 'not-offered')
    return { state: 'unknown', found: `not offered here (${answer.error})`, todo: 'Look it up in the console.' };
  return { state: 'unknown', found: `no answer: ${answer.why} (${answer.error})`, todo: 'Ask again in a minute.' };
};

/** Judges an answer if there is one. */
export const judge = <Value>(answer: Answer<Value>, verdict: (value: Value) => Verdict): Verdict =>
  answer.kind === 'answered' ? verdict(answer.value) : unknown(answer);

export const usd = (amount: number): string => `$${amount.toLocaleString('en', { maximumFractionDigits: 2 })}`;

/** The last four digits, by which its owner knows the number. */
export const masked = (number: string): string => `•••${number.slice(-4)}`;
