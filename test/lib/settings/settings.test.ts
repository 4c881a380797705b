import { describe, expect, test } from 'vitest';
import rawSettings from '../../../bin/settings.ts';
import { smsPricesUsd, unknownPriceUsd } from '../../../lib/settings/prices.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';
import { problemsAt } from './problems.ts';

/** The settings are read at noon of this day. */
const now = new Date('2026-11-21T12:00:00Z');
const parse = (changes: Record<string, unknown>) => parseSettings({ ...minimalSettings, ...changes }, now);
const problemsOf = problemsAt(now);

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
const registeredIn = (purpose: string, text: string) => ({
  ...inIndia,
  templates: [
    ...everyPurpose.filter((name) => name !== purpose).map(registeredText),
    { ...registeredText(purpose), text },
  ],
});
const testFacts = { code: '123456', expires: '2027-03-31', uses: 1000 };
const testNumber = (changes: Record<string, unknown> = {}) => ({
  testNumbers: [{ ...testFacts, number: '+12025550123', ...changes }],
});
const testRange = (from: string, to?: string) => ({
  testNumbers: [{ ...testFacts, from, ...(to === undefined ? {} : { to }) }],
});

describe('the shipped settings', () => {
  test('the shipped settings are valid as they are', () => {
    expect(Object.keys(parseSettings(rawSettings).countries)).toEqual(['IN', 'US', 'GB']);
  });
  test('the defaults are the safe ones', () => {
    expect(parse({})).toEqual({
      ...minimalSettings,
      countries: { GB: { caps: {} } },
      languages: ['en', 'de', 'es', 'fr', 'it', 'nl', 'pt'],
      receipts: { sources: [], noteMessageIds: false, feedback: false },
      maxParts: { gsm7: 1, unicode: 1, extraForLines: 1, extraForPayment: 1 },
      stackName: 'OtpService',
      maxPriceUsd: 0.1,
      caps: { hourUsd: 20, dayUsd: 100, totalShards: 1 },
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
      operatorRoles: [],
      purposes: everyPurpose,
      templates: [],
      defaultLocale: 'en',
      origins: [],
      appHashes: [],
      smsRoutes: [{ sender: 'sns', region: '' }],
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
      },
      testNumbers: [],
      firewall: true,
      firewallRequestsPerIp: 600,
      sends: {
        cooldownSeconds: [30],
        cooldownWindowSeconds: 600,
        windows: [
          { name: 'phone-10m', windowSeconds: 600, sends: 5 },
          { name: 'phone-24h', windowSeconds: 86_400, sends: 10 },
        ],
        maxIn24Hours: 30,
      },
      proofLifetimeSeconds: 300,
      proofs: { algorithm: 'ES256' },
      sealing: 'per-record',
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
      'securityEmail: "" is not allowed. E-mail address of security staff: one',
    ],
    [
      'an address without a host',
      { securityEmail: 'security' },
      'securityEmail: "security" is not allowed. E-mail address of security staff: one',
    ],
    [
      'two addresses',
      { securityEmail: 'a@example.com, b@example.com' },
      'securityEmail: "a@example.com, b@example.com" is not allowed. E-mail address of security staff: one',
    ],
    [
      'a month of nothing',
      { monthlySpendAlarmUsd: 0 },
      'monthlySpendAlarmUsd: 0 is not allowed. Monthly SMS cost of the account in USD that raises the alarm: 1 to 1,000,000',
    ],
    [
      'no calls of KMS',
      { kmsCallsAlarm: 0 },
      'kmsCallsAlarm: 0 is not allowed. KMS calls of the account in five minutes that raise the alarm: a whole number from 1,000 to 100,000,000',
    ],
    [
      'no countries',
      { countries: undefined },
      'countries: There is no country. List the countries that SMS may go to, and no others',
    ],
    ['an empty list of countries', { countries: {} }, 'for example countries: { IN: {}, GB: {} }.'],
    ['a list instead of an object', { countries: ['IN'] }, 'countries.0: "0" is not a country.'],
    ['UK for GB', { countries: { UK: {} } }, 'countries.UK: The ISO code of the United Kingdom is GB. Write GB.'],
    ['a country that is none', { countries: { XX: {} } }, 'countries.XX: "XX" is not a country.'],
    ['a country in small letters', { countries: { in: {} } }, 'countries.in: "in" is not a country.'],
    [
      'a sender id in the US',
      { countries: { US: { senderId: 'Shop' } } },
      'countries.US.senderId: US has no sender ids. Remove senderId',
    ],
    [
      'a sender id in Canada',
      { countries: { CA: { senderId: 'Shop' } } },
      'countries.CA.senderId: CA has no sender ids. Remove senderId',
    ],
    ['a sender id without a letter', { countries: { GB: { senderId: '12345' } } }, 'with at least one letter'],
    [
      'a sender id of 12',
      { countries: { GB: { senderId: 'ABCDEFGHIJKL' } } },
      'countries.GB.senderId: "ABCDEFGHIJKL" is not allowed. Sender id: 1 to 11 letters and digits with at least one letter',
    ],
    [
      'a price of nothing',
      { countries: { GB: { maxPriceUsd: 0 } } },
      'countries.GB.maxPriceUsd: 0 is not allowed. Maximum price of one SMS part in USD, above which SNS delivers none: 0.001 to 1',
    ],
    [
      'a price of dollars',
      { maxPriceUsd: 5 },
      'maxPriceUsd: 5 is not allowed. Maximum price of one SMS part in USD, above which SNS delivers none: 0.001 to 1',
    ],
    ['an entity outside India', { countries: { GB: { entityId: '1' } } }, 'Only India (IN) registers entities'],
    ['an entity without a sender', { countries: { IN: { entityId: '1' } } }, 'Add the registered senderId'],
    [
      'an Indian sender alone',
      { countries: { IN: { senderId: 'EXMPLE' } } },
      'countries.IN.entityId: The sender has no entity: carriers in India drop an SMS without its DLT entity id. Add entityId, or remove senderId',
    ],
    ['Indian texts not registered', inIndia, 'Add { purpose: "login", locale: "en", country: "IN", templateId: "…"'],
    [
      'no brand',
      { brand: undefined },
      'brand: The value is missing. Name that the SMS shows: 1 to 20 letters of any script, digits and marks, where ^ { } [ ] ~ \\ | € count twice',
    ],
    [
      'an empty brand',
      { brand: '' },
      'brand: "" is not allowed. Name that the SMS shows: 1 to 20 letters of any script, digits and marks, where ^ { } [ ] ~ \\ | € count twice',
    ],
    ['a brand of 21', { brand: 'W'.repeat(21) }, '1 to 20 letters of any script'],
    ['a brand of 11 euros', { brand: '€'.repeat(11) }, '| € count twice'],
    ['a brand with an emoji', { brand: 'Acme 🔑' }, 'letters of any script, digits and marks'],
    [
      'a brand of two lines',
      { brand: 'A\nB' },
      'brand: "A\\nB" is not allowed. Name that the SMS shows: 1 to 20 letters of any script, digits and marks, where ^ { } [ ] ~ \\ | € count twice',
    ],
    [
      'a brand with a placeholder',
      { brand: '{{code}}' },
      'brand: "{{code}}" is not allowed. Name that the SMS shows: 1 to 20 letters of any script, digits and marks, where ^ { } [ ] ~ \\ | € count twice',
    ],
    ['no audience', { audience: undefined }, 'audience: The value is missing. Audience of the proofs: one word or URL'],
    [
      'three digits',
      { code: { digits: 3 } },
      'code.digits: 3 is not allowed. Digits of a code: a whole number from 4 to 10',
    ],
    [
      'eleven digits',
      { code: { digits: 11 } },
      'code.digits: 11 is not allowed. Digits of a code: a whole number from 4 to 10',
    ],
    [
      'six and a half digits',
      { code: { digits: 6.5 } },
      'code.digits: 6.5 is not allowed. Digits of a code: a whole number from 4 to 10',
    ],
    [
      'digits as text',
      { code: { digits: '6' } },
      'code.digits: "6" is not allowed. Digits of a code: a whole number from 4 to 10',
    ],
    [
      'a code of 301 s',
      { code: { lifetimeSeconds: 301 } },
      'code.lifetimeSeconds: 301 is not allowed. Lifetime of a code in seconds: a whole number from 30 to 300, for example 300.',
    ],
    [
      'a code of 29 s',
      { code: { lifetimeSeconds: 29 } },
      'code.lifetimeSeconds: 29 is not allowed. Lifetime of a code in seconds: a whole number from 30 to 300',
    ],
    [
      'a verification of 601 s',
      { code: { maxLifetimeSeconds: 601 } },
      'code.maxLifetimeSeconds: 601 is not allowed. Maximum lifetime of a verification in seconds: a whole number from 30 to 600',
    ],
    [
      'shorter than its code',
      { code: { maxLifetimeSeconds: 299 } },
      'code.maxLifetimeSeconds: The verification ends before its code. Write code.lifetimeSeconds or more: 300 to 600',
    ],
    [
      'no attempts',
      { code: { maxAttempts: 0 } },
      'code.maxAttempts: 0 is not allowed. Guesses per verification: a whole number from 1 to 10',
    ],
    [
      'eleven attempts',
      { code: { maxAttempts: 11 } },
      'code.maxAttempts: 11 is not allowed. Guesses per verification: a whole number from 1 to 10',
    ],
    [
      'no waits',
      { sends: { cooldownSeconds: [] } },
      'sends.cooldownSeconds: [] is not allowed. Waits in seconds after the first, second, … SMS: 1 to 10',
    ],
    [
      'a wait of nothing',
      { sends: { cooldownSeconds: [0] } },
      'sends.cooldownSeconds.0: 0 is not allowed. Wait in seconds before the next SMS: a whole number from 5 to 3,600',
    ],
    [
      'no windows',
      { sends: { windows: [] } },
      'sends.windows: [] is not allowed. Windows: at least one, because without one a phone can be flooded',
    ],
    [
      '51 sends',
      { sends: { maxIn24Hours: 50, windows: [{ name: 'a', windowSeconds: 60, sends: 51 }] } },
      'sends.windows.0.sends: 51 is not allowed. SMS to one phone in the window: a whole number from 1 to 50',
    ],
    [
      'a window above the hard limit',
      { sends: { windows: [{ name: 'a', windowSeconds: 86_400, sends: 31 }] } },
      'sends.windows.0.sends: The window allows 31 SMS, and no phone gets more than 30 in 24 hours. Write 30 or less, or raise sends.maxIn24Hours, for example to 31.',
    ],
    [
      'a hard limit below a window',
      { sends: { maxIn24Hours: 10, windows: [{ name: 'a', windowSeconds: 3600, sends: 12 }] } },
      'sends.windows.0.sends: The window allows 12 SMS, and no phone gets more than 10 in 24 hours.',
    ],
    [
      'a hard limit below ten',
      { sends: { maxIn24Hours: 9 } },
      'sends.maxIn24Hours: 9 is not allowed. SMS to one phone in 24 hours, those of approved verifications included: a whole number from 10 to 50, for example 30.',
    ],
    ['a hard limit that no guard can hold', { sends: { maxIn24Hours: 51 } }, 'sends.maxIn24Hours: 51 is not allowed.'],
    ['a hard limit of a part of an SMS', { sends: { maxIn24Hours: 30.5 } }, 'sends.maxIn24Hours: 30.5 is not allowed.'],
    [
      'a window with the name of the hard limit',
      { sends: { windows: [{ name: 'phone-24h-all', windowSeconds: 60, sends: 5 }] } },
      'sends.windows.0.name: "phone-24h-all" is the name of a limit that is there already. Write another name, for example phone-1h.',
    ],
    [
      'a window of a week',
      { sends: { windows: [{ name: 'a', windowSeconds: 604_800, sends: 5 }] } },
      'sends.windows.0.windowSeconds: 604800 is not allowed. Length of the window in seconds: a whole number from 60 to 86,400',
    ],
    [
      'two windows of a name',
      { sends: { windows: Array(2).fill({ name: 'a', windowSeconds: 60, sends: 5 }) } },
      'sends.windows.1.name: "a" is the name of another window. Give each window its own, for example phone-1h.',
    ],
    [
      'a proof of a day',
      { proofLifetimeSeconds: 86_400 },
      'proofLifetimeSeconds: 86400 is not allowed. Lifetime of a proof in seconds: a whole number from 60 to 900',
    ],
    [
      'another algorithm of proofs',
      { proofs: { algorithm: 'PS256' } },
      'proofs.algorithm: "PS256" is not allowed. Algorithm of the proofs: "ES256" (short tokens), or "RS256"',
    ],
    ['proofs that name no object', { proofs: 'RS256' }, 'proofs: Write an object with the keys algorithm.'],
    [
      'another way to seal',
      { sealing: 'daily' },
      'sealing: "daily" is not allowed. How numbers in records are sealed: "per-record" (by KMS, one by one), or "hourly"',
    ],
    [
      'no verify-number',
      { purposes: ['login'] },
      'purposes: verify-number is missing, the purpose of a request that names none. Add it',
    ],
    [
      'a purpose without a text',
      { purposes: [...everyPurpose, 'sign-up'] },
      'Add { purpose: "sign-up", locale: "en", text: "…{{code}}…" }.',
    ],
    ['a default locale without texts', { defaultLocale: 'sv' }, 'has no text in the default locale'],
    ['a locale of words', { defaultLocale: 'English' }, 'defaultLocale: "English" is not allowed. Language: a tag'],
    [
      'an origin with a path',
      { origins: ['https://a.example/x'] },
      'origins.0: "https://a.example/x" is not allowed. Origin of a web page: https:// and a host in lower-case letters, without a path',
    ],
    [
      'an origin without TLS',
      { origins: ['http://a.example'] },
      'origins.0: "http://a.example" is not allowed. Origin of a web page: https:// and a host in lower-case letters, without a path',
    ],
    [
      'an Android hash of ten characters',
      { appHashes: ['FA+9qCX9VS'] },
      'appHashes.0: "FA+9qCX9VS" is not allowed. Android app hash: 11 characters of base64, for example FA+9qCX9VSu',
    ],
    [
      'Android hashes that are no list',
      { appHashes: 'FA+9qCX9VSu' },
      'appHashes: "FA+9qCX9VSu" is not allowed. Android app hashes: a list',
    ],
    [
      'a text with a place for an app that no request can name',
      { templates: [{ purpose: 'login', locale: 'en', text: '{{code}} {{appHash}}' }] },
      'templates.0.text: {{appHash}} is for requests that name an Android app, and appHashes lists none. Add it, for example appHashes: ["FA+9qCX9VSu"]',
    ],
    [
      'a text with a place for an origin that no request can name',
      { templates: [{ purpose: 'login', locale: 'en', text: '{{code}}\n@{{host}} #{{code}}' }] },
      'templates.0.text: {{host}} is for requests that name an origin, and origins lists none',
    ],
    [
      'Indian texts that all have a place for an app',
      {
        ...registeredIn('login', '{{code}} {{appHash}}'),
        appHashes: ['FA+9qCX9VSu'],
      },
      'templates: All texts for "login" in IN have {{appHash}} or {{host}}, and a request may name neither an app nor an origin. Add a text without them',
    ],
    [
      'a purpose whose only text has a place for an app',
      {
        purposes: [...everyPurpose, 'sign-up'],
        appHashes: ['FA+9qCX9VSu'],
        templates: [{ purpose: 'sign-up', locale: 'en', text: '{{code}} {{appHash}}' }],
      },
      'Purpose "sign-up" has no text in the default locale.',
    ],
    [
      'a registered text without entity and sender',
      { countries: { IN: {} }, templates: [registeredText('login')] },
      'templates.0.templateId: The text is registered, and the settings name no entity and no sender for it',
    ],
    [
      'an Indian text of a registered sender that is not registered',
      {
        ...inIndia,
        templates: [
          ...everyPurpose.map(registeredText),
          { purpose: 'login', locale: 'hi', country: 'IN', text: '{{code}}' },
        ],
      },
      'templates.4.templateId: Carriers in India drop a text of a registered sender without its DLT template id',
    ],
    [
      'a country that is excluded and listed',
      { excludedCountries: ['GB'] },
      'excludedCountries.0: GB is in countries as well. Remove it from one of the two.',
    ],
    [
      'an excluded country that is none',
      { excludedCountries: ['UK'] },
      'excludedCountries.0: The ISO code of the United',
    ],
    [
      'excluded countries that are no list',
      { excludedCountries: 'PR' },
      'excludedCountries: "PR" is not allowed. Countries',
    ],
    ['no route', { smsRoutes: [] }, 'smsRoutes: [] is not allowed. SMS routes: at least one'],
    [
      'a Region that is none',
      { smsRoutes: [{ region: 'Ireland' }] },
      'smsRoutes.0.region: "Ireland" is not allowed. Region whose service sends',
    ],
    [
      'a number without +',
      { smsRoutes: [{ originationNumber: '12065550100' }] },
      'smsRoutes.0.originationNumber: "12065550100" is not allowed. Number to send from: in international form (E.164)',
    ],
    ['an endpoint with a slash', { endpoint: 'https://otp.example.com/' }, 'without a slash at its end'],
    [
      'a generation of words',
      { codeKeyGenerations: ['a1'] },
      'codeKeyGenerations.0: "a1" is not allowed. Generation of the code key: one lower-case letter',
    ],
    [
      'no generation',
      { codeKeyGenerations: [] },
      'codeKeyGenerations: [] is not allowed. Generations of the code key: a list, of which the last makes new codes',
    ],
    ['five generations', { codeKeyGenerations: ['a', 'b', 'c', 'd', 'e'] }, '4 generations fit the policies'],
    ['a generation twice', { codeKeyGenerations: ['a', 'a'] }, 'Name each generation once'],
    [
      'another access',
      { access: 'none' },
      'access: "none" is not allowed. Authentication of client apps: "api-key", "iam", or for example { cognito: {',
    ],
    [
      'Cognito without a pool',
      { access: { cognito: { userPoolArns: [] } } },
      'access.cognito.userPoolArns: [] is not allowed. Cognito user pools: a list of ARNs',
    ],
    [
      'Cognito of a name',
      { access: { cognito: { userPoolArns: ['mine'] } } },
      'access.cognito.userPoolArns.0: "mine" is not allowed. Cognito user pools: a list of ARNs',
    ],
    [
      'a misspelt pool',
      { access: { cognito: { userPoolArn: '' } } },
      'access: {"cognito":{"userPoolArn":""}} is not allowed. Authentication of client apps: "api-key", "iam", or for example',
    ],
    [
      'TLS 1.1',
      { minimumTls: '1.1' },
      'minimumTls: "1.1" is not allowed. Minimum TLS version: "1.2" (with forward secrecy; any phone) or "1.3" (Android 10 and later).',
    ],
    [
      'another logs role',
      { apiGatewayLogsRole: 'mine' },
      'apiGatewayLogsRole: "mine" is not allowed. Role for the logs of API Gateway, one per account and Region: "create", or',
    ],
    [
      '31 days of logs',
      { logRetentionDays: 31 },
      'logRetentionDays: 31 is not allowed. Retention of logs in days, as CloudWatch offers it: one of 1, 3, 5, 7, 14, 30, 60,',
    ],
    ['tracing as text', { tracing: 'yes' }, 'tracing: "yes" is not allowed. Tracing with X-Ray: true or false.'],
    [
      'a quota of nothing',
      { dailyQuota: 0 },
      'dailyQuota: 0 is not allowed. Requests per API key and day: a whole number from 1 to 2,000,000,000',
    ],
    [
      'a stack name with a space',
      { stackName: 'my otp' },
      'stackName: "my otp" is not allowed. Name of the stack: a letter, then up to 63 letters, digits and hyphens',
    ],
    [
      'a stack name that local mode has',
      { stackName: 'local' },
      'stackName: "local" is not allowed. Local mode has this name. Name of the stack: a letter',
    ],
    ['a runbook without TLS', { runbookUrl: 'http://wiki.example.com' }, 'Address of your runbook: https, without'],
    [
      'a runbook at a heading',
      { runbookUrl: 'https://wiki.example.com/otp#top' },
      'runbookUrl: "https://wiki.example.com/otp#top" is not allowed. Address of your runbook: https, without a heading',
    ],
    ['a runbook with a quote', { runbookUrl: 'https://wiki.example.com/"' }, 'Address of your runbook: https, without'],
    ['a runbook with a line break', { runbookUrl: 'https://wiki.example.com/\n' }, 'Address of your runbook'],
    [
      'a step of no guesses',
      steps([[0, 3]]),
      'code.afterWrongGuesses.0.wrong: 0 is not allowed. Wrong guesses on a number that lower its attempts: a whole number from 1 to 50',
    ],
    [
      'a step of no attempts',
      steps([[5, 0]]),
      'code.afterWrongGuesses.0.maxAttempts: 0 is not allowed. Guesses per verification of such a number: a whole number from 1 to 10',
    ],
    [
      'a step twice',
      steps([
        [5, 3],
        [5, 2],
      ]),
      'code.afterWrongGuesses.1.wrong: Another step has the same number of wrong guesses. Keep one of them.',
    ],
    [
      'a step up',
      steps([
        [8, 3],
        [5, 1],
      ]),
      'code.afterWrongGuesses.0.maxAttempts: More wrong guesses leave more attempts.',
    ],
    [
      'no sends for an IP',
      { ips: { untrusted: { sends: 0 } } },
      'ips.untrusted.sends: 0 is not allowed. SMS that one IP may ask for in the window: a whole number from 1 to 10,000',
    ],
    [
      'a window of an IP of 59 s',
      { ips: { trusted: { windowSeconds: 59 } } },
      'ips.trusted.windowSeconds: 59 is not allowed. Length of the window in seconds: a whole number from 60 to 86,400',
    ],
    [
      'trusted IPs with less',
      { ips: { trusted: { sends: 9 } } },
      'ips.trusted: Trusted IPs get fewer SMS than untrusted ones. Write sends: 10 or more.',
    ],
    [
      'IPs trusted for nothing',
      { ips: { trustedAfter: 0 } },
      'ips.trustedAfter: 0 is not allowed. Verified numbers that make an IP trusted: a whole number from 1 to 50',
    ],
    [
      'no country per IP',
      { ips: { countriesPerDay: 0 } },
      'ips.countriesPerDay: 0 is not allowed. Countries to which one IP may send in a day: a whole number from 1 to 250',
    ],
    [
      'a back end that is exempt by a setting of old',
      { ips: { exemptApplications: ['shop'] } as never },
      'ips.exemptApplications: This setting is gone. Give the application kind: "back-end" in applications, and let it send endUser.ipAddress',
    ],
    [
      'a cap of nothing',
      { caps: { hourUsd: 0 } },
      'caps.hourUsd: 0 is not allowed. Maximum estimated cost of SMS per hour in USD: 0.01 to 1,000,000',
    ],
    [
      'an hour above its day',
      { caps: { hourUsd: 200 } },
      'caps.hourUsd: The cap of an hour is above that of its day, 100. Write 100 or less, or raise dayUsd.',
    ],
    [
      'an hour of a country above its day',
      { countries: { GB: { caps: { hourUsd: 10, dayUsd: 5 } } } },
      'countries.GB.caps.hourUsd: The cap of an hour is above that of its day, 5. Write 5 or less, or raise dayUsd.',
    ],
    [
      'a country above the whole',
      { countries: { GB: { caps: { dayUsd: 101 } } } },
      'countries.GB.caps.dayUsd: The cap is above that of all countries, 100. Write 100 or less, or raise caps.dayUsd.',
    ],
    [
      'a price of its own of nothing',
      { countries: { GB: { priceUsd: 0 } } },
      'countries.GB.priceUsd: 0 is not allowed. Price of one SMS part in USD, instead of the estimate: 0.001 to 1',
    ],
    [
      'a price above what is paid',
      { countries: { GB: { priceUsd: 0.2 } } },
      'countries.GB.maxPriceUsd: An SMS to GB costs 0.2 USD by its priceUsd, and SNS delivers none above 0.1.',
    ],
    [
      'a cap of one SMS',
      { countries: { GB: { caps: { hourUsd: 0.1 } } } },
      'countries.GB.caps.hourUsd: The cap is 0.1 USD, and an SMS to GB costs 0.06: no number would get the first one.',
    ],
    [
      'shards whose leases would use up a day',
      { caps: { totalShards: 2 } },
      'caps.dayUsd: In a day 2 shards may leave 58 USD unused, which count as spent. Write 580 or more, or totalShards: 1',
    ],
    [
      'an estimate above what is paid',
      { countries: { NL: {} } },
      'countries.NL.maxPriceUsd: An SMS to NL costs 0.16 USD by the estimate, and SNS delivers none above 0.1. Write maxPriceUsd: 0.16 or more, or the real price as priceUsd',
    ],
    [
      'a country without an estimate',
      { countries: { TV: {} } },
      'countries.TV.maxPriceUsd: An SMS to TV costs 0.25 USD by the estimate, and SNS delivers none above 0.1.',
    ],
    [
      'a mode of bursts that is none',
      { bursts: { levels: { range: 'on' } } },
      'bursts.levels.range: "on" is not allowed. Mode: "enforce" (find and block), "record-only" (find, notify, block nothing) or "off" (find nothing).',
    ],
    [
      'a mode of the level of numbers that is none',
      { bursts: { levels: { phone: 'block' } } },
      'bursts.levels.phone: "block" is not allowed. Mode: "enforce" or "record-only" (both find bombing and notify: the detector blocks no number), or "off" (find no bombing). bursts.rules.guessing has the mode of longer codes.',
    ],
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
    [
      'a cold start without end',
      { bursts: { coldStartDays: 61 } },
      'bursts.coldStartDays: 61 is not allowed. Days from its first event in which the detector blocks no prefix and no country: a whole number from 0 to 60',
    ],
    [
      'a trail of two years',
      { bursts: { auditDays: 730 } },
      'bursts.auditDays: 730 is not allowed. Days for which the audit trail keeps an event: a whole number from 7 to 400',
    ],
    [
      'findings of a week',
      { bursts: { findingDays: 7 } },
      'bursts.findingDays: 7 is not allowed. Days for which a finding is kept after its last change: a whole number from 30 to 3,650',
    ],
    [
      'a low volume below nothing',
      { lowVolume: { verifications: -1 } },
      'lowVolume.verifications: -1 is not allowed. Verifications of yesterday and today below which a country has low volume',
    ],
    [
      'no unverified sends',
      { lowVolume: { unverifiedSendsPerDay: 0 } },
      'lowVolume.unverifiedSendsPerDay: 0 is not allowed. SMS per day without a verification in a country of low volume: a whole number from 1 to 100,000',
    ],
    [
      'a test number not in E.164',
      testNumber({ number: '2025550123' }),
      'testNumbers.0.number: "2025550123" is not allowed. Number: in international form (E.164)',
    ],
    [
      'a test number of nothing',
      { testNumbers: [testFacts] },
      'testNumbers.0: The entry is neither one number nor one range. Write number, or from and to',
    ],
    [
      'a test number and a range',
      testNumber({ from: '+12025550100' }),
      'testNumbers.0: The entry is neither one number nor one range. Write number, or from and to',
    ],
    [
      'half a range',
      testRange('+12025550100'),
      'testNumbers.0: The entry is neither one number nor one range. Write number, or from and to',
    ],
    ['a range of two lengths', testRange('+12025550100', '+120255501001'), 'with as many digits, the lower one first'],
    ['a range turned round', testRange('+12025550101', '+12025550100'), 'with as many digits, the lower one first'],
    [
      'a range of 10,001',
      testRange('+12025550000', '+12025560000'),
      'testNumbers.0: The range has 10001 numbers. Write a range of at most 10000.',
    ],
    [
      'test numbers that overlap',
      { testNumbers: [...testNumber().testNumbers, ...testRange('+12025550100', '+12025550199').testNumbers] },
      'testNumbers.1: Some of these numbers are in an earlier entry. Write each number once, because it has one code.',
    ],
    [
      'a test code of five',
      testNumber({ code: '12345' }),
      'testNumbers.0.code: The code has 5 digits, and code.digits is 6. Write 6 digits, for example "123456".',
    ],
    [
      'a test code of letters',
      testNumber({ code: 'abcdef' }),
      'testNumbers.0.code: "abcdef" is not allowed. Fixed code of these numbers: digits',
    ],
    [
      'test numbers for ever',
      testNumber({ expires: undefined }),
      'testNumbers.0.expires: The value is missing. Last day (UTC) of these numbers',
    ],
    [
      'test numbers until a day that is none',
      testNumber({ expires: '2027-02-30' }),
      'testNumbers.0.expires: "2027-02-30" is not allowed. Last day (UTC) of these numbers: for example 2027-03-31.',
    ],
    ['test numbers that have expired', testNumber({ expires: '2026-11-20' }), 'These numbers have expired.'],
    [
      'test numbers for 401 days',
      testNumber({ expires: '2027-12-26' }),
      'testNumbers.0.expires: A fixed code may not last longer than 400 days. Write an earlier day, for example 2027-02-19.',
    ],
    [
      'test numbers without a use',
      testNumber({ uses: 0 }),
      'testNumbers.0.uses: 0 is not allowed. Verifications of these numbers in all: a whole number from 1 to 100,000',
    ],
    [
      '100,001 uses',
      testNumber({ uses: 100_001 }),
      'testNumbers.0.uses: 100001 is not allowed. Verifications of these numbers in all: a whole number from 1 to 100,000, for example 1,000.',
    ],
    [
      'a firewall of words',
      { firewall: 'on' },
      'firewall: "on" is not allowed. Firewall (AWS WAF) before the API: true, or false for none.',
    ],
    [
      'nine requests per IP',
      { firewallRequestsPerIp: 9 },
      'firewallRequestsPerIp: 9 is not allowed. Requests of one IP in five minutes: a whole number from 10 to 300,000, for example 600.',
    ],
    [
      'an IP that may make more than a tenth of the requests',
      { firewallRequestsPerIp: 601 },
      'firewallRequestsPerIp: One IP may make at most a tenth of the 6000 requests that the throttle passes in five minutes. Write 10 to 600, for example 600, or raise throttle.ratePerSecond to 21 or more.',
    ],
    [
      'an IP that a lower throttle leaves with too much',
      { firewallRequestsPerIp: 600, throttle: { ratePerSecond: 10 } },
      'Write 10 to 300, for example 300, or raise throttle.ratePerSecond to 20 or more.',
    ],
    ['no application', { applications: {} }, 'applications: {} is not allowed. Applications: 1 to 20, by name'],
    [
      'an application with a name in capitals',
      { applications: { Web: { kind: 'public' } } },
      'applications.Web: "Web" is not allowed. Name of an application: up to 32 lower-case letters',
    ],
    [
      'an application without a kind',
      { applications: { web: {} } },
      'applications.web.kind: kind is missing. Kind of the application: "public"',
    ],
    [
      'an application of an unknown kind',
      { applications: { web: { kind: 'mobile' } } },
      'applications.web.kind: "mobile" is not allowed. Kind of the application: "public"',
    ],
    [
      'more than twenty applications',
      {
        applications: Object.fromEntries(
          Array.from({ length: 21 }, (_, nth) => [`app-${String.fromCharCode(97 + nth)}`, { kind: 'public' }]),
        ),
      },
      'Applications: 1 to 20, by name',
    ],
    [
      'the same key twice',
      { applications: { web: { kind: 'public', keys: ['a', 'a'] } } },
      'applications.web.keys: ["a","a"] is not allowed. Names of the API keys',
    ],
    [
      'principals under access by API key',
      { applications: { web: { kind: 'public', principals: ['arn:aws:iam::111122223333:role/web'] } } },
      'applications.web.principals: The access of this deployment is "api-key", which takes no principals. Remove them.',
    ],
    [
      'an application without principals under access by IAM',
      { access: 'iam', applications: { web: { kind: 'public' } } },
      'applications.web.principals: The application has no credentials, so that it could never call.',
    ],
    [
      'two applications with one principal',
      {
        access: 'iam',
        applications: {
          web: { kind: 'public', principals: ['arn:aws:iam::111122223333:role/web'] },
          shop: { kind: 'back-end', principals: ['arn:aws:iam::111122223333:role/web'] },
        },
      },
      'applications.shop.principals: "arn:aws:iam::111122223333:role/web" is a credential of web as well.',
    ],
    [
      'a back end with origins',
      { applications: { shop: { kind: 'back-end', origins: ['https://shop.example.com'] } } },
      'applications.shop.origins: A back end has no origins, because no browser may hold its credentials.',
    ],
    ...[
      'https://a.example:443',
      'http://localhost:80',
      'http://localhost.example:5173',
      'http://192.168.0.7:5173',
      'https://a.example:0',
      'https://a.example:',
      'https://*.example',
      '*',
      'null',
    ].map(
      (origin) => [`the origin ${origin}`, { origins: [origin] }, `origins.0: "${origin}" is not allowed.`] as const,
    ),
    ...(
      [
        ['203.0.113.7', 'Write the length of the range behind the IP, for example 203.0.113.7/32.'],
        ['2001:db8::7', 'Write the length of the range behind the IP, for example 2001:db8::7/128.'],
        ['203.0.113.7/24', 'The IP is inside of its range. Write the range as 203.0.113.0/24.'],
        ['2001:db8:42::1/48', 'The IP is inside of its range. Write the range as 2001:db8:42::/48.'],
        ['0.0.0.0/0', 'The range is too wide: anyone could be in it.'],
        ['::/0', 'The range is too wide: anyone could be in it.'],
        ['16.0.0.0/7', 'The range is too wide'],
        [
          '2001:db8::/31',
          'The range is too wide: anyone could be in it. Write the IPs of your own servers, /32 at the widest',
        ],
        ['10.0.0.0/8', 'API Gateway sees public IPs, and nobody calls from this one.'],
        ['192.168.7.0/24', 'API Gateway sees public IPs'],
        ['100.64.0.0/10', 'API Gateway sees public IPs'],
        ['127.0.0.1/32', 'API Gateway sees public IPs'],
        ['169.254.0.0/16', 'API Gateway sees public IPs'],
        ['fd00::/48', 'API Gateway sees public IPs'],
        ['fe80::/64', 'API Gateway sees public IPs'],
        ['::1/128', 'API Gateway sees public IPs'],
        ['::ffff:203.0.113.0/120', 'This IPv6 stands for an IPv4. Write the IPv4'],
        ['64:ff9b::cb00:7107/128', 'This IPv6 stands for an IPv4.'],
        ['203.0.113.0/33', 'IPs of the back end: a list of ranges (CIDR)'],
        ['203.0.113.0/24/24', 'IPs of the back end: a list of ranges (CIDR)'],
        ['203.0.113/24', 'IPs of the back end: a list of ranges (CIDR)'],
        ['fe80::1%eth0/128', 'IPs of the back end: a list of ranges (CIDR)'],
        ['shop.example.com', 'IPs of the back end: a list of ranges (CIDR)'],
        ['', 'IPs of the back end: a list of ranges (CIDR)'],
      ] as const
    ).map(
      ([range, sentence]) =>
        [
          `sourceIps with ${range === '' ? 'an empty text' : range}`,
          { applications: { shop: { kind: 'back-end', sourceIps: [range] } } },
          `applications.shop.sourceIps.0: ${JSON.stringify(range)} is not allowed. ${sentence}`,
        ] as const,
    ),
    [
      'no sourceIps at all in their list',
      { applications: { shop: { kind: 'back-end', sourceIps: [] } } },
      'applications.shop.sourceIps: [] is not allowed. IPs of the back end: a list of ranges (CIDR)',
    ],
    [
      'sourceIps with a range twice',
      { applications: { shop: { kind: 'back-end', sourceIps: ['203.0.113.0/24', '203.0.113.0/24'] } } },
      'each once, for example',
    ],
    [
      'a public application with sourceIps',
      { applications: { web: { kind: 'public', sourceIps: ['203.0.113.0/24'] } } },
      'applications.web.sourceIps: A public application has no IPs of its own, because its end users call from theirs. Remove sourceIps, or write kind: "back-end".',
    ],
    [
      'an application with a purpose of its own',
      { applications: { web: { kind: 'public', purposes: ['verify-number', 'vote'] } } },
      'applications.web.purposes: "vote" is not in purposes of the deployment.',
    ],
    [
      'an application faster than the API',
      { applications: { web: { kind: 'public', throttle: { ratePerSecond: 21, burst: 40 } } } },
      'applications.web.throttle.ratePerSecond: The application may ask for more than the whole API passes, 20.',
    ],
    [
      'an application whose origin makes an SMS too long',
      { applications: { web: { kind: 'public', origins: [`https://${'a'.repeat(96)}.com`] } } },
      'applications.web, ',
    ],
    ['a misspelt key', { throttel: {} }, 'throttel: There is no such setting. Did you mean throttle?'],
    ['a misspelt key inside', { code: { digit: 6 } }, 'code.digit: There is no such setting. Did you mean digits?'],
    ['an unknown key', { colour: 'red' }, 'colour: There is no such setting. Use one of stackName, brand'],
    [
      'a text without a purpose',
      { templates: [{ locale: 'en', text: '{{code}}' }] },
      'templates.0.purpose: purpose is missing. Add the purpose of the text, for example purpose: "login".',
    ],
    [
      'a text of an unknown purpose',
      { templates: [{ purpose: 'log-in', locale: 'en', text: '{{code}}' }] },
      'templates.0.purpose: "log-in" is not in purposes. Add it there, or write one of verify-number',
    ],
    [
      'two texts for one place',
      { templates: Array(2).fill({ purpose: 'login', locale: 'en', text: '{{code}}' }) },
      'templates.1: Another text has the same purpose, locale and country. Keep one of them.',
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

  test.each(wrong)('a wrong setting is refused with what to write instead: %s', (_, changes, sentence) => {
    expect(problemsOf(changes).join('\n')).toContain(sentence);
  });

  test('settings that are no object are refused with what to write instead', () => {
    expect(() => parseSettings(undefined)).toThrow('Write an object with the keys stackName, brand');
  });
  test('settings that contradict each other are refused, all at once', () => {
    const paths = problemsOf({
      brand: '',
      countries: { US: { senderId: 'Shop' }, FR: { entityId: '1' } },
      code: { maxLifetimeSeconds: 60 },
    }).map((line) => line.split(': ')[0]);
    expect(paths).toEqual(['brand', 'code.maxLifetimeSeconds', 'countries.US.senderId', 'countries.FR.entityId']);
  });
  test('all wrong settings are refused at once, each with its path', () => {
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

test.each([
  'https://app.example.com',
  'https://app.example.com:8443',
  'http://localhost:5173',
  'http://127.0.0.1:5173',
])('the origin %s of a web page is taken, for all and for a public application', (origin) => {
  const settings = { origins: [origin], applications: { web: { kind: 'public', origins: [origin] } } };
  expect(problemsOf(settings)).toEqual([]);
});

test('only an origin without a port is measured as the last line of an SMS', () => {
  expect(problemsOf({ origins: [`https://${'a'.repeat(96)}.com:8443`] })).toEqual([]);
  expect(problemsOf({ origins: [`https://${'a'.repeat(96)}.com`] }).join()).toContain('WebOTP line of');
});

test.each(['203.0.113.7/32', '203.0.113.0/24', '16.0.0.0/8', '2001:db8:42::/48', '2001:db8::/32', '2001:db8::7/128'])(
  'the range %s is taken for a back end',
  (range) => {
    expect(problemsOf({ applications: { shop: { kind: 'back-end', sourceIps: [range] } } })).toEqual([]);
  },
);

describe('windows of a phone', () => {
  test('a window may allow more than ten SMS a day, up to the hard limit', () => {
    const windowsOf = (sends: number, more: Record<string, unknown> = {}) => ({
      sends: { windows: [{ name: 'phone-24h', windowSeconds: 86_400, sends }], ...more },
    });
    for (const changes of [windowsOf(11), windowsOf(30), windowsOf(50, { maxIn24Hours: 50 })]) {
      expect(problemsOf(changes)).toEqual([]);
    }
    expect(policyOf(parse(windowsOf(50, { maxIn24Hours: 50 }))).sends).toMatchObject({ maxIn24Hours: 50 });
    expect(policyOf(parse({})).sends).toMatchObject({ maxIn24Hours: 30 });
  });
});

describe('the policy', () => {
  test('the policy gives every country a price limit: its own or the general one', () => {
    const { countries } = policyOf(parse({ maxPriceUsd: 0.2, countries: { GB: {}, FR: { maxPriceUsd: 0.3 } } }));
    expect(countries).toMatchObject({ GB: { maxPriceUsd: 0.2 }, FR: { maxPriceUsd: 0.3 } });
  });
  test('the policy gives every country a price: its own, the estimate, or a high one where there is none', () => {
    const { countries } = policyOf(parse({ maxPriceUsd: 1, countries: { GB: {}, IN: { priceUsd: 0.003 }, TV: {} } }));
    expect(countries['GB']?.priceUsd).toBe(smsPricesUsd['GB']);
    expect(countries['IN']?.priceUsd).toBe(0.003);
    expect(countries['TV']?.priceUsd).toBe(unknownPriceUsd);
  });
  test('the policy takes shards with a day that is ten times what their leases may leave', () => {
    expect(policyOf(parse({ caps: { dayUsd: 580, totalShards: 2 } })).totalShards).toBe(2);
  });
  test('the policy caps every country: by its own caps, or by the usual ones, but never above the whole', () => {
    const capsOf = (changes: Record<string, unknown>) => policyOf(parse(changes)).countries['GB']?.caps;
    expect(capsOf({})).toEqual({ hourUsd: 10, dayUsd: 50 });
    expect(capsOf({ caps: { hourUsd: 4, dayUsd: 30 } })).toEqual({ hourUsd: 4, dayUsd: 30 });
    expect(capsOf({ countries: { GB: { caps: { hourUsd: 20 } } } })).toEqual({ hourUsd: 20, dayUsd: 50 });
    expect(capsOf({ countries: { GB: { caps: { dayUsd: 5 } } } })).toEqual({ hourUsd: 5, dayUsd: 5 });
  });
  test('the policy has the address of the runbook: that of the settings, or the page of this project', () => {
    const runbookUrl = 'https://wiki.example.com:8443/pages/otp-runbook?view=1';
    expect(policyOf(parse({ runbookUrl })).runbookUrl).toBe(runbookUrl);
    expect(policyOf(parse({})).runbookUrl).toBe('docs/runbook.md');
  });
  test('the policy has the steps of wrong guesses with most first, and none that gives attempts', () => {
    const steps = [
      { wrong: 5, maxAttempts: 3 },
      { wrong: 8, maxAttempts: 1 },
    ];
    expect(policyOf(parse({ code: { maxAttempts: 2, afterWrongGuesses: steps } })).code.afterWrongGuesses).toEqual([
      { wrong: 8, maxAttempts: 1 },
      { wrong: 5, maxAttempts: 2 },
    ]);
  });
  test('the policy has test numbers as ranges, until the end of their last day (UTC)', () => {
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
  test('the policy takes test numbers of countries that no SMS goes to, today, and 400 days ahead', () => {
    for (const changes of [{ number: '+819012345678' }, { expires: '2026-11-21' }, { expires: '2027-12-25' }])
      expect(problemsOf(testNumber(changes))).toEqual([]);
    expect(problemsOf(testRange('+12025550000', '+12025559999'))).toEqual([]);
  });
  test('the policy takes a text of the settings instead of the shipped one, and adds others', () => {
    const own = [
      { purpose: 'login', locale: 'EN', text: 'Mine: {{code}}' },
      { purpose: 'login', locale: 'sv', text: 'Min: {{code}}' },
    ];
    const texts = policyOf(parse({ templates: own })).templates.filter(({ purpose }) => purpose === 'login');
    expect(texts.filter(({ locale }) => locale.toLowerCase() === 'en')).toEqual([own[0]]);
    expect(texts.map(({ locale }) => locale)).toContain('sv');
    expect(texts.map(({ locale }) => locale)).toContain('de');
  });
  test('the policy has texts only for the purposes in use', () => {
    const { templates } = policyOf(parse({ purposes: ['verify-number'] }));
    expect(new Set(templates.map(({ purpose }) => purpose))).toEqual(new Set(['verify-number']));
  });
  test('the policy registers India’s entity and texts together', () => {
    const policy = policyOf(parse({ ...inIndia, templates: everyPurpose.map(registeredText) }));
    expect(policy.countries['IN']).toMatchObject({ ...inIndia.countries.IN, maxPriceUsd: 0.1 });
    expect(policy.templates.filter(({ country }) => country === 'IN')).toHaveLength(4);
  });
  test('the policy registers texts for every autofill side by side, to the letter', () => {
    const several = 'Dear customer,\n{{code}} is your OTP. \n';
    const hashed = '{{code}} is your OTP.\n{{appHash}}';
    const { templates } = registeredIn('login', several);
    const settings = {
      ...inIndia,
      appHashes: ['FA+9qCX9VSu'],
      templates: [...templates, { ...registeredText('login'), text: hashed, templateId: '1107000000000000002' }],
    };
    const policy = policyOf(parse(settings));
    expect(policy.appHashes).toEqual(['FA+9qCX9VSu']);
    const texts = policy.templates.filter(({ purpose, country }) => purpose === 'login' && country === 'IN');
    expect(texts.map(({ text }) => text)).toEqual([several, hashed]);
  });
  test('the policy is data: it survives the journey through a file', () => {
    const policy = policyOf(parseSettings(rawSettings));
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });
});

describe('the prices', () => {
  const regions = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

  test('the prices are for countries that exist, and no more than may be written', () => {
    expect(Object.keys(smsPricesUsd).length).toBeGreaterThanOrEqual(40);
    for (const [country, price] of Object.entries(smsPricesUsd)) {
      expect(regions.of(country), country).toBeDefined();
      expect(problemsOf({ countries: { [country]: { priceUsd: price, maxPriceUsd: 1 } } })).toEqual([]);
    }
  });
  test('the prices let the settings that ship send', () => {
    for (const [country, { priceUsd, maxPriceUsd }] of Object.entries(policyOf(parseSettings(rawSettings)).countries)) {
      expect(priceUsd, country).toBeLessThanOrEqual(maxPriceUsd);
    }
  });
});
