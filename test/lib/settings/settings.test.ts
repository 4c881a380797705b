import { describe, expect, test } from 'vitest';
import rawSettings from '../../../bin/settings.ts';
import { smsPricesUsd, unknownPriceUsd } from '../../../lib/settings/prices.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';

/** The settings are read at noon of this day. */
const now = new Date('2026-11-21T12:00:00Z');
const parse = (changes: Record<string, unknown>) => parseSettings({ ...minimalSettings, ...changes }, now);
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
const testFacts = { code: '123456', expires: '2027-03-31', uses: 1000 };
const testNumber = (changes: Record<string, unknown> = {}) => ({
  testNumbers: [{ ...testFacts, number: '+12025550123', ...changes }],
});
const testRange = (from: string, to?: string) => ({
  testNumbers: [{ ...testFacts, from, ...(to === undefined ? {} : { to }) }],
});
const inIndia = { countries: { IN: { senderId: 'EXMPLE', entityId: '1101000000000000001' } } };

describe('the shipped settings', () => {
  test('are valid as they are', () => {
    expect(Object.keys(parseSettings(rawSettings).countries)).toEqual(['IN', 'US', 'GB']);
  });
  test('the defaults are the safe ones', () => {
    expect(parse({})).toEqual({
      ...minimalSettings,
      countries: { GB: { caps: {} } },
      stackName: 'OtpService',
      maxPriceUsd: 0.1,
      caps: { hourUsd: 20, dayUsd: 100 },
      lowVolume: { verifications: 100, unverifiedSendsPerDay: 50 },
      bursts: {
        levels: { phone: 'enforce', ip: 'enforce', range: 'enforce', prefix: 'enforce', country: 'enforce' },
        rules: {},
        countries: {},
        coldStartDays: 7,
        criticalUsdPerHour: 50,
        findingDays: 400,
        auditDays: 90,
      },
      purposes: everyPurpose,
      templates: [],
      defaultLocale: 'en',
      origins: [],
      smsRoutes: [{ region: '' }],
      code: {
        digits: 6,
        lifetimeSeconds: 300,
        maxLifetimeSeconds: 600,
        maxAttempts: 5,
        afterWrongGuesses: [
          { wrong: 8, maxAttempts: 1 },
          { wrong: 5, maxAttempts: 3 },
        ],
        duringCodeSpraying: { extraDigits: 3, maxAttempts: 3 },
      },
      ips: {
        untrusted: { sends: 10, windowSeconds: 600 },
        trusted: { sends: 240, windowSeconds: 600 },
        trustedAfter: 3,
        countriesPerDay: 3,
        exemptApplications: [],
      },
      testNumbers: [],
      firewall: true,
      firewallRequestsPerIp: 3000,
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
      monthlySpendAlarmUsd: 50,
      kmsCallsAlarm: 25_000,
      tracing: false,
    });
  });
});

