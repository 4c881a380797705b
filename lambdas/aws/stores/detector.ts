import {
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  type Addition,
  additionsOf,
  type Key,
  nameOf,
  type TrafficEvent,
  timeBucketOf,
} from '../../bursts/counts/traffic.ts';
import {
  asNews,
  type BurstLedger,
  campaignBefore,
  type GraveCase,
  type KeyFacts,
  type Prolonged,
  remembered,
} from '../../bursts/detect.ts';
import { afterRuling, asPart, isLoud, isRinging, type Told, withoutParent } from '../../bursts/findings/case.ts';
import type { Finding } from '../../bursts/findings/finding.ts';
import { partName, type Ruling } from '../../bursts/judge/judge.ts';
import { dayOf } from '../../otp/limits/caps.ts';
import { Unavailable } from '../../otp/ports.ts';
import { backOff, callAws } from '../clients.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';
import { queryAll, readLately, type Wanted, wantedName } from '../dynamo/reads.ts';
import { failedAt, transactDespiteConflicts, updateIfHolds } from '../dynamo/writes.ts';
import {
  blockExpiry,
  blockItem,
  blockKey,
  detectorAuthor,
  holdsNoBlock,
  isOurBlockUntil,
  isOurRestriction,
  verifiedExpiry,
  verifiedKey,
} from '../tables/guards.ts';
import { findingKey } from '../tables/security.ts';
import {
  asLifted,
  campaignKey,
  campaignValues,
  historyExpiry,
  historySort,
  historyText,
  isBlockUntil,
  isOlderHistory,
  keptTimeBuckets,
  lastExpiry,
  lastOfBlock,
  lastOfTold,
  lastSort,
  lastTimeBucketSort,
  notToldSince,
  partAttribute,
  partsSort,
  readCampaign,
  readCounts,
  readHistory,
  readLast,
  readParts,
  runningKey,
  timeBucketExpiry,
  timeBucketSort,
  trafficKey,
  trafficMarkItem,
} from '../tables/traffic.ts';
import { caseNow, stepWrites } from './cases.ts';

export type BurstTables = { readonly traffic: string; readonly guards: string; readonly security: string };

export type BurstLedgerOptions = {
  readonly exemptApplications: readonly string[];
  readonly findingOf: (ruling: Ruling) => Finding;
  /** How long findings are kept after their last news, in days. */
  readonly findingDays: number;
  /** An item could not be read, and is taken for none. */
  readonly unreadable: () => void;
};

const maxTries = 8;
/** What DynamoDB takes in one transaction. */
const maxAtOnce = 100;

