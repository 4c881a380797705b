/**
 * What each alarm watches, from which value on, and what it says.
 *
 * An alarm watches one metric without arithmetic, and has its name. Thresholds are counts, not rates: staff of a service
 * with ten requests an hour are notified of five failures as well.
 */

import { Duration } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { ComparisonOperator, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  type FunctionName,
  metrics,
  type OperatorFunctionName,
  riskMetrics,
  routeMetrics,
  type StreamFunctionName,
  streamFunctions,
  type TableName,
} from '../../../lambdas/contract.ts';
import { countsRoutes } from '../../../lambdas/policy.ts';
import { routeNameOf } from '../../settings/routes/routes.ts';
import type { Settings } from '../../settings/settings.ts';
import { voiceRouteNamesOf } from '../../settings/voice/voice.ts';
import { type Firewall, rateRule } from '../firewall.ts';
import type { OtpFunctions } from '../functions.ts';
import type { StreamTrigger } from '../triggers.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import { eventAlarms, type WatchedEvents } from './event-alarms.ts';
import type { FindingMail } from './finding-mail.ts';
import { alarmsOfFunction } from './function-alarms.ts';
import {
  blockedBy,
  failedInvocations,
  iteratorAge,
  kmsCalls,
  latency,
  logBytes,
  mappingMetric,
  monthlySpend,
  type OwnMetrics,
  providerMetric,
  routeFailures,
  serverErrors,
  tableMetric,
} from './metrics.ts';
import { receiptAlarms, type WatchedReceipts } from './receipt-alarms.ts';
import { riskAlarms, type WatchedRisk } from './risk-alarms.ts';

import { type WatchedWebhooks, webhookAlarms } from './webhook-alarms.ts';

export type Watched = WatchedReceipts &
  WatchedRisk &
  WatchedEvents &
  WatchedWebhooks & {
    /** Of the stack, as its metrics have it. */
    readonly name: string;
    readonly settings: Pick<
      Settings,
      'monthlySpendAlarmUsd' | 'kmsCallsAlarm' | 'throttle' | 'runbookUrl' | 'smsRoutes' | 'voice' | 'numberRisk'
    >;
    readonly own: OwnMetrics;
    readonly stage: Stage;
    readonly functions: OtpFunctions;
    readonly streams: Readonly<Record<StreamFunctionName, StreamTrigger>>;
    readonly tables: Readonly<Record<TableName, Table>>;
    readonly firewall: Firewall | undefined;
    readonly accessLog: LogGroup;
    readonly findingMail: FindingMail;
  };

type Definitions = readonly AlarmDefinition[];

const minute = Duration.minutes(1);
const fiveMinutes = Duration.minutes(5);

export const alarmDefinitions = (watched: Watched): Definitions => [
  ...moneyAlarms(watched),
  ...staffAlarms(watched),
  ...findingAlarms(watched),
  ...requestAlarms(watched),
  ...routeAlarms(watched),
  ...providerAlarms(watched),
  ...detectorAlarms(watched),
  ...listeningAlarms(watched),
  ...keyAlarms(watched),
  ...apiAlarms(watched),
  ...floodAlarms(watched),
  ...functionAlarms(watched),
  ...streamAlarms(watched),
  ...throttleAlarms(watched),
  ...tableErrorAlarms(watched),
  ...receiptAlarms(watched),
  ...riskAlarms(watched),
  ...eventAlarms(watched),
  ...webhookAlarms(watched),
];

const moneyAlarms = ({ own, settings }: Watched): Definitions => [
  {
    metric: own(metrics.spendCapReached, minute),
    threshold: 1,
    isAttack: true,
    description:
      'CRITICAL: a cap is reached, so that real people get no code. An attacker may be making the service send for money.',
    first: 'raise no cap. If it is an attack, hold the country by otp-desk stop country CC --reason WHY.',
    look: 'findings',
  },
  {
    metric: monthlySpend(),
    threshold: settings.monthlySpendAlarmUsd,
    // The metric falls only when a month begins. A gap between two SMS changes nothing.
    treatMissingData: TreatMissingData.IGNORE,
    description:
      'The SMS of this account cost more this month than the settings expect. SNS stops sending at the spending quota of the account.',
    first: 'unless it is an attack, ask AWS for a higher spending quota before this one is used up.',
    look: 'aws sns get-sms-attributes --attributes MonthlySpendLimit',
  },
];

