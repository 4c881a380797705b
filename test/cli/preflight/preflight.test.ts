import { execFile } from 'node:child_process';
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import rawSettings from '../../../bin/settings.ts';
import { askAccount } from '../../../cli/preflight/ask.ts';
import { CannotAsk } from '../../../cli/preflight/identity.ts';
import { judgeAccount } from '../../../cli/preflight/judge.ts';
import { minimalPolicy } from '../../../cli/preflight/policy.ts';
import { exitCodeOf, renderJson, renderTable } from '../../../cli/preflight/report.ts';
import type { Finding, State } from '../../../cli/preflight/verdict.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import {
  type Account,
  attributes,
  denied,
  deniedAccount,
  expiredCredentials,
  freshAccount,
  hangingAccount,
  notEnabled,
  numbers,
  optedOut,
  protectedBy,
  readyAccount,
  type Script,
  serveAccount,
  stackIs,
  throttledAccount,
  withoutEndUserIp,
  withoutSms,
} from './account.ts';

const credentials = {
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example',
  AWS_SESSION_TOKEN: '',
  AWS_PROFILE: '',
  AWS_REGION: 'eu-west-1',
  AWS_DEFAULT_REGION: '',
  // Nobody's own profiles, and no machine's role.
  AWS_CONFIG_FILE: '/nonexistent/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
  AWS_EC2_METADATA_DISABLED: 'true',
};

const stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  for (const [name, value] of Object.entries(credentials)) vi.stubEnv(name, value === '' ? undefined : value);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const served = async (script: Script, regions?: Readonly<Record<string, Script>>): Promise<Account> => {
  const account = await serveAccount(script, regions);
  stops.push(account.stop);
  vi.stubEnv('AWS_ENDPOINT_URL', account.url);
  return account;
};

const settingsWith = (more: Partial<SettingsInput> = {}) => parseSettings({ ...rawSettings, ...more });

const preflight = async (script: Script, more: Partial<SettingsInput> = {}, patienceMs = 5000) => {
  const account = await served(script);
  const settings = settingsWith(more);
  const answers = await askAccount({ settings, patienceMs });
  return { account, answers, findings: judgeAccount(settings, policyOf(settings), answers) };
};

const rowsOf = (findings: readonly Finding[], state: State) =>
  findings.filter((each) => each.state === state).map(({ check, about }) => `${check}: ${about}`);
const findingOf = (findings: readonly Finding[], check: string, about?: string) =>
  findings.find((each) => each.check === check && (about === undefined || each.about.startsWith(about)));

