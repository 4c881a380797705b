import { describe, expect, test } from 'vitest';
import { chooseTemplate, renderMessage } from '../../lambdas/otp/record/message.ts';

const values = { brand: 'Acme', code: '492039', lifetimeSeconds: 300 };

describe('the text of an SMS', () => {
  test('the text of an SMS shows brand, code and minutes', () => {
    expect(renderMessage('{{brand}}: {{code}}, good for {{minutes}} min.', values)).toBe(
      'Acme: 492039, good for 5 min.',
    );
  });

  test('the text of an SMS shows what a payment is for', () => {
    const transaction = { amount: '1499.00', currency: 'INR', payee: 'Tea & Co' };
    const text = renderMessage('{{code}} pays {{amount}} {{currency}} to {{payee}}.', { ...values, transaction });
    expect(text).toBe('492039 pays 1499.00 INR to Tea & Co.');
  });

  test('a payee cannot smuggle a placeholder in', () => {
    const transaction = { amount: '1', currency: 'INR', payee: '{{code}}' };
    expect(renderMessage('to {{payee}}', { ...values, transaction })).toBe('to {{code}}');
  });

  test('the WebOTP line is the last one, exactly, below the Android hash', () => {
    const text = renderMessage('{{code}}', { ...values, appHash: 'FA+9qCX9VSu', host: 'app.example.com' });
    expect(text).toBe('492039\nFA+9qCX9VSu\n@app.example.com #492039');
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
