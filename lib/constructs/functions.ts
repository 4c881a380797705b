/** The functions of the service, each with its environment and its permissions. */

import { Lazy, Stack } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Alias, type Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  type AnyFunctionName,
  continuedFunctionNames,
  type EnvironmentName,
  environment,
  type FunctionName,
  type OptionalFunctionName,
  replayAlias,
} from '../../lambdas/contract.ts';
import type { Settings } from '../settings/settings.ts';
import type { OtpApi } from './api.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Exports } from './exports.ts';
import type { FindingsBus } from './findings-bus.ts';
import { OtpFunction } from './function.ts';
import { permissionsOf } from './iam/permissions.ts';
import type { SendSettings } from './iam/senders.ts';
import type { OtpKeys } from './keys.ts';
import type { AlarmTopic } from './monitoring/alarm-topic.ts';
import type { OperatorApi } from './operator-api.ts';
import type { Receipts } from './receipts/receipts.ts';
import type { OtpTables } from './tables.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

/** Those that the settings do not ask for are not there. */
export type OtpFunctions = Readonly<Record<FunctionName, OtpFunction>> &
  Partial<Readonly<Record<OptionalFunctionName, OtpFunction>>>;

export type Made = {
  readonly functions: OtpFunctions;
  /** By it the detector takes keys of dead letters, and nothing else. */
  readonly replayAlias: Alias;
};

type Parts = {
  readonly keys: OtpKeys;
  readonly tables: OtpTables;
  readonly deadLetters: DeadLetters;
  readonly exports: Exports;
  readonly findingsBus: FindingsBus;
  readonly api: OtpApi;
  readonly operatorApi: OperatorApi;
  readonly alarmTopic: AlarmTopic;
  /** Undefined unless the settings ask for them. */
  readonly receipts: Receipts | undefined;
  /** Stream records that became no event. Undefined unless the settings ask for events. */
  readonly eventLetters: DeadLetters | undefined;
  /** Undefined unless the settings ask for them. */
  readonly webhooks: Webhooks | undefined;
  /** Id of the event source mapping of the detector, which is made after the functions. */
  readonly detectorMapping: string;
};

export type FunctionsProps = Parts & {
  readonly stackName: string;
  readonly settings: Pick<Settings, 'logRetentionDays' | 'tracing' | 'voice' | 'numberRisk' | 'events'> & SendSettings;
  /** The bundle of a function. */
  readonly codeOf: (name: AnyFunctionName) => Code;
  readonly logGroupNameOf: (name: AnyFunctionName) => string;
  readonly logKey: IKey;
};

/** Makes all functions. The environment and one permission name the detector's alias before it is made. */
export const makeFunctions = (
  scope: Construct,
  { stackName, settings, codeOf, logGroupNameOf, logKey, ...parts }: FunctionsProps,
): Made => {
  const replayArn = Lazy.string({ produce: () => alias.functionArn });
  const permissions = permissionsOf({ ...parts, replayArn, settings });
  const variables = variablesOf(scope, parts, replayArn);
  const make = (name: AnyFunctionName): OtpFunction => {
    const made = new OtpFunction(scope, name, {
      name,
      stackName,
      code: codeOf(name),
      environment: variables,
      hourlySealKeyArn: parts.keys.hourlySeal?.keyArn,
      logGroupName: logGroupNameOf(name),
      logKey,
      logRetentionDays: settings.logRetentionDays,
      tracing: settings.tracing,
      onFailure: name === 'note-receipts' ? parts.receipts?.onFailure : undefined,
    });
    permissions[name](made.role);
    return made;
  };
  const functions: OtpFunctions = {
    'request-verification': make('request-verification'),
    'check-verification': make('check-verification'),
    'resend-verification': make('resend-verification'),
    'get-verification': make('get-verification'),
    'cancel-verification': make('cancel-verification'),
    jwks: make('jwks'),
    'detect-bursts': make('detect-bursts'),
    'replay-dead-letters': make('replay-dead-letters'),
    'read-desk': make('read-desk'),
    'write-desk': make('write-desk'),
    'read-status': make('read-status'),
    'read-number-history': make('read-number-history'),
    'erase-number': make('erase-number'),
    'export-events': make('export-events'),
    ...(parts.receipts === undefined ? {} : { 'note-receipts': make('note-receipts') }),
    ...(parts.eventLetters === undefined ? {} : { 'publish-events': make('publish-events') }),
    ...(parts.webhooks === undefined ? {} : { 'deliver-webhooks': make('deliver-webhooks') }),
  };
  if (functions['note-receipts'] !== undefined) parts.receipts?.feed(functions['note-receipts']);
  if (functions['deliver-webhooks'] !== undefined) parts.webhooks?.feed(functions['deliver-webhooks']);
  for (const name of continuedFunctionNames) letContinue(functions[name]);
  // A function that matches codes must know a new generation of the code key before the first code under it. Readers of the
  // stream must know a new form of records before the first record in it, or they would put records aside.
  functions['request-verification'].node.addDependency(
    functions['check-verification'],
    functions['resend-verification'],
    functions['detect-bursts'],
    ...(functions['publish-events'] === undefined ? [] : [functions['publish-events']]),
  );
  waitForSet(functions, parts.receipts);
  // Of the latest version: the alias is a name for a caller, and holds no code back.
  const alias = new Alias(scope, 'ReplayAlias', {
    aliasName: replayAlias,
    version: functions['detect-bursts'].lambda.latestVersion,
  });
  return { functions, replayAlias: alias };
};