describe('an account', () => {
  test('a fresh account gets no SMS out: sandbox, quota, and no number for the US are named, each with what to do', async () => {
    const { findings } = await preflight(freshAccount);
    expect(rowsOf(findings, 'problem')).toEqual([
      'SMS sandbox: eu-west-1',
      'monthly quota: eu-west-1',
      'sender: US from eu-west-1',
    ]);
    expect(findings.filter(({ state, todo }) => state !== 'ok' && todo === '')).toEqual([]);
    expect(findingOf(findings, 'SMS sandbox')?.found).toContain('the 0 verified numbers');
    expect(findingOf(findings, 'monthly quota')?.found).toContain('$1 a month');
    expect(rowsOf(findings, 'warning')).toEqual([
      'spend alarm: eu-west-1',
      'sender: GB from eu-west-1',
      'India DLT: IN from eu-west-1',
      'bootstrap: eu-west-1',
      'concurrency: eu-west-1',
    ]);
    expect(exitCodeOf(findings)).toBe(1);
  });

  test('an account that is ready for the settings has no problem; what is left is the price of India', async () => {
    const { findings } = await preflight(readyAccount);
    expect(rowsOf(findings, 'problem')).toEqual([]);
    expect(rowsOf(findings, 'unknown')).toEqual([]);
    expect(rowsOf(findings, 'warning')).toEqual(['India DLT: IN from eu-west-1']);
    expect(exitCodeOf(findings)).toBe(0);
  });

  test('a back end that sends no IP of its end users is named, with what to do', async () => {
    const applications = { web: { kind: 'public' }, shop: { kind: 'back-end' } } as const;
    const { findings } = await preflight({ ...readyAccount, ...withoutEndUserIp('shop') }, { applications });
    expect(findingOf(findings, 'end users’ IPs')).toMatchObject({
      state: 'warning',
      found: expect.stringContaining('shop sent requests without them'),
      todo: expect.stringContaining('endUser.ipAddress'),
    });
    const { findings: calm } = await preflight(readyAccount, { applications });
    expect(findingOf(calm, 'end users’ IPs')?.state).toBe('ok');
    const { findings: withoutBackEnds } = await preflight(readyAccount, { applications: { web: { kind: 'public' } } });
    expect(findingOf(withoutBackEnds, 'end users’ IPs')).toBeUndefined();
  });

  test('settings that leave out territories of a country warn, with what to add; those that exclude them do not', async () => {
    const { findings } = await preflight(readyAccount, {
      excludedCountries: ['AS', 'GU', 'MP', 'VI', 'GG', 'IM', 'JE'],
    });
    expect(rowsOf(findings, 'warning')).toEqual(['territories: US', 'India DLT: IN from eu-west-1']);
    expect(findingOf(findings, 'territories')).toMatchObject({
      found: 'countries lists US without PR (Puerto Rico): their numbers get no SMS.',
      todo: expect.stringMatching(/add PR: .* to countries\. If not, say so: excludedCountries: \['PR'\]\.$/),
    });
    expect(exitCodeOf(findings)).toBe(0);
  });

  test('an account that may not be asked leaves everything unknown, and each row names the permission that is missing', async () => {
    const { findings, account } = await preflight(deniedAccount, { applications: { shop: { kind: 'back-end' } } });
    const answered = findings
      .filter(({ state }) => state !== 'unknown')
      .map(({ check, about }) => `${check}: ${about}`);
    // What the settings alone decide, and what is so in every account.
    expect(answered).toEqual(['sender: IN from eu-west-1', 'India DLT: IN from eu-west-1', 'shared: eu-west-1']);
    const named = findings.flatMap(({ todo }) => /^Allow (\S+)\.$/.exec(todo)?.[1] ?? []);
    const asked = account.asked.map((each) => each.split(' ')[1]).filter((each) => each !== 'sts:GetCallerIdentity');
    // These two only add to a row that another question answers.
    const addOns = ['sns:ListSMSSandboxPhoneNumbers', 'sms-voice:DescribeSpendLimits'];
    expect(new Set([...named, ...addOns])).toEqual(new Set(asked));
    expect(exitCodeOf(findings)).toBe(0);
  });

  test('an account whose second question is denied is asked for exactly that permission', async () => {
    const { findings } = await preflight({
      ...readyAccount,
      ...protectedBy({}),
      'sms-voice:GetProtectConfigurationCountryRuleSet': denied('sms-voice:GetProtectConfigurationCountryRuleSet'),
    });
    expect(findingOf(findings, 'Protect rules')).toMatchObject({
      state: 'unknown',
      todo: 'Allow sms-voice:GetProtectConfigurationCountryRuleSet.',
    });
  });

  test.each([
    ['throttles', throttledAccount, 'throttled', 5000],
    ['does not answer in time', hangingAccount, 'timed out', 50],
  ])('an account that %s is no proof of anything', async (_, script, why, patienceMs) => {
    const { findings } = await preflight(script, {}, patienceMs);
    expect(rowsOf(findings, 'problem')).toEqual([]);
    expect(findingOf(findings, 'SMS sandbox')).toMatchObject({
      state: 'unknown',
      found: expect.stringContaining(`no answer: ${why}`),
    });
  });

  test('an account whose Region has no SMS is asked to name another one', async () => {
    const { findings } = await preflight(withoutSms);
    expect(findingOf(findings, 'SMS Region')).toMatchObject({
      state: 'problem',
      todo: expect.stringContaining('smsRoutes'),
    });
    expect(findingOf(findings, 'SMS sandbox')?.state).toBe('unknown');
  });

  test('an account that has not opted in to the Region of a route is asked to enable it, and not to ask again', async () => {
    await served(readyAccount, { 'ap-south-2': notEnabled });
    const settings = settingsWith({ smsRoutes: [{ region: 'ap-south-2' }] });
    const findings = judgeAccount(settings, policyOf(settings), await askAccount({ settings }));
    expect(findingOf(findings, 'SMS Region', 'ap-south-2')).toMatchObject({
      state: 'problem',
      found: expect.stringContaining('is the Region enabled for the account?'),
      todo: expect.stringContaining('enable this one'),
    });
    expect(findings.filter(({ todo }) => todo.includes('Ask again'))).toEqual([]);
  });

  test('an account that has not opted in to the Region of the deployment gets that reason, beside the one that its credentials may be wrong', async () => {
    await served(notEnabled);
    const asking = askAccount({ settings: settingsWith() });
    await expect(asking).rejects.toThrow(CannotAsk);
    await expect(asking).rejects.toThrow(/in eu-west-1: .* or the Region is not enabled/);
  });

  test('an account is asked about SMS in the Regions of the routes, and about the deployment in its own', async () => {
    const account = await served(readyAccount, { 'us-west-2': freshAccount });
    const settings = settingsWith({ smsRoutes: [{}, { region: 'us-west-2' }, { region: 'eu-west-1' }] });
    const findings = judgeAccount(settings, policyOf(settings), await askAccount({ settings }));
    expect(findingOf(findings, 'SMS sandbox', 'eu-west-1')?.state).toBe('ok');
    expect(findingOf(findings, 'SMS sandbox', 'us-west-2')?.state).toBe('problem');
    expect(findingOf(findings, 'spend alarm', 'eu-west-1')?.state).toBe('ok');
    expect(findingOf(findings, 'spend alarm', 'us-west-2')?.found).toContain('the stack does not watch the cost');
    const regionsOf = (service: string) =>
      new Set(account.asked.filter((each) => each.includes(` ${service}:`)).map((each) => each.split(' ')[0]));
    expect(regionsOf('sns')).toEqual(new Set(['eu-west-1', 'us-west-2']));
    expect(regionsOf('lambda')).toEqual(new Set(['eu-west-1']));
    expect(account.asked.filter((each) => each.endsWith('sns:GetSMSAttributes'))).toHaveLength(2);
  });
});

