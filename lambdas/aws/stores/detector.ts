import { type DynamoDBClient, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type Key, nameOf } from '../../bursts/counts/keys.ts';
import type { Campaign } from '../../bursts/findings/campaign.ts';
import type { Memory, Outcome, Renewal, RulingDecision } from '../../bursts/findings/decision.ts';
import type { DetectorStore, Facts, KeyFacts } from '../../bursts/ports.ts';
import { settleAll } from '../../otp/settle.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { batchGetEventual, type Wanted, wantedName } from '../dynamo/reads.ts';
import { hasNoVersion, isVersion, valuesOfVersion } from '../dynamo/versions.ts';
import { failedAt, transactDespiteConflicts } from '../dynamo/writes.ts';
import { backOff, callAws } from '../failures.ts';
import {
  blockExpiry,
  blockItem,
  blockKey,
  detectorAuthor,
  holdsNoBlock,
  isOurBlockUntil,
  isOurRestriction,
  readLiftedUntilMs,
  readStaffUntilMs,
} from '../tables/guards.ts';
import { findingKey } from '../tables/security/cases.ts';
import { launchUpdate } from '../tables/security/launches.ts';
import {
  campaignKey,
  campaignValues,
  isBlockUntil,
  isNotNotifiedSince,
  lastExpiry,
  lastOfBlock,
  lastOfNotification,
  lastSort,
  partAttribute,
  partsSort,
  readCampaign,
  readLast,
  readParts,
  trafficKey,
} from '../tables/traffic.ts';
import { readStoredCase, stepWrites } from './cases.ts';
import { isCounted, type TrafficCounters } from './traffic/counters.ts';

export type DetectorTables = { readonly traffic: string; readonly guards: string; readonly security: string };

export type DetectorOptions = {
  /** How long findings are kept after their last notification, in days. */
  readonly findingDays: number;
};

/** A write, and the outcome if its condition fails. */
type Guarded = { readonly write: TransactWriteItem; readonly ifRefused: Exclude<Outcome, 'committed'> };

const noCampaign: Campaign = { version: 0, cases: [] };

/** What the detector reads and commits. Counters have a store of their own. */
export const dynamoDetector = (
  client: DynamoDBClient,
  tables: DetectorTables,
  counters: TrafficCounters,
  { findingDays }: DetectorOptions,
): DetectorStore => {
  const readFacts = (keys: readonly Key[], nowMs: number) => factsOf(client, tables, counters, keys, nowMs);
  return {
    count: async (events, keys, nowMs) => {
      await counters.count(events, nowMs);
      if (keys.length === 0) return { facts: new Map(), runningSinceMs: nowMs };
      const [facts, runningSinceMs] = await Promise.all([readFacts(keys, nowMs), counters.runningSinceMs(nowMs)]);
      return { facts, runningSinceMs };
    },
    readFacts,
    readCase: async (uid, { withCampaign }) => {
      const [{ version, stored }, campaign] = await Promise.all([
        readStoredCase(client, tables.security, uid),
        withCampaign ? readStoredCampaign(client, tables.traffic) : noCampaign,
      ]);
      return { version, before: stored?.before, campaign };
    },
    commit: async (decision) => {
      if (decision.kind === 'renewal') return await commitAll(client, renewalWrites(tables, decision));
      const outcome = await commitAll(client, rulingWrites(tables, decision, findingDays));
      // Another writer came first. The flow decides anew, and that writer has a moment to end.
      if (outcome === 'changed' || outcome === 'parent-closed') await backOff(2);
      return outcome;
    },
    rollUp: counters.rollUp,
  };
};

/** Keys that are read beside each other. */
const maxKeysBeside = 32;

const factsOf = async (
  client: DynamoDBClient,
  { traffic, guards }: DetectorTables,
  counters: TrafficCounters,
  keys: readonly Key[],
  nowMs: number,
): Promise<Facts> => {
  const blockOf = (key: Key): Wanted => ({ table: guards, key: keyOf(blockKey(key.level, key.of)) });
  const lastOf = (key: Key): Wanted => ({ table: traffic, key: trafficKey(key, lastSort) });
  const beside = batchGetEventual(
    client,
    keys.flatMap((key) => [
      ...counters.watchedOf(key, nowMs),
      blockOf(key),
      // Nothing else stands in Traffic of what has no counts.
      ...(isCounted(key) ? [] : [lastOf(key)]),
    ]),
  );
  const ofKey = async (key: Key): Promise<readonly [string, KeyFacts]> => {
    const found = isCounted(key) ? await counters.readKey(key, nowMs) : undefined;
    const items = await beside;
    const itemOf = (wanted: Wanted) => items.get(wantedName(wanted));
    for (const wanted of counters.watchedOf(key, nowMs)) counters.watch(key, itemOf(wanted), nowMs);
    const { history, counts = [], last = itemOf(lastOf(key)), parts } = found ?? {};
    const block = itemOf(blockOf(key));
    const facts = {
      history,
      counts,
      ...readLast(last),
      block: block && { liftedUntilMs: readLiftedUntilMs(block), staffUntilMs: readStaffUntilMs(block) },
      parts: readParts(parts),
    };
    return [nameOf(key), facts];
  };
  // It is waited for below, if there is any key. An error of it is one of theirs.
  beside.catch(() => undefined);
  return new Map(
    await settleAll(
      keys.map((key) => () => ofKey(key)),
      maxKeysBeside,
    ),
  );
};

