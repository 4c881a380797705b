/** The TypeScript client in a browser, as it is built for one. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildClient } from '../../clients/typescript/build.ts';
import { freshNumber, useStage } from './stage.ts';

const { open, stack } = useStage();

let folder: string;
let code: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'otp-client-'));
  await buildClient(folder);
  code = await readFile(path.join(folder, 'index.js'), 'utf8');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Puts a client before the page, as `otp`. */
const withClient = async (options: object = {}): Promise<Page> => {
  const page = await open({ bypassCSP: true });
  const { apiKey, url } = stack();
  await page.evaluate(
    `import(URL.createObjectURL(new Blob([${JSON.stringify(code)}], { type: 'text/javascript' }))).then(({ createClient }) => {
      globalThis.otp = createClient(${JSON.stringify({ baseUrl: url, apiKey, ...options })});
    })`,
  );
  return page;
};

test('the client does the whole journey in a browser', async () => {
  const page = await withClient();
  const phoneNumber = freshNumber();
  const sent = await page.evaluate(`otp.request(${JSON.stringify({ phoneNumber, purpose: 'login' })})`);
  expect(sent).toMatchObject({ kind: 'sent', verification: { codeLength: 6 } });
  const id = JSON.stringify((sent as { verification: { id: string } }).verification.id);
  expect(await page.evaluate(`otp.get(${id})`)).toMatchObject({ kind: 'found' });
  const sms = /\b\d{6}\b/.exec(stack().messages(phoneNumber)[0]?.text ?? '')?.[0];
  expect(await page.evaluate(`otp.check(${id}, { code: '${sms}' })`)).toMatchObject({ kind: 'approved' });
  expect(await page.evaluate(`otp.check(${id}, { code: '${sms}' })`)).toMatchObject({ kind: 'code-already-used' });
});

test('the client follows no redirect in a browser, where its target is hidden', async () => {
  const page = await withClient({ baseUrl: `${stack().origin}/away` });
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  await page.route('**/away/**', (route) => route.fulfill({ status: 302, headers: { location: '/elsewhere' } }));
  const reason = await page.evaluate(
    `otp.get('a').then(() => 'an outcome', ({ name, reason }) => name + ' ' + reason)`,
  );
  expect(reason).toBe('CallError redirected');
  expect(asked).toEqual(['/away/v1/verifications/a']);
});
