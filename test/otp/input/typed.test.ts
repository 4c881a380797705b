import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAmount } from '../../../lambdas/otp/input/amount.ts';
import { parseCode } from '../../../lambdas/otp/input/code.ts';
import { asciiDigits, maxTypedLength, tidied } from '../../../lambdas/otp/input/typed.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';

const every = Array.from({ length: 0x110000 }, (_, point) => point).filter((point) => point < 0xd800 || point > 0xdfff);
const pick = (kind: RegExp) => every.map((point) => String.fromCodePoint(point)).filter((letter) => kind.test(letter));

const digits = pick(/^\p{Nd}$/u);
const zeros = digits.filter((_, index) => index % 10 === 0);
const spaces = pick(/^\s$/u);
const dashes = [...pick(/^\p{Pd}$/u), '\u2212', '\u207b', 'ー', 'ｰ'];
const invisible = pick(/^[\p{Cf}\p{Default_Ignorable_Code_Point}]$/u);

/** The digits in one of the scripts of Unicode. */
const inScript = (text: string, zero: string): string =>
  text.replace(/\d/g, (digit) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)));

const between = fc
  .array(fc.constantFrom(...spaces, ...dashes, ...invisible), { maxLength: 3 })
  .map((all) => all.join(''));
const codes = fc.stringMatching(/^[0-9]{4,10}$/);

describe('a code is read as people type and paste it', () => {
  test('a code is read in the digits of every script that Unicode has', () => {
    expect(zeros.length).toBeGreaterThan(60);
    for (const zero of zeros) expect(parseCode(inScript('0123456789', zero))).toMatchObject({ value: '0123456789' });
  });

  test('a code is read with every kind of space, dash and invisible character around and between its digits', () => {
    for (const one of [...spaces, ...dashes, ...invisible])
      expect(parseCode(`${one}123${one}456${one}`), one.codePointAt(0)?.toString(16)).toMatchObject({
        value: '123456',
      });
    fc.assert(
      fc.property(
        codes,
        fc.constantFrom(...zeros),
        fc.array(between, { minLength: 11, maxLength: 11 }),
        (code, zero, gaps) => {
          const typed = [...inScript(code, zero)].map((digit, index) => `${gaps[index] ?? ''}${digit}`).join('');
          expect(parseCode(`${typed}${gaps[10]}`)).toEqual({ kind: 'parsed', value: code });
        },
      ),
    );
  });

  test.each([
    ['', 'nothing'],
    ['123', 'three digits'],
    ['12345678901', 'eleven digits'],
    ['12a456', 'a letter'],
    ['+12345', 'a plus'],
    ['1e5555', 'an exponent'],
    ['12.3456', 'a point'],
    ['一二三四', 'ideographs, which are no digits'],
    ['\u0301'.repeat(8000), 'kilobytes of combining characters'],
    [' '.repeat(8000), 'kilobytes of spaces'],
    ['\ud800123456', 'half a surrogate pair'],
  ])('the text %j is no code: %s', (text) => {
    expect(parseCode(text)).toMatchObject({
      kind: 'invalid',
      detail: expect.stringMatching(/4 to 10 digits, such as/),
    });
  });

  test('every code that was read is of ASCII digits, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2 * maxTypedLength }), (text) => {
        const read = parseCode(text);
        if (read.kind === 'parsed') expect(read.value).toMatch(/^[0-9]{4,10}$/);
      }),
    );
  });
});

describe('a tidied text', () => {
  test('a tidied text stays as it is when it is tidied again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(tidied(tidied(text))).toBe(tidied(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('digits keep their value in every script', () => {
    for (const [index, digit] of digits.entries()) expect(asciiDigits(digit)).toBe(String(index % 10));
  });
});

describe('what only looks like digits', () => {
  const falseDigits = pick(/^[^\p{Nd}]$/u).filter((each) => /\p{Nd}/u.test(each.normalize('NFKC')));

  test('a superscript, a circled digit or a fraction is a digit of no code, number and amount', () => {
    expect(falseDigits.length).toBeGreaterThan(100);
    expect(falseDigits).toEqual(expect.arrayContaining(['²', '⁶', '₃', '①', '⒈', '½', '㏠']));
    for (const each of falseDigits) {
      expect([each, parseCode(`12${each}345`).kind, parseCode(each.repeat(6)).kind]).toEqual([
        each,
        'invalid',
        'invalid',
      ]);
      expect([each, parseAmount(`5${each}`).kind, parseAmount(each).kind]).toEqual([each, 'invalid', 'invalid']);
      expect([each, parsePhone(`+44791112345${each}`).kind]).toEqual([each, 'invalid']);
    }
  });

  test('the mark of a footnote behind a number is none of its digits', () => {
    const read = parsePhone('+447911123456²');
    expect(read.kind === 'phone' && read.phone.reveal()).toBe('+447911123456');
  });
});
