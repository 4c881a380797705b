import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { secretsClient, sqsClient } from './aws/sdk-clients.ts';
import { secretReader } from './aws/secrets.ts';
import { sqsWebhookQueue } from './aws/sqs.ts';
import { webhookRetries } from './contract.ts';
import { readEnvironment, readPolicy } from './env.ts';
import { keeping, messagesIn } from './stream/webhooks.ts';
import { deliveryTelemetryOf } from './telemetry.ts';
import { deliverBatch } from './webhooks/deliver.ts';
import { poster } from './webhooks/wire/post.ts';
import { reach } from './webhooks/wire/reach.ts';

const route = 'deliver-webhooks';
const env = readEnvironment(route);
const { events } = readPolicy(import.meta.url);
const { timeoutMs } = webhookRetries;
const secrets = secretReader(secretsClient(), Date.now);
const deliver = deliverBatch(
  {
    now: Date.now,
    random: Math.random,
    readSecret: secrets.read,
    post: poster({ reach, timeoutMs, now: Date.now }),
    queue: sqsWebhookQueue(sqsClient(), env.WEBHOOK_QUEUE, env.WEBHOOK_DEAD_LETTERS),
    watch: deliveryTelemetryOf(route),
  },
  events?.webhooks ?? [],
);

/**
 * Signs the events of a queue and posts each to the webhook of its application. A message that is not deleted comes again after
 * a wait, and after its last try it is a dead letter.
 */
export const handler = async (event: Pick<SQSEvent, 'Records'>): Promise<SQSBatchResponse> =>
  keeping(await deliver(messagesIn(event)));
