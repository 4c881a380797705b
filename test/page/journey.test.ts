import { describe, expect, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { isAt, otherThan, personAt, tabTo } from './person.ts';
import { freshNumber, useStage, viewports } from './stage.ts';

const { open, stack } = useStage();

const newestCode = (number: string) => /\d{6}/.exec(stack().messages(number)[0]?.text ?? '')?.[0] ?? '';

describe.each(Object.entries(viewports))('on a %s', (_, viewport) => {
  test('a person asks for a code, mistypes it, taps the message, and is approved', async () => {
    const page = await open({ viewport });
    const person = personAt(page);
    const number = freshNumber();
    await person.askFor(number);
    await person.see(new RegExp(`\\+91••••••${number.slice(-4)}`));
    await person.see(/^Code expires in 4:5\d$/);
    await person.bubbles.getByText(newestCode(number)).waitFor();
    expect(await page.getByLabel('Messages to').inputValue()).toBe(number);

    await person.check(otherThan(newestCode(number)));
    await person.see('That code is not right. Attempts left: 4.');
    expect(await person.code.getAttribute('aria-invalid')).toBe('true');

    await person.tapNewest();
    await page.getByRole('heading', { name: 'Approved' }).waitFor();
    expect(await page.locator('otp-form').isVisible()).toBe(false);
    await person.see('Signature valid');
    await person.see(/^(5:00|4:5\d)$/);
    expect(await page.locator('#proof-claims').isVisible()).toBe(false);
    await page.getByText('The proof and its claims').click();
    const claims = await page.locator('#proof-claims').textContent();
    expect(claims).toContain(number);
    expect(claims).toContain('phone_number_verified');

    await person.button('Start over').click();
    await person.button('Send code').waitFor();
  });

  test('the keyboard alone does it all', async () => {
    const page = await open({ viewport });
    const person = personAt(page);
    const number = freshNumber();
    await tabTo(page, person.phone);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(number);
    await page.keyboard.press('Enter');
    await person.getsSms(number);
    expect(await isAt(page, person.code)).toBe(true);

    await page.keyboard.type(otherThan(newestCode(number)));
    await person.see('Attempts left: 4.');
    await tabTo(page, person.bubbles.last());
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid');
    await page.keyboard.press('Enter');
    await person.see('Signature valid');
    await tabTo(page, person.button('Start over'));
    await page.keyboard.press('Space');
    expect(await isAt(page, person.phone)).toBe(true);
  });

  test('nothing is wider than the screen, and nothing moves by itself', async () => {
    const page = await open({ viewport, reducedMotion: 'no-preference' }, async (fresh) => {
      await fresh.addInitScript(`
        globalThis.shifts = [];
        new PerformanceObserver((list) => {
          for (const { value, hadRecentInput, sources } of list.getEntries())
            if (!hadRecentInput) shifts.push({ value, at: sources.map(({ node }) => node?.id || node?.nodeName) });
        }).observe({ type: 'layout-shift', buffered: true });
      `);
    });
    const person = personAt(page);
    const width = async () => Number(await page.evaluate('document.documentElement.scrollWidth'));
    expect(await width()).toBeLessThanOrEqual(viewport.width);
    await person.openControls();
    const first = freshNumber();
    await person.askFor(first);
    await person.getsSms(first);
    expect(await width()).toBeLessThanOrEqual(viewport.width);
    await person.moveClock('+30 seconds');
    await expect.poll(() => person.button('Send a new code').isEnabled()).toBe(true);
    await person.moveClock('+5 minutes');
    await person.see('The code has expired.');
    expect(await width()).toBeLessThanOrEqual(viewport.width);
    await person.button('Change number').click();
    const second = freshNumber();
    await person.askFor(second);
    await person.getsSms(second);
    await person.tapNewest();
    await person.see('Signature valid');
    await page.getByText('The proof and its claims').click();
    expect(await width()).toBeLessThanOrEqual(viewport.width);
    const shifts = (await page.evaluate('shifts')) as { value: number }[];
    expect(
      shifts.reduce((sum, { value }) => sum + value, 0),
      JSON.stringify(shifts),
    ).toBeLessThan(0.05);
  });

  test('every control of the page is large enough for a thumb', async () => {
    const page = await open({ viewport });
    const person = personAt(page);
    const small = () =>
      page.evaluate(`[...document.querySelectorAll('button, input, select, summary, a')]
        .filter((control) => control.checkVisibility({ visibilityProperty: true }))
        .map((control) => [control.id || control.textContent, control.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 44 || height < 44)
        .map(([name, { width, height }]) => name + ' ' + width + '×' + height)`);
    await person.openControls();
    await person.purpose('Pay');
    expect(await small()).toEqual([]);
    const number = freshNumber();
    await person.askFor(number);
    await person.getsSms(number);
    expect(await small()).toEqual([]);
    await person.tapNewest();
    await person.see('Signature valid');
    await page.getByText('The proof and its claims').click();
    expect(await small()).toEqual([]);
  });
});

test('a message arrives as a notification, and then stands in the messages', async () => {
  const page = await open({ reducedMotion: 'no-preference' });
  const person = personAt(page);
  const number = freshNumber();
  if (stack().messages().length > 0) await person.button('Lock the phone').click();
  expect(await person.bubbles.count()).toBe(0);
  await person.askFor(number);
  await page
    .getByRole('button', { name: new RegExp(`${newestCode(number)} is your Example`) })
    .first()
    .waitFor();
  await person.see('now');
  await person.bubbles.getByText(newestCode(number)).waitFor();
  await expect.poll(() => page.getByText('now', { exact: true }).isVisible()).toBe(false);
  expect(await isAt(page, person.code)).toBe(true);
});

test('a notification that is tapped opens the messages', async () => {
  const page = await open({ reducedMotion: 'no-preference' });
  const person = personAt(page);
  if (stack().messages().length > 0) await person.button('Lock the phone').click();
  await person.askFor(freshNumber());
  await page.getByText('now', { exact: true }).click();
  await expect.poll(() => isAt(page, person.bubbles.last())).toBe(true);
});

test('a notification is in view on a narrow page, and a tap fills its code in', async () => {
  const page = await open({ viewport: viewports.phone });
  const person = personAt(page);
  await person.askFor(freshNumber());
  await page.getByText('now', { exact: true }).click();
  await person.see('Signature valid');
});

test('a payment: its fields appear, are in the SMS and in the proof, and are sent with the check', async () => {
  const page = await open();
  const person = personAt(page);
  expect(await page.getByLabel('Amount').isVisible()).toBe(false);
  await person.purpose('Pay');
  await page.getByLabel('Amount').fill('20.50');
  await page.getByLabel('Currency').fill('EUR');
  await page.getByLabel('Payee').fill('Tea & Co');
  await person.askFor(freshNumber());
  await person.bubbles.getByText(/to pay EUR 20.50 to Tea & Co/).waitFor();
  await person.tapNewest();
  await person.see('Signature valid');
  await page.getByText('The proof and its claims').click();
  expect(await page.locator('#proof-claims').textContent()).toContain(
    '{"amount":"20.50","currency":"EUR","payee":"Tea & Co"}',
  );
});

test('a new code can be sent when the wait is over; the old one then gets a hint and costs no attempt', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.openControls();
  await person.askFor(number);
  await person.getsSms(number);
  const first = newestCode(number);
  const resend = person.button('Send a new code');
  await person.see(/^0:(30|2\d)$/);
  expect(await resend.isDisabled()).toBe(true);

  await person.moveClock('+30 seconds');
  await expect.poll(() => resend.isEnabled()).toBe(true);
  await resend.click();
  await expect.poll(() => person.bubbles.count()).toBe(2);
  const second = newestCode(number);
  await person.see(/^0:(30|2\d)$/);
  await person.check(first);
  await person.see('That is an older code.');
  await person.see(/"attemptsRemaining": 5/);
  await person.check(otherThan(second));
  await person.see('Attempts left: 4.');
  await person.tapNewest();
  await person.see('Signature valid');
});

