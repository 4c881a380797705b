import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { violations } from './looks/axe.ts';
import { otherThan, personAt } from './person.ts';
import { freshNumber, useStage, viewports } from './stage.ts';

const { open, stack } = useStage();

const newestCode = (number: string) => /\d{6}/.exec(stack().messages(number)[0]?.text ?? '')?.[0] ?? '';

const looks = Object.entries(viewports).flatMap(([device, viewport]) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ device, viewport, colorScheme })),
);

describe.each(looks)('on a $device, in $colorScheme', ({ viewport, colorScheme }) => {
  // Reduced motion: a color on its way to another has no contrast that could be judged.
  const options = { viewport, colorScheme, reducedMotion: 'reduce', bypassCSP: true } as const;

  test('axe finds nothing wrong on the way to a proof', async () => {
    const page = await open(options);
    const person = personAt(page);
    expect(await violations(page), 'at the start').toEqual([]);

    await person.openControls();
    await person.purpose('Pay');
    await page.getByRole('link', { name: 'In your code' }).click();
    expect(await violations(page), 'with all unfolded').toEqual([]);

    await page.getByLabel('Android app hash').fill('?');
    await person.askFor(freshNumber());
    await person.see('400 invalid-request');
    expect(await violations(page), 'with a refused call').toEqual([]);

    await page.getByLabel('Android app hash').fill('FA+9qCX9VSu');
    const number = freshNumber();
    await person.askFor(number);
    await person.getsSms(number);
    expect(await violations(page), 'with an SMS').toEqual([]);

    await person.check(otherThan(newestCode(number)));
    await person.see('Attempts left: 4.');
    expect(await violations(page), 'after a wrong code').toEqual([]);

    await person.tapNewest();
    await person.see('Signature valid');
    await page.getByText('The proof and its claims').click();
    expect(await violations(page), 'with a proof').toEqual([]);
  });

  test('axe finds nothing wrong where things go wrong', async () => {
    const page = await open(options);
    const person = personAt(page);
    const number = freshNumber();
    await person.openControls();
    await person.breakNetwork('reset-after-accept');
    await person.askFor(number);
    await person.see('It may take a while.');
    expect(await violations(page), 'unconfirmed').toEqual([]);

    await person.moveClock('+30 seconds');
    await expect.poll(() => person.button('Send a new code').isEnabled()).toBe(true);
    expect(await violations(page), 'with a resend').toEqual([]);

    await person.button('Change number').click();
    await person.askFor(number);
    await person.code.waitFor();
    await person.button('Change number').click();
    await person.askFor(number);
    await person.see('429 resend-too-soon');
    expect(await violations(page), 'too soon').toEqual([]);

    await person.moveClock('+5 minutes');
    await person.button('Send code').click();
    await person.code.waitFor();
    await person.moveClock('+5 minutes');
    await person.see('The code has expired.');
    expect(await violations(page), 'expired').toEqual([]);
  });
});

test('everything is there at a zoom of 200%, and nothing needs to be scrolled sideways', async () => {
  // A window of 1280 pixels at 200% has 640 of CSS.
  const page = await open({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 });
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  await person.bubbles.last().scrollIntoViewIfNeeded();
  await person.tapNewest();
  await person.see('Signature valid');
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(640);
});

test('forced colors keep the borders of the phone, its messages and its keys', async () => {
  const page = await open({ forcedColors: 'active' });
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  const borderOf = (selector: string) =>
    page.evaluate(`getComputedStyle(document.querySelector(${JSON.stringify(selector)})).borderTopStyle`);
  expect(await borderOf('.device')).toBe('solid');
  expect(await borderOf('.bubble')).toBe('solid');
  await person.tapNewest();
  await person.see('Signature valid');
});

test('motion is for those who want it', async () => {
  const animationOf = async (reducedMotion: 'reduce' | 'no-preference') => {
    const page = await open({ reducedMotion });
    const person = personAt(page);
    const number = freshNumber();
    await person.askFor(number);
    await person.getsSms(number);
    return await page.evaluate('getComputedStyle(document.querySelector("#messages li")).animationName');
  };
  expect(await animationOf('reduce')).toBe('none');
  expect(await animationOf('no-preference')).toBe('arrive');
});

test('every change is announced once, in its place', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  const statusIn = (region: string) => page.getByRole('region', { name: region }).getByRole('status');
  await person.askFor(number);
  await statusIn('Your app').getByText('We sent a code to').waitFor();
  await statusIn('The phone').getByText('New SMS: ').waitFor();
  await person.tapNewest();
  await statusIn('The phone').getByText('The code is filled in.').waitFor();
  await statusIn('Your app').getByText('Approved.').waitFor();
});

test('the page says that it is busy until it listens', async () => {
  const held = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<Page>();
  const opened = open({}, async (fresh) => {
    await fresh.route('**/_local/settings', async (route) => {
      await held.promise;
      await route.continue();
    });
    seen.resolve(fresh);
  });
  await (await seen.promise).locator('main[aria-busy="true"]').waitFor();
  held.resolve();
  const page = await opened;
  expect(await page.getByRole('main').getAttribute('aria-busy')).toBe('false');
});
