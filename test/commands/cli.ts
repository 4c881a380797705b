/** The AWS CLI in both of its versions, as a person's shell finds it. */

import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pythonEnvironment } from '../fakes/python.ts';

export type Cli = {
  readonly name: string;
  readonly program: string;
  /** Such as `2.9.19`. */
  readonly version: string;
};

const versionOf = (program: string): string => {
  try {
    return execFileSync(program, ['--version'], { encoding: 'utf8', stdio: 'pipe' });
  } catch (cause) {
    return String(cause);
  }
};

const numberIn = (said: string): string => /^aws-cli\/([\d.]+)/.exec(said)?.[1] ?? '0';

const debian = '/usr/bin/aws';

/** PyPI has version 1 alone, so that version 2 has to be on the machine. */
export const openClis = (): readonly Cli[] => {
  const first = path.join(pythonEnvironment('aws-cli-1', path.join(import.meta.dirname, 'requirements.txt')), 'aws');
  const second = process.env['AWS_CLI_2'] ?? debian;
  const said = versionOf(second);
  if (!said.startsWith('aws-cli/2.'))
    throw new Error(
      `The suite needs version 2 of the AWS CLI, and ${second} said: ${said}. Install it (Debian: apt-get install awscli), or name its path in AWS_CLI_2.`,
    );
  return [
    { name: 'AWS CLI 1', program: first, version: numberIn(versionOf(first)) },
    { name: 'AWS CLI 2', program: second, version: numberIn(said) },
  ];
};

/** One run of the CLI: its name in the user agent of its requests, and its parameters. */
export type Call = { readonly id: string; readonly parameters: readonly string[] };

export type Said = { readonly status: number; readonly output: string; readonly calls: readonly Call[] };

export type Shell = {
  /** Runs a script to its end, in bash. */
  readonly run: (script: string) => Promise<Said>;
  readonly folder: string;
  readonly close: () => void;
};

/** What the shell of the runbook sets, for the scripts that come after it. */
export const preambleOf = async (shell: Shell, script: string): Promise<string> => {
  const names = [...script.matchAll(/(?<=^|\s)([A-Z_]+)=/g)].map(([, name = '']) => name);
  const { output } = await shell.run(`{ ${script}\n} >/dev/null\ndeclare -p ${names.join(' ')}; declare -f resource`);
  return `${output}\n`;
};

export type ShellOptions = {
  readonly endpoint: string;
  readonly environment?: Readonly<Record<string, string>>;
};

/** `aws` asks the endpoint, notes its parameters, and bears the name of the call in its user agent. */
const shim = (program: string, endpoint: string): string => `#!/bin/bash
[ "$1" = --version ] && exec '${program}' --version
note=$(mktemp "$NOTES/XXXXXXXX")
printf '%s\\0' "$@" >"$note"
export AWS_EXECUTION_ENV="call-$(basename "$note")"
exec '${program}' --endpoint-url '${endpoint}' "$@"
`;

/** A bash that has nothing of the machine's own but its programs: no profile, no credentials, no file of settings. */
export const openShell = ({ program }: Pick<Cli, 'program'>, { endpoint, environment = {} }: ShellOptions): Shell => {
  const home = mkdtempSync(path.join(tmpdir(), 'otp-shell-'));
  const [programs, work] = [path.join(home, 'bin'), path.join(home, 'work')];
  for (const folder of [programs, work]) mkdirSync(folder);
  writeFileSync(path.join(programs, 'aws'), shim(program, endpoint));
  chmodSync(path.join(programs, 'aws'), 0o755);
  writeFileSync(path.join(home, 'config'), '[profile otp]\nregion = eu-west-1\n');
  writeFileSync(path.join(home, 'credentials'), '[otp]\naws_access_key_id = test\naws_secret_access_key = test\n');
  const env = {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_CONFIG_FILE: path.join(home, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(home, 'credentials'),
    ...environment,
    HOME: home,
    PATH: `${programs}:/usr/bin:/bin`,
  };
  const callsIn = (notes: string): readonly Call[] =>
    readdirSync(notes).map((id) => ({
      id,
      parameters: readFileSync(path.join(notes, id), 'utf8').split('\0').slice(0, -1),
    }));
  const run = (script: string): Promise<Said> =>
    new Promise((resolve) => {
      const notes = mkdtempSync(path.join(home, 'notes-'));
      const options = { cwd: work, env: { ...env, NOTES: notes }, maxBuffer: 1e7, timeout: 150_000 };
      const child = execFile('/bin/bash', ['--norc', '-c', script], options, (error, stdout, stderr) => {
        const status = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
        resolve({ status, output: stdout + stderr, calls: callsIn(notes) });
      });
      child.stdin?.end();
    });
  return { run, folder: work, close: () => rmSync(home, { recursive: true, force: true }) };
};
