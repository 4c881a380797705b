import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { matchLocale } from '../../../lambdas/otp/input/locale.ts';
import { isGsm7, sizeOf } from '../../../lambdas/otp/record/parts.ts';
import { type Template, transactionPurpose } from '../../../lambdas/policy.ts';
import { renderingsOf, templateProblems, usualValues } from '../../../lib/settings/messages/message-length.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import {
  defaultLanguages,
  defaultPurposes,
  shippedLanguages,
  shippedTemplates,
} from '../../../lib/settings/templates.ts';
import { minimalSettings } from '../template/synthesized.ts';

const inGsm7 = ['en', 'de', 'es', 'fr', 'id', 'it', 'nl', 'pl', 'pt', 'tr'];
const outside = ['ar', 'bn', 'hi', 'ja', 'ko', 'ru', 'ta', 'uk', 'vi', 'zh'];
const shipped = shippedTemplates(shippedLanguages);
const name = ({ purpose, locale }: Pick<Template, 'purpose' | 'locale'>) => `${purpose} in ${locale}`;
const byName = shipped.map((template) => [name(template), template] as const);
const payments = byName.filter(([, { purpose }]) => purpose === transactionPurpose);

const maxParts = { gsm7: 1, unicode: 1, extraForLines: 1, extraForPayment: 1 };
const widest = {
  brand: 'W'.repeat(20),
  digits: 10,
  lifetimeSeconds: 300,
  longestHost: 'login.example.com',
  hasApps: true,
  maxParts,
};
const usual = { ...widest, brand: 'Example', digits: 6, longestHost: 'login.accounts.example' };
const partsOf = (template: Template, bounds: typeof widest, values?: ReturnType<typeof usualValues>) =>
  renderingsOf(template, bounds, values).map(({ parts }) => parts);

describe('the shipped texts', () => {
  test('the shipped texts cover every purpose in twenty languages', () => {
    expect([...defaultPurposes]).toEqual(['verify-number', 'login', 'transaction', 'account-change']);
    const wanted = defaultPurposes.flatMap((purpose) =>
      [...inGsm7, ...outside].map((locale) => name({ purpose, locale })),
    );
    expect(shipped.map(name).toSorted()).toEqual(wanted.toSorted());
  });
  test('the texts of a deployment that chooses no languages are the ones that it had', () => {
    const { templates } = policyOf(parseSettings(minimalSettings));
    expect(templates).toEqual(shippedTemplates(defaultLanguages));
    expect(createHash('sha256').update(JSON.stringify(templates)).digest('hex')).toBe(
      '57e6c79bdd4b1f91c4a2da67e6137986dfb859c7ddd8be4af67f15c9367309c0',
    );
  });
  test('a deployment has the texts of its languages alone', () => {
    const { templates } = policyOf(parseSettings({ ...minimalSettings, languages: ['en', 'hi'] }));
    expect(new Set(templates.map(({ locale }) => locale))).toEqual(new Set(['en', 'hi']));
    expect(templates).toHaveLength(8);
  });
  test.each([
    ['zh-TW', 'zh'],
    ['zh-Hant', 'zh'],
    ['pt-BR', 'pt'],
    ['ar-EG', 'ar'],
    ['in', 'id'],
  ])('a reader of %s gets the text in %s', (reader, locale) => {
    expect(shippedLanguages[matchLocale(reader, shippedLanguages) ?? -1]).toBe(locale);
  });

  test.each(byName)('%s warns against sharing the code', (_, { locale, text }) => {
    expect(text).toMatch(warnings[locale] ?? /^$/);
  });
  test.each(payments)('%s names the payment, and the code before its amount', (_, { text }) => {
    for (const value of ['{{amount}}', '{{currency}}', '{{payee}}']) expect(text).toContain(value);
    // Phones that look for a code take the first number of its length.
    expect(text.indexOf('{{code}}')).toBeLessThan(text.indexOf('{{amount}}'));
  });
  test.each(byName)('%s has the code once, no digits of its own, and each letter in one piece', (_, { text }) => {
    expect(text.match(/\{\{code\}\}/g)).toHaveLength(1);
    expect(text).not.toMatch(/\p{Nd}/u);
    expect(text).toBe(text.normalize('NFC'));
    expect(text.trim()).toBe(text);
  });
  test.each(byName.filter(([, { locale }]) => locale === 'ar'))('%s is laid out from the right', (_, { text }) => {
    const letters = text.replace(/\{\{\w+\}\}/g, 'Latin').match(/\p{L}/u);
    expect(letters?.[0]).toMatch(/\p{Script=Arabic}/u);
    // A number behind Latin letters would be taken for a part of them.
    expect(text).not.toMatch(/\{\{(brand|payee|currency)\}\}[\s:,.]*\{\{(code|amount)\}\}/);
  });
});

