/** For everybody: screen readers, keyboards, languages, themes, and phones that read the SMS. */

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { isAt, tabTo } from '../person.ts';
import { viewports } from '../stage.ts';
import { approval, type Call, personAt, problem, useForm, verification } from './form-stage.ts';

const { show } = useForm();
const isCheck = ({ path }: Call): boolean => path.endsWith('/check');
const answer = (call: Call) => (isCheck(call) ? approval : verification());
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const style = ':root { color-scheme: light dark; font-family: sans-serif; background: light-dark(#fff, #10131a) }';
const htmlIn = (lang: string) => `<otp-form id="form" lang="${lang}" countries="IN,US"></otp-form>`;

const styleOf = (place: Locator, name: string): Promise<string> =>
  place.evaluate((element, property) => {
    const { getComputedStyle } = globalThis as unknown as { getComputedStyle: (of: unknown) => Record<string, string> };
    return getComputedStyle(element)[property] ?? '';
  }, name);

const violationsAt = async (page: Page): Promise<readonly string[]> => {
  await page.evaluate(axe);
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
};

test.each([
  ['light', 'en', 'desktop'],
  ['dark', 'en', 'phone'],
  ['light', 'ar', 'phone'],
  ['dark', 'ar', 'desktop'],
] as const)('axe finds no fault in the %s theme in %s on a %s, at no step', async (colorScheme, lang, size) => {
  const context = { colorScheme, viewport: viewports[size], reducedMotion: 'reduce' as const, bypassCSP: true };
  const wrongOnce = (call: Call, count: number) =>
    isCheck(call) && count < 3
      ? { status: 200, body: { status: 'pending', attemptsRemaining: 4, expiresAt: 'soon' } }
      : answer(call);
  const { page } = await show({ html: htmlIn(lang), style, context, answer: wrongOnce });
  const input = page.locator('otp-form input:visible');
  const main = page.locator('otp-form button:visible').last();
  await main.click();
  expect(await violationsAt(page)).toEqual([]);
  await input.fill('98765 43210');
  await main.click();
  await page.locator('otp-form .cell').first().waitFor();
  expect(await violationsAt(page)).toEqual([]);
  await input.fill('111111');
  await expect.poll(() => page.locator('otp-form [aria-live]').textContent()).not.toBe('');
  expect(await violationsAt(page)).toEqual([]);
  const wide: number = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  expect(wide).toBeLessThanOrEqual(0);
  await input.fill('123456');
  await page.locator('otp-form:state(approved)').waitFor();
  expect(await violationsAt(page)).toEqual([]);
});

test('the keyboard alone gets from the number to the proof, and Enter does not submit the form of the page', async () => {
  const html = `<form action="/elsewhere">${htmlIn('en')}</form>`;
  const { page } = await show({ html, answer });
  const person = personAt(page);
  await tabTo(page, person.area.getByLabel('Country'));
  await page.keyboard.press('u');
  await tabTo(page, person.number);
  await page.keyboard.type('2133734253');
  await page.keyboard.press('Enter');
  await person.code.filter({ visible: true }).waitFor();
  expect(await isAt(page, person.code)).toBe(true);
  await page.keyboard.type('123456');
  await page.locator('otp-form:state(approved)').waitFor();
  await expect.poll(() => isAt(page, person.status)).toBe(true);
  expect(new URL(page.url()).pathname).toBe('/');
});

test('an error belongs to its input, and is spoken', async () => {
  const { page } = await show({
    answer: () => problem('too-many-requests', 429, { limit: 'ip' }, { 'retry-after': '240' }),
  });
  const person = personAt(page);
  await person.number.fill('98765 43210');
  await person.button('Send code').click();
  await expect.poll(() => person.error.textContent()).toBe('There were too many tries. Try again in 4 minutes.');
  expect(await person.number.getAttribute('aria-invalid')).toBe('true');
  expect(await person.number.getAttribute('aria-describedby')).toBe(await person.error.getAttribute('id'));
  expect(await isAt(page, person.number)).toBe(true);
  expect(await person.status.getAttribute('role')).toBe('status');
});

