/**
 * Builds the package: one module for each export, its types, and the license.
 *
 *     node clients/typescript/build.ts
 */

import { execFileSync } from 'node:child_process';
import { copyFile, glob, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const folder = import.meta.dirname;
const root = path.join(folder, '..', '..');

/** The most that the caller part may weigh in a browser. */
export const maxBrowserBytes = 6 * 1024;

const entries = ['index.ts', 'messages/*.ts', 'proof/index.ts', 'proof/dynamodb.ts'];

/** The compiler leaves `.ts` in the names of what a declaration imports. */
const nameModules = async (out: string): Promise<void> => {
  for await (const name of glob('**/*.d.ts', { cwd: out })) {
    const file = path.join(out, name);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace(/(from '\.[^']*)\.ts'/g, "$1.js'").replace(/(from "\.[^"]*)\.ts"/g, '$1.js"'));
  }
};

/** Builds into a folder. Returns the gzipped size of the part that browsers load, without sentences. */
export const buildClient = async (out: string): Promise<number> => {
  await rm(out, { recursive: true, force: true });
  const entryPoints: string[] = [];
  for await (const file of glob(entries, { cwd: folder })) entryPoints.push(file);
  await build({
    absWorkingDir: folder,
    entryPoints,
    outdir: out,
    outbase: '.',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    charset: 'utf8',
    sourcemap: true,
    external: ['jose', '@aws-sdk/*'],
    logLevel: 'warning',
  });
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', folder, '--outDir', out], { stdio: 'inherit' });
  await nameModules(out);
  await copyFile(path.join(root, 'LICENSE'), path.join(out, 'LICENSE'));
  return gzipSync(await readFile(path.join(out, 'index.js')), { level: 9 }).length;
};

if (import.meta.main) {
  const bytes = await buildClient(path.join(folder, 'build'));
  console.log(`The caller part: ${bytes} bytes gzipped, at most ${maxBrowserBytes} are allowed.`);
  if (bytes > maxBrowserBytes) process.exitCode = 1;
}
