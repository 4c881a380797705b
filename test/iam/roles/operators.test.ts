/** What a thief of a person's role may do, as far as the emulator of the deployment suite does not evaluate it. */

import { readFileSync } from 'node:fs';
import { describe, expect, inject, test } from 'vitest';
import { statementsIn } from '../../lib/template/permissions.ts';
import { synthesizedOf } from '../../lib/template/synthesized.ts';
import { decide } from '../decide.ts';
import { account, deploy, managedPolicyOf, region, type Statement, type Template, templateOf } from '../deployed.ts';

const shipped = inject('template');
const policies = [
  'AccessSecurityAnalyst',
  'AccessAuditor',
  'AccessAuditorFunctions',
  'AccessPrivacyOfficer',
  'AccessExportReader',
];

const allowed = async (
  template: Template,
  statements: readonly Statement[],
  action: string,
  on: string,
  context = {},
) => (await decide(deploy(template), { by: 'read-desk', action, on, context }, statements)).isAllowed;

describe('the policy of the API of operators', () => {
  const named = templateOf(synthesizedOf({ operatorRoles: ['otp-analyst', 'desk/otp-*'] }));
  const api = Object.keys(named.resources).find(
    (id) => named.resources[id]?.Type === 'AWS::ApiGateway::RestApi' && id.startsWith('OperatorApi'),
  );
  const blocks = `arn:aws:execute-api:${region}:${account}:${api?.toLowerCase()}/otp/GET/v1/blocks`;
  const everything = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
  /** As AWS says who calls: by the role, and not by its session. */
  const callOf = (role: string, owner: string) =>
    allowed(named, everything, 'execute-api:Invoke', blocks, {
      'aws:PrincipalAccount': owner,
      'aws:PrincipalArn': `arn:aws:iam::${owner}:role/${role}`,
    });

  test.each([
    ['otp-analyst', true],
    ['desk/otp-auditor', true],
    ['otp-analyst-of-another-team', false],
    ['another/otp-analyst', false],
    ['OtpService-requestverificationRole', false],
    ['Administrator', false],
  ])('an administrator of the role %s is let in only if the settings name the role', async (role, isLetIn) => {
    expect(await callOf(role, account)).toBe(isLetIn);
  });

  test('a role of another account is refused, though it has the name of an operator', async () => {
    expect(await callOf('otp-analyst', '999999999999')).toBe(false);
  });
});

describe('the policy of each person', () => {
  const log = `arn:aws:logs:${region}:${account}:log-group:/OtpService/request-verification:*`;
  const mapping = 'mapping of detect-bursts';
  const alarm = `arn:aws:cloudwatch:${region}:${account}:alarm:OtpService/SendingStopped`;
  const attempts: readonly (readonly [action: string, on: string])[] = [
    ['lambda:UpdateEventSourceMapping', mapping],
    ['lambda:DeleteEventSourceMapping', mapping],
    ['lambda:UpdateFunctionCode', 'check-verification'],
    ['lambda:PutFunctionConcurrency', 'detect-bursts'],
    ['logs:FilterLogEvents', log],
    ['logs:DeleteLogGroup', log],
    ['logs:PutRetentionPolicy', log],
    ['cloudwatch:DeleteAlarms', alarm],
    ['cloudwatch:DisableAlarmActions', alarm],
    ['cloudwatch:SetAlarmState', alarm],
    ['sns:Subscribe', 'AlarmTopic'],
    ['sns:Publish', 'AlarmTopic'],
    ['events:PutEvents', 'FindingsBus'],
    ['kms:ScheduleKeyDeletion', 'ProofKey'],
    ['kms:DisableKey', 'CodeKey(a)'],
    ['kms:CreateGrant', 'SealKey'],
    ['s3:DeleteObject', 'Exports/export/manifest.json'],
    ['s3:PutObject', 'Exports/export/manifest.json'],
  ];

  test.each(policies)(
    '%s switches nothing off, hides nothing and forges nothing: of these it may read a log alone',
    async (policy) => {
      const statements = managedPolicyOf(shipped, policy);
      const done: string[] = [];
      for (const [action, on] of attempts) if (await allowed(shipped, statements, action, on)) done.push(action);
      expect(done).toEqual(policy === 'AccessSecurityAnalyst' ? ['logs:FilterLogEvents'] : []);
    },
  );
});

describe('the policy that ends the sessions of a role, as docs/misuse.md has it', () => {
  const page = readFileSync(new URL('../../../docs/misuse.md', import.meta.url), 'utf8');
  const [, document = ''] = /--policy-document '([^']+)'/.exec(page) ?? [];
  const revoked = [...managedPolicyOf(shipped, 'AccessSecurityAnalyst'), ...statementsIn(JSON.parse(document))];

  test.each([
    ['2026-12-01T02:59:59Z', false],
    ['2026-12-01T03:00:00Z', true],
  ])('a session that began at %s is let in only if that is late enough', async (begun, isLetIn) => {
    const context = { 'aws:TokenIssueTime': begun };
    expect(await allowed(shipped, revoked, 'kms:DescribeKey', 'ProofKey', context)).toBe(isLetIn);
  });
});