test('the form takes the keyboard from nobody who is elsewhere in the page', async () => {
  const { page } = await show({ html: `${htmlIn('en')}<input id="other">`, answer });
  const person = personAt(page);
  await person.number.fill('98765 43210');
  await page.evaluate("form.shadowRoot.querySelector('.main').click(); other.focus()");
  await person.code.filter({ visible: true }).waitFor();
  expect(await isAt(page, page.locator('#other'))).toBe(true);
});

test.each([
  ['en', 'Send code', 'ltr'],
  ['hi', 'कोड भेजें', 'ltr'],
  ['es-MX', 'Enviar código', 'ltr'],
  ['fr', 'Envoyer le code', 'ltr'],
  ['de-AT', 'Code senden', 'ltr'],
  ['pt', 'Enviar código', 'ltr'],
  ['ar', 'إرسال الرمز', 'rtl'],
  ['fi', 'Send code', 'ltr'],
])('the form speaks %s', async (lang, label, direction) => {
  const { page, calls } = await show({ html: htmlIn(lang), answer });
  const send = page.locator('otp-form').getByRole('button', { name: label });
  expect(await styleOf(send, 'direction')).toBe(direction);
  await page.locator('otp-form input:visible').fill('98765 43210');
  await send.click();
  await expect.poll(() => calls.length).toBe(1);
  expect(JSON.parse(calls[0]?.body ?? '').locale).toBe(lang);
});

test('forced colors and the styles of the page leave the form readable', async () => {
  const hostile =
    'input { padding: 40px; border: 9px solid red; width: 20px; opacity: 1; color: red } label { display: none }';
  const { page } = await show({ html: htmlIn('en'), style: hostile, answer, context: { forcedColors: 'active' } });
  const person = personAt(page);
  await person.askFor('98765 43210');
  const [cells, input] = [await person.area.locator('.cells').boundingBox(), await person.code.boundingBox()];
  expect(input).toEqual(cells);
  expect(await person.area.getByText('Code', { exact: true }).isVisible()).toBe(true);
});

test('colors, corners and font come from the page', async () => {
  const own =
    'otp-form { --otp-accent: rgb(200, 0, 90); --otp-radius: 0px } otp-form::part(cell) { border-style: dashed }';
  const { page } = await show({ html: htmlIn('en'), style: own, answer });
  const person = personAt(page);
  expect(await styleOf(person.button('Send code'), 'background-color')).toBe('rgb(200, 0, 90)');
  await person.askFor('98765 43210');
  expect(await styleOf(person.cells.first(), 'border-style')).toBe('dashed');
  expect(await styleOf(person.cells.first(), 'border-radius')).toBe('0px');
});

/** A browser that reads SMS. The code comes when the test says so. */
const readsSms = `globalThis.OTPCredential = class {};
navigator.credentials.get = (options) => new Promise((resolve, reject) => {
  globalThis.waiting = options;
  globalThis.arrive = (code) => resolve({ code });
  options.signal.addEventListener('abort', () => reject(options.signal.reason));
});`;
const readSms = async (page: Page): Promise<void> => void (await page.addInitScript(readsSms));

test('WebOTP fills the code in, and ends when the person is faster or leaves', async () => {
  const html = '<otp-form id="form" countries="IN" origin></otp-form>';
  const { page, calls } = await show({ html, answer, prepare: readSms });
  const person = personAt(page);
  await person.askFor('98765 43210');
  expect(JSON.parse(calls[0]?.body ?? '').origin).toBe('https://shop.example');
  expect(await page.evaluate('waiting.otp')).toEqual({ transport: ['sms'] });
  await page.evaluate("arrive('123456')");
  await page.locator('otp-form:state(approved)').waitFor();
  await page.evaluate('form.reset()');
  await person.askFor('98765 43210');
  await page.evaluate('form.remove()');
  expect(await page.evaluate('waiting.signal.aborted')).toBe(true);
  const typed = await show({ html, answer, prepare: readSms });
  await personAt(typed.page).askFor('98765 43210');
  await personAt(typed.page).code.fill('123456');
  await typed.page.locator('otp-form:state(approved)').waitFor();
  expect(await typed.page.evaluate('waiting.signal.aborted')).toBe(true);
});
