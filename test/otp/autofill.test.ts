import { describe, expect, test } from 'vitest';
import type { Policy, Template } from '../../lambdas/policy.ts';
import { samplePolicy } from '../fakes/policy.ts';
import { phone, requested, world } from '../fakes/world.ts';

const appHash = 'FA+9qCX9VSu';
const origin = 'https://app.example.com';
const registered: Template = {
  purpose: 'login',
  locale: 'en',
  country: 'IN',
  templateId: '1107',
  text: 'Dear customer,\n{{code}} is your OTP. -ACME ',
};
const withTexts = (...templates: readonly Template[]): Partial<Policy> => ({
  templates: [...templates, ...samplePolicy.templates],
});
const newest = ({ inbox }: ReturnType<typeof world>) => inbox.at(-1)?.text;

describe('an SMS to India', () => {
  test('the registered text goes out to the letter, at first and on a resend, whatever the request names', async () => {
    const here = world(withTexts(registered));
    const { id, code } = await requested(here, { appHash, origin });
    expect(newest(here)).toBe(`Dear customer,\n${code} is your OTP. -ACME `);
    here.pass(30);
    expect((await here.resend({ id })).kind).toBe('resent');
    expect(newest(here)).toBe(`Dear customer,\n${here.lastCode()} is your OTP. -ACME `);
  });

  test('a request that names app and origin gets the text that is registered with them', async () => {
    const text = '{{code}} is your OTP.\n\n{{appHash}}\n@{{host}} #{{code}}';
    const here = world(withTexts(registered, { ...registered, templateId: '1108', text }));
    const { code } = await requested(here, { appHash, origin });
    expect(newest(here)).toBe(`${code} is your OTP.\n\n${appHash}\n@app.example.com #${code}`);
    await requested(here, { phone: phone('+919876543211') });
    expect(newest(here)).toContain('Dear customer,');
  });

  test('other countries get their lines as before', async () => {
    const here = world(withTexts(registered));
    const { code } = await requested(here, { phone: phone('+447400123456'), appHash, origin });
    expect(newest(here)).toContain(`\n${appHash}\n@app.example.com #${code}`);
  });
});

test('a resend names no app and no origin that the settings have dropped since', async () => {
  const here = world();
  const { id, code } = await requested(here, { appHash, origin });
  expect(newest(here)?.split('\n').slice(1)).toEqual([appHash, `@app.example.com #${code}`]);
  Object.assign(here.rules, { appHashes: [], origins: [] });
  here.pass(30);
  expect((await here.resend({ id })).kind).toBe('resent');
  expect(newest(here)?.split('\n')).toHaveLength(1);
});
