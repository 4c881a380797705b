import { App, CfnOutput } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Alarm, MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { describe, expect, test } from 'vitest';
import { isForEmulator, typesThatEmulatorLacks } from '../../lib/emulator.ts';
import type { OtpStack } from '../../lib/otp-stack.ts';
import type { SettingsInput } from '../../lib/settings/settings.ts';
import { recordOf, resourcesOf } from './template/permissions.ts';
import { buildStack, synthesizedOf, withNag } from './template/synthesized.ts';
import { differencesOf } from './template/template-differences.ts';

const shipped = (settings: Partial<SettingsInput> = {}) => synthesizedOf(settings).template;

/** The template of the emulator; a mutation does something to its stack first. */
const emulated = (settings: Partial<SettingsInput> = {}, mutate: (stack: OtpStack) => unknown = () => {}) => {
  const { stack } = buildStack(settings, undefined, true);
  mutate(stack);
  return Template.fromStack(stack).toJSON();
};

/** What the emulator would refuse: a type that it lacks, and arithmetic in an alarm. */
const refusedIn = (template: Record<string, unknown>): readonly string[] =>
  Object.entries(resourcesOf(template)).flatMap(([id, { Type, Properties }]) => {
    const isMetricMath = Type === 'AWS::CloudWatch::Alarm' && Properties['Metrics'] !== undefined;
    return typesThatEmulatorLacks.includes(Type) || isMetricMath ? [`${Type} ${id}`] : [];
  });

const withoutHash = (lines: readonly string[]) => lines.map((line) => line.replace(/[0-9A-F]{8}$/, ''));

const always = ['- AWS::CloudWatch::CompositeAlarm AlarmsUnderAttack'];
const leftOut = [
  '- AWS::WAFv2::WebACLAssociation FirewallAssociation',
  '- AWS::WAFv2::LoggingConfiguration FirewallLogging',
  ...always,
];

const settingsOfAllKinds: readonly (readonly [string, Partial<SettingsInput>, readonly string[]])[] = [
  ['as they are shipped', {}, leftOut],
  [
    'with all that can be switched on',
    { tracing: true, securityEmail: 'security@example.com', access: 'iam' },
    leftOut,
  ],
  ['without a firewall', { firewall: false }, always],
];

describe('under -c emulator=true', () => {
  test.each(settingsOfAllKinds)(
    'the stack lacks what the emulator lacks, and differs in nothing else: settings %s',
    (_, settings, expected) => {
      const template = emulated(settings);
      expect(withoutHash(differencesOf(shipped(settings), template))).toEqual(expected);
      expect(refusedIn(template)).toEqual([]);
    },
  );

  test('every type that is left out is in the stack: the list has no one too many', () => {
    const types = Object.values(resourcesOf(shipped())).map(({ Type }) => Type);
    expect(typesThatEmulatorLacks.filter((type) => !types.includes(type))).toEqual([]);
  });

  test('cdk-nag has nothing to say that has no reason', () => {
    expect(() => Template.fromStack(withNag(buildStack({}, undefined, true)))).not.toThrow();
  });

  test.each([
    [undefined, false],
    ['false', false],
    [false, false],
    ['true', true],
    [true, true],
  ])('the context %j means %s', (emulator, expected) => {
    expect(isForEmulator(new App({ context: emulator === undefined ? {} : { emulator } }))).toBe(expected);
  });

  test.each(['yes', '1', ''])('the context %j is refused with what to write instead', (emulator) => {
    expect(() => isForEmulator(new App({ context: { emulator } }))).toThrow('Write -c emulator=true');
  });
});

/** Each way in which the switch could do more, or less, than it says is tried, to see that it would be noticed. */
describe('it would be noticed', () => {
  test('an alarm with arithmetic would be noticed in the stack', () => {
    const expression = new MathExpression({ expression: 'SEARCH("approved", "Sum")', usingMetrics: {} });
    const addRatio = (stack: OtpStack) =>
      new Alarm(stack, 'Ratio', { metric: expression, threshold: 1, evaluationPeriods: 1 });
    expect(withoutHash(refusedIn(emulated({}, addRatio)))).toEqual(['AWS::CloudWatch::Alarm Ratio']);
  });

  test('a resource of a type that is left out would be noticed if it came to the stack otherwise', () => {
    const addType = (template: Record<string, unknown>) => ({
      ...template,
      Resources: { ...recordOf(template['Resources']), Another: { Type: 'AWS::WAFv2::WebACLAssociation' } },
    });
    expect(refusedIn(addType(emulated()))).toEqual(['AWS::WAFv2::WebACLAssociation Another']);
  });

  test('a setting that differed would be noticed', () => {
    const differences = withoutHash(differencesOf(shipped(), emulated({ logRetentionDays: 60 })));
    expect(differences).toContain('~ AWS::Logs::LogGroup detectburstsLog');
  });

  test('a missing permission would be noticed', () => {
    const forget = ({ service: { functions } }: OtpStack) => {
      const policy = functions['check-verification'].role.node.findChild('DefaultPolicy').node.defaultChild;
      if (!(policy instanceof CfnPolicy)) expect.fail('The policy of the role is not where it was.');
      policy.addPropertyDeletionOverride('PolicyDocument.Statement.0');
    };
    const differences = withoutHash(differencesOf(shipped(), emulated({}, forget)));
    expect(differences).toEqual([...leftOut, '~ AWS::IAM::Policy checkverificationRoleDefaultPolicy']);
  });

  test('a resource or an output only in the template of the emulator would be noticed', () => {
    const add = (stack: OtpStack) => {
      new CfnOutput(stack, 'Extra', { value: 'of the emulator only' });
      new Key(stack, 'ExtraKey');
    };
    const differences = withoutHash(differencesOf(shipped(), emulated({}, add)));
    expect(differences).toEqual([...leftOut, '+ AWS::KMS::Key ExtraKey', '~ Outputs']);
  });

  test('a reference to what is left out would be noticed', () => {
    const refer = ({ service: { firewall } }: OtpStack) => {
      const association = firewall?.node.findChild('Association');
      if (!(association instanceof CfnWebACLAssociation)) expect.fail('The association is not where it was.');
      firewall?.webAcl.addOverride('Properties.Description', { Ref: association.logicalId });
    };
    // CDK itself looks for what a reference refers to.
    expect(() => emulated({}, refer)).toThrow('Check that the Ref target exists');
  });
});
