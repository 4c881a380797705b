import { describe, expect, test } from 'vitest';
import { otherThan, personAt } from './person.ts';
import { freshNumber, useStage, viewports } from './stage.ts';

const { open, stack } = useStage();

describe.each(Object.entries(viewports))('on a %s', (_, viewport) => {
  test.each([
    ['a landline', '+44 20 7946 0958', 'not a mobile number'],
    ['a country that is not listed', '+49 1512 3456789', 'the country of this number'],
  ])('%s is refused: the form says it to people, the calls to developers', async (_name, number, words) => {
    const page = await open({ viewport });
    const person = personAt(page);
    await person.askFor(number);
    await person.see('We cannot send a code to this number.');
    expect(await person.phone.getAttribute('aria-invalid')).toBe('true');
    await person.calls.last().getByText('403 destination-not-allowed').waitFor();
    expect(await person.calls.last().locator('.explained').textContent()).toContain(words);

    await person.askFor(freshNumber());
    await person.code.waitFor();
    expect(await person.error.textContent()).toBe('');
  });
});

test('the calls explain each wrong field of a payment', async () => {
  const page = await open();
  const person = personAt(page);
  await person.purpose('Pay');
  await page.getByLabel('Amount').fill('ten');
  await page.getByLabel('Payee').fill('http://evil');
  await person.askFor(freshNumber());
  const call = person.calls.last();
  await call.getByText('400 invalid-request').waitFor();
  await call.getByText('Write the amount as a decimal number').first().waitFor();
  await call.getByText('Write the payee with 1 to 30 letters').first().waitFor();
});

test('a payment that is mended after a refusal goes out as mended', async () => {
  const page = await open();
  const person = personAt(page);
  await person.purpose('Pay');
  await page.getByLabel('Amount').fill('ten');
  await person.askFor(freshNumber());
  await person.see('400 invalid-request');
  await page.getByLabel('Amount').fill('10.00');
  await person.button('Send code').click();
  await person.bubbles.getByText(/INR 10\.00/).waitFor();
});

test('a refused call says why, until when and how to lift it, as far as local mode knows', async () => {
  const page = await open({}, async (fresh) => {
    await fresh.route('**/_local/refusals?requestId=*', (route) =>
      route.fulfill({
        json: [{ why: 'The <b>cooldown</b> of this number.', until: '2026-01-02T03:04:05Z', lift: 'Move the clock.' }],
      }),
    );
  });
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.button('Change number').click();
  await person.askFor(number);
  const call = person.calls.last();
  await call.getByText('429 resend-too-soon').waitFor();
  await call.getByText('Why: The <b>cooldown</b> of this number.').waitFor();
  await call.getByText(/^Until: 2 Jan 2026/).waitFor();
  await call.getByText('To lift it: Move the clock.').waitFor();
});

test('too soon: it works again when the wait is over', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.button('Change number').click();
  await person.askFor(number);
  await person.see('A code was sent a moment ago.');
  await person.see(/^retry-after: (30|2\d)/);
  stack().clock.advance(30_000);
  await person.button('Send code').click();
  await person.code.waitFor();
});

test('a send fails as delivery-failed when the SMS network takes nothing, and the next try of the client works', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.openControls();
  await person.breakNetwork('throttle');
  await person.askFor(number);
  await person.calls.first().getByText('delivery-failed').first().waitFor();
  expect(stack().messages(number)).toHaveLength(0);
  await person.getsSms(number);
  expect(stack().messages(number)).toHaveLength(1);
});

test('an outage can be ended before it strikes', async () => {
  const page = await open();
  const person = personAt(page);
  await person.openControls();
  await person.breakNetwork('opted-out');
  await person.button('All well again').click();
  await person.see('The next SMS has no fault.');
  await person.askFor(freshNumber());
  await person.code.waitFor();
});

test('a number that has opted out gets no SMS, and the page asks for a code as ever', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.openControls();
  await person.breakNetwork('opted-out');
  await person.see('no SMS arrives');
  await person.askFor(number);
  await person.code.waitFor();
  expect(stack().messages(number)).toHaveLength(0);
});

test('a lost answer of the SMS network: the page says that the SMS may arrive or not, and the code works', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.openControls();
  await person.breakNetwork('reset-after-accept');
  await person.askFor(number);
  await person.see('It may take a while.');
  await person.getsSms(number);
  await person.tapNewest();
  await person.see('Signature valid');
});

test('the verification is over after the last attempt, and the way on is shown', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  const wrong = otherThan(/\d{6}/.exec(stack().messages(number)[0]?.text ?? '')?.[0] ?? '');
  for (const left of [4, 3, 2, 1]) {
    await person.check(wrong);
    await person.see(`Attempts left: ${left}.`);
  }
  await person.check(wrong);
  await person.see('The code was entered wrong too many times.');
  await person.see('410 attempts-exhausted');
  await person.button('Change number').click();
  await person.phone.and(page.locator(':focus')).waitFor();
});

test('a lost answer is asked for again with the same Idempotency-Key, so that one SMS goes out', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  const keys: string[] = [];
  await page.route('**/v1/verifications', async (route) => {
    keys.push(String(await route.request().headerValue('idempotency-key')));
    if (keys.length > 1) return route.fallback();
    await route.fetch();
    await route.abort('connectionreset');
  });
  await person.askFor(number);
  await person.getsSms(number);
  await person.calls.first().getByText('no answer').waitFor();
  await person.calls.last().getByText('201').waitFor();
  expect(keys).toEqual([keys[0], keys[0]]);
  expect(stack().messages(number)).toHaveLength(1);
});

test('a proof that another key has signed is called not valid', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await page.route('**/.well-known/jwks.json', async (route) => {
    const response = await route.fetch();
    const { keys } = await response.json();
    const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
    const { x, y } = await crypto.subtle.exportKey('jwk', publicKey);
    await route.fulfill({ response, json: { keys: [{ ...keys[0], x, y }] } });
  });
  await person.askFor(number);
  await person.getsSms(number);
  await person.tapNewest();
  await person.see('Signature NOT valid');
});

test('an SMS is text, whatever it says', async () => {
  const text = '<img src=x onerror="document.title=1"> 123456 is <b>your</b> code';
  const page = await open({}, async (fresh) => {
    await fresh.route('**/_local/messages*', (route) =>
      route.fulfill({
        json: [{ to: '+919999999999', text, at: new Date().toISOString(), messageId: 'm', attributes: {} }],
      }),
    );
  });
  const person = personAt(page);
  await person.bubbles.getByText(text).waitFor();
  expect(await page.locator('.bubble img').count()).toBe(0);
  // The page itself marks the code.
  expect(await page.locator('.bubble b').allTextContents()).toEqual(['123456']);
});

test('a server that is gone is said to be gone, and found again', async () => {
  const page = await open();
  const person = personAt(page);
  await page.route('**/_local/**', (route) => route.abort('connectionrefused'));
  await person.see('No network: the server cannot be reached.');
  await page.unroute('**/_local/**');
  await page.getByText('No network').waitFor({ state: 'detached' });
});
