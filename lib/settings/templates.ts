import type { Template } from '../../lambdas/policy.ts';
import { gsm7Texts } from './shipped/gsm7.ts';
import { shippedPurposes } from './shipped/shipped.ts';
import { unicodeTexts } from './shipped/unicode.ts';

const texts = { ...gsm7Texts, ...unicodeTexts };
export type ShippedLanguage = keyof typeof texts;

/** The languages that the service ships texts for. */
export const shippedLanguages = Object.keys(texts) as readonly ShippedLanguage[];

/** The languages in use unless the settings choose: those that have shipped from the beginning. */
export const defaultLanguages: readonly ShippedLanguage[] = ['en', 'de', 'es', 'fr', 'it', 'nl', 'pt'];

/** The purposes that ship with texts. */
export const defaultPurposes: readonly string[] = shippedPurposes;

/** The shipped texts of some languages, by purpose and in their order. `parseSettings` measures each at its longest. */
export const shippedTemplates = (languages: readonly ShippedLanguage[]): readonly Template[] =>
  shippedPurposes.flatMap((purpose) => languages.map((locale) => ({ purpose, locale, text: texts[locale][purpose] })));
