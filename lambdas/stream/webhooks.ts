import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { envelope, maxBodyBytes } from '../desk/webhooks/envelope.ts';
import { eventTypes } from '../policy.ts';
import type { Message, WebhookEvent } from '../webhooks/ports.ts';

/** An event of the bus, whole: so EventBridge puts what it could not hand to the queue into the dead letters. */
const busEvent = v.looseObject({ 'detail-type': v.picklist(eventTypes), detail: envelope });

/** The messages of an invocation. A body that is no event has none, and stays as it is. */
export const messagesIn = ({ Records }: Pick<SQSEvent, 'Records'>): readonly Message[] =>
  Records.map(({ messageId, receiptHandle, body, attributes }) => ({
    messageId,
    receiptHandle,
    tries: Math.max(1, Number(attributes.ApproximateReceiveCount) || 1),
    body,
    event: eventOf(body),
  }));

/** One hostile body must not fail the batch: a deep one can be parsed, and not written again. */
const eventOf = (body: string): WebhookEvent | undefined => {
  if (Buffer.byteLength(body) > maxBodyBytes) return undefined;
  try {
    const input: unknown = JSON.parse(body);
    if (v.is(envelope, input)) return { ...factsOf(input), json: body };
    if (v.is(busEvent, input)) return { ...factsOf(input.detail), json: JSON.stringify(input.detail) };
    return undefined;
  } catch {
    return undefined;
  }
};

const factsOf = ({ id, type, timestamp, data }: v.InferOutput<typeof envelope>) => ({
  id,
  type,
  application: data.application,
  atMs: Date.parse(timestamp),
});

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
export const keeping = (messageIds: readonly string[]): SQSBatchResponse => ({
  batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })),
});
