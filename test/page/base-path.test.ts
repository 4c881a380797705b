import { expect, test } from 'vitest';
import { personAt } from './person.ts';
import { freshNumber, useStage } from './stage.ts';

const { open, stack } = useStage({ basePath: 'otp' });

test('the page calls the API under its base path: from the number to a proof that is valid', async () => {
  const asked: string[] = [];
  const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] }, async (fresh) => {
    fresh.on('request', (request) => asked.push(new URL(request.url()).pathname));
  });
  const person = personAt(page);
  const number = freshNumber();
  await person.askFor(number);
  await person.getsSms(number);
  await person.tapNewest();
  await person.see('Signature valid');
  const calls = asked.filter((path) => /v1|well-known/.test(path));
  expect(calls.length).toBeGreaterThanOrEqual(3);
  expect(calls.filter((path) => !path.startsWith('/otp/'))).toEqual([]);
  await person.calls.first().getByText('POST').click();
  await page.getByRole('button', { name: 'Copy as curl' }).first().click();
  const curl = await page.evaluate('navigator.clipboard.readText()');
  expect(curl).toContain(`'${stack().url}/v1/verifications'`);
});