const warnings: Readonly<Record<string, RegExp>> = {
  en: /Don't share it/,
  de: /Nicht weitergeben|nicht weiter/,
  es: /No la compartas/,
  fr: /Ne le (partagez|donnez)/,
  it: /Non condividerlo/,
  nl: /Deel deze (niet|met niemand)/,
  pt: /Nunca (o )?divulgue/,
  ar: /لا تشاركه مع أحد/,
  bn: /কাউকে বলবেন না/,
  hi: /किसी को न बताएँ/,
  id: /Jangan bagikan/,
  ja: /他の人に教えないでください/,
  ko: /타인에게 알려주지 마세요/,
  pl: /Nie podawaj (go )?nikomu/,
  ru: /Никому (его )?не сообщайте/,
  ta: /பகிர வேண்டாம்/,
  tr: /Kimseye vermeyin/,
  uk: /Нікому не (повідомляйте|кажіть)/,
  vi: /Không chia sẻ/,
  zh: /请勿告诉他人/,
};

describe('the parts of the shipped texts', () => {
  const isOutside = ({ locale }: Template) => outside.includes(locale);
  test.each(byName.filter(([, template]) => !isOutside(template)))(
    '%s has one part in the SMS alphabet, with the longest of everything',
    (_, template) => {
      expect([...template.text].every(isGsm7)).toBe(true);
      expect(templateProblems(template, widest)).toEqual([]);
      expect(templateProblems(template, usual)).toEqual([]);
      expect(partsOf(template, widest)).toEqual([1, 1, 1, 1]);
    },
  );
  test.each(byName.filter(([, template]) => isOutside(template)))(
    '%s has its parts outside of that alphabet, with the longest of everything',
    (_, template) => {
      expect(sizeOf(template.text).encoding).toBe('UCS-2');
      expect(templateProblems(template, widest)).toEqual([]);
      expect(templateProblems(template, usual)).toEqual([]);
      const isPayment = template.purpose === transactionPurpose;
      const [alone = 0, ...withLines] = partsOf(template, widest);
      expect(alone).toBe(isPayment ? 2 : 1);
      expect(Math.max(...withLines)).toBeLessThanOrEqual(isPayment ? 3 : 2);
    },
  );
  // Alone, with the app hash, with the line for browsers, and with both.
  const most = ['1 1 2 2', '1 1 2 2', '2 2 2 2', '1 1 2 2'];
  const usualParts = {
    ...{ ar: most, bn: most, hi: most, ru: most, ta: most, uk: most, vi: most },
    ja: ['1 1 1 2', '1 1 2 2', '1 2 2 2', '1 1 2 2'],
    ko: ['1 1 2 2', '1 1 2 2', '1 2 2 2', '1 1 2 2'],
    zh: ['1 1 1 2', '1 1 1 2', '1 1 2 2', '1 1 1 2'],
  };
  test('the texts outside of the SMS alphabet have fewer parts with values of most days', () => {
    const measured = Object.fromEntries(
      outside.map((locale) => [
        locale,
        shipped.filter((each) => each.locale === locale).map((each) => partsOf(each, usual, usualValues(6)).join(' ')),
      ]),
    );
    expect(measured).toEqual(usualParts);
  });
});
