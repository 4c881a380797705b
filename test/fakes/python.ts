import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const builds = path.join(import.meta.dirname, '..', '..', 'build');
const minimum = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))';

/**
 * A Python environment with what a list of requirements names, made once for a list, beside the builds.
 *
 * @param requirements path of a list with hashes.
 * @returns the folder of its programs.
 * @throws Error that says what is missing on the machine.
 */
export const pythonEnvironment = (name: string, requirements: string): string => {
  const list = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const home = path.join(builds, `${name}-${list}`);
  const programs = path.join(home, 'bin');
  // Written last: an environment that was only half made is made again.
  const ready = path.join(home, 'ready');
  if (existsSync(ready)) return programs;
  const python = process.env['PYTHON'] ?? 'python3';
  try {
    execFileSync(python, ['-c', minimum], { stdio: 'pipe' });
  } catch (cause) {
    throw new Error(
      `${name} needs Python 3.10 or later with its venv module. Install it (Debian: apt-get install python3-venv), or name another one in PYTHON.`,
      { cause },
    );
  }
  rmSync(home, { recursive: true, force: true });
  execFileSync(python, ['-m', 'venv', home], { stdio: 'pipe' });
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--quiet', 'install', '--require-hashes'];
  execFileSync(path.join(programs, 'python'), [...pip, '-r', requirements], { stdio: 'pipe' });
  writeFileSync(ready, '');
  return programs;
};
