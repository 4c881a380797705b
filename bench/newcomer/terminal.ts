import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** A command that serves until it is ended. */
const serves = /^(?:npm start|node server\.mjs|\.venv\/bin\/uvicorn)\b/;

/** A port that nobody listens on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

/** The environment of a newcomer's shell: nothing of the npm that runs the benchmark. */
const environment = (): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) && name !== 'INIT_CWD');
  const paths = (process.env['PATH'] ?? '').split(':').filter((each) => !each.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: paths.join(':') };
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until a server answers anything. */
const untilItAnswers = async (url: string, hasEnded: () => string | undefined): Promise<void> => {
  for (const startedMs = performance.now(); performance.now() - startedMs < 60_000; await pause(50)) {
    const ended = hasEnded();
    if (ended !== undefined) throw new Error(`The server ended:\n${ended}`);
    const answer = await fetch(url).catch(() => undefined);
    if (answer !== undefined) return;
  }
  throw new Error(`Nothing answers at ${url} after a minute.`);
};

/**
 * Terminals in a folder. `run` runs the lines of a block, and a `cd` in them stays for the next. A server stays until
 * `stop`.
 */
export const openTerminals = (folder: string) => {
  const servers: ChildProcess[] = [];
  let cwd = folder;
  const start = (script: string) =>
    spawn('bash', ['-c', script], { cwd, detached: true, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  const run = async (lines: string): Promise<string> => {
    // The shell marks its ends in its own output. Commands write elsewhere.
    const child = start(`exec 3>&1 1>&2\nset -e\n${lines}\nprintf %s "$PWD" >&3`);
    const [where, said] = [collect(child.stdout), collect(child.stderr)];
    const code = await new Promise((resolve) => child.once('close', resolve));
    if (code !== 0) throw new Error(`This failed with ${code}, in ${cwd}:\n${lines}\n${said()}`);
    cwd = where().trim();
    return said();
  };
  const serve = async (line: string, url: string): Promise<void> => {
    const child = start(line);
    servers.push(child);
    const [out, trouble] = [collect(child.stdout), collect(child.stderr)];
    await untilItAnswers(url, () => (child.exitCode === null ? undefined : `${out()}${trouble()}`));
  };
  const stop = () => Promise.all(servers.map(endGroup));
  return { run, serve, stop, isServer: (line: string) => serves.test(line), cwd: () => cwd };
};

export type Terminals = ReturnType<typeof openTerminals>;

const collect = (stream: NodeJS.ReadableStream | null) => {
  let text = '';
  stream?.on('data', (chunk) => {
    text += String(chunk);
  });
  return () => text;
};

/** Ends a server and what it started. */
const endGroup = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  process.kill(-child.pid, 'SIGINT');
  const timer = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
};
