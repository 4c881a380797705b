import { Duration, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import {
  type FunctionName,
  functionNames,
  type MetricName,
  metrics,
  metricsDimensions,
  metricsNamespace,
  type StreamFunctionName,
  streamFunctions,
  type TableName,
} from '../../../lambdas/contract.ts';
import type { OtpFunction } from '../function.ts';
import type { StreamFeed } from '../triggers.ts';
import { alarmPrefixOf } from './alarm-topic.ts';

export type AlarmsProps = {
  readonly action: IAlarmAction;
  readonly stage: Stage;
  readonly functions: Readonly<Record<FunctionName, OtpFunction>>;
  readonly feeds: Readonly<Record<StreamFunctionName, StreamFeed>>;
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly monthlySpendUsd: number;
  /** KMS calls of the account in five minutes. */
  readonly kmsCalls: number;
};

type Rule = {
  readonly metric: IMetric;
  /** In alarm from this value on … */
  readonly from: number;
  /** … in so many periods (one by default) … */
  readonly in?: number;
  /** … of so many (all by default). */
  readonly of?: number;
  /** What no value means. Most metrics here only exist while something happens: silence is good. */
  readonly silence?: TreatMissingData;
  /** For the mail: one or two sentences without a number, an address or a name of anybody. */
  readonly says: string;
};
type Rules = Readonly<Record<string, Rule>>;

const minutes = (count: number) => Duration.minutes(count);

/** A metric of our own. Its dimension is the one that the functions emit, and says nothing about anybody. */
export const ownMetric = (metricName: MetricName, period = minutes(5)): Metric =>
  new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: metricsDimensions,
    statistic: Stats.SUM,
    period,
  });

export const apiMetric = (stage: Stage, kind: 'errors' | 'latency'): Metric =>
  kind === 'errors'
    ? stage.metricServerError({ period: minutes(5), statistic: Stats.SUM })
    : stage.metricLatency({ period: minutes(5), statistic: Stats.p(99) });

export const iteratorAge = ({ lambda }: OtpFunction): Metric =>
  lambda.metric('IteratorAge', { period: minutes(1), statistic: Stats.MAXIMUM });

/** SNS counts what it charged for all SMS of the account in this Region, and starts anew each month. */
export const monthlySpend = (): Metric =>
  new Metric({
    namespace: 'AWS/SNS',
    metricName: 'SMSMonthToDateSpentUSD',
    statistic: Stats.MAXIMUM,
    period: Duration.hours(1),
  });

/**
 * Uses of symmetric and HMAC keys in this account and Region, `GenerateMac` among them, by whomever and of whatever key:
 * https://docs.aws.amazon.com/kms/latest/developerguide/requests-per-second.html
 */
export const kmsCalls = (): Metric =>
  new Metric({
    namespace: 'AWS/Usage',
    metricName: 'CallCount',
    dimensionsMap: { Class: 'None', Resource: 'CryptographicOperationsSymmetric', Service: 'KMS', Type: 'API' },
    statistic: Stats.SUM,
    period: minutes(5),
  });

const feedMetric = ({ mapping }: StreamFeed, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
    statistic: Stats.SUM,
    period: minutes(1),
  });

export const tableMetric = ({ tableName }: Table, metricName: string, operation?: string): Metric =>
  new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName, ...(operation === undefined ? {} : { Operation: operation }) },
    statistic: Stats.SUM,
    period: minutes(5),
  });

/**
 * Every alarm of the service. Each name is a heading of docs/runbook.md; a test keeps the two in step.
 *
 * Each watches a single metric, without arithmetic, so that the runbook can tell which line to look at. Counts, not
 * rates: a service of ten requests an hour is told of five failures too, and one of a thousand a second has a dashboard.
 */
export class Alarms extends Construct {
  constructor(scope: Construct, id: string, { action, ...watched }: AlarmsProps) {
    super(scope, id);
    const rules: Rules = {
      ...moneyRules(watched),
      ...flowRules,
      ...detectorRules,
      ...keyRules(watched),
      ...apiRules(watched),
      ...functionRules(watched),
      ...feedRules(watched),
      ...tableRules(watched),
    };
    for (const [name, rule] of Object.entries(rules)) {
      const alarm = this.alarm(name, rule);
      alarm.addAlarmAction(action);
      alarm.addOkAction(action);
    }
  }

  private alarm(name: string, { metric, from, says, silence = TreatMissingData.NOT_BREACHING, ...rule }: Rule): Alarm {
    const { in: datapointsToAlarm = 1, of: evaluationPeriods = datapointsToAlarm } = rule;
    return new Alarm(this, name, {
      alarmName: `${alarmPrefixOf(Stack.of(this))}${name}`,
      alarmDescription: `${says} What to do: docs/runbook.md#${name.toLowerCase()}`,
      metric,
      threshold: from,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      datapointsToAlarm,
      evaluationPeriods,
      treatMissingData: silence,
    });
  }
}

