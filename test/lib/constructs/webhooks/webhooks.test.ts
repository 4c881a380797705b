import { describe, expect, test } from 'vitest';
import { functionNames } from '../../../../lambdas/contract.ts';
import { listOf, permissionsOf, recordOf } from '../../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../../template/synthesized.ts';
import { withWebhooks } from '../../template/variants.ts';

const { events, ...withoutEvents } = withWebhooks;
const standard = synthesizedOf(withoutEvents);
const made = synthesizedOf(withWebhooks);
const ofType = ({ resources }: Synthesized, type: string) =>
  Object.entries(resources).filter(([, { Type }]) => Type === type);
const queues = ofType(made, 'AWS::SQS::Queue');
const queueOf = (name: string) => {
  const [found] = queues.filter(([id]) => id.startsWith(name));
  if (found === undefined) throw new Error(`There is no queue ${name}.`);
  return found;
};
const [waitingId, waiting] = queueOf('WebhooksQueue');
const [deadId, dead] = queueOf('WebhooksDeadLetters');
const rules = ofType(made, 'AWS::Events::Rule').filter(([id]) => id.startsWith('WebhooksRule'));

describe('a stack without webhooks', () => {
  test('a stack has no function, no queue and no secret of webhooks, and events alone bring none', () => {
    for (const each of [standard, synthesizedOf({ ...withoutEvents, events: {} })]) {
      expect(each.stack.service.functions['deliver-webhooks']).toBeUndefined();
      expect(JSON.stringify(each.template)).not.toMatch(/deliver-webhooks|AWS::SQS|secretsmanager|WEBHOOK/);
    }
  });
});

