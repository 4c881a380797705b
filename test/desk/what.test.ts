import { getCountries } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, test } from 'vitest';
import { readWhat } from '../../lambdas/desk/what.ts';
import { parsePhone } from '../../lambdas/otp/number/phone.ts';

const everywhere = getCountries();

describe('a group that staff name', () => {
  test('the range and the prefix of a mobile number are taken in every country that has one', () => {
    const refused: string[] = [];
    for (const country of everywhere) {
      const read = parsePhone(examples[country] ?? '', country);
      if (read.kind === 'invalid') throw new Error(`The example of ${country} is no number.`);
      for (const level of ['range', 'prefix'] as const) {
        const group = read.phone[level];
        const what = readWhat({ [level]: group }, everywhere);
        if (what.kind === 'invalid' || !('of' in what.value) || what.value.of !== group)
          refused.push(`${country} ${group}`);
      }
    }
    expect(refused).toEqual([]);
  });

  test.each(['+1 (415)', '+1 415', '+1-415', '001 415', '+1 (415) xxx xxxx', '+1.415'])(
    'an area code is taken as people write it: %s',
    (prefix) => {
      expect(readWhat({ prefix }, ['US'])).toEqual({
        kind: 'parsed',
        value: { kind: 'prefix', of: '+1415', country: 'US' },
      });
    },
  );

  test.each(['+1 200', '+1 41', '+1 (4155)', '+1 415)('])('no area code is taken for one: %s', (prefix) => {
    expect(readWhat({ prefix }, everywhere).kind).toBe('invalid');
  });

  test.each(['ß', 'ıN', 'İN', '🇮🇳', 'I\u0000N', 'INN', ''])('letters of no code are no country: %j', (country) => {
    expect(readWhat({ country }, everywhere).kind).toBe('invalid');
  });

  test('a number without its calling code is refused, and no field is named that operators do not have', () => {
    const read = readWhat({ number: '098765 43210' }, everywhere);
    expect(read.kind === 'invalid' && read.detail).toMatch(/^Write the number with a leading \+ and its calling code/);
    expect(JSON.stringify(read)).not.toContain('defaultCountry');
  });
});
