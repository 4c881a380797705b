import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Counts, withoutLanes } from '../../../bursts/counts/counts.ts';
import type { TrafficEvent } from '../../../bursts/counts/events.ts';
import { type Key, nameOf } from '../../../bursts/counts/keys.ts';
import { timeBucketOf } from '../../../bursts/counts/time-buckets.ts';
import type { KeyState } from '../../../bursts/evidence/assess.ts';
import type { RolledUp } from '../../../bursts/ports.ts';
import { dayOf } from '../../../otp/limits/caps.ts';
import { type Item, keyOf, numberAt, values } from '../../dynamo/items.ts';
import { queryAll, type Wanted } from '../../dynamo/reads.ts';
import { updateIfHolds } from '../../dynamo/writes.ts';
import { callAws } from '../../failures.ts';
import { readVerified, verifiedKey } from '../../tables/guards.ts';
import {
  historyExpiry,
  historySort,
  historyText,
  isOlderHistory,
  keptTimeBuckets,
  lastLaneSort,
  lastSort,
  lastTimeBucketSort,
  partsSort,
  readCounts,
  readHistory,
  runningKey,
  timeBucketSort,
  trafficKey,
  usualTimeBuckets,
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

/** State, last block and blocked parts of a key. */
export type KeyItems = KeyState & { readonly last: Item | undefined; readonly parts: Item | undefined };

/** The counters of traffic: time buckets, histories, and the entry of each event. */
export type TrafficCounters = {
  /** Counts events, each once, all of an event or nothing of it, and keeps them in the audit trail as one batch. */
  readonly count: (events: readonly TrafficEvent[], nowMs: number) => Promise<void>;
  /** When the detector saw its first event, epoch milliseconds. */
  readonly runningSinceMs: (nowMs: number) => Promise<number>;
  /** The item of Guards by which counting approvals of a country ends, if the key is one that still counts them. */
  readonly watchedOf: (key: Key, nowMs: number) => readonly Wanted[];
  /** Notes what such an item says. */
  readonly watch: (key: Key, item: Item | undefined, nowMs: number) => void;
  /** The counts of a key from a time bucket on. */
  readonly countsFrom: (key: Key, timeBucket: number) => Promise<readonly Counts[]>;
  /** The items under a key in Traffic, by one Query, or by two if its history is older than most. */
  readonly readKey: (key: Key, nowMs: number) => Promise<KeyItems>;
  /** Sends that a block on the key refused, by time bucket. */
  readonly refusedSince: (
    key: Key,
    fromTimeBucket: number,
  ) => Promise<readonly { readonly timeBucket: number; readonly count: number }[]>;
  /** Keeps a history, unless a newer one is there. */
  readonly rollUp: (rolledUp: RolledUp) => Promise<void>;
};

/** Codes are judged by the counts of their country, and all countries by theirs. */
export const isCounted = ({ level }: Key): boolean => level !== 'codes' && level !== 'everywhere';

export const dynamoTrafficCounters = (
  client: DynamoDBClient,
  tables: CounterTables,
  { isApplication = () => true, auditDays, unreadable, lane, verifiedEnough }: CounterOptions,
): TrafficCounters => {
  const { traffic } = tables;
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
    watchedOf: (key, nowMs) => (isWatched(key, nowMs) ? [verifiedOf(key, nowMs)] : []),
    watch: (key, item, nowMs) => {
      if (isWatched(key, nowMs) && readVerified(item) >= verifiedEnough) enough.add(dayKeyOf(key, nowMs));
    },
    countsFrom: (key, timeBucket) => countsFrom(client, traffic, key, timeBucket),
    readKey: (key, nowMs) => readKey(client, traffic, unreadable, key, nowMs),
    refusedSince: async (key, from) => {
      const found = await timeBucketsOf(client, traffic, key, from, { attributes: 'timeBucket, blocked' });
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

/**
 * Everything under a key from the time buckets on that a history lacks as a rule: by their sort keys, history, last block and
 * parts come behind them. A quiet key may lack more of them.
 */
const readKey = async (
  client: DynamoDBClient,
  TableName: string,
  unreadable: () => void,
  key: Key,
  nowMs: number,
): Promise<KeyItems> => {
  const usual = timeBucketOf(nowMs) - usualTimeBuckets;
  const found = await queryAll(client, {
    TableName,
    KeyConditionExpression: 'pk = :pk AND sk >= :oldest',
    ExpressionAttributeValues: values({ ':pk': nameOf(key), ':oldest': timeBucketSort(usual) }),
  });
  const at = (sort: string): Item | undefined => found.find(({ sk }) => sk?.S === sort);
  const read = readHistory(at(historySort), timeBucketOf(nowMs) + 1);
  if (read === 'unreadable') unreadable();
  const history = read === 'unreadable' ? undefined : read;
  const oldest = Math.max(timeBucketOf(nowMs) - keptTimeBuckets, (history?.timeBucket ?? 0) + 1);
  const older = oldest < usual ? await timeBucketsOf(client, TableName, key, oldest, { newest: usual - 1 }) : [];
  const counts = [...older, ...found.filter(isTimeBucketFrom(oldest))].map(readCounts);
  return { history, counts: withoutLanes(counts), last: at(lastSort), parts: at(partsSort) };
};

const isTimeBucketFrom =
  (oldest: number) =>
  ({ sk }: Item): boolean =>
    sk?.S !== undefined && sk.S >= timeBucketSort(oldest) && sk.S <= lastTimeBucketSort;

type Some = {
  /** The last time bucket, with all of its lanes. */
  readonly newest?: number;
  readonly attributes?: string;
};

const timeBucketsOf = (
  client: DynamoDBClient,
  TableName: string,
  key: Key,
  oldest: number,
  { newest, attributes }: Some = {},
): Promise<readonly Item[]> =>
  queryAll(client, {
    TableName,
    ...(attributes === undefined ? {} : { ProjectionExpression: attributes }),
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :oldest AND :newest',
    ExpressionAttributeValues: values({
      ':pk': nameOf(key),
      ':oldest': timeBucketSort(oldest),
      ':newest': newest === undefined ? lastTimeBucketSort : lastLaneSort(newest),
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
