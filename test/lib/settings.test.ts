import { describe, expect, test } from 'vitest';
import rawSettings from '../../bin/settings.ts';
import { parseSettings, policyOf } from '../../lib/settings.ts';
import { minimalSettings } from './synthesized.ts';

const parse = (changes: Record<string, unknown>) => parseSettings({ ...minimalSettings, ...changes });
const problemsOf = (changes: Record<string, unknown>): readonly string[] => {
  try {
    parse(changes);
    return [];
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.split('\n  ').slice(1);
  }
};

const everyPurpose = ['verify-number', 'login', 'transaction', 'account-change'];
const registeredText = (purpose: string) => ({
  purpose,
  locale: 'en',
  country: 'IN',
  templateId: '1107000000000000001',
  text:
    purpose === 'transaction'
      ? '{{code}} pays {{currency}} {{amount}} to {{payee}}. Do not share it.'
      : '{{code}} is your code. Do not share it.',
});
const inIndia = { countries: { IN: { senderId: 'EXMPLE', entityId: '1101000000000000001' } } };

describe('the shipped settings', () => {
  test('are valid as they are', () => {
    expect(Object.keys(parseSettings(rawSettings).countries)).toEqual(['IN', 'US', 'GB']);
  });
  test('the defaults are the safe ones', () => {
    expect(parse({})).toEqual({
      ...minimalSettings,
      stackName: 'OtpService',
      maxPriceUsd: 0.1,
      purposes: everyPurpose,
      templates: [],
      defaultLocale: 'en',
      origins: [],
      smsRoutes: [{ region: '' }],
      code: { digits: 6, lifetimeSeconds: 300, maxLifetimeSeconds: 600, maxAttempts: 5 },
      sends: {
        cooldownSeconds: [30, 60, 120],
        cooldownWindowSeconds: 600,
        windows: [
          { name: 'phone-10m', windowSeconds: 600, sends: 5 },
          { name: 'phone-24h', windowSeconds: 86_400, sends: 10 },
        ],
      },
      proofLifetimeSeconds: 300,
      codeKeyGenerations: ['a'],
      access: 'api-key',
      minimumTls: '1.2',
      throttle: { ratePerSecond: 20, burst: 40 },
      apiGatewayLogsRole: 'create',
      logRetentionDays: 30,
      tracing: false,
    });
  });
});

