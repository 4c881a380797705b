import { Duration, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  PeriodOverride,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import {
  applicationMetrics,
  functionNames,
  type MetricName,
  metrics,
  type RiskMetricName,
  receiptMetrics,
  riskMetrics,
  routeMetrics,
  type StreamFunctionName,
  streamFunctions,
  type TableName,
  webhookMetrics,
} from '../../../lambdas/contract.ts';
import { countsRoutes } from '../../../lambdas/policy.ts';
import { backEndsOf } from '../../settings/applications.ts';
import { routeNameOf } from '../../settings/routes/routes.ts';
import type { Settings } from '../../settings/settings.ts';
import { voiceRouteNameOf } from '../../settings/voice/voice.ts';
import { type Firewall, rateRule } from '../firewall.ts';
import type { OtpFunctions } from '../functions.ts';
import type { Receipts } from '../receipts/receipts.ts';
import type { Webhooks } from '../webhooks/webhooks.ts';
import {
  applicationMetric,
  blockedBy,
  byRouteAndCountry,
  conversionOf,
  conversionPercent,
  iteratorAge,
  kmsCalls,
  latency,
  monthlySpend,
  type OwnMetrics,
  partsPercent,
  pricePercent,
  providerMetric,
  serverErrors,
  tableMetric,
} from './metrics.ts';

export type DashboardProps = {
  readonly name: string;
  readonly own: OwnMetrics;
  readonly stage: Stage;
  readonly functions: OtpFunctions;
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly firewall: Firewall | undefined;
  readonly settings: Pick<Settings, 'applications' | 'countries' | 'smsRoutes' | 'voice' | 'numberRisk'>;
  /** Undefined unless the settings ask for them. */
  readonly receipts: Receipts | undefined;
  /** Undefined unless the settings ask for them. */
  readonly webhooks: Webhooks | undefined;
};

const period = Duration.minutes(5);
/** A row of the console is 24 units wide. */
const rowWidth = 24;

const graph = (title: string, left: readonly IMetric[], right: readonly IMetric[] = []) => ({
  title,
  left: [...left],
  right: [...right],
});

/** One page in three rows: business, attack, health. Routes, receipts, webhooks and several applications have one each, if they are counted. */
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
    page.addWidgets(...row('Business: do people get codes, and can they use them?', business(props)));
    page.addWidgets(...row('Attack: which requests are refused, and by which rule?', attack(props)));
    page.addWidgets(...row('Health: does it work, and how fast?', health(props)));
    if (countsRoutes(props.settings)) page.addWidgets(...row(deliveryTitle, delivery(props)));
    if (props.settings.numberRisk !== undefined) page.addWidgets(...row(simsTitle, sims(props)));
    if (props.receipts !== undefined) page.addWidgets(...row(arrivalTitle, arrival(props)));
    if (props.webhooks !== undefined) page.addWidgets(...row(webhooksTitle, webhookGraphs(props, props.webhooks)));
    page.addWidgets(...byApplication(props));
    this.url = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${props.name}`;
  }
}

const row = (title: string, graphs: readonly ReturnType<typeof graph>[]): readonly IWidget[] => [
  new TextWidget({ markdown: `## ${title}`, width: rowWidth, height: 1 }),
  ...graphs.map((each) => new GraphWidget({ ...each, width: Math.floor(rowWidth / graphs.length), height: 6 })),
];

const graphsInRow = 4;

/** A graph for each of several applications. More than four stand below each other. */
const byApplication = ({ own, settings }: DashboardProps): readonly IWidget[] => {
  const applications = Object.keys(settings.applications ?? {});
  if (applications.length < 2) return [];
  const title = '## Applications: which one sends, and which one is refused?';
  return [
    new TextWidget({ markdown: title, width: rowWidth, height: 1 }),
    ...applications.map((application) => {
      const drawn = applicationMetrics.map((name) => applicationMetric(own(name), application));
      return new GraphWidget({ ...graph(application, drawn), width: rowWidth / graphsInRow, height: 6 });
    }),
  ];
};

const business = ({ own, settings }: DashboardProps) => [
  graph('Requests and resends', [own(metrics.requested), own(metrics.resent)]),
  graph('SMS', [own(metrics.sent), own(metrics.unconfirmed), own(metrics.sendFailed)]),
  graph('Checks', [own(metrics.approved), own(metrics.wrong), own(metrics.superseded), own(metrics.checkRefused)]),
  graph('Spent this month, USD', [monthlySpend()]),
  ...(backEndsOf(settings).length === 0
    ? []
    : [
        graph(
          'Requests of back ends without the IP of the end user',
          backEndsOf(settings).map((name) => applicationMetric(own(metrics.endUserIpMissing), name, name)),
        ),
      ]),
];

const deliveryTitle = 'Delivery: which route takes messages, and which fails?';

const delivery = ({ name }: DashboardProps) => [
  graph('SMS that a route took', [byRouteAndCountry(name, routeMetrics.accepted)]),
  graph('SMS that a route did not send', [byRouteAndCountry(name, routeMetrics.failed)]),
  graph('SMS that a route did not answer', [byRouteAndCountry(name, routeMetrics.unconfirmed)]),
  graph('Codes that were used, by route', [byRouteAndCountry(name, routeMetrics.approved)]),
];

