import { ListSubscriptionsByTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { snsReceivers } from '../../../lambdas/aws/alarm-topic.ts';
import { createTopic } from '../../../local/aws/alarms/topic.ts';
import { type Sns, startSns } from '../../../local/aws/sns.ts';

const arn = 'arn:aws:sns:us-east-1:000000000000:alarms';
const topic = createTopic(arn);
let sns: Sns;
let client: SNSClient;
beforeEach(async () => {
  topic.clear();
  sns = await startSns({ topic });
  client = new SNSClient({
    endpoint: sns.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await sns.stop();
});

const list = (TopicArn: string, NextToken?: string) =>
  client.send(new ListSubscriptionsByTopicCommand({ TopicArn, ...(NextToken === undefined ? {} : { NextToken }) }));

test('a subscription has an ARN once it is confirmed, and none before', async () => {
  const mail = { protocol: 'email', endpoint: 'a&b@example.com' };
  topic.set([
    { ...mail, isConfirmed: true },
    { ...mail, isConfirmed: false },
  ]);
  const { Subscriptions = [] } = await list(arn);
  expect(Subscriptions).toMatchObject([
    { Protocol: 'email', Endpoint: 'a&b@example.com', TopicArn: arn, Owner: '000000000000' },
    { SubscriptionArn: 'PendingConfirmation' },
  ]);
  expect(Subscriptions[0]?.SubscriptionArn?.startsWith(`${arn}:`)).toBe(true);
});

test('subscriptions come in pages of 100, and the status reads all of them', async () => {
  topic.set(Array.from({ length: 230 }, (_, at) => ({ protocol: 'sqs', endpoint: `arn:${at}`, isConfirmed: true })));
  const first = await list(arn);
  expect([first.Subscriptions?.length, first.NextToken]).toEqual([100, '100']);
  expect((await list(arn, '200')).Subscriptions).toHaveLength(30);
  const all = await snsReceivers(client, arn)(0);
  expect(new Set(all.map(({ endpoint }) => endpoint)).size).toBe(230);
});

test('the status shows no number and no URL of a receiver', async () => {
  topic.set([
    { protocol: 'sms', endpoint: '+12025550123', isConfirmed: true },
    { protocol: 'https', endpoint: 'https://hooks.example.com/secret', isConfirmed: true },
  ]);
  const shown = await snsReceivers(client, arn)(0);
  expect(shown.map(({ protocol, endpoint }) => [protocol, endpoint])).toEqual([
    ['sms', undefined],
    ['https', undefined],
  ]);
});

test('another topic, a name that is no ARN, and a made-up token are refused', async () => {
  await expect(list(`${arn}-2`)).rejects.toMatchObject({ name: 'NotFoundException' });
  await expect(list('alarms')).rejects.toMatchObject({ name: 'InvalidParameterException' });
  await expect(list(arn, 'made-up')).rejects.toMatchObject({ name: 'InvalidParameterException' });
});
