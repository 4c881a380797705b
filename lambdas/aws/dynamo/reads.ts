import {
  BatchGetItemCommand,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../otp/ports.ts';
import { settleAll } from '../../otp/settle.ts';
import { backOff, callAws } from '../failures.ts';
import { type Item, keyOf } from './items.ts';

/** A caller waits for the consistent read. */
const maxTries = { consistent: 6, eventual: 8 };
/** What DynamoDB takes in one batch of reads. */
const maxAtOnce = 100;

export type Wanted = { readonly table: string; readonly key: Item };
export const wantedName = ({ table, key }: Wanted): string => [table, key['pk']?.S, key['sk']?.S].join('\n');

/** Batches that are read beside each other. */
const batchesBeside = 4;

const batchesOf = <Key>(keys: readonly Key[]): readonly (readonly Key[])[] =>
  Array.from({ length: Math.ceil(keys.length / maxAtOnce) }, (_, at) =>
    keys.slice(at * maxAtOnce, (at + 1) * maxAtOnce),
  );

/**
 * Reads items by key, eventually consistent: a write of the last moment may not show yet. A key may be wanted twice;
 * DynamoDB refuses a batch that names it twice.
 */
export const batchGetEventual = async (
  client: DynamoDBClient,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, Item>> => {
  const all = [...new Map(wanted.map((each) => [wantedName(each), each])).values()];
  const read = batchesOf(all).map((batch) => () => readBatch(client, batch));
  return new Map((await settleAll(read, batchesBeside)).flat());
};

const readBatch = async (
  client: DynamoDBClient,
  batch: readonly Wanted[],
): Promise<readonly (readonly [string, Item])[]> => {
  const found: (readonly [string, Item])[] = [];
  let open = batch;
  for (let attempt = 1; ; attempt += 1) {
    const RequestItems: Record<string, { Keys: Item[] }> = {};
    for (const { table, key } of open) {
      RequestItems[table] ??= { Keys: [] };
      RequestItems[table].Keys.push(key);
    }
    const answer = await callAws('DynamoDB BatchGetItem', () => client.send(new BatchGetItemCommand({ RequestItems })));
    for (const [table, items] of Object.entries(answer.Responses ?? {})) {
      for (const item of items) found.push([wantedName({ table, key: item }), item]);
    }
    open = Object.entries(answer.UnprocessedKeys ?? {}).flatMap(([table, { Keys = [] }]) =>
      Keys.map((key) => ({ table, key })),
    );
    if (open.length === 0) return found;
    if (attempt >= maxTries.eventual) throw new Unavailable('DynamoDB BatchGetItem');
    await backOff(attempt);
  }
};

/** Reads items by key, consistently. It asks again for unprocessed keys, and never takes them for absent. */
export const batchGetConsistent = async (
  client: DynamoDBClient,
  table: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Item>> => {
  const read = batchesOf([...new Set(keys)]).map((batch) => () => readConsistently(client, table, batch));
  return new Map((await settleAll(read, batchesBeside)).flatMap((found) => [...found]));
};

const readConsistently = async (
  client: DynamoDBClient,
  table: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Item>> => {
  const found = new Map<string, Item>();
  let wanted = keys.map((pk) => keyOf(pk));
  for (let attempt = 0; wanted.length > 0; attempt += 1) {
    if (attempt >= maxTries.consistent) throw new Unavailable('DynamoDB BatchGetItem');
    if (attempt > 0) await backOff(attempt);
    const answer = await callAws('DynamoDB BatchGetItem', () =>
      client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } })),
    );
    for (const item of answer.Responses?.[table] ?? []) found.set(item['pk']?.S ?? '', item);
    wanted = answer.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
};

/** The items of a query, page by page, up to a maximum. */
export const queryAll = async (
  client: DynamoDBClient,
  input: QueryCommandInput,
  most = Number.POSITIVE_INFINITY,
): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const command = new QueryCommand({
      ...input,
      ...(Number.isFinite(most) ? { Limit: most - found.length } : {}),
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    const { Items = [], LastEvaluatedKey } = await callAws('DynamoDB Query', () => client.send(command));
    found.push(...Items);
    from = LastEvaluatedKey;
  } while (from !== undefined && found.length < most);
  return found;
};

/** All items under a partition key. */
export const queryPartition = (client: DynamoDBClient, TableName: string, pk: string): Promise<readonly Item[]> =>
  queryAll(client, {
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': { S: pk } },
  });
