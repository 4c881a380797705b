import { UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Exceeded } from '../../../otp/limits/reservation.ts';
import type { Reserved } from '../../../otp/ports.ts';
import { dynamoClientOnce } from '../../clients.ts';
import type { Item } from '../../dynamo/items.ts';
import { isConditionFailed } from '../../dynamo/refusals.ts';
import { despiteConflicts } from '../../dynamo/writes.ts';
import { toUnavailable } from '../../failures.ts';

/** The answer of one counter. */
export type ShareOutcome =
  | {
      readonly kind: 'held';
      readonly release: Write;
      /** How long it may be released, in milliseconds. Later the share stays reserved. */
      readonly forMs?: number;
      /** The share of an IP. */
      readonly of?: 'ip';
    }
  | { readonly kind: 'exceeded'; readonly counters: readonly Exceeded[] }
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/** One counter that is exceeded. */
export const exceededAlone = (counter: Exceeded): ShareOutcome => ({ kind: 'exceeded', counters: [counter] });

export type Table = { readonly name: string };

export const gather = async (table: Table, parts: readonly Promise<ShareOutcome>[]): Promise<Reserved> => {
  const startedMs = performance.now();
  const shares = await Promise.all(parts);
  const release: Reserved['release'] = async (kept) => {
    const ranMs = performance.now() - startedMs;
    const held = shares
      .filter((share) => share.kind === 'held')
      .filter(({ forMs = Infinity, of }) => ranMs < forMs && (kept === undefined || of !== kept));
    await Promise.all(held.map((share) => releaseOne(table, share.release)));
  };
  return { outcome: outcomeOf(shares), release };
};

const outcomeOf = (shares: readonly ShareOutcome[]): Reserved['outcome'] => {
  const exceeded = shares.filter((share) => share.kind === 'exceeded');
  // A write that was refused holds nothing, even if its answer does not say which counter is exceeded.
  if (exceeded.length > 0) return { kind: 'exceeded', counters: exceeded.flatMap(({ counters }) => counters) };
  return shares.find((share) => share.kind === 'unavailable') ?? { kind: 'held' };
};

/** One attempt. A failed one leaves the counter too high until its window ends, which is the safe side. */
const releaseOne = async ({ name }: Table, write: Write): Promise<void> => {
  const command = new UpdateItemCommand({ ConditionExpression: 'attribute_exists(pk)', ...write, TableName: name });
  await dynamoClientOnce()
    .send(command)
    .catch(() => undefined);
};

export type Write = Omit<UpdateItemCommandInput, 'TableName'>;

type Written =
  | { readonly kind: 'written' }
  /** The condition did not hold. */
  | { readonly kind: 'refused'; readonly item: Item | undefined }
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/** Never repeats a write that may have been made, or a slow table would use up the caps. */
export const attempt = async ({ name }: Table, write: Write): Promise<Written> => {
  const command = new UpdateItemCommand({ ...write, TableName: name, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
  try {
    await despiteConflicts('DynamoDB UpdateItem', () => dynamoClientOnce().send(command));
    return { kind: 'written' };
  } catch (cause) {
    if (isConditionFailed(cause)) return { kind: 'refused', item: cause.Item };
    return { kind: 'unavailable', cause: toUnavailable('DynamoDB UpdateItem', cause) };
  }
};

export const reserveOne = async (
  table: Table,
  write: Write,
  release: Write,
  exceeded: (item: Item | undefined) => readonly Exceeded[],
): Promise<ShareOutcome> => {
  const written = await attempt(table, write);
  if (written.kind === 'written') return { kind: 'held', release };
  return written.kind === 'refused' ? { kind: 'exceeded', counters: exceeded(written.item) } : written;
};
