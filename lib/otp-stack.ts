import { CfnOutput, Lazy, Stack, type StackProps } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { Code } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  type EnvironmentName,
  environment,
  type FunctionName,
  functionNames,
  type ScheduledFunctionName,
  type StreamFunctionName,
} from '../lambdas/contract.ts';
import { OtpApi } from './constructs/api.ts';
import { DeadLetters } from './constructs/dead-letters.ts';
import { FindingsBus } from './constructs/findings-bus.ts';
import { Firewall, firewallLogNameOf } from './constructs/firewall.ts';
import { OtpFunction } from './constructs/function.ts';
import { FunctionSchedule } from './constructs/function-schedule.ts';
import { AccessPolicies } from './constructs/iam/access-policies.ts';
import { permissionsOf } from './constructs/iam/permissions.ts';
import { OtpKeys } from './constructs/keys.ts';
import { AlarmTopic, alarmArnsOf } from './constructs/monitoring/alarm-topic.ts';
import { Alarms } from './constructs/monitoring/alarms.ts';
import { Dashboard } from './constructs/monitoring/dashboard.ts';
import { OtpTables } from './constructs/tables.ts';
import { StreamFeed } from './constructs/triggers.ts';
import { leaveOutWhatEmulatorLacks } from './emulator.ts';
import type { Settings } from './settings/settings.ts';

export type OtpStackProps = StackProps & {
  readonly settings: Settings;
  /** The bundle of a function. */
  readonly codeOf: (name: FunctionName) => Code;
  /** Leaves out what the emulator of the deployment suite lacks, and changes nothing else. */
  readonly emulator?: boolean;
};

/** The service. It only introduces its parts to each other. */
export class OtpStack extends Stack {
  readonly keys: OtpKeys;
  readonly tables: OtpTables;
  readonly api: OtpApi;
  readonly functions: Readonly<Record<FunctionName, OtpFunction>>;
  /** Stream records that could not be processed. */
  readonly deadLetters: DeadLetters;
  readonly feeds: Readonly<Record<StreamFunctionName, StreamFeed>>;
  readonly schedules: Readonly<Record<ScheduledFunctionName, FunctionSchedule>>;
  /** Where findings are told to other systems. */
  readonly findingsBus: FindingsBus;
  /** Undefined where the settings want none. */
  readonly firewall: Firewall | undefined;
  readonly alarmTopic: AlarmTopic;
  readonly dashboard: Dashboard;
  /** What the team may attach to roles of its own. */
  readonly accessPolicies: AccessPolicies;

  constructor(scope: Construct, id: string, { settings, codeOf, emulator = false, ...props }: OtpStackProps) {
    super(scope, id, {
      description: 'One-time passcodes by SMS',
      ...props,
    });
    const accessLogName = `/${this.stackName}/api-access`;
    const firewallLogName = firewallLogNameOf(this.stackName);
    const logGroupName = (name: FunctionName) => `/${this.stackName}/${name}`;
    const logGroupNames = [
      ...functionNames.map(logGroupName),
      accessLogName,
      ...(settings.firewall ? [firewallLogName] : []),
    ];
    this.keys = new OtpKeys(this, 'Keys', {
      codeKeyGenerations: settings.codeKeyGenerations,
      logGroupNames,
      alarmArns: alarmArnsOf(this),
    });
    this.tables = new OtpTables(this, 'Tables', { encryptionKey: this.keys.table });
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { encryptionKey: this.keys.deadLetter });
    this.findingsBus = new FindingsBus(this, 'Findings');
    this.api = new OtpApi(this, 'Api', { settings, logKey: this.keys.log, accessLogName });
    this.firewall = settings.firewall
      ? new Firewall(this, 'Firewall', {
          stage: this.api.restApi.deploymentStage,
          endpoint: this.api.endpoint,
          requestsPerAddress: settings.firewallRequestsPerIp,
          logGroupName: firewallLogName,
          logKey: this.keys.log,
          logRetentionDays: settings.logRetentionDays,
        })
      : undefined;

