import { inspect } from 'node:util';
import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { parsePhone } from '../../lambdas/otp/number/phone.ts';

const parsed = (text: string, country?: string) => {
  const outcome = parsePhone(text, country);
  return outcome.kind === 'phone' ? outcome.phone : undefined;
};

describe('every spelling of a number ends as one number', () => {
  test.each([
    ['+919876543210'],
    ['+91 98765 43210'],
    ['+91-98765-43210'],
    ['+91 (0) 98765 43210'],
    ['(+91) 98765.43210'],
    [' +91 98765 43210 '],
    ['＋９１９８７６５４３２１０'],
    ['\u202a+91\u00a098765\u200b43210\u202c'],
    ['09876543210', 'IN'],
    ['98765 43210', 'IN'],
    ['0091 98765 43210', 'GB'],
    ['011 91 98765 43210', 'US'],
  ])('the spelling %s is read as the same number', (text, country?: string) => {
    expect(parsed(text, country)?.reveal()).toBe('+919876543210');
  });

  test('a number is read the same whatever separators stand between its digits', () => {
    const separators = fc.constantFrom('', ' ', '-', '.', '\u00a0', '\u2010', '\u2013', '(', ')');
    fc.assert(
      fc.property(fc.array(separators, { minLength: 10, maxLength: 10 }), (between) => {
        const digits = '9876543210'.split('').map((digit, index) => digit + (index < 9 ? (between[index] ?? '') : ''));
        const number = parsed(`+91 ${digits.join('')}`);
        expect(number === undefined || number.reveal() === '+919876543210').toBe(true);
      }),
    );
  });
});

describe('a text that is no number differs from a number that gets no SMS', () => {
  test.each([
    ['', undefined, /leading \+/],
    ['hello', undefined, /leading \+/],
    ['9876543210', undefined, /defaultCountry/],
    ['+12345', undefined, /No carrier|too short/],
    ['+91987654321098765', undefined, /too long for its country/],
    ['+911860123456', undefined, /No carrier/],
    ['+91 98765 43210 ext. 5', undefined, /extension/],
    ['+9998765432100', undefined, /./],
    ["'; DROP TABLE phones; --", 'IN', /./],
  ])('the text %j with the country %s is refused with %s', (text, country, sentence) => {
    const outcome = parsePhone(text, country);
    expect(outcome).toMatchObject({ kind: 'invalid', detail: expect.stringMatching(sentence) });
  });

  test.each([
    ['+919876543210', 'IN', 'mobile'],
    ['+14155552671', 'US', 'fixed-line-or-mobile'],
    ['+16135550123', 'CA', 'fixed-line-or-mobile'],
    ['+447400123456', 'GB', 'mobile'],
    ['+447797712345', 'JE', 'mobile'],
    ['+442079460958', 'GB', 'landline'],
    ['+449098790000', 'GB', 'premium'],
    ['+19005551234', 'US', 'premium'],
    ['+18005551234', 'US', 'other'],
    ['+883510001234567', '001', 'other'],
  ])('%s is a number of %s and of the type %s', (text, country, type) => {
    expect(parsed(text)).toMatchObject({ country, type });
  });
});

describe('a number is never whole where it could be read', () => {
  const phone = parsed('+919876543210');

  test('a number prints, joins and serializes as [redacted]', () => {
    expect(JSON.stringify({ phone })).not.toMatch(/43210|3210/);
    expect(`${phone}${inspect({ deep: { phone } }, { depth: 9, showHidden: true })}`).not.toContain('3210');
    expect(String(phone)).toBe('[redacted]');
  });

  test('the range leaves out the last four digits, and the mask shows no more than them', () => {
    expect(phone?.range).toBe('+91987654');
    expect(phone?.prefix).toBe('+919876');
    expect(phone?.masked()).toBe('+91••••••3210');
  });

  test('the prefix is part of the range in every country, and the range is the number less four digits', () => {
    for (const country of getCountries()) {
      const example = getExampleNumber(country, examples);
      const number = example === undefined ? undefined : parsed(example.number);
      if (number === undefined) continue;
      expect(number.range).toBe(number.reveal().slice(0, -4));
      expect(number.range.startsWith(number.prefix)).toBe(true);
    }
  });
});

test('no text makes the parser throw', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 64 }),
    fc.string({ maxLength: 64 }).map((t) => `+${t}`),
  );
  fc.assert(
    fc.property(texts, fc.option(fc.constantFrom('IN', 'US', 'ZZ', '__'), { nil: undefined }), (text, country) => {
      expect(['phone', 'invalid']).toContain(parsePhone(text, country).kind);
    }),
    { numRuns: 500 },
  );
});
