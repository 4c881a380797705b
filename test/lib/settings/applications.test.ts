import { expect, test } from 'vitest';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';

type Application = NonNullable<SettingsInput['applications']>[string];

const settingsWith = (shop: Partial<Application>, more: Partial<SettingsInput> = {}): SettingsInput => ({
  ...minimalSettings,
  countries: { IN: {}, GB: {} },
  ...more,
  applications: { web: { kind: 'public' }, shop: { kind: 'back-end', ...shop } },
});

const policyWith = (shop: Partial<Application>, more: Partial<SettingsInput> = {}) =>
  policyOf(parseSettings(settingsWith(shop, more)));
const problemOf = (shop: Partial<Application>, more: Partial<SettingsInput> = {}): string => {
  try {
    parseSettings(settingsWith(shop, more));
    return 'no problem';
  } catch (error) {
    return String(error);
  }
};

const ownText = { purpose: 'login', locale: 'en', text: 'Shop: {{code}} signs you in.' };
const ofAll = { purpose: 'login', locale: 'en', text: 'All: {{code}} signs you in.' };

test('an application has its own texts in place of those of all, and the shipped ones for the rest', () => {
  const { templates, applications } = policyWith({ templates: [ownText] }, { templates: [ofAll] });
  const own = applications['shop']?.templates ?? [];
  const english = (list: typeof own) => list.filter(({ purpose, locale }) => purpose === 'login' && locale === 'en');
  expect(english(own)).toEqual([ownText]);
  expect(english(templates)).toEqual([ofAll]);
  expect(own.map(({ purpose }) => purpose)).toEqual(expect.arrayContaining(['verify-number', 'transaction']));
  expect(applications['web']).toEqual({ kind: 'public' });
});

test('an application has its own default locale, countries and caps', () => {
  const { applications } = policyWith({ defaultLocale: 'de', countries: ['GB'], caps: { hourUsd: 2, dayUsd: 8 } });
  expect(applications['shop']).toEqual({
    kind: 'back-end',
    defaultLocale: 'de',
    countries: ['GB'],
    caps: { hourUsd: 2, dayUsd: 8 },
  });
});

test.each<[Application['caps'], { hourUsd: number; dayUsd: number }]>([
  [{}, { hourUsd: 20, dayUsd: 100 }],
  [{ hourUsd: 5 }, { hourUsd: 5, dayUsd: 100 }],
  [{ dayUsd: 50 }, { hourUsd: 20, dayUsd: 50 }],
  [{ dayUsd: 8 }, { hourUsd: 8, dayUsd: 8 }],
])('the cap that an application leaves out of %j follows from the caps of all', (caps, whole) => {
  expect(policyWith(caps === undefined ? {} : { caps }).applications['shop']?.caps).toEqual(whole);
});

