/**
 * Calls past the API that a thief of a person's credentials tries, beside those of functions (`../probes.ts`). Each
 * succeeds for the account itself, and leaves the deployment as it was.
 */

import { GetApiKeyCommand, UpdateApiKeyCommand } from '@aws-sdk/client-api-gateway';
import { GetTemplateCommand, type StackResourceSummary } from '@aws-sdk/client-cloudformation';
import { DisableAlarmActionsCommand, EnableAlarmActionsCommand } from '@aws-sdk/client-cloudwatch';
import { GetKeyPolicyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import {
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ListSubscriptionsByTopicCommand } from '@aws-sdk/client-sns';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { type Aws, physicalIdOf } from '../aws.ts';
import type { Parts } from '../parts.ts';
import type { Probe } from '../probes.ts';
import { type Person, roleOf } from './people.ts';
import { type Request, signedBy } from './signed.ts';

/** Beside the parts that functions reach for. */
export type Loot = Parts & {
  readonly emulator: string;
  readonly stack: string;
  /** Of the back end. */
  readonly apiKey: string;
  readonly webKey: string;
  readonly policy: string;
  readonly eraser: string;
  readonly replay: string;
  readonly logGroup: string;
};

export const lootOf = (
  parts: Parts,
  resources: readonly StackResourceSummary[],
  known: Pick<Loot, 'emulator' | 'stack' | 'apiKey' | 'webKey' | 'policy'>,
): Loot => ({
  ...parts,
  ...known,
  eraser: physicalIdOf(resources, 'erasenumber', 'AWS::Lambda::Function'),
  replay: physicalIdOf(resources, 'replaydeadletters', 'AWS::Lambda::Function'),
  logGroup: physicalIdOf(resources, 'requestverificationLog', 'AWS::Logs::LogGroup'),
});

/** A call of a service that has no client here. */
const ask = async (aws: Aws, { emulator }: Loot, service: string, request: Pick<Request, 'headers' | 'body'>) => {
  const { status, text } = await signedBy(aws, service)({ method: 'POST', url: `${emulator}/`, ...request });
  if (status === 200) return;
  const error = new Error(text);
  error.name = text.includes('AccessDenied') ? 'AccessDenied' : `Status${status}`;
  throw error;
};

const iam = (aws: Aws, loot: Loot, Action: string, parameters: Readonly<Record<string, string>>) =>
  ask(aws, loot, 'iam', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }).toString(),
  });

const logs = (aws: Aws, loot: Loot, action: string, input: object) =>
  ask(aws, loot, 'logs', {
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Logs_20140328.${action}` },
    body: JSON.stringify({ logGroupName: loot.logGroup, ...input }),
  });

export const thefts: Readonly<Record<string, Probe<Loot>>> = {
  'read the API key of the back end': ({ apiGateway }, { apiKey }) =>
    apiGateway.send(new GetApiKeyCommand({ apiKey, includeValue: true })),
  'read the API key of the web app': ({ apiGateway }, { webKey: apiKey }) =>
    apiGateway.send(new GetApiKeyCommand({ apiKey, includeValue: true })),
  'disable an API key': ({ apiGateway }, { apiKey }) => {
    const patchOperations = [{ op: 'replace', path: '/enabled', value: 'true' } as const];
    return apiGateway.send(new UpdateApiKeyCommand({ apiKey, patchOperations }));
  },
  'read the template': ({ cloudFormation }, { stack }) =>
    cloudFormation.send(new GetTemplateCommand({ StackName: stack })),
  'read the code of a function': ({ lambda }, { detector }) =>
    lambda.send(new GetFunctionCommand({ FunctionName: detector })),
  'read the environment of a function': ({ lambda }, { detector }) =>
    lambda.send(new GetFunctionConfigurationCommand({ FunctionName: detector })),
  'change a function': ({ lambda }, { detector }) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: detector })),
  'erase a number past the API': ({ lambda }, { eraser }) =>
    lambda.send(new InvokeCommand({ FunctionName: eraser, Payload: '{}' })),
  'replay dead letters': ({ lambda }, { replay }) =>
    lambda.send(new InvokeCommand({ FunctionName: replay, Payload: '{"dryRun":true}' })),
  'write into a log, and delete it': async (aws, loot) => {
    const logStreamName = 'of-a-thief';
    await logs(aws, loot, 'CreateLogStream', { logStreamName });
    await logs(aws, loot, 'DeleteLogStream', { logStreamName });
  },
  'silence an alarm': async ({ cloudWatch }, { stack }) => {
    const AlarmNames = [`${stack}/SendingStopped`];
    await cloudWatch.send(new DisableAlarmActionsCommand({ AlarmNames }));
    await cloudWatch.send(new EnableAlarmActionsCommand({ AlarmNames }));
  },
  'read who receives the alarms': ({ sns }, { alarmTopic }) =>
    sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: alarmTopic })),
  'read the policy of a key': ({ kms }, { codeKey: KeyId }) =>
    kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' })),
  'give a key another policy': async ({ kms }, { codeKey: KeyId }) => {
    const everything = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'kms:*', Resource: '*' };
    const before = await kms.send(new GetKeyPolicyCommand({ KeyId, PolicyName: 'default' })).catch(() => undefined);
    const Policy = before?.Policy ?? JSON.stringify({ Version: '2012-10-17', Statement: [everything] });
    await kms.send(new PutKeyPolicyCommand({ KeyId, PolicyName: 'default', Policy }));
  },
  'give a role another policy': async (aws, loot) => {
    const change = { RoleName: roleOf('nobody'), PolicyArn: loot.policy };
    await iam(aws, loot, 'AttachRolePolicy', change);
    await iam(aws, loot, 'DetachRolePolicy', change);
  },
  'act as the function that checks': ({ sts }, { roles }) =>
    sts.send(new AssumeRoleCommand({ RoleArn: roles['check-verification'], RoleSessionName: 'of-a-thief' })),
};

/** What of these and of the calls of functions each person may do. */
export const reachOf: Readonly<Record<Person, readonly string[]>> = {
  /** Of the web app. */
  client: ['read the API key of the web app'],
  analyst: [
    'disable an API key',
    'replay dead letters',
    'read who receives the alarms',
    'GetObject among the dead letters',
    'ListBucket of the dead letters',
  ],
  auditor: [
    'read the template',
    'read the environment of a function',
    'read the policy of a key',
    'read who receives the alarms',
    'GetObject among the exports',
    'ListBucket of the exports',
  ],
  'privacy-officer': [],
  nobody: [],
};
