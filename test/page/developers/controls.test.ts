import { expect, test } from 'vitest';
import { personAt } from '../person.ts';
import { freshNumber, useStage } from '../stage.ts';

const { open } = useStage();

test('a start anew asks local mode to delete its state, and clears the page', async () => {
  let deleted: unknown;
  const page = await open({}, async (fresh) => {
    await fresh.route('**/_local/state', async (route) => {
      deleted = [route.request().method(), route.request().postDataJSON()];
      await route.fulfill({ status: 204 });
    });
  });
  const person = personAt(page);
  await person.openControls();
  await person.askFor(freshNumber());
  const requests = person.calls.filter({ hasText: 'POST' });
  await requests.filter({ hasText: '201' }).waitFor();
  await person.button('Start anew').click();
  await person.see('All state is deleted.');
  expect(deleted).toEqual(['DELETE', {}]);
  await person.button('Send code').waitFor();
  // Elsewhere on the page, any code or time may hold the figures of an answer.
  expect(await requests.count()).toBe(0);
});

test('a service that cannot start anew is said to be one', async () => {
  const page = await open({}, async (fresh) => {
    await fresh.route('**/_local/state', (route) => route.fulfill({ status: 404, json: {} }));
  });
  const person = personAt(page);
  await person.openControls();
  await person.button('Start anew').click();
  await person.see('This service cannot start anew.');
});

test.each([
  ['says', false, 1],
  ['does not say', true, 0],
])('the page %s that limits are off: limits %o', async (_, limits, times) => {
  const page = await open({}, async (fresh) => {
    await fresh.route('**/_local/settings', (route) => route.fulfill({ json: { limits } }));
  });
  await personAt(page).button('Send code').waitFor();
  await expect.poll(() => page.evaluate('document.querySelector("otp-form").client !== undefined')).toBe(true);
  await expect.poll(() => page.getByText('Limits are off.').filter({ visible: true }).count()).toBe(times);
});

test('the page shows no choice of a channel without calls in the settings, and asks for none', async () => {
  const page = await open();
  const person = personAt(page);
  expect(await page.getByRole('radio', { name: 'Call' }).count()).toBe(0);
  await person.askFor(freshNumber());
  await person.see('201');
  const shown = await person.calls.first().textContent();
  expect(shown).toContain('phoneNumber');
  expect(shown).not.toContain('channel');
});
