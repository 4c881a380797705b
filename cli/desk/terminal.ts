/** The streams and the clock of otp-desk. Tests give others. */

import { setTimeout as wait } from 'node:timers/promises';
import { askPerson } from '../terminal/ask-person.ts';

export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person can be asked: input and messages are those of a terminal. */
  readonly isInteractive: boolean;
  /** Columns of the output; Infinity for a pipe or a file. */
  readonly columns: number;
  /** @returns `undefined` if the person ended the input, or pressed Ctrl-C. */
  readonly ask: (question: string) => Promise<string | undefined>;
  /** All of the standard input. */
  readonly readInput: () => Promise<string>;
};

export type Surroundings = {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly now: () => number;
  /** Ends early, and without an error, when the signal does. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From now on Ctrl-C ends what goes on, and not the program. */
  readonly untilInterrupted: () => AbortSignal;
};

/** A number and its line end are less; more is something else. */
const maxInput = 65_536;

const readInput = async (): Promise<string> => {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk;
    if (text.length > maxInput) break;
  }
  return text;
};

const untilInterrupted = (): AbortSignal => {
  const interruption = new AbortController();
  process.once('SIGINT', () => interruption.abort());
  process.once('SIGTERM', () => interruption.abort());
  return interruption.signal;
};

/** Some terminals say 0. */
const columnsOf = (said: number): number => (said > 0 ? Math.max(said, 40) : 80);

/** Those of the process. */
export const ownSurroundings = (): Surroundings => ({
  terminal: {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    columns: process.stdout.isTTY === true ? columnsOf(process.stdout.columns) : Number.POSITIVE_INFINITY,
    ask: askPerson,
    readInput,
  },
  env: process.env,
  now: Date.now,
  sleep: async (ms, signal) => {
    await wait(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
  },
  untilInterrupted,
});