const simsTitle = 'SIMs: do providers answer, and what do they say?';

const sims = ({ name, settings: { numberRisk } }: DashboardProps) => {
  const { unanswered, timedOut, unknown, swapped, clean, time } = riskMetrics;
  const of = (metric: RiskMetricName, statistic?: string) =>
    (numberRisk?.providers ?? []).map((provider) => providerMetric(name, metric, provider.name, statistic));
  return [
    graph('Look-ups without an answer', of(unanswered)),
    graph('Look-ups that ran out of time', of(timedOut)),
    graph('Numbers that the provider does not know', of(unknown)),
    graph('SIMs that were swapped', of(swapped)),
    graph('SIMs that were not swapped', of(clean)),
    graph('Time of a look-up, ms, slowest of a hundred', of(time, 'p99')),
  ];
};

const arrivalTitle = 'Arrival: do messages arrive, how fast, and at which price?';

/** A graph takes no more than 500 metrics and expressions, and the body of a dashboard has bounds of its own. */
const maxWays = 50;

/** The routes and countries of the settings, SMS before calls. */
const waysOf = ({ countries, smsRoutes, voice }: DashboardProps['settings']) =>
  [
    ...Object.entries(countries).flatMap(([country, { routes = smsRoutes.map(routeNameOf) }]) =>
      routes.map((route) => ({ route, country })),
    ),
    ...Object.keys(voice?.countries ?? {}).flatMap((country) =>
      (voice?.routes ?? []).map((route) => ({ route: voiceRouteNameOf(route), country })),
    ),
  ].slice(0, maxWays);

const arrival = ({ name, own, settings }: DashboardProps) => {
  const { delivered, undelivered, deliveryTime, priceReal, priceEstimated, partsReal, partsEstimated } = receiptMetrics;
  const { receiptLate, receiptUnmatched, receiptUnreadable } = receiptMetrics;
  const by = (metric: MetricName, statistic?: string) => byRouteAndCountry(name, metric, statistic);
  return [
    graph('Arrived', [by(delivered)]),
    graph('Not arrived', [by(undelivered)]),
    graph('Time to arrive in ms, p50 and p99', [by(deliveryTime, 'p50'), by(deliveryTime, 'p99')]),
    graph(
      'Price by receipts and by the caps, USD, and percent of the estimate',
      [by(priceReal), by(priceEstimated)],
      [pricePercent(own)],
    ),
    graph('Parts by receipts and by the caps', [by(partsReal), by(partsEstimated)], [partsPercent(own)]),
    graph(
      'Codes that were used, in percent of messages that arrived',
      waysOf(settings).map((way, at) => conversionOf(name, way, at)),
      [conversionPercent(own)],
    ),
    graph('Receipts that say nothing', [own(receiptLate), own(receiptUnmatched), own(receiptUnreadable)]),
  ];
};

const webhooksTitle = 'Webhooks: do consumers take events, and how late?';

const webhookGraphs = ({ own }: DashboardProps, { queue, deadLetters }: Webhooks) => [
  graph('Delivered, failed tries, given up', [
    own(webhookMetrics.delivered),
    own(webhookMetrics.failed),
    own(webhookMetrics.givenUp),
  ]),
  graph(
    'Latency of consumers, and age of events, in ms, p99',
    [own(webhookMetrics.latency).with({ statistic: 'p99' })],
    [own(webhookMetrics.age).with({ statistic: 'p99' })],
  ),
  graph('Events that wait, and dead letters', [
    queue.metricApproximateNumberOfMessagesVisible({ period, label: 'waiting' }),
    deadLetters.metricApproximateNumberOfMessagesVisible({ period, label: 'dead letters' }),
  ]),
];

const attack = ({ own, firewall }: DashboardProps) => [
  graph('Refused', [own(metrics.refused), own(metrics.blocked), own(metrics.stopped), own(metrics.sourceIpRefused)]),
  graph('Findings', [
    own(metrics.findingLow),
    own(metrics.findingMedium),
    own(metrics.findingHigh),
    own(metrics.findingCritical),
  ]),
  graph('Caps reached', [own(metrics.spendCapReached)]),
  graph('Wrong codes, and KMS calls of the account', [own(metrics.wrong), own(metrics.guessCounted)], [kmsCalls()]),
  ...(firewall === undefined
    ? []
    : [graph('Blocked by the firewall', [blockedBy(firewall, 'ALL'), blockedBy(firewall, rateRule)])]),
];

const health = ({ own, stage, functions, tables }: DashboardProps) => [
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
    own(metrics.dependencyFailed),
    own(metrics.keyRefused),
    own(metrics.compensationFailed),
    own(metrics.unexpectedError),
    own(metrics.detectorFailed),
    own(metrics.recordPutAside),
    own(metrics.stateUnreadable),
    ...[tables.verifications, tables.guards, tables.traffic, tables.security].flatMap((table) => [
      tableMetric(table, 'ReadThrottleEvents'),
      tableMetric(table, 'WriteThrottleEvents'),
    ]),
  ]),
];
