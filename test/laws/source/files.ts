/** The sources of the project: every file of code that stands in a folder of its top. */

import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export type Source = {
  /** From the top of the project, with `/`. */
  readonly path: string;
  readonly text: string;
};

export const root = path.join(import.meta.dirname, '../../..');

/** What is installed or built, and not written here. */
const isOurs = (name: string) =>
  !name.startsWith('.') && !['node_modules', 'build', 'cdk.out', 'coverage'].includes(name);

const filesIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(({ name }) => isOurs(name))
      .map(async (entry) => {
        const file = path.posix.join(folder, entry.name);
        return entry.isDirectory() ? await filesIn(file) : [file];
      }),
  );
  return found.flat();
};

export const sources: readonly Source[] = await Promise.all(
  (await filesIn('.'))
    .filter((file) => /\.[cm]?[jt]s$/.test(file))
    .map(async (file) => ({ path: file, text: await readFile(path.join(root, file), 'utf8') })),
);
