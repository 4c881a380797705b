import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { previewOf, type Settings } from '../../lib/settings/settings.ts';

/** Writes `<out>/page/texts.json`: the texts of the settings, as `npm run preview` shows them. */
export const writeTexts = async (out: string, settings: Settings): Promise<void> => {
  const folder = join(out, 'page');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'texts.json'), JSON.stringify(previewOf(settings)));
};
