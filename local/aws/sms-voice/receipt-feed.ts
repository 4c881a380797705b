import { randomUUID } from 'node:crypto';
import { receiptRetries } from '../../../lambdas/contract.ts';
import type { Functions } from '../../functions/functions.ts';
import type { DeliveryEvent, DeliveryRecord } from './receipts.ts';

type ReceiptFeed = {
  /** Those of the settings. */
  readonly sources: readonly string[];
  readonly invoke: Functions['invoke'];
  readonly onTrouble: (line: string) => void;
};

/**
 * Hands events of messages to the function that notes them, in the shapes and by the ways of a deployment: a rule of EventBridge, and
 * a topic that is the destination of a configuration set. Lambda repeats an event that failed; here without a wait.
 */
export const feedReceipts =
  ({ sources, invoke, onTrouble }: ReceiptFeed) =>
  async ({ eventBridge, configurationSet }: DeliveryEvent): Promise<void> => {
    const events = [
      ...(sources.includes('event-bus') && eventBridge !== undefined ? [eventBridge] : []),
      ...(sources.includes('configuration-set') && configurationSet !== undefined
        ? [published(configurationSet.record)]
        : []),
    ];
    for (const event of events) await hand(invoke, event, onTrouble);
  };

const hand = async (invoke: Functions['invoke'], event: object, onTrouble: ReceiptFeed['onTrouble']) => {
  for (let attempt = 0; attempt <= receiptRetries.attempts; attempt += 1)
    if ((await invoke('note-receipts', event, randomUUID())).kind === 'answered') return;
  onTrouble('note-receipts gave an event up; deployed, it would be in the queue of its dead letters.');
};

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html */
const published = (record: DeliveryRecord) => ({
  Records: [
    {
      EventVersion: '1.0',
      EventSource: 'aws:sns',
      EventSubscriptionArn: `arn:aws:sns:us-east-1:000000000000:receipts:${randomUUID()}`,
      Sns: {
        Type: 'Notification',
        MessageId: randomUUID(),
        TopicArn: 'arn:aws:sns:us-east-1:000000000000:receipts',
        Message: JSON.stringify(record),
        MessageAttributes: {},
      },
    },
  ],
});
