import type { Page, Route } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { otherThan, personAt } from './person.ts';
import { freshNumber, useStage, viewports } from './stage.ts';

const { open, stack } = useStage();

describe.each(Object.entries(viewports))('on a %s', (_, viewport) => {
  test.each([
    ['an impossible number', '+91 98765 432', 'invalid-phone-number', 'No carrier of its country has such a number'],
    ['no number', '', 'invalid-phone-number', 'with a leading +'],
    ['a landline', '+44 20 7946 0958', 'destination-not-allowed', 'not a mobile number'],
    ['a country that is not listed', '+49 1512 3456789', 'destination-not-allowed', 'the country of this number'],
  ])('%s is refused in the words of the API, at its field', async (_name, number, code, words) => {
    const page = await open({ viewport });
    const person = personAt(page);
    await person.askFor(number);
    await person.alert.getByText(code, { exact: true }).waitFor();
    expect(await person.alert.textContent()).toContain(words);
    expect(await person.phone.getAttribute('aria-invalid')).toBe('true');
    expect(await descriptionOf(page, '#phone')).toContain(words);

    await person.askFor(freshNumber());
    await person.code.waitFor();
    expect(await person.alert.count()).toBe(0);
  });

  test('a wrong field of a payment has its error beside it', async () => {
    const page = await open({ viewport });
    const person = personAt(page);
    await page.getByLabel('Purpose').selectOption('transaction');
    await page.getByLabel('Amount').fill('ten');
    await page.getByLabel('Payee').fill('http://evil');
    await person.askFor(freshNumber());
    await person.alert.getByText('invalid-request').waitFor();
    expect(await descriptionOf(page, '#amount')).toContain('Write the amount as a decimal number');
    expect(await descriptionOf(page, '#payee')).toContain('Write the payee with 1 to 30 letters');
    expect(await page.getByLabel('Currency').getAttribute('aria-invalid')).toBe(null);
    await page.getByLabel('Amount').and(page.locator(':focus')).waitFor();
  });
});

test('an error in a folded field unfolds it', async () => {
  const page = await open();
  const person = personAt(page);
  await page.getByText('More options').click();
  await page.getByLabel('Web origin').fill('https://other.example.com');
  await page.getByText('More options').click();
  await person.askFor(freshNumber());
  await page
    .getByText('Write an origin that the settings of the deployment list')
    .filter({ visible: true })
    .first()
    .waitFor();
});

test('too soon: when it is possible again is counted down', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.button('Use another number').click();
  await person.askFor(number);
  await person.alert.getByText('resend-too-soon').waitFor();
  await person.see(/^Again in 0:(30|2\d)$/);
  stack().clock.advance(30_000);
  await person.see('You can try again now.');
  await person.button('Send code').click();
  await person.code.waitFor();
});

test('a send fails as delivery-failed when the SMS network takes nothing, and the next try works', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.playNetwork();
  await person.breakNetwork('throttle');
  await person.askFor(number);
  await person.alert.getByText('delivery-failed').waitFor();
  expect(stack().messages(number)).toHaveLength(0);
  await person.button('Send code').click();
  await person.getsSms(number);
});

test('an outage can be ended before it strikes', async () => {
  const page = await open();
  const person = personAt(page);
  await person.playNetwork();
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
  await person.playNetwork();
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
  await person.playNetwork();
  await person.breakNetwork('reset-after-accept');
  await person.askFor(number);
  await person.see('did not confirm the message in time');
  await person.getsSms(number);
  await person.tapNewest();
  await person.button('Check code').click();
  await person.see('Signature valid');
});

test('a code of the wrong length costs no attempt', async () => {
  const page = await open();
  const person = personAt(page);
  await person.askFor(freshNumber());
  await person.check('12345');
  await person.alert.getByText('invalid-request').waitFor();
  expect(await descriptionOf(page, '#code')).toContain('The code has 6 digits. This cost no attempt.');
  await person.see('5 attempts left');
});

test('the verification is over after the last attempt, and the way on is shown', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  const wrong = otherThan(/\d{6}/.exec(stack().messages(number)[0]?.text ?? '')?.[0] ?? '');
  for (const left of ['4 attempts left', '3 attempts left', '2 attempts left', '1 attempt left']) {
    await person.check(wrong);
    await person.see(left);
  }
  await person.check(wrong);
  await page.getByRole('heading', { name: 'All attempts have been used' }).waitFor();
  await person.see('attempts-exhausted');
  await person.button('Ask for a new code').click();
  await person.phone.and(page.locator(':focus')).waitFor();
});

