import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import tls from 'node:tls';
import { mustRun, type Run, run, step } from './run.ts';

const root = path.join(import.meta.dirname, '..', '..');
const requirements = path.join(import.meta.dirname, 'requirements.txt');
/** Node 24, as on Lambda, before whatever the machine has. */
const searchPath = `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`;

const noPython = `The deployment suite needs Python 3.10 or later with venv and pip. Install it (on Debian: apt-get update && apt-get
install -y python3 python3-venv), or set the environment variable PYTHON to the path of yours.`;

const noOpenssl = `The deployment suite needs OpenSSL's command, by which the emulator makes its certificate. Install it (on Debian:
apt-get update && apt-get install -y openssl).`;

/** The machine's environment: pip may need its proxies and its configuration. */
const ownEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );

/** Whether a program runs and succeeds, and what it said. */
const asks = (program: string, ...args: readonly string[]): Promise<Run> =>
  run(program, args, { cwd: root, environment: ownEnvironment() }).catch((error: unknown) => ({
    status: null,
    output: String(error),
  }));

const findPython = async (): Promise<string> => {
  const program = process.env['PYTHON'] ?? 'python3';
  const { status, output } = await asks(
    program,
    '-c',
    'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10) and f"This is Python {sys.version}.")',
  );
  if (status !== 0) throw new Error(`${noPython}\n${program} said: ${output}`);
  if ((await asks('openssl', 'version')).status !== 0) throw new Error(noOpenssl);
  return program;
};

/** Installs the emulator into a virtual environment of its own; the path of its Python. */
const install = async (folder: string, keep: (group: number) => void): Promise<string> => {
  const options = { cwd: folder, environment: ownEnvironment(), keep };
  const home = path.join(folder, 'python');
  await mustRun(await findPython(), ['-m', 'venv', home], options);
  const python = path.join(home, 'bin', 'python');
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--quiet', 'install'];
  await mustRun(python, [...pip, '--only-binary', ':all:', '--require-hashes', '-r', requirements], options);
  return python;
};

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return address.port;
};

export type Emulator = {
  readonly url: string;
  /** For files of the run; it is gone when the emulator is. */
  readonly folder: string;
  /** For programs that shall take the emulator for AWS, and find nothing else to take for it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly log: () => string;
  /** Ends a process group when the run ends, however it ends; told minus the group, no longer. */
  readonly keep: (group: number) => void;
  readonly stop: () => Promise<void>;
};

export const region = 'us-east-1';
export const account = '000000000000';
/** Of the account's root, which the emulator allows everything. */
export const rootCredentials = { accessKeyId: 'test', secretAccessKey: 'test' };

/**
 * Starts MiniStack on loopback, with TLS (the buckets and the topic refuse all else), and with IAM: the functions run
 * under their own roles.
 */
export const startEmulator = async (): Promise<Emulator> => {
  // Not in the project: its package.json would make the emulator's CommonJS workers ES modules.
  const folder = mkdtempSync(path.join(tmpdir(), 'otp-deploy-'));
  const [temporary, home, log] = [
    path.join(folder, 'tmp'),
    path.join(folder, 'home'),
    path.join(folder, 'emulator.log'),
  ];
  mkdirSync(temporary);
  mkdirSync(home);
  // Nothing of the machine's own: no profile, no proxy, no credentials.
  const common = {
    PATH: searchPath,
    HOME: home,
    TMPDIR: temporary,
    AWS_ACCESS_KEY_ID: rootCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: rootCredentials.secretAccessKey,
    AWS_CONFIG_FILE: path.join(home, 'no-config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(home, 'no-credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
  const keeper = spawn(process.execPath, [path.join(import.meta.dirname, 'keeper.ts'), folder, log], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...common,
      AUTH: 'true',
      USE_SSL: '1',
      BIND_HOST: '127.0.0.1',
      IOT_MTLS_ENABLED: '0',
      SFTP_ENABLED: '0',
    },
  });
  const ended = once(keeper, 'exit');
  let isOver = false;
  keeper.stdout.on('data', () => {
    isOver = true;
  });
  const keep = (group: number): void => {
    keeper.stdin.write(`${group}\n`);
  };
  const stop = async (): Promise<void> => {
    keeper.stdin.end();
    await ended;
  };
  const certificate = path.join(temporary, 'ministack-tls', 'server.crt');
  const readLog = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  let url: string;
  try {
    const python = await step('install the emulator', () => install(folder, keep));
    const port = await freePort();
    url = `https://127.0.0.1:${port}`;
    keeper.stdin.write(`${JSON.stringify(['env', `GATEWAY_PORT=${port}`, python, '-m', 'ministack'])}\n`);
    await step('start the emulator', () => untilReady(url, certificate, () => isOver));
  } catch (cause) {
    const said = readLog();
    await stop();
    throw new Error(`The emulator did not start.${said === '' ? '' : ` It said:\n${said}`}`, { cause });
  }
  return {
    url,
    folder,
    environment: {
      ...common,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: region,
      AWS_CA_BUNDLE: certificate,
      // For programs that ask without the CLI.
      NODE_EXTRA_CA_CERTS: certificate,
      NO_COLOR: '1',
      CI: 'true',
    },
    log: readLog,
    keep,
    stop,
  };
};

const untilReady = async (url: string, certificate: string, isOver: () => boolean): Promise<void> => {
  const deadlineMs = Date.now() + 60_000;
  const trusted = tls.getCACertificates();
  for (;;) {
    // The emulator signs for itself; it is trusted by this process only, and by the programs that the run starts.
    const isAlive = await Promise.resolve()
      .then(() => tls.setDefaultCACertificates([...trusted, readFileSync(certificate, 'utf8')]))
      .then(() => fetch(`${url}/_ministack/health`))
      .then(({ ok }) => ok)
      .catch(() => false);
    if (isAlive) return;
    if (isOver()) throw new Error('It ended by itself.');
    if (Date.now() > deadlineMs) throw new Error('It gave no sign of life within a minute.');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};
