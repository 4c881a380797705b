import { ListSubscriptionsByTopicCommand, type SNSClient, type Subscription } from '@aws-sdk/client-sns';
import type { Receiver, StatusPorts } from '../desk/status/facts.ts';
import { callAws } from './failures.ts';

/** Protocols whose endpoint is a mail address, or the name of a resource of the account. */
const shownProtocols = ['email', 'email-json', 'sqs', 'lambda', 'firehose', 'application'];

/** In place of an ARN: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html */
const stateOf = (arn: string): Receiver['state'] => {
  if (arn === 'PendingConfirmation') return 'pending';
  return arn.startsWith('arn:') ? 'confirmed' : 'deleted';
};

const receiverOf = ({ SubscriptionArn = '', Protocol = '', Endpoint }: Subscription): Receiver => ({
  protocol: Protocol,
  endpoint: shownProtocols.includes(Protocol) ? Endpoint : undefined,
  state: stateOf(SubscriptionArn),
});

/** The subscriptions of the topic of alarms. */
export const snsReceivers =
  (client: SNSClient, TopicArn: string): StatusPorts['receivers'] =>
  async () => {
    const found: Receiver[] = [];
    let from: string | undefined;
    do {
      const command = new ListSubscriptionsByTopicCommand({
        TopicArn,
        ...(from === undefined ? {} : { NextToken: from }),
      });
      const page = await callAws('SNS ListSubscriptionsByTopic', () => client.send(command));
      found.push(...(page.Subscriptions ?? []).map(receiverOf));
      from = page.NextToken === '' ? undefined : page.NextToken;
    } while (from !== undefined);
    return found;
  };
