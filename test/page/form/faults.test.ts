/** Networks that fail, answers that lie, and people who press twice. */

import { expect, test } from 'vitest';
import { type Answer, approval, type Call, personAt, problem, useForm, verification } from './form-stage.ts';

const { show } = useForm();
const isCheck = ({ path }: Call): boolean => path.endsWith('/check');

test('a cut network loses nothing that was typed, and the repeated call is the same one', async () => {
  let isCut = true;
  const answer = (call: Call): Answer => (isCheck(call) ? (isCut ? 'cut' : approval) : verification());
  const { page, calls, told } = await show({ answer });
  const person = personAt(page);
  await person.askFor('98765 43210');
  await person.code.pressSequentially('123456');
  await expect.poll(() => person.error.textContent(), { timeout: 60_000 }).toContain('There is no connection');
  expect(await person.code.inputValue()).toBe('123456');
  expect((await told()).at(-1)?.name).toBe('otp-problem');
  isCut = false;
  await person.button('Verify').click();
  await expect.poll(() => person.status.textContent()).toContain('is verified');
  const keys = calls.filter(isCheck).map(({ key }) => key);
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
});

test('the form shows what the service answers as text, never as markup, and believes no length that lies', async () => {
  const markup = '<img src=x onerror="globalThis.owned = true">';
  const answer = (call: Call): Answer =>
    isCheck(call)
      ? problem('made-up', 400, { detail: markup, title: markup })
      : verification({ phoneNumber: markup, codeLength: 1e9, expiresAt: markup, resendAvailableAt: markup });
  const { page, errors, told } = await show({ answer });
  const person = personAt(page);
  await person.askFor('98765 43210');
  expect(await person.status.textContent()).toContain(markup);
  expect(await person.cells.count()).toBe(6);
  await person.code.pressSequentially('123456');
  await expect.poll(() => person.error.textContent()).toContain('This did not work, through no fault of yours.');
  expect((await told()).at(-1)).toMatchObject({ detail: { problem: { kind: 'unknown-problem', code: 'made-up' } } });
  expect(await page.locator('img').count()).toBe(0);
  expect(await page.evaluate('globalThis.owned')).toBeUndefined();
  expect(errors.filter((error) => !error.includes('400'))).toEqual([]);
});

test('an impatient person makes one call', async () => {
  const answer = async (call: Call): Promise<Answer> => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return isCheck(call) ? approval : verification();
  };
  const { page, calls } = await show({ answer });
  const person = personAt(page);
  await person.number.fill('98765 43210');
  await person.button('Send code').dblclick();
  await person.number.press('Enter');
  await person.code.filter({ visible: true }).waitFor();
  await person.code.pressSequentially('123456');
  await person.code.press('Enter');
  await page.evaluate("form.fill('123456')");
  await expect.poll(() => person.status.textContent()).toContain('is verified');
  expect(calls.map(({ path }) => path)).toEqual(['/v1/verifications', '/v1/verifications/1aVerification/check']);
});

test('two forms on a page have verifications of their own', async () => {
  const html = '<otp-form id="a" countries="IN"></otp-form><otp-form id="b" countries="IN"></otp-form>';
  const answer = ({ path, body }: Call): Answer =>
    path.endsWith('/check') ? problem('attempts-exhausted', 410) : verification({ id: `v${body?.slice(-8, -6)}` });
  const { page, told } = await show({ html, answer });
  const [a, b] = [personAt(page, '#a'), personAt(page, '#b')];
  await a.askFor('98765 43210');
  expect(await b.number.isVisible()).toBe(true);
  await b.askFor('98765 43211');
  await b.code.fill('123456');
  await expect.poll(() => b.error.textContent()).toContain('wrong too many times');
  expect(await a.error.textContent()).toBe('');
  expect(await a.code.inputValue()).toBe('');
  expect((await told()).map(({ name, id }) => `${name} ${id}`)).toEqual(['otp-sent a', 'otp-sent b', 'otp-problem b']);
});

test('a form that leaves the page ends its call, and tells nothing afterwards', async () => {
  const answer = async (): Promise<Answer> => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return verification();
  };
  const { page, told } = await show({ answer });
  const person = personAt(page);
  const failed = page.waitForEvent('requestfailed');
  await person.number.fill('98765 43210');
  await person.button('Send code').click();
  await page.evaluate('globalThis.gone = form; form.remove()');
  expect((await failed).failure()?.errorText).toContain('ABORTED');
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(await told()).toEqual([]);
  await page.evaluate('document.body.append(gone)');
  expect(await person.number.inputValue()).toBe('98765 43210');
  await person.button('Send code').click();
  await expect.poll(async () => (await told()).map(({ name }) => name)).toEqual(['otp-sent']);
});

test('a verification that is over is no dead end: a fresh one is asked for at the same number', async () => {
  const answer = (call: Call): Answer => (isCheck(call) ? problem('attempts-exhausted', 410) : verification());
  const { page, calls } = await show({ answer });
  const person = personAt(page);
  await person.askFor('98765 43210');
  await person.code.fill('123456');
  await expect.poll(() => person.error.textContent()).toContain('wrong too many times');
  await person.button('Send a new code').click();
  await expect.poll(() => calls.filter(({ path }) => path === '/v1/verifications').length).toBe(2);
  await expect.poll(() => person.code.inputValue()).toBe('');
});

test('a page may bring its own client and its payment, and reset the form', async () => {
  const { page, calls, told } = await show({
    html: '<otp-form id="form" countries="IN" purpose="transaction"></otp-form>',
  });
  await page.evaluate(`globalThis.asked = [];
    form.transaction = { amount: '5', currency: 'INR', payee: 'Shop' };
    const inMs = (ms) => new Date(Date.now() + ms).toISOString();
    form.client = {
      request: async (input) => (asked.push(input), { kind: 'sent', verification: { id: 'v', codeLength: 4, phoneNumber: 'yours',
        expiresAt: inMs(300000), resendAvailableAt: inMs(30000) } }),
      check: async (id, input) => (asked.push(input), { kind: 'wrong-code', attemptsRemaining: 1, expiresAt: '' }),
      cancel: async (id) => void asked.push(id),
    };`);
  const person = personAt(page);
  await person.askFor('98765 43210');
  await person.code.fill('1234');
  await expect.poll(() => person.error.textContent()).toContain('Attempts left: 1.');
  await page.evaluate('form.reset()');
  expect(await person.number.inputValue()).toBe('');
  const transaction = { amount: '5', currency: 'INR', payee: 'Shop' };
  expect(await page.evaluate('asked')).toEqual([
    { locale: 'en', purpose: 'transaction', transaction, phoneNumber: '+919876543210' },
    { code: '1234', transaction },
    'v',
  ]);
  expect((await told()).at(-1)?.name).toBe('otp-reset');
  expect(calls).toEqual([]);
});
