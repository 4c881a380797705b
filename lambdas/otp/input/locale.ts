import { visible } from './typed.ts';

/** Longest beginning of a locale that is looked at, in UTF-16 units. */
const maxLength = 64;

/**
 * The language, script and region of a locale, in canonical form, such as `zh-Hant-TW`: all that a choice of texts needs.
 *
 * A locale is a hint. BCP 47 tags with extensions, names of POSIX (`de_DE.UTF-8`) and of Java (`zh_CN_#Hans`) are read, and
 * what is unknown is left out. `undefined` for a text that names no language.
 */
export const parseLocale = (text: string): string | undefined => {
  const [name = ''] = visible(text.slice(0, maxLength))
    .trim()
    .split(/[^\p{L}\p{N}#_-]/u);
  const [language = '', ...subtags] = name.split(/[-_#]+/);
  if (!/^[a-z]{2,8}$/i.test(language)) return undefined;
  // Behind a subtag of one character stand extensions (RFC 5646, section 2.2.6).
  const end = subtags.findIndex((subtag) => subtag.length === 1);
  const parts = end === -1 ? subtags : subtags.slice(0, end);
  const script = parts.find((part) => /^[a-z]{4}$/i.test(part));
  const region = parts.find((part) => /^(?:[a-z]{2}|[0-9]{3})$/i.test(part));
  return canonical([language, script, region].filter((part) => part !== undefined).join('-')) ?? canonical(language);
};

/** Canonical by CLDR: `iw` is `he`, `in` is `id`, and `deu` is `de`. */
const canonical = (tag: string): string | undefined => {
  try {
    const { language, script, region } = new Intl.Locale(tag);
    // V8 has no language where a tag has `und`, the unknown one.
    if (!language || language === 'und') return undefined;
    return [language, script, region].filter((part) => part !== undefined).join('-');
  } catch {
    return undefined;
  }
};

type Parts = {
  readonly language: string;
  readonly region: string | undefined;
  /** The script and region of the tag, or else the likeliest ones. */
  readonly script: string | undefined;
  readonly likelyRegion: string | undefined;
};

const likely = (name: string): Pick<Parts, 'script' | 'likelyRegion'> => {
  const { script, region } = new Intl.Locale(name).maximize();
  return { script, likelyRegion: region };
};

const partsOf = (tag: string): Parts | undefined => {
  const name = parseLocale(tag);
  if (name === undefined) return undefined;
  const { language, region } = new Intl.Locale(name);
  return { language, region, ...likely(name) };
};

/** Of tags in the settings. Those of callers are not kept: there is no end to them. */
const known = new Map<string, Parts | undefined>();

const knownPartsOf = (tag: string): Parts | undefined => {
  if (!known.has(tag)) known.set(tag, partsOf(tag));
  return known.get(tag);
};

/** Norwegian has a code for both of its written forms and one for each. Readers of one read the others. */
const norwegian: readonly string[] = ['no', 'nb', 'nn'];

/** How well a text in one locale suits a reader of another: 0 if not at all. */
const suits = (wanted: Parts, offered: Parts | undefined): number => {
  if (offered === undefined) return 0;
  const areNorwegian = norwegian.includes(wanted.language) && norwegian.includes(offered.language);
  if (wanted.language !== offered.language) return areNorwegian ? 1 : 0;
  if (wanted.script !== offered.script) return 2;
  if (wanted.region === offered.region) return 6;
  if (offered.region === undefined) return 5;
  return wanted.likelyRegion === offered.region ? 4 : 3;
};

/**
 * The best match of a locale among some, by their positions: same language, script and region first; then the language alone
 * (the look-up of RFC 4647, section 3.4); then another region of it; then another script. `undefined` if none has its language.
 */
export const matchLocale = (locale: string, offered: readonly string[]): number | undefined => {
  // The usual case. `Intl` takes milliseconds where it is used first, which is a cold start.
  const same = offered.indexOf(locale);
  if (same !== -1) return same;
  const wanted = known.get(locale) ?? partsOf(locale);
  if (wanted === undefined) return undefined;
  const scores = offered.map((tag) => suits(wanted, knownPartsOf(tag)));
  const best = Math.max(0, ...scores);
  return best === 0 ? undefined : scores.indexOf(best);
};
