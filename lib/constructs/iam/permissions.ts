import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import {
  type AnyFunctionName,
  type OperatorFunctionName,
  type OptionalFunctionName,
  optionalStreamFunctions,
  streamFunctions,
} from '../../../lambdas/contract.ts';
import { eventsOf, readsReceipts } from '../../settings/events.ts';
import { hasReceipts } from '../../settings/receipts.ts';
import type { Settings } from '../../settings/settings.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { Exports } from '../exports.ts';
import type { FindingsBus } from '../findings-bus.ts';
import type { OtpKeys } from '../keys.ts';
import type { AlarmTopic } from '../monitoring/alarm-topic.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { OtpTables } from '../tables.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import { allow, type Grantee } from './allow.ts';
import { grantCalls } from './calls.ts';
import { grantProviderSecrets } from './risk.ts';
import { grantFeedback, grantReceiptSet, grantSend, type SendSettings } from './senders.ts';
import { longPolicyOfSetting, policyOfSetting } from './setting-policy.ts';

/** CloudWatch has no resource for metrics, and lists composite alarms to whom it lists all alarms. */
const grantReadAlarms = (role: IRole): void => {
  allow(role, 'ReadAlarms', 'cloudwatch:DescribeAlarms', '*');
  allow(role, 'ReadMetrics', 'cloudwatch:GetMetricData', '*');
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'CloudWatch has no resources to limit GetMetricData to, and shows composite alarms only to whom it shows all alarms. Both only read: names of alarms, and numbers.',
  });
};

