import { randomUUID } from 'node:crypto';
import {
  type OptionalStreamFunctionName,
  optionalStreamFunctions,
  type StreamFunctionName,
  streamFunctions,
  type TableName,
} from '../../lambdas/contract.ts';
import type { Functions } from '../functions/functions.ts';
import type { BatchResult, StreamConsumer } from './mapping.ts';
import type { StreamRecord } from './streams.ts';

export type Feed = StreamConsumer & { readonly table: TableName };

type Name = StreamFunctionName | OptionalStreamFunctionName;
const streams = { ...streamFunctions, ...optionalStreamFunctions };

/** What the settings ask for beside the detector. */
type FedEvents = { readonly readsReceipts: boolean };

/**
 * The functions that a stream feeds, as its consumers. Filter, batches and retries are those of the contract, as in a
 * deployment. Records that they give up are logged: Lambda would put them into the bucket of dead letters.
 *
 * A new on-demand table takes 4,000 writes a second, and a partition 1,000. So its stream has four shards, and records of
 * different numbers come out of order, and at the same time
 * (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html).
 *
 * @param repeatEvery and `isEnabled` see `StreamConsumer`. The latter is of the detector, and of no other function.
 * @param events undefined: no function publishes events.
 */
export const feedsOf = (
  invoke: Functions['invoke'],
  onTrouble: (line: string) => void,
  repeatEvery: number | undefined,
  isEnabled: () => boolean = () => true,
  events?: FedEvents,
): readonly Feed[] => {
  const names: readonly Name[] = ['detect-bursts', ...(events === undefined ? [] : (['publish-events'] as const))];
  return names.map((name) => {
    const { table, batchSize, retries, maximumAgeSeconds } = streams[name];
    const wantedOf = (records: readonly StreamRecord[]) =>
      records.filter((record) => isWanted(name, record) || (events?.readsReceipts === true && isReceipt(name, record)));
    return {
      table,
      batchSize,
      maxRetries: retries,
      maximumAgeSeconds,
      bisect: true,
      shards: 4,
      isEnabled: name === 'detect-bursts' ? isEnabled : () => true,
      ...(repeatEvery === undefined ? {} : { repeatEvery }),
      deliver: async (records) => {
        const wanted = wantedOf(records);
        return wanted.length === 0 ? undefined : await deliver(invoke, name, wanted);
      },
      giveUp: async (records) => {
        const lost = wantedOf(records);
        if (lost.length === 0) return;
        onTrouble(
          `${name} gave up ${lost.length} stream records; deployed, they would be in the bucket of dead letters.`,
        );
      },
    };
  });
};

const isWanted = (name: Name, { eventName, dynamodb }: StreamRecord): boolean => {
  const { eventNames, kinds } = streams[name].only;
  const kind = dynamodb.NewImage?.['kind']?.['S'];
  return eventNames.some((wanted) => wanted === eventName) && kinds.some((wanted) => wanted === kind);
};

/** As the second filter of the mapping that publishes events. */
const isReceipt = (name: Name, { eventName, dynamodb }: StreamRecord): boolean => {
  if (name !== 'publish-events') return false;
  const { receipts, only } = streams[name];
  const delivery = dynamodb.NewImage?.['delivery']?.['S'];
  const isOfOne = String(dynamodb.Keys['pk']?.['S'] ?? '').startsWith(receipts.pk);
  const isChange = only.eventNames.some((wanted) => wanted === eventName);
  return isChange && isOfOne && receipts.deliveries.some((wanted) => wanted === delivery);
};

const deliver = async (
  invoke: Functions['invoke'],
  name: Name,
  Records: readonly StreamRecord[],
): Promise<BatchResult> => {
  const invocation = await invoke(name, { Records }, randomUUID());
  if (invocation.kind === 'answered') return (invocation.payload ?? {}) as BatchResult;
  throw new Error(invocation.kind === 'failed' ? invocation.reason : `${name} ran out of time.`);
};
