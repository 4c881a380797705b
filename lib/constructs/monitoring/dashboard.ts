import { Duration, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  PeriodOverride,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import {
  functionNames,
  metrics,
  type StreamFunctionName,
  streamFunctions,
  type TableName,
} from '../../../lambdas/contract.ts';
import type { Firewall } from '../firewall.ts';
import type { OtpFunctions } from '../functions.ts';
import { iteratorAge, kmsCalls, latency, monthlySpend, ownMetric, serverErrors, tableMetric } from './metrics.ts';

export type DashboardProps = {
  readonly name: string;
  readonly stage: Stage;
  readonly functions: OtpFunctions;
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly firewall: Firewall | undefined;
};

const period = Duration.minutes(5);
/** A row of the console is 24 units wide. */
const rowWidth = 24;

const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []) => ({
  title,
  left: [...left],
  right: [...right],
});

/** One page in three rows: business, attack, health. */
export class Dashboard extends Construct {
  /** Its page in the console. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    const page = new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: props.name,
      defaultInterval: Duration.hours(3),
      periodOverride: PeriodOverride.INHERIT,
    });
    page.addWidgets(...row('Business: do people get codes, and can they use them?', business()));
    page.addWidgets(...row('Attack: which requests are refused, and by which rule?', attack(props)));
    page.addWidgets(...row('Health: does it work, and how fast?', health(props)));
    this.url = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${props.name}`;
  }
}

const row = (title: string, graphs: readonly ReturnType<typeof graph>[]): readonly IWidget[] => [
  new TextWidget({ markdown: `## ${title}`, width: rowWidth, height: 1 }),
  ...graphs.map((each) => new GraphWidget({ ...each, width: Math.floor(rowWidth / graphs.length), height: 6 })),
];

const business = () => [
  graph('Requests and resends', [ownMetric(metrics.requested), ownMetric(metrics.resent)]),
  graph('SMS', [ownMetric(metrics.sent), ownMetric(metrics.unconfirmed), ownMetric(metrics.sendFailed)]),
  graph('Checks', [
    ownMetric(metrics.approved),
    ownMetric(metrics.wrong),
    ownMetric(metrics.superseded),
    ownMetric(metrics.checkRefused),
  ]),
  graph('Spent this month, USD', [monthlySpend()]),
];

const attack = ({ firewall }: DashboardProps) => [
  graph('Refused', [ownMetric(metrics.refused), ownMetric(metrics.blocked)]),
  graph('Findings', [
    ownMetric(metrics.findingLow),
    ownMetric(metrics.findingMedium),
    ownMetric(metrics.findingHigh),
    ownMetric(metrics.findingCritical),
  ]),
  graph('Caps reached', [ownMetric(metrics.spendCapReached)]),
  graph(
    'Wrong codes, and KMS calls of the account',
    [ownMetric(metrics.wrong), ownMetric(metrics.guessCounted)],
    [kmsCalls()],
  ),
  ...(firewall === undefined ? [] : [graph('Blocked by the firewall', [blockedBy(firewall)])]),
];

const blockedBy = ({ metricName, webAcl }: Firewall): Metric =>
  new Metric({
    namespace: 'AWS/WAFV2',
    metricName: 'BlockedRequests',
    dimensionsMap: { WebACL: metricName, Region: Stack.of(webAcl).region, Rule: 'ALL' },
    statistic: Stats.SUM,
    period,
  });

const health = ({ stage, functions, tables }: DashboardProps) => [
  graph('API: server errors, and latency in ms', [serverErrors(stage)], [latency(stage)]),
  graph(
    'Functions: errors and throttles',
    functionNames.flatMap((name) => {
      const { lambda } = functions[name];
      return [
        lambda.metricErrors({ period, label: `${name} errors` }),
        lambda.metricThrottles({ period, label: `${name} throttles` }),
      ];
    }),
  ),
  graph(
    'Stream: delay, in ms',
    (Object.keys(streamFunctions) as StreamFunctionName[]).map((name) => iteratorAge(functions[name])),
  ),
  graph('Failures and throttles', [
    ownMetric(metrics.dependencyFailed),
    ownMetric(metrics.keyRefused),
    ownMetric(metrics.compensationFailed),
    ownMetric(metrics.unexpectedError),
    ownMetric(metrics.detectorFailed),
    ownMetric(metrics.stateUnreadable),
    ...[tables.verifications, tables.guards, tables.traffic, tables.security].flatMap((table) => [
      tableMetric(table, 'ReadThrottleEvents'),
      tableMetric(table, 'WriteThrottleEvents'),
    ]),
  ]),
];