describe('a finding:', () => {
  const india = {
    IN: { senderId: 'EXMPLE', entityId: '1101234567890' },
  } satisfies SettingsInput['countries'];
  const registered = ['verify-number', 'login', 'transaction', 'account-change'].map((purpose) => ({
    purpose,
    locale: 'en',
    country: 'IN',
    templateId: '1107123456789',
    text:
      purpose === 'transaction'
        ? '{{code}} confirms {{amount}} {{currency}} to {{payee}} at {{brand}}.'
        : '{{code}} is your {{brand}} code.',
  }));

  test.each<[string, Script, Partial<SettingsInput>, string, State, RegExp]>([
    [
      'a quota below one day of the settings stops the SMS',
      { 'sns:GetSMSAttributes': attributes({ MonthlySpendLimit: '99' }) },
      {},
      'monthly quota',
      'problem',
      /\$99 a month.*\$100 a day/,
    ],
    [
      'a quota below thirty such days may stop them',
      { 'sns:GetSMSAttributes': attributes({ MonthlySpendLimit: '2999' }) },
      {},
      'monthly quota',
      'warning',
      /\$2,999 a month/,
    ],
    [
      'an alarm at or above the quota never goes off',
      { 'sns:GetSMSAttributes': attributes({ MonthlySpendLimit: '50' }) },
      { monthlySpendAlarmUsd: 50 },
      'spend alarm',
      'warning',
      /before the alarm goes off at \$50/,
    ],
    [
      'a Protect configuration that blocks a country stops its SMS',
      protectedBy({ IN: 'BLOCK', US: 'ALLOW', GB: 'FILTER', FR: 'BLOCK' }),
      {},
      'Protect rules',
      'problem',
      /blocks IN$/,
    ],
    [
      'one that filters a country may hold SMS back',
      protectedBy({ IN: 'MONITOR', US: 'ALLOW', GB: 'FILTER' }),
      {},
      'Protect rules',
      'warning',
      /filters GB/,
    ],
    ['one that lets all through is well', protectedBy({ IN: 'ALLOW' }), {}, 'Protect rules', 'ok', /through/],
    [
      'a US number that waits for its registration is none',
      { 'sns:ListOriginationNumbers': numbers({ number: '+18445550100', country: 'US', status: 'Pending' }) },
      {},
      'sender',
      'problem',
      /none that is active/,
    ],
    [
      'a US number for calls only is none',
      {
        'sns:ListOriginationNumbers': numbers({
          number: '+18445550100',
          country: 'US',
          status: 'Active',
          takes: 'VOICE',
        }),
      },
      {},
      'sender',
      'problem',
      /number of your own only/,
    ],
    [
      'a number of the settings that the account does not have sends nothing',
      {},
      { smsRoutes: [{ originationNumber: '+12065550199' }] },
      'origination number',
      'problem',
      /^•••0199 is not a number of this account/,
    ],
    [
      'a number of the settings that it has is well',
      {},
      { smsRoutes: [{ originationNumber: '+18445550100' }] },
      'origination number',
      'ok',
      /^•••0100 is active$/,
    ],
    [
      'DLT ids need a Region with local routes',
      {},
      { countries: india, templates: registered },
      'India DLT',
      'problem',
      /local routes start in ap-south-1/,
    ],
    [
      'DLT ids in such a Region are well',
      {},
      { countries: india, templates: registered, smsRoutes: [{ region: 'ap-south-1' }] },
      'India DLT',
      'ok',
      /are set/,
    ],
    [
      'a sender id of the account shows where the settings have none',
      { 'sns:GetSMSAttributes': attributes({ MonthlySpendLimit: '3000', DefaultSenderID: 'Other' }) },
      {},
      'default sender id',
      'warning',
      /IN, US show the account’s own, Other,/,
    ],
    [
      'delivery logs hold whole numbers',
      {
        'sns:GetSMSAttributes': attributes({
          MonthlySpendLimit: '3000',
          DeliveryStatusIAMRole: 'arn:aws:iam::111122223333:role/SNSLogs',
        }),
      },
      {},
      'delivery logs',
      'warning',
      /whole numbers/,
    ],
    [
      'the default type does not matter, because each SMS has its own',
      { 'sns:GetSMSAttributes': attributes({ MonthlySpendLimit: '3000' }) },
      {},
      'SMS type',
      'ok',
      /^Promotional/,
    ],
    [
      'another team’s role for API logs would be replaced',
      {
        'apigateway:GET': { status: 200, body: '{"cloudwatchRoleArn":"arn:aws:iam::111122223333:role/platform-logs"}' },
      },
      {},
      'API logs role',
      'warning',
      /platform-logs is set for the account/,
    ],
    [
      'the stack’s own role is well',
      {
        'apigateway:GET': {
          status: 200,
          body: '{"cloudwatchRoleArn":"arn:aws:iam::111122223333:role/OtpService-ApiCloudWatchRole1A2B"}',
        },
      },
      {},
      'API logs role',
      'ok',
      /own/,
    ],
    [
      'a role of a stack whose name begins alike is that of another stack',
      {
        'apigateway:GET': {
          status: 200,
          body: '{"cloudwatchRoleArn":"arn:aws:iam::111122223333:role/OtpService-Dev-ApiRole1A2B-XYZ"}',
        },
      },
      {},
      'API logs role',
      'warning',
      /would replace it/,
    ],
    [
      'all stacks of an account share what AWS counts for all of them',
      {},
      {},
      'shared',
      'ok',
      /SMS quota.*opt-out list.*KMS request quota.*concurrency of Lambda.*API Gateway.*bootstrap/,
    ],
    [
      'a role that the settings count on has to be there',
      {},
      { apiGatewayLogsRole: 'existing' },
      'API logs role',
      'problem',
      /there is none/,
    ],
    [
      'a stack whose first deployment failed',
      stackIs('OtpService', 'ROLLBACK_COMPLETE'),
      {},
      'stack',
      'warning',
      /failed/,
    ],
    [
      'a toolkit that is too old for the template',
      stackIs(
        'CDKToolkit',
        'CREATE_COMPLETE',
        '<Outputs><member><OutputKey>BootstrapVersion</OutputKey><OutputValue>5</OutputValue></member></Outputs>',
      ),
      {},
      'bootstrap',
      'problem',
      /version 5 is too old/,
    ],
    [
      'of a long opt-out list one page is read, and said to be one',
      { 'sns:ListPhoneNumbersOptedOut': optedOut(['+447700900123'], 'next') },
      {},
      'opt-out list',
      'ok',
      /more than 1 numbers have/,
    ],
    [
      'a quota that cannot be read',
      { 'sns:GetSMSAttributes': attributes({ MonthlySpendLimit: 'much' }) },
      {},
      'monthly quota',
      'unknown',
      /not a number/,
    ],
    ['a stack that takes no update', stackIs('OtpService', 'DELETE_FAILED'), {}, 'stack', 'problem', /takes no update/],
    ['a stack that is at work', stackIs('OtpService', 'UPDATE_IN_PROGRESS'), {}, 'stack', 'warning', /IN_PROGRESS/],
    ['a stack that is there', stackIs('OtpService', 'UPDATE_COMPLETE'), {}, 'stack', 'ok', /UPDATE_COMPLETE/],
  ])('preflight finds that %s', async (_, script, more, check, state, found) => {
    const { findings } = await preflight({ ...readyAccount, ...script }, more);
    const matching = findings.filter((each) => each.check === check && each.state === state);
    expect(matching.map((each) => each.found)).toEqual([expect.stringMatching(found)]);
  });
});

