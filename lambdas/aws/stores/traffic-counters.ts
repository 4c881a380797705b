import { type DynamoDBClient, type TransactWriteItem, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Addition, additionsOf } from '../../bursts/counts/counts.ts';
import type { TrafficEvent } from '../../bursts/counts/events.ts';
import { type Key, nameOf } from '../../bursts/counts/keys.ts';
import { timeBucketOf } from '../../bursts/counts/time-buckets.ts';
import type { KeyState } from '../../bursts/evidence/assess.ts';
import type { RolledUp } from '../../bursts/ports.ts';
import { dayOf } from '../../otp/limits/caps.ts';
import { callAws } from '../clients.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';
import { queryAll, type Wanted, wantedName } from '../dynamo/reads.ts';
import { failedAt, transactDespiteConflicts, updateIfHolds } from '../dynamo/writes.ts';
import { verifiedExpiry, verifiedKey } from '../tables/guards.ts';
import {
  historyExpiry,
  historySort,
  historyText,
  isOlderHistory,
  keptTimeBuckets,
  lastTimeBucketSort,
  readCounts,
  readHistory,
  runningKey,
  timeBucketExpiry,
  timeBucketSort,
  trafficKey,
  trafficMarkItem,
} from '../tables/traffic.ts';

export type CounterTables = { readonly traffic: string; readonly guards: string };

export type CounterOptions = {
  readonly exemptApplications: readonly string[];
  /** An item could not be read, and counts as none. */
  readonly unreadable: () => void;
};

/** What is counted of traffic: marks, time buckets, histories. Nothing else reads or writes these items. */
export type TrafficCounters = {
  /** Counts events, each once, all of an event or nothing of it. */
  readonly count: (events: readonly TrafficEvent[]) => Promise<void>;
  /** When the detector saw its first event, epoch milliseconds. */
  readonly runningSinceMs: (nowMs: number) => Promise<number>;
  /** The items that `stateOf` needs of a key: one batch of reads brings them with others. */
  readonly wantedOf: (key: Key) => readonly Wanted[];
  readonly stateOf: (key: Key, items: ReadonlyMap<string, Item>, nowMs: number) => Promise<KeyState>;
  /** Sends that a block on the key refused, by time bucket. */
  readonly refusedSince: (
    key: Key,
    fromTimeBucket: number,
  ) => Promise<readonly { readonly timeBucket: number; readonly count: number }[]>;
  /** Keeps a history, unless a newer one is there. */
  readonly rollUp: (rolledUp: RolledUp) => Promise<void>;
};

/** What DynamoDB takes in one transaction. */
const maxAtOnce = 100;

/** Codes are judged by the counts of their country, and all countries by theirs. */
const isCounted = ({ level }: Key): boolean => level !== 'codes' && level !== 'everywhere';

export const dynamoTrafficCounters = (
  client: DynamoDBClient,
  tables: CounterTables,
  { exemptApplications, unreadable }: CounterOptions,
): TrafficCounters => {
  const { traffic } = tables;
  const historyOf = (key: Key): Wanted => ({ table: traffic, key: trafficKey(key, historySort) });
  let runningSince: number | undefined;
  return {
    count: (events) => countOnce(client, tables, exemptApplications, events),
    runningSinceMs: async (nowMs) => {
      runningSince ??= await firstEventMs(client, traffic, nowMs);
      return runningSince;
    },
    wantedOf: (key) => (isCounted(key) ? [historyOf(key)] : []),
    stateOf: async (key, items, nowMs) => {
      if (!isCounted(key)) return { history: undefined, counts: [] };
      const read = readHistory(items.get(wantedName(historyOf(key))), timeBucketOf(nowMs) + 1);
      if (read === 'unreadable') unreadable();
      const history = read === 'unreadable' ? undefined : read;
      const oldest = Math.max(timeBucketOf(nowMs) - keptTimeBuckets, (history?.timeBucket ?? 0) + 1);
      const found = await timeBucketsOf(client, traffic, key, oldest);
      return { history, counts: found.map(readCounts) };
    },
    refusedSince: async (key, from) => {
      const found = await timeBucketsOf(client, traffic, key, from, 'timeBucket, blocked');
      return found.map((item) => ({
        timeBucket: numberAt(item, 'timeBucket') ?? from,
        count: numberAt(item, 'blocked') ?? 0,
      }));
    },
    rollUp: async ({ key, history }) => {
      await updateIfHolds(client, {
        TableName: traffic,
        Key: trafficKey(key, historySort),
        UpdateExpression: 'SET timeBucket = :timeBucket, history = :history, expiresAt = :expiresAt',
        ConditionExpression: isOlderHistory,
        ExpressionAttributeValues: values({
          ':timeBucket': history.timeBucket,
          ':history': historyText(history),
          ':expiresAt': historyExpiry(history.timeBucket),
          ':number': 'N',
          ':future': history.timeBucket + keptTimeBuckets,
        }),
      });
    },
  };
};