test('a code expires by the clock of the service, and the way on is shown', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.openControls();
  await person.askFor(number);
  await person.getsSms(number);
  await person.moveClock('+5 minutes');
  await person.see('The code has expired.');
  await person.tapNewest();
  await person.see('410 code-expired');
  await person.button('Send a new code').click();
  await expect.poll(() => person.bubbles.count()).toBe(2);
  await person.tapNewest();
  await person.see('Signature valid');
});

test('a clock that is moved on from elsewhere moves the countdowns', async () => {
  const page = await open();
  const person = personAt(page);
  await person.askFor(freshNumber());
  await person.see(/^Code expires in 4:5\d$/);
  stack().clock.advance(120_000);
  await person.see(/^Code expires in 2:5\d$/);
});

test('another number: the verification is canceled', async () => {
  const page = await open();
  const person = personAt(page);
  await person.askFor(freshNumber());
  await person.button('Change number').click();
  await person.button('Send code').waitFor();
  await person.calls.getByText('DELETE').waitFor();
  await person.see('204');
});

test('the page offers the countries of the settings, and names them', async () => {
  const page = await open();
  const options = page.getByLabel('Country').locator('option');
  const codes = await options.evaluateAll((each) => each.map((option) => option.getAttribute('value')));
  expect(codes).toEqual(Object.keys(settings.countries));
  const names = (await options.allTextContents()).map((text) => text.replace(/ \(.*/, ''));
  await personAt(page).see(`Countries in the settings: ${names.join(', ')}.`);
});

test('a national number is read with its country', async () => {
  const page = await open();
  const person = personAt(page);
  await page.getByLabel('Country').selectOption('GB');
  await person.askFor('07400 123456');
  await expect.poll(() => page.getByLabel('Messages to').inputValue()).toBe('+447400123456');
  await person.see(/^Example ·/);
});

test('the handset keeps the SMS of several numbers apart, and turns to the one that is waited for', async () => {
  const page = await open();
  const person = personAt(page);
  const [first, second] = [freshNumber(), freshNumber()];
  await person.askFor(first);
  await person.bubbles.getByText(newestCode(first)).waitFor();
  await person.button('Change number').click();
  await person.askFor(second);
  await expect.poll(() => page.getByLabel('Messages to').inputValue()).toBe(second);
  expect(await person.bubbles.count()).toBe(1);
  await page.getByLabel('Messages to').selectOption(first);
  await person.bubbles.getByText(newestCode(first)).waitFor();
  expect(await person.bubbles.count()).toBe(1);
});

test('the lines for machines are shown as they were sent: the Android hash and the WebOTP line', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.openControls();
  await page.getByLabel('Android app hash').fill('FA+9qCX9VSu');
  await page.getByLabel('Web origin').fill('https://app.example.com');
  await page.getByLabel('Language of the SMS').fill('de');
  await person.askFor(number);
  await person.getsSms(number);
  const text = stack().messages(number)[0]?.text ?? '';
  expect(text).toMatch(/\nFA\+9qCX9VSu\n@app\.example\.com #\d{6}$/);
  expect((await person.bubbles.last().locator('.line').allTextContents()).join('\n')).toBe(text);
  await person.tapNewest();
  await person.see('Signature valid');
});
