import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const pathOf = (file: string): string => path.join(import.meta.dirname, '..', file);

/** Reads a file beside the bench; `undefined` if nobody has written it. */
export const readBeside = async (file: string): Promise<string | undefined> => {
  try {
    return await readFile(pathOf(file), 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw cause;
  }
};

/** Writes a file beside the bench: results.md, or a plot. */
export const writeBeside = async (file: string, text: string): Promise<void> => {
  const target = pathOf(file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
};
