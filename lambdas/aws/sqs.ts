import { ChangeMessageVisibilityBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Queue } from '../webhooks/ports.ts';
import { callAws } from './failures.ts';

/** @param waits ten at most, as SQS takes them: those of a batch. */
export const sqsWebhookQueue = (client: SQSClient, queue: string, deadLetters: string): Queue => ({
  postpone: async (waits) => {
    const Entries = waits.map(({ receiptHandle, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }));
    // An entry that fails comes again when its visibility ends, which is what it waits for in any case.
    await callAws('SQS ChangeMessageVisibilityBatch', () =>
      client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queue, Entries })),
    );
  },
  giveUp: async (body) => {
    await callAws('SQS SendMessage', () =>
      client.send(new SendMessageCommand({ QueueUrl: deadLetters, MessageBody: body })),
    );
  },
});
