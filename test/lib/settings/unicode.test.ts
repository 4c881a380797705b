import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../../lambdas/otp/record/parts.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';

const parse = (settings: Partial<SettingsInput>) => parseSettings({ ...minimalSettings, ...settings });
const problemOf = (settings: Partial<SettingsInput>): string => {
  try {
    parse(settings);
    return 'no problem';
  } catch (error) {
    return String(error);
  }
};
const hindi = (text: string, purpose = 'verify-number') => ({
  languages: [],
  purposes: ['verify-number'],
  defaultLocale: 'hi',
  templates: [{ purpose, locale: 'hi', text }],
});
/** With the longest code, of nine digits, so many characters. */
const filled = (characters: number) => `{{code}}${'क'.repeat(characters - 9)}`;

describe('a brand has letters of any script', () => {
  test.each([
    'Żabka',
    'Яндекс',
    'भारत बैंक',
    'வணக்கம்',
    'بنك الأمل',
    '楽天銀行',
    '한국은행',
    'Café & Co.',
    'Số Đỏ',
    'Joe’s',
    // ZWNJ between letters of Persian, and ZWJ between letters of Sinhala.
    'می\u200cخواهم',
    'ශ්\u200dරී ලංකා',
    '₹ Pay',
  ])('a brand may be %s', (brand) => {
    const purposes = ['verify-number'];
    expect(policyOf(parse({ brand, purposes, languages: ['en'] })).brand).toBe(brand);
  });
  test.each([
    ['a bidi override', 'Bank\u202eknaB'],
    ['an isolate', '\u2066Bank\u2069'],
    ['a mark of direction', 'Bank\u200f'],
    ['a zero-width space', 'Ba\u200bnk'],
    ['a word joiner', 'Ba\u2060nk'],
    ['a byte order mark', '\ufeffBank'],
    ['a soft hyphen', 'Ba\u00adnk'],
    ['a variation selector', 'Bank\ufe0f'],
    ['a joiner of no script that needs it', 'Ba\u200dnk'],
    ['a joiner at its end', 'می\u200c'],
    ['a Hangul filler', 'Bank\u3164'],
    ['a control character', 'Bank\u0007'],
    ['a line separator', 'Bank\u2028A'],
    ['a private character', 'Bank\ue000'],
    ['an unassigned character', 'Bank\u0378'],
    ['half a pair', 'Bank\ud800'],
    ['a tag', 'Bank\u{e0041}'],
    ['an emoji', 'Bank 🏦'],
    ['a mark without its letter', '\u0301Bank'],
    ['marks piled up', 'Ba\u0334\u0335\u0336\u0337nk'],
    ['letters in pieces', 'Cafe\u0301'],
    ['21 letters', 'я'.repeat(21)],
    ['11 pairs', '𠮷'.repeat(11)],
    ['a no-break space', 'A\u00a0B'],
  ])('a brand is refused with %s', (_, brand) => {
    expect(problemOf({ brand, languages: ['en'] })).toContain('Name that the SMS shows: 1 to 20 letters of any script');
  });
  test('a brand outside of GSM-7 that leaves a text no room is named with what to do', () => {
    expect(problemOf({ brand: 'Ж'.repeat(20) })).toMatch(
      /the shipped text account-change\/de: With the longest values the text is \d+ characters too long for one SMS part, which has 70 characters outside of GSM-7\. Shorten the text or the brand by that much, or raise maxParts\.unicode, which multiplies the price\..* Or leave "de" out of languages\./,
    );
    expect(problemOf({ brand: 'Ж'.repeat(20), maxParts: { unicode: 2 } })).toBe('no problem');
  });
});

