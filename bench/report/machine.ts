/** The machine of a run: a figure without it says nothing. */

import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';

export type Machine = {
  readonly processor: string;
  readonly cores: number;
  /** Operating system and architecture. */
  readonly platform: string;
  readonly node: string;
};

export const machine = (): Machine => ({
  processor: cpus()[0]?.model ?? 'unknown processor',
  cores: cpus().length,
  platform: `${process.platform} ${process.arch}`,
  node: process.version,
});

/** The commit that is measured, with `+` if the tree holds more than it. */
export const commit = (): string => {
  const git = (...words: readonly string[]) =>
    execFileSync('git', words, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : '+'}`;
  } catch {
    return 'unknown';
  }
};

/** Load averages of a minute. A bench itself makes a load, so only the one before it tells of other programs. */
export type Loads = { readonly before: number; readonly highest: number };

const noisyLoad = 1.5;

/** Whether other programs ran. No figure of such a run may be published. */
export const isNoisy = ({ before }: Loads): boolean => before > noisyLoad;

export const load = (): number => loadavg()[0] ?? Number.NaN;

/** Watches the load of a run. Call `look` now and then, `loads` at its end. */
export const watchLoad = () => {
  const before = load();
  let highest = before;
  return {
    look: () => {
      highest = Math.max(highest, load());
    },
    loads: (): Loads => ({ before, highest }),
  };
};
