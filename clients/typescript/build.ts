/**
 * Builds the package: one module for each export, its types, and the license.
 *
 *     node clients/typescript/build.ts
 */

import { execFileSync } from 'node:child_process';
import { copyFile, glob, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';

const folder = import.meta.dirname;
const root = path.join(folder, '..', '..');

/** The most that the caller part may weigh in a browser. */
export const maxBrowserBytes = 6 * 1024;
/** The most that the file for a script tag may weigh, with countries and all languages. */
export const maxFormBytes = 60 * 1024;

const formFile = path.join('form', 'otp-form.js');
const entries = [
  'index.ts',
  'form/index.ts',
  'form/words/*.ts',
  'messages/*.ts',
  'proof/index.ts',
  'proof/dynamodb.ts',
];

/** The compiler leaves `.ts` in the names of what a declaration imports. */
const nameModules = async (out: string): Promise<void> => {
  for await (const name of glob('**/*.d.ts', { cwd: out })) {
    const file = path.join(out, name);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'").replace(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
};

/** The form has the rules of phone numbers in it. Their licenses ask to be passed on. */
const writeNotices = async (out: string): Promise<void> => {
  const from = path.join(root, 'node_modules', 'libphonenumber-js');
  const texts = await Promise.all(['LICENSE', 'LICENSE.Apache'].map((name) => readFile(path.join(from, name), 'utf8')));
  await writeFile(
    path.join(out, 'form', 'THIRD-PARTY.txt'),
    ['form/ contains libphonenumber-js.', ...texts].join('\n\n'),
  );
};

const bytesOf = async (file: string): Promise<number> => gzipSync(await readFile(file), { level: 9 }).length;

export type Sizes = {
  /** Gzipped bytes of the part that browsers load, without sentences. */
  readonly browser: number;
  /** Gzipped bytes of the file for a script tag. */
  readonly form: number;
};

/** Builds into a folder. */
export const buildClient = async (out: string): Promise<Sizes> => {
  await rm(out, { recursive: true, force: true });
  const entryPoints: string[] = [];
  for await (const file of glob(entries, { cwd: folder })) entryPoints.push(file);
  const options = {
    absWorkingDir: folder,
    outdir: out,
    outbase: '.',
    bundle: true,
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    sourcemap: true,
    external: ['jose', '@aws-sdk/*'],
    logLevel: 'warning',
  } satisfies BuildOptions;
  await build({ ...options, entryPoints, format: 'esm' });
  // No module, so that any script tag takes it.
  await build({ ...options, entryPoints: ['form/otp-form.ts'], format: 'iife' });
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', folder, '--outDir', out], { stdio: 'inherit' });
  await nameModules(out);
  await copyFile(path.join(root, 'LICENSE'), path.join(out, 'LICENSE'));
  await writeNotices(out);
  return { browser: await bytesOf(path.join(out, 'index.js')), form: await bytesOf(path.join(out, formFile)) };
};

if (import.meta.main) {
  const { browser, form } = await buildClient(path.join(folder, 'build'));
  console.log(`The caller part: ${browser} bytes gzipped, at most ${maxBrowserBytes} are allowed.`);
  console.log(`<otp-form> in one file: ${form} bytes gzipped, at most ${maxFormBytes} are allowed.`);
  if (browser > maxBrowserBytes || form > maxFormBytes) process.exitCode = 1;
}
