import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  applicationDimension,
  applicationMetrics,
  functionNames,
  metrics,
  metricsDimensionsOf,
  metricsNamespace,
  operatorFunctionNames,
  optionalFunctionNames,
  stackNameVariable,
  streamFunctions,
} from '../../../lambdas/contract.ts';
import { KeyRefused } from '../../../lambdas/otp/ports.ts';
import { streamTelemetryOf, telemetryOf } from '../../../lambdas/telemetry.ts';
import { parseSettings, type SettingsInput } from '../../../lib/settings/settings.ts';
import { rowsOf } from '../../laws/markdown.ts';
import { listOf, type Resources, recordOf, resourcesOf } from '../template/permissions.ts';
import { buildStack, logicalId, minimalSettings, synthesizedOf } from '../template/synthesized.ts';
import { porting, receiptsBySet, webhookSettings } from '../template/variants.ts';
import { silentAlarms } from './alarm-path.ts';

const standard = synthesizedOf();
const alarmsOf = (resources: Resources) =>
  Object.values(resources)
    .filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
    .map(({ Properties }) => Properties);
const alarms = alarmsOf(standard.resources);
const [composite = {}, ...otherComposites] = Object.values(standard.resources)
  .filter(({ Type }) => Type === 'AWS::CloudWatch::CompositeAlarm')
  .map(({ Properties }) => Properties);
