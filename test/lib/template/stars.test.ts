import { PolicyStatement, ServicePrincipal, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { describe, expect, test } from 'vitest';
import type { OtpService } from '../../../lib/constructs/otp-service.ts';
import { type Explanation, unexplainedStars, unusedExplanations } from './stars.ts';
import { buildStack, synthesize, synthesizedOf } from './synthesized.ts';
import { variants } from './variants.ts';

const key = 'AWS::KMS::Key';
const role = 'AWS::IAM::Policy';
const attachable = 'AWS::IAM::ManagedPolicy';

/** Every star that is allowed, and why. In the policy of a key, `*` as the resource is the key. */
const explanations: readonly Explanation[] = [
  {
    type: key,
    lines: /^kms:\* on \*$/,
    because: 'The account administers its own keys by IAM; without this nobody could ever change the policy again.',
  },
  {
    type: key,
    lines:
      /^kms:(?:Decrypt|GenerateDataKey\*) on \* if ArnLike aws:SourceArn \S+:alarm:OtpService\/\* and StringEquals aws:SourceAccount <AccountId>$/,
    because: 'SNS asks for data keys in the name of our alarms, by either operation that makes one.',
  },
  {
    type: key,
    lines:
      /^kms:(?:Decrypt|GenerateDataKey\*) on \* if ArnLike aws:SourceArn \S+:configuration-set\/OtpService-receipts and StringEquals aws:SourceAccount <AccountId>$/,
    because: 'End User Messaging puts receipts into the topic in the name of our configuration set, and encrypts them.',
  },
  {
    type: key,
    lines: /^kms:[A-Za-z]+ on \* if ArnEquals kms:EncryptionContext:aws:logs:arn \S+$/,
    because: 'CloudWatch Logs uses the key for the log groups that are named, and no others.',
  },
  {
    type: role,
    lines: /^sns:Publish on all but arn:<Partition>:sns:\*:\*:\*$/,
    because: 'IAM has no ARN for a phone: all that has one, which is every topic, is left out.',
  },
  {
    type: role,
    lines:
      /^sms-voice:SendTextMessage on arn:<Partition>:sms-voice:<Region>:<AccountId>:phone-number\/\*$|^sms-voice:SendTextMessage on \* if StringEquals aws:RequestedRegion \S+$/,
    because:
      'A route names a number by its digits, and IAM knows ids. A route without an identity names no resource: AWS chooses.',
  },
  {
    type: role,
    lines: /^sms-voice:PutMessageFeedback on \* if StringEquals aws:RequestedRegion \S+$/,
    because: 'A message has no ARN that a policy could name before it is sent. It says of a message that it came.',
  },
  {
    type: role,
    lines: /^dynamodb:ListStreams on \*$/,
    because: 'DynamoDB has no resource to limit it to. It tells names, and nothing of what is in a stream.',
  },
  {
    type: role,
    lines: /^s3:(?:Get|Put)Object on (?:Dead|Event)Letters\/aws\/lambda\/\*$/,
    because:
      'Lambda names each object by mapping, shard and time, and the detector by the record. The detector reads both.',
  },
  {
    type: role,
    lines: /^s3:PutObject on Exports\/\*$/,
    because: 'Each export has a folder by its id, and parts by their content. The bucket holds nothing else.',
  },
  {
    type: role,
    lines: /^s3:DeleteObject on (?:Dead|Event)Letters\/aws\/lambda\/\*$/,
    because: 'The replay takes away, under the same names, letters whose records are counted.',
  },
  {
    type: role,
    lines: /^xray:Put(?:TraceSegments|TelemetryRecords) on \*$/,
    because: 'X-Ray has no resource to limit it to; by setting only.',
  },
  {
    type: role,
    lines: /^cloudwatch:(?:DescribeAlarms|GetMetricData) on \*$/,
    because: 'CloudWatch has no resource to limit them to. They tell states and figures, and nothing of a person.',
  },
  {
    type: attachable,
    lines: /^execute-api:Invoke on \S+:RestApi\/Stage\/[A-Z]+\/v1\/verifications\/\*(?:\/[a-z]+)?$/,
    because: 'In the place of a verification’s id.',
  },
  {
    type: attachable,
    lines:
      /^execute-api:Invoke on \S+:OperatorRestApi\/OperatorStage\/(?:GET\/v1\/findings\/\*|\*\/v1\/(?:blocks|findings|exports|launches|sending|webhooks)\*)$/,
    because:
      'In the place of a finding’s id, and for all routes of blocks, findings, exports and webhooks, by any method.',
  },
  {
    type: attachable,
    lines:
      /^(?:cloudtrail|cloudwatch|lambda|logs|sns|wafv2):(?:Describe|Get|List|Lookup)[A-Za-z]+ on \*$|^logs:StopQuery on \*$/,
    because: 'AWS has no resource to limit them to. They look, but for the one that ends a query of one’s own.',
  },
  {
    type: attachable,
    lines:
      /^[a-z]+:[A-Za-z]+ on arn:<Partition>:(?:cloudwatch|logs|cloudformation|apigateway):<Region>:\S*(?:alarm:OtpService\/\*|log-group:\/OtpService\/\*|log-group:\S+:\*|stack\/OtpService\/\*|\/restapis\/RestApi\/\*)$/,
    because:
      'What is the stack’s own: its alarms, its log groups’ streams, itself by the id it will get, its API’s parts.',
  },
  {
    type: attachable,
    lines: /^lambda:GetFunctionConcurrency on arn:<Partition>:lambda:<Region>:<AccountId>:function:\*$/,
    because: 'Named one by one they do not fit into a policy. It shows how many copies of a function may run.',
  },
  {
    type: attachable,
    lines: /^s3:GetObject on (?:Dead|Event)Letters\/aws\/lambda\/\*$/,
    because: 'Security staff read what Lambda has put there, under names of its own.',
  },
  {
    type: attachable,
    lines: /^s3:GetObject on Exports\/\*$/,
    because: 'Auditors read exports. The bucket holds nothing else.',
  },
];

const templates = Object.entries({ ...variants, traced: { tracing: true } }).map(
  ([name, settings]) => [name, synthesizedOf(settings)] as const,
);

describe('a permission with a star', () => {
  test.each(templates)('every permission with a star has a reason, with %s', (_, { resources, spell }) => {
    expect(unexplainedStars(resources, spell, explanations)).toEqual([]);
  });
  test('every reason for a star is needed: none outlives its permission', () => {
    const unused = templates.map(([, { resources, spell }]) => unusedExplanations(resources, spell, explanations));
    expect(explanations.filter((each) => unused.every((list) => list.includes(each)))).toEqual([]);
  });
  test('every reason for a star is given in words', () => {
    for (const { because } of explanations) expect(because).toMatch(/^[A-Z].{15,}\.$/);
  });
});

describe('a star that nobody explained is found:', () => {
  const seenWith = (widen: (stack: OtpService) => void) => {
    const { stack } = buildStack();
    widen(stack.service);
    const { resources, spell } = synthesize(stack);
    return unexplainedStars(resources, spell, explanations).map(({ line }) => line);
  };
  const allow = (actions: string[], resources: string[]) => new PolicyStatement({ actions, resources });
  const service = new ServicePrincipal('logs.amazonaws.com');

  test.each<readonly [string, (stack: OtpService) => void, string]>([
    [
      'an action of a role',
      ({ functions, tables }) =>
        functions.jwks.role.addToPrincipalPolicy(allow(['dynamodb:Get*'], [tables.guards.tableArn])),
      'dynamodb:Get* on Guards',
    ],
    [
      'a resource of a role',
      ({ functions }) => functions.jwks.role.addToPrincipalPolicy(allow(['kms:Sign'], ['*'])),
      'kms:Sign on *',
    ],
    [
      'a grant of CDK’s own',
      ({ functions, deadLetters }) => deadLetters.bucket.grantRead(functions.jwks.role),
      's3:GetObject* on DeadLetters',
    ],
    [
      'another service in the policy of a key, without a condition',
      ({ keys }) =>
        keys.seal.addToResourcePolicy(
          new PolicyStatement({ principals: [service], actions: ['kms:Decrypt'], resources: ['*'] }),
        ),
      'kms:Decrypt on *',
    ],
    [
      'anybody, in the policy of a topic',
      ({ alarmTopic: { topic } }) =>
        topic.addToResourcePolicy(
          new PolicyStatement({
            principals: [new StarPrincipal()],
            actions: ['sns:Subscribe'],
            resources: [topic.topicArn],
          }),
        ),
      'anybody: sns:Subscribe on AlarmTopic',
    ],
    [
      'everything inside of the bucket, in its policy',
      ({ deadLetters: { bucket } }) =>
        bucket.addToResourcePolicy(
          new PolicyStatement({
            principals: [service],
            actions: ['s3:GetObject'],
            resources: [bucket.arnForObjects('*')],
          }),
        ),
      's3:GetObject on DeadLetters/*',
    ],
  ])('a star that nobody explained is found: %s', (_, widen, line) => {
    expect(seenWith(widen)).toContain(line);
  });
  test('an explanation that nothing needs is found', () => {
    const { resources, spell } = synthesizedOf();
    const idle = { type: role, lines: /^s3:DeleteBucket/, because: 'Nothing.' };
    expect(unusedExplanations(resources, spell, [idle])).toEqual([idle]);
  });
});
