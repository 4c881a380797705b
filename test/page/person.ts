import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** What a person sees and does at the page, in their words: by label and role, never by id. */
export const personAt = (page: Page) => {
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const see = (text: string | RegExp) => page.getByText(text).filter({ visible: true }).first().waitFor();
  const code = page.getByRole('textbox', { name: 'Code', exact: true });
  const phone = page.getByRole('textbox', { name: 'Phone number' });
  const bubbles = page.getByRole('list', { name: 'Messages' }).getByRole('button');
  const purpose = (name: string) => page.getByRole('radio', { name }).check();
  return {
    button,
    see,
    code,
    bubbles,
    phone,
    purpose,
    /** The calls of the app to the API, oldest first, each with its method, path and answer. */
    calls: page.getByRole('list', { name: 'Calls of the app to the API' }).getByRole('listitem'),
    /** The error that the form shows. */
    error: page.locator('otp-form [slot=error]'),
    askFor: async (number: string) => {
      await phone.fill(number);
      await button('Send code').click();
    },
    /** The form checks a code by itself as soon as its last digit is in. */
    check: (guess: string) => code.fill(guess),
    /** The handset shows the SMS of this number, which no earlier one went to. */
    getsSms: async (number: string) => {
      await expect.poll(() => page.getByLabel('Messages to').inputValue()).toBe(number);
      await bubbles.first().waitFor();
    },
    /** The code is filled in, and checked. */
    tapNewest: () => bubbles.last().click(),
    openControls: async () => {
      if (!(await page.getByLabel('Fault').isVisible())) await page.getByText('Controls of local mode').click();
    },
    moveClock: (by: string) => button(by).click(),
    breakNetwork: async (mode: string) => {
      await page.getByLabel('Fault').selectOption(mode);
      await button('Break it').click();
      await see(/^For the next/);
    },
  };
};

/** A code that is surely not this one. */
export const otherThan = (code: string): string => `${(Number(code[0]) + 1) % 10}${code.slice(1)}`;

/** Whether the keyboard is there. */
export const isAt = async (page: Page, target: Locator): Promise<boolean> =>
  (await target.and(page.locator(':focus')).count()) === 1;

/** Presses Tab until the keyboard is there. */
export const tabTo = async (page: Page, target: Locator): Promise<void> => {
  for (let presses = 0; presses < 60; presses += 1) {
    if (await isAt(page, target)) return;
    await page.keyboard.press('Tab');
  }
  expect.fail('The keyboard does not get there.');
};
