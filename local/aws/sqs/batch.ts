import { asList } from '../json.ts';
import { awsRefusal, refusalOf } from '../refusal.ts';
import { type Input, maxMessageBytes, noOthers } from './fields.ts';

const maxEntries = 10;
/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatchRequestEntry.html */
const idPattern = /^[A-Za-z0-9_-]{1,80}$/;

/**
 * Makes one call for each entry. An entry that is wrong fails alone, under status 200. A batch that is wrong fails whole.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-batch-api-actions.html
 *
 * @param sizeOf bytes that count for the limit of all entries.
 */
export const inBatch = (
  input: Input,
  call: (entry: Input) => object,
  sizeOf: (entries: readonly Input[]) => number = () => 0,
): object => {
  noOthers(input, ['QueueUrl', 'Entries']);
  const entries = asList(input['Entries']);
  requireEntries(entries);
  if (sizeOf(entries) > maxMessageBytes)
    throw awsRefusal('BatchRequestTooLong', `Batch requests cannot be longer than ${maxMessageBytes} bytes.`);
  const answers = entries.map((entry) => outcomeOf(entry, call));
  return {
    Successful: answers.flatMap((answer) => (answer.kind === 'done' ? [answer.result] : [])),
    Failed: answers.flatMap((answer) => (answer.kind === 'failed' ? [answer.result] : [])),
  };
};

const requireEntries = (entries: readonly Input[]): void => {
  if (entries.length === 0) throw awsRefusal('EmptyBatchRequest', 'There should be at least one entry in the request.');
  if (entries.length > maxEntries)
    throw awsRefusal(
      'TooManyEntriesInBatchRequest',
      `Maximum number of entries per request are ${maxEntries}. You have sent ${entries.length}.`,
    );
  const ids = entries.map(({ Id }) => Id);
  if (!ids.every((id) => typeof id === 'string' && idPattern.test(id)))
    throw awsRefusal(
      'InvalidBatchEntryId',
      'A batch entry id can only contain alphanumeric characters, hyphens and underscores, and at most 80 of them.',
    );
  if (new Set(ids).size < ids.length) throw awsRefusal('BatchEntryIdsNotDistinct', 'Two batch entries have one id.');
};

const outcomeOf = (entry: Input, call: (entry: Input) => object) => {
  const { Id } = entry;
  try {
    return { kind: 'done', result: { Id, ...call(entry) } } as const;
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    if (refusal === undefined) throw thrown;
    const { code: Code, message: Message } = refusal;
    return { kind: 'failed', result: { Id, SenderFault: true, Code, Message } } as const;
  }
};
