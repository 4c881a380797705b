import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Writes a file beside the bench: results.md, or a plot. */
export const writeBeside = async (file: string, text: string): Promise<void> => {
  const target = path.join(import.meta.dirname, '..', file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, text);
};
