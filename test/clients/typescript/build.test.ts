import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildClient, maxBrowserBytes, maxFormBytes, type Sizes } from '../../../clients/typescript/build.ts';
import { defaults } from '../../../clients/typescript/caller/client.ts';
import { root } from '../../laws/source/files.ts';

let home: string;
let sizes: Sizes;
beforeAll(async () => {
  // In the project, so that the built package finds its peers.
  await mkdir(path.join(root, 'build'), { recursive: true });
  home = await mkdtemp(path.join(root, 'build', 'client-'));
  sizes = await buildClient(path.join(home, 'build'));
});
afterAll(() => rm(home, { recursive: true, force: true }));

test(`the part that browsers load has at most ${maxBrowserBytes} bytes, gzipped`, async () => {
  console.log(`The caller part of the TypeScript client has ${sizes.browser} bytes, gzipped.`);
  expect(sizes.browser).toBeGreaterThan(500);
  expect(sizes.browser).toBeLessThanOrEqual(maxBrowserBytes);
});

test(`the form in one file has at most ${maxFormBytes} bytes, gzipped, and loads no other`, async () => {
  console.log(`The form in one file has ${sizes.form} bytes, gzipped.`);
  expect(sizes.form).toBeGreaterThan(20_000);
  expect(sizes.form).toBeLessThanOrEqual(maxFormBytes);
  const text = await readFile(path.join(home, 'build', 'form', 'otp-form.js'), 'utf8');
  expect(text).not.toMatch(/\bimport\s*[({'"]/);
  expect(await readFile(path.join(home, 'build', 'form', 'THIRD-PARTY.txt'), 'utf8')).toContain('MIT License');
});

test('the part that browsers load imports nothing', async () => {
  expect(await readFile(path.join(home, 'build', 'index.js'), 'utf8')).not.toMatch(/\bimport\b/);
});

test('the page of the package states its bounds', async () => {
  const page = await readFile(path.join(root, 'clients/typescript/README.md'), 'utf8');
  expect(page).toContain(`fails above ${maxBrowserBytes / 1024} KiB`);
  expect(page).toContain(`at most ${maxFormBytes / 1024} KiB`);
  const rows = Object.entries(defaults).map(
    ([name, value]) => new RegExp(`^\\| \`${name}\`.* \\| ${value.toLocaleString('en')} \\|$`, 'm'),
  );
  expect(rows.filter((row) => !row.test(page))).toEqual([]);
});

test('every export of the package exists when it is built, with its types', async () => {
  const manifest = JSON.parse(await readFile(path.join(root, 'clients/typescript/package.json'), 'utf8'));
  const files = Object.values<string>(manifest.exports)
    .filter((file) => file.endsWith('.js'))
    .map((file) => file.replace('*', 'en'));
  expect(files.length).toBeGreaterThan(4);
  for (const file of files) {
    // The file for a script tag exports nothing. The others load in a place without elements, too.
    const names = Object.keys(await import(path.join(home, file)));
    expect(names.length > 0).toBe(!file.endsWith('otp-form.js'));
    expect(await readFile(path.join(home, file.replace(/\.js$/, '.d.ts')), 'utf8')).not.toMatch(/\.ts['"]/);
  }
});

test('a project in strict mode keeps compiling against the built types, and an outcome has its fields by its kind', async () => {
  const file = path.join(home, 'app.ts');
  await writeFile(
    file,
    `import { createClient, type CheckOutcome } from './build/index.js';
import { sentenceFor } from './build/messages/messages.js';
import { hi } from './build/messages/hi.js';
import { verifyProof } from './build/proof/index.js';
import { dynamoReplay } from './build/proof/dynamodb.js';
import { type OtpForm, registerWords } from './build/form/index.js';
import { ar } from './build/form/words/ar.js';
const otp = createClient({ baseUrl: 'https://otp.example.com' });
export const words = (outcome: CheckOutcome): string => {
  switch (outcome.kind) {
    case 'approved': return outcome.proof;
    case 'wrong-code': return String(outcome.attemptsRemaining);
    case 'code-expired': return outcome.detail;
    default: return sentenceFor(outcome, hi);
  }
};
export const all = [otp.request, verifyProof, dynamoReplay];
registerWords(ar, { ...hi, direction: 'ltr', labels: ar.labels });
export const proofOf = (form: OtpForm): string => form.value;
document.addEventListener('otp-approved', ({ detail }) => detail.proof);
// @ts-expect-error A proof stands in an approved outcome alone.
export const wrong = (outcome: CheckOutcome): string => outcome.proof;
`,
  );
  const options = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess'];
  const target = ['--target', 'es2022', '--lib', 'es2023,dom', '--module', 'nodenext', '--types', '', '--skipLibCheck'];
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const run = () =>
    execFileSync(process.execPath, [tsc, '--ignoreConfig', ...options, ...target, file], { encoding: 'utf8' });
  expect(run()).toBe('');
});
