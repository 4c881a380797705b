import {
  type CancellationReason,
  type DynamoDBClient,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
  type UpdateItemCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { Unavailable } from '../../otp/ports.ts';
import { backOff, callAws, toUnavailable } from '../failures.ts';
import { isCanceled, isConditionFailed } from './refusals.ts';

const maxTries = 6;

export type Transacted =
  | { readonly kind: 'done' }
  /** A condition did not hold. One reason per item, in order. */
  | { readonly kind: 'refused'; readonly reasons: readonly CancellationReason[] }
  /** Another transaction held one of the items. Nothing was written. */
  | { readonly kind: 'conflict' };

/** One transaction. The SDK repeats it with the same token, so that it is written once if an answer is lost. */
export const transact = async (client: DynamoDBClient, items: TransactWriteItem[]): Promise<Transacted> => {
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems: items }));
    return { kind: 'done' };
  } catch (cause) {
    if (!isCanceled(cause)) throw toUnavailable('DynamoDB TransactWriteItems', cause);
    const reasons = cause.CancellationReasons ?? [];
    const codes = reasons.map(({ Code }) => Code);
    if (codes.includes('ConditionalCheckFailed')) return { kind: 'refused', reasons };
    if (codes.includes('TransactionConflict')) return { kind: 'conflict' };
    // A write that DynamoDB will never take, such as one of too large an item. A repeat would not help.
    if (codes.includes('ValidationError')) throw cause;
    throw toUnavailable('DynamoDB TransactWriteItems', cause);
  }
};

const maxConflicts = 8;

/** One transaction, repeated while others hold its items. */
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

/** Repeats a transaction that rolls back, until it holds or has nothing left to do. */
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

/** How long an outage is waited out. The function has to answer within its time-out. */
const maxSettlingMs = 3000;

/** A plain conditional write, repeated despite conflicts. `undefined`: its condition did not hold. */
export const updateIfHolds = (
  client: DynamoDBClient,
  input: UpdateItemCommandInput,
): Promise<UpdateItemCommandOutput | undefined> =>
  callAws('DynamoDB UpdateItem', () =>
    despiteConflicts('DynamoDB UpdateItem', () => client.send(new UpdateItemCommand(input)).catch(isRefused)),
  );

/** Takes a condition that did not hold for no error. */
const isRefused = (cause: unknown): undefined => {
  if (isConditionFailed(cause)) return undefined;
  throw cause;
};

const surelyNotWritten = [
  'TransactionConflictException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
];

/** Repeats a plain write that surely was not made: it was throttled, or a transaction held its item. */
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
