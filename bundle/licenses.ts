/** The licenses of the code in a bundle. Most of them require their text with each copy. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Metafile } from 'esbuild';

/** Folders of the packages that have code in the output, sorted. */
const packagesOf = (metafile: Metafile): readonly string[] => {
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = files.map((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort();
};

type Terms = { readonly title: string; readonly text: string };

const termsOf = async (folder: string): Promise<Terms> => {
  const { name, version, license } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return { title: `${name} ${version} (${license})`, text: texts.map((text) => text.trim()).join('\n\n') };
};

/** One text: each license once, under the names of the packages that it covers. */
export const licensesOf = async (metafile: Metafile, root: string): Promise<string> => {
  const terms = await Promise.all(packagesOf(metafile).map((folder) => termsOf(path.join(root, folder))));
  const byText = Map.groupBy(terms, ({ text }) => text);
  return [...byText]
    .map(([text, packages]) => `${packages.map(({ title }) => title).join('\n')}\n\n${text}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`);
};
