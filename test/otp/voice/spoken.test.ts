import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseSpoken, renderSpoken, spokenDigits } from '../../../lambdas/otp/record/spoken.ts';
import { spokenLanguages, spokenTextsOf } from '../../../lib/settings/voice/spoken.ts';
import { voicesOf } from '../../../lib/settings/voice/voices.ts';
import { settingsWith } from '../../fakes/settings.ts';

const texts = spokenTextsOf(settingsWith({ languages: ['en', 'de', 'pt', 'zh'] }));
const heard = (ssml: string): string => ssml.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

describe('the text of a call', () => {
  test('a call says the code twice, digit by digit, with a pause behind each', () => {
    const ssml = renderSpoken(
      { text: 'This is {{brand}}. Your code is: {{code}}.' },
      { brand: 'Acme', code: '492039' },
    );
    expect(heard(ssml).match(/\d/g)?.join('')).toBe('492039492039');
    expect(ssml.match(/<break time="400ms"\/>/g)).toHaveLength(10);
    expect(heard(ssml)).not.toMatch(/\d\d/);
  });

  test('a brand with marks of XML is heard as it is, and opens no tag', () => {
    const ssml = renderSpoken({ text: '{{brand}}: {{code}}' }, { brand: `A&B <"O'Neill">`, code: '1234' });
    expect(ssml).toContain('A&amp;B &lt;&quot;O&apos;Neill&quot;&gt;');
    expect(ssml.replaceAll(/<\/?(?:speak|prosody|break|say-as)[^>]*>/g, '')).not.toMatch(/[<>]/);
  });

  test('a brand that looks like a placeholder is filled in once, and nothing in it is', () => {
    const ssml = renderSpoken({ text: '{{brand}}: {{code}}' }, { brand: '{{code}}', code: '1234' });
    expect(heard(ssml).match(/\d/g)?.join('')).toBe('12341234');
    expect(heard(ssml)).toContain('{{code}}: 1 2 3 4');
  });

  test('every text of the settings, at its longest, is within what AWS takes of SSML', () => {
    const marks = fc.constantFrom('"', '&', 'a', 'я', '{', '€');
    const longest = fc.string({ unit: marks, minLength: 140, maxLength: 144 });
    const brand = fc.string({ unit: marks, minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(longest, brand, (words, name) => {
        const text = `${words.replaceAll('{', '')}{{brand}}{{code}}`;
        expect(renderSpoken({ text }, { brand: name, code: '0123456789' }).length).toBeLessThanOrEqual(6000);
      }),
    );
  });

  test('Notify gets the digits with a point behind each', () => {
    expect(spokenDigits('0420')).toBe('0. 4. 2. 0.');
  });
});

describe('the language of a call', () => {
  test.each([
    ['de-AT', 'de'],
    ['pt-BR', 'pt'],
    ['zh-Hant-TW', 'zh'],
    // No voice of AWS speaks these: the default language, German here.
    ['hi-IN', 'de'],
    ['bn', 'de'],
    ['ta', 'de'],
    ['uk', 'de'],
    ['id', 'de'],
    ['vi', 'de'],
    ['', 'de'],
  ])('a person who reads "%s" hears %s', (locale, spoken) => {
    expect(chooseSpoken(texts, [locale, 'de'])?.locale).toBe(spoken);
  });

  test('a person hears English if the default language has no voice either', () => {
    expect(chooseSpoken(texts, ['bn-BD', 'hi'])?.locale).toBe('en');
  });

  test.each(spokenLanguages)(
    'the text in %s has the name before the code, each once, and a voice of its language',
    (language) => {
      const [{ text, voice } = { text: '', voice: '' }] = spokenTextsOf(
        settingsWith({ languages: [...new Set(['en', language] as const)] }),
      ).filter(({ locale }) => locale === language);
      expect(text.match(/\{\{\w+\}\}/g)).toEqual(['{{brand}}', '{{code}}']);
      expect(voicesOf(language)).toContain(voice);
    },
  );

  test('a text of the settings stands in the place of the shipped one of its language', () => {
    const own = spokenTextsOf(
      settingsWith({ languages: ['en', 'de'] }, { en: { text: 'Code {{code}}.', voice: 'AMY' } }),
    );
    expect(own.map(({ locale, voice }) => [locale, voice])).toEqual([
      ['en', 'AMY'],
      ['de', 'VICKI'],
    ]);
  });
});