test.each<[string, Partial<Application>, string, Partial<SettingsInput>?]>([
  [
    'caps of an hour above those of all',
    { caps: { hourUsd: 21 } },
    'applications.shop.caps.hourUsd: The cap is above that of all applications, 20. Write 20 or less, or raise caps.hourUsd.',
  ],
  [
    'caps of a day above those of all',
    { caps: { dayUsd: 101 } },
    'applications.shop.caps.dayUsd: The cap is above that of all applications, 100. Write 100 or less, or raise caps.dayUsd.',
  ],
  [
    'a cap of an hour above that of its day',
    { caps: { hourUsd: 6, dayUsd: 5 } },
    'applications.shop.caps.hourUsd: The cap of an hour is above that of its day, 5.',
  ],
  [
    'a cap that no first SMS fits in',
    { caps: { hourUsd: 0.05 } },
    'applications.shop.caps.hourUsd: The cap is 0.05 USD, and an SMS to IN costs',
  ],
  [
    'a negative cap',
    { caps: { hourUsd: -1 } },
    'applications.shop.caps.hourUsd: -1 is not allowed. Maximum estimated cost of SMS per hour in USD',
  ],
  [
    'a country that the deployment does not list',
    { countries: ['GB', 'FR'] },
    'applications.shop.countries: No SMS goes to FR. Add it to countries of the deployment, or write some of IN, GB.',
  ],
  [
    'the same country twice',
    { countries: ['GB', 'GB'] },
    'applications.shop.countries: ["GB","GB"] is not allowed. Countries of the application',
  ],
  ['no country', { countries: [] }, 'applications.shop.countries: [] is not allowed. Countries of the application'],
  [
    'a country that there is none of',
    { countries: ['UK'] },
    'applications.shop.countries.0: The ISO code of the United Kingdom is GB. Write GB.',
  ],
  [
    'a text of another purpose',
    { purposes: ['verify-number'], templates: [ownText] },
    'applications.shop.templates.0.purpose: "login" is not in purposes. Add it there, or write one of verify-number.',
  ],
  [
    'a text for a country that it does not have',
    { countries: ['GB'], templates: [{ ...ownText, country: 'IN' }] },
    'applications.shop.templates.0.country: No SMS goes to IN.',
  ],
  [
    'two texts for one place',
    { templates: [ownText, ownText] },
    'applications.shop.templates.1: Another text has the same purpose, locale and country. Keep one of them.',
  ],
  [
    'a text without its code',
    { templates: [{ ...ownText, text: 'Hello' }] },
    'applications.shop.templates.0.text (login/en): The text has no {{code}}.',
  ],
  [
    'a purpose without a text in its default locale',
    { defaultLocale: 'ja' },
    'applications.shop, templates: Purpose "verify-number" has no text in the default locale.',
  ],
  [
    'a registered text outside India',
    { templates: [{ ...ownText, country: 'GB', templateId: '1' }] },
    'applications.shop.templates.0.templateId: Only India registers texts (DLT).',
  ],
  [
    'a text with a place for an app that it does not have',
    { templates: [ownText, { ...ownText, text: '{{code}} {{appHash}}' }], appHashes: [] },
    'applications.shop.templates.1.text: {{appHash}} is for requests that name an Android app, and appHashes lists none.',
    { appHashes: ['FA+9qCX9VSu'] },
  ],
])('%s of one application is refused', (_, shop, sentence, more) => {
  expect(problemOf(shop, more)).toContain(sentence);
});

test('no text is too long with the brand of the application that sends it', () => {
  // 160 septets with the brand of all, of seven letters, and a code of nine digits.
  const templates = [{ purpose: 'login', locale: 'en', text: `{{brand}} ${'x'.repeat(142)} {{code}}` }];
  expect(problemOf({}, { templates })).toBe('no problem');
  const problem = problemOf({ brand: 'Examples' }, { templates });
  expect(problem).toContain('applications.shop, templates.0.text (login/en): With the longest values');
  expect(problem).toContain('1 character too long for one SMS part');
  expect(problem).not.toContain('\n  templates.0');
  expect(problemOf({ brand: 'Examples', templates: [ownText] }, { templates })).toBe('no problem');
  expect(problemOf({ brand: 'Examples', templates })).toContain('applications.shop.templates.0.text (login/en): ');
});

test('the texts of a sender in India are registered for each purpose of the application', () => {
  const india = { countries: { IN: { senderId: 'EXMPLE', entityId: '1101000000000000001' }, GB: {} } };
  const registered = (purpose: string) => ({
    purpose,
    locale: 'en',
    country: 'IN',
    templateId: '1107000000000000001',
    text: '{{code}} is your {{brand}} code.',
  });
  const ofBoth = {
    ...india,
    purposes: ['verify-number', 'login'],
    templates: ['verify-number', 'login'].map(registered),
  };
  expect(problemOf({ templates: [registered('verify-number')] }, ofBoth)).toContain(
    'applications.shop.templates: Purpose "login" has no registered text, and India needs one for a sender id.',
  );
  expect(problemOf({ templates: [registered('verify-number')], purposes: ['verify-number'] }, ofBoth)).toBe(
    'no problem',
  );
  expect(problemOf({ templates: [registered('verify-number')], countries: ['GB'] }, ofBoth)).toContain(
    'No SMS goes to IN',
  );
  expect(problemOf({ templates: [ownText], countries: ['GB'] }, ofBoth)).toBe('no problem');
});
