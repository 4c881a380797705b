import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';

const kinds = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'];

/** Reads a file of settings. @throws Error with one sentence that says what is wrong and what to write. */
export const readSettingsFile = async (file: string): Promise<unknown> => {
  const extension = extname(file);
  if (!kinds.includes(extension))
    throw new Error(`${file} is no file of settings. Write a .ts, .js or .json file, for example my-settings.ts.`);
  const found = await stat(file).catch(() => undefined);
  if (found === undefined)
    throw new Error(
      `There is no file ${file}. Copy bin/settings.ts to it, or name another: --settings my-settings.ts.`,
    );
  if (!found.isFile()) throw new Error(`${file} is no file. Name one, for example --settings my-settings.ts.`);
  return extension === '.json' ? await readJson(file) : await importDefault(file);
};

const readJson = async (file: string): Promise<unknown> => {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file} is not JSON: ${firstLine(cause)}`, { cause });
  }
};

const importDefault = async (file: string): Promise<unknown> => {
  const { default: settings } = await importFile(file);
  if (settings === undefined)
    throw new Error(`${file} exports no settings. Write export default { … } as bin/settings.ts does.`);
  return settings;
};

const importFile = async (file: string): Promise<{ default?: unknown }> => {
  try {
    return await import(pathToFileURL(file).href);
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${firstLine(cause)}`, { cause });
  }
};

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).trim().split('\n')[0] ?? '';