describe('a wrong setting fails with what to write instead', () => {
  const wrong: readonly (readonly [string, Record<string, unknown>, string])[] = [
    ['no countries', { countries: undefined }, 'countries: List the countries that SMS may go to, and no more'],
    ['an empty list of countries', { countries: {} }, 'Write for example countries: { IN: {}, GB: {} }.'],
    ['a list instead of an object', { countries: ['IN'] }, 'countries.0: "0" is not a country.'],
    ['UK for GB', { countries: { UK: {} } }, 'countries.UK: The ISO code of the United Kingdom is GB. Write GB.'],
    ['a country that is none', { countries: { XX: {} } }, 'countries.XX: "XX" is not a country.'],
    ['a country in small letters', { countries: { in: {} } }, 'countries.in: "in" is not a country.'],
    ['a sender id in the US', { countries: { US: { senderId: 'Shop' } } }, 'US has no sender ids. Leave it out'],
    ['a sender id in Canada', { countries: { CA: { senderId: 'Shop' } } }, 'CA has no sender ids. Leave it out'],
    ['a sender id without a letter', { countries: { GB: { senderId: '12345' } } }, 'with at least one letter'],
    ['a sender id of 12', { countries: { GB: { senderId: 'ABCDEFGHIJKL' } } }, 'Write a sender id of 1 to 11'],
    ['a price of nothing', { countries: { GB: { maxPriceUsd: 0 } } }, 'countries.GB.maxPriceUsd: Write the most'],
    ['a price of dollars', { maxPriceUsd: 5 }, 'maxPriceUsd: Write the most that one SMS part may cost'],
    ['an entity outside India', { countries: { GB: { entityId: '1' } } }, 'Only India (IN) registers entities'],
    ['an entity without a sender', { countries: { IN: { entityId: '1' } } }, 'Add the registered senderId'],
    ['an Indian sender alone', { countries: { IN: { senderId: 'EXMPLE' } } }, 'Add entityId, or leave senderId out'],
    ['Indian texts not registered', inIndia, 'Add { purpose: "login", locale: "en", country: "IN", templateId: "…"'],
    ['no brand', { brand: undefined }, 'brand: Write the name that the SMS shows'],
    ['an empty brand', { brand: '' }, 'brand: Write the name that the SMS shows'],
    ['a brand of 21', { brand: 'W'.repeat(21) }, '1 to 20 characters'],
    ['a brand of 11 euros', { brand: '€'.repeat(11) }, '| € count twice'],
    ['a brand with a curly quote', { brand: 'Joe’s' }, 'the SMS alphabet (GSM-7)'],
    ['a brand of two lines', { brand: 'A\nB' }, 'brand: Write the name that the SMS shows'],
    ['a brand with a placeholder', { brand: '{{code}}' }, 'brand: Write the name that the SMS shows'],
    ['no audience', { audience: undefined }, 'audience: Write who proofs are for'],
    ['three digits', { code: { digits: 3 } }, 'code.digits: Write how many digits a code has, 4 to 10'],
    ['eleven digits', { code: { digits: 11 } }, 'code.digits: Write how many digits a code has, 4 to 10'],
    ['six and a half digits', { code: { digits: 6.5 } }, 'code.digits: Write how many digits'],
    ['digits as text', { code: { digits: '6' } }, 'code.digits: Write how many digits'],
    ['a code of 301 s', { code: { lifetimeSeconds: 301 } }, 'in whole seconds, 30 to 300, such as 300'],
    ['a code of 29 s', { code: { lifetimeSeconds: 29 } }, 'in whole seconds, 30 to 300'],
    ['a verification of 601 s', { code: { maxLifetimeSeconds: 601 } }, 'in whole seconds, 30 to 600'],
    ['shorter than its code', { code: { maxLifetimeSeconds: 299 } }, 'Write 300 or more, up to 600.'],
    ['no attempts', { code: { maxAttempts: 0 } }, 'code.maxAttempts: Write how many guesses'],
    ['eleven attempts', { code: { maxAttempts: 11 } }, 'code.maxAttempts: Write how many guesses'],
    ['no waits', { sends: { cooldownSeconds: [] } }, 'sends.cooldownSeconds: Write the waits after'],
    ['a wait of nothing', { sends: { cooldownSeconds: [0] } }, 'sends.cooldownSeconds.0: Write the wait'],
    ['no windows', { sends: { windows: [] } }, 'sends.windows: Write at least one window'],
    ['11 sends', { sends: { windows: [{ name: 'a', windowSeconds: 60, sends: 11 }] } }, '1 to 10; no more than ten'],
    ['a window of a week', { sends: { windows: [{ name: 'a', windowSeconds: 604_800, sends: 5 }] } }, '60 to 86400'],
    [
      'two windows of a name',
      { sends: { windows: Array(2).fill({ name: 'a', windowSeconds: 60, sends: 5 }) } },
      'sends.windows.1.name: "a" is taken.',
    ],
    ['a proof of a day', { proofLifetimeSeconds: 86_400 }, 'proofLifetimeSeconds: Write how long a proof'],
    ['no verify-number', { purposes: ['login'] }, 'purposes: Keep "verify-number" in the list'],
    [
      'a purpose without a text',
      { purposes: [...everyPurpose, 'sign-up'] },
      'Add { purpose: "sign-up", locale: "en", text: "…{{code}}…" }.',
    ],
    ['a default locale without texts', { defaultLocale: 'sv' }, 'has no text in the default locale'],
    ['a locale of words', { defaultLocale: 'English' }, 'defaultLocale: Write a language tag such as en or pt-BR.'],
    ['an origin with a path', { origins: ['https://a.example/x'] }, 'origins.0: Write an origin as https://'],
    ['an origin without TLS', { origins: ['http://a.example'] }, 'origins.0: Write an origin as https://'],
    ['no route', { smsRoutes: [] }, 'Write at least one way to the network'],
    ['a Region that is none', { smsRoutes: [{ region: 'Ireland' }] }, 'such as eu-west-1'],
    ['a number without +', { smsRoutes: [{ originationNumber: '12065550100' }] }, 'such as +12065550100'],
    ['an endpoint with a slash', { endpoint: 'https://otp.example.com/' }, 'without a slash at its end'],
    ['a generation of words', { codeKeyGenerations: ['a1'] }, 'Write a generation as one small letter'],
    ['no generation', { codeKeyGenerations: [] }, 'Name at least one generation'],
    ['a generation twice', { codeKeyGenerations: ['a', 'a'] }, 'Name each generation once'],
    ['another access', { access: 'none' }, 'access: Write "api-key", "iam", or { cognito:'],
    [
      'Cognito without a pool',
      { access: { cognito: { userPoolArns: [] } } },
      'access.cognito.userPoolArns: List the ARNs',
    ],
    [
      'Cognito of a name',
      { access: { cognito: { userPoolArns: ['mine'] } } },
      'access.cognito.userPoolArns.0: List the',
    ],
    ['a misspelt pool', { access: { cognito: { userPoolArn: '' } } }, 'or { cognito: { userPoolArns:'],
    ['TLS 1.1', { minimumTls: '1.1' }, 'minimumTls: Write "1.2"'],
    ['another logs role', { apiGatewayLogsRole: 'mine' }, 'apiGatewayLogsRole: Write "create"'],
    ['31 days of logs', { logRetentionDays: 31 }, 'CloudWatch keeps logs for one of 1, 3, 5'],
    ['tracing as text', { tracing: 'yes' }, 'tracing: Write true'],
    ['a quota of nothing', { dailyQuota: 0 }, 'dailyQuota: Write how many requests'],
    ['a stack name with a space', { stackName: 'my otp' }, 'stackName: Write a stack name'],
    ['a misspelt key', { throttel: {} }, 'throttel: There is no such setting. Did you mean throttle?'],
    ['a misspelt key inside', { code: { digit: 6 } }, 'code.digit: There is no such setting. Did you mean digits?'],
    ['an unknown key', { colour: 'red' }, 'colour: There is no such setting. Use one of stackName, brand'],
    ['a text without a purpose', { templates: [{ locale: 'en', text: '{{code}}' }] }, 'templates.0.purpose: Say which'],
    [
      'a text of an unknown purpose',
      { templates: [{ purpose: 'log-in', locale: 'en', text: '{{code}}' }] },
      'templates.0.purpose: "log-in" is not in purposes. Add it there, or write one of verify-number',
    ],
    [
      'two texts for one place',
      { templates: Array(2).fill({ purpose: 'login', locale: 'en', text: '{{code}}' }) },
      'templates.1: There is a text for this purpose, locale and country already.',
    ],
    [
      'a text for a country without SMS',
      { templates: [{ purpose: 'login', locale: 'en', country: 'FR', text: '{{code}}' }] },
      'templates.0.country: No SMS goes to FR.',
    ],
    [
      'a registered text outside India',
      { templates: [{ purpose: 'login', locale: 'en', templateId: '1', text: '{{code}}' }] },
      'templates.0.templateId: Only India registers texts',
    ],
  ];

  test.each(wrong)('%s', (_, changes, sentence) => {
    expect(problemsOf(changes).join('\n')).toContain(sentence);
  });

  test('settings that are no object', () => {
    expect(() => parseSettings(undefined)).toThrow('Write an object with the keys stackName, brand');
  });
  test('settings that contradict each other, all at once', () => {
    const paths = problemsOf({
      brand: '',
      countries: { US: { senderId: 'Shop' }, FR: { entityId: '1' } },
      code: { maxLifetimeSeconds: 60 },
    }).map((line) => line.split(': ')[0]);
    expect(paths).toEqual(['brand', 'code.maxLifetimeSeconds', 'countries.US.senderId', 'countries.FR.entityId']);
  });
  test('and all of them at once, each with its path', () => {
    const paths = problemsOf({
      brand: '',
      colour: 1,
      throttel: {},
      code: { digits: 3, foo: 1, bar: 2 },
      sends: { windows: [{ name: 'A', windowSeconds: 1, sends: 0 }] },
    }).map((line) => line.split(': ')[0]);
    expect(paths.toSorted()).toEqual([
      'brand',
      'code.bar',
      'code.digits',
      'code.foo',
      'colour',
      'sends.windows.0.name',
      'sends.windows.0.sends',
      'sends.windows.0.windowSeconds',
      'throttel',
    ]);
  });
});

