/** What calls a function without a request: the stream of a table, and the clock. The contract says which. */

import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, RuleTargetInput, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, FilterRule, MetricType, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import {
  type OptionalStreamFunctionName,
  optionalStreamFunctions,
  type ScheduleDetail,
  type ScheduledFunctionName,
  type StreamFunctionName,
  scheduledFunctions,
  scheduleEvents,
  streamFunctions,
  type TableName,
} from '../../lambdas/contract.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { OtpFunction } from './function.ts';

const streams = { ...streamFunctions, ...optionalStreamFunctions };

export type StreamTriggerProps = {
  readonly name: StreamFunctionName | OptionalStreamFunctionName;
  readonly target: OtpFunction;
  readonly tables: Readonly<Record<TableName, Table>>;
  readonly deadLetters: DeadLetters;
  /** Whether receipts come as well. */
  readonly readsReceipts?: boolean;
};

/** Strings only: DynamoDB writes numbers as strings, so that a numeric filter matches no record. */
const filtersOf = (name: StreamTriggerProps['name'], readsReceipts: boolean) => {
  const { only } = streams[name];
  const eventName = FilterRule.or(...only.eventNames);
  const ofKinds = FilterCriteria.filter({
    eventName,
    dynamodb: { NewImage: { kind: { S: FilterRule.or(...only.kinds) } } },
  });
  if (!readsReceipts || name !== 'publish-events') return [ofKinds];
  const { pk, deliveries } = streams[name].receipts;
  return [
    ofKinds,
    FilterCriteria.filter({
      eventName,
      dynamodb: {
        Keys: { pk: { S: FilterRule.beginsWith(pk) } },
        NewImage: { delivery: { S: FilterRule.or(...deliveries) } },
      },
    }),
  ];
};

/**
 * Calls a function with the stream of a table.
 *
 * CDK's event source is not used: it grants the key of the table without a condition, and the whole bucket. Its
 * defaults retry a record that cannot be processed for a day, and hold up all records behind it.
 */
export class StreamTrigger extends Construct {
  readonly mapping: EventSourceMapping;
  /** Lets a function that the clock calls ask for the state of its mapping. */
  readonly mayAsk: Policy | undefined;

  constructor(
    scope: Construct,
    id: string,
    { name, target, tables, deadLetters, readsReceipts = false }: StreamTriggerProps,
  ) {
    super(scope, id);
    const { table, batchSize, windowSeconds, retries, maximumAgeSeconds } = streams[name];
    const { tableStreamArn } = tables[table];
    if (tableStreamArn === undefined) throw new Error(`The table ${table} has no stream. The contract gives it one.`);
    this.mapping = new EventSourceMapping(this, 'Mapping', {
      target: target.lambda,
      eventSourceArn: tableStreamArn,
      // From the oldest record of the stream: events during a deployment count as well.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize,
      maxBatchingWindow: Duration.seconds(windowSeconds),
      retryAttempts: retries,
      maxRecordAge: Duration.seconds(maximumAgeSeconds),
      // The function returns the record at which it failed. If it dies, Lambda halves the batch.
      reportBatchItemFailures: true,
      bisectBatchOnError: true,
      parallelizationFactor: 1,
      onFailure: { bind: () => ({ destination: deadLetters.bucket.bucketArn }) },
      supportS3OnFailureDestination: true,
      // Off by default. These are the only metrics that count lost records within a minute.
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
      filters: filtersOf(name, readsReceipts),
    });
    this.mayAsk = name in scheduledFunctions ? this.allowToAsk(target) : undefined;
  }

  /**
   * A policy of its own. The function waits for the policy of its role, and the mapping for the function, so that this
   * statement cannot stand in the former.
   */
  private allowToAsk({ role }: OtpFunction): Policy {
    const resource = Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'event-source-mapping',
      resourceName: this.mapping.eventSourceMappingId,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    const statement = { sid: 'AskForMapping', actions: ['lambda:GetEventSourceMapping'], resources: [resource] };
    return new Policy(this, 'MayAsk', { roles: [role], statements: [new PolicyStatement(statement)] });
  }
}

export type ScheduleTriggerProps = {
  readonly name: ScheduledFunctionName;
  readonly target: OtpFunction;
  /** The stream of the function, whose state it asks for. */
  readonly stream: StreamTrigger;
};

/** Calls a function by the clock. The next call makes up for one that was missed. */
export class ScheduleTrigger extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { name, target, stream }: ScheduleTriggerProps) {
    super(scope, id);
    const { source, detailType } = scheduleEvents;
    const detail: ScheduleDetail = { mapping: stream.mapping.eventSourceMappingId };
    const event = RuleTargetInput.fromObject({ source, 'detail-type': detailType, detail });
    this.rule = new Rule(this, 'Rule', {
      description: `OTP: calls ${name}`,
      schedule: Schedule.rate(Duration.minutes(scheduledFunctions[name].everyMinutes)),
      targets: [new LambdaFunction(target.lambda, { event, retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
    if (stream.mayAsk !== undefined) this.rule.node.addDependency(stream.mayAsk);
  }
}
