/** The metrics that alarms and dashboard share. */

import { Duration, Stack } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  applicationDimension,
  countryDimension,
  type MetricName,
  metrics,
  metricsDimensionsOf,
  metricsNamespace,
  providerDimension,
  type RiskMetricName,
  type RouteMetricName,
  receiptMetrics,
  routeDimension,
  routeMetrics,
} from '../../../lambdas/contract.ts';
import type { Firewall } from '../firewall.ts';
import type { OtpFunction } from '../function.ts';
import type { StreamTrigger } from '../triggers.ts';
import type { FindingMail } from './finding-mail.ts';

/** A route and a country, by their names. */
type Way = { readonly route: string; readonly country: string };

const minutes = (count: number) => Duration.minutes(count);

/** Makes the metrics of a stack of the service. Their dimensions are those that its functions emit, and identify nobody. */
export const ownMetricsOf =
  (stackName: string) =>
  (metricName: MetricName, period = minutes(5)): Metric =>
    new Metric({
      namespace: metricsNamespace,
      metricName,
      dimensionsMap: metricsDimensionsOf(stackName),
      statistic: Stats.SUM,
      period,
    });
export type OwnMetrics = ReturnType<typeof ownMetricsOf>;

/** A metric that counts by application, of one of them. */
export const applicationMetric = (own: Metric, application: string, label = own.metricName): Metric =>
  own.with({ dimensionsMap: { ...own.dimensions, [applicationDimension]: application }, label });

/** The share of messages that a route surely did not send: the average of 1 and 0. */
export const routeFailures = (stackName: string, route: string): Metric =>
  new Metric({
    namespace: metricsNamespace,
    metricName: routeMetrics.failed,
    dimensionsMap: { ...metricsDimensionsOf(stackName), [routeDimension]: route },
    statistic: Stats.AVERAGE,
    period: minutes(5),
  });

/** What look-ups of SIMs count, of one provider. */
export const providerMetric = (
  stackName: string,
  metricName: RiskMetricName,
  provider: string,
  statistic: string = Stats.SUM,
): Metric =>
  new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: { ...metricsDimensionsOf(stackName), [providerDimension]: provider },
    statistic,
    period: minutes(5),
    label: provider,
  });

type Drift = { readonly real: Metric; readonly estimated: Metric; readonly least: number; readonly of: string };

/** Real sums of a day in percent of the estimates. A day whose estimate is below the least says nothing, and is 100. */
const driftPercent = ({ real, estimated, least, of }: Drift): MathExpression =>
  new MathExpression({
    expression: `IF(estimated >= ${least}, 100 * real / estimated, 100)`,
    usingMetrics: { real, estimated },
    label: `percent of ${of}, by the day`,
    period: Duration.days(1),
  });

/** In USD: one dear message would be most of a day with less. */
const leastSum = 1;

/**
 * The real prices of a day in percent of what the caps counted for the same messages, by their sums. A mean of the percents of
 * messages would weigh a cheap message as a dear one.
 */
export const pricePercent = (own: OwnMetrics): MathExpression =>
  driftPercent({
    real: own(receiptMetrics.priceReal),
    estimated: own(receiptMetrics.priceEstimated),
    least: leastSum,
    of: 'the estimate',
  });

const leastParts = 100;

/** The same of parts: those of receipts in percent of those that the caps counted for the same messages. */
export const partsPercent = (own: OwnMetrics): MathExpression =>
  driftPercent({
    real: own(receiptMetrics.partsReal),
    estimated: own(receiptMetrics.partsEstimated),
    least: leastParts,
    of: 'the estimated parts',
  });

/** Deliveries. An hour with fewer says nothing of people. */
const leastDelivered = 50;

/**
 * Codes that were used in percent of the messages that arrived, by the hour. Messages that did not arrive say nothing of people.
 *
 * Receipts are best effort, and some routes have none. So it is 100 unless half of the accepted messages have a final one: then
 * the finding alone speaks, as without receipts. `FILL` makes a sum without data 0, because one gap would be a gap of the whole
 * (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html).
 */
