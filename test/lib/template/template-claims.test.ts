import { describe, expect, test } from 'vitest';
import { functionNames } from '../../../lambdas/contract.ts';
import { type Change, changed, inPolicy, remove, theOne } from './changed.ts';
import { recordOf } from './permissions.ts';
import { synthesizedOf } from './synthesized.ts';
import {
  type Claim,
  fatesOf,
  looseLogs,
  lostRecords,
  plainHttpDoors,
  shapelessAnswers,
  speechlessGateway,
  unreadableRemains,
} from './template-claims.ts';
import { variants } from './variants.ts';

const standard = synthesizedOf();
const all = Object.entries(variants).map(([name, settings]) => [name, synthesizedOf(settings)] as const);
const breachesOf = (claim: Claim, change: Change) => claim(changed(standard.resources, change), standard.spell);

/** The statements that say `text` somewhere, changed; the others as they are. */
const where =
  (text: string, change: (statement: Record<string, unknown>) => Record<string, unknown> | undefined) =>
  (statement: Record<string, unknown>) =>
    JSON.stringify(statement).includes(text) ? change(statement) : statement;
const without =
  (...names: readonly string[]) =>
  (statement: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(statement).filter(([name]) => !names.includes(name)));
const allowed = (statement: Record<string, unknown>) => ({ ...statement, Effect: 'Allow' });

describe('topics, queues and buckets are shut to plain HTTP', () => {
  test.each(all)('topics, queues and buckets are shut to plain HTTP, with %s', (_, { resources, spell }) => {
    expect(plainHttpDoors(resources, spell)).toEqual([]);
  });
  const topic = 'AlarmTopic may be entered by plain HTTP';
  const bucket = 'DeadLetters may be entered by plain HTTP';
  const exports = 'Exports may be entered by plain HTTP';
  const secure = 'aws:SecureTransport';
  test.each<readonly [string, Change, string]>([
    ['a topic without its policy', (each) => remove(each, 'AWS::SNS::TopicPolicy'), topic],
    [
      'a topic whose policy forgot it',
      (each) =>
        inPolicy(
          theOne(each, 'AWS::SNS::TopicPolicy'),
          where(secure, () => undefined),
        ),
      topic,
    ],
    [
      'a topic whose policy allows it',
      (each) => inPolicy(theOne(each, 'AWS::SNS::TopicPolicy'), where(secure, allowed)),
      topic,
    ],
    [
      'a topic whose policy refuses everything',
      (each) => inPolicy(theOne(each, 'AWS::SNS::TopicPolicy'), where(secure, without('Condition'))),
      topic,
    ],
    [
      'a topic whose policy refuses it to one service',
      (each) =>
        inPolicy(
          theOne(each, 'AWS::SNS::TopicPolicy'),
          where(secure, (statement) => ({ ...statement, Principal: { Service: 'events.amazonaws.com' } })),
        ),
      topic,
    ],
    ['buckets without their policies', (each) => remove(each, 'AWS::S3::BucketPolicy'), `${bucket}; ${exports}`],
    [
      'a bucket that refuses it for itself and not for what is in it',
      (each) =>
        inPolicy(
          theOne(each, 'AWS::S3::BucketPolicy'),
          where(secure, (statement) => ({ ...statement, Resource: (statement['Resource'] as unknown[])[0] })),
        ),
      bucket,
    ],
    [
      'a queue that was added without one',
      (each) => Object.assign(each, { Queue: { Type: 'AWS::SQS::Queue', Properties: {} } }),
      'Queue may be entered by plain HTTP',
    ],
  ])('a way in by plain HTTP is found: %s', (_, change, breach) => {
    expect(breachesOf(plainHttpDoors, change).join('; ')).toBe(breach);
  });
});