const grantAskForMapping = (role: IRole, mapping: string): void => {
  const resource = Stack.of(role).formatArn({
    service: 'lambda',
    resource: 'event-source-mapping',
    resourceName: mapping,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  allow(role, 'AskForMapping', 'lambda:GetEventSourceMapping', resource);
};

type Parts = {
  readonly keys: OtpKeys;
  readonly tables: OtpTables;
  readonly deadLetters: DeadLetters;
  readonly exports: Exports;
  readonly findingsBus: FindingsBus;
  /** The alias of the detector that the replay calls. */
  readonly replayArn: string;
  readonly alarmTopic: AlarmTopic;
  /** Id of the event source mapping of the detector. */
  readonly detectorMapping: string;
  /** The routes by which functions send. */
  readonly settings: SendSettings & Pick<Settings, 'voice' | 'numberRisk' | 'events'>;
  /** Undefined unless the settings ask for them. */
  readonly receipts: Receipts | undefined;
  /** Stream records that became no event. Undefined unless the settings ask for events. */
  readonly eventLetters: DeadLetters | undefined;
  /** Undefined unless the settings ask for them. */
  readonly webhooks: Webhooks | undefined;
};

/** The permissions that a function has only because of number risk. */
const grantByNumberRisk = (role: IRole, settings: Parts['settings'], grant: (ofRisk: Grantee) => void): void => {
  if (settings.numberRisk !== undefined) grant(longPolicyOfSetting(role, 'NumberRisk'));
};

/** Asks providers, and keeps what they say. */
const grantLookUps = (role: IRole, tables: OtpTables, settings: Parts['settings']): void =>
  grantByNumberRisk(role, settings, (ofRisk) => {
    tables.grantRequestWithSims(ofRisk);
    grantProviderSecrets(ofRisk, settings);
  });

/** Sends SMS and calls. */
const grantMessages = (role: IRole, settings: Parts['settings']): void => {
  grantSend(role, settings);
  grantCalls(role, settings);
  grantReceiptSet(role, settings);
};

const operatorPermissionsOf = ({
  keys,
  tables,
  deadLetters,
  exports,
  alarmTopic,
  webhooks,
  detectorMapping,
  settings,
}: Omit<Parts, 'findingsBus' | 'receipts' | 'eventLetters' | 'replayArn'>) =>
  ({
    'read-desk': (role) => {
      keys.grantUseTables(role);
      keys.grantUseSecurity(role);
      tables.grantReadDesk(role);
    },
    'write-desk': (role) => {
      keys.grantPseudonyms(role);
      keys.grantUseTables(role);
      keys.grantUseSecurity(role);
      tables.grantWriteDesk(role);
      grantByNumberRisk(role, settings, (ofRisk) => tables.grantNotePorting(ofRisk));
      webhooks?.grantReplay(policyOfSetting(role, 'Webhooks'));
    },
    'read-status': (role) => {
      keys.grantUseTables(role);
      keys.grantUseSecurity(role);
      keys.grantDescribe(role);
      tables.grantReadStatus(role);
      deadLetters.grantCount(role);
      alarmTopic.grantReadReceivers(role);
      grantAskForMapping(role, detectorMapping);
      grantReadAlarms(role);
      webhooks?.grantLook(policyOfSetting(role, 'Webhooks'));
    },
    'read-number-history': (role) => {
      keys.grantPseudonyms(role);
      keys.grantUseTables(role);
      keys.grantUseSecurity(role);
      tables.grantReadNumberHistory(role);
    },
    'erase-number': (role) => {
      keys.grantPseudonyms(role);
      keys.grantUseTables(role);
      keys.grantUseSecurity(role);
      tables.grantEraseNumber(role);
    },
    'export-events': (role) => {
      keys.grantUseTables(role);
      keys.grantUseSecurity(role);
      tables.grantExport(role);
      exports.grantPut(role);
    },
  }) satisfies Record<OperatorFunctionName, (role: IRole) => void>;

const optionalPermissionsOf = ({
  keys,
  tables,
  receipts,
  webhooks,
  settings,
}: Pick<Parts, 'keys' | 'tables' | 'receipts' | 'webhooks' | 'settings'>) =>
  ({
    'note-receipts': (role) => {
      const { sources, noteMessageIds } = settings.receipts;
      const isByBus = sources.includes('event-bus');
      keys.grantUseTables(role);
      tables.grantNoteReceipts(role);
      if (isByBus) tables.grantFindMessages(role);
      if (isByBus && !noteMessageIds) tables.grantNoteMessages(role);
      receipts?.grantGiveUp(role);
    },
    'deliver-webhooks': (role) => {
      webhooks?.grantDeliver(role);
    },
  }) satisfies Partial<Record<OptionalFunctionName, (role: IRole) => void>>;

const eventPermissionsOf = ({
  keys,
  tables,
  findingsBus,
  eventLetters,
  settings,
}: Pick<Parts, 'keys' | 'tables' | 'findingsBus' | 'eventLetters' | 'settings'>) =>
  ({
    'publish-events': (role) => {
      keys.grantUseTables(role);
      tables.grantReadStream(role, optionalStreamFunctions['publish-events'].table);
      eventLetters?.grantPut(role);
      eventLetters?.grantRead(role);
      eventLetters?.grantDelete(role);
      const types = eventsOf(settings)?.types ?? [];
      const withoutReceipts = types.filter((type) => type !== 'verification.delivered');
      if (withoutReceipts.length > 0) findingsBus.grantPutEvents(role, withoutReceipts);
      if (!readsReceipts(settings)) return;
      // A receipt names no application. Its record does, and the stream has shown all that stands in it.
      const ofReceipts = policyOfSetting(role, 'Receipts');
      tables.grantReadWithReceipt(ofReceipts);
      // Events of one call need one statement that names the types of all.
      findingsBus.grantPutEvents(ofReceipts, types);
    },
  }) satisfies Partial<Record<OptionalFunctionName, (role: IRole) => void>>;

/** A report of a message whose code was used names it by its receipt. */
const grantReport = (role: IRole, tables: OtpTables, settings: Pick<Settings, 'smsRoutes' | 'voice'>): void => {
  const ofFeedback = policyOfSetting(role, 'Feedback');
  tables.grantReadReceipt(ofFeedback);
  grantFeedback(ofFeedback, settings);
};

/** What each function may do besides writing its own log. Beside it, a function that continues its work may call itself. */
export const permissionsOf = ({
  keys,
  tables,
  deadLetters,
  findingsBus,
  replayArn,
  settings,
  receipts,
  eventLetters,
  webhooks,
  ...rest
}: Parts) =>
  ({
    'request-verification': (role) => {
      keys.grantMakeCodes(role);
      keys.grantPseudonyms(role);
      keys.grantSealPhones(role);
      keys.grantUseTables(role);
      tables.grantRequest(role);
      grantMessages(role, settings);
      grantLookUps(role, tables, settings);
    },
    'check-verification': (role) => {
      keys.grantMatchCodes(role);
      keys.grantOpenPhones(role);
      keys.grantSignProofs(role);
      keys.grantUseTables(role);
      tables.grantCheck(role);
      if (settings.receipts.feedback) grantReport(role, tables, settings);
    },
    'resend-verification': (role) => {
      keys.grantMatchCodes(role);
      keys.grantOpenPhones(role);
      keys.grantUseTables(role);
      tables.grantResend(role);
      grantByNumberRisk(role, settings, (ofRisk) => tables.grantResendWithSims(ofRisk));
      if (hasReceipts(settings)) tables.grantReadWithReceipt(policyOfSetting(role, 'Receipts'));
      if (settings.receipts.noteMessageIds) tables.grantNoteMessages(policyOfSetting(role, 'MessageIds'));
      grantMessages(role, settings);
    },
    'get-verification': (role) => {
      keys.grantUseTables(role);
      // A deployment changes permissions before code: the code from before receipts reads by this until it is replaced.
      tables.grantGet(role);
      if (hasReceipts(settings)) tables.grantReadWithReceipt(policyOfSetting(role, 'Receipts'));
    },
    'cancel-verification': (role) => {
      keys.grantUseTables(role);
      tables.grantCancel(role);
    },
    jwks: (role) => {
      keys.grantReadProofKey(role);
    },
    'detect-bursts': (role) => {
      keys.grantUseTables(role);
      keys.grantUseSecurity(role);
      tables.grantReadStream(role, streamFunctions['detect-bursts'].table);
      tables.grantDetectBursts(role);
      deadLetters.grantPut(role);
      deadLetters.grantRead(role);
      findingsBus.grantPutFindings(role);
    },
    'replay-dead-letters': (role) => {
      deadLetters.grantReplay(role);
      allow(role, 'CallDetector', 'lambda:InvokeFunction', replayArn);
    },
    ...optionalPermissionsOf({ keys, tables, receipts, webhooks, settings }),
    ...eventPermissionsOf({ keys, tables, findingsBus, eventLetters, settings }),
    ...operatorPermissionsOf({ keys, tables, deadLetters, webhooks, settings, ...rest }),
  }) satisfies Record<AnyFunctionName, (role: IRole) => void>;
