/** Two stacks of one account and Region, whose names begin alike. */

import { App } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { describe, expect, test } from 'vitest';
import { shared } from '../../cli/preflight/account-wide.ts';
import { OtpStack } from '../../lib/otp-stack.ts';
import { parseSettings, type SettingsInput } from '../../lib/settings/settings.ts';
import { listOf, recordOf } from './template/permissions.ts';
import { minimalSettings, type Synthesized, synthesize } from './template/synthesized.ts';

const env = { account: '111122223333', region: 'eu-west-1' };

/** As `bin/otp.ts` makes it, or under one id in two apps. */
const stackOf = (stackName: string, id = stackName, settings: Partial<SettingsInput> = {}): Synthesized =>
  synthesize(
    new OtpStack(new App(), id, {
      env,
      stackName,
      settings: parseSettings({ ...minimalSettings, stackName, ...settings }),
      codeOf: () => Code.fromInline('exports.handler = async () => ({ statusCode: 204 });'),
    }),
  );

const pseudo: Readonly<Record<string, string>> = { 'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com' };

/** What a value would be on AWS: CloudFormation names what has no name after its stack and its logical id. */
const onAws = (stackName: string, value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each) => onAws(stackName, each));
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join, ...others } = value as Readonly<Record<string, unknown>>;
  if (typeof ref === 'string') return pseudo[ref] ?? `${stackName}-${ref}-1A2B3C`;
  if (Array.isArray(attribute)) return `${stackName}-${String(attribute[0])}-1A2B3C.${String(attribute[1])}`;
  if (Array.isArray(join))
    return listOf(join[1])
      .map((each) => onAws(stackName, each))
      .join(String(join[0]));
  return Object.fromEntries(Object.entries(others).map(([key, each]) => [key, onAws(stackName, each)]));
};
const nameOf = ({ stack }: Synthesized): string => stack.stackName;

const propertiesOf = (from: Synthesized, type: string) =>
  Object.values(from.resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => recordOf(onAws(nameOf(from), Properties)));

/** Every metric that an alarm watches or the dashboard draws: namespace, name, dimensions. */
const metricsOf = (from: Synthesized): readonly string[] => {
  const watched = propertiesOf(from, 'AWS::CloudWatch::Alarm').map(({ Namespace, MetricName, Dimensions = [] }) => {
    const pairs = listOf(Dimensions)
      .map(recordOf)
      .map(({ Name, Value }) => `${Name}=${Value}`);
    return [Namespace, MetricName, ...pairs.toSorted()].join(' ');
  });
  const drawn = propertiesOf(from, 'AWS::CloudWatch::Dashboard')
    .flatMap(({ DashboardBody }) => listOf(recordOf(JSON.parse(String(DashboardBody)))['widgets']))
    .flatMap((widget) => listOf(recordOf(recordOf(widget)['properties'])['metrics'] ?? []))
    .map((metric) => {
      const [namespace, name, ...rest] = listOf(metric).filter((each) => typeof each === 'string');
      const pairs = rest.flatMap((each, at) => (at % 2 === 0 ? [`${each}=${rest[at + 1]}`] : []));
      return [namespace, name, ...pairs.toSorted()].join(' ');
    });
  return [...new Set([...watched, ...drawn])];
};

/** Names that hold inside of a resource of the stack only: a stage or an alias has no name beside its owner. */
const inner = new Set(['AWS::ApiGateway::Stage', 'AWS::ApiGateway::Model', 'AWS::IAM::Policy', 'AWS::Lambda::Alias']);
const nameProperty = /^[A-Za-z]*Name$/;

/** The names that the template fixes, by type and property. Dimensions of metrics are looked at by themselves. */
const fixedNamesOf = (from: Synthesized): readonly (readonly [string, string])[] =>
  Object.values(from.resources).flatMap(({ Type, Properties }) =>
    inner.has(Type)
      ? []
      : Object.entries(Properties).flatMap(([property, value]): [string, string][] =>
          nameProperty.test(property) &&
          property !== 'Description' &&
          property !== 'MetricName' &&
          typeof value === 'string'
            ? [[`${Type} ${property}`, value]]
            : [],
        ),
  );

/** Every ARN or pattern of one in a template, except of what a statement leaves out. */
const arnsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return value.startsWith('arn:') ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => (key === 'NotResource' ? [] : arnsIn(each)));
};