describe('log groups are kept for a time, under a key that lets the logs service in for them', () => {
  test.each(all)(
    'log groups are kept for a time, under a key that lets the logs service in for them, with %s',
    (_, { resources, spell }) => {
      expect(looseLogs(resources, spell)).toEqual([]);
    },
  );
  const logKey = (each: Parameters<Change>[0]) =>
    theOne(each, 'AWS::KMS::Key', (properties) => JSON.stringify(properties).includes('aws:logs:arn'));
  const everyGroup = functionNames.length + 3;
  test.each<readonly [string, Change, number]>([
    [
      'a group that is kept for ever',
      (each) => delete theOne(each, 'AWS::Logs::LogGroup').Properties['RetentionInDays'],
      1,
    ],
    ['a group without a key', (each) => delete theOne(each, 'AWS::Logs::LogGroup').Properties['KmsKeyId'], 1],
    [
      'a group under a key that knows nothing of logs',
      (each) => {
        theOne(each, 'AWS::Logs::LogGroup').Properties['KmsKeyId'] = { 'Fn::GetAtt': ['KeysSealKey3B1F7C33', 'Arn'] };
      },
      4,
    ],
    [
      'a group that the key was not told of',
      (each) => Object.assign(theOne(each, 'AWS::Logs::LogGroup').Properties, { LogGroupName: '/OtpService/new' }),
      4,
    ],
    [
      'a key without the logs service',
      (each) =>
        inPolicy(
          logKey(each),
          where('aws:logs:arn', () => undefined),
          'KeyPolicy',
        ),
      4 * everyGroup,
    ],
    [
      'a key for another service',
      (each) =>
        inPolicy(
          logKey(each),
          where('aws:logs:arn', (statement) => ({ ...statement, Principal: { Service: 'events.amazonaws.com' } })),
          'KeyPolicy',
        ),
      4 * everyGroup,
    ],
    [
      'a key for the logs of anybody in the account',
      (each) => inPolicy(logKey(each), where('aws:logs:arn', without('Condition')), 'KeyPolicy'),
      4 * everyGroup,
    ],
    [
      'a key that cannot be described',
      (each) =>
        inPolicy(
          logKey(each),
          where('aws:logs:arn', (statement) => ({
            ...statement,
            Action: (statement['Action'] as string[]).filter((action) => action !== 'kms:DescribeKey'),
          })),
          'KeyPolicy',
        ),
      everyGroup,
    ],
  ])('a log group that breaks the rule is found: %s', (_, change, breaches) => {
    expect(breachesOf(looseLogs, change)).toHaveLength(breaches);
  });
});

describe('API Gateway can write the access log', () => {
  test('API Gateway can write the access log by the role that the stack sets', () => {
    expect(speechlessGateway(standard.resources, standard.spell)).toEqual([]);
  });
  test('API Gateway can write the access log by the role that the account has, where the settings say so', () => {
    const existing = synthesizedOf({ apiGatewayLogsRole: 'existing' });
    expect(speechlessGateway(existing.resources, existing.spell)).toEqual([
      'the account has no role for the logs of API Gateway',
    ]);
    expect(JSON.stringify(existing.resources)).not.toContain('AmazonAPIGatewayPushToCloudWatchLogs');
  });
  const account = 'AWS::ApiGateway::Account';
  const ofGateway = (properties: Record<string, unknown>) =>
    JSON.stringify(properties).includes('apigateway.amazonaws');
  test.each<readonly [string, Change, string]>([
    ['a setting that is gone', (each) => remove(each, account), 'the account has no role for the logs of API Gateway'],
    [
      'a second setting, which would replace the first',
      (each) => Object.assign(each, { Second: theOne(each, account) }),
      'the account has several settings',
    ],
    [
      'a role for another service',
      (each) =>
        inPolicy(
          theOne(each, 'AWS::IAM::Role', ofGateway),
          (statement) => ({ ...statement, Principal: { Service: 'lambda.amazonaws.com' } }),
          'AssumeRolePolicyDocument',
        ),
      'API Gateway may not take the role',
    ],
    [
      'a role that may do nothing',
      (each) => delete theOne(each, 'AWS::IAM::Role', ofGateway).Properties['ManagedPolicyArns'],
      'the role may not write logs',
    ],
    [
      'a stage that does not wait for it',
      (each) =>
        delete theOne(each, 'AWS::ApiGateway::Stage', ({ Description, AccessLogSetting }) =>
          JSON.stringify([Description, AccessLogSetting]).includes('apiKeyId'),
        ).DependsOn,
      'Stage is there before the role is',
    ],
  ])('a reason why API Gateway cannot write the access log is found: %s', (_, change, breach) => {
    expect(breachesOf(speechlessGateway, change)).toEqual([breach]);
  });
});

