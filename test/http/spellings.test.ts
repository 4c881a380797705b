/** What people type and clients send, in all spellings, against the running product. */

import { request } from 'node:http';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { wrongCode } from '../fakes/world.ts';
import { type Client, clientOf, freshNumber, openStack, wordOf } from './client.ts';

let stack: LocalStack;
let app: Client;
beforeAll(async () => {
  stack = await openStack(inject('bundles'));
  app = clientOf(stack);
});
afterAll(() => stack.stop());

const zeros = ['0', '٠', '۰', '०', '০', '೦', '๐', '０', '𝟎'];
const inScript = (text: string, zero: string): string =>
  text.replace(/\d/g, (digit) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)));
const gaps = fc
  .array(fc.constantFrom(' ', '\u00a0', '\t', '\n', '-', '–', '−', '\u200b', '\u202c', '\ufeff', '\u00ad'), {
    maxLength: 2,
  })
  .map((all) => all.join(''));
const spelled = (text: string, zero: string, between: readonly string[]): string =>
  [...inScript(text, zero)].map((letter, index) => `${between[index % between.length] ?? ''}${letter}`).join('');
const spellings = fc.record({
  zero: fc.constantFrom(...zeros),
  between: fc.array(gaps, { minLength: 1, maxLength: 5 }),
});

describe('the right code is right however it is typed', () => {
  test('a code with digits of any script, spaces, dashes and invisible characters is approved', async () => {
    await fc.assert(
      fc.asyncProperty(spellings, async ({ zero, between }) => {
        const { id, code } = await app.requested(freshNumber());
        const answer = await app.check(id, { code: `${spelled(code, zero, between)} ` });
        expect([answer.text, answer.body['status']]).toEqual([answer.text, 'approved']);
      }),
      { numRuns: 25 },
    );
  });

  test('a repeat in another spelling, with the same key, is the same check', async () => {
    const { id, code } = await app.requested(freshNumber());
    const headers = { 'idempotency-key': `key-${id}` };
    const first = await app.check(id, { code }, headers);
    const again = await app.check(id, { code: ` ${code.slice(0, 3)}-${inScript(code.slice(3), '०')}` }, headers);
    expect([first.body['status'], again.body['status']]).toEqual(['approved', 'approved']);
    expect(decodeJwt(String(again.body['proof']))).toEqual(decodeJwt(String(first.body['proof'])));
  });

  test('a wrong code costs one attempt in every spelling', async () => {
    const { id, code } = await app.requested(freshNumber());
    expect((await app.check(id, { code: inScript(wrongCode(code), '٠') })).body).toMatchObject({
      attemptsRemaining: 4,
    });
  });
});

describe('a number is one number however it is written', () => {
  test('a second request in any spelling waits for the cooldown of the first', async () => {
    const kinds = [
      (number: string) => number,
      (number: string) => `tel:${number.replace(/^(\+\d\d)(\d{5})/, '$1-$2-')}`,
      (number: string) => `TEL:${encodeURIComponent(number)};isub=1`,
      (number: string) => number.replace('+', '00'),
      (number: string) => `(${number.slice(0, 3)}) (0) ${number.slice(3, 8)}/${number.slice(8)}.`,
      (number: string) => `“${number}”`,
    ];
    await fc.assert(
      fc.asyncProperty(spellings, fc.constantFrom(...kinds), async ({ zero, between }, kind) => {
        const number = freshNumber();
        const other = /^t/i.test(kind(number)) ? kind(number) : spelled(kind(number), zero, between);
        fc.pre([...other].length <= 64);
        await app.requested(number);
        const answer = await app.request({ phoneNumber: other });
        expect([other, wordOf(answer)]).toEqual([other, 'resend-too-soon']);
      }),
      { numRuns: 25 },
    );
  });

  test.each([
    ['+91 98765 43210 ext. 5', /extension/],
    ['tel:+919876543210;ext=5', /extension/],
    ['+1 415 555 CALL', /letters/],
    ['+919876543210, +14155552671', /one number/],
    ['+999 123456789', /calling code/],
    ['9876543210', /defaultCountry/],
    ['+91 98765', /too short.*IN is written like \+91/],
  ])('the number %s is refused with its true reason', async (phoneNumber, reason) => {
    const answer = await app.request({ phoneNumber });
    expect(wordOf(answer)).toBe('invalid-phone-number');
    expect(answer.body['detail']).toMatch(reason);
  });

  test('the country of a national number may be in small letters, and a mistaken one is named', async () => {
    const national = freshNumber().slice(3);
    expect((await app.request({ phoneNumber: national, defaultCountry: ' in ' })).status).toBe(201);
    const answer = await app.request({ phoneNumber: '07400 123456', defaultCountry: 'UK' });
    expect(answer.body).toMatchObject({
      code: 'invalid-request',
      errors: [{ pointer: '/defaultCountry', detail: expect.stringContaining('"GB"') }],
    });
  });
});

