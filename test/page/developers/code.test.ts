/** The flow as code: what the page offers to copy is run as a reader would run it. */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildClient } from '../../../clients/typescript/build.ts';
import { root } from '../../laws/source/files.ts';
import { personAt } from '../person.ts';
import { freshNumber, useStage } from '../stage.ts';

const { open, stack } = useStage();

/** A project of a reader, with the packages that the page names. */
let project: string;
beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'otp-reader-'));
  const client = path.join(project, 'node_modules', 'otp-service-client');
  await mkdir(client, { recursive: true });
  await copyFile(path.join(root, 'clients/typescript/package.json'), path.join(client, 'package.json'));
  await buildClient(path.join(client, 'build'));
  await symlink(path.join(root, 'node_modules/jose'), path.join(project, 'node_modules/jose'));
  await writeFile(path.join(project, 'package.json'), '{ "type": "module" }');
});
afterAll(() => rm(project, { recursive: true, force: true }));

/** Does the flow on the page, so that the code has its number, and opens the tab of a language. */
const codeFor = async (language: string, purpose: string): Promise<{ code: string; number: string; page: Page }> => {
  const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const person = personAt(page);
  const number = freshNumber();
  await person.purpose(purpose);
  if (purpose === 'Pay') await page.getByLabel('Payee').fill("Neil's Tea & Co");
  await person.askFor(number);
  await person.getsSms(number);
  await person.tapNewest();
  await person.see('Signature valid');
  await page.getByRole('tab', { name: language }).click();
  await person.button('Copy').last().click();
  await person.button('Copied').waitFor();
  return { code: String(await page.evaluate('navigator.clipboard.readText()')), number, page };
};

/** Runs a program that asks for the code, and types the one of the newest SMS. */
const runTyping = async (command: string, file: string, number: string): Promise<string> => {
  // The stream may not have told the approval yet, which frees the number from the cooldown. It is over then.
  stack().clock.advance(31_000);
  const before = stack().messages(number).length;
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn(command, [file], {
    cwd: project,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  await expect.poll(() => stack().messages(number).length).toBe(before + 1);
  child.stdin.end(`${/\d{6}/.exec(stack().messages(number)[0]?.text ?? '')?.[0]}\n`);
  return (await output).join('');
};

test.each(['Sign in', 'Pay'])('the curl of the page runs as it is, and gets a proof: %s', async (purpose) => {
  const { code, number } = await codeFor('curl', purpose);
  expect(code).toContain(stack().url);
  await writeFile(path.join(project, 'flow.sh'), code);
  expect(await runTyping('sh', 'flow.sh', number)).toContain('"status":"approved"');
});

test.each(['Sign in', 'Pay'])(
  'the TypeScript of the page runs as it is, and verifies its proof: %s',
  async (purpose) => {
    const { code, number } = await codeFor('TypeScript', purpose);
    await writeFile(path.join(project, 'flow.ts'), code);
    expect(await runTyping(process.execPath, 'flow.ts', number)).toContain(`Verified: ${number}`);
  },
);

test('each language has the address, the key, the number and the purpose of this page', async () => {
  const { page, number } = await codeFor('React', 'Add a number');
  const panel = page.getByRole('tabpanel');
  const { url } = stack();
  for (const language of ['curl', 'TypeScript', 'Python', 'React']) {
    await page.getByRole('tab', { name: language }).click();
    expect(await panel.textContent(), language).toContain(url);
    expect(await panel.textContent(), language).toContain('s own');
    expect(await panel.textContent(), language).toContain('verify-number');
    if (language !== 'React') expect(await panel.textContent(), language).toContain(number);
  }
});

test('the arrow keys move between the languages', async () => {
  const page = await open();
  await page.getByRole('tab', { name: 'curl' }).focus();
  await page.keyboard.press('ArrowLeft');
  await page.getByRole('tab', { name: 'React', selected: true }).and(page.locator(':focus')).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('tab', { name: 'curl', selected: true }).and(page.locator(':focus')).waitFor();
});