const nameOf = (alarm: Readonly<Record<string, unknown>>) => String(alarm['AlarmName']).replace('OtpService/', '');
/** Settings with several routes have an alarm for each route beside the others. All share a page. */
const ofRoutes = alarmsOf(synthesizedOf({ smsRoutes: [{}, { region: 'eu-west-1' }] }).resources).filter(
  (alarm) => !alarms.some((other) => nameOf(other) === nameOf(alarm)),
);
const pageOfRoutes = 'SmsRouteFailed';
/** A stack that notes receipts has these as well. */
const ofReceipts = alarmsOf(synthesizedOf(receiptsBySet).resources).filter(
  (alarm) => !nameOf(alarm).startsWith(pageOfRoutes) && !alarms.some((other) => nameOf(other) === nameOf(alarm)),
);
/** And this one, a stack that asks whether numbers are at risk. */
const ofRisk = alarmsOf(synthesizedOf(porting).resources).filter(
  (alarm) => !alarms.some((other) => nameOf(other) === nameOf(alarm)),
);
/** And these, a stack that publishes events and delivers them. */
const ofEvents = alarmsOf(synthesizedOf(webhookSettings).resources).filter(
  (alarm) => !alarms.some((other) => nameOf(other) === nameOf(alarm)),
);
/** Settings with providers of SIM look-ups have an alarm for each. All share a page. */
const pageOfProviders = 'SimSwapUnanswered';
/** The alarms that raise the composite one. */
const ofAttack = ['SpendCapReached', 'FindingCritical', 'FindingHigh', 'RangeRestricted'];
/** Findings and stops are mails of their own, which say more than an alarm can. */
const withoutMail = [...ofAttack.slice(1), 'ConversionLow', 'SendingStopped'];
const alarmOf = (name: string) => recordOf(alarms.find((alarm) => nameOf(alarm) === name));
const dimensionsOf = (alarm: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(
    listOf(alarm['Dimensions'])
      .map(recordOf)
      .map(({ Name, Value }) => [String(Name), standard.spell(Value)]),
  );

/** The logical id of the log group of a name, as a reference to it is spelled. */
const logGroup = (name: string) =>
  Object.entries(standard.resources).find(([, { Properties }]) => Properties['LogGroupName'] === name)?.[0];

/** Of AWS's own metrics about the use of its services. */
const ofUsage = ['Class', 'Resource', 'Service', 'Type'];

/** Operators see by themselves that one of theirs fails. */
const watchedFunctions = functionNames.filter((name) => !operatorFunctionNames.some((other) => other === name));

describe('the alarms', () => {
  test('the alarms are these and no others', () => {
    expect(alarms.map(nameOf).toSorted()).toEqual(
      [
        'SpendCapReached',
        'SendingStopped',
        'DefenseLowered',
        'SNS-SMSMonthToDateSpentUSD',
        'FindingCritical',
        'FindingHigh',
        'RangeRestricted',
        'ConversionLow',
        'Events-FailedInvocations-mail',
        'RequestBlocked',
        'SmsFailed',
        'SmsUnconfirmed',
        'DependencyFailed',
        'CompensationFailed',
        'UnexpectedError',
        'DetectorFailed',
        'RecordPutAside',
        'DetectorStateUnreadable',
        'DetectorListening',
        'KeyRefused',
        'SourceIpRefused',
        'Usage-CallCount-KMS',
        'WAFV2-BlockedRequests-RequestsPerIp',
        'Logs-IncomingBytes-api-access',
        'Logs-IncomingBytes-firewall',
        'ApiGateway-5XXError',
        'ApiGateway-Latency',
        'DynamoDB-ReadThrottleEvents-Verifications',
        'DynamoDB-WriteThrottleEvents-Verifications',
        'DynamoDB-ReadThrottleEvents-Guards',
        'DynamoDB-WriteThrottleEvents-Guards',
        'DynamoDB-ReadThrottleEvents-Traffic',
        'DynamoDB-WriteThrottleEvents-Traffic',
        'DynamoDB-WriteThrottleEvents-Security',
        'DynamoDB-SystemErrors-Guards-BatchGetItem',
        'DynamoDB-SystemErrors-Guards-TransactWriteItems',
        'DynamoDB-SystemErrors-Verifications-UpdateItem',
        ...watchedFunctions.flatMap((name) => [`Lambda-Errors-${name}`, `Lambda-Throttles-${name}`]),
        ...Object.keys(streamFunctions).flatMap((name) =>
          ['IteratorAge', 'OnFailureDestinationDeliveredEventCount', 'DroppedEventCount'].map(
            (metric) => `Lambda-${metric}-${name}`,
          ),
        ),
      ].toSorted(),
    );
  });

  test('UnderAttack goes off with each alarm of an attack, and is the only composite one', () => {
    expect(otherComposites).toEqual([]);
    expect([nameOf(composite), composite['ActionsEnabled']]).toEqual(['UnderAttack', undefined]);
    const idOf = (name: string) =>
      Object.entries(standard.resources).find(
        ([, { Type, Properties }]) => Type === 'AWS::CloudWatch::Alarm' && nameOf(Properties) === name,
      )?.[0];
    const rule = standard.spell(composite['AlarmRule']);
    expect(rule).toBe(`(${ofAttack.map((name) => `ALARM("${idOf(name)}")`).join(' OR ')})`);
  });

  test('an alarm of an attack that has no mail of its own shows the attack for a quarter of an hour', () => {
    for (const name of ofAttack.slice(1))
      expect(alarmOf(name)).toMatchObject({ Threshold: 1, Period: 60, DatapointsToAlarm: 1, EvaluationPeriods: 15 });
  });

  test('an alarm has no mail of its own if an event of the bus is the mail, and every other one has', () => {
    for (const name of withoutMail) expect(Object.keys(alarmOf(name))).not.toContain('OKActions');
    const silent = alarms.filter((alarm) => !('AlarmActions' in alarm)).map(nameOf);
    expect(silent.toSorted()).toEqual(withoutMail.toSorted());
  });

  test('the alarm on mails of findings that get lost finds its metric: of a bus of its own, by both dimensions', () => {
    const lost = alarmOf('Events-FailedInvocations-mail');
    expect(lost).toMatchObject({ Namespace: 'AWS/Events', MetricName: 'FailedInvocations', Threshold: 1, Period: 60 });
    expect(dimensionsOf(lost)).toEqual({ EventBusName: 'FindingsBus', RuleName: 'OtpService-mail' });
  });

  test('the alarms have the name of the metric that they watch, those of AWS with service and subject around it', () => {
    for (const alarm of alarms) {
      const service = String(alarm['Namespace']).replace('AWS/', '');
      const [metric, name] = [String(alarm['MetricName']), nameOf(alarm)];
      if (service === metricsNamespace) expect(name).toBe(metric);
      else expect(`${name}-`).toContain(`${service}-${metric}-`);
    }
  });

  test('the alarms watch one metric each, without arithmetic', () => {
    for (const alarm of alarms) {
      expect(alarm).not.toHaveProperty('Metrics');
      expect([typeof alarm['MetricName'], typeof alarm['Namespace']]).toEqual(['string', 'string']);
    }
  });

  test('one alarm goes off for missing data, that on the detector, and the one that counts a month ignores it', () => {
    const others = alarms.filter(({ TreatMissingData }) => TreatMissingData !== 'notBreaching');
    expect(others.map((alarm) => [nameOf(alarm), alarm['TreatMissingData']])).toEqual([
      ['SNS-SMSMonthToDateSpentUSD', 'ignore'],
      ['DetectorListening', 'breaching'],
    ]);
  });

  test('the alarm on the detector goes off after two minutes of 0, or of nothing, and for no other value', () => {
    expect(alarmOf('DetectorListening')).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
      Statistic: 'Minimum',
      Period: 60,
      EvaluationPeriods: 2,
      DatapointsToAlarm: 2,
    });
    const upwards = alarms.filter((alarm) => alarm['ComparisonOperator'] === 'GreaterThanOrEqualToThreshold');
    expect(upwards).toHaveLength(alarms.length - 1);
  });

  test('the alarm on the detector is made after the schedule, so that it does not go off before the first call', () => {
    const [, alarm] =
      Object.entries(standard.resources).find(([, { Properties }]) =>
        String(Properties['AlarmName']).endsWith('/DetectorListening'),
      ) ?? [];
    const rule = Object.entries(standard.resources).find(([, { Properties }]) => 'ScheduleExpression' in Properties);
    expect(recordOf(alarm)['DependsOn']).toContain(rule?.[0]);
  });

  test.each([...alarms, composite].map((alarm) => [nameOf(alarm), alarm] as const))(
    '%s says what it means in words without a number, what to do first, the command to look, and where to read on',
    (name, { AlarmDescription }) => {
      const text = String(AlarmDescription);
      const [says, first, command, link] = text.split(/ First: | To look: |\. More: /);
      expect(command).toMatch(
        /^(otp-desk --stack OtpService (status|findings|actions|blocks|dead-letters list)|aws (sns|logs) )/,
      );
      expect(link).toBe(`docs/runbook.md#${name.toLowerCase()}`);
      expect(says).toMatch(/^[A-Za-z][^0-9@/]{30,250}\.$/);
      expect(says?.replace(/^CRITICAL: /, '').split(/(?<=[.:]) (?=[A-Z])/).length).toBeLessThanOrEqual(3);
      expect(first).toMatch(/^[a-z][^0-9@/]{10,150}\.$/);
      expect(text).not.toContain('STACK');
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
      expect(text.length).toBeLessThanOrEqual(1024);
    },
  );

  test('each command in a mail of an alarm is one that the runbook has, or one that tails a log of the stack', () => {
    const book = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
    const commands = alarms.flatMap(
      ({ AlarmDescription }) => /To look: (.*)\. More: /.exec(String(AlarmDescription))?.[1] ?? [],
    );
    const ofBook = (command: string) => book.includes(`    ${command.replace(' --stack OtpService', '')}`);
    const isTail = (command: string) => {
      const [, group = ''] = /^aws logs tail (\S+) --since \d+[mh]$/.exec(command) ?? [];
      return logGroup(group) !== undefined;
    };
    expect(commands.filter((command) => !ofBook(command) && !isTail(command))).toEqual([]);
  });

  test('the mail of an alarm leads to the runbook of the team, if there is one', () => {
    const { resources } = synthesizedOf({ runbookUrl: 'https://wiki.example.com/otp' });
    const texts = Object.values(resources)
      .flatMap(({ Properties }) => Properties['AlarmDescription'] ?? [])
      .map(String);
    expect(texts.length).toBeGreaterThan(30);
    expect(texts.filter((text) => !text.includes(' More: https://wiki.example.com/otp#'))).toEqual([]);
  });

  test('the alarms of money and of lost sends go off at the first event, and the cap is called critical', () => {
    expect(alarmOf('SpendCapReached')).toMatchObject({ Threshold: 1, Period: 60, EvaluationPeriods: 1 });
    expect(alarmOf('SpendCapReached')['AlarmDescription']).toMatch(/^CRITICAL: /);
    for (const name of [
      'CompensationFailed',
      'UnexpectedError',
      'KeyRefused',
      'DetectorStateUnreadable',
      'Lambda-OnFailureDestinationDeliveredEventCount-detect-bursts',
      'Lambda-DroppedEventCount-detect-bursts',
    ])
      expect(alarmOf(name)).toMatchObject({ Threshold: 1, EvaluationPeriods: 1 });
  });

  test('an alarm that counts goes off at five events at most, and no alarm waits longer than a quarter of an hour', () => {
    // These are held to the settings below.
    const floods = [
      'WAFV2-BlockedRequests-RequestsPerIp',
      'Logs-IncomingBytes-api-access',
      'Logs-IncomingBytes-firewall',
    ];
    const bySetting = ['SNS-SMSMonthToDateSpentUSD', 'Usage-CallCount-KMS', ...floods];
    const counting = alarms.filter((alarm) => alarm['Statistic'] === 'Sum' && !bySetting.includes(nameOf(alarm)));
    expect(counting.length).toBeGreaterThan(30);
    expect(counting.filter(({ Threshold }) => Number(Threshold) > 5).map(nameOf)).toEqual([]);
    const secondsOf = ({ Period, EvaluationPeriods }: (typeof alarms)[number]) =>
      Number(Period) * Number(EvaluationPeriods);
    const slow = alarms.filter((alarm) => !(secondsOf(alarm) <= 900) && !bySetting.includes(nameOf(alarm)));
    expect(slow.map(nameOf)).toEqual([]);
    expect(alarmOf('ApiGateway-Latency')).toMatchObject({ Threshold: 4000 });
    // Long before records are given up.
    const { maximumAgeSeconds } = streamFunctions['detect-bursts'];
    expect(Number(alarmOf('Lambda-IteratorAge-detect-bursts')['Threshold'])).toBeLessThan(
      (maximumAgeSeconds * 1000) / 10,
    );
  });

  test.each([{}, { monthlySpendAlarmUsd: 777 }])('the alarm of the month follows the settings: %o', (settings) => {
    const { resources } = synthesizedOf(settings);
    const monthly = alarmsOf(resources).find((alarm) => nameOf(alarm) === 'SNS-SMSMonthToDateSpentUSD');
    expect(monthly).toMatchObject({
      Namespace: 'AWS/SNS',
      MetricName: 'SMSMonthToDateSpentUSD',
      Statistic: 'Maximum',
      Threshold: settings.monthlySpendAlarmUsd ?? 50,
    });
    expect(monthly).not.toHaveProperty('Dimensions');
  });
});