describe('what the stream gives up is kept', () => {
  test.each(all)('every record that the stream gives up is kept, with %s', (_, { resources, spell }) => {
    expect(lostRecords(resources, spell)).toEqual([]);
  });
  const mapping = 'AWS::Lambda::EventSourceMapping';
  const detectorPolicy = (each: Parameters<Change>[0]) =>
    theOne(each, 'AWS::IAM::Policy', (properties) => JSON.stringify(properties).includes('ListStreams'));
  const feed = Object.entries(standard.resources).find(([, { Type }]) => Type === mapping)?.[0] ?? '';
  const ofS3 = 'if StringEquals kms:ViaService s3.<Region>.<URLSuffix>';
  test.each<readonly [string, Change, string]>([
    [
      'a mapping without a destination',
      (each) => delete theOne(each, mapping).Properties['DestinationConfig'],
      `${feed} keeps nothing of what it gives up`,
    ],
    [
      'a topic as the destination, which would get sequence numbers only',
      (each) =>
        Object.assign(theOne(each, mapping).Properties, {
          DestinationConfig: { OnFailure: { Destination: { Ref: 'AlarmTopicC2164170' } } },
        }),
      `${feed} keeps nothing of what it gives up`,
    ],
    ...(
      [
        ['PutDeadLetters', 's3:PutObject on DeadLetters/aws/lambda/*'],
        ['FindDeadLetters', 's3:ListBucket on DeadLetters'],
        ['EncryptDeadLetters', `kms:GenerateDataKey on DeadLetterKey ${ofS3}`],
      ] as const
    ).map(
      ([sid, permission]) =>
        [
          `a function without ${sid}`,
          (each: Parameters<Change>[0]) =>
            inPolicy(
              detectorPolicy(each),
              where(sid, () => undefined),
            ),
          `${feed} may not ${permission}`,
        ] as const,
    ),
    [
      'a key that may be used without S3',
      (each) => inPolicy(detectorPolicy(each), where('EncryptDeadLetters', without('Condition'))),
      `${feed} may not kms:GenerateDataKey on DeadLetterKey ${ofS3}`,
    ],
  ])('a record that would be lost is found: %s', (_, change, breach) => {
    expect(breachesOf(lostRecords, change)).toEqual([breach]);
  });
  test('a mapping that is made before its permissions is found', () => {
    const breaches = breachesOf(lostRecords, (each) => {
      for (const resource of Object.values(each))
        if (resource.Type === 'AWS::Lambda::Function') delete resource.DependsOn;
    });
    expect(breaches).toEqual([expect.stringMatching(/^\w+ is made before \w+ is$/)]);
  });
});

describe('every answer of API Gateway itself is a problem (RFC 9457)', () => {
  test.each(all)('every answer of API Gateway itself is a problem (RFC 9457), with %s', (_, { resources, spell }) => {
    expect(shapelessAnswers(resources, spell)).toEqual([]);
  });
  const throttled = (each: Parameters<Change>[0]) =>
    theOne(each, 'AWS::ApiGateway::GatewayResponse', ({ ResponseType }) => ResponseType === 'THROTTLED');
  test.each<readonly [string, Change, readonly string[]]>([
    [
      'an answer that is left to API Gateway',
      (each) => Object.assign(throttled(each).Properties, { ResponseType: 'OTHER' }),
      ['THROTTLED is answered as API Gateway likes'],
    ],
    [
      'an answer of another type',
      (each) => delete throttled(each).Properties['ResponseParameters'],
      ['THROTTLED does not say that it is a problem'],
    ],
    [
      'an answer with another status',
      (each) => Object.assign(throttled(each).Properties, { StatusCode: '403' }),
      ['THROTTLED says another status than it has'],
    ],
    [
      'an answer without a code',
      (each) =>
        Object.assign(throttled(each).Properties, {
          ResponseTemplates: {
            'application/json': '{"type":"x","title":"x","status":429,"detail":"x","requestId":"x"}',
          },
        }),
      ['THROTTLED has no code'],
    ],
  ])('an answer that is no problem (RFC 9457) is found: %s', (_, change, breaches) => {
    expect(breachesOf(shapelessAnswers, change)).toEqual(breaches);
  });
});

