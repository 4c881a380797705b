/** A form that offers a call beside the SMS. */

import { expect, test } from 'vitest';
import { type Answer, approval, type Call, personAt, useForm, verification } from './form-stage.ts';

const { show } = useForm();
const formWith = (attributes: string): string =>
  `<otp-form id="form" purpose="login" countries="IN" ${attributes}></otp-form>`;
const both = formWith('channels="sms voice"');
const isResend = ({ path }: Call): boolean => path.endsWith('/resend');
const isCheck = ({ path }: Call): boolean => path.endsWith('/check');
const callMe = 'Call me with the code';

/** A service that sends by the channel that is asked for, and lets the next send go at once. */
const answer = (call: Call): Answer => {
  if (isCheck(call)) return approval;
  const isVoice = call.body?.includes('"voice"') === true;
  const now = new Date(Date.now() - 1000).toISOString();
  return verification({ resendAvailableAt: now, ...(isVoice ? { channel: 'voice' } : {}) });
};
const bodyOf = (call: Call | undefined): Record<string, unknown> => JSON.parse(call?.body || '{}');

test('a form offers no call, and names no channel, unless its page asks for calls', async () => {
  for (const html of [formWith(''), formWith('channels="sms"'), formWith('channels="fax"'), formWith('channels=""')]) {
    const { page, calls } = await show({ html, answer });
    const person = personAt(page);
    expect(await person.button(callMe).count()).toBe(0);
    await person.askFor('98765 43210');
    expect(await person.button(callMe).count()).toBe(0);
    await person.button('Send a new code').click();
    await expect.poll(() => calls.filter(isResend).length).toBe(1);
    expect(calls.map((call) => 'channel' in bodyOf(call))).toEqual([false, false]);
  }
});

test('a person asks for a call by the keyboard, hears of it from the live region, and types the code', async () => {
  const { page, calls, told } = await show({ html: both, answer });
  const person = personAt(page);
  await person.number.fill('98765 43210');
  await person.button(callMe).focus();
  await page.keyboard.press('Enter');
  await expect.poll(() => person.status.textContent()).toMatch(/^We are calling .* with a code\.$/);
  expect(await person.status.getAttribute('role')).toBe('status');
  expect(bodyOf(calls[0])).toMatchObject({ channel: 'voice' });
  await person.code.pressSequentially('123456');
  await expect.poll(() => person.status.textContent()).toContain('is verified');
  expect((await told())[0]).toMatchObject({ name: 'otp-sent', detail: { channel: 'voice' } });
  expect(await person.button(callMe).count()).toBe(0);
});

test('an SMS that does not come is followed by a call, and a call by an SMS, each by its own button and key', async () => {
  const { page, calls } = await show({ html: both, answer });
  const person = personAt(page);
  await person.askFor('98765 43210');
  await expect.poll(() => person.status.textContent()).toContain('We sent a code');
  await person.button(callMe).click();
  await expect.poll(() => person.status.textContent()).toContain('We are calling');
  await person.button('Send a new code').click();
  await expect.poll(() => person.status.textContent()).toContain('We sent a code');
  const resends = calls.filter(isResend);
  expect(resends.map((call) => bodyOf(call)['channel'])).toEqual(['voice', 'sms']);
  expect(new Set(resends.map(({ key }) => key)).size).toBe(2);
});

test('a call that got no answer is repeated with its key, and an SMS after it has another', async () => {
  let isBroken = true;
  const broken = (call: Call): Answer => (isResend(call) && isBroken ? 'cut' : answer(call));
  const { page, calls } = await show({ html: both, answer: broken });
  const person = personAt(page);
  await person.askFor('98765 43210');
  await person.button(callMe).click();
  await expect.poll(() => person.error.textContent(), { timeout: 60_000 }).toContain('There is no connection');
  isBroken = false;
  await person.button(callMe).click();
  await expect.poll(() => person.status.textContent()).toContain('We are calling');
  await person.button('Send a new code').click();
  await expect.poll(() => person.status.textContent()).toContain('We sent a code');
  const keysOf = (channel: string) =>
    new Set(calls.filter((call) => isResend(call) && bodyOf(call)['channel'] === channel).map(({ key }) => key));
  expect([keysOf('voice').size, keysOf('sms').size]).toEqual([1, 1]);
  expect([...keysOf('voice')]).not.toEqual([...keysOf('sms')]);
});

test('neither button can be pressed during the wait', async () => {
  const later = (call: Call): Answer => (isCheck(call) ? approval : verification());
  const { page } = await show({ html: both, answer: later });
  const person = personAt(page);
  await person.askFor('98765 43210');
  expect(await person.button(callMe).isDisabled()).toBe(true);
  expect(await person.button('Send a new code').isDisabled()).toBe(true);
});

test('a form for calls alone has one button, which calls, and so has each other try', async () => {
  const { page, calls } = await show({ html: formWith('channels="voice"'), answer });
  const person = personAt(page);
  expect(await person.button('Send code').count()).toBe(0);
  await person.number.fill('98765 43210');
  await person.button(callMe).click();
  await expect.poll(() => person.status.textContent()).toContain('We are calling');
  await person.button(callMe).click();
  await expect.poll(() => calls.filter(isResend).length).toBe(1);
  expect(bodyOf(calls[0])).toMatchObject({ channel: 'voice' });
});

test('a purpose whose codes are never spoken offers no call', async () => {
  for (const purpose of ['transaction', 'account-change']) {
    const html = both.replace('"login"', `"${purpose}"`);
    const { page } = await show({ html, answer });
    expect(await personAt(page).button(callMe).count()).toBe(0);
  }
});

test('the words of calls are in the language of the page', async () => {
  const { page } = await show({ html: `<div lang="de">${both}</div>`, answer });
  expect(await page.getByRole('button', { name: 'Code per Anruf erhalten' }).count()).toBe(1);
});
