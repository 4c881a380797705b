import type { TemplateVariableMetadata } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import rawSettings from '../../../bin/settings.ts';
import { askAccount } from '../../../cli/preflight/ask.ts';
import { judgeAccount } from '../../../cli/preflight/judge.ts';
import { minimalPolicy } from '../../../cli/preflight/policy.ts';
import { renderJson, renderTable } from '../../../cli/preflight/report.ts';
import type { Finding, State } from '../../../cli/preflight/verdict.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { startService } from '../../local/aws/sms-voice/client.ts';
import { denied, json, readyAccount, type Script, serveAccount } from './account.ts';
import { codeOf, configuration, configurationId, country, template } from './notify-account.ts';

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_REGION: 'eu-west-1',
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
};
const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  for (const [name, value] of Object.entries(credentials)) vi.stubEnv(name, value);
  for (const name of ['AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_DEFAULT_REGION']) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const configurations = (...all: readonly ReturnType<typeof configuration>[]): Script => ({
  'sms-voice:DescribeNotifyConfigurations': json({
    NotifyConfigurations: all.map((each) => ({ ...each, CreatedTimestamp: 0 })),
  }),
});
const templates = (...all: readonly ReturnType<typeof template>[]): Script => ({
  'sms-voice:DescribeNotifyTemplates': json({ NotifyTemplates: all.map((each) => ({ ...each, CreatedTimestamp: 0 })) }),
});
const countries = (...all: readonly ReturnType<typeof country>[]): Script => ({
  'sms-voice:ListNotifyCountries': json({ NotifyCountries: all }),
});
const spendLimits = (notify: number, text: number): Script => ({
  'sms-voice:DescribeSpendLimits': json({
    SpendLimits: [
      { Name: 'NOTIFY_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: notify, MaxLimit: notify, Overridden: false },
      { Name: 'TEXT_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: text, MaxLimit: text, Overridden: false },
    ],
  }),
});
const accountIs = (tier: string, protect = 'UNSET'): Script => ({
  'sms-voice:DescribeAccountAttributes': json({
    AccountAttributes: [
      { Name: 'ACCOUNT_TIER', Value: tier },
      { Name: 'DEFAULT_PROTECT_CONFIGURATION_ID', Value: protect },
    ],
  }),
});
const rules = (byCountry: Readonly<Record<string, string>>): Script => ({
  'sms-voice:GetProtectConfigurationCountryRuleSet': json({
    NumberCapability: 'SMS',
    CountryRuleSet: Object.fromEntries(
      Object.entries(byCountry).map(([each, ProtectStatus]) => [each, { ProtectStatus }]),
    ),
  }),
});
const ownNumber = (Status: string, NumberCapabilities = ['SMS']) => ({
  PhoneNumberArn: 'arn:aws:sms-voice:eu-west-1:111122223333:phone-number/phone-1',
  PhoneNumberId: 'phone-1',
  PhoneNumber: '+12065550100',
  Status,
  IsoCountryCode: 'US',
  MessageType: 'TRANSACTIONAL',
  NumberCapabilities,
  NumberType: 'TEN_DLC',
});
const phoneNumbers = (...all: readonly object[]): Script => ({
  'sms-voice:DescribePhoneNumbers': json({ PhoneNumbers: all }),
});
const pools = (...all: readonly (readonly [string, string])[]): Script => ({
  'sms-voice:DescribePools': json({ Pools: all.map(([PoolId, Status]) => ({ PoolId, Status })) }),
});
const configurationSets = (...all: readonly (readonly [string, string?])[]): Script => ({
  'sms-voice:DescribeConfigurationSets': json({
    ConfigurationSets: all.map(([ConfigurationSetName, ProtectConfigurationId]) => ({
      ConfigurationSetName,
      ProtectConfigurationId,
    })),
  }),
});

const languages = ['de', 'en', 'es', 'fr', 'it', 'nl', 'pt'];
const readyForAll: Script = {
  ...readyAccount,
  ...configurations(configuration()),
  ...templates(...languages.map((each) => template(each))),
  ...countries(country('GB'), country('IN'), country('US')),
  ...spendLimits(3000, 3000),
  ...accountIs('PRODUCTION'),
  ...phoneNumbers(ownNumber('ACTIVE')),
  ...pools(['pool-1', 'ACTIVE']),
  ...configurationSets(['receipts']),
  ...rules({}),
};

type Route = NonNullable<SettingsInput['smsRoutes']>[number];
const notify = {
  sender: 'notify',
  configuration: configurationId,
  templates: Object.fromEntries(languages.map((each) => [each, `notify-code-verification-${each}-001`])),
} as const satisfies Route;
const messaging = { sender: 'end-user-messaging' } as const satisfies Route;

const preflight = async (script: Script, smsRoutes: Route[], more: Partial<SettingsInput> = {}) => {
  const account = await serveAccount(script);
  stops.push(account.stop);
  vi.stubEnv('AWS_ENDPOINT_URL', account.url);
  const settings = parseSettings({ ...rawSettings, countries: { IN: {}, US: {}, GB: {} }, ...more, smsRoutes });
  const answers = await askAccount({ settings, patienceMs: 5000 });
  return { account, answers, settings, findings: judgeAccount(settings, policyOf(settings), answers) };
};

const rowsOf = (findings: readonly Finding[], ...states: readonly State[]) =>
  findings.filter(({ state }) => states.includes(state)).map(({ check, about }) => `${check}: ${about}`);

describe('routes', () => {
  test('routes of all senders that are ready have no problem; each has rows of its own', async () => {
    const identity = { ...messaging, originationIdentity: 'pool-1', configurationSet: 'receipts' } as const;
    const { findings } = await preflight(readyForAll, [notify, identity, {}]);
    expect(rowsOf(findings, 'problem', 'unknown')).toEqual([]);
    const ok = rowsOf(findings, 'ok');
    for (const row of [
      'Notify configuration: notify',
      'Notify tier: notify',
      'Notify countries: notify',
      'Notify languages: notify',
      'Notify spend limit: notify',
      'SMS sandbox: end-user-messaging',
      'spend limit: end-user-messaging',
      'identity: end-user-messaging',
      'configuration set: end-user-messaging',
      'Protect rules: end-user-messaging',
      'SMS sandbox: eu-west-1',
    ])
      expect(ok).toContain(row);
  });

  test('the configuration set of the stack may be missing before the first deployment with receipts, and no other', async () => {
    const receipts = { sources: ['configuration-set' as const] };
    const far = { ...messaging, region: 'eu-west-2', configurationSet: 'OtpService-receipts' } as const;
    const { findings } = await preflight(readyForAll, [notify, messaging, far], { receipts });
    const sets = findings.filter(({ check }) => check === 'configuration set');
    expect(sets.map(({ about, state, found }) => [about, state, found])).toEqual([
      ['notify', 'ok', 'OtpService-receipts is made by the deployment'],
      ['end-user-messaging', 'ok', 'OtpService-receipts is made by the deployment'],
      ['end-user-messaging-eu-west-2', 'problem', expect.stringContaining('is no configuration set')],
    ]);
  });

  test('routes without SNS ask SNS nothing, and those with SNS alone ask nothing of Notify', async () => {
    const only = { purposes: ['verify-number', 'login'] } satisfies Partial<SettingsInput>;
    const { account } = await preflight(readyForAll, [notify], only);
    expect(account.asked.filter((each) => each.includes(' sns:'))).toEqual([]);
    const { account: other } = await preflight(readyForAll, [{}]);
    expect(other.asked.filter((each) => /Notify|DescribePools|DescribePhoneNumbers/.test(each))).toEqual([]);
  });

  test('routes are asked about in their own Regions', async () => {
    const { account } = await preflight(readyForAll, [{ ...notify, region: 'us-east-1' }, {}]);
    const regions = account.asked.filter((each) => each.includes('Notify')).map((each) => each.split(' ')[0]);
    expect(new Set(regions)).toEqual(new Set(['us-east-1']));
  });

  test('routes need the permissions of their senders, all read-only, and no others', async () => {
    const identity = { ...messaging, protectConfiguration: 'protect-1' } as const;
    const { account, settings } = await preflight(readyForAll, [notify, identity]);
    const asked = new Set(account.asked.flatMap((each) => each.split(' ')[1] ?? []));
    asked.delete('sts:GetCallerIdentity');
    const senders = settings.smsRoutes.map(({ sender }) => sender);
    const { Statement } = minimalPolicy(senders) as { Statement: { Action: string | string[] }[] };
    expect(new Set(Statement.flatMap(({ Action }) => Action))).toEqual(asked);
    for (const action of asked) expect(action).toMatch(/^[a-z-]+:(?:Get|List|Describe|GET)/);
  });

  test('routes that may not be asked about are unknown, with the permission that is missing', async () => {
    const all = Object.keys(readyForAll).map((each) => [each, each.startsWith('sms-voice') ? denied(each) : undefined]);
    const script = { ...readyForAll, ...Object.fromEntries(all.filter(([, wire]) => wire !== undefined)) };
    const { findings } = await preflight(script, [notify, messaging]);
    const own = findings.filter(({ about }) => /^(?:notify|end-user-messaging)/.test(about));
    expect(rowsOf(own, 'problem', 'warning')).toEqual([]);
    for (const { state, todo, check } of own)
      if (check !== 'Notify languages')
        expect([state, todo]).toEqual(['unknown', expect.stringMatching(/^Allow sms-voice:/)]);
  });

  test('routes are asked about in calls that a strict service takes', async () => {
    const { service, stop } = await startService();
    stops.push(stop);
    service.configure({
      identities: [{ kind: 'pool', id: 'pool-1' }],
      configurationSets: { receipts: { protectConfigurationId: 'protect-1' } },
      protectConfigurations: { 'protect-1': { countries: { GB: 'BLOCK' } } },
    });
    vi.stubEnv('AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2', service.url);
    const english = { ...notify, templates: { en: 'notify-code-verification-english-001' } } as Route;
    const identity = { ...messaging, originationIdentity: 'pool-1', configurationSet: 'receipts' } as const;
    const { findings } = await preflight(readyForAll, [english, identity]);
    expect(rowsOf(findings, 'unknown')).toEqual([]);
    expect(rowsOf(findings, 'problem')).toEqual(['Protect rules: end-user-messaging']);
    expect(rowsOf(findings, 'ok')).toEqual(
      expect.arrayContaining([
        'Notify configuration: notify',
        'Notify template: notify in en',
        'identity: end-user-messaging',
      ]),
    );
  });

  test('routes that name a number of the team show its last digits alone', async () => {
    const identity = { ...messaging, originationIdentity: '+12065550100' } as const;
    const { answers, findings } = await preflight({ ...readyForAll, ...phoneNumbers() }, [identity]);
    for (const text of [renderTable(answers, findings), renderJson(answers, findings)]) {
      expect(text).toContain('•••0100 is not of this account');
      expect(text).not.toContain('2065550100');
    }
  });
});

describe('a route by Notify', () => {
  const english = template('en');
  test.each<[string, Script, Partial<Extract<Route, { sender: 'notify' }>>, string, State, RegExp]>([
    ['without its configuration', configurations(), {}, 'Notify configuration', 'problem', /no Notify configuration/],
    [
      'that is pending',
      configurations(configuration({ Status: 'PENDING' })),
      {},
      'Notify configuration',
      'problem',
      /PENDING/,
    ],
    [
      'that was rejected',
      configurations(configuration({ Status: 'REJECTED', RejectionReason: 'URL' })),
      {},
      'Notify configuration',
      'problem',
      /refused the name \(URL\)/,
    ],
    [
      'for voice alone',
      configurations(configuration({ EnabledChannels: ['VOICE'] })),
      {},
      'Notify configuration',
      'problem',
      /has no SMS/,
    ],
    ['of a lower tier than the settings say', {}, { tier: 'advanced' }, 'Notify tier', 'problem', /^BASIC/],
    [
      'that waits for its upgrade',
      configurations(configuration({ TierUpgradeStatus: 'PENDING_UPGRADE' })),
      { tier: 'advanced' },
      'Notify tier',
      'problem',
      /AWS reviews the upgrade/,
    ],
    [
      'of a higher tier than the settings say',
      configurations(configuration({ Tier: 'ADVANCED' })),
      {},
      'Notify tier',
      'warning',
      /^ADVANCED/,
    ],
    [
      'to a country that is not enabled',
      configurations(configuration({ EnabledCountries: ['US', 'IN'] })),
      {},
      'Notify countries',
      'problem',
      /does not serve GB: not enabled/,
    ],
    [
      'to a country outside of its tier',
      countries(country('GB'), country('US')),
      {},
      'Notify countries',
      'problem',
      /IN: not in this tier/,
    ],
    [
      'to a country that needs an identity of the team',
      countries(country('GB'), country('IN', true), country('US')),
      {},
      'Notify countries',
      'problem',
      /IN: it needs an identity/,
    ],
    ['whose template is gone', templates(), {}, 'Notify template', 'problem', /is no template/],
    [
      'whose template takes no code of six digits',
      templates(template('en', { Variables: { code: codeOf({ MaxLength: 4 }) } })),
      {},
      'Notify template',
      'problem',
      /4 digits at most/,
    ],
    [
      'whose template does not go to a country',
      templates(template('en', { SupportedCountries: ['US', 'IN'] })),
      {},
      'Notify template',
      'warning',
      /does not go to GB/,
    ],
    [
      'whose template is in another language',
      templates({ ...english, LanguageCode: 'ja' }),
      {},
      'Notify template',
      'warning',
      /is in ja/,
    ],
    [
      'whose template takes no longer codes',
      templates(template('en', { Variables: { code: codeOf({ MaxLength: 6 }) } })),
      {},
      'Notify template',
      'warning',
      /under code spraying/,
    ],
    ['that lacks languages', {}, {}, 'Notify languages', 'warning', /no template in de, es, fr, it, nl, pt/],
    ['with a low spend limit', spendLimits(1, 3000), {}, 'Notify spend limit', 'warning', /stops at \$1 a month/],
    [
      'with a configuration set that is missing',
      {},
      { configurationSet: 'other' },
      'configuration set',
      'problem',
      /other is no configuration set/,
    ],
  ])('a route by Notify %s is found', async (_, script, more, check, state, found) => {
    const route = { ...notify, templates: { en: 'notify-code-verification-en-001' }, ...more } as Route;
    const { findings } = await preflight({ ...readyForAll, ...script }, [route, {}]);
    const own = findings.filter((each) => each.check === check && each.about.startsWith('notify'));
    expect(own.map((each) => [each.state, each.found])).toEqual([[state, expect.stringMatching(found)]]);
    expect(own.filter(({ todo }) => todo === '')).toEqual([]);
  });

  test('a route by Notify is shown the templates that AWS has in the languages that it lacks', async () => {
    const route = { ...notify, templates: { en: 'notify-code-verification-en-001' } } as Route;
    const some = templates(template('en'), template('de'), template('fr', { Status: 'INACTIVE' }));
    const { findings } = await preflight({ ...readyForAll, ...some }, [route, {}]);
    expect(findings.find(({ check }) => check === 'Notify languages')?.todo).toBe(
      'Add to templates: de: "notify-code-verification-de-001".',
    );
  });

  test('a route by Notify is judged by the countries that may take it, and by no others', async () => {
    const countriesByRoute = {
      ...rawSettings.countries,
      IN: { routes: ['sns'] },
    } satisfies SettingsInput['countries'];
    const { findings } = await preflight({ ...readyForAll, ...countries(country('GB'), country('US')) }, [notify, {}], {
      countries: countriesByRoute,
    });
    expect(findings.find(({ check }) => check === 'Notify countries')?.found).toBe('serves US, GB');
  });
});

describe('a route by End User Messaging', () => {
  test('a route by End User Messaging without an identity needs a number in the US, as SNS does', async () => {
    const { findings } = await preflight({ ...readyForAll, ...phoneNumbers() }, [messaging]);
    expect(findings.find(({ about }) => about === 'US by end-user-messaging')).toMatchObject({
      check: 'sender',
      state: 'problem',
    });
  });

  type Identity = Partial<Extract<Route, { sender: 'end-user-messaging' }>>;
  test.each<[string, Script, Identity, string, State, RegExp]>([
    ['in the sandbox', accountIs('SANDBOX'), {}, 'SMS sandbox', 'problem', /verified numbers/],
    ['with a spend limit below a day', spendLimits(1, 1), {}, 'spend limit', 'problem', /\$1 a month/],
    ['with a spend limit below thirty days', spendLimits(1, 2999), {}, 'spend limit', 'warning', /\$2,999 a month/],
    [
      'as a pool that is missing',
      pools(),
      { originationIdentity: 'pool-1' },
      'identity',
      'problem',
      /pool-1 is not of this/,
    ],
    [
      'as a pool that is being made',
      pools(['pool-1', 'CREATING']),
      { originationIdentity: 'pool-1' },
      'identity',
      'problem',
      /not active/,
    ],
    ['as a number by its id', {}, { originationIdentity: 'phone-1' }, 'identity', 'ok', /phone-1 is active/],
    ['as a number that is missing', {}, { originationIdentity: 'phone-2' }, 'identity', 'problem', /phone-2 is not of/],
    [
      'as a number that waits',
      phoneNumbers(ownNumber('PENDING')),
      { originationIdentity: '+12065550100' },
      'identity',
      'problem',
      /•••0100 is not active yet/,
    ],
    [
      'as a number for calls',
      phoneNumbers(ownNumber('ACTIVE', ['VOICE'])),
      { originationIdentity: '+12065550100' },
      'identity',
      'problem',
      /has no SMS/,
    ],
    ['as a sender id that it has', {}, { originationIdentity: 'Example' }, 'identity', 'ok', /there for GB/],
    ['as a sender id that it lacks', {}, { originationIdentity: 'Other' }, 'identity', 'warning', /in no country/],
    [
      'as an identity of another account',
      {},
      { originationIdentity: 'arn:aws:sms-voice:eu-west-1:444455556666:pool/pool-9' },
      'identity',
      'unknown',
      /another account/,
    ],
    [
      'with a configuration set that is missing',
      {},
      { configurationSet: 'other' },
      'configuration set',
      'problem',
      /other is no configuration set/,
    ],
    [
      'with a Protect configuration of its own that blocks',
      rules({ GB: 'BLOCK' }),
      { protectConfiguration: 'protect-1' },
      'Protect rules',
      'problem',
      /protect-1 blocks GB/,
    ],
    [
      'with a Protect configuration of its set that filters',
      { ...configurationSets(['receipts', 'protect-2']), ...rules({ GB: 'FILTER' }) },
      { configurationSet: 'receipts' },
      'Protect rules',
      'warning',
      /protect-2 filters GB/,
    ],
    [
      'with the Protect configuration of the account',
      { ...accountIs('PRODUCTION', 'protect-3'), ...rules({ IN: 'BLOCK' }) },
      {},
      'Protect rules',
      'problem',
      /protect-3 blocks IN/,
    ],
    ['without a Protect configuration', {}, {}, 'Protect rules', 'ok', /no Protect configuration/],
  ])('a route by End User Messaging %s is found', async (_, script, more, check, state, found) => {
    const { findings } = await preflight({ ...readyForAll, ...script }, [{ ...messaging, ...more } as Route]);
    const own = findings.filter((each) => each.check === check && each.about === 'end-user-messaging');
    expect(own.map((each) => [each.state, each.found])).toEqual([[state, expect.stringMatching(found)]]);
  });
});

describe('a route of calls', () => {
  type VoiceInput = NonNullable<SettingsInput['voice']>;
  type VoiceRoute = VoiceInput['routes'][number];
  const caller = ownNumber('ACTIVE', ['VOICE']);
  const spokenTemplates = (code: Partial<TemplateVariableMetadata>) =>
    templates(...languages.map((each) => template(each, { Channels: ['VOICE'], Variables: { code: codeOf(code) } })));
  const voiceTemplates = spokenTemplates({ Pattern: '^(?:\\d\\. ?){4,8}$' });
  const readyForCalls: Script = {
    ...readyForAll,
    ...phoneNumbers(caller),
    ...configurations(configuration({ EnabledChannels: ['VOICE'] })),
    ...voiceTemplates,
    'sms-voice:DescribeSpendLimits': json({
      SpendLimits: [
        { Name: 'NOTIFY_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: 3000, MaxLimit: 3000, Overridden: false },
        { Name: 'TEXT_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: 1, MaxLimit: 1, Overridden: false },
        { Name: 'VOICE_MESSAGE_MONTHLY_SPEND_LIMIT', EnforcedLimit: 3000, MaxLimit: 3000, Overridden: false },
      ],
    }),
  };
  const byNumber = { sender: 'end-user-messaging', originationIdentity: '+12065550100' } as const satisfies VoiceRoute;
  const { tier: _, ...notifyCall } = { ...notify, tier: undefined };
  const calls = async (script: Script, route: VoiceRoute, more: Partial<VoiceInput> = {}) => {
    const voice = { countries: { US: { priceUsd: 0.0125 }, GB: { priceUsd: 0.02 } }, routes: [route], ...more };
    const asked = await preflight({ ...readyForCalls, ...script }, [{}], { voice });
    return { ...asked, own: asked.findings.filter(({ about }) => about.startsWith('voice')) };
  };

  test('routes of calls that are ready have no problem, and rows of their own, whatever their SMS may', async () => {
    const messagingCalls = await calls({}, { ...byNumber, configurationSet: 'receipts' });
    expect(rowsOf(messagingCalls.own, 'problem', 'warning', 'unknown')).toEqual([]);
    expect(rowsOf(messagingCalls.own, 'ok')).toEqual(
      ['call Region', 'call sandbox', 'call spend limit', 'calling identity', 'configuration set', 'Protect rules'].map(
        (check) => `${check}: voice-end-user-messaging`,
      ),
    );
    const notifyCalls = await calls({}, notifyCall);
    expect(rowsOf(notifyCalls.own, 'problem', 'unknown')).toEqual([]);
    const ok = rowsOf(notifyCalls.own, 'ok');
    for (const row of ['Notify configuration', 'Notify countries', 'Notify languages', 'Notify spend limit'])
      expect(ok).toContain(`${row}: voice-notify`);
  });

  test.each<[string, Partial<TemplateVariableMetadata>, RegExp]>([
    ['a pattern', { Pattern: '^\\d{4,8}$' }, /takes no codes of 6 digits, spoken as 0\. 1\. 2\. 3\. 4\. 5\./],
    ['a length', { Pattern: '.*', MaxLength: 16 }, /takes 16 characters, and a code of 6 digits has 17/],
  ])('a template that does not take the code as a call speaks it is a problem: by %s', async (_by, code, found) => {
    const { own } = await calls(spokenTemplates(code), notifyCall);
    const rows = own.filter(({ check }) => check === 'Notify template');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatchObject({ state: 'problem', found: expect.stringMatching(found) });
  });

  test('a template without the voice that a call asks for is a problem, and one with it is none', async () => {
    const spoken = { code: codeOf({ Pattern: '^(?:\\d\\. ?){4,8}$' }) };
    const only = (voice: 'JOANNA' | 'MATTHEW') =>
      templates(template('en', { Channels: ['VOICE'], Variables: spoken, SupportedVoiceIds: [voice] }));
    const route = { ...notifyCall, templates: { en: 'notify-code-verification-en-001' } };
    const rowOf = async (voice: 'JOANNA' | 'MATTHEW') =>
      (await calls(only(voice), route)).own.find(({ check }) => check === 'Notify template');
    expect(await rowOf('MATTHEW')).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('no voice JOANNA'),
    });
    expect(await rowOf('JOANNA')).not.toMatchObject({ state: 'problem' });
  });

  test('routes of calls are asked about in their own Regions, by calls for calls, read-only', async () => {
    const { account } = await calls({}, { ...notifyCall, region: 'us-east-1' });
    const regions = account.asked.filter((each) => each.includes('Notify')).map((each) => each.split(' ')[0]);
    expect(new Set(regions)).toEqual(new Set(['us-east-1']));
    const { account: other, settings } = await calls({}, byNumber);
    const { Statement } = minimalPolicy(
      [...settings.smsRoutes, ...(settings.voice?.routes ?? [])].map(({ sender }) => sender),
    ) as {
      Statement: { Action: string | string[] }[];
    };
    const asked = new Set(other.asked.flatMap((each) => each.split(' ')[1] ?? []));
    asked.delete('sts:GetCallerIdentity');
    const allowed = new Set(Statement.flatMap(({ Action }) => Action));
    expect([...asked].filter((action) => !allowed.has(action))).toEqual([]);
  });

  test('a deployment without calls asks nothing about them', async () => {
    const { findings, answers } = await preflight(readyForCalls, [{}]);
    expect([answers.calls.endUserMessaging.size, answers.calls.notify.size]).toEqual([0, 0]);
    expect(findings.filter(({ check }) => check.startsWith('call'))).toEqual([]);
  });

  test.each<[string, Script, string, string, State, RegExp]>([
    ['in the sandbox', accountIs('SANDBOX'), '+12065550100', 'call sandbox', 'problem', /verified numbers are called/],
    [
      'with a spend limit of calls below a day',
      spendLimits(1, 3000),
      '+12065550100',
      'call spend limit',
      'unknown',
      /no spend limit/,
    ],
    [
      'from a number for SMS',
      phoneNumbers(ownNumber('ACTIVE')),
      '+12065550100',
      'calling identity',
      'problem',
      /•••0100 cannot call/,
    ],
    [
      'from a number that waits',
      phoneNumbers(ownNumber('PENDING', ['VOICE'])),
      '+12065550100',
      'calling identity',
      'problem',
      /not active yet/,
    ],
    [
      'from a number that is missing',
      phoneNumbers(),
      '+12065550100',
      'calling identity',
      'problem',
      /•••0100 is not of this/,
    ],
    ['from a number by its id', {}, 'phone-1', 'calling identity', 'ok', /can call/],
    ['from an id that is missing', {}, 'phone-2', 'calling identity', 'problem', /phone-2 is not of this/],
    [
      'from a pool with a number that calls',
      phoneNumbers({ ...caller, PoolId: 'pool-1' }),
      'pool-1',
      'calling identity',
      'ok',
      /has 1 that can call/,
    ],
    [
      'from a pool with numbers for SMS',
      phoneNumbers({ ...ownNumber('ACTIVE'), PoolId: 'pool-1' }),
      'pool-1',
      'calling identity',
      'problem',
      /no active number that can call/,
    ],
    [
      'from a pool that is being made',
      pools(['pool-1', 'CREATING']),
      'pool-1',
      'calling identity',
      'problem',
      /not active/,
    ],
    ['from a pool that is missing', pools(), 'pool-1', 'calling identity', 'problem', /pool-1 is not of this/],
    [
      'from a number of another account',
      {},
      'arn:aws:sms-voice:eu-west-1:444455556666:phone-number/phone-1',
      'calling identity',
      'unknown',
      /another account/,
    ],
    [
      'to a country that Protect blocks for calls',
      { ...accountIs('PRODUCTION', 'protect-1'), ...rules({ GB: 'BLOCK' }) },
      '+12065550100',
      'Protect rules',
      'problem',
      /blocks GB/,
    ],
  ])('a route that calls %s is found', async (_, script, originationIdentity, check, state, found) => {
    const { own } = await calls(script, { ...byNumber, originationIdentity });
    const rows = own.filter((each) => each.check === check);
    expect(rows.map((each) => [each.state, each.found])).toEqual([[state, expect.stringMatching(found)]]);
    for (const { state: of, todo } of rows) if (of !== 'ok') expect(todo).not.toMatch(/smsRoutes|^$/);
  });

  test.each<[string, Script, Partial<VoiceInput>, string, State, RegExp]>([
    ['without its configuration', configurations(), {}, 'Notify configuration', 'problem', /no Notify configuration/],
    ['for SMS alone', configurations(configuration()), {}, 'Notify configuration', 'problem', /has no calls/],
    ['with templates for SMS', templates(template('en')), {}, 'Notify template', 'problem', /is not for calls/],
    [
      'of a tier that its template is not for',
      templates(template('en', { Channels: ['VOICE'], TierAccess: ['ADVANCED'] })),
      {},
      'Notify template',
      'problem',
      /not for the tier BASIC/,
    ],
    ['that lacks languages', {}, {}, 'Notify languages', 'warning', /no template in de, es, fr, it, nl, pt/],
    [
      'to a country that is not served',
      countries(country('US')),
      {},
      'Notify countries',
      'problem',
      /GB: not in this tier/,
    ],
  ])('a route that calls by Notify %s is found', async (_, script, more, check, state, found) => {
    const route = { ...notifyCall, templates: { en: 'notify-code-verification-en-001' } };
    const { own } = await calls(script, route, more);
    const rows = own.filter((each) => each.check === check);
    expect(rows.map((each) => [each.state, each.found])).toEqual([[state, expect.stringMatching(found)]]);
    for (const { todo } of rows) expect(todo).not.toMatch(/smsRoutes|countries\.XX|^$/);
  });

  test('countries of SMS that are not called are no matter of a route of calls', async () => {
    const { own } = await calls(countries(country('US'), country('GB')), notifyCall);
    expect(own.find(({ check }) => check === 'Notify countries')?.found).toBe('serves US, GB');
  });

  test('a Region that does not offer calls is a problem, and one that does not answer is unknown', async () => {
    const gone = {
      status: 501,
      body: '{"__type":"UnknownOperationException"}',
      headers: { 'x-amzn-errortype': 'UnknownOperationException' },
    };
    const questions = ['DescribePhoneNumbers', 'DescribeSpendLimits'].map((each) => `sms-voice:${each}`);
    const { own } = await calls(Object.fromEntries(questions.map((each) => [each, gone])), byNumber);
    expect(own.find(({ check }) => check === 'call Region')).toMatchObject({ state: 'problem' });
    const silent = await calls(Object.fromEntries(questions.map((each) => [each, denied(each)])), byNumber);
    expect(silent.own.find(({ check }) => check === 'call Region')).toMatchObject({ state: 'unknown' });
  });

  test('routes of calls are asked about in calls that a strict service takes', async () => {
    const { service, stop } = await startService();
    stops.push(stop);
    service.configure({ identities: [{ kind: 'pool', id: 'pool-1' }] });
    vi.stubEnv('AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2', service.url);
    const { own } = await calls({}, { ...byNumber, originationIdentity: 'pool-1' });
    expect(rowsOf(own, 'unknown')).toEqual([]);
    const english = { ...notifyCall, templates: { en: 'notify-code-verification-english-001' } };
    expect(rowsOf((await calls({}, english)).own, 'unknown')).toEqual([]);
  });
});
