import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../local/http/loopback.ts';
import { until } from './fixtures.ts';

const start = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
/** Node 24.0, which the lock has for Apple silicon, warns of TypeScript on every start. */
const quiet = '--disable-warning=ExperimentalWarning';

const run = (options: string[], environment: Record<string, string> = {}) =>
  new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn(process.execPath, [quiet, start, ...options], { env: { ...process.env, ...environment } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    child.on('close', (code) => resolve({ code, output }));
  });

describe('npm start', () => {
  test('npm start explains itself when it is asked to', async () => {
    const { code, output } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of ['--port', '--base-path', 'BASE_PATH', 'LOCAL_API_KEY', 'DYNAMODB_ENDPOINT'])
      expect(output).toContain(word);
  });

  test('npm start serves the API with one command, and ends with Ctrl-C', async () => {
    const child = spawn(process.execPath, [quiet, start, '--port', '0'], {
      env: { ...process.env, LOCAL_API_KEY: 'mine' },
    });
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    await until(() => output.includes('Ctrl-C ends it') || child.exitCode !== null, `it started: ${output}`, 45);
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
    const response = await fetch(`${url}/v1/verifications`, {
      method: 'POST',
      headers: { 'x-api-key': 'mine', 'content-type': 'application/json' },
      body: JSON.stringify({ phoneNumber: '+919876543210', purpose: 'login' }),
    });
    expect(response.status).toBe(201);
    const inbox = await fetch(`${url}/_local/messages?to=%2B919876543210`);
    expect(await inbox.json()).toMatchObject([{ to: '+919876543210', text: expect.stringMatching(/\d{6}/) }]);
    const texts = await fetch(`${url}/page/texts.json`);
    expect(await texts.json()).toContainEqual(expect.objectContaining({ purpose: 'login', locale: 'en' }));
    child.kill('SIGINT');
    // From the terminal and from npm: one key press may arrive twice.
    child.kill('SIGINT');
    expect(await closed).toBe(0);
    expect(output).toMatch(/POST +\/v1\/verifications 201/);
    expect(output).not.toMatch(/error/i);
  });

  test.each([
    [['--base-path', 'otp'], { BASE_PATH: '/other' }],
    [[], { BASE_PATH: '/otp' }],
  ])('npm start %j with %j serves the API under a base path, and leads to it', async (options, environment) => {
    const env = { ...process.env, ...environment };
    const child = spawn(process.execPath, [quiet, start, '--port', '0', ...options], { env });
    const closed = new Promise<number | null>((resolve) => child.on('close', resolve));
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    await until(() => output.includes('Ctrl-C ends it') || child.exitCode !== null, `it started: ${output}`, 45);
    const [, endpoint, origin] = /runs at +((http:\/\/127\.0\.0\.1:\d+)\/otp)\n/.exec(output) ?? [];
    expect(output).toContain(`curl -s ${endpoint}/v1/verifications`);
    expect(output).toContain(`'${origin}/_local/messages?to=%2B919876543210'`);
    const headers = { 'x-api-key': 'local', 'content-type': 'application/json' };
    const body = JSON.stringify({ phoneNumber: '+919876543210' });
    const created = await fetch(`${endpoint}/v1/verifications`, { method: 'POST', headers, body });
    const location = created.headers.get('location') ?? '';
    expect(location.startsWith(`${endpoint}/v1/verifications/`)).toBe(true);
    expect((await fetch(location, { headers })).status).toBe(200);
    child.kill('SIGINT');
    expect(await closed).toBe(0);
  });

  test('npm start says at once that its port is busy, and how to choose another', async () => {
    const { port, stop } = await listenOnLoopback();
    for (const asked of [await run(['--port', String(port)]), await run([], { PORT: String(port) })]) {
      expect(asked.code).toBe(1);
      expect(asked.output.trim()).toBe(
        `Port ${port} is already in use. Stop what listens there, or choose another port: npm start -- --port ${port + 1} (0 picks a free one).`,
      );
    }
    await stop();
  });

  test.each([
    [['--port', 'http']],
    [['--port', '70000']],
    [['--port', '-1']],
    [['--port=-1']],
    [['--port=1e3']],
    [['--prot', '1']],
    [['4001']],
    [['--base-path', '/']],
    [['--base-path', '/a/b']],
    [['--base-path', '/page']],
    [['--base-path', '/_local']],
    [['--base-path', 'http://127.0.0.1/otp']],
  ])('npm start refuses %j in one sentence', async (options) => {
    const { code, output } = await run(options);
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
  });
});
