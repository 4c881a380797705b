import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Emulator } from './emulator.ts';
import { type Run, run } from './run.ts';

const root = path.join(import.meta.dirname, '..', '..');
const cli = path.join(root, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const stripConditions = path.join(import.meta.dirname, 'strip-conditions.ts');

export type Project = {
  /** Runs the CDK CLI in the project. */
  readonly cdk: (...args: readonly string[]) => Promise<Run>;
  /** The same on what the run before has synthesized, which takes less time. */
  readonly cdkOnSynthesized: (...args: readonly string[]) => Promise<Run>;
  /** Asks the account what preflight asks, for programs. */
  readonly preflight: () => Promise<Run>;
  /** Changes the settings as a person would: one line for another. */
  readonly edit: (line: string, by: string) => void;
  /** A file that the CLI was told to write. */
  readonly read: (file: string) => unknown;
};

/** The project as a team has it that deploys it: a copy, whose settings can be edited. Its bundles are those of the original. */
export const copyProject = (
  { folder, environment: ofEmulator, keep }: Emulator,
  more: Readonly<Record<string, string>> = {},
): Project => {
  const environment = { ...ofEmulator, ...more };
  const project = path.join(folder, 'project');
  mkdirSync(project);
  for (const part of ['bin', 'bundle', 'cli', 'lib', 'lambdas', 'cdk.json', 'package.json'])
    cpSync(path.join(root, part), path.join(project, part), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(project, 'node_modules'));
  // The app of cdk.json, and behind it what makes its policies evaluable.
  const { app } = JSON.parse(readFileSync(path.join(project, 'cdk.json'), 'utf8'));
  const synthesize = ['--app', `${app} && node "${stripConditions}"`, '--context', 'emulator=true'];
  const settings = path.join(project, 'bin', 'settings.ts');
  const cdk = (args: readonly string[]) => run(process.execPath, [cli, ...args], { cwd: project, environment, keep });
  return {
    cdk: (...args) => cdk([...args, ...synthesize]),
    cdkOnSynthesized: (...args) => cdk([...args, '--app', 'cdk.out']),
    preflight: () =>
      run(process.execPath, ['cli/preflight/preflight.ts', '--json'], { cwd: project, environment, keep }),
    edit: (line, by) => {
      const before = readFileSync(settings, 'utf8');
      if (!before.includes(line)) throw new Error(`bin/settings.ts has no line "${line}".`);
      writeFileSync(settings, before.replace(line, by));
    },
    read: (file) => JSON.parse(readFileSync(path.join(project, file), 'utf8')),
  };
};