describe('the policy', () => {
  test('gives every country a price limit: its own or the general one', () => {
    const { countries } = policyOf(parse({ maxPriceUsd: 0.2, countries: { GB: {}, FR: { maxPriceUsd: 0.3 } } }));
    expect(countries).toEqual({ GB: { maxPriceUsd: 0.2 }, FR: { maxPriceUsd: 0.3 } });
  });
  test('takes a text of the settings instead of the shipped one, and adds others', () => {
    const own = [
      { purpose: 'login', locale: 'EN', text: 'Mine: {{code}}' },
      { purpose: 'login', locale: 'sv', text: 'Min: {{code}}' },
    ];
    const texts = policyOf(parse({ templates: own })).templates.filter(({ purpose }) => purpose === 'login');
    expect(texts.filter(({ locale }) => locale.toLowerCase() === 'en')).toEqual([own[0]]);
    expect(texts.map(({ locale }) => locale)).toContain('sv');
    expect(texts.map(({ locale }) => locale)).toContain('de');
  });
  test('has texts only for the purposes in use', () => {
    const { templates } = policyOf(parse({ purposes: ['verify-number'] }));
    expect(new Set(templates.map(({ purpose }) => purpose))).toEqual(new Set(['verify-number']));
  });
  test('registers India’s entity and texts together', () => {
    const policy = policyOf(parse({ ...inIndia, templates: everyPurpose.map(registeredText) }));
    expect(policy.countries['IN']).toEqual({ ...inIndia.countries.IN, maxPriceUsd: 0.1 });
    expect(policy.templates.filter(({ country }) => country === 'IN')).toHaveLength(4);
  });
  test('is data: it survives the journey through a file', () => {
    const policy = policyOf(parseSettings(rawSettings));
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });
});
