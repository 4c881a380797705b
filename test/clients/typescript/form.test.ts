import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { caretIn, codeIn, plainDigits } from '../../../clients/typescript/form/digits.ts';
import { countriesIn, firstCountry, numberToSend, readTyped } from '../../../clients/typescript/form/number.ts';
import { secondsUntil, spellSeconds, timesOf } from '../../../clients/typescript/form/times.ts';
import { ar } from '../../../clients/typescript/form/words/ar.ts';
import { de } from '../../../clients/typescript/form/words/de.ts';
import { en } from '../../../clients/typescript/form/words/en.ts';
import { es } from '../../../clients/typescript/form/words/es.ts';
import { fr } from '../../../clients/typescript/form/words/fr.ts';
import { hi } from '../../../clients/typescript/form/words/hi.ts';
import type { Labels } from '../../../clients/typescript/form/words/labels.ts';
import { pt } from '../../../clients/typescript/form/words/pt.ts';

const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 4, maxLength: 10 });
/** The zero of each of some scripts. */
const zeros = [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10, 0x1d7ce, 0x1fbf0];

describe('a code', () => {
  test('a code is read from digits of every script, whatever stands between them', () => {
    const separators = fc.constantFrom('', ' ', '-', '\u00a0', '\u200b', '\u2009', '\n');
    fc.assert(
      fc.property(digits, fc.constantFrom(...zeros), separators, (values, zero, separator) => {
        const text = values.map((value) => String.fromCodePoint(zero + value)).join(separator);
        expect(codeIn(text, values.length)).toBe(values.join(''));
      }),
    );
  });

  test('a code never has more digits than it may, and nothing but digits', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 4, max: 10 }), (text, length) => {
        expect(codeIn(text, length)).toMatch(new RegExp(`^\\d{0,${length}}$`));
      }),
    );
  });

  test.each([
    ['Your code is 123 456. It is good for 5 minutes.', '123456'],
    ['<#> 123456 is your code for Shop\n@shop.example #123456', '123456'],
    ['Call 12. Code: 654321', '654321'],
    ['12345678', '123456'],
    ['', ''],
  ])('the code in %j is %j', (text, code) => {
    expect(codeIn(text, 6)).toBe(code);
  });
});

describe('a number', () => {
  test('the caret stays behind the same digits when a number is formatted', () => {
    const places = fc.nat({ max: 20 });
    fc.assert(
      fc.property(
        fc.stringMatching(/^\+?[\d ]{0,14}$/),
        places,
        fc.constantFrom('IN', 'US', 'DE'),
        (text, at, country) => {
          const caret = Math.min(at, text.length);
          const formatted = readTyped(text, country).text;
          const count = (part: string) => part.replace(/[^\d+]/g, '').length;
          if (count(formatted) !== count(text)) return; // a calling code or prefix that the library moves
          expect(count(formatted.slice(0, caretIn(formatted, text, caret)))).toBe(count(text.slice(0, caret)));
        },
      ),
    );
  });

  test('text that is no number stays as it was typed', () => {
    for (const text of ['anna@example.com', '12 ext. 5', 'abc']) expect(readTyped(text, 'IN').text).toBe(text);
  });

  test('a number that can be none is not sent, and one that looks impossible goes as it is', () => {
    expect(numberToSend('12', 'IN')).toBeUndefined();
    expect(numberToSend('hello', 'IN')).toBeUndefined();
    expect(numberToSend('0000000', 'IN')).toEqual({ phoneNumber: '0000000', defaultCountry: 'IN' });
    expect(numberToSend('+91 98765 43210 ext 5', 'IN')?.phoneNumber).toContain('ext');
    expect(numberToSend('0171 1234567', 'DE')).toEqual({ phoneNumber: '+491711234567' });
  });

  test('the country to begin with is that of the page, of the person, or the first', () => {
    expect(firstCountry(['DE', 'IN'], 'in', ['de-DE'])).toBe('IN');
    expect(firstCountry(['DE', 'IN'], 'US', ['xx', 'hi'])).toBe('IN');
    expect(firstCountry(['DE', 'IN'], null, ['fr', '?'])).toBe('DE');
    expect(countriesIn('in;de').length).toBeGreaterThan(200);
    expect(countriesIn('IN DE,IN')).toEqual(['IN', 'DE']);
  });
});

describe('times', () => {
  const nowMs = Date.parse('2026-11-29T09:00:00Z');
  const verification = {
    ...{ id: 'a', status: 'pending', purpose: 'login', codeLength: 6, attemptsRemaining: 5, delivery: 'accepted' },
    ...{ expiresAt: '2026-11-29T09:05:00Z', resendAvailableAt: '2026-11-29T09:00:30Z' },
  };
  test('a device whose clock is off by hours shows no countdown, and keeps nobody from asking again', () => {
    const seconds = (offMs: number) => secondsUntil(timesOf(verification, nowMs + offMs).resendAtMs, nowMs + offMs);
    expect(seconds(0)).toBe(30);
    expect(seconds(3_600_000)).toBe(0);
    expect(seconds(-3_600_000)).toBe(0);
  });
  test('seconds are spelled as a clock shows them', () => {
    expect([0, 65, 3605].map(spellSeconds)).toEqual(['0:00', '1:05', '1:00:05']);
  });
});

const languages = { ar, de, en, es, fr, hi, pt };
test.each(Object.entries(languages))(
  '%s has a word for each label, with the same places to fill in',
  (name, language) => {
    expect(language.locale).toBe(name);
    expect(language.direction).toBe(name === 'ar' ? 'rtl' : 'ltr');
    const placesIn = (labels: Labels) => Object.entries(labels).map(([key, text]) => [key, text.match(/\{\w+\}/g)]);
    expect(placesIn(language.labels)).toEqual(placesIn(en.labels));
    expect(Object.values(language.labels).filter((text) => text.trim() === '')).toEqual([]);
  },
);

test('plain forms stand for full-width ones, and a plus stays a plus', () => {
  expect(plainDigits('＋９１（０２２）')).toBe('+91(022)');
});