export const conversionPercent = (own: OwnMetrics): MathExpression =>
  new MathExpression({
    expression:
      `IF((FILL(delivered, 0) >= ${leastDelivered}) AND ` +
      '(2 * (FILL(delivered, 0) + FILL(lost, 0)) >= FILL(accepted, 0)), ' +
      '100 * FILL(approved, 0) / FILL(delivered, 0), 100)',
    usingMetrics: {
      approved: own(metrics.approved),
      delivered: own(receiptMetrics.delivered),
      lost: own(receiptMetrics.undelivered),
      accepted: own(metrics.sent),
    },
    label: 'codes that were used in percent of messages that arrived, by the hour',
    period: Duration.hours(1),
  });

/** The same of one route and country, however few messages there are. A graph takes no names twice, so that each has a number. */
export const conversionOf = (stackName: string, { route, country }: Way, at: number): MathExpression => {
  const of = (metricName: MetricName | RouteMetricName) =>
    new Metric({
      namespace: metricsNamespace,
      metricName,
      dimensionsMap: { ...metricsDimensionsOf(stackName), [routeDimension]: route, [countryDimension]: country },
      statistic: Stats.SUM,
    });
  return new MathExpression({
    expression: `100 * FILL(approved${at}, 0) / delivered${at}`,
    usingMetrics: { [`approved${at}`]: of(routeMetrics.approved), [`delivered${at}`]: of(receiptMetrics.delivered) },
    label: `${route} ${country}`,
    period: Duration.hours(1),
  });
};

/** A line for each route and country that had messages. A search finds them, so that nobody lists countries. */
export const byRouteAndCountry = (
  stackName: string,
  metricName: RouteMetricName | MetricName,
  statistic = 'Sum',
): MathExpression => {
  const dimensions = metricsDimensionsOf(stackName);
  const named = [...Object.keys(dimensions), routeDimension, countryDimension].join(',');
  const own = Object.entries(dimensions).map(([name, value]) => `${name}="${value}"`);
  const wanted = [`{${metricsNamespace},${named}}`, `MetricName="${metricName}"`, ...own].join(' ');
  return new MathExpression({
    expression: `SEARCH('${wanted}', '${statistic}', 300)`,
    usingMetrics: {},
    // In place of the expression, which CloudWatch would show as the name of each line.
    label: `\${PROP('Dim.${routeDimension}')} \${PROP('Dim.${countryDimension}')}`,
    period: minutes(5),
  });
};

export const serverErrors = (stage: Stage): Metric =>
  stage.metricServerError({ period: minutes(5), statistic: Stats.SUM });

export const latency = (stage: Stage): Metric => stage.metricLatency({ period: minutes(5), statistic: Stats.p(99) });

export const iteratorAge = ({ lambda }: OtpFunction): Metric =>
  lambda.metric('IteratorAge', { period: minutes(1), statistic: Stats.MAXIMUM });

/** The charge for all SMS of the account in this Region, as SNS counts it. It restarts each month. */
export const monthlySpend = (): Metric =>
  new Metric({
    namespace: 'AWS/SNS',
    metricName: 'SMSMonthToDateSpentUSD',
    statistic: Stats.MAXIMUM,
    period: Duration.hours(1),
  });

/**
 * Uses of all symmetric and HMAC keys in this account and Region, `GenerateMac` among them:
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

export const mappingMetric = ({ mapping }: StreamTrigger, metricName: string): Metric =>
  new Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { EventSourceMappingUUID: mapping.eventSourceMappingId },
    statistic: Stats.SUM,
    period: minutes(1),
  });

/** Of a rule on a bus of its own, which AWS tells from one on the default bus by both dimensions. */
export const failedInvocations = ({ busName, ruleName }: FindingMail): Metric =>
  new Metric({
    namespace: 'AWS/Events',
    metricName: 'FailedInvocations',
    dimensionsMap: { EventBusName: busName, RuleName: ruleName },
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

/** Requests that the firewall blocked: by one of its rules, or by `ALL`. */
export const blockedBy = ({ metricName, webAcl }: Firewall, rule: string): Metric =>
  new Metric({
    namespace: 'AWS/WAFV2',
    metricName: 'BlockedRequests',
    dimensionsMap: { WebACL: metricName, Region: Stack.of(webAcl).region, Rule: rule },
    statistic: Stats.SUM,
    period: minutes(5),
  });

/** CloudWatch Logs charges for these bytes: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html */
export const logBytes = ({ logGroupName }: LogGroup): Metric =>
  new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    dimensionsMap: { LogGroupName: logGroupName },
    statistic: Stats.SUM,
    period: minutes(5),
  });
