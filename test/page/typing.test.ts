import fc from 'fast-check';
import type { Locator } from 'playwright-core';
import { expect, test } from 'vitest';
import { personAt } from './person.ts';
import { freshNumber, untilReady, useStage } from './stage.ts';

const { open, stack } = useStage();

const newestCode = (number: string) => /\d{6}/.exec(stack().messages(number)[0]?.text ?? '')?.[0] ?? '';

/** Pastes as a browser does: `maxlength` cuts, which `fill` would not show. */
const paste = async (field: Locator, text: string) => {
  await field.fill('');
  await field.focus();
  await field.page().keyboard.insertText(text);
};

const inScript = (text: string, zero: string): string =>
  text.replace(/\d/g, (digit) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)));

test.each<[string, (code: string) => string]>([
  ['with a space in front', (code) => ` ${code}`],
  ['in two halves', (code) => `${code.slice(0, 3)} ${code.slice(3)}`],
  ['with a dash', (code) => `${code.slice(0, 3)}–${code.slice(3)}`],
  ['digit by digit', (code) => code.split('').join(' - ')],
  ['in Arabic digits', (code) => inScript(code, '٠')],
  ['in Devanagari digits', (code) => inScript(code, '०')],
  ['in full-width digits', (code) => inScript(code, '０')],
  ['with marks of direction', (code) => `\u202a${code}\u202c\u200b`],
])('a code that is pasted %s is approved', async (_, written) => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  await paste(person.code, written(newestCode(number)));
  await person.see('Signature valid');
});

test('a code is approved in every mix of script, spaces, dashes and invisible characters', async () => {
  const page = await open();
  const person = personAt(page);
  const gaps = fc.constantFrom('', ' ', '\u00a0', '-', '–', '\u200b', '\u202c', '\ufeff', '\u00ad');
  const zeros = fc.constantFrom('0', '٠', '۰', '०', '০', '๐', '０');
  await fc.assert(
    fc.asyncProperty(zeros, fc.array(gaps, { minLength: 7, maxLength: 7 }), async (zero, between) => {
      await page.reload();
      await untilReady(page);
      const number = freshNumber();
      await person.askFor(number);
      await person.getsSms(number);
      const digits = [...inScript(newestCode(number), zero)];
      await paste(person.code, `${digits.map((digit, at) => `${between[at]}${digit}`).join('')}${between[6]}`);
      await person.see('Signature valid');
    }),
    { numRuns: 6 },
  );
});

test('a code that is typed on an Arabic keyboard is approved', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  await person.code.pressSequentially(inScript(newestCode(number), '٠'));
  await person.see('Signature valid');
});

test('the keyboard of a phone offers digits and the code of the SMS', async () => {
  const person = personAt(await open());
  await person.askFor(freshNumber());
  const { code } = person;
  expect(await code.getAttribute('inputmode')).toBe('numeric');
  expect(await code.getAttribute('autocomplete')).toBe('one-time-code');
});

test('no field of the page cuts what is pasted into it', async () => {
  const page = await open();
  expect(await page.locator('[maxlength]').count()).toBe(0);
});

test.each<[string, (number: string) => string]>([
  ['as a tel: URI', (number) => `tel:${number.slice(0, 3)}-${number.slice(3, 8)}-${number.slice(8)}`],
  ['in Devanagari digits', (number) => inScript(number, '०')],
  [
    'in Bengali digits with spaces',
    (number) => `${inScript(number.slice(0, 3), '০')} ${inScript(number.slice(3), '০')}`,
  ],
  ['with marks of direction and dashes', (number) => `\u202d${number.slice(0, 8)}‑${number.slice(8)}\u202c`],
  ['with the international prefix', (number) => number.replace('+', '00 ')],
])('a number that is pasted %s gets its SMS', async (_, written) => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await paste(person.phone, written(number));
  await page.keyboard.press('Enter');
  await person.getsSms(number);
});

test('a payment is approved whatever quotes and digits its fields were filled in with', async () => {
  const page = await open();
  const person = personAt(page);
  await person.purpose('Pay');
  await page.getByLabel('Amount').fill('२०.५');
  await paste(page.getByLabel('Currency'), ' eur');
  await paste(page.getByLabel('Payee'), ' José García’s Café ');
  await person.openControls();
  await paste(page.getByLabel('Language of the SMS'), 'es-u-ms-metric');
  await person.askFor(freshNumber());
  await person.bubbles.getByText(/EUR 20\.50 a José Garcia's Café/).waitFor();
  await person.tapNewest();
  await person.see('Signature valid');
});