type Watched = Omit<AlarmsProps, 'action'>;

const moneyRules = ({ monthlySpendUsd }: Watched): Rules => ({
  SpendCapReached: {
    metric: ownMetric(metrics.spendCapReached, minutes(1)),
    from: 1,
    says: 'CRITICAL: a spending cap is reached, so that real people get no code. Somebody may be making the service send for money.',
  },
  SmsMonthlySpend: {
    metric: monthlySpend(),
    from: monthlySpendUsd,
    // It falls only when a month begins: silence between two SMS is no news.
    silence: TreatMissingData.IGNORE,
    says: 'The SMS of this account cost more this month than the settings expect. At the spending quota of the account, SNS stops sending.',
  },
});

const flowRules: Rules = {
  BurstCritical: {
    metric: ownMetric(metrics.findingCritical, minutes(1)),
    from: 1,
    says: 'CRITICAL: the service is being made to send SMS for a lot of money per hour. What was found is being blocked; the finding says what, and why.',
  },
  BurstHigh: {
    metric: ownMetric(metrics.findingHigh, minutes(1)),
    from: 1,
    says: 'An attack on an operator, a country or many codes was found, and what it uses is being blocked. The finding says what, and why.',
  },
  RequestsBlocked: {
    metric: ownMetric(metrics.blocked),
    from: 5,
    says: 'Sends are being refused by a block on a destination or an address. Either an attack is being stopped, or real people are.',
  },
  SmsFailed: {
    metric: ownMetric(metrics.sendFailed),
    from: 5,
    says: 'SNS takes no SMS on any route. People who ask for a code get none, and are told so.',
  },
  SmsUnconfirmed: {
    metric: ownMetric(metrics.unconfirmed),
    from: 5,
    says: 'SNS does not say whether it took the SMS. People may wait for codes that never come.',
  },
  DependencyFailed: {
    metric: ownMetric(metrics.dependencyFailed),
    from: 5,
    says: 'Calls to KMS, DynamoDB or SNS fail, by an outage or because a permission is gone. Most callers are answered as unavailable meanwhile.',
  },
  CompensationFailed: {
    metric: ownMetric(metrics.compensationFailed),
    from: 1,
    says: 'A send that failed could not be taken back. Somebody waits longer for the next code than they should.',
  },
  UnexpectedError: {
    metric: ownMetric(metrics.unexpectedError),
    from: 1,
    says: 'A function met something that nobody foresaw: a bug. The caller was answered with an internal error.',
  },
};

const detectorRules: Rules = {
  DetectorFailed: {
    metric: ownMetric(metrics.detectorFailed),
    from: 3,
    says: 'Traffic cannot be counted, again and again. Bursts are noticed late or not at all, and what is given up goes to the bucket of dead letters.',
  },
  DetectorStateUnreadable: {
    metric: ownMetric(metrics.stateUnreadable),
    from: 1,
    says: 'The detector cannot read what it remembers of a group or an address. It learns anew what is usual there, and notices bursts later meanwhile.',
  },
};

const keyRules = ({ kmsCalls: most }: Watched): Rules => ({
  KeysRefused: {
    metric: ownMetric(metrics.keyRefused),
    from: 1,
    says: 'KMS refuses a key to a function: somebody took a permission away, or switched the key off. It does not pass by waiting.',
  },
  KmsCallRate: {
    metric: kmsCalls(),
    from: most,
    says: 'The account uses KMS far more than the settings expect. If it is the check function, somebody may be searching for codes with it.',
  },
});

const apiRules = ({ stage }: Watched): Rules => ({
  ApiErrors: {
    metric: apiMetric(stage, 'errors'),
    from: 5,
    says: 'The API answers with server errors. People cannot ask for codes, or cannot use them.',
  },
  ApiLatency: {
    metric: apiMetric(stage, 'latency'),
    from: Duration.seconds(4).toMilliseconds(),
    in: 3,
    says: 'The slowest answers of the API have been slow for a while. People give up, or ask again.',
  },
});

/** What it means that a function does not run. */
const without: Readonly<Record<FunctionName, string>> = {
  'request-verification': 'Nobody can ask for a code.',
  'check-verification': 'Nobody can prove a number: codes that were sent cannot be used.',
  'resend-verification': 'Nobody can ask for another SMS of a verification.',
  'get-verification': 'Client apps cannot look up how a verification stands.',
  'cancel-verification': 'Client apps cannot end a verification.',
  jwks: 'Back ends that have not kept the public key cannot check proofs.',
  'detect-bursts':
    'Bursts are not seen and nothing is blocked; guesses are not counted for their numbers, which get no fewer attempts under attack.',
  'replay-dead-letters': 'What the detector gave up stays in its bucket, and is forgotten there after a month.',
};

