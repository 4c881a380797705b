import type { BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import settings from '../../../bin/settings.ts';
import { useStage } from '../stage.ts';

/** The product with its detector, a browser at the desk, and traffic over HTTP. For the top of a test file. */
export const useDesk = () => {
  // A country with few verifications would refuse the third attack of a day by itself.
  const lowVolume = { verifications: 0, unverifiedSendsPerDay: 1 };
  // On a slow machine a few attacks use up the usual caps of a country, which refuse with another word.
  const caps = { hourUsd: 1000, dayUsd: 5000 };
  const countries = { ...settings.countries, IN: { caps } };
  const stage = useStage({ isRoomy: false, settingsOf: async () => ({ lowVolume, caps, countries }) });
  const { stack } = stage;

  const operator = async (method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> => {
    const response = await fetch(`${stack().url}/_operator/v1/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.ok, `${method} ${path}: ${response.status}`).toBe(true);
    return response.status === 204 ? {} : ((await response.json()) as Readonly<Record<string, unknown>>);
  };

  let calls = 0;
  /** Asks for a code from an IP of its own. @returns `sent`, or the code of the refusal. */
  const ask = async (phoneNumber: string): Promise<string> => {
    calls += 1;
    const response = await fetch(`${stack().url}/v1/verifications`, {
      method: 'POST',
      headers: {
        'x-api-key': "a key of one's own",
        'content-type': 'application/json',
        'x-local-source-ip': `198.18.${Math.floor(calls / 250)}.${(calls % 250) + 1}`,
      },
      body: JSON.stringify({ phoneNumber }),
    });
    return response.ok ? 'sent' : String(((await response.json()) as { readonly code?: unknown }).code);
  };

  /** Requests codes in one range until they are refused. */
  const attack = async (range: string): Promise<void> => {
    for (let tail = 1000; tail < 1200; tail += 1)
      if ((await ask(`${range}${tail}`)) === 'destination-suspended') return;
    expect.fail('Nobody stopped the attack.');
  };

  const openDesk = async (options: BrowserContextOptions = {}, prepare?: (page: Page) => Promise<void>) => {
    const page = await stage.open(options, prepare);
    await page.getByRole('link', { name: 'Security desk' }).click();
    return page;
  };

  return { stack, ask, attack, operator, openDesk, open: stage.open };
};

/** Parts of the desk, by label and role. */
export const deskAt = (page: Page) => {
  const region = (name: string) => page.getByRole('region', { name, exact: true });
  const findings = region('Findings')
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { level: 4 }) });
  return {
    region,
    findings,
    findingOn: (text: string) => findings.filter({ hasText: text }),
    blocks: region('Blocks').getByRole('listitem'),
    unfold: (within: ReturnType<typeof region>, label: string) =>
      within.locator('summary').filter({ hasText: label }).click(),
    looks: async (count: number) => {
      for (let nth = 0; nth < count; nth += 1)
        await page.waitForResponse((response) => response.url().endsWith('/_operator/v1/blocks'));
    },
  };
};
