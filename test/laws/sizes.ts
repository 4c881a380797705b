/** Finds folders and functions that have grown: a folder of many files is several rooms, a long function tells two stories. */

import path from 'node:path';
import type { Source } from './source/files.ts';
import { functionsOf } from './source/functions.ts';
import { parse } from './source/syntax.ts';

export const maxFiles = 15;
export const maxLines = 60;

/** Each folder that holds more sources of its own than it may, and how many. */
export const bigFolders = (sources: readonly Source[]): ReadonlyMap<string, number> => {
  const files = Map.groupBy(sources, (source) => path.posix.dirname(source.path));
  return new Map([...files].map(([folder, held]) => [folder, held.length] as const).filter(([, n]) => n > maxFiles));
};

/** Each function that is longer than it may be, as `file: name`, and how many lines it has. */
export const longFunctions = (sources: readonly Source[]): ReadonlyMap<string, number> =>
  new Map(
    sources.flatMap((source) =>
      functionsOf(parse(source.text), source.text)
        .filter(({ lines }) => lines > maxLines)
        .map(({ name, lines }) => [`${source.path}: ${name}`, lines] as const),
    ),
  );
