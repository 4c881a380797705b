/** The metrics that alarms and dashboard share. */

import { Duration } from 'aws-cdk-lib';
import type { Stage } from 'aws-cdk-lib/aws-apigateway';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { type MetricName, metricsDimensions, metricsNamespace } from '../../../lambdas/contract.ts';
import type { OtpFunction } from '../function.ts';
import type { StreamTrigger } from '../triggers.ts';

const minutes = (count: number) => Duration.minutes(count);

/** A metric of the service. Its dimension is the one that the functions emit, and identifies nobody. */
export const ownMetric = (metricName: MetricName, period = minutes(5)): Metric =>
  new Metric({
    namespace: metricsNamespace,
    metricName,
    dimensionsMap: metricsDimensions,
    statistic: Stats.SUM,
    period,
  });

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

export const tableMetric = ({ tableName }: Table, metricName: string, operation?: string): Metric =>
  new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    dimensionsMap: { TableName: tableName, ...(operation === undefined ? {} : { Operation: operation }) },
    statistic: Stats.SUM,
    period: minutes(5),
  });
