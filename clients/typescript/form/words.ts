/** The words of the form. Each language is a module of its own. */

import type { Language } from '../messages/messages.ts';
import { en } from './words/en.ts';

/** `{number}`, `{digits}` and `{country}` are filled in. */
export type Labels = {
  readonly phoneNumber: string;
  readonly country: string;
  readonly sendCode: string;
  readonly sending: string;
  readonly enterNumber: string;
  readonly code: string;
  readonly sent: string;
  /** The network did not confirm that it took the message. */
  readonly unconfirmed: string;
  readonly verify: string;
  readonly verifying: string;
  readonly enterCode: string;
  readonly resend: string;
  readonly expires: string;
  readonly changeNumber: string;
  readonly approved: string;
};

/** The sentences of a language, and the labels of the form. */
export type FormLanguage = Language & { readonly direction: 'ltr' | 'rtl'; readonly labels: Labels };

const languageOf = (tag: string): string => tag.toLowerCase().split(/[-_]/)[0] ?? '';

const known = new Map<string, FormLanguage>([['en', en]]);

/** Adds languages, or replaces them. The form finds them by the first part of `locale`. */
export const setWords = (languages: readonly FormLanguage[]): void => {
  for (const language of languages) known.set(languageOf(language.locale), language);
};

/** The words for a language tag. A language that nobody added is shown in English. */
export const wordsFor = (tag: string): FormLanguage => known.get(languageOf(tag)) ?? known.get('en') ?? en;