describe('the function', () => {
  const lambda = made.stack.service.functions['deliver-webhooks'];
  const lines = lambda === undefined ? [] : permissionsOf(made.resources, logicalId(lambda.role), made.spell);
  const spelled = (line: string) => line.replaceAll(waitingId, 'Queue').replaceAll(deadId, 'DeadLetters');

  test('the function takes its queue, gives up to its dead letters, reads its secrets, and may do nothing else', () => {
    const others = lines.filter((line) => !line.startsWith('logs:')).map(spelled);
    expect(others.map((line) => line.split(' on ')[0]).toSorted()).toEqual([
      'secretsmanager:GetSecretValue',
      'secretsmanager:GetSecretValue',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ]);
    for (const line of others) expect(line).not.toContain('*');
    expect(others.find((line) => line.startsWith('sqs:SendMessage'))).toContain('DeadLetters');
    const secrets = others.filter((line) => line.startsWith('secrets')).map((line) => line.split(' on ')[1]);
    expect(secrets.toSorted()).toEqual(events.webhooks.map(({ secret }) => secret).toSorted());
  });

  test('the function has two variables of its own, and no URL or secret among them', () => {
    const [, found] =
      ofType(made, 'AWS::Lambda::Function').find(([, { Properties }]) =>
        String(Properties['Description']).includes('deliver-webhooks'),
      ) ?? [];
    const variables = recordOf(recordOf(found?.Properties['Environment'])['Variables']);
    expect(Object.keys(variables).filter((name) => !name.startsWith('POWERTOOLS'))).toEqual([
      'WEBHOOK_QUEUE',
      'WEBHOOK_DEAD_LETTERS',
    ]);
  });

  test('SQS feeds it batches of ten, ten at a time, and keeps the messages that it names', () => {
    const [mapping, ...others] = ofType(made, 'AWS::Lambda::EventSourceMapping').filter(([id]) =>
      id.startsWith('Webhooks'),
    );
    expect(others).toEqual([]);
    expect(mapping?.[1].Properties).toMatchObject({
      BatchSize: 10,
      ScalingConfig: { MaximumConcurrency: 10 },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('webhooks change the permissions of no further function but those of staff', () => {
    const plain = synthesizedOf({ ...withoutEvents, events: {} });
    const mayDo = (from: Synthesized, name: (typeof functionNames)[number]) =>
      permissionsOf(from.resources, logicalId(from.stack.service.functions[name].role), from.spell);
    const changed = functionNames.filter((name) =>
      mayDo(made, name).some((line) => !mayDo(plain, name).includes(line)),
    );
    expect(changed).toEqual(['write-desk', 'read-status']);
  });
});

describe('the queues', () => {
  test('both are encrypted by SQS, and a message that was tried 34 times is a dead letter for 14 days', () => {
    expect(queues).toHaveLength(2);
    for (const [, { Properties }] of queues) expect(Properties).toMatchObject({ SqsManagedSseEnabled: true });
    expect(waiting.Properties).toMatchObject({
      VisibilityTimeout: 180,
      MessageRetentionPeriod: 4 * 86_400,
      RedrivePolicy: { maxReceiveCount: 34, deadLetterTargetArn: { 'Fn::GetAtt': [deadId, 'Arn'] } },
    });
    expect(dead.Properties).toMatchObject({ MessageRetentionPeriod: 14 * 86_400 });
  });

  test('only the rules of the webhooks of this account may send, and everything goes over TLS', () => {
    const policies = ofType(made, 'AWS::SQS::QueuePolicy').map(([, { Properties }]) =>
      listOf(recordOf(Properties['PolicyDocument'])['Statement']).map(recordOf),
    );
    expect(policies).toHaveLength(2);
    for (const statements of policies) {
      const allowed = statements.filter(({ Effect }) => Effect === 'Allow');
      expect(allowed).toMatchObject([
        {
          Action: 'sqs:SendMessage',
          Principal: { Service: 'events.amazonaws.com' },
          Condition: {
            StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
            ArnEquals: { 'aws:SourceArn': rules.map(([id]) => ({ 'Fn::GetAtt': [id, 'Arn'] })) },
          },
        },
      ]);
      expect(JSON.stringify(statements)).toContain('aws:SecureTransport');
    }
  });
});

describe('the rules', () => {
  test('each webhook gets the events of its application and its types, as envelopes, in a group of its own', () => {
    expect(rules.map(([, { Properties }]) => Properties)).toMatchObject(
      [
        ['shop', ['verification.approved']],
        ['bank', ['verification.requested', 'verification.approved']],
      ].map(([application, types]) => ({
        EventPattern: {
          source: ['otp-service'],
          'detail-type': types,
          detail: { data: { application: [application] } },
        },
        Targets: [
          {
            Arn: { 'Fn::GetAtt': [waitingId, 'Arn'] },
            InputPath: '$.detail',
            SqsParameters: { MessageGroupId: application },
            DeadLetterConfig: { Arn: { 'Fn::GetAtt': [deadId, 'Arn'] } },
          },
        ],
      })),
    );
  });
});

test('no webhook gets events before the function knows it, and no resource waits for itself', () => {
  const [functionId = ''] =
    ofType(made, 'AWS::Lambda::Function').find(([, { Properties }]) =>
      String(Properties['Description']).includes('deliver-webhooks'),
    ) ?? [];
  const { Resources = {} } = made.template as { readonly Resources?: Readonly<Record<string, object>> };
  /** Whatever has to be there before a resource. */
  const neededBy = (id: string): readonly string[] => {
    const text = JSON.stringify(Resources[id]);
    return Object.keys(Resources).filter((other) => other !== id && text.includes(`"${other}"`));
  };
  const reached = (from: string, seen = new Set<string>()): ReadonlySet<string> => {
    for (const id of neededBy(from)) {
      if (seen.has(id)) continue;
      seen.add(id);
      reached(id, seen);
    }
    return seen;
  };
  expect(rules.length).toBeGreaterThan(0);
  for (const [id] of rules) expect(neededBy(id)).toContain(functionId);
  expect(reached(functionId).has(functionId)).toBe(false);
});

describe('the alarms', () => {
  const alarms = ofType(made, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
  test.each([
    ['WebhookFailed', { MetricName: 'WebhookFailed', Threshold: 5, DatapointsToAlarm: 3, EvaluationPeriods: 3 }],
    ['SQS-ApproximateNumberOfMessagesVisible-webhooks', { Threshold: 1, Statistic: 'Maximum' }],
    ['SQS-ApproximateAgeOfOldestMessage-webhooks', { Threshold: 600, Statistic: 'Maximum' }],
    ['Lambda-Errors-deliver-webhooks', { Threshold: 1, DatapointsToAlarm: 2, EvaluationPeriods: 3 }],
    ['Lambda-Throttles-deliver-webhooks', { Threshold: 5 }],
  ])('%s is watched, and tells staff', (name, expected) => {
    const alarm = alarms.find(({ AlarmName }) => AlarmName === `OtpService/${name}`);
    expect(alarm).toMatchObject(expected);
    expect(listOf(alarm?.['AlarmActions'])).toHaveLength(1);
  });
});
