import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseTemplate, renderMessage } from '../../lambdas/otp/record/message.ts';
import type { Template } from '../../lambdas/policy.ts';

const values = { brand: 'Acme', code: '492039', lifetimeSeconds: 300 };

describe('the text of an SMS', () => {
  test('the text of an SMS shows brand, code and minutes', () => {
    expect(renderMessage({ text: '{{brand}}: {{code}}, good for {{minutes}} min.' }, values)).toBe(
      'Acme: 492039, good for 5 min.',
    );
  });

  test('the text of an SMS shows what a payment is for', () => {
    const transaction = { amount: '1499.00', currency: 'INR', payee: 'Tea & Co' };
    const text = renderMessage(
      { text: '{{code}} pays {{amount}} {{currency}} to {{payee}}.' },
      { ...values, transaction },
    );
    expect(text).toBe('492039 pays 1499.00 INR to Tea & Co.');
  });

  test('a payee cannot smuggle a placeholder in', () => {
    const transaction = { amount: '1', currency: 'INR', payee: '{{code}}' };
    expect(renderMessage({ text: 'to {{payee}}' }, { ...values, transaction })).toBe('to {{code}}');
  });

  test('the WebOTP line is the last one, exactly, below the Android hash', () => {
    const text = renderMessage({ text: '{{code}}' }, { ...values, appHash: 'FA+9qCX9VSu', host: 'app.example.com' });
    expect(text).toBe('492039\nFA+9qCX9VSu\n@app.example.com #492039');
  });
});

const both = { appHash: 'FA+9qCX9VSu', host: 'app.example.com' };

describe('a text that is sent as it is', () => {
  test('nothing is added to a registered text, whatever the request names', () => {
    const registered = { text: '{{code}} is your OTP. -ACME', templateId: '1107' };
    for (const asked of [{}, { appHash: both.appHash }, { host: both.host }, both])
      expect(renderMessage(registered, { ...values, ...asked })).toBe('492039 is your OTP. -ACME');
  });

  test('hash and host stand where the text has a place for them, registered or not', () => {
    const text = 'Hi,\n{{code}} is your OTP.\n\n{{appHash}}\n@{{host}} #{{code}}';
    for (const templateId of [undefined, '1107'])
      expect(renderMessage({ text, ...(templateId === undefined ? {} : { templateId }) }, { ...values, ...both })).toBe(
        'Hi,\n492039 is your OTP.\n\nFA+9qCX9VSu\n@app.example.com #492039',
      );
  });

  test('no line break, no space and no letter of a text is changed', () => {
    const text = fc.string({ unit: fc.constantFrom(...' \n\t.-aZ9@#{}éÖ€₹ह'), maxLength: 60 });
    fc.assert(
      fc.property(text, text, (before, after) => {
        fc.pre(!`${before}{${after}`.includes('{{'));
        const rendered = renderMessage(
          { text: `${before} {{code}} ${after}`, templateId: '1' },
          { ...values, ...both },
        );
        expect(rendered).toBe(`${before} 492039 ${after}`);
      }),
    );
  });
});

describe('the template carries what the request names', () => {
  const of = (text: string, more: Partial<Template> = {}): Template => ({
    purpose: 'login',
    locale: 'en',
    text,
    ...more,
  });
  const plain = of('{{code}}', { country: 'IN', templateId: '1' });
  const hashed = of('{{code}} {{appHash}}', { country: 'IN', templateId: '2' });
  const hosted = of('{{code}}\n@{{host}} #{{code}}', { country: 'IN', templateId: '3' });
  const all = of('{{code}}\n{{appHash}}\n@{{host}} #{{code}}', { country: 'IN', templateId: '4' });
  const choose = (templates: readonly Template[], asked: Partial<typeof both> & { locale?: string }) =>
    chooseTemplate({ templates, defaultLocale: 'en' }, { purpose: 'login', country: 'IN', ...asked });

  test.each([
    ['no autofill', {}, plain],
    ['an app', { appHash: both.appHash }, hashed],
    ['an origin', { host: both.host }, hosted],
    ['both', both, all],
  ])('a request that names %s gets the text that has a place for it', (_, asked, expected) => {
    for (const templates of [
      [plain, hashed, hosted, all],
      [all, hosted, hashed, plain],
    ])
      expect(choose(templates, asked)).toBe(expected);
  });

  test('a request whose autofill has no place in any registered text gets one without: no place stays empty', () => {
    expect(choose([hashed, plain], { host: both.host })).toBe(plain);
    expect(choose([all, plain], { host: both.host })).toBe(plain);
    expect(choose([all, hosted, plain], { host: both.host })).toBe(hosted);
  });

  test('the language comes first: what a person reads matters more than what an app reads', () => {
    const german = of('{{code}}', { country: 'IN', locale: 'de', templateId: '5' });
    expect(choose([hashed, plain, german], { appHash: both.appHash, locale: 'de' })).toBe(german);
  });

  test('a text to which lines are added carries both autofills, and one with a place is preferred if it carries as many', () => {
    const [free, placed] = [of('{{code}}'), of('{{code}}\n\n@{{host}} #{{code}}')];
    expect(choose([placed, free], both)).toBe(free);
    expect(choose([free, placed], { host: both.host })).toBe(placed);
  });
});

describe('the template is the best match of the locale', () => {
  const of = (locale: string, country?: string) => ({
    purpose: 'login',
    locale,
    text: `${locale} ${country ?? ''}`,
    ...(country === undefined ? {} : { country }),
  });
  const templates = [of('en'), of('de'), of('pt-BR'), of('en', 'IN')];
  const choose = (country: string, locale?: string) =>
    chooseTemplate({ templates, defaultLocale: 'en' }, { purpose: 'login', country, locale })?.text.trim();

  test.each([
    ['GB', 'de', 'de'],
    ['GB', 'de-AT', 'de'],
    ['GB', 'DE-at', 'de'],
    ['GB', 'pt', 'pt-BR'],
    ['GB', 'pt-PT', 'pt-BR'],
    ['GB', 'ja', 'en'],
    ['GB', undefined, 'en'],
    ['IN', 'de', 'en IN'],
  ])('the template in %s for the locale %s is the one of %s', (country, locale, text) => {
    expect(choose(country, locale)).toBe(text);
  });

  test('a purpose without a template has none', () => {
    const chosen = chooseTemplate({ templates, defaultLocale: 'en' }, { purpose: 'other', country: 'GB' });
    expect(chosen).toBeUndefined();
  });
});
