/** Holds processes to a share of a core, as Lambda does with little memory: who has used up its share is stopped for a while. */

import { readFileSync } from 'node:fs';

const everyMs = 10;
/** A process that was idle may use this much at once: the period of Linux's CFS quota. */
const periodMs = 100;
/** Linux counts the time of processes in hundredths of a second. */
const tickMs = 10;

/** Milliseconds of a core that a process has used. */
export const usedMs = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the process, in parentheses, may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
};

/** @returns ends it. */
export const holdTo = (pid: number, share: number): (() => void) => {
  let [atMs, used] = [performance.now(), usedMs(pid)];
  let creditMs = share * periodMs;
  let isStopped = false;
  const look = () => {
    const [nowMs, nowUsed] = [performance.now(), usedMs(pid)];
    creditMs = Math.min(share * periodMs, creditMs + share * (nowMs - atMs) - (nowUsed - used));
    [atMs, used] = [nowMs, nowUsed];
    if (creditMs < 0 !== isStopped) {
      isStopped = !isStopped;
      process.kill(pid, isStopped ? 'SIGSTOP' : 'SIGCONT');
    }
  };
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    if (isStopped) process.kill(pid, 'SIGCONT');
  };
};
