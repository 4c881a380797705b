import { expect, test } from 'vitest';
import { freshNumber } from '../stage.ts';
import { useForm } from './form-stage.ts';

const { show, codeFor } = useForm();

test('a person gets from the number to a proof, and the page asks nobody but the API', async () => {
  const { page, calls, elsewhere, errors, told } = await show();
  const number = freshNumber();
  await page.getByLabel('Phone number').fill(number.slice(3));
  await page.screenshot({ path: '/tmp/otp1.png' });
  await page.getByRole('button', { name: 'Send code' }).click();
  await page.getByText('We sent a code').waitFor();
  await page.getByLabel('Code', { exact: true }).pressSequentially('12');
  await page.screenshot({ path: '/tmp/otp2.png' });
  await page.getByLabel('Code', { exact: true }).fill(codeFor(number));
  await page.getByText('is verified').waitFor();
  await page.screenshot({ path: '/tmp/otp3.png' });
  console.log(await told());
  expect(errors).toEqual([]);
  expect(elsewhere).toEqual([]);
  expect(calls.map(({ method }) => method)).toEqual(['POST', 'POST']);
});