/** What the detector may do to the tables. */
export const dynamoBurstLedger = (
  client: DynamoDBClient,
  tables: BurstTables,
  options: BurstLedgerOptions,
): BurstLedger => {
  let runningSince: number | undefined;
  return {
    count: (events) => countOnce(client, tables, options.exemptApplications, events),
    read: (keys, nowMs) => readKeys(client, tables, keys, nowMs, options.unreadable),
    runningSinceMs: async (nowMs) => {
      runningSince ??= await firstEventMs(client, tables.traffic, nowMs);
      return runningSince;
    },
    rollUp: async ({ key, history }) => {
      await updateIfHolds(client, {
        TableName: tables.traffic,
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
    rule: (ruling) => ruleOn(client, tables, options, ruling),
    prolong: async (prolonged) => {
      await transactDespiteConflicts(client, prolongWrites(tables, prolonged));
    },
  };
};

/**
 * Counts events in as few transactions as hold them. Each leaves a mark in the transaction that counts it, so that what
 * was counted before is told apart, and the rest is counted without it.
 */
const countOnce = async (
  client: DynamoDBClient,
  tables: BurstTables,
  exempt: readonly string[],
  events: readonly TrafficEvent[],
): Promise<void> => {
  const writesOf = (group: readonly TrafficEvent[]): TransactWriteItem[] => [
    ...group.map((event) => markWrite(tables.traffic, event)),
    ...additionsOf(group, exempt).map((addition) => additionWrite(tables.traffic, addition)),
    ...verifiedWrites(tables.guards, group),
  ];
  // One after the other: they meet in the counts of the country.
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

/** Verifications of a country's day, which the send path reads. */
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

const readKeys = async (
  client: DynamoDBClient,
  { traffic, guards }: BurstTables,
  keys: readonly Key[],
  nowMs: number,
  unreadable: () => void,
): Promise<ReadonlyMap<string, KeyFacts>> => {
  const wantedOf = (key: Key) => ({
    ...(isCounted(key) ? { history: { table: traffic, key: trafficKey(key, historySort) } } : {}),
    last: { table: traffic, key: trafficKey(key, lastSort) },
    block: { table: guards, key: keyOf(blockKey(key.level, key.of)) },
    ...(key.level === 'country' || key.level === 'prefix'
      ? { parts: { table: traffic, key: trafficKey(key, partsSort) } }
      : {}),
  });
  const items = await readLately(
    client,
    keys.flatMap((key) => Object.values(wantedOf(key))),
  );
  const itemOf = (wanted: Wanted | undefined) => (wanted === undefined ? undefined : items.get(wantedName(wanted)));
  const factsOf = async (key: Key): Promise<readonly [string, KeyFacts]> => {
    const { history: historyAt, last: lastAt, block, parts } = wantedOf(key);
    const read = readHistory(itemOf(historyAt), timeBucketOf(nowMs) + 1);
    if (read === 'unreadable') unreadable();
    const history = read === 'unreadable' ? undefined : read;
    const oldest = Math.max(timeBucketOf(nowMs) - keptTimeBuckets, (history?.timeBucket ?? 0) + 1);
    const { last, told } = readLast(itemOf(lastAt));
    return [
      nameOf(key),
      {
        history,
        counts: isCounted(key) ? (await timeBucketsOf(client, traffic, key, oldest)).map(readCounts) : [],
        last: asLifted(last, itemOf(block), nowMs),
        told,
        parts: readParts(itemOf(parts)),
      },
    ];
  };
  return new Map(await Promise.all(keys.map(factsOf)));
};

/** Codes are judged by the counts of their country, and all countries by theirs. */
const isCounted = ({ level }: Key): boolean => level !== 'codes' && level !== 'everywhere';

const timeBucketsOf = (client: DynamoDBClient, TableName: string, key: Key, oldest: number): Promise<readonly Item[]> =>
  queryAll(client, {
    TableName,
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

/**
 * The block, or that there is none: the first part of each ruling, and the one that decides. A block of staff is never
 * written over while it holds, be it longer or shorter; our own only where a block takes the place of a restriction.
 */
const blockWrite = (TableName: string, ruling: Ruling, finding: Finding): TransactWriteItem => {
  const { key, action, atMs, untilMs, uid } = ruling;
  const now = { ':now': Math.floor(atMs / 1000) };
  const condition =
    action === 'block'
      ? {
          ConditionExpression: [holdsNoBlock, isOurRestriction].join(' OR '),
          ExpressionAttributeValues: values({ ...now, ':detector': detectorAuthor, ':true': true }),
        }
      : { ConditionExpression: holdsNoBlock, ExpressionAttributeValues: values(now) };
  if (action === 'none')
    return { ConditionCheck: { TableName, Key: keyOf(blockKey(key.level, key.of)), ...condition } };
  const reason = finding.finding_info.title;
  const block = { ...key, untilMs, reason, finding: uid, isRestriction: action === 'restrict' };
  return { Put: { TableName, Item: blockItem(block), ...condition } };
};

/** Two that say the same within a minute are one. */
const sameMs = 60_000;

const lastWrite = (TableName: string, ruling: Ruling): TransactWriteItem => {
  const isTold = ruling.action === 'none';
  const attributes = isTold ? lastOfTold(ruling) : lastOfBlock(ruling);
  const names = Object.keys(attributes);
  return {
    Update: {
      TableName,
      Key: trafficKey(ruling.key, lastSort),
      UpdateExpression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')}`,
      ...(isTold ? { ConditionExpression: notToldSince } : {}),
      ExpressionAttributeValues: values({
        ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
        ...(isTold ? { ':same': ruling.atMs - sameMs } : {}),
      }),
    },
  };
};

const partWrites = (TableName: string, { key, within, action, atMs }: Ruling): readonly TransactWriteItem[] =>
  within === undefined || action === 'none'
    ? []
    : [
        {
          Update: {
            TableName,
            Key: trafficKey(within, partsSort),
            UpdateExpression: 'SET #part = :at, expiresAt = :expiresAt',
            ExpressionAttributeNames: { '#part': partAttribute(partName(key)) },
            ExpressionAttributeValues: values({ ':at': atMs, ':expiresAt': lastExpiry(atMs) }),
          },
        },
      ];

/**
 * Block, memory, case and news in one: there is no block without its finding, and none that nobody is told of.
 *
 * What rings is counted with all that rang in the campaign so far: that decides how loudly it is told.
 */
const ruleOn = async (
  client: DynamoDBClient,
  tables: BurstTables,
  options: BurstLedgerOptions,
  judged: Ruling,
): Promise<Told | undefined> => {
  let ruling = judged;
  for (let attempt = 1; attempt <= maxTries; attempt += 1) {
    const [found, grave] = await Promise.all([
      caseNow(client, tables.security, ruling.uid),
      isLoud(ruling.severity) ? graveCases(client, tables.traffic) : { version: 0, cases: [] },
    ]);
    const part = asPart(ruling);
    const isCounted = isLoud(part.severity) && isRinging(found.file, part);
    const told = isCounted ? asNews(part, campaignBefore(grave.cases, ruling)) : part;
    const finding = options.findingOf(told);
    const step = afterRuling(found.file, found.version, told, finding);
    const { case: written, others, parent } = stepWrites(tables.security, step, options.findingDays);
    const block = blockWrite(tables.guards, told, finding);
    const last = lastWrite(tables.traffic, told);
    const writes = [
      block,
      last,
      written,
      ...others,
      ...partWrites(tables.traffic, told),
      ...(parent === undefined ? [] : [parent]),
      ...(isCounted
        ? [graveWrite(tables.traffic, grave.version, [...remembered(grave.cases, ruling.atMs), ruling])]
        : []),
    ];
    const outcome = await transactDespiteConflicts(client, writes);
    if (outcome.kind === 'done') return { ruling: told, news: step.news };
    const hasFailed = (write: TransactWriteItem) => failedAt(outcome.reasons, writes.indexOf(write));
    if (hasFailed(block) || hasFailed(last)) return undefined;
    // Its parent is not there, or not yet: the sweep finds it.
    if (parent !== undefined && hasFailed(parent)) ruling = withoutParent(ruling);
    await backOff(Math.min(attempt, 3));
  }
  throw new Unavailable('DynamoDB TransactWriteItems');
};

const graveCases = async (client: DynamoDBClient, TableName: string) => {
  const command = new GetItemCommand({ TableName, Key: campaignKey, ConsistentRead: true });
  const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
  return readCampaign(Item);
};

const graveWrite = (TableName: string, version: number, cases: readonly GraveCase[]): TransactWriteItem => ({
  Update: {
    TableName,
    Key: campaignKey,
    UpdateExpression: 'SET version = :version, cases = :cases, expiresAt = :expiresAt',
    ConditionExpression: version === 0 ? 'attribute_not_exists(version)' : 'version = :before',
    ExpressionAttributeValues: {
      ...campaignValues({ version: version + 1, cases }),
      ...(version === 0 ? {} : values({ ':before': version })),
    },
  },
});

const prolongWrites = (
  { guards, traffic, security }: BurstTables,
  { key, last, before }: Prolonged,
): TransactWriteItem[] => {
  const [untilMs, beforeMs] = [last.untilMs, before.untilMs];
  return [
    {
      Update: {
        TableName: guards,
        Key: keyOf(blockKey(key.level, key.of)),
        UpdateExpression: 'SET expiresAt = :until',
        ConditionExpression: isOurBlockUntil,
        ExpressionAttributeValues: values({
          ':until': blockExpiry(untilMs),
          ':before': blockExpiry(beforeMs),
          ':detector': detectorAuthor,
        }),
      },
    },
    {
      Update: {
        TableName: traffic,
        Key: trafficKey(key, lastSort),
        UpdateExpression: 'SET blockUntil = :until, expiresAt = :expiresAt',
        ConditionExpression: isBlockUntil,
        ExpressionAttributeValues: values({
          ':until': untilMs,
          ':before': beforeMs,
          ':expiresAt': lastExpiry(untilMs),
        }),
      },
    },
    {
      Update: {
        TableName: security,
        Key: findingKey(last.uid),
        UpdateExpression: 'SET #until = :until ADD version :one',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: values({ ':until': untilMs, ':one': 1 }),
      },
    },
  ];
};
