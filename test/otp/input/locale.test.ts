import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchLocale, parseLocale } from '../../../lambdas/otp/input/locale.ts';

describe('a locale is read from every spelling of it', () => {
  test.each([
    ['de', 'de'],
    ['DE-at', 'de-AT'],
    ['de_DE', 'de-DE'],
    ['de_DE.UTF-8@euro', 'de-DE'],
    ['de_DE.utf8', 'de-DE'],
    ['es-u-ms-metric', 'es'],
    ['es-US-u-mu-celsius-rg-mxzzzz', 'es-US'],
    ['en-x-private', 'en'],
    ['en-GB-oxendict', 'en-GB'],
    ['ca-ES-valencia', 'ca-ES'],
    ['zh_Hans_CN', 'zh-Hans-CN'],
    ['zh_CN_#Hans', 'zh-Hans-CN'],
    ['zh-hant-hk', 'zh-Hant-HK'],
    ['es-419', 'es-419'],
    ['iw', 'he'],
    ['in_ID', 'id-ID'],
    ['deu', 'de'],
    ['tl', 'fil'],
    ['pt-BR,pt;q=0.9,en;q=0.8', 'pt-BR'],
    [' fr ', 'fr'],
    ['\u200efr\u2011CA', 'fr'],
    ['de-!!!', 'de'],
  ])('the locale %j is read as %s', (text, locale) => {
    expect(parseLocale(text)).toBe(locale);
  });

  test.each([
    [''],
    ['C'],
    ['POSIX.UTF-8@'],
    ['*'],
    ['und'],
    ['und-DE'],
    ['x-klingon'],
    ['i-default'],
    ['123'],
    ['-'],
    ['\ud800'],
    ['💥'],
    ['中文'],
  ])('%j names no language that a text may have, and is no error', (text) => {
    const locale = parseLocale(text);
    expect(locale === undefined || matchLocale(locale, ['en', 'de']) === undefined).toBe(true);
  });

  test('no text makes it throw, and what is kept is a short canonical tag', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.stringMatching(/^[a-zA-Z]{1,8}([-_#][a-zA-Z0-9]{1,9}){0,6}$/),
      fc.constantFrom('x'.repeat(8192), 'de-'.repeat(2700), '\u0301'.repeat(4000)),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const locale = parseLocale(text);
        if (locale === undefined) return;
        expect(locale).toMatch(/^[a-z]{2,8}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?$/);
        expect(parseLocale(locale)).toBe(locale);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the best match of a locale', () => {
  test.each([
    ['de-AT', ['en', 'de'], 'de'],
    ['pt', ['en', 'pt-BR'], 'pt-BR'],
    ['pt-PT', ['pt-BR', 'pt'], 'pt'],
    ['pt', ['pt-PT', 'pt-BR'], 'pt-BR'],
    ['pt-PT', ['pt-BR', 'en'], 'pt-BR'],
    ['pt-BR', ['pt', 'pt-BR'], 'pt-BR'],
    ['zh-TW', ['zh-Hans', 'zh-Hant'], 'zh-Hant'],
    ['zh-HK', ['zh-CN', 'zh-TW'], 'zh-TW'],
    ['zh', ['zh-Hant', 'zh-Hans'], 'zh-Hans'],
    ['zh-SG', ['zh-TW', 'zh-Hans'], 'zh-Hans'],
    ['sr', ['sr-Latn', 'sr'], 'sr'],
    ['nb-NO', ['en', 'no'], 'no'],
    ['no', ['en', 'nb'], 'nb'],
    ['nn', ['no', 'nn'], 'nn'],
    ['he', ['en', 'iw'], 'iw'],
    ['es-MX', ['es', 'es-ES'], 'es'],
    ['ja', ['en', 'de'], undefined],
    ['', ['en', 'de'], undefined],
    ['pt-PT', ['pt', 'pt-BR', 'pt-PT'], 'pt-PT'],
    ['zh-Hant', ['zh', 'zh-Hant-TW', 'zh-Hant'], 'zh-Hant'],
  ])('the best match of %s among %j is %s', (locale, offered, best) => {
    const found = matchLocale(locale, offered);
    expect(found === undefined ? undefined : offered[found]).toBe(best);
  });
});
