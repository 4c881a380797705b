import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');

/**
 * A folder with the packages of a lock file of its own, made once for a lock file, beside the builds. They are no packages
 * of the project: only a test or a bench uses them.
 *
 * @param manifests folder of `package.json` and `package-lock.json`.
 * @returns the folder, which has `node_modules`.
 */
export const nodePackages = (name: string, manifests: string): string => {
  const lock = readFileSync(path.join(manifests, 'package-lock.json'));
  const home = path.join(root, 'build', `${name}-${createHash('sha256').update(lock).digest('hex').slice(0, 12)}`);
  // Written last: a folder that was only half made is made again.
  const ready = path.join(home, 'ready');
  if (existsSync(ready)) return home;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  for (const file of ['package.json', 'package-lock.json'])
    copyFileSync(path.join(manifests, file), path.join(home, file));
  copyFileSync(path.join(root, '.npmrc'), path.join(home, '.npmrc'));
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: home, stdio: 'pipe' });
  writeFileSync(ready, '');
  return home;
};