describe('when the stack goes, or replaces something', () => {
  const dies = 'Delete Delete';
  const stays = 'RetainExceptOnCreate Retain';
  const logs = [...functionNames.map((name) => `log of ${name}`)];

  test('guards, findings, dead letters and exports stay with their keys, the pseudonyms’ key and the account’s role for logs, and nothing else', () => {
    const fates = fatesOf(standard.resources, standard.spell);
    const kept = Object.entries(fates).filter(([, fate]) => fate !== dies);
    expect(Object.fromEntries(kept)).toEqual({
      Guards: 'Retain Retain protected',
      Security: 'Retain Retain protected',
      TableKey: 'Retain Retain',
      SecurityKey: 'Retain Retain',
      DeadLetterKey: 'Retain Retain',
      PseudonymKey: stays,
      DeadLetters: stays,
      ExportKey: 'Retain Retain',
      ExportSigningKey: stays,
      Exports: stays,
      [`AWS::IAM::Role ${idOf('AWS::IAM::Role', 'apigateway')}`]: stays,
      [idOf('AWS::ApiGateway::Account', '')]: stays,
    });
    expect(Object.keys(fates)).toEqual(
      expect.arrayContaining(['Verifications', 'SealKey', ...logs.map((name) => `AWS::Logs::LogGroup ${name}`)]),
    );
  });
  test('nothing that is only taken out of the template stays by accident, nor dies by one', () => {
    for (const [, { Type, DeletionPolicy, UpdateReplacePolicy }] of Object.entries(standard.resources))
      if (/::(Table|Key|LogGroup|Bucket)$/.test(Type))
        expect([DeletionPolicy, UpdateReplacePolicy]).not.toContain(undefined);
  });

  const idOf = (type: string, text: string) =>
    Object.entries(standard.resources).find(
      ([, each]) => each.Type === type && JSON.stringify(each).includes(text),
    )?.[0] ?? '';
  const guards = (each: Parameters<Change>[0]) =>
    theOne(
      each,
      'AWS::DynamoDB::Table',
      ({ DeletionProtectionEnabled, PointInTimeRecoverySpecification }) =>
        DeletionProtectionEnabled === true &&
        recordOf(PointInTimeRecoverySpecification)['PointInTimeRecoveryEnabled'] === false,
    );
  test.each<readonly [string, Change, string, string]>([
    [
      'guards without protection',
      (each) => Object.assign(guards(each).Properties, { DeletionProtectionEnabled: false }),
      'Guards',
      'Retain Retain',
    ],
    [
      'guards that die with the stack',
      (each) => delete guards(each).DeletionPolicy,
      'Guards',
      'Delete Retain protected',
    ],
    [
      'a bucket that dies with the stack',
      (each) => Object.assign(theOne(each, 'AWS::S3::Bucket'), { DeletionPolicy: 'Delete' }),
      'DeadLetters',
      'Delete Retain',
    ],
    [
      'a bucket that is lost when it is replaced',
      (each) => Object.assign(theOne(each, 'AWS::S3::Bucket'), { UpdateReplacePolicy: 'Delete' }),
      'DeadLetters',
      'RetainExceptOnCreate Delete',
    ],
  ])('a loss that a change would cause is found: %s', (_, change, name, fate) => {
    expect(fatesOf(changed(standard.resources, change), standard.spell)[name]).toBe(fate);
  });
});

describe('what outlives the stack can be read after it', () => {
  test.each(all)('the key of each thing that is retained is retained, with %s', (_, { resources, spell }) => {
    expect(unreadableRemains(resources, spell)).toEqual([]);
  });
  const keyOf = (each: Parameters<Change>[0], text: string) =>
    theOne(each, 'AWS::KMS::Key', ({ Description }) => String(Description).includes(text));
  const logs = (each: Parameters<Change>[0]) => theOne(each, 'AWS::Logs::LogGroup');
  test.each<readonly [string, Change, readonly string[]]>([
    [
      'findings whose key goes',
      (each) => Object.assign(keyOf(each, 'findings'), { DeletionPolicy: 'Delete' }),
      ['Security stays, and SecurityKey does not'],
    ],
    [
      'findings whose key goes when it is replaced',
      (each) => Object.assign(keyOf(each, 'findings'), { UpdateReplacePolicy: 'Delete' }),
      ['Security stays, and SecurityKey does not'],
    ],
    [
      'guards whose key goes',
      (each) => delete keyOf(each, 'tables').DeletionPolicy,
      ['Guards stays, and TableKey does not'],
    ],
    [
      'dead letters whose key goes',
      (each) => delete keyOf(each, 'stream records').DeletionPolicy,
      ['DeadLetters stays, and DeadLetterKey does not'],
    ],
    [
      'a log that stays, without its key',
      (each) => Object.assign(logs(each), { DeletionPolicy: 'Retain' }),
      [expect.stringMatching(/ stays, and LogKey does not$/)],
    ],
    [
      'a bucket under a key of AWS, which nobody here can keep',
      (each) => delete theOne(each, 'AWS::S3::Bucket').Properties['BucketEncryption'],
      ['DeadLetters stays, and no key of the stack encrypts it'],
    ],
  ])('a retained resource that nobody could read is found: %s', (_, change, breaches) => {
    expect(breachesOf(unreadableRemains, change)).toEqual(breaches);
  });
});
