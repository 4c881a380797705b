import { describe, expect, test } from 'vitest';
import { findingMail, findingMailTemplate } from '../../../lambdas/contract.ts';
import { textOf } from '../../../local/mails/rule.ts';
import { listOf, permissionsOf, type Resource, recordOf } from '../template/permissions.ts';
import { synthesizedOf } from '../template/synthesized.ts';

const { resources, spell } = synthesizedOf();
const ofName = (name: string): readonly [string, Resource] =>
  Object.entries(resources).find(([, { Properties }]) => Properties['Name'] === name) ??
  expect.fail(`Nothing is called ${name}.`);
const [, rule] = ofName('OtpService-mail');
const [target, ...others] = listOf(rule.Properties['Targets']).map(recordOf);
const roleId = String(listOf(recordOf(target?.['RoleArn'])['Fn::GetAtt'])[0]);
const role = resources[roleId] ?? expect.fail('The rule has no role.');

describe('the rule that makes mails of findings', () => {
  test('the rule is on the bus of findings, and selects by what the detector says', () => {
    expect(spell(rule.Properties['EventBusName'])).toBe('FindingsBus');
    expect(rule.Properties['EventPattern']).toEqual(findingMail.pattern);
    expect(rule.Properties['State']).toBe('ENABLED');
  });

  test('the rule has one target, the topic of the alarms, and makes the text of the contract, with the dashboard of the stack', () => {
    expect(others).toEqual([]);
    expect(spell(target?.['Arn'])).toBe('AlarmTopic');
    const { InputPathsMap, InputTemplate } = recordOf(target?.['InputTransformer']);
    expect(InputPathsMap).toEqual(findingMail.paths);
    const url =
      'https://<Region>.console.aws.amazon.com/cloudwatch/home?region=<Region>#dashboards/dashboard/OtpService';
    expect(spell(InputTemplate)).toBe(findingMailTemplate(url));
  });

  test('the mail of the longest stack in any Region is one that EventBridge and SNS take', () => {
    const dashboardUrl = `https://${'r'.repeat(20)}.console.aws.amazon.com/?region=${'r'.repeat(20)}#${'s'.repeat(128)}`;
    const template = findingMailTemplate(dashboardUrl);
    expect(template.length).toBeLessThanOrEqual(8192);
    const unmapped = Object.fromEntries(
      Object.values(findingMail.paths).map((path) => [path.split('.').at(-1), 'x'.repeat(2000)]),
    );
    const text = textOf({ paths: findingMail.paths, template }, { detail: { unmapped } });
    expect(Buffer.byteLength(text)).toBeLessThan(256 * 1024);
  });
});

describe('the role of the rule', () => {
  test('the role may be taken by EventBridge for this rule of this account alone', () => {
    const [statement, ...more] = listOf(recordOf(role.Properties['AssumeRolePolicyDocument'])['Statement']).map(
      recordOf,
    );
    expect(more).toEqual([]);
    expect(statement).toMatchObject({ Action: 'sts:AssumeRole', Principal: { Service: 'events.amazonaws.com' } });
    const { StringEquals, ArnEquals, ...rest } = recordOf(statement?.['Condition']);
    expect(rest).toEqual({});
    expect(spell(recordOf(StringEquals)['aws:SourceAccount'])).toBe('<AccountId>');
    expect(spell(recordOf(ArnEquals)['aws:SourceArn'])).toBe(
      'arn:<Partition>:events:<Region>:<AccountId>:rule/FindingsBus/OtpService-mail',
    );
  });

  test('the role publishes to the topic of the alarms, with its key through SNS, and does nothing else', () => {
    const throughSns = 'if StringEquals kms:ViaService sns.<Region>.<URLSuffix>';
    expect(permissionsOf(resources, roleId, spell).toSorted()).toEqual([
      `kms:Decrypt on AlarmKey ${throughSns}`,
      `kms:GenerateDataKey on AlarmKey ${throughSns}`,
      'sns:Publish on AlarmTopic',
    ]);
  });

  test('no policy of a topic or a key has a condition on a source that EventBridge does not name', () => {
    const policies = Object.values(resources).filter(({ Type }) => /^AWS::(SNS::TopicPolicy|KMS::Key)$/.test(Type));
    expect(policies.length).toBeGreaterThan(5);
    for (const { Properties } of policies) expect(JSON.stringify(Properties)).not.toContain('events.amazonaws.com');
  });

  test('the rule is made after the permissions of its role, so that no finding is lost at a deployment', () => {
    const policyId = Object.entries(resources).find(
      ([, { Type, Properties }]) =>
        Type === 'AWS::IAM::Policy' && JSON.stringify(Properties['Roles']).includes(`"${roleId}"`),
    )?.[0];
    expect(rule.DependsOn).toContain(policyId);
  });
});
