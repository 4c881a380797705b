/** The words of the form. Each language is a module of its own. */

import { en } from './words/en.ts';
import type { FormLanguage } from './words/labels.ts';

const languageOf = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0] ?? '';

const known = new Map<string, FormLanguage>([['en', en]]);

/** Adds languages, or replaces them. The form finds them by the first part of `locale`. */
export const setWords = (languages: readonly FormLanguage[]): void => {
  for (const language of languages) known.set(languageOf(language.locale), language);
};

/** The words for a language tag. A language that nobody added is shown in English. */
export const wordsFor = (tag: string): FormLanguage => known.get(languageOf(tag)) ?? known.get('en') ?? en;
