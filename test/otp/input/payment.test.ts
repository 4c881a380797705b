import fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import { fields } from '../../../lambdas/contract.ts';
import { amountIn, minorDigits, parseAmount, parseCurrency } from '../../../lambdas/otp/input/amount.ts';
import { foldPayee, parsePayee, smsPayee } from '../../../lambdas/otp/input/payee.ts';
import { codeMessage } from '../../../lambdas/otp/record/code.ts';

const amountOf = (text: string, currency: string) => {
  const amount = parseAmount(text);
  return amount.kind === 'parsed' ? amountIn(currency, amount.value) : amount;
};
const payeeOf = (text: string): string => {
  const read = parsePayee(text);
  if (read.kind === 'invalid') throw new Error(`${JSON.stringify(text)}: ${read.detail}`);
  return read.value;
};
const refusalOf = (text: string): string => {
  const read = parsePayee(text);
  return read.kind === 'invalid' ? read.detail : 'taken';
};

describe('an amount', () => {
  test.each([
    ['1499', 'INR', '1499.00'],
    ['1499.0', 'INR', '1499.00'],
    ['1499.00', 'INR', '1499.00'],
    [' 001499.0 ', 'INR', '1499.00'],
    ['१४९९.००', 'INR', '1499.00'],
    ['١٤٩٩٫٥', 'EGP', '1499.50'],
    ['１４９９', 'JPY', '1499'],
    // Many libraries write two digits of every currency.
    ['1499.00', 'JPY', '1499'],
    ['1499.0', 'JPY', '1499'],
    ['1499.000', 'INR', '1499.00'],
    ['1.2340', 'BHD', '1.234'],
    ['0.5', 'USD', '0.50'],
    ['1', 'KWD', '1.000'],
    ['1', 'IQD', '1.000'],
    ['1', 'HUF', '1.00'],
    ['1', 'MGA', '1.00'],
    ['1', 'CLF', '1.0000'],
    ['1', 'XCG', '1.00'],
    ['999999999999.99', 'EUR', '999999999999.99'],
  ])('the amount %s of %s is %s', (text, currency, canonical) => {
    expect(amountOf(text, currency)).toEqual({ kind: 'parsed', value: canonical });
  });

  test.each([
    ['1499.001', 'INR', /INR has 2 digits behind the point.*"1499\.00"/],
    ['1499.5', 'JPY', /JPY has no digits behind the point.*"1499"/],
    ['0', 'INR', /zero/],
    ['0.00', 'INR', /zero/],
    ['00.000', 'INR', /zero/],
    ['1,499.00', 'INR', /no other separator/],
    ['1.499,00', 'INR', /no other separator/],
    ['1 499.00', 'INR', /no other separator/],
    ["1'499.00", 'CHF', /no other separator/],
    ['-1', 'INR', /decimal number/],
    ['+1', 'INR', /decimal number/],
    ['1e3', 'INR', /decimal number/],
    ['1.', 'INR', /decimal number/],
    ['ten', 'INR', /decimal number/],
    ['', 'INR', /decimal number/],
    ['1234567890123', 'INR', /decimal number/],
    ['1'.repeat(8000), 'INR', /decimal number/],
  ])('the amount %.20s of %s is refused with a sentence', (text, currency, sentence) => {
    expect(amountOf(text, currency)).toMatchObject({ kind: 'invalid', detail: expect.stringMatching(sentence) });
  });

  test('amounts of one value have one canonical form, and others have others', () => {
    const cents = fc.bigInt({ min: 1n, max: 99_999_999n });
    const write = (value: bigint, zeros: number): string => {
      const text = String(value).padStart(3, '0');
      const short = `${text.slice(0, -2)}.${text.slice(-2)}`.replace(/\.?0*$/, '');
      return `${'0'.repeat(zeros)}${short}`;
    };
    fc.assert(
      fc.property(cents, cents, fc.nat(4), (a, b, zeros) => {
        const canonical = `${String(a).padStart(3, '0').slice(0, -2)}.${String(a).padStart(3, '0').slice(-2)}`;
        expect(amountOf(write(a, zeros), 'EUR')).toEqual({ kind: 'parsed', value: canonical });
        if (a !== b) expect(amountOf(write(b, zeros), 'EUR')).not.toEqual({ kind: 'parsed', value: canonical });
      }),
    );
  });
});

describe('a currency', () => {
  test.each([['INR'], ['inr'], [' Inr '], ['ＩＮＲ'], ['I\u200bNR']])('the currency %j is read as INR', (text) => {
    expect(parseCurrency(text)).toEqual({ kind: 'parsed', value: 'INR' });
  });
  test.each([
    ['XYZ'],
    ['XXX'],
    ['XTS'],
    ['XAU'],
    ['DEM'],
    ['RUPEES'],
    ['₹'],
    [''],
    ['Rs'],
    ['constructor'],
    ['__proto__'],
  ])('%j is no currency in use', (text) => {
    expect(parseCurrency(text)).toMatchObject({ kind: 'invalid', detail: expect.stringMatching(/such as "INR"/) });
  });
  test('every currency that Intl has digits for and ISO 4217 lists has none to four digits', () => {
    const listed = Intl.supportedValuesOf('currency').filter((code) => minorDigits(code) !== undefined);
    expect(listed.length).toBeGreaterThan(140);
    for (const code of listed) expect([0, 2, 3, 4]).toContain(minorDigits(code));
  });
});