describe('preflight', () => {
  test('preflight asks for nothing that writes, and for nothing that its policy does not allow', async () => {
    const { account } = await preflight({ ...readyAccount, ...protectedBy({}) });
    const asked = new Set(account.asked.map((each) => each.split(' ')[1]));
    asked.delete('sts:GetCallerIdentity');
    const policy = minimalPolicy(['sns']) as { Statement: { Action: string | string[] }[] };
    expect(new Set(policy.Statement.flatMap(({ Action }) => Action))).toEqual(asked);
    for (const action of asked) expect(action).toMatch(/^[a-z-]+:(?:Get|List|Describe|GET)/);
  });

  test('preflight shows no whole number: not of the team, not of people who opted out', async () => {
    const { answers, findings } = await preflight(readyAccount, { smsRoutes: [{ originationNumber: '+18445550100' }] });
    for (const text of [renderTable(answers, findings), renderJson(answers, findings)]) {
      expect(text).toContain('•••0100');
      expect(text).toContain('2 numbers have opted out');
      expect(text).not.toMatch(/8445550100|7700900123|AKIDEXAMPLE/);
    }
  });

  test('preflight counts in the table what it lists', async () => {
    const { answers, findings } = await preflight(freshAccount);
    const table = renderTable(answers, findings);
    expect(table).toMatch(/^Account 111122223333, deployment to eu-west-1\n/);
    expect(table.split('\n').filter((line) => line.startsWith('problem'))).toHaveLength(3);
    expect(table).toMatch(/problems: 3, unknown: 0$/);
  });

  test.each([
    [
      'no credentials',
      { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined },
      /There are no AWS credentials\. Sign in/,
    ],
    ['no Region', { AWS_REGION: undefined }, /There is no Region to ask\. Set AWS_REGION/],
    ['nobody who answers', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, /AWS does not answer in eu-west-1 \(\S+\)/],
  ])('preflight cannot ask with %s, and says what to do', async (_, environment, sentence) => {
    await served(readyAccount);
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    const asking = askAccount({ settings: settingsWith() });
    await expect(asking).rejects.toThrow(CannotAsk);
    await expect(asking).rejects.toThrow(sentence);
  });

  test('preflight looks for the number of a route in the Region of that route only', async () => {
    await served(readyAccount, { 'us-west-2': { ...readyAccount, 'sns:ListOriginationNumbers': numbers() } });
    const settings = settingsWith({
      smsRoutes: [{ originationNumber: '+18445550100' }, { region: 'us-west-2', originationNumber: '+12065550199' }],
    });
    const findings = judgeAccount(settings, policyOf(settings), await askAccount({ settings }));
    const found = findings.filter(({ check }) => check === 'origination number');
    expect(found.map(({ about, state }) => [about, state])).toEqual([
      ['eu-west-1', 'ok'],
      ['us-west-2', 'problem'],
    ]);
  });

  test('preflight takes the Region of AWS_DEFAULT_REGION, as the CDK does', async () => {
    await served(readyAccount);
    vi.stubEnv('AWS_REGION', undefined);
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-north-1');
    expect((await askAccount({ settings: settingsWith() })).region).toBe('eu-north-1');
  });
});

