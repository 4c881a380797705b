import * as fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import { capacityOf, sizeOf } from '../../lambdas/otp/record/parts.ts';

const basic = '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà\n';
const extension = '^{}\\[~]|€';
const letters = 'çąęłśżğışѝкодаИеінগকোককোউ認証人认验코드인مرحباறகуїüé—。،।';

/** Texts around the lengths at which parts begin and end. */
const texts = (alphabet: readonly string[]) =>
  fc.oneof(
    fc.string({ unit: fc.constantFrom(...alphabet), maxLength: 90 }),
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: 125, maxLength: 170 }),
    fc.string({ unit: fc.constantFrom(...alphabet), minLength: 290, maxLength: 320 }),
  );

const agrees = (text: string) => {
  const { encodingName, segmentsCount } = new SegmentedMessage(text, 'auto');
  expect([sizeOf(text).encoding, sizeOf(text).parts, text]).toEqual([encodingName, segmentsCount, text]);
};

describe('the parts of an SMS', () => {
  test('a text in the SMS alphabet has the parts that another library counts', () => {
    fc.assert(fc.property(texts([...basic, ...extension]), agrees), { numRuns: 500 });
  });
  test('a text outside of it has the parts that another library counts, letter by letter', () => {
    // A letter and its mark are one grapheme to that library, which never cuts one: here, each letter stands for itself.
    fc.assert(fc.property(texts([...basic, ...letters].filter((each) => !/\p{M}/u.test(each))), agrees), {
      numRuns: 500,
    });
  });
  test('a text with surrogate pairs has the parts that another library counts', () => {
    fc.assert(fc.property(texts(['a', 'я', '🔑', '𝔸', '€']), agrees), { numRuns: 500 });
  });
  test('a text of any characters has as many parts as with whole graphemes, or fewer', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        expect(sizeOf(text).parts).toBeLessThanOrEqual(new SegmentedMessage(text, 'auto').segmentsCount);
      }),
      { numRuns: 300 },
    );
  });
});

test.each([
  ['x'.repeat(160), { encoding: 'GSM-7', units: 160, parts: 1 }],
  ['x'.repeat(161), { encoding: 'GSM-7', units: 161, parts: 2 }],
  ['x'.repeat(306), { encoding: 'GSM-7', units: 306, parts: 2 }],
  ['x'.repeat(307), { encoding: 'GSM-7', units: 307, parts: 3 }],
  ['€'.repeat(80), { encoding: 'GSM-7', units: 160, parts: 1 }],
  // 152 and an escaped one: it moves whole, which leaves 153 of the next part.
  [`${'x'.repeat(152)}€${'x'.repeat(152)}`, { encoding: 'GSM-7', units: 306, parts: 3 }],
  ['я'.repeat(70), { encoding: 'UCS-2', units: 70, parts: 1 }],
  ['я'.repeat(71), { encoding: 'UCS-2', units: 71, parts: 2 }],
  ['я'.repeat(134), { encoding: 'UCS-2', units: 134, parts: 2 }],
  ['я'.repeat(135), { encoding: 'UCS-2', units: 135, parts: 3 }],
  // The 67th and 68th unit would be one pair.
  [`${'я'.repeat(66)}🔑${'я'.repeat(66)}`, { encoding: 'UCS-2', units: 134, parts: 3 }],
  [`${'x'.repeat(69)}ó`, { encoding: 'UCS-2', units: 70, parts: 1 }],
  // Outside of GSM-7 nothing is escaped.
  ['€'.repeat(69).concat('я'), { encoding: 'UCS-2', units: 70, parts: 1 }],
  ['', { encoding: 'GSM-7', units: 0, parts: 1 }],
] as const)('%s has the parts that its alphabet gives it', (text, size) => {
  expect(sizeOf(text)).toEqual(size);
});

test('several parts hold less each than one', () => {
  expect([1, 2, 3].map((parts) => capacityOf('GSM-7', parts))).toEqual([160, 306, 459]);
  expect([1, 2, 3].map((parts) => capacityOf('UCS-2', parts))).toEqual([70, 134, 201]);
});
