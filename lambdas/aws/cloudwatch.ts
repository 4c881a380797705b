import {
  type CloudWatchClient,
  DescribeAlarmsCommand,
  type DescribeAlarmsOutput,
  GetMetricDataCommand,
  StateValue,
} from '@aws-sdk/client-cloudwatch';
import { alarmPrefixOf } from '../contract.ts';
import type { AlarmFact, StatusPorts } from '../desk/status/facts.ts';
import { minuteMs } from '../otp/durations.ts';
import { callAws } from './failures.ts';

const states: Readonly<Record<string, AlarmFact['state']>> = {
  [StateValue.ALARM]: 'on',
  [StateValue.OK]: 'off',
  [StateValue.INSUFFICIENT_DATA]: 'no-data',
};

/** The alarms of a stack, composite ones included: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
export const cloudWatchAlarms = (client: CloudWatchClient, stackName: string): StatusPorts['alarms'] => {
  const prefix = alarmPrefixOf(stackName);
  const read = ({ MetricAlarms = [], CompositeAlarms = [] }: DescribeAlarmsOutput): readonly AlarmFact[] =>
    [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName = '', StateValue: state = '', ActionsEnabled }) => ({
      name: AlarmName.slice(prefix.length),
      // A state that is none of CloudWatch's today may be worse than its worst.
      state: states[state] ?? 'on',
      rings: ActionsEnabled !== false,
    }));
  return async () => {
    const found: AlarmFact[] = [];
    let from: string | undefined;
    do {
      const command = new DescribeAlarmsCommand({
        AlarmNamePrefix: prefix,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 100,
        ...(from === undefined ? {} : { NextToken: from }),
      });
      const page = await callAws('CloudWatch DescribeAlarms', () => client.send(command));
      found.push(...read(page));
      from = page.NextToken;
    } while (from !== undefined);
    return found;
  };
};

/** How long the look back is. CloudWatch has a minute's metric of Lambda some minutes later. */
const backMs = 10 * minuteMs;

type Measured = {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimension: readonly [string, string];
};

/** The greatest value of a metric in the look back; `undefined` if CloudWatch has none. */
const greatestOf =
  (client: CloudWatchClient, { Namespace, MetricName, Dimension: [Name, Value] }: Measured) =>
  async (nowMs: number): Promise<number | undefined> => {
    const Metric = { Namespace, MetricName, Dimensions: [{ Name, Value }] };
    const command = new GetMetricDataCommand({
      StartTime: new Date(nowMs - backMs),
      EndTime: new Date(nowMs),
      MetricDataQueries: [{ Id: 'age', MetricStat: { Metric, Period: 60, Stat: 'Maximum' } }],
    });
    const { MetricDataResults = [] } = await callAws('CloudWatch GetMetricData', () => client.send(command));
    const ages = MetricDataResults.flatMap(({ Values = [] }) => Values);
    return ages.length === 0 ? undefined : Math.max(...ages);
  };

/**
 * How far behind its stream a function was at worst: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 *
 * @param name without an alias: Lambda gives the metric this dimension.
 */
export const cloudWatchIteratorAge = (client: CloudWatchClient, name: string): StatusPorts['iteratorAgeMs'] =>
  greatestOf(client, { Namespace: 'AWS/Lambda', MetricName: 'IteratorAge', Dimension: ['FunctionName', name] });

/**
 * How old the oldest message of a queue was, in seconds:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export const cloudWatchQueueAge = (client: CloudWatchClient, queue: string) =>
  greatestOf(client, {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateAgeOfOldestMessage',
    Dimension: ['QueueName', queue],
  });
