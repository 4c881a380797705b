/** `<otp-form>` on another site, with the service. */

import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { isAt, otherThan } from '../person.ts';
import { freshNumber } from '../stage.ts';
import { oneForm, personAt, useForm } from './form-stage.ts';

const { show, stack, codeFor } = useForm();

/** Moves the clocks of the service and of the device. */
const moveClock = async (page: Page, seconds: number): Promise<void> => {
  stack().clock.advance(seconds * 1000);
  await page.clock.fastForward(seconds * 1000);
};
const withClock = { prepare: (page: Page) => page.clock.install() };

test('a person gets from the number to a proof in the form of the page, which asks nobody but the API', async () => {
  const html = `<form id="outer">${oneForm.replace('<otp-form', '<otp-form name="proof"')}</form>`;
  const { page, calls, elsewhere, errors, told } = await show({ html });
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number.slice(3));
  expect(await isAt(page, person.code)).toBe(true);
  await person.code.pressSequentially(codeFor(number));
  await expect.poll(() => person.status.textContent()).toContain('is verified');
  const proof: unknown = await page.evaluate("new FormData(document.getElementById('outer')).get('proof')");
  expect(proof).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect((await told()).map(({ name }) => name)).toEqual(['otp-sent', 'otp-approved']);
  expect((await told())[1]?.detail).toMatchObject({ proof, purpose: 'login' });
  expect(JSON.parse(calls[0]?.body ?? '')).toEqual({ phoneNumber: number, purpose: 'login', locale: 'en' });
  expect(calls.map(({ path }) => path.replace(/[\w-]{20,}/, 'id'))).toEqual([
    '/v1/verifications',
    '/v1/verifications/id/check',
  ]);
  expect([elsewhere, errors]).toEqual([[], []]);
  const states = await page.evaluate(
    "['pending', 'approved', 'busy'].map((name) => form.matches(':state(' + name + ')'))",
  );
  expect(states).toEqual([false, true, false]);
});

test('a wrong code leaves the person at empty cells with the attempts that are left, and the right one still counts', async () => {
  const { page, told } = await show();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.code.pressSequentially(otherThan(codeFor(number)));
  await expect.poll(() => person.error.textContent()).toBe('That code is not right. Attempts left: 4.');
  expect(await person.code.inputValue()).toBe('');
  expect(await isAt(page, person.code)).toBe(true);
  expect((await told()).at(-1)).toMatchObject({ name: 'otp-problem', detail: { problem: { kind: 'wrong-code' } } });
  await person.code.pressSequentially(codeFor(number));
  await expect.poll(() => person.status.textContent()).toContain('is verified');
});

test('a new code may be asked for when the countdown ends, and the one before it is told from the newest', async () => {
  const { page, calls } = await show(withClock);
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  const first = codeFor(number);
  await expect.poll(() => person.button('Send a new code').isDisabled()).toBe(true);
  await moveClock(page, 32);
  await person.button('Send a new code').click();
  await expect.poll(() => calls.at(-1)?.path).toMatch(/\/resend$/);
  await expect.poll(() => person.button('Send a new code').isDisabled()).toBe(true);
  await person.code.fill(first);
  await expect.poll(() => person.error.textContent()).toContain('That is an older code.');
  await person.code.fill(codeFor(number));
  await expect.poll(() => person.status.textContent()).toContain('is verified');
});

test('the form says that a code has expired without a call, and asks for a fresh one at the same number', async () => {
  const { page, calls } = await show(withClock);
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await moveClock(page, 302);
  await expect.poll(() => person.error.textContent()).toBe('The code has expired. Ask for a new one.');
  expect(calls.length).toBe(1);
  await person.button('Send a new code').click();
  await expect.poll(() => calls.at(-1)?.path).toBe('/v1/verifications');
  await expect.poll(() => person.error.textContent()).toBe('');
  await person.code.fill(codeFor(number));
  await expect.poll(() => person.status.textContent()).toContain('is verified');
});

test('another number makes the code worthless, and leaves the person at the number', async () => {
  const { page, calls, told } = await show();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.button('Change number').click();
  await expect.poll(() => calls.at(-1)?.method).toBe('DELETE');
  expect(await isAt(page, person.number)).toBe(true);
  expect((await person.number.inputValue()).replaceAll(' ', '')).toBe(number);
  expect((await told()).at(-1)?.name).toBe('otp-reset');
  await person.number.fill(freshNumber());
  await person.button('Send code').click();
  await person.cells.first().waitFor();
});

test('a limit names the wait, keeps the number, and goes when the person edits it', async () => {
  const { page } = await show();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.button('Change number').click();
  await person.button('Send code').click();
  await expect
    .poll(() => person.error.textContent())
    .toMatch(/^A code was sent a moment ago. Try again in \d+ seconds\.$/);
  expect(await isAt(page, person.number)).toBe(true);
  await person.number.press('End');
  await person.number.press('Backspace');
  expect(await person.error.textContent()).toBe('');
});
