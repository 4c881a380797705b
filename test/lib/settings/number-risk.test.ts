import { describe, expect, test } from 'vitest';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { minimalSettings } from '../template/synthesized.ts';
import { problemsAt } from './problems.ts';

type RiskInput = NonNullable<SettingsInput['numberRisk']>;
type ApplicationInput = NonNullable<SettingsInput['applications']>[string];
type ProviderInput = NonNullable<RiskInput['providers']>[number];

const problemsOf = problemsAt(new Date('2026-11-30T00:00:00Z'));
const provider: ProviderInput = {
  name: 'operator-gb',
  countries: ['GB'],
  apiRoot: 'https://api.operator.com/camara',
  priceUsd: 0.01,
  tokenUrl: 'https://auth.operator.com/oauth2/token',
  clientId: 'otp-service',
  secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:otp/operator-gb-AbCdEf',
};
const login = { ifSwapped: 'step-up', failMode: 'open' } as const;
const risk = (more: Partial<RiskInput> = {}, own: Record<string, unknown> = {}) => ({
  countries: { GB: {} },
  numberRisk: { purposes: { login }, providers: [{ ...provider, ...own }], ...more },
});
const refuse = { ifSwapped: 'refuse', failMode: 'closed' } as const;

describe('number risk of the settings', () => {
  test('a policy says nothing of it unless the settings ask for it', () => {
    expect(policyOf(parseSettings(minimalSettings))).not.toHaveProperty('numberRisk');
  });

  test('a provider is asked for swaps of ten days, by the whole scope, if nobody says otherwise', () => {
    const { numberRisk } = policyOf(parseSettings({ ...minimalSettings, ...risk() }));
    expect(numberRisk).toEqual({
      maxAgeHours: 240,
      purposes: { login },
      providers: [{ ...provider, question: 'check', scope: 'sim-swap' }],
    });
  });

  test('porting notices alone are enough to ask for', () => {
    expect(problemsOf({ countries: { GB: {} }, numberRisk: { purposes: { login } } })).toEqual([]);
  });

  test.each([
    ['http', 'http://api.operator.com'],
    ['an IP', 'https://192.0.2.1'],
    ['an IP in another spelling', 'https://0x7f.1'],
    ['an IPv6 address', 'https://[::1]'],
    ['a number for an IP', 'https://2130706433'],
    ['localhost', 'https://localhost'],
    ['a name under localhost', 'https://api.localhost'],
    ['a name of the network inside', 'https://api.internal'],
    ['the metadata service of a cloud', 'https://metadata.google.internal'],
    ['a name without a dot', 'https://operator'],
    ['credentials', 'https://me:secret@api.operator.com'],
    ['a query', 'https://api.operator.com/token?x=1'],
    ['a fragment', 'https://api.operator.com#x'],
    ['a slash at its end', 'https://api.operator.com/'],
    ['dot segments', 'https://api.operator.com/a/../b'],
    ['a port that cannot be', 'https://api.operator.com:99999'],
    ['the usual port', 'https://api.operator.com:443'],
    ['capital letters', 'https://API.operator.com'],
    ['a host that ends in a hyphen', 'https://api-.operator.com'],
    ['a line break', 'https://api.operator.com\n'],
    ['no text', 42],
  ])('a host with %s is refused', (_, url) => {
    for (const key of ['apiRoot', 'tokenUrl']) {
      const problems = problemsOf(risk({}, { [key]: url }));
      expect(problems).toEqual([
        expect.stringMatching(new RegExp(`numberRisk\\.providers\\.0\\.${key}: .*for example https://`)),
      ]);
    }
  });

  test('a host with a port of its own is taken', () => {
    expect(problemsOf(risk({}, { apiRoot: 'https://api.operator.com:8443/camara/v1.0' }))).toEqual([]);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['no purpose', risk({ purposes: {} }), /numberRisk\.purposes: .*at least one/],
    [
      'an unknown purpose',
      risk({ purposes: { logon: login } }),
      /numberRisk\.purposes\.logon: There is no purpose "logon"/,
    ],
    [
      'an unknown outcome',
      risk({ purposes: { login: { ...login, ifSwapped: 'deny' as 'refuse' } } }),
      /ifSwapped: "deny"/,
    ],
    ['no fail mode', risk({ purposes: { login: { ifSwapped: 'refuse' } as never } }), /failMode/],
    ['an age of no hours', risk({ maxAgeHours: 0 }), /maxAgeHours: 0 is not allowed/],
    ['an age beyond the API', risk({ maxAgeHours: 2401 }), /maxAgeHours: 2401 is not allowed/],
    [
      'an allowed swap that fails closed',
      risk({ purposes: { login: { ifSwapped: 'allow', failMode: 'closed' } } }),
      /failMode: .*nothing to close/,
    ],
    ['a country without SMS', risk({}, { countries: ['GB', 'FR'] }), /providers\.0\.countries\.1: No SMS goes to FR/],
    ['a country twice', risk({}, { countries: ['GB', 'GB'] }), /providers\.0\.countries: .*each once/],
    ['a provider without a country', risk({}, { countries: [] }), /providers\.0\.countries: .*at least one/],
    [
      'two providers of a country',
      risk({ providers: [provider, { ...provider, name: 'other' }] }),
      /providers\.1\.countries\.0: operator-gb is asked about GB already/,
    ],
    [
      'two providers of a name',
      risk({ providers: [provider, provider] }),
      /providers\.1\.name: "operator-gb" is the name of another/,
    ],
    ['a name with a space', risk({}, { name: 'the operator' }), /providers\.0\.name/],
    ['an unknown question', risk({}, { question: 'both' }), /providers\.0\.question/],
    ['a price below nothing', risk({}, { priceUsd: -0.01 }), /providers\.0\.priceUsd/],
    ['a name in place of an ARN', risk({}, { secret: 'otp/operator-gb' }), /providers\.0\.secret: .*ARN/],
    [
      'an ARN without its random characters',
      risk({}, { secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:otp' }),
      /providers\.0\.secret/,
    ],
    ['a client id with a space', risk({}, { clientId: 'otp service' }), /providers\.0\.clientId/],
    ['a scope with two spaces', risk({}, { scope: 'a  b' }), /providers\.0\.scope/],
    ['a key of its own', risk({}, { password: 'x' }), /providers\.0\.password: There is no such setting/],
    [
      'three shards of the cap',
      { ...risk(), caps: { totalShards: 3, hourUsd: 1000, dayUsd: 10_000 } },
      /caps\.totalShards: .*2 shards/,
    ],
  ])('the settings are refused with %s', (_, changes, sentence) => {
    expect(problemsOf(changes).join('\n')).toMatch(sentence);
  });

  test('a purpose that fails closed needs a provider for each country', () => {
    const closed = risk({ purposes: { login: refuse } });
    expect(problemsOf(closed)).toEqual([]);
    expect(problemsOf({ ...closed, countries: { GB: {}, FR: {} } })).toEqual([
      'numberRisk.purposes.login.failMode: No provider is asked about FR, so that each number there would be refused. Add a provider for it, or write failMode: "open".',
    ]);
  });

  test('a purpose that fails closed needs a provider for the countries of the applications that have it alone', () => {
    const purposes = ['login', 'verify-number'];
    const settings = (bank: Partial<ApplicationInput>, shop: Partial<ApplicationInput>) => ({
      ...risk({ purposes: { login: refuse } }),
      countries: { GB: {}, FR: {} },
      purposes,
      applications: { bank: { kind: 'public', ...bank }, shop: { kind: 'public', ...shop } } as const,
    });
    const problems = (bank: Partial<ApplicationInput>, shop: Partial<ApplicationInput>) =>
      problemsOf(settings(bank, shop)).map((problem) => problem.split(',')[0]);
    const ofFrance = ['numberRisk.purposes.login.failMode: No provider is asked about FR'];
    expect(problems({ countries: ['GB'] }, { purposes: ['verify-number'] })).toEqual([]);
    expect(problems({ countries: ['GB'] }, {})).toEqual(ofFrance);
    expect(problems({}, { purposes: ['verify-number'] })).toEqual(ofFrance);
  });

  test('a purpose of one application is a purpose', () => {
    const applications = { web: { kind: 'public', keys: [] } } as const;
    expect(problemsOf({ ...risk(), applications })).not.toContainEqual(expect.stringContaining('numberRisk'));
  });

  test('a cap has room for an SMS and its look-up', () => {
    const small = { GB: { priceUsd: 0.04, caps: { hourUsd: 0.09, dayUsd: 1 } } };
    expect(problemsOf({ ...risk(), countries: small })).toEqual([expect.stringContaining('countries.GB.caps.hourUsd')]);
    expect(problemsOf({ ...risk({}, { priceUsd: 0.005 }), countries: small })).toEqual([]);
  });
});
