import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of an export, as they were downloaded. */
export type ExportFiles = {
  readonly names: readonly string[];
  /** @param name one of the names. */
  readonly read: (name: string) => Promise<Uint8Array>;
};

/** The files of a folder. A folder within it is a file that no manifest has. */
export const filesIn = async (folder: string): Promise<ExportFiles> => ({
  names: await readdir(folder),
  read: (name) => readFile(join(folder, name)),
});

/** A file, such as that of a key. */
export const contentOf = (file: string): Promise<Uint8Array> => readFile(file);
