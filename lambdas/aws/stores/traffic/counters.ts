import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Counts, withoutLanes } from '../../../bursts/counts/counts.ts';
import type { TrafficEvent } from '../../../bursts/counts/events.ts';
import { type Key, nameOf } from '../../../bursts/counts/keys.ts';
import { timeBucketOf } from '../../../bursts/counts/time-buckets.ts';
import type { KeyState } from '../../../bursts/evidence/assess.ts';
import type { RolledUp } from '../../../bursts/ports.ts';
import { dayOf } from '../../../otp/limits/caps.ts';
import { callAws } from '../../clients.ts';
import { type Item, keyOf, numberAt, values } from '../../dynamo/items.ts';
import { queryAll, type Wanted, wantedName } from '../../dynamo/reads.ts';
import { updateIfHolds } from '../../dynamo/writes.ts';
import { readVerified, verifiedKey } from '../../tables/guards.ts';
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
  timeBucketSort,
  trafficKey,
} from '../../tables/traffic.ts';
import { lanesOf } from './turns.ts';
import { type CounterTables, countAll } from './writes.ts';

export type { CounterTables };

export type CounterOptions = {
  /** Whether an application of that name exists. Counts name no others, so that invented names do not fill an item up. */
  readonly isApplication?: (name: string) => boolean;
  /** How long the audit trail keeps an event. */
  readonly auditDays: number;
  /** An item could not be read, and counts as none. */
  readonly unreadable: () => void;
  /** A name that no other container has: it writes to lanes of its own. */
  readonly lane: string;
  /** Approvals of a country in a day beyond which more of them change nothing. */
  readonly verifiedEnough: number;
};

/** The counters of traffic: time buckets, histories, and the entry of each event. */
export type TrafficCounters = {
  /** Counts events, each once, all of an event or nothing of it, and keeps them in the audit trail as one batch. */
  readonly count: (events: readonly TrafficEvent[], nowMs: number) => Promise<void>;
  /** When the detector saw its first event, epoch milliseconds. */
  readonly runningSinceMs: (nowMs: number) => Promise<number>;
  /** The items that `stateOf` needs of a key: one batch of reads brings them with others. */
  readonly wantedOf: (key: Key, nowMs: number) => readonly Wanted[];
  /** The counts of a key from a time bucket on. */
  readonly countsFrom: (key: Key, timeBucket: number) => Promise<readonly Counts[]>;
  readonly stateOf: (key: Key, items: ReadonlyMap<string, Item>, nowMs: number) => Promise<KeyState>;
  /** Sends that a block on the key refused, by time bucket. */
  readonly refusedSince: (
    key: Key,
    fromTimeBucket: number,
  ) => Promise<readonly { readonly timeBucket: number; readonly count: number }[]>;
  /** Keeps a history, unless a newer one is there. */
  readonly rollUp: (rolledUp: RolledUp) => Promise<void>;
};

/** Codes are judged by the counts of their country, and all countries by theirs. */
const isCounted = ({ level }: Key): boolean => level !== 'codes' && level !== 'everywhere';

export const dynamoTrafficCounters = (
  client: DynamoDBClient,
  tables: CounterTables,
  { isApplication = () => true, auditDays, unreadable, lane, verifiedEnough }: CounterOptions,
): TrafficCounters => {
  const { traffic } = tables;
  const historyOf = (key: Key): Wanted => ({ table: traffic, key: trafficKey(key, historySort) });
  const lanes = lanesOf(lane);
  let runningSince: number | undefined;
  /** Countries and days with enough approvals. */
  const enough = new Set<string>();
  const dayKeyOf = ({ of }: Key, nowMs: number): string => verifiedKey(of, dayOf(nowMs));
  const verifiedOf = (key: Key, nowMs: number): Wanted => ({ table: tables.guards, key: keyOf(dayKeyOf(key, nowMs)) });
  const isWatched = (key: Key, nowMs: number): boolean =>
    key.level === 'country' && Number.isFinite(verifiedEnough) && !enough.has(dayKeyOf(key, nowMs));
  return {
    count: (events, nowMs) =>
      countAll(
        { client, tables, isApplication, auditDays, lane, lanes, isEnough: (pk) => enough.has(pk) },
        events,
        nowMs,
      ),
    runningSinceMs: async (nowMs) => {
      runningSince ??= await firstEventMs(client, traffic, nowMs);
      return runningSince;
    },
    wantedOf: (key, nowMs) =>
      isCounted(key) ? [historyOf(key), ...(isWatched(key, nowMs) ? [verifiedOf(key, nowMs)] : [])] : [],
    countsFrom: (key, timeBucket) => countsFrom(client, traffic, key, timeBucket),
    stateOf: async (key, items, nowMs) => {
      if (!isCounted(key)) return { history: undefined, counts: [] };
      const verified = items.get(wantedName(verifiedOf(key, nowMs)));
      if (isWatched(key, nowMs) && readVerified(verified) >= verifiedEnough) enough.add(dayKeyOf(key, nowMs));
      const read = readHistory(items.get(wantedName(historyOf(key))), timeBucketOf(nowMs) + 1);
      if (read === 'unreadable') unreadable();
      const history = read === 'unreadable' ? undefined : read;
      const oldest = Math.max(timeBucketOf(nowMs) - keptTimeBuckets, (history?.timeBucket ?? 0) + 1);
      const found = await timeBucketsOf(client, traffic, key, oldest);
      return { history, counts: withoutLanes(found.map(readCounts)) };
    },
    refusedSince: async (key, from) => {
      const found = await timeBucketsOf(client, traffic, key, from, 'timeBucket, blocked');
      return found.map((item) => ({
        timeBucket: numberAt(item, 'timeBucket') ?? from,
        count: numberAt(item, 'blocked') ?? 0,
      }));
    },
    rollUp: keepHistory(client, traffic),
  };
};

/** The counts of a key from a time bucket on. */
export const countsFrom = async (
  client: DynamoDBClient,
  traffic: string,
  key: Key,
  timeBucket: number,
): Promise<readonly Counts[]> => withoutLanes((await timeBucketsOf(client, traffic, key, timeBucket)).map(readCounts));

const keepHistory =
  (client: DynamoDBClient, TableName: string) =>
  async ({ key, history }: RolledUp): Promise<void> => {
    await updateIfHolds(client, {
      TableName,
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
