import {
  type AlarmType,
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  ListMetricsCommand,
} from '@aws-sdk/client-cloudwatch';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cloudWatchAlarms, cloudWatchIteratorAge } from '../../../lambdas/aws/cloudwatch.ts';
import { Unavailable } from '../../../lambdas/otp/ports.ts';
import { type CloudWatch, startCloudWatch } from '../../../local/aws/alarms/cloudwatch.ts';

const nowMs = Date.parse('2026-11-29T03:04:05.000Z');
let cloudwatch: CloudWatch;
let client: CloudWatchClient;
beforeEach(async () => {
  cloudwatch = await startCloudWatch({ alarmPrefix: 'local/', now: () => nowMs });
  client = new CloudWatchClient({
    endpoint: cloudwatch.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await cloudwatch.stop();
});

const alarm = { kind: 'MetricAlarm', state: 'OK', actionsEnabled: true } as const;
const refusal = (name: string) => expect.objectContaining({ name });

test('the alarm of local mode has the state by which CloudWatch says that it cannot tell', async () => {
  const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'local/' }));
  expect(MetricAlarms).toEqual([
    { AlarmName: 'local/LocalMode', StateValue: 'INSUFFICIENT_DATA', ActionsEnabled: true },
  ]);
});

test('alarms come in pages of 100 at most, and composite ones only on request', async () => {
  cloudwatch.setAlarms([
    ...Array.from({ length: 130 }, (_, at) => ({ ...alarm, name: `local/${String(at).padStart(3, '0')}` })),
    { ...alarm, name: 'local/All', kind: 'CompositeAlarm' },
  ]);
  const ask = (input: object) => client.send(new DescribeAlarmsCommand({ AlarmNamePrefix: 'local/', ...input }));
  const first = await ask({ MaxRecords: 100 });
  expect([first.MetricAlarms?.length, first.CompositeAlarms]).toEqual([100, []]);
  const second = await ask({ MaxRecords: 100, NextToken: first.NextToken });
  expect([second.MetricAlarms?.length, second.NextToken]).toEqual([30, undefined]);
  expect((await ask({ AlarmTypes: ['CompositeAlarm'] })).CompositeAlarms).toHaveLength(1);
  expect(await cloudWatchAlarms(client, 'local')(nowMs)).toHaveLength(131);
  await expect(ask({ NextToken: 'made-up' })).rejects.toThrow(/next token/);
});

test.each([
  ['more than 100 at a time', { MaxRecords: 101 }],
  ['a prefix and names', { AlarmNamePrefix: 'a', AlarmNames: ['b'] }],
  ['an empty prefix', { AlarmNamePrefix: '' }],
  ['an unknown type', { AlarmTypes: ['LoudAlarm' as AlarmType] }],
  ['a state that no alarm has', { StateValue: 'LOUD' as 'OK' }],
])('alarms are refused for %s', async (_, input) => {
  await expect(client.send(new DescribeAlarmsCommand(input))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 400 },
  });
});

const datum = { namespace: 'AWS/Lambda', metric: 'IteratorAge', dimensions: { FunctionName: 'detect-bursts' } };
const query = (change: object = {}, stat: object = {}) =>
  client.send(
    new GetMetricDataCommand({
      StartTime: new Date(nowMs - 600_000),
      EndTime: new Date(nowMs + 1000),
      MetricDataQueries: [
        {
          Id: 'age',
          MetricStat: {
            Metric: {
              Namespace: 'AWS/Lambda',
              MetricName: 'IteratorAge',
              Dimensions: [{ Name: 'FunctionName', Value: 'detect-bursts' }],
            },
            Period: 60,
            Stat: 'Maximum',
            ...stat,
          },
        },
      ],
      ...change,
    }),
  );

test('a metric has the values of its own dimensions, and none if nobody put any', async () => {
  const valuesOf = async () => (await query()).MetricDataResults?.[0]?.Values;
  expect(await valuesOf()).toEqual([]);
  expect(await cloudWatchIteratorAge(client, 'detect-bursts')(nowMs + 1000)).toBeUndefined();
  cloudwatch.put({ ...datum, value: 5 });
  cloudwatch.put({ ...datum, value: 7 });
  cloudwatch.put({ ...datum, dimensions: { FunctionName: 'another' }, value: 900 });
  cloudwatch.put({ ...datum, dimensions: {}, value: 900 });
  expect(await valuesOf()).toEqual([7]);
  expect(await cloudWatchIteratorAge(client, 'detect-bursts')(nowMs + 1000)).toBe(7);
  expect(await cloudWatchIteratorAge(client, 'detect-bursts')(nowMs + 3_600_000)).toBeUndefined();
});

test('values are refused for a time that ends before it begins, an odd period, and an unknown statistic', async () => {
  await expect(query({ StartTime: new Date(nowMs + 2000) })).rejects.toThrow(/StartTime must be less/);
  await expect(query({}, { Period: 61 })).rejects.toThrow(/Period/);
  await expect(query({}, { Stat: 'Loudest' })).rejects.toThrow(/not played/);
});

test('a throttled call, a refused one and an operation that is not played fail, and the status does not know then', async () => {
  cloudwatch.fail('throttle');
  await expect(query()).rejects.toEqual(refusal('ThrottlingException'));
  cloudwatch.fail('access-denied');
  await expect(cloudWatchAlarms(client, 'local')(nowMs)).rejects.toThrow(Unavailable);
  await expect(client.send(new ListMetricsCommand({}))).rejects.toEqual(refusal('UnknownOperationException'));
  const unsigned = await fetch(cloudwatch.url, { method: 'POST', body: '{}' });
  expect(unsigned.status).toBe(403);
});
