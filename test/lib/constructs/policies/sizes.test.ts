import { describe, expect, test } from 'vitest';
import type { SettingsInput } from '../../../../lib/settings/settings.ts';
import { voiceSettings } from '../../../fakes/settings.ts';
import { charactersOf, longestName } from '../../template/sizes.ts';
import { logicalId, synthesizedOf } from '../../template/synthesized.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const [maxManaged, maxOfRole] = [6144, 10_240];

const secretOf = (name: string) => `arn:aws:secretsmanager:ap-southeast-2:111122223333:secret:otp/${name}-AbCdEf`;
const notify = {
  sender: 'notify',
  configuration: 'nc-1',
  templates: { en: 'notify-code-verification-english-001' },
} as const;

/** Each part that the settings can ask for, under the longest name that a stack with a configuration set may have. */
const everyPart = (applications: number): Partial<SettingsInput> => {
  const names = Array.from({ length: applications }, (_, index) => `client-${String.fromCharCode(97 + index)}`);
  const countries = [
    'AD',
    'AO',
    'AR',
    'AT',
    'AU',
    'BE',
    'BG',
    'CH',
    'CY',
    'CZ',
    'DE',
    'EC',
    'EE',
    'EG',
    'ES',
    'FI',
    'GR',
  ].concat(['HK', 'HR', 'HT', 'HU', 'ID', 'IE', 'IS', 'IT', 'JO', 'JP', 'KG', 'KR', 'US']);
  return {
    stackName: longestName.slice(0, 55),
    countries: Object.fromEntries(countries.map((name) => [name, { priceUsd: 0.05 }])),
    excludedCountries: ['AS', 'GU', 'MP', 'PR', 'VI'],
    codeKeyGenerations: ['a', 'b'],
    sealing: 'hourly',
    proofs: { algorithm: 'RS256' },
    tracing: true,
    applications: Object.fromEntries(names.map((name) => [name, { kind: 'public', keys: ['a', 'b'] }])),
    smsRoutes: [
      { sender: 'end-user-messaging', originationIdentity: 'Example' },
      { ...notify, tier: 'advanced' as const },
      {},
    ],
    receipts: { sources: ['configuration-set', 'event-bus'], noteMessageIds: true, feedback: true },
    voice: voiceSettings({ routes: [{ originationIdentity: '+12065550100' }, notify] }),
    numberRisk: {
      purposes: { login: { ifSwapped: 'step-up', failMode: 'open' } },
      providers: countries.map((country) => ({
        name: `operator-${country.toLowerCase()}`,
        countries: [country],
        apiRoot: 'https://api.operator.com/camara',
        priceUsd: 0.01,
        tokenUrl: 'https://auth.operator.com/token',
        clientId: 'otp',
        secret: secretOf(`operator-${country.toLowerCase()}`),
      })),
    },
    events: {
      webhooks: names.map((application) => ({
        application,
        url: `https://${application}.acme.com/`,
        secret: secretOf(application),
      })),
    },
  };
};

const cases = [
  [
    'the longest name, and four generations of the code key',
    { stackName: longestName, codeKeyGenerations: ['a', 'b', 'c', 'd'] },
  ],
  ['every part at once', everyPart(1)],
  ['every part at once, and keys of ten applications in rotation', everyPart(10)],
] as const satisfies readonly (readonly [string, Partial<SettingsInput>])[];

describe('the quotas of IAM', () => {
  test.each(cases)('each managed policy has room for %s', (_what, settings) => {
    const { resources } = synthesizedOf(settings);
    const managed = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::IAM::ManagedPolicy');
    expect(managed.length).toBeGreaterThan(4);
    const sizes = managed.map(
      ([id, { Properties }]) => [id, charactersOf(resources, Properties['PolicyDocument'])] as const,
    );
    expect(sizes.filter(([, size]) => size < 100 || size > maxManaged)).toEqual([]);
  });

  test.each(cases)('the policies of each role have room for %s', (_what, settings) => {
    const { resources, stack } = synthesizedOf(settings);
    const sizes = Object.entries(stack.service.functions).map(([name, { role }]) => {
      const documents = Object.values(resources).flatMap(({ Type, Properties }) =>
        Type === 'AWS::IAM::Policy' && JSON.stringify(Properties['Roles']).includes(`"${logicalId(role)}"`)
          ? [Properties['PolicyDocument']]
          : [],
      );
      return [name, documents.reduce<number>((sum, each) => sum + charactersOf(resources, each), 0)] as const;
    });
    expect(sizes.filter(([, size]) => size < 100 || size > maxOfRole)).toEqual([]);
  });
});
