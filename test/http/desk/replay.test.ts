/** An export of a running service, judged again by the command of the desk. */

import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test, vi } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { deskWith } from '../../fakes/desk/desk.ts';
import { downloaded } from '../../fakes/desk/memory-exports.ts';
import { clientOf, openStack, wordOf } from '../client.ts';
import { openSettling } from '../weapons/settling.ts';
import { publicKeyOf } from './public-key.ts';

let stack: LocalStack;
let directory: string;
beforeAll(async () => {
  // One shard: batches are judged one after the other, as the replay judges them.
  ({ stack } = await openSettling((options) => openStack(inject('strictBundles'), options)));
  directory = await mkdtemp(join(tmpdir(), 'otp-replay-'));
});
afterAll(async () => {
  await Promise.all([stack.stop(), rm(directory, { recursive: true })]);
});

const range = '+91981270';

/** A botnet: every request is from an IP and for a number that nobody has used. */
const attackUntilRefused = async (): Promise<number> => {
  const app = clientOf(stack);
  for (let sent = 0; sent < 200; sent += 1) {
    const from = { 'x-local-source-ip': `198.18.7.${sent + 1}` };
    const word = wordOf(await app.request({ phoneNumber: `${range}${1000 + sent}` }, from));
    if (word === 'destination-suspended') return sent;
  }
  return expect.fail('Nobody stopped the attack.');
};

const operator = async (path: string, body?: object) => {
  const init =
    body === undefined
      ? {}
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${stack.operatorUrl}${path}`, init);
  return (await answer.json()) as Readonly<Record<string, unknown>>;
};

/** @returns the folder of an export of the last day. */
const exported = async (): Promise<string> => {
  const now = stack.clock.now();
  const [from, to] = [now - 86_400_000, now].map((ms) => new Date(ms).toISOString());
  const { id } = await operator('/v1/exports', { from, to, reason: 'to judge it again' });
  await vi.waitFor(async () => expect(await operator(`/v1/exports/${id}`)).toMatchObject({ state: 'done' }), 30_000);
  const { files } = downloaded(stack.exports?.objects ?? new Map(), String(id));
  const folder = await mkdtemp(join(directory, 'export-'));
  for (const [name, text] of files) await writeFile(join(folder, name), text);
  return folder;
};

test('a replay of an export leads to the same finding as the running service with one shard, and other thresholds to none', async () => {
  const sent = await attackUntilRefused();
  const key = await keyFile();
  let args: readonly string[] = [];
  // A finding may reach the table a moment after its block.
  await vi.waitFor(
    async () => {
      args = ['replay', await exported(), '--key', key];
      const { out } = await deskWith([...args, '--json']);
      expect(JSON.parse(out).fidelity).toMatchObject({ recorded: 1 });
    },
    { timeout: 60_000, interval: 500 },
  );
  const { exit, out } = await deskWith(args);
  expect(exit).toBe(0);
  const { fidelity } = JSON.parse((await deskWith([...args, '--json'])).out);
  expect(fidelity).toEqual({ recorded: 1, exact: 1, near: 0, missing: [], added: 0 });
  expect(out).toContain('begins with the first event of the detector');

  const file = join(directory, 'thresholds.json');
  await writeFile(file, '{"burst": 1000}');
  const changed = await deskWith([...args, '--thresholds', file]);
  expect(changed.out).toMatch(/Range \+91 98127 0xxxx: no longer found\./);
  expect(changed.out).toMatch(/Because of burst\. Its evidence was \d+\.\d; it took 16, and takes 1000\./);
  expect(changed.out).toContain('Messages refused: 0, to 0 people');
  expect(sent).toBeGreaterThan(5);
});

const keyFile = async (): Promise<string> => {
  const key = createPublicKey({ key: await publicKeyOf(stack, stack.keys.exports), format: 'der', type: 'spki' });
  const file = join(directory, 'key.pem');
  await writeFile(file, key.export({ type: 'spki', format: 'pem' }));
  return file;
};
