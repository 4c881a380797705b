/**
 * What each alarm watches, from which value on, and what it says.
 *
 * An alarm watches one metric without arithmetic, and has its name. Thresholds are counts, not rates: staff of a service
 * with ten requests an hour are notified of five failures as well.
 */

import { Duration, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { type AlarmProps, ComparisonOperator, type Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  type FunctionName,
  metrics,
  type OperatorFunctionName,
  type StreamFunctionName,
  streamFunctions,
  type TableName,
} from '../../../lambdas/contract.ts';
import type { Settings } from '../../settings/settings.ts';
import { type Firewall, rateRule } from '../firewall.ts';
import type { OtpFunctions } from '../functions.ts';
import type { StreamTrigger } from '../triggers.ts';
import type { FindingMail } from './finding-mail.ts';
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
  serverErrors,
  tableMetric,
} from './metrics.ts';

export type Watched = {
  readonly settings: Pick<Settings, 'monthlySpendAlarmUsd' | 'kmsCallsAlarm' | 'throttle'>;
  readonly own: OwnMetrics;
  readonly stage: Stage;
  readonly functions: OtpFunctions;
  readonly streams: Readonly<Record<StreamFunctionName, StreamTrigger>>;
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly firewall: Firewall | undefined;
  readonly accessLog: LogGroup;
  readonly findingMail: FindingMail;
};

export type AlarmDefinition = {
  readonly metric: Metric;
  /** What the metric of AWS is of, for the name: a function, a table and its operation, a service. */
  readonly of?: readonly string[] | undefined;
  /** One to three sentences for the mail, without a number, an address or a name of a person. */
  readonly description: string;
  /** The alarm tells nobody that it is over: its metric comes once an hour, and what it tells of goes on. */
  readonly isSilentWhenOver?: true;
  /** Whether it raises the composite alarm `UnderAttack`. */
  readonly isAttack?: boolean;
  /** Whether it has no mail of its own, because the finding is a mail, and `UnderAttack` another. */
  readonly isSilent?: boolean;
} & Pick<AlarmProps, 'threshold'> &
  // One data point by default, and no more periods than data points.
  Partial<Pick<AlarmProps, 'comparisonOperator' | 'datapointsToAlarm' | 'evaluationPeriods' | 'treatMissingData'>>;

type Definitions = readonly AlarmDefinition[];

const minute = Duration.minutes(1);
const fiveMinutes = Duration.minutes(5);

export const alarmDefinitions = (watched: Watched): Definitions => [
  ...moneyAlarms(watched),
  ...staffAlarms(watched),
  ...findingAlarms(watched),
  ...requestAlarms(watched),
  ...detectorAlarms(watched),
  ...listeningAlarms(watched),
  ...keyAlarms(watched),
  ...apiAlarms(watched),
  ...floodAlarms(watched),
  ...functionAlarms(watched),
  ...streamAlarms(watched),
  ...throttleAlarms(watched),
  ...tableErrorAlarms(watched),
];

const moneyAlarms = ({ own, settings }: Watched): Definitions => [
  {
    metric: own(metrics.spendCapReached, minute),
    threshold: 1,
    isAttack: true,
    description:
      'CRITICAL: a cap is reached, so that real people get no code. An attacker may be making the service send for money.',
  },
  {
    metric: monthlySpend(),
    threshold: settings.monthlySpendAlarmUsd,
    // The metric falls only when a month begins. A gap between two SMS changes nothing.
    treatMissingData: TreatMissingData.IGNORE,
    description:
      'The SMS of this account cost more this month than the settings expect. SNS stops sending at the spending quota of the account.',
  },
];

/** The sweep emits the metric of stops once an hour while one holds, and the alarm mails each time. */
const staffAlarms = ({ own, stage }: Watched): Definitions => {
  const desk = `otp-desk --stack ${Stack.of(stage).stackName}`;
  return [
    {
      metric: own(metrics.sendingStopped, minute),
      threshold: 1,
      isSilentWhenOver: true,
      description: `CRITICAL: staff have stopped sending, so people get no code. End it by ${desk} resume all --reason WHY, with application NAME or country CC in place of all.`,
    },
    {
      metric: own(metrics.defenseLowered, minute),
      threshold: 1,
      isSilentWhenOver: true,
      description: `Staff have lifted a block, announced a launch or resumed sending, so that less is refused. If you do not know of it, read who did it by ${desk} actions. A thief of a role hides an attack so.`,
    },
  ];
};

/** An attack that goes on shows for this many minutes after its last finding. */
const attackMinutes = { datapointsToAlarm: 1, evaluationPeriods: 15 } as const;
const ofAttack = { threshold: 1, ...attackMinutes, isAttack: true, isSilent: true } as const;

const findingAlarms = ({ own, findingMail }: Watched): Definitions => [
  {
    metric: own(metrics.findingCritical, minute),
    ...ofAttack,
    description:
      'CRITICAL: an attacker makes the service send SMS for a lot of money per hour. The detector restricts what the attack uses. The finding says what, and why.',
  },
  {
    metric: own(metrics.findingHigh, minute),
    ...ofAttack,
    description:
      'The detector found an attack on a prefix, a country or many codes. It restricts what the attack uses, or makes codes longer. The finding says why.',
  },
  {
    metric: own(metrics.rangeRestricted, minute),
    ...ofAttack,
    description:
      'The detector refuses unverified numbers of a range or of a wider group. The mail of the finding says which, and how to lift it.',
  },
  {
    metric: own(metrics.conversionLow, minute),
    threshold: 1,
    description:
      'Far fewer people than usual enter their codes in a country. Its SMS may not arrive, or an attacker requests them slowly. The mail of the finding names the country.',
  },
  {
    metric: failedInvocations(findingMail),
    of: ['mail'],
    threshold: 1,
    description:
      'A finding that you were to get a mail of did not reach you. The Security table has it, and the log of the detector.',
  },
];

