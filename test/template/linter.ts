/** cfn-lint, in a Python environment of its own: made once for a set of versions, beside the builds. */

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** `file` is empty where it is about none, such as one that is not there. */
export type Finding = { readonly file: string; readonly rule: string; readonly says: string };
export type Linter = (files: readonly string[]) => readonly Finding[];

const here = import.meta.dirname;
const requirements = path.join(here, 'requirements.txt');

/** @throws Error with what the command said, when it ends with anything but one of `fine`. */
const run = (command: string, parameters: readonly string[], fine: (code: number) => boolean): string => {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, { encoding: 'utf8' });
  if (status !== null && fine(status)) return stdout;
  throw new Error(
    `${[command, ...parameters].join(' ')} ended with ${status ?? error?.message}.\n${stdout ?? ''}${stderr ?? ''}`,
  );
};
const isZero = (code: number): boolean => code === 0;

const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
const ownEnvironment = path.join(here, '..', '..', 'build', `cfn-lint-${version}`);

/**
 * @param python a Python of the machine, 3.10 or later, with `venv`.
 * @param environment where its packages go.
 */
export const openLinter = (python = process.env['PYTHON'] ?? 'python3', environment = ownEnvironment): Linter => {
  // Written last: an environment that was only half made is made again.
  const ready = path.join(environment, 'ready');
  if (!existsSync(ready)) {
    rmSync(environment, { recursive: true, force: true });
    makeEnvironment(python, environment);
    writeFileSync(ready, '');
  }
  return (files) => lint(path.join(environment, 'bin', 'cfn-lint'), files);
};

const makeEnvironment = (python: string, environment: string): void => {
  try {
    run(python, ['-c', 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))'], isZero);
  } catch (cause) {
    throw new Error(
      'cfn-lint needs Python 3.10 or later with its venv module. Install it (Debian: apt-get install python3-venv), or name another one in PYTHON.',
      { cause },
    );
  }
  run(python, ['-m', 'venv', environment], isZero);
  const pip = path.join(environment, 'bin', 'python');
  run(pip, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--requirement', requirements], isZero);
};

/** The codes add up: 2 errors, 4 warnings, 8 informational. From 16 on it could not do its work. */
const hasLooked = (code: number): boolean => code < 16;

const lint = (program: string, files: readonly string[]): readonly Finding[] => {
  const config = path.join(here, 'cfnlintrc.yaml');
  const said = run(
    program,
    ['--config-file', config, '--format', 'json', '--', ...files],
    (code) => hasLooked(code) && code !== 1,
  );
  const found: readonly { Filename: string | null; Rule: { Id: string }; Message: string }[] = JSON.parse(said);
  return found.map(({ Filename, Rule, Message }) => ({
    file: path.basename(Filename ?? ''),
    rule: Rule.Id,
    says: Message,
  }));
};
