import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** What a person sees and does at the page, in their words: by label and role, never by id. */
export const personAt = (page: Page) => {
  const button = (name: string | RegExp) => page.getByRole('button', { name });
  const see = (text: string | RegExp) => page.getByText(text).filter({ visible: true }).first().waitFor();
  const code = page.getByLabel('Code', { exact: true });
  const bubbles = page.getByRole('list', { name: 'Messages' }).getByRole('button');
  return {
    button,
    see,
    code,
    bubbles,
    phone: page.getByLabel('Phone number'),
    /** What the API refused, with its code. */
    alert: page.getByRole('alert').filter({ visible: true, hasText: /./ }),
    askFor: async (number: string, purpose?: string) => {
      await page.getByLabel('Phone number').fill(number);
      if (purpose !== undefined) await page.getByLabel('Purpose').selectOption(purpose);
      await button('Send code').click();
    },
    check: async (guess: string) => {
      await code.fill(guess);
      await button('Check code').click();
    },
    /** The handset shows the SMS of this number, which no earlier one went to. */
    getsSms: async (number: string) => {
      await expect.poll(() => page.getByLabel('Messages to').inputValue()).toBe(number);
      await bubbles.first().waitFor();
    },
    tapNewest: async () => {
      await bubbles.last().click();
      await expect.poll(() => code.inputValue()).toMatch(/^\d{6}$/);
    },
    playNetwork: async () => {
      if (!(await page.getByLabel('Fault').isVisible())) await page.getByText('Simulated network').click();
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
