import { describe, expect, inject, test } from 'vitest';
import { functionNames, routes, scheduledFunctions } from '../../lambdas/contract.ts';
import { listOf, recordOf } from '../lib/template/permissions.ts';
import type { Context } from './aws-call.ts';
import { decideForService } from './decide.ts';
import { account, deploy, region } from './deployed.ts';

const template = inject('template');
const deployed = deploy(template);

type Ask = Parameters<typeof decideForService>[1];
type Twist = { readonly what: string; readonly change: Partial<Ask> };

const isAllowed = (ask: Ask) => decideForService(deployed, ask);
const saying = (ask: Ask, context: Context): Partial<Ask> => ({ context: { ...ask.context, ...context } });

/** Every ask is allowed as it is, and refused with any of the twists. */
const expectOnly = async (ask: Ask, twists: readonly Twist[]) => {
  expect(await isAllowed(ask), `${ask.action} on ${ask.on}`).toBe(true);
  for (const { what, change } of twists) expect(await isAllowed({ ...ask, ...change }), what).toBe(false);
};

const propertiesOf = (type: string) =>
  Object.values(template.resources)
    .filter(({ Type }) => Type === type)
    .map(({ Properties }) => Properties);

describe('CloudWatch', () => {
  const names = propertiesOf('AWS::CloudWatch::Alarm').map(({ AlarmName }) => String(AlarmName));
  const alarmArn = (name: string) => `arn:aws:cloudwatch:${region}:${account}:alarm:${name}`;
  /** https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
  const asks = (name: string): readonly Ask[] =>
    [
      { action: 'sns:Publish', on: 'AlarmTopic' },
      { action: 'kms:Decrypt', on: 'AlarmKey' },
      { action: 'kms:GenerateDataKey', on: 'AlarmKey' },
    ].map((each) => ({
      ...each,
      service: 'cloudwatch.amazonaws.com',
      context: { 'aws:SecureTransport': 'true', 'aws:SourceAccount': account, 'aws:SourceArn': alarmArn(name) },
    }));

  test('CloudWatch publishes every alarm of ours, through the topic and its key', async () => {
    expect(names.length).toBeGreaterThan(10);
    for (const ask of names.flatMap(asks)) await expectOnly(ask, []);
  });

  test.each(asks(names[0] ?? ''))('$action on $on is for our alarms alone', async (ask) => {
    await expectOnly(ask, [
      { what: 'for another account', change: saying(ask, { 'aws:SourceAccount': '999999999999' }) },
      { what: 'for another stack', change: saying(ask, { 'aws:SourceArn': alarmArn('Another-api-errors') }) },
      { what: 'for nobody', change: { context: { 'aws:SecureTransport': 'true' } } },
      { what: 'by another service', change: { service: 'events.amazonaws.com' } },
    ]);
  });

  test('CloudWatch publishes over TLS, and uses no other key', async () => {
    const [publish, ...uses] = asks(names[0] ?? '');
    if (publish === undefined) throw new Error('There is no alarm.');
    await expectOnly(publish, [
      { what: 'over plain HTTP', change: saying(publish, { 'aws:SecureTransport': 'false' }) },
    ]);
    for (const ask of uses) {
      await expectOnly(
        ask,
        ['SealKey', 'LogKey', 'TableKey'].map((on) => ({ what: `of ${on}`, change: { on } })),
      );
    }
  });
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
const logActions = [
  'Encrypt',
  'Decrypt',
  'ReEncryptFrom',
  'ReEncryptTo',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
];

describe('the logs service', () => {
  const groupArn = (name: unknown) => `arn:aws:logs:${region}:${account}:log-group:${String(name)}`;
  const groups = propertiesOf('AWS::Logs::LogGroup').map(({ LogGroupName }) => groupArn(LogGroupName));
  const ask = (action: string, group: string): Ask => ({
    service: `logs.${region}.amazonaws.com`,
    action: `kms:${action}`,
    on: 'LogKey',
    context: { 'kms:EncryptionContext:aws:logs:arn': group, 'kms:EncryptionContextKeys': ['aws:logs:arn'] },
  });

  test('the logs service encrypts every log group of the stack', async () => {
    expect(groups.length).toBeGreaterThan(functionNames.length);
    for (const group of groups) for (const action of logActions) await expectOnly(ask(action, group), []);
  });

  test.each(logActions)(
    'the logs service cannot use the key to %s for another log, or another key for ours',
    async (action) => {
      const ours = ask(action, groups[0] ?? '');
      await expectOnly(ours, [
        { what: 'for another log', change: ask(action, groupArn('/another/log')) },
        { what: 'for no log', change: { context: {} } },
        { what: 'of another Region', change: { service: 'logs.eu-west-1.amazonaws.com' } },
        ...['SealKey', 'AlarmKey', 'TableKey'].map((on) => ({ what: `of ${on}`, change: { on } })),
      ]);
    },
  );
});

test('a key lets a service do what is asked for above, and nothing else', async () => {
  const statements = ['LogKey', 'AlarmKey'].flatMap((key) => deployed.policyOn(deployed.arnOf(key)) ?? []);
  const services = statements.filter(({ Principal }) => 'Service' in recordOf(Principal));
  const used = ['Decrypt', 'GenerateDataKey*', ...logActions].map((action) => `kms:${action}`);
  expect(services.flatMap(({ Action }) => listOf(Action)).toSorted()).toEqual([...used, ...unseen].toSorted());
  for (const action of unseen) {
    const ask = { service: `logs.${region}.amazonaws.com`, action, on: 'LogKey', context: {} };
    expect(await isAllowed(ask)).toBe(false);
  }
});

/** AWS's example has it, under the same condition. It takes no encryption context, so that it is never allowed. */
const unseen = ['kms:DescribeKey'];

describe('EventBridge', () => {
  test.each(Object.keys(scheduledFunctions))('EventBridge may call %s by its schedule alone', async (name) => {
    const source = (arn: string): Context => ({ 'aws:SourceArn': arn, 'aws:SourceAccount': account });
    const ask: Ask = {
      service: 'events.amazonaws.com',
      action: 'lambda:InvokeFunction',
      on: name,
      context: source(deployed.arnOf(`schedule of ${name}`)),
    };
    const others = functionNames.filter((other) => other !== name);
    await expectOnly(ask, [
      { what: 'by another rule', change: { context: source(`arn:aws:events:${region}:${account}:rule/another`) } },
      { what: 'by no rule', change: { context: {} } },
      { what: 'by another service', change: { service: 's3.amazonaws.com' } },
      ...others.map((on) => ({ what: `and ${on} with it`, change: { on } })),
    ]);
  });
});

describe('API Gateway', () => {
  const apiArn = deployed.arnOf('RestApi');
  test.each(routes)('$method $path: it may invoke $function for this route alone', async (route) => {
    const path = route.path.replace(/\{[^}]+\}/g, 'a0123');
    const source = (arn: string): Context => ({ 'aws:SourceArn': arn, 'aws:SourceAccount': account });
    const ask: Ask = {
      service: 'apigateway.amazonaws.com',
      action: 'lambda:InvokeFunction',
      on: route.function,
      context: source(`${apiArn}/otp/${route.method}${path}`),
    };
    const others = functionNames.filter((name) => name !== route.function);
    await expectOnly(ask, [
      { what: 'from another API', change: { context: source(`${apiArn}x/otp/${route.method}${path}`) } },
      {
        what: 'from the test console',
        change: { context: source(`${apiArn}/test-invoke-stage/${route.method}${path}`) },
      },
      { what: 'by another method', change: { context: source(`${apiArn}/otp/PUT${path}`) } },
      { what: 'from nowhere', change: { context: {} } },
      { what: 'by another service', change: { service: 's3.amazonaws.com' } },
      { what: 'and change it', change: { action: 'lambda:UpdateFunctionCode' } },
      ...others.map((on) => ({ what: `and ${on} with it`, change: { on } })),
    ]);
  });
});
