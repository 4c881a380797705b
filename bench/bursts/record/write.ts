import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Recorded } from './record.ts';

export type Written = { readonly folder: string; readonly key: string };

/** Writes a recording: the export, and beside it the key that proves it. @throws Error if one is there. */
export const writeRecording = async (
  { files, publicKey }: Pick<Recorded, 'files' | 'publicKey'>,
  directory: string,
): Promise<Written> => {
  const [folder, key] = [path.join(directory, 'export'), path.join(directory, 'signing-key.pem')];
  await mkdir(directory, { recursive: true });
  await mkdir(folder);
  for (const [name, text] of files) await writeFile(path.join(folder, name), text);
  await writeFile(key, publicKey);
  return { folder, key };
};
