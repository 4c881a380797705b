import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

let folder: string;
let keyFile: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'otp-verify-'));
  keyFile = join(folder, 'key.pem');
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(keyFile, publicKey.export({ type: 'spki', format: 'pem' }));
});
afterAll(() => rm(folder, { recursive: true }));

const program = join(import.meta.dirname, '../../../cli/desk/otp-desk.ts');
const run = (...words: readonly string[]): Promise<{ code: unknown; out: string; err: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, 'verify-export', ...words], (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });

test('otp-desk fails for a folder that is no export, and says what is missing', async () => {
  const { code, out } = await run(folder, '--key', keyFile);
  expect(code).toBe(1);
  expect(out).toContain('manifest.json is missing');
});

test('otp-desk asks for a folder and a key that are there', async () => {
  expect(await run(join(folder, 'none'), '--key', keyFile)).toMatchObject({ code: 2, out: '' });
  expect(await run(folder, '--key', join(folder, 'none'))).toMatchObject({ code: 2, out: '' });
  expect((await run(folder, '--key', program)).err).toContain('no public key');
});