describe('npm run preflight ends', () => {
  const root = path.join(import.meta.dirname, '../../..');
  const run = (...options: string[]) => runIn(root, ...options);
  const runIn = (project: string, ...options: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const script = path.join(project, 'cli/preflight/preflight.ts');
      execFile(process.execPath, [script, ...options], { env: process.env }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });

  test.each([
    ['with 0 where nothing is in the way', readyAccount, 0],
    ['with 1 where something is', freshAccount, 1],
  ])('npm run preflight ends %s', async (_, script, code) => {
    await served(script);
    const { stdout, ...ended } = await run('--json');
    expect(ended.code).toBe(code);
    expect(JSON.parse(stdout).summary.problem > 0).toBe(code === 1);
  });

  test('npm run preflight ends with 2 and a sentence where the credentials have expired', async () => {
    await served(expiredCredentials);
    expect(await run()).toEqual({
      code: 2,
      stdout: '',
      stderr: 'AWS does not accept the credentials: they have expired or are wrong. Sign in again. (ExpiredToken)\n',
    });
  });

  test('npm run preflight ends with 2 and a sentence where the settings are wrong, and asks nobody', async () => {
    const account = await served(readyAccount);
    // Inside of the project, where its packages are found.
    const copy = path.join(root, 'build', 'preflight-with-wrong-settings');
    for (const part of ['bin', 'cli', 'lib', 'lambdas', 'package.json'])
      cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
    writeFileSync(path.join(copy, 'bin', 'settings.ts'), "export default { brand: 'B', audience: '', countries: {} };");
    const { code, stdout, stderr } = await runIn(copy, '--json');
    rmSync(copy, { recursive: true });
    expect([code, stdout, account.asked]).toEqual([2, '', []]);
    expect(stderr).toMatch(/^The settings \(bin\/settings\.ts\) have/);
    expect(stderr).not.toContain('node_modules');
    expect(stderr).not.toContain('    at ');
  });

  test('npm run preflight ends with 2 for an option that there is not', async () => {
    const { code, stderr } = await run('--jsno');
    expect([code, stderr]).toEqual([2, expect.stringContaining('--json')]);
  });

  test('npm run preflight prints the policy that it needs, and ends without asking anybody', async () => {
    const { code, stdout } = await run('--policy');
    expect([code, JSON.parse(stdout)]).toEqual([0, minimalPolicy(['sns'])]);
  });
});
