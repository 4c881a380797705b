import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { type AnyFunctionName, functionNames, priceAttributes, receiptEvents } from '../../../lambdas/contract.ts';
import { voiceSettings } from '../../fakes/settings.ts';
import { linesOf, listOf, permissionsOf, recordOf } from '../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../template/synthesized.ts';
import { receiptsByBus, receiptsBySet } from '../template/variants.ts';

const { receipts: _, ...withoutReceipts } = receiptsBySet;
const standard = synthesizedOf(withoutReceipts);
const bySet = synthesizedOf(receiptsBySet);
const byBus = synthesizedOf(receiptsByBus);
const byBoth = synthesizedOf({ ...receiptsBySet, receipts: { sources: ['configuration-set', 'event-bus'] } });

const notifyCall = {
  sender: 'notify',
  configuration: 'nc-1',
  templates: { en: 'notify-code-verification-english-001' },
} as const;
/** SMS by SNS alone, and calls that have receipts. */
const withCalls = synthesizedOf({
  countries: { US: {} },
  excludedCountries: ['AS', 'GU', 'MP', 'PR', 'VI'],
  smsRoutes: [{}],
  voice: voiceSettings({
    routes: [notifyCall, { ...notifyCall, name: 'far', region: 'eu-west-1', configurationSet: 'own' }],
  }),
  receipts: { sources: ['configuration-set'], feedback: true },
});

const roleOf = ({ stack }: Synthesized, name: AnyFunctionName) => {
  const made = stack.service.functions[name];
  if (made === undefined) throw new Error(`There is no ${name}.`);
  return logicalId(made.role);
};
const mayDo = (from: Synthesized, name: AnyFunctionName) =>
  permissionsOf(from.resources, roleOf(from, name), from.spell);
const ofType = ({ resources }: Synthesized, type: string) =>
  Object.values(resources).filter(({ Type }) => Type === type);
const more = (from: Synthesized, name: AnyFunctionName, than = standard) =>
  mayDo(from, name).filter((line) => !mayDo(than, name).includes(line));

describe('without receipts', () => {
  test('a stack has no function, no key, no topic and no queue of receipts', () => {
    expect(standard.stack.service.functions['note-receipts']).toBeUndefined();
    expect(JSON.stringify(standard.template)).not.toMatch(
      /ReceiptKey|note-receipts|SMSVOICE::ConfigurationSet|AWS::SQS/,
    );
  });
});

describe('turning a setting off', () => {
  /** The statements of a role that leave it before its function is replaced: those of the one policy that always stays. */
  const ofDefaultPolicy = (from: Synthesized, name: AnyFunctionName) =>
    Object.entries(from.resources).flatMap(([id, { Type, Properties }]) =>
      Type === 'AWS::IAM::Policy' &&
      id.includes('DefaultPolicy') &&
      JSON.stringify(Properties['Roles']).includes(`"${roleOf(from, name)}"`)
        ? listOf(recordOf(Properties['PolicyDocument'])['Statement']).flatMap((each) => linesOf(each, from.spell))
        : [],
    );
  const on = synthesizedOf({
    ...receiptsBySet,
    receipts: { sources: ['configuration-set', 'event-bus'], noteMessageIds: true, feedback: true },
  });
  const off = synthesizedOf(withoutReceipts);
  const readers = ['get-verification', 'resend-verification', 'check-verification'] as const;

  test.each(readers)('the code of before receipts were turned off keeps what it reads by, in %s', (name) => {
    expect(more(on, name).length).toBeGreaterThan(0);
    expect(ofDefaultPolicy(on, name)).toEqual(ofDefaultPolicy(off, name));
  });

  test.each(readers)('the code with receipts is not deployed before it may read them, in %s', (name) => {
    const role = roleOf(on, name);
    const policies = Object.entries(on.resources).filter(
      ([id, { Type, Properties }]) =>
        Type === 'AWS::IAM::Policy' &&
        !id.includes('DefaultPolicy') &&
        JSON.stringify(Properties['Roles']).includes(`"${role}"`),
    );
    expect(policies.length).toBeGreaterThan(0);
    const made = Object.values(on.resources).find(
      ({ Type, Properties }) => Type === 'AWS::Lambda::Function' && JSON.stringify(Properties['Role']).includes(role),
    );
    const { DependsOn } = recordOf(made);
    for (const [id] of policies) expect(listOf(DependsOn)).toContain(id);
  });
});

