/**
 * Shows every text of `bin/settings.ts` at its longest: with the longest code, amount, payee, host and app hash. Beside each
 * stand its encoding, its parts and its price by country.
 *
 *     npm run preview                   all texts
 *     npm run preview -- --locale hi    those of one language
 *     npm run preview -- --json         the same for programs
 *
 * Exit code 0: each text has as many parts as it may. 1: a text has more. 2: there is nothing to show, or the settings are
 * wrong.
 */

import { parseArgs } from 'node:util';
import rawSettings from '../../bin/settings.ts';
import { parseForPreview, previewOf } from '../../lib/settings/settings.ts';
import { exitCodeOf, renderJson, renderTexts, textsIn } from './report.ts';

const nothingToShow = 2;

/** The command line, or a sentence about it. */
const read = () => {
  try {
    return parseArgs({ options: { json: { type: 'boolean' }, locale: { type: 'string' } } }).values;
  } catch (cause) {
    throw new Error('Use npm run preview -- with --locale LANGUAGE or --json.', { cause });
  }
};

const run = (): number => {
  const { json, locale } = read();
  const settings = parseForPreview(rawSettings);
  const texts = textsIn(previewOf(settings), locale);
  if (texts.length === 0)
    throw new Error(
      `No text of the settings is in ${locale}. Add it to languages, which lists ${settings.languages.join(', ')}, or write texts of your own.`,
    );
  console.log(json === true ? renderJson(texts) : renderTexts(texts));
  return exitCodeOf(texts);
};

try {
  process.exitCode = run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = nothingToShow;
}
