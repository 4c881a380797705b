/**
 * Writes `docs/benchmarks.md` and its plots from the results of the benches, and from `words/`.
 *
 *     npm run bench:page [-- --check]
 *
 * --check  ends with 1 if a file is not what would be written
 */

import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { plotOf } from './plot.ts';
import { type Material, renderPage } from './render.ts';
import { type Result, resultsFolder } from './results.ts';

const docs = path.join(import.meta.dirname, '../../docs');
const wordsFolder = path.join(import.meta.dirname, 'words');

const filesOf = async (folder: string, ending: string): Promise<readonly (readonly [string, string])[]> => {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found = names.filter((name) => name.endsWith(ending)).toSorted();
  return Promise.all(
    found.map(async (name) => [path.basename(name, ending), await readFile(path.join(folder, name), 'utf8')] as const),
  );
};

const readMaterial = async (): Promise<Material> => {
  const results = await filesOf(resultsFolder, '.json');
  return {
    results: Object.fromEntries(results.map(([name, text]) => [name, JSON.parse(text) as Result])),
    words: Object.fromEntries(await filesOf(wordsFolder, '.md')),
  };
};

const isPlot = (name: string): boolean => /^benchmarks-[\w-]+\.svg$/.test(name);

/** The files of the page in `docs/`, by name, and the plots there that no result has any more. */
const filesOfPage = async (): Promise<{
  readonly written: ReadonlyMap<string, string>;
  readonly stale: readonly string[];
}> => {
  const material = await readMaterial();
  const plots = Object.values(material.results).flatMap((result) => result?.plots ?? []);
  const wrong = plots.find(({ name }) => !isPlot(`${name}.svg`));
  if (wrong !== undefined) throw new Error(`A plot is called ${wrong.name}. Allowed is benchmarks-<name>.`);
  const written = new Map([
    ['benchmarks.md', renderPage(material)],
    ...plots.map((plot) => [`${plot.name}.svg`, plotOf(plot)] as const),
  ]);
  return { written, stale: (await readdir(docs)).filter((name) => isPlot(name) && !written.has(name)) };
};

/** The names of the files in `docs/` that are not what they would be. */
export const staleFiles = async (): Promise<readonly string[]> => {
  const { written, stale } = await filesOfPage();
  const different = await Promise.all(
    [...written].map(async ([name, text]) => {
      const present = await readFile(path.join(docs, name), 'utf8').catch(() => undefined);
      return present === text ? [] : [name];
    }),
  );
  return [...different.flat(), ...stale];
};

const run = async (): Promise<void> => {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  if (!values.check) {
    const { written, stale } = await filesOfPage();
    for (const [name, text] of written) await writeFile(path.join(docs, name), text);
    for (const name of stale) await rm(path.join(docs, name));
    return;
  }
  const stale = await staleFiles();
  if (stale.length === 0) return;
  console.error(`Not what \`npm run bench:page\` writes: ${stale.map((name) => `docs/${name}`).join(', ')}.`);
  process.exitCode = 1;
};

if (import.meta.main) await run();