/** An alarm has one text, and cannot say what is stopped, by whom and why. The mail of the stop does, once an hour (ADR 97). */
const staffAlarms = ({ own }: Watched): Definitions => [
  {
    metric: own(metrics.sendingStopped, minute),
    threshold: 1,
    isSilent: true,
    description:
      'CRITICAL: staff have stopped sending, so people get no code. The mail of the stop says which, and why.',
    first: 'see what is stopped, and resume it when the reason is gone.',
  },
  {
    metric: own(metrics.defenseLowered, minute),
    threshold: 1,
    isSilentWhenOver: true,
    description:
      'Staff have lifted a block or a porting notice, announced a launch or resumed sending, so that less is refused.',
    first: 'if you do not know of it, read who did it. A thief of a role hides an attack so.',
    look: 'actions',
  },
];

/** An attack that goes on shows for this many minutes after its last finding. */
const attackMinutes = { datapointsToAlarm: 1, evaluationPeriods: 15 } as const;
const ofAttack = { threshold: 1, ...attackMinutes, isAttack: true, isSilent: true } as const;
const ofFinding = { first: 'do what the mail of the finding says.', look: 'findings' } as const;

const findingAlarms = ({ own, findingMail }: Watched): Definitions => [
  {
    metric: own(metrics.findingCritical, minute),
    ...ofAttack,
    ...ofFinding,
    description:
      'CRITICAL: an attacker makes the service send SMS for a lot of money per hour. The detector restricts what the attack uses. The finding says what, and why.',
  },
  {
    metric: own(metrics.findingHigh, minute),
    ...ofAttack,
    ...ofFinding,
    description:
      'The detector found an attack on a prefix, a country or many codes. It restricts what the attack uses, or makes codes longer. The finding says why.',
  },
  {
    metric: own(metrics.rangeRestricted, minute),
    ...ofAttack,
    ...ofFinding,
    description:
      'The detector refuses unverified numbers of a range or of a wider group. The mail of the finding says which, and how to lift it.',
  },
  {
    metric: own(metrics.conversionLow, minute),
    threshold: 1,
    isSilent: true,
    ...ofFinding,
    description:
      'Far fewer people than usual enter their codes in a country. Its SMS may not arrive, or an attacker requests them slowly. The mail of the finding names the country.',
  },
  {
    metric: failedInvocations(findingMail),
    of: ['mail'],
    threshold: 1,
    description:
      'A mail of a finding or of a stop did not reach you. Nothing else is lost: the findings and the stops are kept.',
    first: 'read what you have missed. The status says what is stopped.',
    look: 'findings --since 24h',
  },
];

/** The alarm that says that an attack is going on: any of those that say so is on. */
export const underAttack = {
  name: 'UnderAttack',
  description:
    'An attack is going on: findings are severe, numbers are refused, or a cap is reached. It ends a quarter of an hour after the last of them. The mail of each finding says what to do.',
  first: 'do what the mail of each finding says.',
} as const;

const requestAlarms = ({ own }: Watched): Definitions => [
  {
    metric: own(metrics.blocked),
    threshold: 5,
    description: 'A block on a destination or an IP refuses sends. It stops an attack, or it stops real people.',
    first: 'lift what refuses real people, and leave what holds an attack.',
    look: 'blocks',
  },
  {
    metric: own(metrics.sendFailed),
    threshold: 5,
    description: 'No route takes an SMS. People who ask for a code get an error and no code.',
    first: 'see whether the spending quota of the account is used up, or whether it is in the SMS sandbox.',
    look: 'aws sns get-sms-sandbox-account-status',
  },
  {
    metric: own(metrics.unconfirmed),
    threshold: 5,
    description: 'AWS does not say whether it took the SMS. People may wait for codes that never come.',
    first: 'tell client apps that codes are late. Another route can stand first in smsRoutes.',
  },
  {
    metric: own(metrics.dependencyFailed),
    threshold: 5,
    description:
      'Calls to KMS, DynamoDB or SNS fail: an outage, or a permission is gone. Most requests end as unavailable meanwhile.',
    first: 'do what the status says. If it says nothing, see the AWS Health Dashboard.',
  },
  {
    metric: own(metrics.compensationFailed),
    threshold: 1,
    description: 'A failed send was not rolled back. One number waits longer for its next code than it should.',
    first: 'nothing at night. It goes away by itself.',
    look: 'aws logs tail /STACK/request-verification --since 1h',
  },
  {
    metric: own(metrics.unexpectedError),
    threshold: 1,
    description: 'A function failed in a way that nobody foresaw: a bug. The caller got an internal error.',
    first: 'if it began with a deployment, take that back. Report it as a bug, with the lines of the log.',
    look: 'aws logs tail /STACK/request-verification --since 1h',
  },
];

