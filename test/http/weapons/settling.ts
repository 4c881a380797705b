import { expect, vi } from 'vitest';
import { feedsOf } from '../../../local/aws/feeds.ts';
import type { StreamRecord } from '../../../local/aws/streams.ts';
import type { LocalStack, LocalStackOptions } from '../../../local/stack.ts';

type Options = Pick<LocalStackOptions, 'feedStreamFunctions' | 'streamConsumers'>;

/**
 * A stack whose stream can be waited for: its one shard brings a mark after all that was written before.
 *
 * `settle` returns when the detector has acted on all of it. The mark is gone by then.
 */
export const openSettling = async (open: (options: Options) => Promise<LocalStack>) => {
  let [stack, marks]: [LocalStack | undefined, number] = [undefined, 0];
  const passed = new Set<string>();
  const [feed] = feedsOf(
    (name, event) => stack?.invoke(name, event) ?? Promise.reject(new Error('The stack is not up.')),
    console.error,
    undefined,
  );
  if (feed === undefined) throw new Error('No function reads a stream.');
  const deliver = async (records: readonly StreamRecord[]) => {
    const result = await feed.deliver(records);
    const named = (result?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier);
    const firstFailed = records.findIndex(({ dynamodb }) => named.includes(dynamodb.SequenceNumber));
    const done = firstFailed < 0 ? records : records.slice(0, firstFailed);
    for (const { dynamodb } of done) passed.add(String(dynamodb.Keys['pk']?.['S']));
    return result;
  };
  const started = await open({
    feedStreamFunctions: false,
    streamConsumers: [{ ...feed, deliver, shards: 1, pollMs: 10 }],
  });
  stack = started;
  const settle = async (): Promise<void> => {
    marks += 1;
    const [TableName, pk] = [started.tables.verifications, `mark#${marks}`];
    await started.callDynamo('DynamoDB_20120810.PutItem', { TableName, Item: { pk: { S: pk }, kind: { S: 'mark' } } });
    await vi.waitFor(() => expect(passed.has(pk)).toBe(true), { timeout: 60_000, interval: 10 });
    await started.callDynamo('DynamoDB_20120810.DeleteItem', { TableName, Key: { pk: { S: pk } } });
  };
  return { stack: started, settle };
};
