import type { SpokenText } from '../../policy.ts';
import { matchLocale } from '../input/locale.ts';

/** The language of last resort. */
const anyLocale = 'en';

/** The position of the best of some languages: for the first locale that has one, then English, then any. */
export const chooseAmong = (offered: readonly string[], locales: readonly string[]): number =>
  [...locales, anyLocale].map((locale) => matchLocale(locale, offered)).find((at) => at !== undefined) ?? 0;

/** The text for a person. Languages without a voice of AWS have none, so that their people hear the default one (ADR 112). */
export const chooseSpoken = (texts: readonly SpokenText[], locales: readonly string[]): SpokenText | undefined =>
  texts[
    chooseAmong(
      texts.map(({ locale }) => locale),
      locales,
    )
  ];

/** The voice for a template of Notify in a language. A voice of another one would read it wrongly: without one, AWS chooses. */
export const voiceIn = (texts: readonly SpokenText[], language: string): string | undefined =>
  texts[
    matchLocale(
      language,
      texts.map(({ locale }) => locale),
    ) ?? -1
  ]?.voice;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** Text as SSML may hold it: https://docs.aws.amazon.com/polly/latest/dg/escapees.html */
const escapeXml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? '');

const shortPause = '<break time="400ms"/>';
const longPause = '<break time="1s"/>';

/** Each digit by itself, with a pause behind it, so that a person can write along. */
const digitsOf = (code: string): string =>
  [...code].map((digit) => `<say-as interpret-as="digits">${digit}</say-as>`).join(shortPause);

/**
 * The words of a call, as SSML: after a second, in which a person lifts the phone to the ear, the text twice, slowly.
 *
 * @see https://docs.aws.amazon.com/polly/latest/dg/supportedtags.html
 */
export const renderSpoken = (
  { text }: Pick<SpokenText, 'text'>,
  { brand, code }: { readonly brand: string; readonly code: string },
): string => {
  const placed: Readonly<Record<string, string>> = {
    brand: escapeXml(brand),
    code: `${longPause}${digitsOf(code)}${longPause}`,
  };
  // Placeholders have braces, which no escape touches.
  const once = escapeXml(text).replace(/\{\{([a-z]+)\}\}/g, (_, name: string) => placed[name] ?? '');
  return `<speak>${longPause}<prosody rate="slow">${once}${longPause}${once}</prosody></speak>`;
};

/** The code as a template of Notify gets it, which speaks `1. 2. 3.` digit by digit. */
export const spokenDigits = (code: string): string => [...code].map((digit) => `${digit}.`).join(' ');
