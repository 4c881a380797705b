/** The texts of the settings for people: as they look, how long they get, and what they cost. */

import { settingsFor } from '../in-use.ts';
import { countryOf } from '../policy.ts';
import type { Settings } from '../schema.ts';
import { renderingsOf, retrieverBytes, usualValues } from './message-length.ts';
import { boundsOf, type RenderedText, renderedTexts } from './renderings.ts';

export type PreviewedMessage = {
  /** The lines or places that it carries: `appHash` for Android, `host` for browsers. */
  readonly carries: readonly string[];
  /** With values of most days. */
  readonly usual: string;
  /** With the longest values. The rest is about this one. */
  readonly longest: string;
  readonly encoding: string;
  /** Septets of GSM-7, or UTF-16 units. */
  readonly units: number;
  readonly parts: number;
  readonly maxParts: number;
  /** Characters by which it is too long. */
  readonly over: number;
  /** It has more bytes than Google promises to read. */
  readonly mayMissApp: boolean;
  /** By country, in USD: its parts at their estimated price. */
  readonly pricesUsd: Readonly<Record<string, number>>;
};

export type PreviewedText = {
  /** Only if the application has the text, the brand, the hosts or the countries to itself. */
  readonly application?: string;
  readonly purpose: string;
  readonly locale: string;
  readonly country?: string;
  readonly direction: 'ltr' | 'rtl';
  /** It is registered (DLT), and goes out to the letter. */
  readonly isRegistered: boolean;
  readonly messages: readonly PreviewedMessage[];
};

/** Every text in use, of all and of each application that has facts of its own. */
export const previewOf = (settings: Settings): readonly PreviewedText[] => [
  ...previewed(settings),
  ...Object.entries(settings.applications ?? {}).flatMap(([application, own]) => {
    const { brand, templates, origins, appHashes, countries, purposes } = own;
    const isOwn = [brand, templates, origins, appHashes, countries, purposes].some((each) => each !== undefined);
    return isOwn ? previewed(settingsFor(settings, own)).map((text) => ({ application, ...text })) : [];
  }),
];

const previewed = (settings: Settings): readonly PreviewedText[] =>
  renderedTexts(settings).map((text) => {
    const { purpose, locale, country, templateId } = text.template;
    return {
      purpose,
      locale,
      ...(country === undefined ? {} : { country }),
      direction: directionOf(locale),
      isRegistered: templateId !== undefined,
      messages: messagesOf(text, settings),
    };
  });

const messagesOf = (text: RenderedText, settings: Settings): readonly PreviewedMessage[] => {
  const usual = renderingsOf(text.template, boundsOf(settings), usualValues(settings.code.digits));
  return text.renderings.map(({ carries, message, encoding, units, parts, maxParts, over, appBytes }, index) => ({
    carries,
    usual: usual[index]?.message ?? '',
    longest: message,
    encoding,
    units,
    parts,
    maxParts,
    over,
    mayMissApp: appBytes !== undefined && appBytes > retrieverBytes,
    pricesUsd: Object.fromEntries(
      text.countries.map((name) => [name, rounded(countryOf(settings, name).priceUsd * parts)]),
    ),
  }));
};

const rounded = (usd: number): number => Math.round(usd * 1_000_000) / 1_000_000;

const fromTheRight: readonly string[] = ['Adlm', 'Arab', 'Hebr', 'Nkoo', 'Syrc', 'Thaa'];

/** `Intl` reads fewer tags than the settings take. */
const directionOf = (locale: string): PreviewedText['direction'] => {
  try {
    return fromTheRight.includes(new Intl.Locale(locale).maximize().script ?? '') ? 'rtl' : 'ltr';
  } catch {
    return 'ltr';
  }
};