describe('a locale is a hint', () => {
  const german = /ist Ihr/;
  test.each([['de'], ['de_DE'], ['de_AT.UTF-8@euro'], ['de-u-ms-metric'], ['DEU-x-1'], ['de-Latn-1996-!']])(
    'the SMS is in German for the locale %s',
    async (locale) => {
      const number = freshNumber();
      await app.requested(number, { locale });
      expect(stack.messages(number)[0]?.text).toMatch(german);
    },
  );

  test('no text in the place of a locale stops the SMS', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom(
        '',
        'C',
        'x'.repeat(7000),
        '\u0301'.repeat(3000),
        'en-'.repeat(2000),
        '\ud800',
        'zh_Hans_CN',
        '*',
      ),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (locale) => {
        expect((await app.request({ phoneNumber: freshNumber(), locale })).status).toBe(201);
      }),
      { numRuns: 40 },
    );
  });
});

describe('a payment is one payment however it is written', () => {
  const asked = { amount: '1499', currency: 'inr', payee: 'José’s  Café' };
  const payment = (transaction: unknown) => ({ purpose: 'transaction', transaction });

  test.each([
    [{ amount: '1499.00', currency: 'INR', payee: "JOSÉ'S CAFÉ" }],
    [{ amount: '01499.0', currency: 'Inr', payee: 'Jose\u0301\u2019s Cafe\u0301 ' }],
    [{ amount: '१४९९', currency: 'INR', payee: 'josé‘s\u00a0café' }],
  ])('the check %j is of the payment that was asked for', async (transaction) => {
    const number = freshNumber();
    const { id, code } = await app.requested(number, payment(asked));
    expect(stack.messages(number)[0]?.text).toContain("INR 1499.00 to José's Café");
    const answer = await app.check(id, { code, transaction });
    expect(answer.body['status']).toBe('approved');
    expect(decodeJwt(String(answer.body['proof']))['transaction']).toEqual({
      amount: '1499.00',
      currency: 'INR',
      payee: "José's Café",
    });
  });

  test('a payment is approved in every spelling of its amount, currency and payee, and in no other amount', async () => {
    const payments = fc.record({
      whole: fc.integer({ min: 1, max: 999_999 }),
      minor: fc.integer({ min: 0, max: 99 }),
      currency: fc.constantFrom('INR', 'EUR', 'USD', 'GBP'),
      payee: fc.constantFrom("O'Brien & Søn", 'José García', 'A-B Books', 'Straße 7'),
      zero: fc.constantFrom(...zeros),
      apostrophe: fc.constantFrom("'", '’', '‘', '＇'),
      dash: fc.constantFrom('-', '–', '‑', '−'),
      space: fc.constantFrom(' ', '\u00a0', '  ', '\t', ' \u200b'),
      isLoud: fc.boolean(),
      isDecomposed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(payments, async ({ whole, minor, currency, payee, isLoud, isDecomposed, ...by }) => {
        const amount = `${whole}.${String(minor).padStart(2, '0')}`;
        const { id, code } = await app.requested(freshNumber(), payment({ amount, currency, payee }));
        const written = payee.replaceAll("'", by.apostrophe).replaceAll('-', by.dash).replaceAll(' ', by.space);
        const cased = isLoud ? written.toUpperCase() : written;
        const other = {
          amount: inScript(`00${amount.replace(/\.?0+$/, '')}`, by.zero),
          currency: isLoud ? currency : currency.toLowerCase(),
          payee: isDecomposed ? cased.normalize('NFD') : cased,
        };
        const more = { ...other, amount: `${whole + 1}` };
        expect(wordOf(await app.check(id, { code, transaction: more }))).toBe('pending');
        const answer = await app.check(id, { code, transaction: other });
        expect([other, wordOf(answer)]).toEqual([other, 'approved']);
      }),
      { numRuns: 25 },
    );
  });

  test('another amount, currency or payee is another payment', async () => {
    const { id, code } = await app.requested(freshNumber(), payment(asked));
    const others = [{ amount: '1499.01' }, { currency: 'USD' }, { payee: 'Joses Café' }, { payee: "Jose's Cafe" }];
    for (const other of others)
      expect(wordOf(await app.check(id, { code, transaction: { ...asked, ...other } }))).toBe('pending');
    expect(wordOf(await app.check(id, { code, transaction: asked }))).toBe('approved');
  });

  test('a letter that the SMS alphabet lacks is sent as its base letter, and stays in the proof', async () => {
    const number = freshNumber();
    const transaction = { amount: '5', currency: 'EUR', payee: 'José García Łódź' };
    const { id, code } = await app.requested(number, payment(transaction));
    expect(stack.messages(number)[0]?.text).toContain('José Garcia Lodz');
    const { body } = await app.check(id, { code, transaction });
    expect(decodeJwt(String(body['proof']))['transaction']).toMatchObject({ payee: 'José García Łódź' });
  });

  test('a repeat with the same key in another spelling is the same request', async () => {
    const phoneNumber = freshNumber();
    const headers = { 'idempotency-key': `spelled-${phoneNumber}` };
    const first = await app.request({ phoneNumber, locale: 'de_DE', ...payment(asked) }, headers);
    const again = await app.request(
      {
        phoneNumber: phoneNumber.replace('+', '00'),
        defaultCountry: null,
        appHash: null,
        locale: 'de-DE-u-ms-metric',
        ...payment({ amount: '1499.00', currency: 'INR', payee: "JOSÉ'S CAFÉ" }),
      },
      headers,
    );
    expect([first.status, again.status, again.body['id']]).toEqual([201, 201, first.body['id']]);
    expect(stack.messages(phoneNumber)).toHaveLength(1);
  });
});

describe('small manners', () => {
  test('null for an optional field is as if it were absent', async () => {
    const nothing = {
      defaultCountry: null,
      purpose: null,
      locale: null,
      transaction: null,
      appHash: null,
      origin: null,
    };
    const number = freshNumber();
    const answer = await app.request({ phoneNumber: number, ...nothing });
    expect(answer.body).toMatchObject({ status: 'pending', purpose: 'verify-number' });
    const code = app.lastCode(number);
    expect(wordOf(await app.check(String(answer.body['id']), { code, transaction: null }))).toBe('approved');
  });

  /** `fetch` would join the two headers. */
  const withKeys = (phoneNumber: string, keys: readonly string[]): Promise<number> =>
    new Promise((resolve, reject) => {
      const headers = { 'x-api-key': stack.apiKey, 'content-type': 'application/json', 'idempotency-key': [...keys] };
      const sent = request(`${stack.url}/v1/verifications`, { method: 'POST', headers }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      sent.on('error', reject);
      sent.end(JSON.stringify({ phoneNumber }));
    });

  test('two different keys in one request are refused, and the same one twice is one key', async () => {
    const [one, other] = ['0123456789abcdef', 'fedcba9876543210'];
    expect(await withKeys(freshNumber(), [one, other])).toBe(400);
    expect(await withKeys(freshNumber(), [`${one}, ${other}`])).toBe(400);
    const number = freshNumber();
    expect(await withKeys(number, [one, `"${one}"`])).toBe(201);
    expect(await withKeys(number, [`${one}, ${one}`])).toBe(201);
    expect(stack.messages(number)).toHaveLength(1);
  });
});
