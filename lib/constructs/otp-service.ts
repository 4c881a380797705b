import { Lazy, Stack } from 'aws-cdk-lib';
import type { Alias, Code } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AnyFunctionName, ScheduledFunctionName, StreamFunctionName } from '../../lambdas/contract.ts';
import { functionsOf } from '../../lambdas/policy.ts';
import { sourceIpsOf } from '../settings/applications.ts';
import { eventsOf, readsReceipts } from '../settings/events.ts';
import { sealingsOf } from '../settings/policy.ts';
import { hasReceipts, receiptsOf } from '../settings/receipts.ts';
import type { Settings } from '../settings/settings.ts';
import { OtpApi } from './api.ts';
import { DeadLetters } from './dead-letters.ts';
import { EventStream } from './events/event-stream.ts';
import { Exports } from './exports.ts';
import { FindingsBus } from './findings-bus.ts';
import { Firewall, firewallLogNameOf } from './firewall.ts';
import { makeFunctions, type OtpFunctions } from './functions.ts';
import { AccessPolicies } from './iam/access-policies.ts';
import { OtpKeys, type OtpKeysProps } from './keys.ts';
import { AlarmTopic, alarmArnsOf } from './monitoring/alarm-topic.ts';
import { Alarms } from './monitoring/alarms.ts';
import { Dashboard } from './monitoring/dashboard.ts';
import { FindingMail } from './monitoring/finding-mail.ts';
import { ownMetricsOf } from './monitoring/metrics.ts';
import { OperatorApi } from './operator-api.ts';
import { Receipts } from './receipts/receipts.ts';
import { OtpTables } from './tables.ts';
import { ScheduleTrigger, StreamTrigger } from './triggers.ts';
import { Webhooks } from './webhooks/webhooks.ts';

export type OtpServiceProps = {
  readonly settings: Settings;
  /** What the names of logs, alarms, API, dashboard and firewall are made of: one per account and Region. */
  readonly name: string;
  /** The bundle of a function. */
  readonly codeOf: (name: AnyFunctionName) => Code;
};

/** The service, for a stack of any team. It only introduces its parts to each other. */
export class OtpService extends Construct {
  readonly keys: OtpKeys;
  readonly tables: OtpTables;
  /** Stream records that could not be processed. */
  readonly deadLetters: DeadLetters;
  /** The bucket of exports. */
  readonly exports: Exports;
  /** Stream records that became no event. Undefined unless the settings ask for events. */
  readonly eventLetters: DeadLetters | undefined;
  /** The second reader of the stream of verifications. Undefined unless the settings ask for events. */
  readonly events: EventStream | undefined;
  readonly findingsBus: FindingsBus;
  readonly api: OtpApi;
  readonly operatorApi: OperatorApi;
  /** Undefined if the settings want none. */
  readonly firewall: Firewall | undefined;
  readonly functions: OtpFunctions;
  /** Undefined unless the settings ask for them. */
  readonly receipts: Receipts | undefined;
  /** Undefined unless the settings ask for them. */
  readonly webhooks: Webhooks | undefined;
  readonly replayAlias: Alias;
  readonly streams: Readonly<Record<StreamFunctionName, StreamTrigger>>;
  readonly schedules: Readonly<Record<ScheduledFunctionName, ScheduleTrigger>>;
  readonly alarmTopic: AlarmTopic;
  readonly dashboard: Dashboard;
  /** Managed policies that the team may attach to roles of its own. */
  readonly accessPolicies: AccessPolicies;

