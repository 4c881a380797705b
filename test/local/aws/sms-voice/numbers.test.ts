import fc from 'fast-check';
import { getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../../../lambdas/otp/record/parts.ts';
import { basicCountries, countryOf } from '../../../../local/aws/sms-voice/countries.ts';
import { cutOf } from '../../../../local/aws/sms-voice/parts.ts';

/** Territories whose mobile numbers no prefix tells from those of their neighbors. */
const shared: Readonly<Record<string, string>> = {
  ...{ AX: 'FI', BL: 'GP', CC: 'AU', CX: 'AU', EH: 'MA', MF: 'GP', SJ: 'NO', VA: 'IT' },
};

describe('countries and parts', () => {
  test('a number has the country that the numbering plan gives it', () => {
    const found = getCountries().map((country) => {
      const number = getExampleNumber(country, examples)?.number ?? '';
      return [country, countryOf(number)] as const;
    });
    expect(found.length).toBeGreaterThan(200);
    expect(found.filter(([country, own]) => own !== (shared[country] ?? country))).toEqual([]);
  });

  test('a number of no country has none', () => {
    for (const number of ['+2101234567', '+8001234567', '+9991234567', '+']) expect(countryOf(number)).toBeUndefined();
  });

  test('the Basic tier of Notify has thirty countries', () => {
    expect(Object.keys(basicCountries)).toHaveLength(30);
  });

  test('a text is cut into the parts that the service counts', () => {
    const character = fc.oneof(
      fc.constantFrom(...'a@é€^{}[]~|\\\n\f ж中'),
      fc.constantFrom('🙂'),
      fc.integer({ min: 32, max: 126 }).map((code) => String.fromCodePoint(code)),
    );
    const text = fc.array(character, { minLength: 1, maxLength: 500 }).map((all) => all.join(''));
    fc.assert(
      fc.property(text, (sms) => {
        const { encoding, parts } = sizeOf(sms);
        expect(cutOf(sms)).toEqual({ encoding: encoding === 'GSM-7' ? 'GSM' : 'UNICODE', parts });
      }),
    );
  });

  test.each([
    ['a', 160, 1],
    ['a', 161, 2],
    ['€', 80, 1],
    ['€', 81, 2],
    ['ж', 70, 1],
    ['ж', 71, 2],
    ['🙂', 35, 1],
    ['🙂', 67, 3],
  ])('%s, %i times, takes %i parts', (character, count, parts) => {
    expect(cutOf(character.repeat(count)).parts).toBe(parts);
  });
});