describe('a payee', () => {
  test.each([
    ['José García', 'José García', 'José Garcia'],
    ['McDonald’s', "McDonald's", "McDonald's"],
    ['McDonald`s', "McDonald's", "McDonald's"],
    ['McDonald´s', "McDonald's", "McDonald's"],
    ['  A \u00a0&\tB  Books ', 'A & B Books', 'A & B Books'],
    ['Ａｃｍｅ', 'Acme', 'Acme'],
    ['Coca‑Cola', 'Coca-Cola', 'Coca-Cola'],
    ['Łódź Café', 'Łódź Café', 'Lodz Café'],
    ['Ɗangote Ƙarfi', 'Ɗangote Ƙarfi', 'Dangote Karfi'],
    ['İstanbul Kebapçısı', 'İstanbul Kebapçısı', 'Istanbul Kebapcisi'],
    ['Phở Việt', 'Phở Việt', 'Pho Viet'],
    ['Œuvre', 'Œuvre', 'OEuvre'],
    ['7-Eleven', '7-Eleven', '7-Eleven'],
    ['Straße 24', 'Straße 24', 'Straße 24'],
    ['Jose\u0301', 'José', 'José'],
  ])('the payee %j is %j, and %j in the SMS', (text, payee, sms) => {
    expect(payeeOf(text)).toBe(payee.normalize('NFC'));
    expect(smsPayee(payeeOf(text))).toBe(sms);
  });

  test.each([
    ['Call 5551234567', /Seven digits/],
    ['Call 555 123 4567', /Seven digits/],
    ["Call 555-12&3'4567", /Seven digits/],
    ['Call ٥٥٥١٢٣٤', /Seven digits/],
    ['Call ５５５１２３４', /Seven digits/],
    ['www evil com', /address/],
    ['WWW Shop', /address/],
    ['ｗｗｗ shop', /address/],
    ['w\u200bww shop', /address/],
    ['http://evil', /address/],
    ['evil.com', /address/],
    ['evil．com', /address/],
    ['evil。com', /address/],
    ['evil.co/pay', /address/],
    ['pay@evil', /address/],
    ['Акме', /Latin letters/],
    ['Аcme', /Latin letters/],
    ['小米', /Latin letters/],
    ['Acme\n@evil.com #1', /address/],
    ['Acme 🎁', /1 to 30 letters/],
    ['Acme #1', /1 to 30 letters/],
    ["'Acme", /1 to 30 letters/],
    ['', /1 to 30 letters/],
    ['x'.repeat(31), /1 to 30 letters/],
    ['œ'.repeat(16), /1 to 30 letters/],
    [`e${'\u0301'.repeat(40)}`, /1 to 30 letters/],
    ['\u0301'.repeat(8000), /1 to 30 letters/],
    ['Acme\ud800', /1 to 30 letters/],
    ['Acme\u0000', /1 to 30 letters/],
  ])('the payee %.24j is refused with %s', (text, sentence) => {
    expect(refusalOf(text)).toMatch(sentence);
  });

  const names = fc
    .string({
      unit: fc.oneof(fc.constantFrom(..."aZéíßİıŁœςΣ7 &'’-"), fc.string({ unit: 'grapheme', maxLength: 1 })),
      maxLength: 12,
    })
    .filter((text) => parsePayee(text).kind === 'parsed');

  test('every payee that is taken fits the SMS alphabet and its length, and is taken again as it is', () => {
    fc.assert(
      fc.property(names, (text) => {
        const payee = payeeOf(text);
        expect(smsPayee(payee)).toMatch(new RegExp(fields.payee));
        expect(new SegmentedMessage(smsPayee(payee), 'auto').encodingName).toBe('GSM-7');
        expect(payeeOf(payee)).toBe(payee);
      }),
      { numRuns: 300 },
    );
  });

  test('letter case, kinds of apostrophe and spaces do not matter to what a code is bound to; letters and accents do', () => {
    for (const [a, b] of [
      ['Acme', 'ACME'],
      ['Straße', 'STRASSE'],
      ['İstanbul', 'istanbul'],
      ['ISPARTA', 'ısparta'],
      ['José', 'JOSÉ'],
    ])
      expect(foldPayee(a ?? '')).toBe(foldPayee(b ?? ''));
    for (const [a, b] of [
      ['José', 'Jose'],
      ['Acme', 'Acme 2'],
      ['A & B', 'A B'],
      ['Müller', 'Mueller'],
    ])
      expect(foldPayee(a ?? '')).not.toBe(foldPayee(b ?? ''));
  });

  test('a folded payee stays as it is when it is folded again, and every letter case of it folds to the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        expect(foldPayee(foldPayee(text))).toBe(foldPayee(text));
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(names, (text) => {
        const payee = payeeOf(text);
        expect(foldPayee(payee.toUpperCase())).toBe(foldPayee(payee));
        expect(foldPayee(payee.toLowerCase())).toBe(foldPayee(payee));
      }),
    );
  });

  test('a code is bound to the payment in every spelling of it, and to no other payment', () => {
    const pay = { amount: '1499.00', currency: 'INR', payee: 'José' };
    const message = (transaction: typeof pay) => Buffer.from(codeMessage('a1', '123456', transaction)).toString('hex');
    expect(message({ ...pay, payee: 'JOSÉ' })).toBe(message(pay));
    expect(message({ ...pay, payee: 'Jose' })).not.toBe(message(pay));
    expect(message({ ...pay, amount: '1499.01' })).not.toBe(message(pay));
  });
});