const readStoredCampaign = async (client: DynamoDBClient, TableName: string): Promise<Campaign> => {
  const command = new GetItemCommand({ TableName, Key: campaignKey, ConsistentRead: true });
  const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
  return readCampaign(Item);
};

/** Of several conditions that failed, the first one here is answered. */
const precedence = ['already-blocked', 'parent-closed', 'changed'] as const;

const commitAll = async (client: DynamoDBClient, writes: readonly Guarded[]): Promise<Outcome> => {
  const outcome = await transactDespiteConflicts(
    client,
    writes.map(({ write }) => write),
  );
  if (outcome.kind === 'done') return 'committed';
  const refused = new Set(writes.flatMap((each, at) => (failedAt(outcome.reasons, at) ? [each.ifRefused] : [])));
  return precedence.find((each) => refused.has(each)) ?? 'changed';
};

const rulingWrites = (tables: DetectorTables, decision: RulingDecision, findingDays: number): readonly Guarded[] => {
  const { step, campaign } = decision;
  const { others, parent } = stepWrites(tables.security, step, findingDays);
  return [
    ...memoryWrites(tables, decision).map((write): Guarded => ({ write, ifRefused: 'already-blocked' })),
    ...[...others, ...partWrites(tables.traffic, decision)].map((write): Guarded => ({ write, ifRefused: 'changed' })),
    ...(parent === undefined ? [] : [{ write: parent, ifRefused: 'parent-closed' } satisfies Guarded]),
    ...(campaign === undefined
      ? []
      : [{ write: campaignWrite(tables.traffic, campaign), ifRefused: 'changed' } satisfies Guarded]),
  ];
};

/** A block of staff is never written over while it holds, whichever ends later. */
const blockWrite = (
  TableName: string,
  { key, atMs, block, replacesRestriction }: RulingDecision,
): TransactWriteItem => {
  const now = { ':now': Math.floor(atMs / 1000), ':number': 'N' };
  const condition = replacesRestriction
    ? {
        ConditionExpression: [holdsNoBlock, isOurRestriction].join(' OR '),
        ExpressionAttributeValues: values({ ...now, ':detector': detectorAuthor, ':true': true }),
      }
    : { ConditionExpression: holdsNoBlock, ExpressionAttributeValues: values(now) };
  if (block === undefined) {
    return { ConditionCheck: { TableName, Key: keyOf(blockKey(key.level, key.of)), ...condition } };
  }
  const { uid, ...rest } = block;
  return { Put: { TableName, Item: blockItem({ ...key, ...rest, finding: uid }), ...condition } };
};

/** Block and memory. A launch is exceeded whatever holds on its key. */
const memoryWrites = (
  { guards, traffic, security }: DetectorTables,
  decision: RulingDecision,
): readonly TransactWriteItem[] => {
  const { key, memory } = decision;
  if (memory.kind === 'case') return [];
  if (memory.kind !== 'launch') return [blockWrite(guards, decision), memoryWrite(traffic, key, memory)];
  return [{ Update: launchUpdate(security, memory.exceeded.before, memory.exceeded.progress) }];
};

const memoryWrite = (
  TableName: string,
  key: Key,
  memory: Extract<Memory, { kind: 'block' | 'notification' }>,
): TransactWriteItem => {
  const attributes = memory.kind === 'block' ? lastOfBlock(memory.lastBlock) : lastOfNotification(memory.lastNotified);
  const names = Object.keys(attributes);
  return {
    Update: {
      TableName,
      Key: trafficKey(key, lastSort),
      UpdateExpression: `SET ${names.map((name) => `${name} = :${name}`).join(', ')}`,
      ...(memory.kind === 'block' ? {} : { ConditionExpression: isNotNotifiedSince }),
      ExpressionAttributeValues: values({
        ...Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`:${name}`, value])),
        ...(memory.kind === 'block' ? {} : { ':since': memory.unlessSinceMs, ':number': 'N' }),
      }),
    },
  };
};

const partWrites = (TableName: string, { parts }: RulingDecision): readonly TransactWriteItem[] =>
  parts.map(({ within, blocked }) => ({
    Update: {
      TableName,
      Key: trafficKey(within, partsSort),
      UpdateExpression: 'SET #part = :at, expiresAt = :expiresAt',
      ExpressionAttributeNames: { '#part': partAttribute(blocked.slot) },
      ExpressionAttributeValues: values({ ':at': blocked.atMs, ':expiresAt': lastExpiry(blocked.atMs) }),
    },
  }));

const campaignWrite = (TableName: string, campaign: Campaign): TransactWriteItem => {
  const before = campaign.version - 1;
  return {
    Update: {
      TableName,
      Key: campaignKey,
      UpdateExpression: 'SET version = :version, cases = :cases, expiresAt = :expiresAt',
      ConditionExpression: before === 0 ? hasNoVersion : isVersion,
      ExpressionAttributeValues: { ...campaignValues(campaign), ...valuesOfVersion(before) },
    },
  };
};

const renewalWrites = (
  { guards, traffic, security }: DetectorTables,
  { key, before, after }: Renewal,
): readonly Guarded[] => {
  const [untilMs, beforeMs] = [after.untilMs, before.untilMs];
  const writes: readonly TransactWriteItem[] = [
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
        Key: findingKey(after.uid),
        UpdateExpression: 'SET #until = :until ADD version :one',
        ConditionExpression: 'attribute_type(version, :number)',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: values({ ':until': untilMs, ':one': 1, ':number': 'N' }),
      },
    },
  ];
  return writes.map((write) => ({ write, ifRefused: 'changed' }));
};
