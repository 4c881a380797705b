/** Finds the source of a function in a bundle by the source map beside it. */

import { readFile } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FileOf } from './parts.ts';

const root = path.join(import.meta.dirname, '../../..');

/** Bundles by their paths, each with the path of its map. */
export type Maps = ReadonlyMap<string, string>;

/** Path below the project, whichever folder the map counts from. */
const placeOf = (source: string): string => /(?:node_modules|lambdas|bench|lib)\/.*$/.exec(source)?.[0] ?? source;

export const fileOfMaps = async (maps: Maps): Promise<FileOf> => {
  const read = async (file: string) => new SourceMap(JSON.parse(await readFile(file, 'utf8')));
  const byBundle = new Map(
    await Promise.all([...maps].map(async ([bundle, map]) => [bundle, await read(map)] as const)),
  );
  return ({ url, lineNumber, columnNumber }) => {
    if (!url.startsWith('file:')) return url;
    const file = fileURLToPath(url);
    const entry = byBundle.get(file)?.findEntry(lineNumber, columnNumber);
    if (entry !== undefined && 'originalSource' in entry) return placeOf(entry.originalSource);
    return path.relative(root, file);
  };
};
