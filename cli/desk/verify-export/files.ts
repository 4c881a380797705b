import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of an export, as they were downloaded. */
export type ExportFiles = {
  readonly names: readonly string[];
  /** In bytes: what is too large is not read. */
  readonly sizeOf: (name: string) => Promise<number>;
  /** @param name one of the names. */
  readonly read: (name: string) => Promise<Uint8Array>;
};

/** The files of a folder. A folder within it is a file that no manifest has. */
export const filesIn = async (folder: string): Promise<ExportFiles> => ({
  names: await readdir(folder),
  sizeOf: async (name) => (await stat(join(folder, name))).size,
  read: (name) => readFile(join(folder, name)),
});
