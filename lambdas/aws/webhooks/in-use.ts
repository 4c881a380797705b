import type { WebhookLook, WebhookReplay } from '../../desk/webhooks/ports.ts';
import { sqsClient } from '../sdk-clients.ts';
import { type QueueUrls, sqsWebhookLook, sqsWebhookReplay } from './queues.ts';

/**
 * The queues of webhooks, if the settings have any. The bundler puts `none.ts` in place of this file if they do not.
 *
 * @param urls undefined if the stack made no queues.
 */
export const webhookLookInUse = (urls: QueueUrls | undefined): WebhookLook | undefined =>
  urls === undefined ? undefined : sqsWebhookLook(sqsClient(), urls);

/** The same, as staff move dead letters back. */
export const webhookReplayInUse = (urls: QueueUrls | undefined): WebhookReplay | undefined =>
  urls === undefined ? undefined : sqsWebhookReplay(sqsClient(), urls);