/** AWS refuses each message that names a missing configuration set. */
const waitForSet = (functions: OtpFunctions, receipts: Receipts | undefined): void => {
  const set = receipts?.configurationSet;
  if (set === undefined) return;
  functions['request-verification'].node.addDependency(set);
  functions['resend-verification'].node.addDependency(set);
};

/**
 * A function that calls itself. The permission has a policy of its own: the function is made after its role, and a policy
 * within the role would have to wait for the function.
 */
const letContinue = (made: OtpFunction): void => {
  new Policy(made, 'Continue', {
    roles: [made.role],
    statements: [
      new PolicyStatement({
        sid: 'CallItself',
        actions: ['lambda:InvokeFunction'],
        resources: [made.lambda.functionArn],
      }),
    ],
  });
};

const variablesOf = (
  scope: Construct,
  {
    keys,
    tables,
    deadLetters,
    eventLetters,
    exports,
    findingsBus,
    api,
    operatorApi,
    alarmTopic,
    webhooks,
    detectorMapping,
  }: Parts,
  replayArn: string,
): Readonly<Record<EnvironmentName, string>> => ({
  [environment.verificationsTable]: tables.verifications.tableName,
  [environment.guardsTable]: tables.guards.tableName,
  [environment.trafficTable]: tables.traffic.tableName,
  [environment.securityTable]: tables.security.tableName,
  [environment.findingsBus]: findingsBus.bus.eventBusName,
  [environment.codeKeys]: Stack.of(scope).toJsonString(
    Object.fromEntries([...keys.codes].map(([generation, key]) => [generation, key.keyArn])),
  ),
  [environment.pseudonymKey]: keys.pseudonym.keyArn,
  [environment.sealKey]: keys.seal.keyArn,
  [environment.proofKey]: keys.proof.keyArn,
  [environment.endpoint]: api.endpoint,
  [environment.operatorEndpoint]: operatorApi.endpoint,
  [environment.applications]: Stack.of(scope).toJsonString(api.credentials),
  [environment.deadLetterBucket]: deadLetters.bucket.bucketName,
  [environment.detector]: replayArn,
  [environment.detectorMapping]: detectorMapping,
  [environment.alarmTopic]: alarmTopic.topic.topicArn,
  [environment.keys]: Stack.of(scope).toJsonString(
    // By their ids: the ARNs of many generations would not fit.
    Object.fromEntries([...keys.named].map(([name, key]) => [name, key.keyId])),
  ),
  [environment.exportBucket]: exports.bucket.bucketName,
  [environment.exportSigningKey]: keys.exportSigning.keyArn,
  // Only the function that publishes events has it, and it is not there without them.
  [environment.eventLetterBucket]: eventLetters?.bucket.bucketName ?? '',
  // Only a function that the settings ask for as well has these.
  [environment.webhookQueue]: webhooks?.queue.queueUrl ?? '',
  [environment.webhookDeadLetters]: webhooks?.deadLetters.queueUrl ?? '',
});
