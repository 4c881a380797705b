import { inspect } from 'node:util';
import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { parseCountry } from '../../lambdas/otp/number/country.ts';
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

describe('a number is read as people of its country write it', () => {
  test.each([
    ['+54 11 2345-6789', undefined, '+5491123456789'],
    ['+54 9 11 2345-6789', undefined, '+5491123456789'],
    ['+54 11 15 2345 6789', undefined, '+5491123456789'],
    ['011 15-2345-6789', 'AR', '+5491123456789'],
    ['11 2345-6789', 'AR', '+5491123456789'],
    ['+52 1 55 1234 5678', undefined, '+525512345678'],
    ['+52 044 55 1234 5678', undefined, '+525512345678'],
    ['045 55 1234 5678', 'MX', '+525512345678'],
    ['1 55 1234 5678', 'MX', '+525512345678'],
    ['55 1234 5678', 'MX', '+525512345678'],
    ['+55 11 8765-4321', undefined, '+5511987654321'],
    ['0 15 11 98765-4321', 'BR', '+5511987654321'],
    ['+39 (0)347 123 4567', undefined, '+393471234567'],
    ['+44 (0)7400 123456', undefined, '+447400123456'],
    ['+49 0151 23456789', undefined, '+4915123456789'],
    ['4915123456789', 'DE', '+4915123456789'],
    ['06 20 123 4567', 'HU', '+36201234567'],
    ['8 (912) 345-67-89', 'RU', '+79123456789'],
    ['+7 8 701 234 56 78', undefined, '+77012345678'],
    ['+56 09 8765 4321', undefined, '+56987654321'],
    ['+998 8 90 123 45 67', undefined, '+998901234567'],
    ['+229 97 12 34 56', undefined, '+2290197123456'],
    ['+91 91 98765 43210', undefined, '+919876543210'],
    ['+351 00351 912 345 678', undefined, '+351912345678'],
    ['00 91 98765 43210', 'US', '+919876543210'],
    ['0091 98765 43210', undefined, '+919876543210'],
  ])('the spelling %s with the country %s is %s', (text, country, e164) => {
    expect(parsed(text, country)?.reveal()).toBe(e164);
  });

  test('numbers of eight digits in Côte d’Ivoire are refused with what to write', () => {
    expect(parsePhone('+225 07 12 34 56')).toMatchObject({ detail: expect.stringMatching(/ten digits.*\+225 07 07/) });
  });

  test('the mobile numbers of all countries are read the same in every usual spelling', () => {
    for (const country of getCountries()) {
      const number = getExampleNumber(country, examples);
      if (number === undefined) continue;
      const { countryCallingCode: code, nationalNumber: digits } = number;
      const spellings: readonly [string, string?][] = [
        [number.number],
        [number.formatInternational()],
        [number.getURI()],
        [`tel:${digits};phone-context=+${code}`],
        [`+${code} ${number.formatNational()}`],
        [`00${code} ${digits}`],
        [`++${code}${digits}`],
        [number.formatNational(), country],
        [digits, country],
        [`${code}${digits}`, country],
      ];
      for (const [text, of] of spellings) expect([text, parsed(text, of)?.reveal()]).toEqual([text, number.number]);
    }
  });

  test('a trunk prefix or a second calling code gives the same number, or one that is none of a mobile', () => {
    for (const country of getCountries()) {
      const number = getExampleNumber(country, examples);
      if (number === undefined) continue;
      const { countryCallingCode: code, nationalNumber: digits } = number;
      for (const text of [`+${code} (0) ${digits}`, `+${code}${code}${digits}`]) {
        const read = parsed(text);
        const isSame = read?.reveal() === number.number;
        expect([text, isSame || !read?.type.includes('mobile')]).toEqual([text, true]);
      }
    }
  });
});

describe('a number is read in the characters of every keyboard', () => {
  test.each([
    ['+९१ ९८७६५ ४३२१०'],
    ['+৯১ ৯৮৭৬৫ ৪৩২১০'],
    ['+٩١ ٩٨٧٦٥ ٤٣٢١٠'],
    ['﹢91–98765—43210'],
    ['+91−98765‑43210'],
    ['[+91] 98765\t43210\n'],
    ['"+91.98765·43210",'],
    ['📞 +91 98765 43210'],
    ['Tel.: +91/98765/43210'],
    ['tel:+91-98765-43210'],
    ['TEL:+91%2098765%2043210;isub=1'],
    ['tel:98765-43210;phone-context=+91'],
    ['tel:%2B919876543210'],
    ['\u200f+91\u00ad98765\u034f43210\ufe0f'],
  ])('the text %j is read as the number', (text) => {
    expect(parsed(text)?.reveal()).toBe('+919876543210');
  });

  test.each([
    ['+1 415 555 CALL', /letters/],
    ['tel:+91-98765-43210;ext=7', /extension/],
    ['+91 98765 43210#5', /extension/],
    ['+919876543210 / +14155552671', /one number/],
    ['tel:%zz', /% sequence/],
    ['+999 1234567890', /calling code/],
    ['+', /no digits/],
    ['*31#9876543210', /a character that numbers do not have/],
    ['tel:7042;phone-context=example.com', /leading \+/],
    ['011 91 98765 43210', /011 becomes the \+/],
    [`+91${'\u0301'.repeat(8000)}`, /too long/],
  ])('the text %.40j is refused for its true reason', (text, reason) => {
    expect(parsePhone(text)).toMatchObject({ kind: 'invalid', detail: expect.stringMatching(reason) });
  });

  test.each([
    ['in', 'IN'],
    [' GB ', 'GB'],
    ['ＵＳ', 'US'],
  ])('the country %j is %s', (text, country) => {
    expect(parseCountry(text)).toEqual({ kind: 'parsed', value: country });
  });
  test.each([
    ['UK', /"GB"/],
    ['el', /"GR"/],
    ['XX', /No country/],
    ['India', /two letters/],
    ['IND', /two letters/],
    ['', /two letters/],
    ['91', /two letters/],
  ])('the country %j is refused with what to write', (text, sentence) => {
    expect(parseCountry(text)).toMatchObject({ kind: 'invalid', detail: expect.stringMatching(sentence) });
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