/**
 * A route that fails more than half of its messages, a quarter of an hour long. The metric is 1 or 0 for each message, so that
 * its average needs no arithmetic, and three data points need three messages.
 */
const routeAlarms = ({ name, settings }: Watched): Definitions =>
  countsRoutes(settings)
    ? [...settings.smsRoutes.map(routeNameOf), ...voiceRouteNamesOf(settings)].map((route) => ({
        metric: routeFailures(name, route),
        of: [route],
        heading: routeMetrics.failed,
        threshold: 0.5,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        datapointsToAlarm: 3,
        description:
          'A route fails most of its messages. Other routes of a country take them, or people get no code there.',
        first: 'read in the log why the route fails. If a limit of AWS is used up, put another route first.',
        look: 'aws logs tail /STACK/request-verification --since 15m',
      }))
    : [];

/** The same of a provider that does not answer. */
const providerAlarms = ({ name, settings: { numberRisk } }: Watched): Definitions =>
  (numberRisk?.providers ?? []).map((provider) => ({
    metric: providerMetric(name, riskMetrics.unanswered, provider.name, Stats.AVERAGE),
    of: [provider.name],
    heading: riskMetrics.unanswered,
    threshold: 0.5,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    datapointsToAlarm: 3,
    description:
      'A provider answers few questions about SIMs. Purposes that fail open send without an answer, and those that fail closed refuse.',
    first: 'read in the log why. After a change of the key or the contract, the provider gives no token.',
    look: 'aws logs tail /STACK/request-verification --since 15m',
  }));

const detectorAlarms = ({ own }: Watched): Definitions => [
  {
    metric: own(metrics.detectorFailed),
    threshold: 3,
    description:
      'The detector fails again and again to count traffic, or to put a record aside. It finds bursts late or not at all. Records that Lambda gives up go to the bucket of dead letters.',
    first: 'see whether DynamoDB is down. Replay the dead letters when it is back.',
    look: 'dead-letters list',
  },
  {
    metric: own(metrics.recordPutAside),
    threshold: 1,
    description:
      'The detector cannot count a stream record, and put it whole into the bucket of dead letters. A version of the service may not fit its records, or somebody invents some.',
    first: 'see why. Replay it after a mend.',
    look: 'dead-letters list',
  },
  {
    metric: own(metrics.stateUnreadable),
    threshold: 1,
    description:
      'The detector cannot read what it remembers of a group or an IP. It learns again what is usual there, and finds bursts later meanwhile.',
    first: 'nothing at night. Its log has the time, and the trail of AWS who wrote the table.',
    look: 'aws logs tail /STACK/detect-bursts --since 1h',
  },
];

/**
 * The one alarm that missing data raises: a detector that nothing calls counts nothing. Two minutes, because a schedule may be
 * late once; CloudWatch waits some minutes more before it takes data for missing.
 */
const listeningAlarms = ({ own }: Watched): Definitions => [
  {
    metric: own(metrics.detectorListening, minute).with({ statistic: Stats.MINIMUM }),
    comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    threshold: 1,
    datapointsToAlarm: 2,
    treatMissingData: TreatMissingData.BREACHING,
    description:
      'CRITICAL: the detector is switched off, or nothing calls it. It finds no attack and writes no block. Limits and caps hold.',
    first: 'enable what the status names. After the first deployment this ends by itself within minutes.',
  },
];

