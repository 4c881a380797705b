import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { listenOnLoopback } from '../../local/loopback.ts';

const start = fileURLToPath(new URL('../../local/start.ts', import.meta.url));

const run = (options: string[], environment: Record<string, string> = {}) =>
  new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = spawn(process.execPath, [start, ...options], { env: { ...process.env, ...environment } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => {
        output += chunk;
      });
    child.on('close', (code) => resolve({ code, output }));
  });

describe('npm start', () => {
  test('explains itself', async () => {
    const { code, output } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of ['--port', 'LOCAL_API_KEY', 'DYNAMODB_ENDPOINT']) expect(output).toContain(word);
  });

  test('says at once that its port is busy, and how to choose another', async () => {
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
    ['--port', 'http'],
    ['--port', '70000'],
    ['--port', '-1'],
    ['--port=-1'],
    ['--port=1e3'],
    ['--prot', '1'],
    ['4001'],
  ])('refuses %s %s in one sentence', async (...options) => {
    const { code, output } = await run(options);
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
  });
});