/** The alarm that says that an attack is going on: any of those that say so is on. */
export const underAttack = {
  name: 'UnderAttack',
  description:
    'An attack is going on: findings are severe, numbers are refused, or a cap is reached. It ends a quarter of an hour after the last of them. The mail of each finding says what to do.',
} as const;

const requestAlarms = ({ own }: Watched): Definitions => [
  {
    metric: own(metrics.blocked),
    threshold: 5,
    description: 'A block on a destination or an IP refuses sends. It stops an attack, or it stops real people.',
  },
  {
    metric: own(metrics.sendFailed),
    threshold: 5,
    description: 'SNS takes no SMS on any route. People who ask for a code get an error and no code.',
  },
  {
    metric: own(metrics.unconfirmed),
    threshold: 5,
    description: 'SNS does not say whether it took the SMS. People may wait for codes that never come.',
  },
  {
    metric: own(metrics.dependencyFailed),
    threshold: 5,
    description:
      'Calls to KMS, DynamoDB or SNS fail: an outage, or a permission is gone. Most requests end as unavailable meanwhile.',
  },
  {
    metric: own(metrics.compensationFailed),
    threshold: 1,
    description: 'A failed send was not rolled back. One number waits longer for its next code than it should.',
  },
  {
    metric: own(metrics.unexpectedError),
    threshold: 1,
    description: 'A function failed in a way that nobody foresaw: a bug. The caller got an internal error.',
  },
];

const detectorAlarms = ({ own }: Watched): Definitions => [
  {
    metric: own(metrics.detectorFailed),
    threshold: 3,
    description:
      'The detector fails again and again to count traffic, or to put a record aside. It finds bursts late or not at all. Records that Lambda gives up go to the bucket of dead letters.',
  },
  {
    metric: own(metrics.recordPutAside),
    threshold: 1,
    description:
      'The detector cannot count a stream record, and put it whole into the bucket of dead letters. A version of the service may not fit its records, or somebody invents some.',
  },
  {
    metric: own(metrics.stateUnreadable),
    threshold: 1,
    description:
      'The detector cannot read what it remembers of a group or an IP. It learns again what is usual there, and finds bursts later meanwhile.',
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
  },
];

const keyAlarms = ({ own, settings }: Watched): Definitions => [
  {
    metric: own(metrics.keyRefused),
    threshold: 1,
    description:
      'KMS refuses a key to a function: the permission is gone, or the key is disabled. Waiting does not help.',
  },
  {
    metric: own(metrics.sourceIpRefused),
    threshold: 1,
    description:
      'Valid credentials of a back end came from an IP that is none of its own: somebody may have stolen them. Or the back end has new IPs.',
  },
  {
    metric: kmsCalls(),
    of: ['KMS'],
    threshold: settings.kmsCallsAlarm,
    description:
      'The account uses KMS far more than the settings expect. If the check function makes the calls, an attacker may be searching for codes with it.',
  },
];

const apiAlarms = ({ stage }: Watched): Definitions => [
  {
    metric: serverErrors(stage),
    threshold: 5,
    description: 'The API answers with server errors. People cannot ask for codes, or cannot use them.',
  },
  {
    metric: latency(stage),
    threshold: Duration.seconds(4).toMilliseconds(),
    datapointsToAlarm: 3,
    description: 'The slowest answers of the API have been slow for a while. People give up, or ask again.',
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
          },
          {
            metric: logBytes(firewall.logGroup),
            of: ['firewall'],
            threshold: passed * accessLogBytes,
            description:
              'The log of the firewall grows fast: a flood from many addresses, each below its limit, or one that a managed rule blocks.',
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
  watchedFunctions.flatMap((name) => [
    {
      // One crash is a sandbox that died; the platform starts another.
      metric: functions[name].lambda.metricErrors({ period: fiveMinutes }),
      of: [name],
      threshold: 1,
      datapointsToAlarm: 2,
      evaluationPeriods: 3,
      description: `${name} keeps crashing or running out of time. ${withoutFunction[name]}`,
    },
    {
      metric: functions[name].lambda.metricThrottles({ period: fiveMinutes }),
      of: [name],
      threshold: 5,
      description: `Lambda does not start ${name}, because the account is at its concurrency. ${withoutFunction[name]}`,
    },
  ]);

const streamNames = Object.keys(streamFunctions) as readonly StreamFunctionName[];

const streamAlarms = ({ functions, streams }: Watched): Definitions =>
  streamNames.flatMap((name) => [
    {
      metric: iteratorAge(functions[name]),
      of: [name],
      threshold: fiveMinutes.toMilliseconds(),
      datapointsToAlarm: 3,
      description: `${name} is far behind the stream, and gives records up if it stays so. ${withoutFunction[name]}`,
    },
    {
      // Not the number of objects in the bucket, which S3 counts once a day.
      metric: mappingMetric(streams[name], 'OnFailureDestinationDeliveredEventCount'),
      of: [name],
      threshold: 1,
      description: `${name} gave stream records up. The bucket of dead letters keeps them whole, for a while.`,
    },
    {
      metric: mappingMetric(streams[name], 'DroppedEventCount'),
      of: [name],
      threshold: 1,
      description: `${name} gave stream records up, and the bucket of dead letters did not take them. They are lost.`,
    },
  ]);

const throttleAlarms = ({ tables }: Watched): Definitions => {
  const throttled = (table: TableName, metricName: `${'Read' | 'Write'}ThrottleEvents`, description: string) => ({
    metric: tableMetric(tables[table], metricName),
    of: [shownName(table)],
    threshold: 5,
    description,
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