const keyAlarms = ({ own, settings }: Watched): Definitions => [
  {
    metric: own(metrics.keyRefused),
    threshold: 1,
    description:
      'KMS refuses a key to a function: the permission is gone, or the key is disabled. Waiting does not help.',
    first: 'enable the key that the status names.',
  },
  {
    metric: own(metrics.sourceIpRefused),
    threshold: 1,
    description:
      'Valid credentials of a back end came from an IP that is none of its own: somebody may have stolen them. Or the back end has new IPs.',
    first: 'ask the team of the back end. If it knows nothing, stop it by otp-desk stop application NAME --reason WHY.',
    look: 'aws logs tail /STACK/request-verification --since 1h',
  },
  {
    metric: kmsCalls(),
    of: ['KMS'],
    threshold: settings.kmsCallsAlarm,
    description:
      'The account uses KMS far more than the settings expect. If the check function makes the calls, an attacker may be searching for codes with it.',
    first: 'compare wrong codes with requests on the dashboard.',
  },
];

const apiAlarms = ({ stage }: Watched): Definitions => [
  {
    metric: serverErrors(stage),
    threshold: 5,
    description: 'The API answers with server errors. People cannot ask for codes, or cannot use them.',
    first: 'do what the status says.',
  },
  {
    metric: latency(stage),
    threshold: Duration.seconds(4).toMilliseconds(),
    datapointsToAlarm: 3,
    description: 'The slowest answers of the API have been slow for a while. People give up, or ask again.',
    first: 'see on the dashboard which function is slow. If all are, see the AWS Health Dashboard.',
  },
];

/** A line of the access log is shorter. */
const accessLogBytes = 1000;

/**
 * A flood costs more in logs than in requests, and neither WAF nor API Gateway drops a line of the access log. Each of
 * these alarms goes off at what a busy stage cannot cause.
 */
const floodAlarms = ({ settings: { throttle }, firewall, accessLog }: Watched): Definitions => {
  const passed = throttle.ratePerSecond * fiveMinutes.toSeconds();
  return [
    {
      metric: logBytes(accessLog),
      of: ['api-access'],
      threshold: passed * accessLogBytes,
      description:
        'The access log grows by more than the throttle passes: a flood of requests that are refused. You pay for their lines.',
      first: 'find the client that asks most, and disable its key if it is no flood from many.',
      look: 'aws logs tail /STACK/api-access --since 5m',
    },
    ...(firewall === undefined
      ? []
      : [
          {
            metric: blockedBy(firewall, rateRule),
            of: [rateRule],
            threshold: passed,
            description:
              'The firewall blocks more requests for their rate than the throttle would pass. You pay for each request that it looks at.',
            first: 'nothing, as long as people get codes: the firewall holds it.',
          },
          {
            metric: logBytes(firewall.logGroup),
            of: ['firewall'],
            threshold: passed * accessLogBytes,
            description:
              'The log of the firewall grows fast: a flood from many addresses, each below its limit, or one that a managed rule blocks.',
            first: 'see which rule blocks.',
            look: 'aws logs tail aws-waf-logs-STACK --since 5m',
          },
        ]),
  ];
};

/** What stops while a function does not run. Operators see by themselves that one of theirs does not. */
const withoutFunction: Readonly<Record<Exclude<FunctionName, OperatorFunctionName>, string>> = {
  'request-verification': 'Nobody can ask for a code.',
  'check-verification': 'Nobody can prove a number: codes that were sent cannot be used.',
  'resend-verification': 'Nobody can ask for another SMS of a verification.',
  'get-verification': 'Client apps cannot look up the status of a verification.',
  'cancel-verification': 'Client apps cannot cancel a verification.',
  jwks: 'Back ends that have not kept the public key cannot check proofs.',
  'detect-bursts':
    'Bursts are not found, and nothing is blocked. Guesses are not counted for their numbers, which keep all attempts under attack.',
  'replay-dead-letters': 'Records that the detector gave up stay in their bucket, which deletes them after a month.',
};

const watchedFunctions = Object.keys(withoutFunction) as (keyof typeof withoutFunction)[];