describe('the parts of a text outside of GSM-7', () => {
  test('a text may fill its parts and not one character more', () => {
    expect(problemOf(hindi(filled(70)))).toBe('no problem');
    expect(problemOf(hindi(filled(71)))).toContain(
      'the text is 1 character too long for one SMS part, which has 70 characters outside of GSM-7',
    );
    const two = { maxParts: { unicode: 2 } };
    expect(problemOf({ ...hindi(filled(134)), ...two })).toBe('no problem');
    expect(problemOf({ ...hindi(filled(135)), ...two })).toContain(
      'the text is 1 character too long for 2 SMS parts, which have 134 characters outside of GSM-7',
    );
  });
  test('a line for Android or browsers brings another part, unless the settings forbid it', () => {
    const withLines = { ...hindi(filled(70)), origins: ['https://app.example.com'], appHashes: ['FA+9qCX9VSu'] };
    expect(problemOf(withLines)).toBe('no problem');
    expect(problemOf({ ...withLines, maxParts: { extraForLines: 0 } })).toMatch(
      /With the longest values and the Android hash the text is 12 characters too long for one SMS part/,
    );
    expect(problemOf({ ...hindi(filled(71)), appHashes: ['FA+9qCX9VSu'] })).toContain('too long for one SMS part');
  });
  test('a payment outside of GSM-7 has a part more, because its names alone fill one', () => {
    const text = '{{brand}} {{code}}: {{payee}} को {{currency}} {{amount}} का भुगतान।';
    const payment = (more: Partial<SettingsInput> = {}) => ({
      languages: ['en'] as const,
      templates: [{ purpose: 'transaction', locale: 'hi', text }],
      ...more,
    });
    expect(problemOf(payment() as Partial<SettingsInput>)).toBe('no problem');
    expect(problemOf(payment({ maxParts: { extraForPayment: 0 } }) as Partial<SettingsInput>)).toContain(
      'templates.0.text (transaction/hi)',
    );
  });
  test('a text in the SMS alphabet keeps to one part, with its lines as well, unless the settings allow more', () => {
    const templates = [{ purpose: 'login', locale: 'en', text: `{{code}}${'x'.repeat(140)}` }];
    const settings = { templates, origins: ['https://app.example.com'] };
    expect(problemOf(settings)).toContain('too long for one SMS part. Shorten the text, the host or the brand');
    expect(problemOf({ ...settings, maxParts: { gsm7: 2 } })).toBe('no problem');
  });
  test('an app’s message in GSM-7 keeps to the 140 bytes of Android, however many parts are allowed', () => {
    const templates = [{ purpose: 'login', locale: 'en', text: `{{code}}${'x'.repeat(130)}` }];
    expect(problemOf({ templates, appHashes: ['FA+9qCX9VSu'], maxParts: { gsm7: 3 } })).toContain(
      "too long for Android's 140 bytes in one SMS part. Shorten the text or the brand by that much.",
    );
  });
  test.each([
    [{ maxParts: { gsm7: 0 } }, 'maxParts.gsm7: 0 is not allowed. Parts of an SMS in the SMS alphabet'],
    [{ maxParts: { unicode: 5 } }, 'maxParts.unicode: 5 is not allowed.'],
    [{ maxParts: { extraForLines: 3 } }, 'maxParts.extraForLines: 3 is not allowed.'],
    [{ maxParts: { extraForPayment: -1 } }, 'maxParts.extraForPayment: -1 is not allowed.'],
    [{ languages: ['en', 'xx'] }, 'languages.1: "xx" is not allowed. Languages of the shipped texts'],
    [{ languages: ['en', 'en'] }, 'languages: ["en","en"] is not allowed. Languages of the shipped texts'],
    [{ languages: ['hi'] }, 'Add "en" to languages, or { purpose: "login", locale: "en"'],
  ])('settings are refused that say no parts or languages: %j', (settings, sentence) => {
    expect(problemOf(settings as unknown as Partial<SettingsInput>)).toContain(sentence);
  });
});

describe('the price of a text counts all its parts', () => {
  const long = { ...hindi(filled(71)), maxParts: { unicode: 2 } } as Partial<SettingsInput>;
  const gb = { maxPriceUsd: 0.1, priceUsd: 0.1 };

  test('a cap that has no room for two of the longest SMS is refused', () => {
    const small = { countries: { GB: { ...gb, caps: { hourUsd: 0.3 } } } };
    expect(problemOf(small)).toBe('no problem');
    expect(problemOf({ ...long, ...small })).toContain(
      'The cap is 0.3 USD, and an SMS to GB costs 0.2: no number would get the first one. Write 0.4 or more',
    );
  });
  test('the cap of an application is held against its own texts', () => {
    const settings = { countries: { GB: gb }, maxParts: { unicode: 2 } };
    const { purposes, defaultLocale, templates } = hindi(filled(71));
    const shop = { kind: 'public' as const, caps: { hourUsd: 0.3 }, purposes, defaultLocale, templates };
    expect(problemOf({ ...settings, applications: { shop } })).toContain('an SMS to GB costs 0.2');
    expect(problemOf({ ...settings, applications: { shop: { kind: 'public', caps: { hourUsd: 0.3 } } } })).toBe(
      'no problem',
    );
  });
  test('the policy names the parts of the longest SMS of a country, if there are several', () => {
    expect(policyOf(parse(long)).countries['GB']).toMatchObject({ maxParts: 2 });
    expect(policyOf(parse({})).countries['GB']).not.toHaveProperty('maxParts');
    const languages = ['en', 'hi'] as const;
    // A payment in Hindi.
    expect(policyOf(parse({ languages: [...languages] })).countries['GB']).toMatchObject({ maxParts: 2 });
  });
});

test('a text is accepted exactly if it has the parts that the settings allow', () => {
  const letters = fc.string({ unit: fc.constantFrom('क', 'я', 'x', '𠮷', '€'), minLength: 40, maxLength: 130 });
  fc.assert(
    fc.property(letters, fc.integer({ min: 1, max: 3 }), (body, unicode) => {
      const text = `{{code}} ${body}я`;
      const { parts } = sizeOf(text.replace('{{code}}', '000000000'));
      const found = problemOf({ ...(hindi(text) as Partial<SettingsInput>), maxParts: { unicode } });
      expect(found === 'no problem').toBe(parts <= unicode);
    }),
    { numRuns: 100 },
  );
});
