/** The pages of clients/examples, with their back end and the packages of a reader. */

import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import settings from '../../../bin/settings.ts';
import { buildClient } from '../../../clients/typescript/build.ts';
import { nodePackages } from '../../fakes/node-packages.ts';
import { root } from '../../laws/source/files.ts';
import { otherThan } from '../person.ts';
import { freshNumber, useStage } from '../stage.ts';

const examples = path.join(root, 'clients', 'examples', 'pages');
const client = path.join(root, 'clients', 'typescript');
const maxLines = 60;

const { open, stack } = useStage({ basePath: 'otp' });
let home: string;
let backEnd: ChildProcess;
let url: string;

/** Starts the back end, which prints its URL once it listens. */
const start = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const { url: OTP_URL, apiKey: OTP_API_KEY } = stack();
    const env = { PATH: process.env['PATH'], OTP_URL, OTP_API_KEY, OTP_AUDIENCE: settings.audience, PORT: '0' };
    backEnd = spawn(process.execPath, ['server.mjs'], { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] });
    backEnd.stdout?.on('data', (part: Buffer) => resolve(String(part).trim()));
    backEnd.once('exit', (code) => reject(new Error(`The back end ended with ${code}.`)));
  });

/** The project of a reader: the example, its packages, and the client as npm installs it. */
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'otp-pages-'));
  await cp(examples, home, { recursive: true });
  const modules = path.join(home, 'node_modules');
  await mkdir(modules, { recursive: true });
  const packages = path.join(nodePackages('pages', path.join(root, 'test', 'clients', 'pages')), 'node_modules');
  for (const name of ['express', 'input-otp', 'jose', 'react', 'react-dom'])
    await symlink(path.join(packages, name), path.join(modules, name));
  const installed = path.join(modules, 'otp-service-client');
  await buildClient(path.join(installed, 'build'));
  await cp(path.join(client, 'package.json'), path.join(installed, 'package.json'));
  const [entryPoints, outfile] = [['react.jsx'], 'build/react.js'];
  await build({ absWorkingDir: home, entryPoints, outfile, bundle: true, minify: true, jsx: 'automatic' });
  url = await start();
}, 240_000);
afterAll(async () => {
  backEnd?.kill();
  await rm(home, { recursive: true, force: true });
});

const codeFor = (number: string): string => /\b\d{6}\b/.exec(stack().messages(number)[0]?.text ?? '')?.[0] ?? '';

test.each([
  ['the plain page', 'plain.html'],
  ['the page with React and input-otp', 'react.html'],
])('a person signs in at %s, after a wrong code, and the back end knows the number from the proof', async (_, file) => {
  const page = await open();
  await page.goto('about:blank');
  const [errors, elsewhere]: [string[], string[]] = [[], []];
  page.on('pageerror', (error) => void errors.push(error.message));
  page.on('request', (request) => void (request.url().startsWith(`${url}/`) || elsewhere.push(request.url())));
  await page.goto(`${url}/${file}`);
  const number = freshNumber();
  await page.getByLabel('Phone number').fill(number);
  await page.getByRole('button', { name: 'Send code' }).click();
  await page.getByText('We sent a code to').waitFor();
  const code = page.getByLabel('Code', { exact: true });
  await code.pressSequentially(otherThan(codeFor(number)));
  await page.getByText('That code is not right. Attempts left: 4.').waitFor();
  await code.pressSequentially(codeFor(number));
  await page.getByText(`Signed in as ${number}`).waitFor();
  expect([errors, elsewhere]).toEqual([[], []]);
});

test('the back end of the pages takes no false proof, and passes on no other call', async () => {
  const session = (proof: string) => fetch(`${url}/sessions`, { method: 'POST', body: new URLSearchParams({ proof }) });
  expect((await session('a.b.c')).status).toBe(401);
  expect((await fetch(`${url}/sessions`, { method: 'POST' })).status).toBe(401);
  for (const place of [
    '/v1/verifications/a%2Fb',
    '/v1/verifications/..%2f..%2f.well-known',
    '/v1/other',
    '/package.json',
  ])
    expect([place, (await fetch(`${url}${place}`)).status]).toEqual([place, 404]);
  const invented = await fetch(`${url}/v1/verifications/nobody`);
  expect([invented.status, invented.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
  expect(backEnd.exitCode).toBeNull();
});

test(`each file of the example has at most ${maxLines} lines`, async () => {
  const files = (await readdir(examples)).filter((name) => /\.(?:html|js|jsx|mjs)$/.test(name));
  const lines = files.map(
    async (name) => (await readFile(path.join(examples, name), 'utf8')).trimEnd().split('\n').length,
  );
  expect(files.length).toBeGreaterThan(3);
  expect(Math.max(...(await Promise.all(lines)))).toBeLessThanOrEqual(maxLines);
});
