import { execFileSync } from 'node:child_process';

/** The commit that is judged, as the results name it. */
export const commitJudged = (): string => {
  const git = (...words: readonly string[]) =>
    execFileSync('git', words, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return `Commit ${git('rev-parse', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ', with changes that are not committed'}`;
  } catch {
    return 'A copy without git: commit unknown';
  }
};