describe('note-receipts', () => {
  test('the function writes receipts and sums of prices and nothing else, and opens no key but that of the tables', () => {
    const lines = mayDo(bySet, 'note-receipts');
    expect(lines.filter((line) => line.startsWith('dynamodb:'))).toEqual([
      expect.stringMatching(/^dynamodb:UpdateItem on Traffic if .*\bprices\b/),
      expect.stringMatching(/^dynamodb:UpdateItem on Verifications if .*receipt#\*/),
    ]);
    expect(lines.filter((line) => line.startsWith('kms:')).map((line) => line.split(' if ')[0])).toEqual([
      'kms:Decrypt on ReceiptKey',
      'kms:Decrypt on TableKey',
      'kms:GenerateDataKey on ReceiptKey',
    ]);
    expect(lines.join('\n')).not.toMatch(/sns:|sms-voice:|s3:|events:/);
  });

  test('the function can name no kind, so that the stream of the detector drops all that it writes', () => {
    const ofTable = mayDo(bySet, 'note-receipts').filter((line) => line.includes(' on Verifications '));
    const named = ofTable.join('\n');
    expect(named).toContain('weight');
    for (const attribute of ['kind', 'shape', 'phoneKey', 'code', 'guesses', 'ended', 'expiresAt'])
      expect(named).not.toMatch(new RegExp(`\\b${attribute}\\b`));
  });

  test('the function can name no count and no history of the detector, whatever item of Traffic it writes', () => {
    const [ofPrices, ...others] = mayDo(bySet, 'note-receipts').filter((line) => line.includes(' on Traffic'));
    expect(others).toEqual([]);
    for (const name of priceAttributes) expect(ofPrices).toMatch(new RegExp(`\\b${name}\\b`));
    for (const name of ['history', 'timeBucket', 'blockUid', 'dropAt', 'sweptAt', 'cases', 'rungAt', 's0'])
      expect(ofPrices).not.toMatch(new RegExp(`\\b${name}\\b`));
  });

  test('the function finds messages by their ids only where events have nothing else', () => {
    expect(more(byBus, 'note-receipts', bySet)).toEqual([
      expect.stringMatching(/^dynamodb:GetItem on Verifications if .*message#\*/),
    ]);
    expect(more(byBoth, 'note-receipts', bySet).map((line) => line.split(' ')[0])).toEqual([
      'dynamodb:GetItem',
      'dynamodb:PutItem',
    ]);
  });

  test('an event that fails is repeated twice within ten minutes, and then kept whole in an encrypted queue', () => {
    const [config, ...others] = ofType(bySet, 'AWS::Lambda::EventInvokeConfig');
    expect(others).toEqual([]);
    expect(config?.Properties).toMatchObject({ MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 600 });
    const [queue, ...more] = ofType(bySet, 'AWS::SQS::Queue');
    expect(more).toEqual([]);
    expect(bySet.spell(queue?.Properties['KmsMasterKeyId'])).toContain('ReceiptKey');
    expect(JSON.stringify(config?.Properties['DestinationConfig'])).toContain('ReceiptsDeadLetters');
  });
});

describe('the sources', () => {
  test('a rule on the bus of the account takes delivery events of AWS and no other', () => {
    const rules = ofType(byBus, 'AWS::Events::Rule').map(({ Properties }) => Properties['EventPattern']);
    expect(rules).toContainEqual({ source: [receiptEvents.source], 'detail-type': [...receiptEvents.detailTypes] });
    expect(JSON.stringify(ofType(bySet, 'AWS::Events::Rule'))).not.toContain(receiptEvents.source);
  });

  test('a configuration set of the stack sends all events of SMS and calls to the topic', () => {
    const [set, ...others] = ofType(bySet, 'AWS::SMSVOICE::ConfigurationSet');
    expect(others).toEqual([]);
    expect(set?.Properties).toMatchObject({ ConfigurationSetName: 'OtpService-receipts' });
    expect(listOf(set?.Properties['EventDestinations'])).toMatchObject([
      { Enabled: true, MatchingEventTypes: ['TEXT_ALL', 'VOICE_ALL'] },
    ]);
    expect(ofType(byBus, 'AWS::SMSVOICE::ConfigurationSet')).toEqual([]);
  });

  test('only AWS End User Messaging of this account may publish receipts, and use their key, for that configuration set', () => {
    const ofService = (statements: unknown) =>
      listOf(recordOf(statements)['Statement'])
        .map(recordOf)
        .filter(({ Principal }) => JSON.stringify(Principal).includes('sms-voice.amazonaws.com'));
    const policies = ofType(bySet, 'AWS::SNS::TopicPolicy').flatMap(({ Properties }) =>
      ofService(Properties['PolicyDocument']),
    );
    const keys = ofType(bySet, 'AWS::KMS::Key').flatMap(({ Properties }) => ofService(Properties['KeyPolicy']));
    expect(policies).toHaveLength(1);
    expect(keys).toHaveLength(1);
    for (const { Condition } of [...policies, ...keys]) {
      expect(Condition).toMatchObject({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
      expect(JSON.stringify(Condition)).toContain(':configuration-set/OtpService-receipts');
    }
  });

  test('the routes of the Region of the deployment send with the configuration set of the stack', () => {
    for (const name of ['request-verification', 'resend-verification'] as const)
      expect(more(bySet, name).join('\n')).toContain('configuration-set/OtpService-receipts');
  });
});

describe('calls', () => {
  test('a call by Notify may name the configuration set of the stack', () => {
    expect(
      mayDo(withCalls, 'request-verification').filter((line) => line.includes('SendNotifyVoiceMessage')),
    ).toContainEqual(expect.stringContaining('configuration-set/OtpService-receipts'));
  });

  test('feedback is allowed in the Regions of calls, where SMS go by SNS', () => {
    const [line, ...others] = mayDo(withCalls, 'check-verification').filter((each) =>
      each.includes('PutMessageFeedback'),
    );
    expect(others).toEqual([]);
    expect(line).toContain('<Region>');
    expect(line).toContain('eu-west-1');
  });
});

describe('a deployment', () => {
  test('functions that send are made and changed after the configuration set that they name', () => {
    const [set] =
      Object.entries(bySet.resources).find(([, { Type }]) => Type === 'AWS::SMSVOICE::ConfigurationSet') ?? [];
    expect(set).toBeDefined();
    for (const name of ['request-verification', 'resend-verification'] as const) {
      const made = bySet.stack.service.functions[name];
      expect(listOf(recordOf(bySet.resources[logicalId(made.lambda)])['DependsOn'])).toContain(set);
    }
  });
});

describe('the alarms', () => {
  const alarms = ofType(bySet, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  const named = (name: string) => alarms.find(({ AlarmName }) => AlarmName === `OtpService/${name}`);

  test('lost messages are watched as a share, over three periods', () => {
    expect(named('SmsUndelivered')).toMatchObject({
      ...{ MetricName: 'SmsUndelivered', Statistic: 'Average', Threshold: 0.34 },
      ...{ DatapointsToAlarm: 3, EvaluationPeriods: 3, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
    });
  });

  test('events that nobody can read are watched', () => {
    expect(named('ReceiptUnreadable')).toMatchObject({
      MetricName: 'ReceiptUnreadable',
      Statistic: 'Sum',
      Threshold: 1,
    });
  });

  test.each([
    ['SmsPriceReal-high', 120, 'GreaterThanOrEqualToThreshold'],
    ['SmsPriceReal-low', 80, 'LessThanThreshold'],
  ])(
    '%s divides the sums of a day, and leaves a day of less than a dollar alone',
    (name, Threshold, ComparisonOperator) => {
      const alarm = named(name);
      expect(alarm).toMatchObject({ Threshold, ComparisonOperator, EvaluationPeriods: 1 });
      const watched = listOf(alarm?.['Metrics']).map(recordOf);
      expect(watched.map(({ Expression }) => Expression).filter((each) => each !== undefined)).toEqual([
        'IF(estimated >= 1, 100 * real / estimated, 100)',
      ]);
      const sums = watched.flatMap(({ Id, MetricStat }) =>
        MetricStat === undefined ? [] : [[Id, recordOf(MetricStat)] as const],
      );
      expect(sums.map(([id, { Metric, Stat, Period }]) => [id, recordOf(Metric)['MetricName'], Stat, Period])).toEqual([
        ['real', 'SmsPriceReal', 'Sum', 86_400],
        ['estimated', 'SmsPriceEstimated', 'Sum', 86_400],
      ]);
    },
  );
});

/** What CloudWatch makes of an expression: `undefined` without data. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */
const evaluated = (expression: string, sums: Readonly<Record<string, number | undefined>>): number | undefined => {
  const functions = {
    FILL: (value: number | undefined, other: number) => value ?? other,
    IF: (isSo: boolean, then: number, otherwise: number) => (isSo ? then : otherwise),
  };
  const value: unknown = runInNewContext(expression.replaceAll(' AND ', ' && '), { ...functions, ...sums });
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

describe('the alarms that divide', () => {
  const alarms = ofType(bySet, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  const dividing = alarms.filter(({ Metrics }) => Metrics !== undefined);
  const named = (name: string) => dividing.find(({ AlarmName }) => AlarmName === `OtpService/${name}`);
  const watchedBy = (name: string) => listOf(named(name)?.['Metrics']).map(recordOf);
  const expressionOf = (name: string) => String(watchedBy(name).find(({ Expression }) => Expression)?.['Expression']);
  const goesOff = (name: string, sums: Readonly<Record<string, number | undefined>>) => {
    const value = evaluated(expressionOf(name), sums);
    const { Threshold, ComparisonOperator, TreatMissingData } = named(name) ?? {};
    if (value === undefined) return TreatMissingData === 'breaching';
    return ComparisonOperator === 'LessThanThreshold' ? value < Number(Threshold) : value >= Number(Threshold);
  };

  // A math alarm takes ten metrics of one period, and no search: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-data-queries.html
  test('each alarm has sums of one period, ten at most, no search, and no value that raises it without data', () => {
    expect(dividing.map(({ AlarmName }) => String(AlarmName).split('/')[1]).toSorted()).toEqual([
      ...['ConversionLow-delivered', 'SmsPartsReal-high', 'SmsPartsReal-low', 'SmsPriceReal-high', 'SmsPriceReal-low'],
    ]);
    for (const { Metrics, TreatMissingData } of dividing) {
      const stats = listOf(Metrics)
        .flatMap((each) => recordOf(each)['MetricStat'] ?? [])
        .map(recordOf);
      expect(stats.length).toBeLessThanOrEqual(10);
      expect(new Set(stats.map(({ Period }) => Period)).size).toBe(1);
      expect(new Set(stats.map(({ Stat }) => Stat))).toEqual(new Set(['Sum']));
      expect(JSON.stringify(Metrics)).not.toContain('SEARCH');
      expect(TreatMissingData).toBe('notBreaching');
    }
  });

  test('conversion is watched by sums of the whole stack, over two hours', () => {
    const ids = watchedBy('ConversionLow-delivered').flatMap(({ Id, MetricStat }) =>
      MetricStat === undefined ? [] : [[Id, recordOf(recordOf(MetricStat)['Metric'])['MetricName']]],
    );
    expect(Object.fromEntries(ids)).toEqual({
      ...{ approved: 'CheckApproved', delivered: 'SmsDelivered', lost: 'SmsUndelivered', accepted: 'SmsAccepted' },
    });
    expect(named('ConversionLow-delivered')).toMatchObject({ EvaluationPeriods: 2, DatapointsToAlarm: 2 });
    expect(named('ConversionLow-delivered')?.['AlarmActions']).toHaveLength(1);
    expect(JSON.stringify(standard.template)).not.toContain('ConversionLow-delivered');
  });

  test.each([
    ['most people enter their codes', { approved: 80, delivered: 100, lost: 0, accepted: 100 }, false],
    ['few people enter codes that arrived', { approved: 30, delivered: 100, lost: 0, accepted: 100 }, true],
    ['nobody enters a code', { delivered: 100, accepted: 100 }, true],
    [
      'half of the messages are lost, and people enter the others',
      { approved: 80, delivered: 100, lost: 100, accepted: 200 },
      false,
    ],
    ['all messages are lost', { lost: 100, accepted: 100 }, false],
    ['too few messages arrived to say so', { approved: 0, delivered: 49, lost: 0, accepted: 49 }, false],
    ['enough messages arrived to say so', { approved: 0, delivered: 50, lost: 0, accepted: 50 }, true],
    ['most messages have no receipt yet', { approved: 10, delivered: 60, lost: 39, accepted: 200 }, false],
    ['half of the messages have a receipt', { approved: 10, delivered: 60, lost: 40, accepted: 200 }, true],
    ['no route has receipts', { approved: 10, accepted: 1000 }, false],
    ['nothing is sent', {}, false],
  ])('the alarm of conversion by arrivals watches people alone: %s, so that with %j it is %j', (_, sums, isOff) => {
    expect(
      goesOff('ConversionLow-delivered', {
        approved: undefined,
        delivered: undefined,
        lost: undefined,
        accepted: undefined,
        ...sums,
      }),
    ).toBe(isOff);
  });

  test.each([
    ['SmsPriceReal', { real: 1.2, estimated: 1 }, true, false],
    ['SmsPriceReal', { real: 1.19, estimated: 1 }, false, false],
    ['SmsPriceReal', { real: 0.79, estimated: 1 }, false, true],
    ['SmsPriceReal', { real: 5, estimated: 0.99 }, false, false],
    ['SmsPartsReal', { real: 120, estimated: 100 }, true, false],
    ['SmsPartsReal', { real: 119, estimated: 100 }, false, false],
    ['SmsPartsReal', { real: 80, estimated: 100 }, false, false],
    ['SmsPartsReal', { real: 79, estimated: 100 }, false, true],
    ['SmsPartsReal', { real: 300, estimated: 99 }, false, false],
    ['SmsPartsReal', { real: undefined, estimated: undefined }, false, false],
  ])('%s with the sums %j of a day is too high: %j, and too low: %j', (name, sums, isHigh, isLow) => {
    expect([goesOff(`${name}-high`, sums), goesOff(`${name}-low`, sums)]).toEqual([isHigh, isLow]);
  });
});

describe('the dashboard', () => {
  const bodyOf = (from: Synthesized) =>
    from.spell(ofType(from, 'AWS::CloudWatch::Dashboard')[0]?.Properties['DashboardBody']);

  test('the row of arrivals has conversion and parts of each route and country, and stands only with receipts', () => {
    const body = bodyOf(bySet);
    for (const text of [
      'Codes that were used, in percent of messages that arrived',
      'Parts by receipts and by the caps',
      '100 * FILL(approved0, 0) / delivered0',
    ])
      expect(body).toContain(text);
    expect(bodyOf(standard)).not.toContain('messages that arrived');
  });
});

describe('the other functions', () => {
  test('get-verification reads a record and its receipt in one call, or as before while its code is replaced', () => {
    const reads = mayDo(bySet, 'get-verification').filter((line) => line.startsWith('dynamodb:'));
    expect(reads).toEqual(['dynamodb:BatchGetItem on Verifications', 'dynamodb:GetItem on Verifications']);
  });

  test('check-verification reads receipts and gives feedback only if the settings say so', () => {
    expect(more(bySet, 'check-verification').map((line) => line.split(' ')[0])).toEqual([
      'dynamodb:GetItem',
      'sms-voice:PutMessageFeedback',
    ]);
    expect(more(byBoth, 'check-verification')).toEqual([]);
  });

  test('resend-verification notes message ids only if the settings say so, and can name no kind meanwhile', () => {
    const notes = (from: Synthesized) => mayDo(from, 'resend-verification').filter((line) => line.includes('message#'));
    expect(notes(bySet)).toEqual([]);
    expect(notes(byBus)).toEqual([expect.stringMatching(/^dynamodb:PutItem on Verifications if /)]);
    expect(notes(byBus)[0]).not.toMatch(/\bkind\b/);
  });

  test('receipts change the permissions of no further function', () => {
    const changed = functionNames.filter((name) => more(byBoth, name).length > 0);
    expect(changed).toEqual(['request-verification', 'resend-verification', 'get-verification', 'read-status']);
    expect(more(byBoth, 'read-status')).toEqual(['kms:DescribeKey on ReceiptKey']);
  });
});