describe('the alarm on KMS calls', () => {
  test.each([{}, { kmsCallsAlarm: 90_000 }])('the alarm on KMS calls follows the settings: %o', (settings) => {
    const { resources } = synthesizedOf(settings);
    const found = alarmsOf(resources).find((alarm) => nameOf(alarm) === 'Usage-CallCount-KMS');
    expect(found).toMatchObject({ Threshold: settings.kmsCallsAlarm ?? 25_000, Period: 300, EvaluationPeriods: 1 });
  });
  test('the alarm on KMS calls counts GenerateMac, with all else that AWS counts by the same quota', () => {
    expect(alarmOf('Usage-CallCount-KMS')).toMatchObject({
      Namespace: 'AWS/Usage',
      MetricName: 'CallCount',
      Statistic: 'Sum',
    });
    expect(dimensionsOf(alarmOf('Usage-CallCount-KMS'))).toEqual({
      Class: 'None',
      Resource: 'CryptographicOperationsSymmetric',
      Service: 'KMS',
      Type: 'API',
    });
  });
  test('the alarm on KMS calls goes off long before the codes are tried, and not for what the throttle lets through', () => {
    const { throttle, kmsCallsAlarm, code } = parseSettings(minimalSettings);
    const busiest = 2 * (throttle.ratePerSecond * 300 + throttle.burst);
    expect(kmsCallsAlarm).toBeGreaterThan(busiest);
    expect(kmsCallsAlarm).toBeLessThanOrEqual(10 ** code.digits / 40);
  });
});