const functionRules = ({ functions }: Watched): Rules =>
  Object.fromEntries(
    functionNames.flatMap((name): [string, Rule][] => {
      const { lambda } = functions[name];
      return [
        [
          `FunctionErrors-${name}`,
          {
            // One crash is a sandbox that died; the platform starts another.
            metric: lambda.metricErrors({ period: minutes(5) }),
            from: 1,
            in: 2,
            of: 3,
            says: `${name} keeps crashing or running out of time. ${without[name]}`,
          },
        ],
        [
          `FunctionThrottles-${name}`,
          {
            metric: lambda.metricThrottles({ period: minutes(5) }),
            from: 5,
            says: `Lambda refuses to run ${name}, because the functions of the account use up what may run at once. ${without[name]}`,
          },
        ],
      ];
    }),
  );

const feedRules = ({ functions, feeds }: Watched): Rules =>
  Object.fromEntries(
    (Object.keys(streamFunctions) as StreamFunctionName[]).flatMap((name): [string, Rule][] => [
      [
        `StreamDelayed-${name}`,
        {
          metric: iteratorAge(functions[name]),
          from: minutes(5).toMilliseconds(),
          in: 3,
          says: `${name} is far behind the stream. ${without[name]} If it stays so, records are given up.`,
        },
      ],
      [
        // Not the number of objects in the bucket, which S3 tells once a day.
        `DeadLetters-${name}`,
        {
          metric: feedMetric(feeds[name], 'OnFailureDestinationDeliveredEventCount'),
          from: 1,
          says: `The bucket of dead letters is not empty: ${name} gave stream records up. They are kept there whole, for a while.`,
        },
      ],
      [
        `RecordsLost-${name}`,
        {
          metric: feedMetric(feeds[name], 'DroppedEventCount'),
          from: 1,
          says: `${name} gave stream records up, and they could not be put into the bucket of dead letters. They are gone.`,
        },
      ],
    ]),
  );

const tableRules = ({ tables: { verifications, guards, traffic, security } }: Watched): Rules => ({
  'VerificationsThrottled-reads': {
    metric: tableMetric(verifications, 'ReadThrottleEvents'),
    from: 5,
    says: 'DynamoDB slows down reads of the verifications. Lookups and resends are late or fail.',
  },
  'VerificationsThrottled-writes': {
    metric: tableMetric(verifications, 'WriteThrottleEvents'),
    from: 5,
    says: 'DynamoDB slows down writes of the verifications. Requests and checks are late or fail.',
  },
  'GuardsThrottled-reads': {
    metric: tableMetric(guards, 'ReadThrottleEvents'),
    from: 5,
    says: 'DynamoDB slows down reads of the guards. Nothing is sent that cannot be checked against its limits.',
  },
  'GuardsThrottled-writes': {
    metric: tableMetric(guards, 'WriteThrottleEvents'),
    from: 5,
    says: 'DynamoDB slows down writes of the guards, most likely on one counter that many callers share. Sends are late or fail.',
  },
  'TrafficThrottled-reads': {
    metric: tableMetric(traffic, 'ReadThrottleEvents'),
    from: 5,
    says: 'DynamoDB slows down reads of what the detector remembers. Bursts are noticed late.',
  },
  'TrafficThrottled-writes': {
    metric: tableMetric(traffic, 'WriteThrottleEvents'),
    from: 5,
    says: 'DynamoDB slows down writes of what the detector counts, most likely for one country or one address. Bursts are noticed late.',
  },
  'SecurityThrottled-writes': {
    metric: tableMetric(security, 'WriteThrottleEvents'),
    from: 5,
    says: 'DynamoDB slows down writes of findings and of the audit trail. Blocks come late, because none is written without its finding.',
  },
  // DynamoDB counts its own errors per operation only. These three decide; the others show as DependencyFailed.
  GuardReadsFailed: {
    metric: tableMetric(guards, 'SystemErrors', 'BatchGetItem'),
    from: 5,
    says: 'DynamoDB fails to read the guards. Nothing is sent that cannot be checked against its limits.',
  },
  GuardWritesFailed: {
    metric: tableMetric(guards, 'SystemErrors', 'TransactWriteItems'),
    from: 5,
    says: 'DynamoDB fails to commit sends. No SMS goes out that is not counted.',
  },
  CheckWritesFailed: {
    metric: tableMetric(verifications, 'SystemErrors', 'UpdateItem'),
    from: 5,
    says: 'DynamoDB fails at the write that decides a check. Codes that were sent cannot be used.',
  },
});
