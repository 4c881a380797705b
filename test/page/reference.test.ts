import { expect, test } from 'vitest';
import { document, operationsOf } from '../fakes/openapi.ts';
import { useStage } from './stage.ts';

const { open, stack } = useStage({ basePath: 'otp' });

test('the reference shows every route and every event, calls this service, and makes no request off this machine', async () => {
  const asked: URL[] = [];
  const errors: string[] = [];
  const page = await open({}, async (fresh) => {
    fresh.on('request', (request) => void asked.push(new URL(request.url())));
    fresh.on('pageerror', (error) => void errors.push(error.message));
    fresh.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
  });
  await page.goto(`${stack().origin}/docs`);
  await page.getByRole('heading', { name: /OTP service/ }).waitFor();
  const described = [...Object.values(document.paths), ...Object.values(document.webhooks)].flatMap(operationsOf);
  await expect.poll(() => page.locator('.opblock').count()).toBe(described.length);
  await page.locator('#operations-Proofs-getKeySet').getByRole('button').first().click();
  await page.getByRole('button', { name: 'Try it out' }).click();
  await page.getByRole('button', { name: 'Execute' }).click();
  await page.getByText('jwk-set+json').first().waitFor();
  await expect.poll(() => asked.map(({ pathname }) => pathname)).toContain('/otp/.well-known/jwks.json');
  expect(asked.map(({ pathname }) => pathname)).toContain('/openapi.json');
  const outside = asked.filter(({ protocol, origin }) => protocol !== 'data:' && origin !== stack().origin);
  expect(outside.map(String)).toEqual([]);
  expect(errors).toEqual([]);
});

test('the reference sends the API key of local mode', async () => {
  const page = await open();
  await page.goto(`${stack().origin}/docs`);
  const route = page.locator('#operations-Verifications-getVerification');
  await route.getByRole('button').first().click();
  await route.getByRole('button', { name: 'Try it out' }).click();
  const [request] = await Promise.all([
    page.waitForRequest(/\/otp\/v1\/verifications\//),
    route.getByRole('button', { name: 'Execute' }).click(),
  ]);
  expect(request.headers()['x-api-key']).toBe("a key of one's own");
});