describe('the alarms on a flood', () => {
  const names = ['Logs-IncomingBytes-api-access', 'WAFV2-BlockedRequests-RequestsPerIp', 'Logs-IncomingBytes-firewall'];

  test.each([20, 50])('the alarms on a flood go off at more than a throttle of %i a second passes', (ratePerSecond) => {
    const { resources } = synthesizedOf({ throttle: { ratePerSecond } });
    const found = alarmsOf(resources).filter((alarm) => names.includes(nameOf(alarm)));
    expect(Object.fromEntries(found.map((alarm) => [nameOf(alarm), alarm['Threshold']]))).toEqual({
      'Logs-IncomingBytes-api-access': ratePerSecond * 300 * 1000,
      'WAFV2-BlockedRequests-RequestsPerIp': ratePerSecond * 300,
      'Logs-IncomingBytes-firewall': ratePerSecond * 300 * 1000,
    });
    expect(found.map(({ Statistic, Period }) => [Statistic, Period])).toEqual(names.map(() => ['Sum', 300]));
  });
  test('the alarms on a flood count what the rate rule blocks and what the logs take in', () => {
    expect(names.map((name) => [alarmOf(name)['Namespace'], dimensionsOf(alarmOf(name))])).toEqual([
      ['AWS/Logs', { LogGroupName: logGroup('/OtpService/api-access') }],
      ['AWS/WAFV2', { WebACL: 'OtpService', Region: '<Region>', Rule: 'RequestsPerIp' }],
      ['AWS/Logs', { LogGroupName: logGroup('aws-waf-logs-OtpService') }],
    ]);
  });
  test('the alarms on a flood stay silent in ordinary use: a line of the access log is shorter than they assume', () => {
    const [stage] = Object.values(standard.resources).filter(({ Type }) => Type === 'AWS::ApiGateway::Stage');
    const { Format } = recordOf(stage?.Properties['AccessLogSetting']);
    // As if each value were as long as an id, and with the bytes that CloudWatch adds to each event.
    const line = String(Format).replaceAll(/\$context[\w.]+/g, 'x'.repeat(36));
    expect(line.length + 26).toBeLessThan(1000);
  });
  test('the alarm on the access log is there without a firewall', () => {
    const { resources } = synthesizedOf({ firewall: false });
    const found = alarmsOf(resources).map(nameOf);
    expect(names.map((name) => found.includes(name))).toEqual([true, false, false]);
  });
});

describe('every alarm finds its metric', () => {
  const said: string[] = [];
  const listen = () => {
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
      vi.spyOn(console, method).mockImplementation((...texts: unknown[]) => void said.push(texts.join(' ')));
  };
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    said.length = 0;
  });

  const own = alarms.filter(({ Namespace }) => Namespace === metricsNamespace);

  test('an alarm on a metric of ours has the name and the dimensions of the contract', () => {
    expect(own).toHaveLength(19);
    for (const alarm of own) {
      expect(Object.values(metrics)).toContain(alarm['MetricName']);
      expect(dimensionsOf(alarm)).toEqual(metricsDimensionsOf('OtpService'));
      expect(alarm['Statistic']).toBe(alarm['MetricName'] === metrics.detectorListening ? 'Minimum' : 'Sum');
      // A unit that is not the metric's own finds nothing; none finds all.
      expect(alarm).not.toHaveProperty('Unit');
    }
  });
  test('an alarm on a metric of ours finds it in what the functions really write', () => {
    listen();
    vi.stubEnv(stackNameVariable, 'OtpService');
    const { answered, unexpected, watch } = telemetryOf('request-verification');
    answered({
      route: 'request-verification',
      requestId: 'r',
      status: 200,
      durationMs: 1,
      metrics: Object.values(metrics),
    });
    unexpected('r', new Error('x'));
    watch.dependencyFailed('step', new KeyRefused('KMS Sign'));
    watch.compensationFailed('step', new Error('x'));
    const detector = streamTelemetryOf('detect-bursts');
    detector.failed(new Error('x'));
    detector.unreadable();
    detector.stopped([]);
    vi.restoreAllMocks();
    const written = said
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.includes('"CloudWatchMetrics"'))
      .map((line) => recordOf(JSON.parse(line)));
    for (const alarm of own) {
      const name = String(alarm['MetricName']);
      const blob = recordOf(written.find((each) => name in each));
      const [directive] = listOf(recordOf(blob['_aws'])['CloudWatchMetrics']).map(recordOf);
      expect(directive?.['Namespace']).toBe(alarm['Namespace']);
      const sets = listOf(directive?.['Dimensions']).map(listOf);
      const values = sets.map((set) => Object.fromEntries(set.map((each) => [each, blob[String(each)]])));
      expect(values).toEqual([dimensionsOf(alarm)]);
      expect(blob[name]).toBeGreaterThanOrEqual(1);
    }
    const directives = written.flatMap((each) => listOf(recordOf(each['_aws'])['CloudWatchMetrics']).map(recordOf));
    const names = directives.flatMap(({ Metrics }) => listOf(Metrics).map((each) => recordOf(each)['Name']));
    expect(names).toEqual(expect.arrayContaining(Object.values(metrics)));
  });
  test('an alarm on the API, the functions, the stream or the tables finds its metric by dimensions that AWS has', () => {
    const stage = { ApiName: 'OtpService', Stage: 'Stage' };
    expect(alarmOf('ApiGateway-5XXError')).toMatchObject({ Namespace: 'AWS/ApiGateway', MetricName: '5XXError' });
    expect(alarmOf('ApiGateway-Latency')).toMatchObject({ MetricName: 'Latency', ExtendedStatistic: 'p99' });
    expect([dimensionsOf(alarmOf('ApiGateway-5XXError')), dimensionsOf(alarmOf('ApiGateway-Latency'))]).toEqual([
      stage,
      stage,
    ]);
    for (const name of watchedFunctions) {
      for (const [kind, metric] of [
        ['Lambda-Errors', 'Errors'],
        ['Lambda-Throttles', 'Throttles'],
      ] as const) {
        const alarm = alarmOf(`${kind}-${name}`);
        expect([alarm['Namespace'], alarm['MetricName'], alarm['Statistic']]).toEqual(['AWS/Lambda', metric, 'Sum']);
        expect(dimensionsOf(alarm)).toEqual({ FunctionName: name });
      }
    }
    expect(alarmOf('Lambda-IteratorAge-detect-bursts')).toMatchObject({
      MetricName: 'IteratorAge',
      Statistic: 'Maximum',
    });
    expect(dimensionsOf(alarmOf('Lambda-IteratorAge-detect-bursts'))).toEqual({ FunctionName: 'detect-bursts' });
    const tableAlarms = [
      ['DynamoDB-ReadThrottleEvents-Verifications', 'ReadThrottleEvents', { TableName: 'Verifications' }],
      ['DynamoDB-WriteThrottleEvents-Verifications', 'WriteThrottleEvents', { TableName: 'Verifications' }],
      ['DynamoDB-ReadThrottleEvents-Guards', 'ReadThrottleEvents', { TableName: 'Guards' }],
      ['DynamoDB-WriteThrottleEvents-Guards', 'WriteThrottleEvents', { TableName: 'Guards' }],
      ['DynamoDB-ReadThrottleEvents-Traffic', 'ReadThrottleEvents', { TableName: 'Traffic' }],
      ['DynamoDB-WriteThrottleEvents-Traffic', 'WriteThrottleEvents', { TableName: 'Traffic' }],
      ['DynamoDB-WriteThrottleEvents-Security', 'WriteThrottleEvents', { TableName: 'Security' }],
      ['DynamoDB-SystemErrors-Guards-BatchGetItem', 'SystemErrors', { TableName: 'Guards', Operation: 'BatchGetItem' }],
      [
        'DynamoDB-SystemErrors-Guards-TransactWriteItems',
        'SystemErrors',
        { TableName: 'Guards', Operation: 'TransactWriteItems' },
      ],
      [
        'DynamoDB-SystemErrors-Verifications-UpdateItem',
        'SystemErrors',
        { TableName: 'Verifications', Operation: 'UpdateItem' },
      ],
    ] as const;
    for (const [name, metric, dimensions] of tableAlarms) {
      expect([name, alarmOf(name)['Namespace'], alarmOf(name)['MetricName']]).toEqual([name, 'AWS/DynamoDB', metric]);
      expect([name, dimensionsOf(alarmOf(name))]).toEqual([name, dimensions]);
    }
  });
  test('an alarm on dead letters finds its metric, because the mapping is set to count', () => {
    for (const [id, { Type, Properties }] of Object.entries(standard.resources)) {
      if (Type !== 'AWS::Lambda::EventSourceMapping') continue;
      expect(Properties['MetricsConfig']).toEqual({ Metrics: ['EventCount'] });
      const watching = alarms.filter(
        (alarm) => dimensionsOf(alarm)['EventSourceMappingUUID'] === standard.spell({ Ref: id }),
      );
      expect(watching.map((alarm) => alarm['MetricName']).toSorted()).toEqual([
        'DroppedEventCount',
        'OnFailureDestinationDeliveredEventCount',
      ]);
    }
  });
  test('no alarm has a dimension that could hold anything about a person', () => {
    const ofAws = [
      ...['ApiName', 'EventBusName', 'EventSourceMappingUUID', 'FunctionName', 'LogGroupName', 'Operation'],
      ...['Region', 'Rule', 'RuleName', 'Stage', 'TableName', 'WebACL'],
    ];
    const known = [...ofAws, ...ofUsage, 'service'].toSorted();
    const used = new Set(alarms.flatMap((alarm) => Object.keys(dimensionsOf(alarm))));
    expect([...used].toSorted()).toEqual(known);
  });
});

