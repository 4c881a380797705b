import { Duration } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { EventSourceMapping, FilterCriteria, FilterRule, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type StreamFunctionName, streamFunctions, type TableName } from '../../lambdas/contract.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { OtpFunction } from './function.ts';

export type StreamFeedProps = {
  readonly name: StreamFunctionName;
  readonly target: OtpFunction;
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly deadLetters: DeadLetters;
};

/**
 * Feeds a function the stream of a table, as the contract says.
 *
 * Not CDK's event source: it grants the function the key of the table without a condition, and reading and deleting in
 * the whole bucket. Nor its defaults: they try a record that cannot be processed for a day, and hold up all behind it.
 */
export class StreamFeed extends Construct {
  readonly mapping: EventSourceMapping;

  constructor(scope: Construct, id: string, { name, target, tables, deadLetters }: StreamFeedProps) {
    super(scope, id);
    const { table, batchSize, windowSeconds, retries, maximumAgeSeconds, only } = streamFunctions[name];
    const { tableStreamArn } = tables[table];
    if (tableStreamArn === undefined) throw new Error(`The table ${table} has no stream. The contract gives it one.`);
    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: target.lambda,
      eventSourceArn: tableStreamArn,
      // From the oldest record that the stream has: what happened while the function was being deployed counts as well.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      maxBatchingWindow: Duration.seconds(windowSeconds),
      retryAttempts: retries,
      maxRecordAge: Duration.seconds(maximumAgeSeconds),
      // The function says which record it failed at; a function that died says nothing, and its batch is halved.
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      parallelizationFactor: 1,
      onFailure: { bind: () => ({ destination: deadLetters.bucket.bucketArn }) },
      supportS3OnFailureDestination: true,
      // Off by default, and the only metrics that tell within a minute of records that were given up.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      // Texts only: DynamoDB writes numbers as texts, and a numeric filter would match none of them.
      filters: [
        FilterCriteria.filter({
          eventName: FilterRule.or(...only.eventNames),
          dynamodb: { NewImage: { kind: { S: FilterRule.or(...only.kinds) } } },
        }),
      ],
    });
  }
}