/**
 * Counts events in as few transactions as possible. An event's mark is written in the transaction that counts it. If a mark
 * is refused, the rest of its transaction is counted without that event.
 */
const countOnce = async (
  client: DynamoDBClient,
  tables: CounterTables,
  exempt: readonly string[],
  events: readonly TrafficEvent[],
): Promise<void> => {
  const writesOf = (group: readonly TrafficEvent[]): TransactWriteItem[] => [
    ...group.map((event) => markWrite(tables.traffic, event)),
    ...additionsOf(group, exempt).map((addition) => additionWrite(tables.traffic, addition)),
    ...verifiedWrites(tables.guards, group),
  ];
  // One after the other, because they share the counts of a country.
  for (const group of groupsOf(events, (group) => writesOf(group).length <= maxAtOnce)) {
    let open = group;
    while (open.length > 0) {
      const outcome = await transactDespiteConflicts(client, writesOf(open));
      if (outcome.kind === 'done') break;
      // Only marks have a condition.
      open = open.filter((_, index) => !failedAt(outcome.reasons, index));
    }
  }
};

const groupsOf = (
  events: readonly TrafficEvent[],
  fits: (group: readonly TrafficEvent[]) => boolean,
): readonly (readonly TrafficEvent[])[] => {
  const groups: TrafficEvent[][] = [];
  for (const event of new Map(events.map((each) => [each.id, each])).values()) {
    const last = groups.at(-1);
    if (last !== undefined && fits([...last, event])) last.push(event);
    else groups.push([event]);
  }
  return groups;
};

const markWrite = (TableName: string, { id, atMs }: TrafficEvent): TransactWriteItem => ({
  Put: {
    TableName,
    Item: trafficMarkItem(id, atMs),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

const additionWrite = (TableName: string, { key, timeBucket, add, ips }: Addition): TransactWriteItem => {
  const counts = [...add];
  const adding = [...counts.map((_, index) => `#c${index} :c${index}`), ...(ips.size === 0 ? [] : ['#ips :ips'])];
  return {
    Update: {
      TableName,
      Key: trafficKey(key, timeBucketSort(timeBucket)),
      UpdateExpression: `SET timeBucket = :timeBucket, expiresAt = :expiresAt ADD ${adding.join(', ')}`,
      ExpressionAttributeNames: {
        ...Object.fromEntries(counts.map(([name], index) => [`#c${index}`, name])),
        ...(ips.size === 0 ? {} : { '#ips': 'ips' }),
      },
      ExpressionAttributeValues: {
        ...values({ ':timeBucket': timeBucket, ':expiresAt': timeBucketExpiry(timeBucket) }),
        ...values(Object.fromEntries(counts.map(([, by], index) => [`:c${index}`, by]))),
        ...(ips.size === 0 ? {} : { ':ips': { NS: [...ips].map(String) } }),
      },
    },
  };
};

/** Verifications of a country and day, which the send path reads. */
const verifiedWrites = (TableName: string, events: readonly TrafficEvent[]): readonly TransactWriteItem[] => {
  const days = new Map<string, { count: number; latestMs: number }>();
  for (const { kind, subject, atMs } of events) {
    if (kind !== 'approved') continue;
    const pk = verifiedKey(subject.country, dayOf(atMs));
    const { count, latestMs } = days.get(pk) ?? { count: 0, latestMs: atMs };
    days.set(pk, { count: count + 1, latestMs: Math.max(latestMs, atMs) });
  }
  return [...days].map(([pk, { count, latestMs }]) => ({
    Update: {
      TableName,
      Key: keyOf(pk),
      UpdateExpression: 'SET expiresAt = :expiresAt ADD verifiedCount :count',
      ExpressionAttributeValues: values({
        ':count': count,
        ':expiresAt': verifiedExpiry(latestMs),
      }),
    },
  }));
};

const timeBucketsOf = (
  client: DynamoDBClient,
  TableName: string,
  key: Key,
  oldest: number,
  ProjectionExpression?: string,
): Promise<readonly Item[]> =>
  queryAll(client, {
    TableName,
    ...(ProjectionExpression === undefined ? {} : { ProjectionExpression }),
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :oldest AND :newest',
    ExpressionAttributeValues: values({
      ':pk': nameOf(key),
      ':oldest': timeBucketSort(oldest),
      ':newest': lastTimeBucketSort,
    }),
  });

const firstEventMs = async (client: DynamoDBClient, TableName: string, nowMs: number): Promise<number> => {
  const command = new UpdateItemCommand({
    TableName,
    Key: runningKey,
    UpdateExpression: 'SET since = if_not_exists(since, :now)',
    ExpressionAttributeValues: values({ ':now': nowMs }),
    ReturnValues: 'ALL_NEW',
  });
  const { Attributes } = await callAws('DynamoDB UpdateItem', () => client.send(command));
  return numberAt(Attributes, 'since') ?? nowMs;
};