describe('a wrong setting fails with what to write instead', () => {
  const steps = (list: readonly (readonly [number, number])[]) => ({
    code: { afterWrongGuesses: list.map(([wrong, maxAttempts]) => ({ wrong, maxAttempts })) },
  });
  const wrong: readonly (readonly [string, Record<string, unknown>, string])[] = [
    [
      'no address of the staff',
      { securityEmail: '' },
      'securityEmail: Write one e-mail address that security staff read',
    ],
    ['an address without a host', { securityEmail: 'security' }, 'securityEmail: Write one e-mail address'],
    ['two addresses', { securityEmail: 'a@example.com, b@example.com' }, 'securityEmail: Write one e-mail address'],
    ['a month of nothing', { monthlySpendAlarmUsd: 0 }, 'monthlySpendAlarmUsd: Write from what cost of all SMS'],
    ['no calls of KMS', { kmsCallsAlarm: 0 }, 'kmsCallsAlarm: Write from how many KMS calls of the account'],
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
    ['a step of no guesses', steps([[0, 3]]), 'code.afterWrongGuesses.0.wrong: Write from how many wrong guesses'],
    ['a step of no attempts', steps([[5, 0]]), 'code.afterWrongGuesses.0.maxAttempts: Write how many guesses'],
    [
      'a step twice',
      steps([
        [5, 3],
        [5, 2],
      ]),
      'code.afterWrongGuesses.1.wrong: There is a step',
    ],
    [
      'a step up',
      steps([
        [8, 3],
        [5, 1],
      ]),
      'afterWrongGuesses.0.maxAttempts: More wrong guesses may not leave more',
    ],
    ['no sends for an IP', { ips: { untrusted: { sends: 0 } } }, 'ips.untrusted.sends: Write how many SMS'],
    ['a window of an IP of 59 s', { ips: { trusted: { windowSeconds: 59 } } }, '60 to 86400'],
    ['trusted IPs with less', { ips: { trusted: { sends: 9 } } }, 'ips.trusted: Trusted IPs may not'],
    ['IPs trusted for nothing', { ips: { trustedAfter: 0 } }, 'ips.trustedAfter: Write after how many'],
    ['no country per IP', { ips: { countriesPerDay: 0 } }, 'ips.countriesPerDay: Write to how many'],
    ['an exempt back end without a name', { ips: { exemptApplications: [''] } }, 'List the back ends that call'],
    ['a cap of nothing', { caps: { hourUsd: 0 } }, 'caps.hourUsd: Write the most that SMS may cost per hour'],
    ['an hour above its day', { caps: { hourUsd: 200 } }, 'caps.hourUsd: An hour may not cost more than its day, 100'],
    [
      'an hour of a country above its day',
      { countries: { GB: { caps: { hourUsd: 10, dayUsd: 5 } } } },
      'countries.GB.caps.hourUsd: An hour may not cost more than its day, 5.',
    ],
    [
      'a country above the whole',
      { countries: { GB: { caps: { dayUsd: 101 } } } },
      'countries.GB.caps.dayUsd: All countries together may cost 100. Write no more, or raise caps.dayUsd.',
    ],
    [
      'a price of its own of nothing',
      { countries: { GB: { priceUsd: 0 } } },
      'GB.priceUsd: Write what one SMS part costs',
    ],
    [
      'a price above what is paid',
      { countries: { GB: { priceUsd: 0.2 } } },
      'countries.GB.maxPriceUsd: An SMS to GB costs 0.2 as you say, and at most 0.1 is paid, so that none would arrive.',
    ],
    [
      'a cap of one SMS',
      { countries: { GB: { caps: { hourUsd: 0.1 } } } },
      'countries.GB.caps.hourUsd: An SMS to GB costs 0.06, and an hour may cost 0.1: nobody would get one.',
    ],
    ['an estimate above what is paid', { countries: { NL: {} } }, 'Write maxPriceUsd: 0.16 or more there, or priceUsd'],
    ['a country without an estimate', { countries: { TV: {} } }, 'An SMS to TV costs 0.25 by our estimate'],
    ['a mode of bursts that is none', { bursts: { levels: { range: 'on' } } }, 'bursts.levels.range: Write "enforce"'],
    [
      'a rule of bursts that is none',
      { bursts: { rules: { silent: 'off' } } },
      'bursts.rules.silent: There is no such',
    ],
    [
      'bursts of no country',
      { bursts: { countries: { UK: 'off' } } },
      'bursts.countries.UK: The ISO code of the United',
    ],
    [
      'a mode for a country that nothing is sent to',
      { countries: { GB: {} }, bursts: { countries: { IN: 'record-only' } } },
      'bursts.countries.IN: No SMS goes to IN. Add it to countries',
    ],
    ['a cold start without end', { bursts: { coldStartDays: 61 } }, 'bursts.coldStartDays: Write for how many days'],
    ['a trail of two years', { bursts: { auditDays: 730 } }, 'bursts.auditDays: Write for how many days'],
    ['findings of a week', { bursts: { findingDays: 7 } }, 'bursts.findingDays: Write for how many days'],
    [
      'a low volume below nothing',
      { lowVolume: { verifications: -1 } },
      'lowVolume.verifications: Write below how many',
    ],
    [
      'no unverified sends',
      { lowVolume: { unverifiedSendsPerDay: 0 } },
      'lowVolume.unverifiedSendsPerDay: Write how many',
    ],
    ['a test number not in E.164', testNumber({ number: '2025550123' }), 'testNumbers.0.number: Write the number in'],
    ['a test number of nothing', { testNumbers: [testFacts] }, 'testNumbers.0: Write either number:'],
    ['a test number and a range', testNumber({ from: '+12025550100' }), 'testNumbers.0: Write either number:'],
    ['half a range', testRange('+12025550100'), 'testNumbers.0: Write either number:'],
    ['a range of two lengths', testRange('+12025550100', '+120255501001'), 'with as many digits, the lower one first'],
    ['a range turned round', testRange('+12025550101', '+12025550100'), 'with as many digits, the lower one first'],
    [
      'a range of 10,001',
      testRange('+12025550000', '+12025560000'),
      'The range has 10001 numbers. Write one of at most',
    ],
    [
      'test numbers that overlap',
      { testNumbers: [...testNumber().testNumbers, ...testRange('+12025550100', '+12025550199').testNumbers] },
      'testNumbers.1: Some of these numbers stand in an entry before.',
    ],
    ['a test code of five', testNumber({ code: '12345' }), 'testNumbers.0.code: Codes have 6 digits (code.digits).'],
    ['a test code of letters', testNumber({ code: 'abcdef' }), 'testNumbers.0.code: Write the code that these numbers'],
    ['test numbers for ever', testNumber({ expires: undefined }), 'testNumbers.0.expires: Write the last day'],
    ['test numbers until a day that is none', testNumber({ expires: '2027-02-30' }), 'such as 2027-03-31'],
    ['test numbers that have expired', testNumber({ expires: '2026-11-20' }), 'These numbers have expired.'],
    ['test numbers for 401 days', testNumber({ expires: '2027-12-26' }), 'Write a day within the next 400 days.'],
    ['test numbers without a use', testNumber({ uses: 0 }), 'testNumbers.0.uses: Write how many verifications'],
    ['100,001 uses', testNumber({ uses: 100_001 }), '1 to 100000, such as 1000.'],
    ['a firewall of words', { firewall: 'on' }, 'firewall: Write true for a firewall'],
    ['nine requests per IP', { firewallRequestsPerIp: 9 }, '10 to 2000000, such as 300'],
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
    expect(countries).toMatchObject({ GB: { maxPriceUsd: 0.2 }, FR: { maxPriceUsd: 0.3 } });
  });
  test('gives every country a price: its own, the estimate, or a high one where there is none', () => {
    const { countries } = policyOf(parse({ maxPriceUsd: 1, countries: { GB: {}, IN: { priceUsd: 0.003 }, TV: {} } }));
    expect(countries['GB']?.priceUsd).toBe(smsPricesUsd['GB']);
    expect(countries['IN']?.priceUsd).toBe(0.003);
    expect(countries['TV']?.priceUsd).toBe(unknownPriceUsd);
  });
  test('caps every country: by its own caps, or by the usual ones, but never above the whole', () => {
    const capsOf = (changes: Record<string, unknown>) => policyOf(parse(changes)).countries['GB']?.caps;
    expect(capsOf({})).toEqual({ hourUsd: 10, dayUsd: 50 });
    expect(capsOf({ caps: { hourUsd: 4, dayUsd: 30 } })).toEqual({ hourUsd: 4, dayUsd: 30 });
    expect(capsOf({ countries: { GB: { caps: { hourUsd: 20 } } } })).toEqual({ hourUsd: 20, dayUsd: 50 });
    expect(capsOf({ countries: { GB: { caps: { dayUsd: 5 } } } })).toEqual({ hourUsd: 5, dayUsd: 5 });
  });
  test('has the steps of wrong guesses with most first, and none that gives attempts', () => {
    const steps = [
      { wrong: 5, maxAttempts: 3 },
      { wrong: 8, maxAttempts: 1 },
    ];
    expect(policyOf(parse({ code: { maxAttempts: 2, afterWrongGuesses: steps } })).code.afterWrongGuesses).toEqual([
      { wrong: 8, maxAttempts: 1 },
      { wrong: 5, maxAttempts: 2 },
    ]);
  });
  test('has test numbers as ranges, until the end of their last day (UTC)', () => {
    const { testNumbers } = policyOf(
      parse({
        testNumbers: [...testNumber().testNumbers, ...testRange('+12025550100', '+12025550119').testNumbers],
      }),
    );
    const rest = { code: '123456', expiresAt: Date.UTC(2027, 3, 1) / 1000, uses: 1000 };
    expect(testNumbers).toEqual([
      { from: '+12025550123', to: '+12025550123', ...rest },
      { from: '+12025550100', to: '+12025550119', ...rest },
    ]);
  });
  test('takes test numbers of countries that no SMS goes to, today, and 400 days ahead', () => {
    for (const changes of [{ number: '+819012345678' }, { expires: '2026-11-21' }, { expires: '2027-12-25' }])
      expect(problemsOf(testNumber(changes))).toEqual([]);
    expect(problemsOf(testRange('+12025550000', '+12025559999'))).toEqual([]);
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
    expect(policy.countries['IN']).toMatchObject({ ...inIndia.countries.IN, maxPriceUsd: 0.1 });
    expect(policy.templates.filter(({ country }) => country === 'IN')).toHaveLength(4);
  });
  test('is data: it survives the journey through a file', () => {
    const policy = policyOf(parseSettings(rawSettings));
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });
});

describe('the prices', () => {
  const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

  test('are for countries that exist, and no more than may be written', () => {
    expect(Object.keys(smsPricesUsd).length).toBeGreaterThanOrEqual(40);
    for (const [country, price] of Object.entries(smsPricesUsd)) {
      expect(regions.of(country), country).toBeDefined();
      expect(problemsOf({ countries: { [country]: { priceUsd: price, maxPriceUsd: 1 } } })).toEqual([]);
    }
  });
  test('let the settings that ship send', () => {
    for (const [country, { priceUsd, maxPriceUsd }] of Object.entries(policyOf(parseSettings(rawSettings)).countries)) {
      expect(priceUsd, country).toBeLessThanOrEqual(maxPriceUsd);
    }
  });
});
