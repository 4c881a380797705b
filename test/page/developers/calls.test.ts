import { expect, test } from 'vitest';
import { purposesWithoutVoice } from '../../../lambdas/policy.ts';
import { voiceSettings } from '../../fakes/settings.ts';
import { violations } from '../looks/axe.ts';
import { isAt, personAt, tabTo } from '../person.ts';
import { freshNumber, useStage, viewports } from '../stage.ts';

const { open, stack } = useStage({
  settingsOf: async () => ({ voice: voiceSettings({ countries: { IN: { priceUsd: 0.031 } } }) }),
});

const channelsTo = (number: string) =>
  stack()
    .messages(number)
    .map(({ channel = 'sms' }) => channel);

test('a code is asked for by a call with the keyboard alone, and the phone hears it and fills it in', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  const sms = page.getByRole('group', { name: 'Code by' }).getByRole('radio', { name: 'SMS' });
  await tabTo(page, sms);
  await page.keyboard.press('ArrowRight');
  expect(await page.getByRole('radio', { name: 'Call' }).isChecked()).toBe(true);
  await tabTo(page, person.phone);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(number);
  await page.keyboard.press('Enter');
  await person.getsSms(number);
  expect(channelsTo(number)).toEqual(['voice']);
  expect(await isAt(page, person.code)).toBe(true);
  expect(await person.bubbles.last().textContent()).toBe(stack().messages(number)[0]?.text);
  await person.tapNewest();
  await person.see('Signature valid');
  await page.getByText('The proof and its claims').click();
  expect(await page.locator('#proof-claims').textContent()).toContain('["otp","tel"]');
});

test('a resend goes by the channel that is chosen then, in either direction', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.openControls();
  await person.askFor(number);
  await person.getsSms(number);
  for (const [channel, sent] of [
    ['Call', ['voice', 'sms']],
    ['SMS', ['sms', 'voice', 'sms']],
  ] as const) {
    await page.getByRole('radio', { name: channel }).check();
    const again = person.button('Send a new code');
    await person.moveClock('+30 seconds');
    await expect.poll(() => again.isEnabled()).toBe(true);
    await again.click();
    await expect.poll(() => channelsTo(number)).toEqual(sent);
  }
});

test('the choice is gone for codes that nobody speaks, and they come by SMS', async () => {
  const page = await open();
  const person = personAt(page);
  const choice = page.getByRole('group', { name: 'Code by' });
  await page.getByRole('radio', { name: 'Call' }).check();
  const spoken: string[] = [];
  for (const radio of await page.getByRole('group', { name: 'Purpose' }).getByRole('radio').all()) {
    await radio.check();
    if (await choice.isVisible()) spoken.push(await radio.inputValue());
  }
  expect(spoken).toEqual(['login', 'verify-number']);
  expect(spoken.filter((purpose) => purposesWithoutVoice.includes(purpose))).toEqual([]);
  await person.purpose('Change account');
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  expect(channelsTo(number)).toEqual(['sms']);
});

test.each(Object.entries(viewports))('axe finds nothing wrong with the choice on a %s', async (_, viewport) => {
  const page = await open({ viewport, reducedMotion: 'reduce', bypassCSP: true });
  const person = personAt(page);
  await page.getByRole('radio', { name: 'Call' }).check();
  await person.see('Calls go to: IN.');
  expect(await violations(page)).toEqual([]);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  expect(await violations(page)).toEqual([]);
});
