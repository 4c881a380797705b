import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import * as v from 'valibot';
import { eventTypes } from '../policy.ts';
import type { Message, WebhookEvent } from '../webhooks/ports.ts';

/** As the service writes it. Other members are posted as they came. */
const envelope = v.looseObject({
  id: v.pipe(v.string(), v.regex(/^evt_[A-Za-z0-9_-]{1,64}$/)),
  type: v.picklist(eventTypes),
  timestamp: v.pipe(v.string(), v.isoTimestamp()),
  data: v.looseObject({ application: v.pipe(v.string(), v.maxLength(100)) }),
});

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

const eventOf = (body: string): WebhookEvent | undefined => {
  const input = jsonOf(body);
  if (v.is(envelope, input)) return { ...factsOf(input), json: body };
  if (v.is(busEvent, input)) return { ...factsOf(input.detail), json: JSON.stringify(input.detail) };
  return undefined;
};

const factsOf = ({ id, type, timestamp, data }: v.InferOutput<typeof envelope>) => ({
  id,
  type,
  application: data.application,
  atMs: Date.parse(timestamp),
});

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting */
export const keeping = (messageIds: readonly string[]): SQSBatchResponse => ({
  batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })),
});
