import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type { DeadLetter } from '../../desk/webhooks/dead-events.ts';
import type { WebhookLook, WebhookReplay } from '../../desk/webhooks/ports.ts';
import { callAws } from '../failures.ts';

/** URLs of the queues. */
export type QueueUrls = { readonly waiting: string; readonly deadLetters: string };

/** Of a receipt and of a batch: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const maxEntries = 10;

/** The queues of webhooks, as staff read them. It deletes and sends nothing. */
export const sqsWebhookLook = (client: SQSClient, urls: QueueUrls): WebhookLook => {
  const countsOf = async (QueueUrl: string) => {
    const command = new GetQueueAttributesCommand({
      QueueUrl,
      AttributeNames: [
        'ApproximateNumberOfMessages',
        'ApproximateNumberOfMessagesNotVisible',
        'ApproximateNumberOfMessagesDelayed',
      ],
    });
    const { Attributes = {} } = await callAws('SQS GetQueueAttributes', () => client.send(command));
    const count = (name: keyof typeof Attributes) => Number(Attributes[name] ?? 0);
    return {
      visible: count('ApproximateNumberOfMessages'),
      hidden: count('ApproximateNumberOfMessagesNotVisible') + count('ApproximateNumberOfMessagesDelayed'),
    };
  };
  return {
    counts: async () => {
      const [waiting, dead] = await Promise.all([countsOf(urls.waiting), countsOf(urls.deadLetters)]);
      return { waiting: waiting.visible, inFlight: waiting.hidden, deadLetters: dead.visible + dead.hidden };
    },
    ...deadLettersOf(client, urls),
  };
};

/** The same, as staff move dead letters back. */
export const sqsWebhookReplay = (client: SQSClient, urls: QueueUrls): WebhookReplay => ({
  ...deadLettersOf(client, urls),
  send: async (events) => {
    const Entries = events.map(({ json, application }, at) => ({
      Id: String(at),
      MessageBody: json,
      // As the rule does. A replay of one application holds up no other.
      MessageGroupId: application,
    }));
    const command = new SendMessageBatchCommand({ QueueUrl: urls.waiting, Entries });
    const { Successful = [] } = await callAws('SQS SendMessageBatch', () => client.send(command));
    return Successful.map(({ Id }) => Number(Id));
  },
  remove: async (letters) => {
    if (letters.length === 0) return;
    // One that cannot be deleted is delivered once more by the next replay, under the same event id.
    const command = new DeleteMessageBatchCommand({ QueueUrl: urls.deadLetters, Entries: entriesOf(letters) });
    await callAws('SQS DeleteMessageBatch', () => client.send(command));
  },
});

const deadLettersOf = (
  client: SQSClient,
  { deadLetters: QueueUrl }: QueueUrls,
): Pick<WebhookLook, 'receive' | 'show'> => ({
  receive: async (hiddenSeconds) => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: maxEntries,
      VisibilityTimeout: hiddenSeconds,
      MessageSystemAttributeNames: ['SentTimestamp'],
      // A long poll asks all servers of the queue. A short one may find nothing although letters are there.
      WaitTimeSeconds: 1,
    });
    const { Messages = [] } = await callAws('SQS ReceiveMessage', () => client.send(command));
    return Messages.map(letterOf);
  },
  show: async (letters) => {
    for (let at = 0; at < letters.length; at += maxEntries) {
      const some = entriesOf(letters.slice(at, at + maxEntries));
      const Entries = some.map((entry) => ({ ...entry, VisibilityTimeout: 0 }));
      // An entry that fails comes back when its time is over.
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries });
      await callAws('SQS ChangeMessageVisibilityBatch', () => client.send(command));
    }
  },
});

const letterOf = ({ ReceiptHandle = '', Body = '', Attributes = {} }: Message): DeadLetter => ({
  receiptHandle: ReceiptHandle,
  body: Body,
  sentMs: Number(Attributes.SentTimestamp ?? 0),
});

const entriesOf = (letters: readonly DeadLetter[]) =>
  letters.map(({ receiptHandle }, at) => ({ Id: String(at), ReceiptHandle: receiptHandle }));
