import { randomUUID } from 'node:crypto';
import { type StreamFunctionName, streamFunctions, type TableName } from '../../lambdas/contract.ts';
import type { Functions } from '../functions/functions.ts';
import type { BatchResult, StreamConsumer } from './mapping.ts';
import type { StreamRecord } from './streams.ts';

export type Feed = StreamConsumer & { readonly table: TableName };

/**
 * The functions that a stream feeds, as its consumers. Filter, batches and retries are those of the contract, as in a
 * deployment. Records that they give up are logged: Lambda would put them into the bucket of dead letters.
 *
 * A new on-demand table takes 4,000 writes a second, and a partition 1,000. So its stream has four shards, and records of
 * different numbers come out of order, and at the same time
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html).
 *
 * @param repeatEvery and `isEnabled` see `StreamConsumer`.
 */
export const feedsOf = (
  invoke: Functions['invoke'],
  onTrouble: (line: string) => void,
  repeatEvery: number | undefined,
  isEnabled: () => boolean = () => true,
): readonly Feed[] =>
  (Object.keys(streamFunctions) as readonly StreamFunctionName[]).map((name) => {
    const { table, batchSize, retries, maximumAgeSeconds } = streamFunctions[name];
    return {
      table,
      batchSize,
      maxRetries: retries,
      maximumAgeSeconds,
      bisect: true,
      shards: 4,
      isEnabled,
      ...(repeatEvery === undefined ? {} : { repeatEvery }),
      deliver: async (records) => {
        const wanted = records.filter((record) => isWanted(name, record));
        return wanted.length === 0 ? undefined : await deliver(invoke, name, wanted);
      },
      giveUp: async (records) => {
        const lost = records.filter((record) => isWanted(name, record));
        if (lost.length === 0) return;
        onTrouble(
          `${name} gave up ${lost.length} stream records; deployed, they would be in the bucket of dead letters.`,
        );
      },
    };
  });

const isWanted = (name: StreamFunctionName, { eventName, dynamodb }: StreamRecord): boolean => {
  const { eventNames, kinds } = streamFunctions[name].only;
  const kind = dynamodb.NewImage?.['kind']?.['S'];
  return eventNames.some((wanted) => wanted === eventName) && kinds.some((wanted) => wanted === kind);
};

const deliver = async (
  invoke: Functions['invoke'],
  name: StreamFunctionName,
  Records: readonly StreamRecord[],
): Promise<BatchResult> => {
  const invocation = await invoke(name, { Records }, randomUUID());
  if (invocation.kind === 'answered') return (invocation.payload ?? {}) as BatchResult;
  throw new Error(invocation.kind === 'failed' ? invocation.reason : `${name} ran out of time.`);
};