    const { keys, tables, deadLetters, findingsBus } = this;
    const detectorArn = Lazy.string({ produce: () => this.functions['detect-bursts'].lambda.functionArn });
    const permissions = permissionsOf({ keys, tables, deadLetters, findingsBus, detectorArn });
    const variables = this.variables();
    const make = (name: FunctionName): OtpFunction => {
      const made = new OtpFunction(this, name, {
        name,
        code: codeOf(name),
        environment: variables,
        logGroupName: logGroupName(name),
        logKey: this.keys.log,
        logRetentionDays: settings.logRetentionDays,
        tracing: settings.tracing,
      });
      permissions[name](made.role);
      return made;
    };
    this.functions = {
      'request-verification': make('request-verification'),
      'check-verification': make('check-verification'),
      'resend-verification': make('resend-verification'),
      'get-verification': make('get-verification'),
      'cancel-verification': make('cancel-verification'),
      jwks: make('jwks'),
      'detect-bursts': make('detect-bursts'),
      'replay-dead-letters': make('replay-dead-letters'),
    };
    // A new generation of the code key must be known to those who match codes before codes are made under it.
    this.functions['request-verification'].node.addDependency(
      this.functions['check-verification'],
      this.functions['resend-verification'],
    );
    this.api.serve((name) => this.functions[name].lambda);
    this.feeds = { 'detect-bursts': this.feed('detect-bursts') };
    this.schedules = {
      'detect-bursts': new FunctionSchedule(
        this,
        'schedule-detect-bursts',
        'detect-bursts',
        this.functions['detect-bursts'],
      ),
    };
    this.alarmTopic = this.watch(settings);
    this.dashboard = this.lookAt();
    this.accessPolicies = this.letIn(logGroupNames);
    this.tell();
    if (emulator) leaveOutWhatEmulatorLacks(this, this.api.restApi.deploymentStage);
  }

  private feed(name: StreamFunctionName): StreamFeed {
    const { tables, deadLetters } = this;
    return new StreamFeed(this, `feed-${name}`, { name, target: this.functions[name], tables, deadLetters });
  }

  private watch({ securityEmail, monthlySpendAlarmUsd, kmsCallsAlarm }: Settings): AlarmTopic {
    const { functions, feeds, tables } = this;
    const alarmTopic = new AlarmTopic(this, 'AlarmTopic', {
      encryptionKey: this.keys.alarm,
      alarmArns: alarmArnsOf(this),
      email: securityEmail,
    });
    new Alarms(this, 'Alarms', {
      action: new SnsAction(alarmTopic.topic),
      stage: this.api.restApi.deploymentStage,
      functions,
      feeds,
      tables,
      monthlySpendUsd: monthlySpendAlarmUsd,
      kmsCalls: kmsCallsAlarm,
    });
    return alarmTopic;
  }

  private lookAt(): Dashboard {
    const { functions, tables, firewall } = this;
    return new Dashboard(this, 'Dashboard', { stage: this.api.restApi.deploymentStage, functions, tables, firewall });
  }

  private letIn(logGroupNames: readonly string[]): AccessPolicies {
    const { api, keys, tables, deadLetters, alarmTopic, firewall } = this;
    const functions = Object.values(this.functions);
    return new AccessPolicies(this, 'Access', {
      api,
      keys,
      tables,
      deadLetters,
      functions,
      replay: this.functions['replay-dead-letters'],
      alarmTopic,
      firewall,
      logGroupNames,
    });
  }

  private variables(): Readonly<Record<EnvironmentName, string>> {
    const codeKeyArns = Object.fromEntries([...this.keys.codes].map(([generation, key]) => [generation, key.keyArn]));
    return {
      [environment.verificationsTable]: this.tables.verifications.tableName,
      [environment.guardsTable]: this.tables.guards.tableName,
      [environment.trafficTable]: this.tables.traffic.tableName,
      [environment.securityTable]: this.tables.security.tableName,
      [environment.findingsBus]: this.findingsBus.bus.eventBusName,
      [environment.codeKeys]: this.toJsonString(codeKeyArns),
      [environment.pseudonymKey]: this.keys.pseudonym.keyArn,
      [environment.sealKey]: this.keys.seal.keyArn,
      [environment.proofKey]: this.keys.proof.keyArn,
      [environment.endpoint]: this.api.endpoint,
      [environment.deadLetterBucket]: this.deadLetters.bucket.bucketName,
      [environment.detector]: Lazy.string({ produce: () => this.functions['detect-bursts'].lambda.functionName }),
    };
  }

  private tell(): void {
    new CfnOutput(this, 'Endpoint', { value: this.api.endpoint, description: 'Base URL of the API' });
    new CfnOutput(this, 'JwksUrl', {
      value: `${this.api.endpoint}/.well-known/jwks.json`,
      description: 'The public key that checks proofs',
    });
    new CfnOutput(this, 'DashboardUrl', { value: this.dashboard.url, description: 'What is going on, on one page' });
    new CfnOutput(this, 'AlarmTopicArn', {
      value: this.alarmTopic.topic.topicArn,
      description: 'Topic of the alarms; whoever is subscribed is told',
    });
    new CfnOutput(this, 'FindingsBusName', {
      value: this.findingsBus.bus.eventBusName,
      description: 'Event bus of the findings; rules on it tell other systems',
    });
    new CfnOutput(this, 'ReplayFunctionName', {
      value: this.functions['replay-dead-letters'].lambda.functionName,
      description: 'Function that replays dead letters, for aws lambda invoke',
    });
    const { client, securityAnalyst, auditor } = this.accessPolicies;
    new CfnOutput(this, 'ClientPolicyArn', {
      value: client.managedPolicyArn,
      description: 'Managed policy for client apps: call the API, read its key',
    });
    new CfnOutput(this, 'SecurityAnalystPolicyArn', {
      value: securityAnalyst.managedPolicyArn,
      description: 'Managed policy for security staff: investigate, block, lift',
    });
    new CfnOutput(this, 'AuditorPolicyArn', {
      value: auditor.managedPolicyArn,
      description: 'Managed policy for auditors: the configuration, read-only',
    });
    if (this.api.apiKeyId === undefined) return;
    new CfnOutput(this, 'ApiKeyId', {
      value: this.api.apiKeyId,
      description: 'Id of the client API key; aws apigateway get-api-key --include-value --api-key <id> shows the key',
    });
  }
}
