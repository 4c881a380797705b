/**
 * Keeps a folder, and runs a program in it, for as long as somebody holds the keeper's standard input open. Then it ends
 * the program with all that it has started, and deletes the folder. The suite holds it; a suite that is interrupted or
 * killed holds it no longer.
 *
 *     node test/deploy/keeper.ts FOLDER LOG
 *
 * Its input is a line of JSON for each program: one to run, with its arguments, as a list; one that somebody else runs, as
 * the number of its process group, which is ended as well, and as minus that number once it has ended by itself.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [folder, log] = process.argv.slice(2);
if (folder === undefined || log === undefined) throw new Error('Usage: node keeper.ts FOLDER LOG');

let kept: ChildProcess | undefined;
let isLeaving = false;
/** To whole groups: the functions run in processes of their own, and so does the app behind the CLI. */
const groups = new Set<number>();

const signal = (name: NodeJS.Signals): void => {
  for (const group of groups) {
    try {
      process.kill(-group, name);
    } catch {
      // There is nobody left in the group.
    }
  }
};

const leave = (): never => {
  signal('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  process.exit(0);
};

/** The folder stays until the input ends: somebody may want to read the log. */
const tell = (): void => {
  if (isLeaving) leave();
  console.log('It ended by itself.');
};

const input = createInterface({ input: process.stdin });
input.on('line', (line) => {
  const told: number | readonly string[] = JSON.parse(line);
  if (typeof told === 'number') {
    if (told > 0) groups.add(told);
    else groups.delete(-told);
    return;
  }
  const [program, ...args] = told;
  if (program === undefined) throw new Error('There is no program in the line.');
  const output = openSync(log, 'a');
  kept = spawn(program, args, { cwd: folder, stdio: ['ignore', output, output], detached: true });
  if (kept.pid !== undefined) groups.add(kept.pid);
  kept.on('error', tell);
  kept.on('exit', tell);
});
input.on('close', () => {
  isLeaving = true;
  signal('SIGTERM');
  if (kept === undefined || kept.exitCode !== null) leave();
  setTimeout(leave, 5000);
});
// Ctrl-C reaches everybody at a terminal; the keeper goes by its input alone.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => {});