  constructor(scope: Construct, id: string, { settings, name, codeOf }: OtpServiceProps) {
    super(scope, id);
    const logs = logNamesOf(name, settings);
    const alarmArns = alarmArnsOf(Stack.of(this), name);
    const { securityEmail: email } = settings;
    this.keys = this.makeKeys(settings, { logGroupNames: logs.all, alarmArns });
    this.tables = new OtpTables(this, 'Tables', { encryptionKey: this.keys.table, securityKey: this.keys.security });
    this.deadLetters = new DeadLetters(this, 'DeadLetters', { encryptionKey: this.keys.deadLetter });
    this.eventLetters = this.makeEventLetters(settings);
    this.exports = new Exports(this, 'Exports', { keys: this.keys });
    this.findingsBus = new FindingsBus(this, 'Findings', { name });
    this.api = new OtpApi(this, 'Api', { settings, name, logKey: this.keys.log, accessLogName: logs.access });
    const ofOperators = { settings, name, logKey: this.keys.log, accessLogName: logs.operatorAccess };
    this.operatorApi = new OperatorApi(this, 'OperatorApi', ofOperators);
    this.operatorApi.waitFor(...this.api.logsSetting);
    const { keys, tables, deadLetters, eventLetters, exports, findingsBus, api, operatorApi } = this;
    this.alarmTopic = new AlarmTopic(this, 'AlarmTopic', { name, encryptionKey: keys.alarm, alarmArns, email });
    this.receipts = this.makeReceipts(name, settings);
    this.webhooks = this.makeWebhooks(settings);
    const { alarmTopic, receipts, webhooks } = this;
    const [{ accessLog }, stage] = [api, api.restApi.deploymentStage];
    this.firewall = settings.firewall ? this.makeFirewall(name, settings) : undefined;
    const made = makeFunctions(this, {
      ...{ keys, tables, deadLetters, eventLetters, exports, findingsBus },
      ...{ api, operatorApi, alarmTopic, receipts, webhooks },
      // The mapping needs the detector, and the status needs the mapping.
      detectorMapping: Lazy.string({ produce: () => this.streams['detect-bursts'].mapping.eventSourceMappingId }),
      stackName: name,
      settings,
      codeOf,
      logGroupNameOf: logs.of,
      logKey: keys.log,
    });
    this.functions = made.functions;
    this.replayAlias = made.replayAlias;
    const { functions, firewall } = this;
    api.serve((function_) => functions[function_].lambda);
    operatorApi.serve((function_) => functions[function_].lambda);
    const detector = { name: 'detect-bursts', target: functions['detect-bursts'] } as const;
    this.streams = { 'detect-bursts': new StreamTrigger(this, 'Stream', { ...detector, tables, deadLetters }) };
    const stream = this.streams['detect-bursts'];
    this.schedules = { 'detect-bursts': new ScheduleTrigger(this, 'Schedule', { ...detector, stream }) };

    this.events = this.feedEvents(settings);
    const { streams, schedules, events } = this;
    const own = ownMetricsOf(name);
    const asked = { firewall, receipts, events, webhooks };
    const watched = { own, settings, stage, functions, streams, tables, accessLog, ...asked };
    this.dashboard = new Dashboard(this, 'Dashboard', { name, ...watched });
    const findingMail = new FindingMail(this, 'Mail', { name, findingsBus, alarmTopic, dashboard: this.dashboard });
    new Alarms(this, 'Alarms', { name, alarmTopic, schedules, findingMail, ...watched });
    this.accessPolicies = new AccessPolicies(this, 'Access', {
      ...{ name, api, operatorApi, keys, tables, deadLetters, exports, functions, alarmTopic, firewall, events },
      logGroupNames: logs.all,
    });
  }

  private makeKeys(settings: Settings, names: Pick<OtpKeysProps, 'logGroupNames' | 'alarmArns'>): OtpKeys {
    const { codeKeyGenerations, proofs } = settings;
    return new OtpKeys(this, 'Keys', {
      ...{ ...names, codeKeyGenerations, hasReceipts: hasReceipts(settings) },
      proofAlgorithm: proofs.algorithm,
      sealings: sealingsOf(settings),
    });
  }

  private makeEventLetters(settings: Settings): DeadLetters | undefined {
    if (eventsOf(settings) === undefined) return undefined;
    return new DeadLetters(this, 'EventLetters', { encryptionKey: this.keys.deadLetter });
  }

  private feedEvents(settings: Settings): EventStream | undefined {
    const { functions, tables, eventLetters: letters } = this;
    const target = functions['publish-events'];
    if (target === undefined || letters === undefined) return undefined;
    return new EventStream(this, 'Events', { target, tables, letters, readsReceipts: readsReceipts(settings) });
  }

  private makeReceipts(name: string, settings: Settings): Receipts | undefined {
    const [policy, encryptionKey] = [receiptsOf(settings), this.keys.receipts];
    if (policy === undefined || encryptionKey === undefined) return undefined;
    return new Receipts(this, 'Receipts', { name, policy, encryptionKey });
  }

  private makeWebhooks(settings: Settings): Webhooks | undefined {
    const webhooks = eventsOf(settings)?.webhooks ?? [];
    if (webhooks.length === 0) return undefined;
    return new Webhooks(this, 'Webhooks', { findingsBus: this.findingsBus, webhooks });
  }

  /** Before the API of client apps. Nobody reaches a function of operators without a signature. */
  private makeFirewall(name: string, settings: Settings): Firewall {
    const { api, keys } = this;
    return new Firewall(this, 'Firewall', {
      name,
      stage: api.restApi.deploymentStage,
      logRetentionDays: settings.logRetentionDays,
      endpoint: api.endpoint,
      requestsPerIp: settings.firewallRequestsPerIp,
      sourceIps: sourceIpsOf(settings),
      logKey: keys.log,
    });
  }
}

/** The names of the log groups, known before the groups are made: their key names them. */
const logNamesOf = (name: string, settings: Settings) => {
  const { firewall } = settings;
  const [receipts, events] = [receiptsOf(settings), eventsOf(settings)];
  const policy = { ...(receipts === undefined ? {} : { receipts }), ...(events === undefined ? {} : { events }) };
  const of = (function_: AnyFunctionName) => `/${name}/${function_}`;
  const access = `/${name}/api-access`;
  const operatorAccess = `/${name}/operator-access`;
  return {
    of,
    access,
    operatorAccess,
    all: [...functionsOf(policy).map(of), access, operatorAccess, ...(firewall ? [firewallLogNameOf(name)] : [])],
  };
};