/** What the other stack has, as AWS names it. */
const ownArnsOf = (from: Synthesized): readonly string[] => {
  const at = (service: string, resource: string) => `arn:aws:${service}:${env.region}:${env.account}:${resource}`;
  return Object.entries(from.resources).flatMap(([id, { Type, Properties }]) => {
    const generated = `${nameOf(from)}-${id}-1A2B3C`;
    if (Type === 'AWS::CloudWatch::Alarm') return [at('cloudwatch', `alarm:${Properties['AlarmName']}`)];
    if (Type === 'AWS::Logs::LogGroup') return [at('logs', `log-group:${Properties['LogGroupName']}:log-stream:x`)];
    if (Type === 'AWS::DynamoDB::Table') return [at('dynamodb', `table/${generated}`)];
    if (Type === 'AWS::Events::EventBus') return [at('events', `event-bus/${Properties['Name']}`)];
    if (Type === 'AWS::SNS::Topic') return [at('sns', generated)];
    if (Type === 'AWS::CloudWatch::Dashboard')
      return [`arn:aws:cloudwatch::${env.account}:dashboard/${Properties['DashboardName']}`];
    return [];
  });
};

const matches = (pattern: string, arn: string): boolean =>
  new RegExp(`^${pattern.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(arn);

const pairs: readonly (readonly [string, Synthesized, Synthesized])[] = [
  ['Otp and Otp-Dev', stackOf('Otp'), stackOf('Otp-Dev', 'Otp-Dev', { logRetentionDays: 7, access: 'iam' })],
  ['two stacks of one id', stackOf('Otp', 'Service'), stackOf('OtpB', 'Service')],
];

describe.each(pairs)('%s', (_, first, second) => {
  test('two stacks share no metric but those that AWS counts for the account, which preflight names', () => {
    const common = metricsOf(first).filter((metric) => metricsOf(second).includes(metric));
    expect(metricsOf(first).length).toBeGreaterThan(50);
    const named = shared.map(({ by }) => by);
    expect(common.filter((metric) => !named.includes(metric.split(' ')[0] ?? ''))).toEqual([]);
    expect(common).toHaveLength(2);
  });
  test('two stacks share no fixed name: each has the name of its stack in it', () => {
    const [ours, theirs] = [fixedNamesOf(first), fixedNamesOf(second)];
    expect(ours.length).toBeGreaterThan(55);
    expect(ours.filter(([, name]) => !name.includes(nameOf(first)))).toEqual([]);
    const names = new Set(theirs.map(([, name]) => name));
    expect(ours.filter(([, name]) => names.has(name))).toEqual([]);
  });
  test('two stacks share no name of a metric in the firewall', () => {
    const namesOf = (from: Synthesized) =>
      propertiesOf(from, 'AWS::WAFv2::WebACL').map(({ VisibilityConfig }) => recordOf(VisibilityConfig)['MetricName']);
    expect([namesOf(first), namesOf(second)]).toEqual([[nameOf(first)], [nameOf(second)]]);
  });
  test('two stacks have no exports', () => {
    for (const { template } of [first, second])
      expect(Object.values(recordOf(template['Outputs'])).filter((each) => 'Export' in recordOf(each))).toEqual([]);
  });
  test('two stacks tell CloudWatch their names, each function in its own', () => {
    for (const from of [first, second]) {
      const names = propertiesOf(from, 'AWS::Lambda::Function').map(
        ({ Environment }) => recordOf(recordOf(Environment)['Variables'])['POWERTOOLS_SERVICE_NAME'],
      );
      expect(new Set(names)).toEqual(new Set([nameOf(from)]));
    }
  });
  test('two stacks reach nothing of each other: no permission of one names an alarm, log, table, bus or topic of the other', () => {
    for (const [ours, theirs] of [
      [first, second],
      [second, first],
    ] as const) {
      const reachable = arnsIn(onAws(nameOf(ours), ours.template)).filter((pattern) =>
        ownArnsOf(theirs).some((arn) => matches(pattern, arn)),
      );
      expect([...new Set(reachable)]).toEqual([]);
      expect(
        ownArnsOf(ours).some((arn) =>
          arnsIn(onAws(nameOf(ours), ours.template)).some((pattern) => matches(pattern, arn)),
        ),
      ).toBe(true);
    }
  });
  test('two stacks have only these resources of the account in common, which preflight names', () => {
    const parameters = Object.values(recordOf(first.template['Parameters'])).map((each) => recordOf(each)['Type']);
    expect(parameters).toEqual(['AWS::SSM::Parameter::Value<String>']);
    const types = new Set(Object.values(first.resources).map(({ Type }) => Type));
    const accountWide = ['AWS::ApiGateway::Account'].filter((type) => types.has(type));
    for (const type of [...accountWide, 'AWS::SSM::Parameter']) expect(shared.map(({ by }) => by)).toContain(type);
  });
});

test('a name that two stacks would share is found', () => {
  const first = stackOf('Otp');
  const planted = {
    ...first,
    resources: { ...first.resources, Planted: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'alarms' } } },
  };
  expect(fixedNamesOf(planted).filter(([, name]) => !name.includes('Otp'))).toEqual([
    ['AWS::SNS::Topic TopicName', 'alarms'],
  ]);
});
