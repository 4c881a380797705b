import { spawn } from 'node:child_process';

export type Run = {
  readonly status: number | null;
  /** Both outputs, as they came. */
  readonly output: string;
};

export type RunOptions = {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Is told the process group of the program, so that all of it can be ended; and minus that, once it has ended. */
  readonly keep?: (group: number) => void;
};

/** Runs a program to its end. */
export const run = (
  program: string,
  args: readonly string[],
  { cwd, environment, keep = () => {} }: RunOptions,
): Promise<Run> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    if (child.pid !== undefined) keep(child.pid);
    let output = '';
    const note = (chunk: Buffer): void => {
      output += chunk.toString('utf8');
    };
    child.stdout.on('data', note);
    child.stderr.on('data', note);
    child.on('error', reject);
    child.on('close', (status) => {
      if (child.pid !== undefined) keep(-child.pid);
      resolve({ status, output });
    });
  });

/** Runs a program that has to succeed; where it does not, the error says what it said. */
export const mustRun = async (program: string, args: readonly string[], options: RunOptions): Promise<string> => {
  const { status, output } = await run(program, args, options);
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} ended with ${status}:\n${output}`);
  return output;
};

/** Does a step, and tells how long it took. */
export const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  const startedMs = performance.now();
  const done = await work();
  console.log(`--- ${name}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return done;
};
