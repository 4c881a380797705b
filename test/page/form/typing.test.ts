/** How people enter numbers and codes. */

import { expect, test } from 'vitest';
import { approval, personAt, problem, useForm, verification } from './form-stage.ts';

const { show } = useForm();
const clipboard = { permissions: ['clipboard-read', 'clipboard-write'] };
const answer = ({ path }: { path: string }) => (path.endsWith('/check') ? approval : verification());
type Caret = { readonly selectionStart: number; readonly setSelectionRange: (from: number, to: number) => void };
const codesIn = (calls: readonly { path: string; body: string | null }[]) =>
  calls.filter(({ path }) => path.endsWith('/check')).map(({ body }) => JSON.parse(body ?? '').code);

test.each([
  ['a code with a space', '123 456'],
  ['a code with a dash and a line break', '123-456\n'],
  ['full-width digits', '１２３４５６'],
  ['Arabic digits', '١٢٣٤٥٦'],
  ['Devanagari digits', '१२३ ४५६'],
  ['the whole message', '123456 is your code for Shop. It is good for 5 minutes.'],
])('%s may be pasted, and is checked once by itself', async (_, text) => {
  const { page, calls, errors } = await show({ answer, context: clipboard });
  const person = personAt(page);
  await person.askFor('98765 43210');
  await person.paste(text);
  await expect.poll(() => person.status.textContent()).toContain('is verified');
  expect(codesIn(calls)).toEqual(['123456']);
  expect(errors).toEqual([]);
});

test('a page fills a code in as autofill does, and before a code was sent that does nothing', async () => {
  const { page, calls } = await show({ answer });
  const person = personAt(page);
  await page.evaluate("form.fill('654321')");
  await person.askFor('98765 43210');
  expect(await person.code.inputValue()).toBe('');
  await page.evaluate("form.fill('123 456')");
  await expect.poll(() => codesIn(calls)).toEqual(['123456']);
});

test('the cells are as many as the digits of the code', async () => {
  const eight = ({ path }: { path: string }) => (path.endsWith('/check') ? approval : verification({ codeLength: 8 }));
  const { page, calls } = await show({ answer: eight });
  const person = personAt(page);
  await person.askFor('98765 43210');
  expect(await person.cells.count()).toBe(8);
  await person.code.pressSequentially('123456');
  expect(codesIn(calls)).toEqual([]);
  await person.button('Verify').click();
  expect(await person.error.textContent()).toBe('Enter all 8 digits of the code.');
  await person.code.pressSequentially('78');
  await expect.poll(() => codesIn(calls)).toEqual(['12345678']);
});

test('a number is formatted while it is typed, and the caret stays behind the same digits', async () => {
  const { page } = await show({ answer });
  const { number, area } = personAt(page);
  await number.pressSequentially('9876543210');
  expect(await number.inputValue()).toBe('98765 43210');
  await number.evaluate((input: Caret) => input.setSelectionRange(3, 3));
  await number.press('Backspace');
  await number.pressSequentially('1');
  expect(await number.inputValue()).toBe('98165 43210');
  expect(await number.evaluate((input: Caret) => input.selectionStart)).toBe(3);
  await number.fill('+49 30 123456');
  expect(await area.getByLabel('Country').inputValue()).toBe('DE');
  await area.getByLabel('Country').selectOption('US');
  await number.fill('2133734253');
  expect(await number.inputValue()).toBe('(213) 373-4253');
});

test.each([
  ['98765 43210', { phoneNumber: '+919876543210' }],
  ['०९८७६५ ४३२१०', { phoneNumber: '+919876543210' }],
  ['+1 213 373 4253', { phoneNumber: '+12133734253' }],
  ['98765', { phoneNumber: '98765', defaultCountry: 'IN' }],
])('the number %j goes to the service as %j', async (typed, sent) => {
  const { page, calls } = await show({ answer: () => problem('invalid-phone-number', 400) });
  const person = personAt(page);
  await person.number.fill(typed);
  await person.number.press('Enter');
  await expect.poll(() => person.error.textContent()).toContain('This phone number cannot exist.');
  expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ ...sent, purpose: 'login', locale: 'en' });
});

test('no number and half a number make no call', async () => {
  const { page, calls } = await show({ answer });
  const person = personAt(page);
  await person.button('Send code').click();
  expect(await person.error.textContent()).toBe('Enter your phone number.');
  await person.number.fill('12');
  await person.button('Send code').click();
  expect(await person.error.textContent()).toContain('This phone number cannot exist.');
  expect(calls.length).toBe(0);
});

test('the picker offers the countries of the page in its order, and all that there are without a list', async () => {
  const html = '<otp-form id="some" countries="DE, in,XX,US"></otp-form><otp-form id="all" lang="de"></otp-form>';
  const { page } = await show({ html, answer });
  const codes = (id: string) =>
    page.locator(`#${id} option`).evaluateAll((options: { value: string }[]) => options.map(({ value }) => value));
  expect(await codes('some')).toEqual(['DE', 'IN', 'US']);
  expect((await codes('all')).length).toBeGreaterThan(200);
  expect(await page.locator('#all option[value="AT"]').textContent()).toContain('Österreich');
});