const functionAlarms = ({ functions }: Watched): Definitions =>
  watchedFunctions.flatMap((name) => alarmsOfFunction(name, functions[name], { without: withoutFunction[name] }));

const streamNames = Object.keys(streamFunctions) as readonly StreamFunctionName[];

const streamAlarms = ({ functions, streams }: Watched): Definitions =>
  streamNames.flatMap((name) => [
    {
      metric: iteratorAge(functions[name]),
      of: [name],
      threshold: fiveMinutes.toMilliseconds(),
      datapointsToAlarm: 3,
      description: `${name} is far behind the stream, and gives records up if it stays so. ${withoutFunction[name]}`,
      first: 'do what the status says. If it says nothing, read in its log why it is slow.',
    },
    {
      // Not the number of objects in the bucket, which S3 counts once a day.
      metric: mappingMetric(streams[name], 'OnFailureDestinationDeliveredEventCount'),
      of: [name],
      threshold: 1,
      description: `${name} gave stream records up. The bucket of dead letters keeps them whole, for a while.`,
      first: 'see why. Replay them when the cause is gone.',
      look: 'dead-letters list',
    },
    {
      metric: mappingMetric(streams[name], 'DroppedEventCount'),
      of: [name],
      threshold: 1,
      description: `${name} gave stream records up, and the bucket of dead letters did not take them. They are lost.`,
      first: 'see whether the bucket and its key are there: the status names a key that is not enabled.',
    },
  ]);

const throttleAlarms = ({ tables }: Watched): Definitions => {
  const throttled = (table: TableName, metricName: `${'Read' | 'Write'}ThrottleEvents`, description: string) => ({
    metric: tableMetric(tables[table], metricName),
    of: [shownName(table)],
    threshold: 5,
    description,
    first: 'wait for some minutes, because DynamoDB adapts to growth. See whether it is an attack.',
    look: 'findings',
  });
  return [
    throttled(
      'verifications',
      'ReadThrottleEvents',
      'DynamoDB throttles reads of the verifications. Lookups and resends are late or fail.',
    ),
    throttled(
      'verifications',
      'WriteThrottleEvents',
      'DynamoDB throttles writes of the verifications. Requests and checks are late or fail.',
    ),
    throttled(
      'guards',
      'ReadThrottleEvents',
      'DynamoDB throttles reads of the guards. No SMS goes out that cannot be checked against its limits.',
    ),
    throttled(
      'guards',
      'WriteThrottleEvents',
      'DynamoDB throttles writes of the guards, most likely of one counter that many callers share. Sends are late or fail.',
    ),
    throttled(
      'traffic',
      'ReadThrottleEvents',
      'DynamoDB throttles reads of what the detector remembers. Bursts are found late.',
    ),
    throttled(
      'traffic',
      'WriteThrottleEvents',
      'DynamoDB throttles writes of what the detector counts, most likely of one country or one IP. Bursts are found late.',
    ),
    throttled(
      'security',
      'WriteThrottleEvents',
      'DynamoDB throttles writes of findings and of the audit trail. Blocks come late, because each is written with its finding.',
    ),
  ];
};

// DynamoDB counts its own errors per operation only. These three decide; the others raise DependencyFailed.
const tableErrorAlarms = ({ tables }: Watched): Definitions => {
  const failed = (table: TableName, operation: string, description: string) => ({
    metric: tableMetric(tables[table], 'SystemErrors', operation),
    of: [shownName(table), operation],
    threshold: 5,
    description,
    first: 'see the AWS Health Dashboard, and wait.',
  });
  return [
    failed(
      'guards',
      'BatchGetItem',
      'DynamoDB fails to read the guards. No SMS goes out that cannot be checked against its limits.',
    ),
    failed('guards', 'TransactWriteItems', 'DynamoDB fails to commit sends. No SMS goes out that is not counted.'),
    failed(
      'verifications',
      'UpdateItem',
      'DynamoDB fails at the write that decides a check. Codes that were sent cannot be used.',
    ),
  ];
};

/** A table as people write it: `Guards`. */
const shownName = (table: TableName): string => `${table.charAt(0).toUpperCase()}${table.slice(1)}`;
