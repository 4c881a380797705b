import { ArnFormat, Stack, Validations } from 'aws-cdk-lib';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import {
  type AnyFunctionName,
  type OperatorFunctionName,
  type OptionalFunctionName,
  streamFunctions,
} from '../../../lambdas/contract.ts';
import { hasReceipts } from '../../settings/receipts.ts';
import type { Settings } from '../../settings/settings.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { Exports } from '../exports.ts';
import type { FindingsBus } from '../findings-bus.ts';
import type { OtpKeys } from '../keys.ts';
import type { AlarmTopic } from '../monitoring/alarm-topic.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { OtpTables } from '../tables.ts';
import { allow } from './allow.ts';
import { grantCalls } from './calls.ts';
import { grantFeedback, grantSend, type SendSettings } from './senders.ts';

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
  readonly settings: SendSettings & Pick<Settings, 'voice' | 'numberRisk'>;
  /** Undefined unless the settings ask for them. */
  readonly receipts: Receipts | undefined;
};

/** What the settings ask of the functions that send, beside SMS. */
const asksOf = ({ voice, numberRisk }: Parts['settings']) => ({
  hasCalls: voice !== undefined,
  hasNumberRisk: numberRisk !== undefined,
});

const operatorPermissionsOf = ({ keys, tables, deadLetters, exports, alarmTopic, detectorMapping, settings }: Parts) =>
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
      tables.grantWriteDesk(role, { hasNumberRisk: settings.numberRisk !== undefined });
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

const receiptPermissionsOf = ({
  keys,
  tables,
  receipts,
  settings,
}: Pick<Parts, 'keys' | 'tables' | 'receipts' | 'settings'>) =>
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
  }) satisfies Record<OptionalFunctionName, (role: IRole) => void>;

/** What each function may do besides writing its own log. Beside it, a function that continues its work may call itself. */
export const permissionsOf = ({
  keys,
  tables,
  deadLetters,
  findingsBus,
  replayArn,
  settings,
  receipts,
  ...rest
}: Parts) =>
  ({
    'request-verification': (role) => {
      keys.grantMakeCodes(role);
      keys.grantPseudonyms(role);
      keys.grantSealPhones(role);
      keys.grantUseTables(role);
      tables.grantRequest(role, asksOf(settings));
      grantSend(role, settings);
      grantCalls(role, settings);
    },
    'check-verification': (role) => {
      keys.grantMatchCodes(role);
      keys.grantOpenPhones(role);
      keys.grantSignProofs(role);
      keys.grantUseTables(role);
      tables.grantCheck(role);
      if (!settings.receipts.feedback) return;
      tables.grantReadReceipt(role);
      grantFeedback(role, settings);
    },
    'resend-verification': (role) => {
      keys.grantMatchCodes(role);
      keys.grantOpenPhones(role);
      keys.grantUseTables(role);
      tables.grantResend(role, asksOf(settings));
      if (hasReceipts(settings)) tables.grantReadWithReceipt(role);
      if (settings.receipts.noteMessageIds) tables.grantNoteMessages(role);
      grantSend(role, settings);
      grantCalls(role, settings);
    },
    'get-verification': (role) => {
      keys.grantUseTables(role);
      // A deployment changes permissions before code: the code from before receipts reads by this until it is replaced.
      tables.grantGet(role);
      if (hasReceipts(settings)) tables.grantReadWithReceipt(role);
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
    ...receiptPermissionsOf({ keys, tables, receipts, settings }),
    ...operatorPermissionsOf({ keys, tables, deadLetters, findingsBus, replayArn, settings, receipts, ...rest }),
  }) satisfies Record<AnyFunctionName, (role: IRole) => void>;
