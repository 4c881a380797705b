import { createHash } from 'node:crypto';
import { asRecord } from '../json.ts';
import { awsRefusal } from '../refusal.ts';
import { inBatch } from './batch.ts';
import { groupIn, type Input, invalidValue, noOthers, numberIn, requireBody, textIn, utf8Length } from './fields.ts';
import { maxVisibilitySeconds, type Queue, type Received } from './queue.ts';

/** One call. @throws a refusal of AWS. @returns the output, as JSON. */
type Operation = (queue: Queue, input: Input) => object;

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const send: Operation = (queue, input) => {
  noOthers(input, ['QueueUrl', 'Id', 'MessageBody', 'DelaySeconds', 'MessageGroupId']);
  const body = requireBody(input);
  const group = groupIn(input);
  const delaySeconds = numberIn(input, 'DelaySeconds', { min: 0, max: 900 });
  const options = {
    ...(delaySeconds === undefined ? {} : { delaySeconds }),
    ...(group === undefined ? {} : { group }),
  };
  return { MessageId: queue.send(body, options), MD5OfMessageBody: md5(body) };
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const receive: Operation = (queue, input) => {
  noOthers(input, [
    ...['QueueUrl', 'MaxNumberOfMessages', 'VisibilityTimeout', 'WaitTimeSeconds'],
    'MessageSystemAttributeNames',
  ]);
  const most = numberIn(input, 'MaxNumberOfMessages', { min: 1, max: 10 }) ?? 1;
  const visibility = numberIn(input, 'VisibilityTimeout', { min: 0, max: maxVisibilitySeconds });
  // It answers at once, as a short poll does.
  numberIn(input, 'WaitTimeSeconds', { min: 0, max: 20 });
  const names = attributeNames(input, 'MessageSystemAttributeNames', systemAttributes);
  const messages = queue.receive(most, visibility).map((each) => messageOf(each, names));
  // AWS leaves the list out if it is empty.
  return messages.length === 0 ? {} : { Messages: messages };
};

const systemAttributes = [
  ...['All', 'SenderId', 'SentTimestamp', 'ApproximateReceiveCount', 'ApproximateFirstReceiveTimestamp'],
  ...['SequenceNumber', 'MessageDeduplicationId', 'MessageGroupId', 'AWSTraceHeader', 'DeadLetterQueueSourceArn'],
];

const messageOf = (received: Received, names: readonly string[]) => {
  const attributes = Object.entries(attributesOf(received)).filter(
    ([name]) => names.includes('All') || names.includes(name),
  );
  return {
    MessageId: received.id,
    ReceiptHandle: received.receiptHandle,
    Body: received.body,
    MD5OfBody: md5(received.body),
    ...(attributes.length === 0 ? {} : { Attributes: Object.fromEntries(attributes) }),
  };
};

/** As `ReceiveMessage` and the event of a mapping have them. All are texts. */
export const attributesOf = ({ sentMs, receiveCount, firstReceivedMs, group, deadLetterSource }: Received) => ({
  SenderId: 'AIDALOCAL',
  SentTimestamp: String(sentMs),
  ApproximateReceiveCount: String(receiveCount),
  ApproximateFirstReceiveTimestamp: String(firstReceivedMs),
  ...(group === undefined ? {} : { MessageGroupId: group }),
  ...(deadLetterSource === undefined ? {} : { DeadLetterQueueSourceArn: deadLetterSource }),
});

export const md5OfBody = ({ body }: Received): string => md5(body);

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessage.html */
const remove: Operation = (queue, input) => {
  noOthers(input, ['QueueUrl', 'Id', 'ReceiptHandle']);
  queue.remove(textIn(input, 'ReceiptHandle'));
  return {};
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ChangeMessageVisibility.html */
const hide: Operation = (queue, input) => {
  noOthers(input, ['QueueUrl', 'Id', 'ReceiptHandle', 'VisibilityTimeout']);
  const seconds = numberIn(input, 'VisibilityTimeout', { min: 0, max: maxVisibilitySeconds });
  if (seconds === undefined)
    throw awsRefusal('MissingParameter', 'The request must contain the parameter VisibilityTimeout.');
  queue.hide(textIn(input, 'ReceiptHandle'), seconds);
  return {};
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html */
const getAttributes: Operation = (queue, input) => {
  noOthers(input, ['QueueUrl', 'AttributeNames']);
  const all = queueAttributesOf(queue);
  const names = attributeNames(input, 'AttributeNames', ['All', ...Object.keys(all)]);
  const asked = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return asked.length === 0 ? {} : { Attributes: Object.fromEntries(asked) };
};

const queueAttributesOf = (queue: Queue): Readonly<Record<string, string>> => {
  const { visible, inFlight, delayed } = queue.counts();
  const { visibilitySeconds, keptSeconds, redrive } = queue.facts();
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    VisibilityTimeout: String(visibilitySeconds),
    MessageRetentionPeriod: String(keptSeconds),
    ...(redrive === undefined
      ? {}
      : { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: redrive.arn, ...countOf(redrive) }) }),
  };
};

const countOf = ({ maxReceiveCount }: { readonly maxReceiveCount: number }) => ({ maxReceiveCount });

const attributeNames = (input: Input, field: string, known: readonly string[]): readonly string[] => {
  const names = input[field] ?? [];
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string'))
    throw awsRefusal('SerializationException', `${field} is no list of texts.`);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw awsRefusal('InvalidAttributeName', `Unknown Attribute ${unknown}.`);
  return names;
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const sendBatch: Operation = (queue, input) => inBatch(input, (entry) => send(queue, entry), sizeOfBodies);
const removeBatch: Operation = (queue, input) => inBatch(input, (entry) => remove(queue, entry));
const hideBatch: Operation = (queue, input) => inBatch(input, (entry) => hide(queue, entry));

const sizeOfBodies = (entries: readonly Input[]): number =>
  entries.reduce((sum, { MessageBody }) => sum + utf8Length(String(MessageBody ?? '')), 0);

const operations: Readonly<Record<string, Operation>> = {
  SendMessage: send,
  SendMessageBatch: sendBatch,
  ReceiveMessage: receive,
  DeleteMessage: remove,
  DeleteMessageBatch: removeBatch,
  ChangeMessageVisibility: hide,
  ChangeMessageVisibilityBatch: hideBatch,
  GetQueueAttributes: getAttributes,
};

/** The operation by the name of a target such as `AmazonSQS.SendMessage`. */
export const operationOf = (target: string): { readonly name: string; readonly call: Operation } => {
  const [service, name = ''] = target.split('.');
  const call = Object.hasOwn(operations, name) ? operations[name] : undefined;
  if (service !== 'AmazonSQS' || call === undefined)
    throw awsRefusal('UnknownOperationException', `${target} is not played here.`);
  return { name, call };
};

/** @throws a refusal for a body that is no JSON object. */
export const inputOf = (text: string): Input => {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return asRecord(parsed);
  } catch {
    // The refusal says it.
  }
  throw invalidValue('The body is no JSON object.');
};
