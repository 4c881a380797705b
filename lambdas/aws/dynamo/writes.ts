import {
  BatchGetItemCommand,
  type CancellationReason,
  type DynamoDBClient,
  PutItemCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import type { Guard } from '../../otp/limits/guard.ts';
import { type Refusal, Unavailable } from '../../otp/ports.ts';
import { backOff, callAws, toUnavailable } from '../clients.ts';
import { guardKey, type Item, keyOf, refusalItem, values } from '../tables/verifications.ts';

export type Tables = { readonly verifications: string; readonly guards: string };

const daySeconds = 86_400;
const maxTries = 6;

/** Writes a guard if it is still the one that was read. It is kept for two days from its last send, or from `atMs`. */
export const guardWrite = (table: string, phoneKey: string, guard: Guard, atMs: number): TransactWriteItem => {
  const isFirst = guard.version <= 1;
  return {
    Update: {
      TableName: table,
      Key: keyOf(guardKey(phoneKey)),
      UpdateExpression: 'SET sends = :sends, version = :version, expiresAt = :expiresAt',
      ConditionExpression: isFirst ? 'attribute_not_exists(pk)' : 'version = :before',
      ExpressionAttributeValues: values({
        ':sends': guard.sends,
        ':version': guard.version,
        ':expiresAt': Math.floor(Math.max(atMs, ...guard.sends) / 1000) + 2 * daySeconds,
        ...(isFirst ? {} : { ':before': guard.version - 1 }),
      }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
};

/** Reads items by key, consistently and all of them: what was not processed is asked for again, never taken as absent. */
export const batchGetConsistent = async (
  client: DynamoDBClient,
  table: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Item>> => {
  const found = new Map<string, Item>();
  let wanted = keys.map(keyOf);
  for (let attempt = 0; wanted.length > 0; attempt += 1) {
    if (attempt >= maxTries) throw new Unavailable('DynamoDB BatchGetItem');
    if (attempt > 0) await backOff(attempt);
    const answer = await callAws('DynamoDB BatchGetItem', () =>
      client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } })),
    );
    for (const item of answer.Responses?.[table] ?? []) found.set(item['pk']?.S ?? '', item);
    wanted = answer.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
};

export type Transacted =
  | { readonly kind: 'done' }
  /** Some condition did not hold: one reason per item, in order. */
  | { readonly kind: 'refused'; readonly reasons: readonly CancellationReason[] }
  /** Another transaction held one of the items; nothing was written. */
  | { readonly kind: 'conflict' };

/** One transaction. The SDK repeats it with the same token, so that a lost answer does not write twice. */
export const transact = async (client: DynamoDBClient, items: TransactWriteItem[]): Promise<Transacted> => {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
    return { kind: 'done' };
  } catch (cause) {
    if (!(cause instanceof TransactionCanceledException)) throw toUnavailable('DynamoDB TransactWriteItems', cause);
    const reasons = cause.CancellationReasons ?? [];
    const codes = reasons.map(({ Code }) => Code);
    if (codes.includes('ConditionalCheckFailed')) return { kind: 'refused', reasons };
    if (codes.includes('TransactionConflict')) return { kind: 'conflict' };
    throw toUnavailable('DynamoDB TransactWriteItems', cause);
  }
};

const maxConflicts = 8;

/** One transaction, as often as others hold its items. */
export const transactDespiteConflicts = async (
  client: DynamoDBClient,
  items: TransactWriteItem[],
): Promise<Exclude<Transacted, { kind: 'conflict' }>> => {
  for (let attempt = 1; attempt <= maxConflicts; attempt += 1) {
    const outcome = await transact(client, items);
    if (outcome.kind !== 'conflict') return outcome;
    await backOff(Math.min(attempt, 5));
  }
  throw new Unavailable('DynamoDB TransactWriteItems');
};

export const failedAt = (reasons: readonly CancellationReason[], position: number): boolean =>
  reasons[position]?.Code === 'ConditionalCheckFailed';

/** Repeats a transaction that gives something back until it holds or is pointless. */
export const untilSettled = async (act: () => Promise<'settled' | 'again'>): Promise<void> => {
  const startedMs = performance.now();
  let last: unknown;
  for (let attempt = 0; attempt < maxTries; attempt += 1) {
    if (attempt > 0) await backOff(attempt);
    try {
      if ((await act()) === 'settled') return;
    } catch (cause) {
      if (!(cause instanceof Unavailable) || performance.now() - startedMs > maxSettlingMs) throw cause;
      last = cause;
    }
  }
  throw new Unavailable('DynamoDB TransactWriteItems', { cause: last });
};

/** How long an outage is waited out to give something back; the function has other things to end in its time. */
const maxSettlingMs = 3000;

/** Notes in a record that nobody knows whether the SMS of that send was sent. A later send is not touched. */
export const markUnconfirmed =
  (client: DynamoDBClient, table: string) =>
  async (key: string, sendId: string): Promise<void> => {
    await updateIfHolds(client, {
      TableName: table,
      Key: keyOf(key),
      UpdateExpression: 'SET delivery = :unconfirmed',
      ConditionExpression: 'sendId = :sendId',
      ExpressionAttributeValues: values({ ':unconfirmed': 'unconfirmed', ':sendId': sendId }),
    });
  };

/** How long the stream's readers have for a refusal before DynamoDB may delete it, in seconds. */
const refusalLifetimeSeconds = 3600;

export const noteRefusal =
  (client: DynamoDBClient, table: string, randomId: () => string) =>
  async (refusal: Refusal): Promise<void> => {
    const purgeAt = Math.floor(refusal.atMs / 1000) + refusalLifetimeSeconds;
    await callAws('DynamoDB PutItem', () =>
      client.send(new PutItemCommand({ TableName: table, Item: refusalItem(refusal, randomId(), purgeAt) })),
    );
  };

/** A plain conditional write, repeated despite conflicts. `undefined`: its condition did not hold, and nothing was written. */
export const updateIfHolds = (
  client: DynamoDBClient,
  input: UpdateItemCommandInput,
): Promise<UpdateItemCommandOutput | undefined> =>
  callAws('DynamoDB UpdateItem', () =>
    despiteConflicts('DynamoDB UpdateItem', () => client.send(new UpdateItemCommand(input)).catch(isRefused)),
  );

/** Passes over a condition that did not hold; everything else is thrown on. */
const isRefused = (cause: unknown): undefined => {
  if (cause instanceof Error && cause.name === 'ConditionalCheckFailedException') return undefined;
  throw cause;
};

const surelyNotWritten = [
  'TransactionConflictException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
];

/**
 * Repeats a plain write that surely was not made: a transaction held its item (to the SDK an error of the caller), or
 * there was too much to do.
 */
export const despiteConflicts = async <T>(dependency: string, write: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await write();
    } catch (cause) {
      if (!(cause instanceof Error) || !surelyNotWritten.includes(cause.name)) throw cause;
      if (attempt >= maxTries) throw new Unavailable(dependency, { cause });
      await backOff(attempt);
    }
  }
};
