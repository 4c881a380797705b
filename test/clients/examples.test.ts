import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { clientOf, freshNumber } from '../http/client.ts';
import { root } from '../laws/source/files.ts';
import { python, verifiers } from './setup.ts';

const examples = path.join(root, 'clients', 'examples');
const maxLines = 60;

let stack: LocalStack;
let home: string;
beforeAll(async () => {
  // Under a stage, as deployed: an example that drops the base path is found.
  stack = await startLocalStack({ bundles: inject('bundles'), quiet: true, stage: 'otp' });
  home = await mkdtemp(path.join(tmpdir(), 'otp-example-'));
});
afterAll(async () => {
  await stack?.stop();
  await rm(home, { recursive: true, force: true });
});

type BackEnd = { readonly url: string; readonly child: ChildProcess; readonly output: () => string };

/** Starts a back end, which prints its URL once it listens. */
const start = (command: string, args: readonly string[], cwd: string, more: object): Promise<BackEnd> =>
  new Promise((resolve, reject) => {
    const env = {
      PATH: process.env['PATH'],
      OTP_URL: stack.url,
      OTP_API_KEY: stack.apiKey,
      OTP_AUDIENCE: settings.audience,
      PORT: '0',
      ...more,
    };
    const child = spawn(command, [...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const listen = (part: Buffer) => {
      output += part;
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (url !== undefined) resolve({ url, child, output: () => output });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.once('exit', () => reject(new Error(`The back end ended: ${output}`)));
  });

/** The project of a reader: the example, its packages, and the client as npm installs it. */
const startExpress = async (): Promise<BackEnd> => {
  const packages = verifiers();
  const folder = path.join(home, 'express');
  await mkdir(path.join(folder, 'node_modules'), { recursive: true });
  await cp(path.join(examples, 'express', 'server.mjs'), path.join(folder, 'server.mjs'));
  for (const name of ['express', 'jose'])
    await symlink(path.join(packages, 'node_modules', name), path.join(folder, 'node_modules', name));
  await cp(inject('clientPackage'), path.join(folder, 'node_modules', 'otp-service-client'), { recursive: true });
  return start(process.execPath, ['server.mjs'], folder, {});
};

const startFastApi = (): Promise<BackEnd> => {
  const env = { PYTHONPATH: path.join(root, 'clients', 'python'), PYTHONDONTWRITEBYTECODE: '1' };
  const args = ['-m', 'uvicorn', 'main:app', '--host', '127.0.0.1', '--port', '0'];
  return start(python(), args, path.join(examples, 'fastapi'), env);
};

const backEnds = {
  express: { file: 'express/server.mjs', start: startExpress, badRequest: 400 },
  fastapi: { file: 'fastapi/main.py', start: startFastApi, badRequest: 422 },
} as const;

describe.each(Object.entries(backEnds))('the back end with %s', (_, backEnd) => {
  let running: BackEnd;
  beforeAll(async () => {
    running = await backEnd.start();
  });
  afterAll(() => running?.child.kill());

  const post = async (place: string, body: unknown) => {
    const response = await fetch(`${running.url}${place}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const answer: Record<string, unknown> = text.startsWith('{') ? JSON.parse(text) : {};
    return { status: response.status, answer, text, retryAfter: response.headers.get('retry-after') };
  };
  const me = async (session: unknown) => {
    const response = await fetch(`${running.url}/me`, { headers: { authorization: `Bearer ${session}` } });
    return { status: response.status, answer: await response.json() };
  };

  test('a person signs in with the code, once, and the back end knows the number from the proof', async () => {
    const phoneNumber = freshNumber();
    const sent = await post('/codes', { phoneNumber: phoneNumber.replace('+91', '+91 ') });
    expect([sent.status, sent.answer['codeLength']]).toEqual([201, 6]);
    const { id } = sent.answer;
    const wrong = await post('/sessions', { id, code: '000000' });
    expect([wrong.status, wrong.text.includes('wrong-code')]).toEqual([422, true]);
    const code = clientOf(stack).lastCode(phoneNumber);
    const signedIn = await post('/sessions', { id, code });
    expect(signedIn.status).toBe(201);
    expect(await me(signedIn.answer['session'])).toEqual({ status: 200, answer: { phoneNumber } });
    const again = await post('/sessions', { id, code });
    expect([again.status, again.text.includes('code-already-used')]).toEqual([410, true]);
  });

  test('a refusal of the service reaches the person with the time to wait', async () => {
    const phoneNumber = freshNumber();
    await post('/codes', { phoneNumber });
    const soon = await post('/codes', { phoneNumber });
    expect([soon.status, soon.text.includes('resend-too-soon')]).toEqual([429, true]);
    expect(Number(soon.retryAfter)).toBeGreaterThan(20);
    expect((await post('/codes', { phoneNumber: 'nobody' })).status).toBe(400);
  });

  test('hostile input leads to no session and to no other route of the service', async () => {
    const statuses = [
      (await post('/sessions', { id: '../../.well-known/jwks.json?', code: '1' })).status,
      (await post('/sessions', { id: 'a/b', code: '123456' })).status,
      (await post('/sessions', '{')).status,
      (await me('nobody')).status,
      (await me('undefined')).status,
    ];
    expect(statuses).toEqual([404, 404, backEnd.badRequest, 401, 401]);
    const misshapen = [await post('/sessions', { id: { $ne: '' }, code: ['1'] }), await post('/codes', {})];
    expect(misshapen.filter(({ status }) => status < 400 || status >= 500)).toEqual([]);
    expect(running.child.exitCode).toBeNull();
  });

  test(`the file has at most ${maxLines} lines`, async () => {
    const lines = (await readFile(path.join(examples, backEnd.file), 'utf8')).trimEnd().split('\n');
    expect(lines.length).toBeLessThanOrEqual(maxLines);
  });
});
