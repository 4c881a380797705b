/** otp-desk as a test runs it: in this process with a terminal of the test, or as the program that it is. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { runDesk } from '../../../cli/desk/program.ts';
import type { Surroundings } from '../../../cli/desk/terminal.ts';
import { root } from '../../laws/source/files.ts';

export type Ended = { readonly exit: number; readonly out: string; readonly err: string };

export type Sitting = {
  /** What a person answers, one text for each question. Without it, nobody is there. */
  readonly answers?: readonly (string | undefined)[];
  /** Standard input. */
  readonly input?: string;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly now?: () => number;
  /** Called instead of waiting. */
  readonly slept?: (ms: number) => void;
  readonly interruption?: AbortSignal;
};

/** Runs otp-desk in this process. */
export const deskWith = async (
  args: readonly string[],
  sitting: Sitting = {},
): Promise<Ended & { asked: string[] }> => {
  const { answers, input = '', columns = Number.POSITIVE_INFINITY, env = {}, now = Date.now, slept } = sitting;
  const [out, err, asked]: [string[], string[], string[]] = [[], [], []];
  const left = [...(answers ?? [])];
  const surroundings: Surroundings = {
    terminal: {
      out: (text) => out.push(text),
      err: (text) => err.push(text),
      isInteractive: answers !== undefined,
      columns,
      ask: async (question) => {
        asked.push(question);
        return left.shift();
      },
      readInput: async () => input,
    },
    env,
    now,
    sleep: async (ms) => slept?.(ms),
    untilInterrupted: () => sitting.interruption ?? new AbortController().signal,
  };
  const exit = await runDesk(args, surroundings);
  return { exit, out: out.join(''), err: err.join(''), asked };
};

const program = path.join(root, 'cli/desk/otp-desk.ts');

/** Starts the program, without a terminal. */
export const spawnDesk = (
  args: readonly string[],
  { input = '', env = {} }: { readonly input?: string; readonly env?: Readonly<Record<string, string>> } = {},
) => {
  const child = spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } });
  const texts = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => {
    texts.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    texts.err += text;
  });
  child.stdin.end(input);
  const ended = once(child, 'close').then(
    ([code, signal]): Ended => ({ exit: code ?? `ended by ${signal}`, ...texts }),
  );
  return { texts, ended, interrupt: () => child.kill('SIGINT') };
};