describe('the Idempotency-Key', () => {
  /** Every key that the page sends to this path, in order; the first answer is lost on its way. */
  const losingFirst = async (page: Page, path: string, lose: (route: Route) => Promise<void>) => {
    const keys: (string | undefined)[] = [];
    await page.route(path, async (route) => {
      keys.push(await route.request().headerValue('idempotency-key').then(String));
      await (keys.length === 1 ? lose(route) : route.fallback());
    });
    return keys;
  };
  const loseAnswer = async (route: Route) => {
    await route.fetch();
    await route.abort('connectionreset');
  };

  test('the Idempotency-Key is the same when a send is repeated after a lost answer, so that one SMS goes out', async () => {
    const page = await open();
    const person = personAt(page);
    const number = freshNumber();
    const keys = await losingFirst(page, '**/v1/verifications', loseAnswer);
    await person.askFor(number);
    await person.alert.getByText('no-connection').waitFor();
    await person.button('Send code').click();
    await person.getsSms(number);
    expect(keys).toHaveLength(2);
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(stack().messages(number)).toHaveLength(1);

    await person.button('Use another number').click();
    await person.askFor(freshNumber());
    await person.code.waitFor();
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('the Idempotency-Key is the same when a check is repeated after a 503, and another for another guess', async () => {
    const page = await open();
    const person = personAt(page);
    const number = freshNumber();
    const detail = 'A part of the service did not answer.';
    const keys = await losingFirst(page, '**/check', (route) =>
      route.fulfill({ status: 503, json: { code: 'temporarily-unavailable', title: 'Unavailable', detail } }),
    );
    await person.askFor(number);
    await person.getsSms(number);
    await person.tapNewest();
    const code = await person.code.inputValue();
    await person.check(otherThan(code));
    await person.alert.getByText('temporarily-unavailable').waitFor();
    await person.button('Check code').click();
    await person.see('4 attempts left');
    await person.check(code);
    await person.see('Signature valid');
    expect(keys[1]).toBe(keys[0]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('the Idempotency-Key is the same when a resend is repeated after a lost answer, so that one more SMS goes out', async () => {
    const page = await open();
    const person = personAt(page);
    const number = freshNumber();
    const keys = await losingFirst(page, '**/resend', loseAnswer);
    await person.askFor(number);
    await person.getsSms(number);
    stack().clock.advance(30_000);
    await person.button(/^Send a new code$/).click();
    await person.alert.getByText('no-connection').waitFor();
    await person.button(/^Send a new code$/).click();
    await person.button(/^Send a new code in 0:(30|2\d)$/).waitFor();
    expect(keys[1]).toBe(keys[0]);
    expect(stack().messages(number)).toHaveLength(2);
    stack().clock.advance(60_000);
    await person.button(/^Send a new code$/).click();
    await expect.poll(() => stack().messages(number).length).toBe(3);
    expect(keys[2]).not.toBe(keys[0]);
  });

  test('the Idempotency-Key is new when the same wrong guess is made again', async () => {
    const page = await open();
    const person = personAt(page);
    const keys = await losingFirst(page, '**/check', (route) => route.fallback());
    const number = freshNumber();
    await person.askFor(number);
    await person.getsSms(number);
    const wrong = otherThan(/\d{6}/.exec(stack().messages(number)[0]?.text ?? '')?.[0] ?? '');
    await person.check(wrong);
    await person.see('4 attempts left');
    await person.check(wrong);
    await person.see('3 attempts left');
    expect(keys[1]).not.toBe(keys[0]);
  });
});

test('a resend or a cancel that does not get through is said to have failed, and can be repeated', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  const unreachable = '**/v1/verifications/*{,/resend}';
  await page.route(unreachable, (route) => route.abort('connectionrefused'));
  await person.button('Use another number').click();
  await person.alert.getByText('no-connection').waitFor();
  stack().clock.advance(30_000);
  await person.button(/^Send a new code$/).click();
  await page.getByText('no answer').nth(1).waitFor();

  await page.unroute(unreachable);
  await person.button(/^Send a new code$/).click();
  await expect.poll(() => person.bubbles.count()).toBe(2);
  expect(await person.alert.count()).toBe(0);
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
  await person.button('Check code').click();
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
  expect(await page.locator('.bubble img, .bubble b').count()).toBe(0);
});

test('a server that is gone is said to be gone, and found again', async () => {
  const page = await open();
  const person = personAt(page);
  await page.route('**/_local/**', (route) => route.abort('connectionrefused'));
  await person.see('No network: the server cannot be reached.');
  await page.unroute('**/_local/**');
  await page.getByText('No network').waitFor({ state: 'detached' });
});

const descriptionOf = async (page: Page, field: string): Promise<string> => {
  const ids = (await page.locator(field).getAttribute('aria-describedby')) ?? '';
  const texts = await Promise.all(ids.split(' ').map((id) => page.locator(`[id="${id}"]`).textContent()));
  return texts.join(' ');
};
