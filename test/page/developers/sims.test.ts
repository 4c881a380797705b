import { expect, test } from 'vitest';
import { personAt } from '../person.ts';
import { freshNumber, useStage } from '../stage.ts';

const { open } = useStage({
  settingsOf: async () => ({
    numberRisk: {
      purposes: {
        login: { ifSwapped: 'step-up', failMode: 'open' },
        'account-change': { ifSwapped: 'refuse', failMode: 'closed' },
      },
      providers: [
        {
          name: 'operator-in',
          countries: ['IN', 'US', 'GB'],
          apiRoot: 'https://api.operator.com/camara',
          priceUsd: 0.01,
          tokenUrl: 'https://auth.operator.com/token',
          clientId: 'otp',
          secret: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:otp/operator-in-AbCdEf',
        },
      ],
    },
  }),
});
const plain = useStage();

const tellCarrier = async (page: Awaited<ReturnType<typeof open>>, number: string, act: string) => {
  await page.getByLabel('Number of the SIM').fill(number);
  await page.getByRole('button', { name: act }).click();
};

test('a developer swaps a SIM at the page, and the app learns that the code is not enough', async () => {
  const page = await open();
  const person = personAt(page);
  const number = freshNumber();
  await person.openControls();
  await tellCarrier(page, number, 'Swapped an hour ago');
  await person.see('This SIM was swapped an hour ago.');
  await person.askFor(number);
  await person.getsSms(number);
  await person.tapNewest();
  await person.see('needs another proof: its SIM may have been swapped');
});

test('a carrier that is out of order keeps an account change from its code', async () => {
  const page = await open();
  const person = personAt(page);
  await person.openControls();
  await page.getByRole('button', { name: 'Out of order' }).click();
  await person.see('The carrier breaks the next look-up off.');
  await person.purpose('Change account');
  await person.askFor(freshNumber());
  await person.error.waitFor();
  expect(await person.error.textContent()).not.toBe('');
});

test('a service that asks no carrier has no such switch', async () => {
  const page = await plain.open();
  await personAt(page).openControls();
  expect(await page.getByLabel('Number of the SIM').isVisible()).toBe(false);
});