describe('every alarm reaches somebody', () => {
  const copy = (): Record<string, { Properties: Record<string, unknown> }> =>
    JSON.parse(JSON.stringify(standard.resources));
  const topic = logicalId(standard.stack.service.alarmTopic.topic);
  const key = logicalId(standard.stack.service.keys.alarm);
  /** Of these, an event of the bus is the mail: see the tests of its rule. */
  const isToldByAnEvent = (alarm: (typeof alarms)[number]) =>
    ['ConversionLow', 'SendingStopped'].includes(nameOf(alarm));
  const everyAlarm = [...alarms, composite]
    .filter((alarm) => !isToldByAnEvent(alarm))
    .map((alarm) => String(alarm['AlarmName']))
    .toSorted();
  const silentIn = (resources: unknown) =>
    [...new Set(silentAlarms(resources as Resources, standard.spell).map(({ alarm }) => alarm))].toSorted();
  const statementsOf = (document: unknown) => listOf(recordOf(document)['Statement']) as Record<string, unknown>[];

  test('every alarm reaches the topic: its policy and that of its key let it through', () => {
    expect(everyAlarm.length).toBeGreaterThan(30);
    expect(silentAlarms(standard.resources, standard.spell)).toEqual([]);
  });
  test('the topic is encrypted with a key of its own, and shut to plain HTTP', () => {
    expect(standard.spell(standard.resources[topic]?.Properties['KmsMasterKeyId'])).toBe('AlarmKey');
    const [policy] = Object.values(standard.resources).filter(({ Type }) => Type === 'AWS::SNS::TopicPolicy');
    const statements = statementsOf(policy?.Properties['PolicyDocument']);
    expect(statements.map(({ Effect, Action, Principal }) => [Effect, Action, Principal])).toEqual([
      ['Deny', 'sns:Publish', '*'],
      ['Allow', 'sns:Publish', { Service: 'cloudwatch.amazonaws.com' }],
    ]);
  });

  type Change = (resources: ReturnType<typeof copy>) => void;
  const inTopicPolicy =
    (change: (statement: Record<string, unknown>) => Record<string, unknown> | undefined): Change =>
    (resources) => {
      for (const each of Object.values(resources)) {
        const document = each.Properties['PolicyDocument'];
        if (!('Topics' in each.Properties)) continue;
        each.Properties['PolicyDocument'] = {
          ...recordOf(document),
          Statement: statementsOf(document).flatMap((statement) =>
            statement['Effect'] === 'Allow' ? (change(statement) ?? []) : statement,
          ),
        };
      }
    };
  const inKeyPolicy =
    (change: (statement: Record<string, unknown>) => Record<string, unknown> | undefined): Change =>
    (resources) => {
      const properties = resources[key]?.Properties ?? {};
      const document = properties['KeyPolicy'];
      properties['KeyPolicy'] = {
        ...recordOf(document),
        Statement: statementsOf(document).flatMap((statement) =>
          JSON.stringify(statement['Principal']).includes('cloudwatch') ? (change(statement) ?? []) : statement,
        ),
      };
    };
  const stranger = { Service: 'events.amazonaws.com' };
  const elsewhere = { StringEquals: { 'aws:SourceAccount': '111122223333' } };
  const breaks: readonly (readonly [string, Change])[] = [
    [
      'a topic without its policy',
      (resources) => {
        for (const [id, { Properties }] of Object.entries(resources)) if ('Topics' in Properties) delete resources[id];
      },
    ],
    ['a topic that only refuses plain HTTP', inTopicPolicy(() => undefined)],
    ['a topic that lets another service publish', inTopicPolicy((each) => ({ ...each, Principal: stranger }))],
    ['a topic that lets CloudWatch do something else', inTopicPolicy((each) => ({ ...each, Action: 'sns:Subscribe' }))],
    ['a topic for the alarms of another account', inTopicPolicy((each) => ({ ...each, Condition: elsewhere }))],
    ['a topic for the alarms of any account', inTopicPolicy(({ Condition: _, ...each }) => each)],
    [
      'a topic with a condition that CloudWatch does not meet',
      inTopicPolicy((each) => ({
        ...each,
        Condition: { ...recordOf(each['Condition']), Bool: { 'aws:ViaAWSService': 'true' } },
      })),
    ],
    ['a policy for another topic', inTopicPolicy((each) => ({ ...each, Resource: 'arn:aws:sns:::other' }))],
    ['a key that knows nothing of CloudWatch', inKeyPolicy(() => undefined)],
    ['a key for another service', inKeyPolicy((each) => ({ ...each, Principal: stranger }))],
    ['a key without kms:Decrypt', inKeyPolicy((each) => ({ ...each, Action: ['kms:GenerateDataKey*'] }))],
    ['a key without kms:GenerateDataKey*', inKeyPolicy((each) => ({ ...each, Action: ['kms:Decrypt'] }))],
    ['a key for the alarms of another account', inKeyPolicy((each) => ({ ...each, Condition: elsewhere }))],
    [
      'a topic under the key that AWS manages, which CloudWatch may not use',
      (resources) => {
        const properties = resources[topic]?.Properties ?? {};
        properties['KmsMasterKeyId'] = 'alias/aws/sns';
      },
    ],
    [
      'a topic that is gone',
      (resources) => {
        delete resources[topic];
      },
    ],
  ];
  test.each(breaks)('%s silences them all, and is found', (_, change) => {
    const resources = copy();
    change(resources);
    expect(silentIn(resources)).toEqual(everyAlarm);
  });

  const oneAlarm = (change: (properties: Record<string, unknown>) => void) => {
    const resources = copy();
    const [, found] =
      Object.entries(resources).find(([, { Properties }]) => Properties['AlarmName'] === 'OtpService/SmsFailed') ?? [];
    if (found === undefined) throw new Error('There is no such alarm');
    change(found.Properties);
    return silentIn(resources);
  };
  test.each(['AlarmActions', 'OKActions'])('an alarm without %s is found', (kind) => {
    expect(oneAlarm((properties) => delete properties[kind])).toEqual(['OtpService/SmsFailed']);
  });
  test('an alarm that is switched off is found', () => {
    expect(oneAlarm((properties) => Object.assign(properties, { ActionsEnabled: false }))).toEqual([
      'OtpService/SmsFailed',
    ]);
  });
  test('an alarm whose name the policies do not cover is found', () => {
    expect(oneAlarm((properties) => Object.assign(properties, { AlarmName: 'SmsFailed' }))).toEqual(['SmsFailed']);
  });

  test('the address in the settings is subscribed to the topic', () => {
    const { resources } = synthesizedOf({ securityEmail: 'security@example.com' });
    const subscriptions = Object.values(resources).filter(({ Type }) => Type === 'AWS::SNS::Subscription');
    expect(subscriptions.map(({ Properties }) => Properties)).toEqual([
      { Protocol: 'email', Endpoint: 'security@example.com', TopicArn: { Ref: topic } },
    ]);
  });
  test('the alarm of lifts, launches and resumptions goes off with a single one within a minute, says how to read who did it, and tells of no end', () => {
    const alarm = alarmOf('DefenseLowered');
    expect(alarm).toMatchObject({ Threshold: 1, Period: 60, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' });
    expect(alarm['AlarmDescription']).toContain('otp-desk --stack OtpService actions');
    const told = alarms.filter((each) => 'AlarmActions' in each && !('OKActions' in each));
    expect(told.map(nameOf)).toEqual(['DefenseLowered']);
  });
  test('the alarm of numbers at risk goes off with a single one, has no mail beside that of the finding, and raises no attack', () => {
    expect(ofRisk.map(nameOf)).toEqual(['SwappedNumber']);
    const [alarm = {}] = ofRisk;
    expect(alarm).toMatchObject({ Threshold: 1, Period: 60, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' });
    expect(alarm).not.toHaveProperty('AlarmActions');
    expect(alarm['AlarmDescription']).toContain('reach the customer by another way than the number');
    expect(alarm['AlarmDescription']).toContain('otp-desk --stack OtpService findings');
    expect(JSON.stringify(composite)).not.toContain('SwappedNumber');
  });
  test('nobody is, where nobody is named', () => {
    expect(JSON.stringify(standard.resources)).not.toContain('AWS::SNS::Subscription');
  });
});

describe('the dashboard', () => {
  const bodyOf = (firewall: boolean, more: Partial<SettingsInput> = {}) => {
    const { resources, spell } = synthesizedOf({ firewall, ...more });
    const [page] = Object.values(resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard');
    expect(page?.Properties['DashboardName']).toBe('OtpService');
    return recordOf(JSON.parse(spell(page?.Properties['DashboardBody'])));
  };
  const widgetsOf = (firewall: boolean, more: Partial<SettingsInput> = {}) =>
    listOf(bodyOf(firewall, more)['widgets']).map((each) => ({
      ...recordOf(each),
      in: recordOf(recordOf(each)['properties']),
    }));

  test('the dashboard has a row for the business, one for attacks and one for health', () => {
    const titles = widgetsOf(true).flatMap(({ in: { markdown } }) => (markdown === undefined ? [] : String(markdown)));
    expect(titles.map((title) => title.split(':')[0])).toEqual(['## Business', '## Attack', '## Health']);
  });
  test('the dashboard draws metrics that exist, by dimensions that hold nothing about a person, without arithmetic', () => {
    const drawn = widgetsOf(true).flatMap(({ in: properties }) => listOf(properties['metrics']).map(listOf));
    expect(drawn.length).toBeGreaterThan(30);
    const dimensions = new Set<string>();
    for (const [namespace, name, ...rest] of drawn) {
      expect(typeof namespace).toBe('string');
      const pairs = rest.filter((each) => typeof each === 'string');
      for (const index of pairs.keys()) if (index % 2 === 0) dimensions.add(String(pairs[index]));
      if (namespace !== metricsNamespace) continue;
      expect(Object.values(metrics)).toContain(name);
      expect(pairs).toEqual(['service', 'OtpService']);
    }
    expect([...dimensions].toSorted()).toEqual(
      ['ApiName', 'FunctionName', 'Region', 'Rule', 'Stage', 'TableName', 'WebACL', 'service', ...ofUsage].toSorted(),
    );
  });
  test('the dashboard has a graph for each of several applications, with the five metrics by it, and none for a single one', () => {
    const named = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, { kind: 'public' as const }]));
    const graphsOf = (names: readonly string[]) =>
      widgetsOf(true, { applications: named(names) })
        .filter(({ in: properties }) => JSON.stringify(properties).includes(applicationDimension))
        .map(({ in: { title, metrics: drawn } }) => [title, listOf(drawn).map((each) => listOf(each).slice(0, 6))]);
    const expected = (name: string) => [
      name,
      applicationMetrics.map((metric) => [
        metricsNamespace,
        metric,
        applicationDimension,
        name,
        'service',
        'OtpService',
      ]),
    ];
    expect(graphsOf(['web', 'shop'])).toEqual([expected('web'), expected('shop')]);
    expect(graphsOf(['web'])).toEqual([]);
    const twenty = Array.from({ length: 20 }, (_, nth) => `app-${String.fromCharCode(97 + nth)}`);
    expect(graphsOf(twenty)).toHaveLength(20);
  });
  test('no alarm of several applications watches a metric by application', () => {
    const { resources } = synthesizedOf({ applications: { web: { kind: 'public' }, shop: { kind: 'public' } } });
    const found = alarmsOf(resources).filter(({ Namespace }) => Namespace === metricsNamespace);
    expect(found.map(dimensionsOf)).toEqual(found.map(() => metricsDimensionsOf('OtpService')));
  });
  test('the dashboard shows what the firewall blocks, where there is one', () => {
    expect(JSON.stringify(bodyOf(true))).toContain(
      '["AWS/WAFV2","BlockedRequests","Region","<Region>","Rule","ALL","WebACL","OtpService"',
    );
    expect(JSON.stringify(bodyOf(false))).not.toContain('WAFV2');
  });
  test('the dashboard is found by its URL, which is an output of the stack', () => {
    const Outputs = recordOf(standard.template['Outputs']);
    expect(standard.spell(recordOf(Outputs['DashboardUrl'])['Value'])).toBe(
      'https://<Region>.console.aws.amazon.com/cloudwatch/home?region=<Region>#dashboards/dashboard/OtpService',
    );
    expect(resourcesOf(Template.fromStack(buildStack().stack).toJSON())).toEqual(standard.resources);
  });
});

describe('the page on operations', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  /** `Lambda-Errors-*` stands for the alarms of all functions. */
  const kindOf = (name: string) =>
    name.replace(new RegExp(`-(?:${[...functionNames, ...optionalFunctionNames].join('|')})$`), '-*');
  /** An alarm that divides has the metrics of both sums. */
  const watchedBy = (alarm: (typeof alarms)[number]) =>
    alarm['MetricName'] ??
    listOf(alarm['Metrics'])
      .flatMap((each) => recordOf(recordOf(recordOf(each)['MetricStat'] ?? {})['Metric'] ?? {})['MetricName'] ?? [])
      .join(' by ');
  const metricOf = (alarm: (typeof alarms)[number]) => `${kindOf(nameOf(alarm))} ${watchedBy(alarm)}`;

  test('the page on operations names every alarm with the metric that it watches, and no other', () => {
    const rows = rowsOf(page, 'alarm').map(([name, metric]) => `${name} ${metric}`.replaceAll('`', ''));
    const ofComposite = `UnderAttack any of ${ofAttack.join(', ')}`;
    const ofEachRoute = `${pageOfRoutes}-* ${[...new Set(ofRoutes.map(({ MetricName }) => MetricName))]}`;
    const ofAll = [...new Set([...alarms, ...ofReceipts, ...ofRisk, ...ofEvents].map(metricOf))];
    expect(rows.toSorted()).toEqual([...ofAll, ofEachRoute, ofComposite].toSorted());
  });
});

describe('the changelog', () => {
  const page = readFileSync(new URL('../../../CHANGELOG.md', import.meta.url), 'utf8');
  const named = (cell = '') => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
  const rows = rowsOf(page, 'kind').filter(([kind]) => kind === 'alarm');
  const isAlarm = (name: string) =>
    alarms.some((alarm) => nameOf(alarm) === name || nameOf(alarm).startsWith(`${name}-`));

  test('the changelog gives each old name of an alarm a new one that exists', () => {
    const renamed = rows.flatMap(([, , cell]) => named(cell));
    expect(renamed.length).toBeGreaterThan(15);
    expect(renamed.filter((name) => !isAlarm(name))).toEqual([]);
    expect(rows.flatMap(([, old]) => named(old)).filter(isAlarm)).toEqual([]);
  });
});

describe('the runbook', () => {
  const text = readFileSync(new URL('../../../docs/runbook.md', import.meta.url), 'utf8');
  const headed = (markdown: string) =>
    markdown
      .split(/^## /m)
      .slice(1)
      .map((section) => [section.split('\n')[0] ?? '', section] as const);
  /** Each name in a table of a section, with the anchor to which its mail leads. */
  const rowsOf = (section: string): readonly string[] =>
    [...section.matchAll(/^\| <a id="([^"]+)"><\/a>`([^`]+)` \|/gm)].map(([, anchor, name = '']) => {
      expect(anchor).toBe(name.toLowerCase());
      return name;
    });
  /** Sections by the names of their alarms: that of the heading, or those in the table of a section for alarms of one kind. */
  const sectionsOf = (markdown: string) =>
    new Map(
      headed(markdown).flatMap(([heading, section]) => {
        const rows = rowsOf(section);
        return (rows.length > 0 ? rows : [heading]).map((name) => [name, section] as const);
      }),
    );
  const named = [...alarms, ...ofReceipts, ...ofRisk, ...ofEvents, composite].map(nameOf);
  const alarmPages = [...named, pageOfRoutes, pageOfProviders];
  const general = ['Tasks', 'The shell', 'Before anything else', 'Other findings'];
  const missing = (sections: ReadonlyMap<string, string>, names: readonly string[]) => ({
    without: names.filter((name) => !sections.has(name)),
    stale: [...sections.keys()].filter((name) => !names.includes(name) && !general.includes(name)),
  });

  test('the runbook has each alarm as a heading or in the table of a section, and an alarm for each of these', () => {
    expect(missing(sectionsOf(text), alarmPages)).toEqual({ without: [], stale: [] });
  });
  test('the runbook has no alarm twice', () => {
    const names = headed(text).flatMap(([heading, section]) => [heading, ...rowsOf(section)]);
    expect(names).toEqual([...new Set(names)]);
  });
  test.each(alarmPages)(
    'the runbook says of %s what it is, how to look into it with a command, and what to do',
    (name) => {
      const section = sectionsOf(text).get(name) ?? '';
      const parts = section
        .split(/^### /m)
        .slice(1)
        .map((part) => part.split('\n')[0]);
      expect(parts).toEqual(['Description', 'Investigation', 'Resolution']);
      const [, , investigation = ''] = section.split(/^### /m);
      expect(investigation).toMatch(/^ {4}(otp-desk|aws|fields) /m);
    },
  );
  test('a runbook that lacks an alarm, or has one that is gone, is found', () => {
    const names = alarmPages;
    expect(missing(sectionsOf(text), [...names, 'New'])).toEqual({ without: ['New'], stale: [] });
    expect(missing(sectionsOf(text), names.slice(1))).toEqual({ without: [], stale: names.slice(0, 1) });
    const [row = ''] = text.match(/^\| <a id=.*\n/m) ?? [];
    expect(missing(sectionsOf(text.replace(row, '')), names).without).toEqual(rowsOf(row));
  });
  test('the runbook and the other pages name an alarm with its stack as the stack does', () => {
    const pages = ['runbook', 'operations', 'deploy'].map((page) =>
      readFileSync(new URL(`../../../docs/${page}.md`, import.meta.url), 'utf8'),
    );
    expect(String(alarms[0]?.['AlarmName'])).toMatch(/^OtpService\//);
    const wrong = pages.flatMap(
      (page) => page.match(/.*--alarm-name(?:-prefix)? ["']?(?:OtpService|\$\{?STACK\}?)[^/\w}].*/g) ?? [],
    );
    expect(wrong).toEqual([]);
  });
  test('the runbook has no command that is printed as a paragraph', () => {
    expect(text.split('\n').filter((line) => /^(?:aws|fields) /.test(line))).toEqual([]);
  });
  test('the runbook asks CloudTrail for a time or a number of events: it would read 90 days, two pages a second', () => {
    const lookups = text.match(/aws cloudtrail lookup-events(?:.*\\\n)*.*/g) ?? [];
    expect(lookups.length).toBeGreaterThanOrEqual(4);
    expect(lookups.filter((each) => !/--start-time |--max-items /.test(each))).toEqual([]);
    // Every use of a key is an event of this source.
    expect(lookups.filter((each) => each.includes('AttributeValue=kms.amazonaws.com'))).toEqual([]);
  });
  test('queries fields that the logs have', () => {
    const known = [
      ...['@timestamp', '@message', '@type', '@requestId', '@duration', '@maxMemoryUsed'],
      ...[
        'message',
        'level',
        'service',
        'requestId',
        'status',
        'durationMs',
        'application',
        'code',
        'country',
        'purpose',
        'limit',
        'test',
        'routes',
        'application',
      ],
      ...[
        'step',
        'error',
        'errorCode',
        'dependency',
        'awsRequestId',
        'awsStatus',
        'at.0',
        'cause.error',
        'cause.awsStatus',
      ],
      ...['cause.errorCode', 'cause.cause.error', 'cause.awsRequestId'],
      ...['activity', 'on', 'rule', 'severity', 'since', 'until', 'uid', 'parent', 'finding'],
      ...['route', 'method', 'latencyMs', 'integrationLatencyMs', 'integrationStatus', 'gatewayError', 'apiKeyId'],
      ...['terminatingRuleId', 'httpRequest.clientIp', 'httpRequest.country', 'action'],
      ...['provider', 'reason', 'cause', 'tries'],
    ];
    const queried = [...text.matchAll(/^ {4}fields (.+)$/gm)].flatMap(([, line = '']) =>
      (line.split('|')[0] ?? '').split(',').map((field) => field.trim()),
    );
    expect(queried.length).toBeGreaterThan(20);
    expect(queried.filter((field) => !known.includes(field))).toEqual([]);
  });
});
