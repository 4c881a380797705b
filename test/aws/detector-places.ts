/** Where the stores of the detector are put to the same test: in memory, and on tables in the emulator. */

import { randomBytes } from 'node:crypto';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { dynamoClient } from '../../lambdas/aws/clients.ts';
import type { Item } from '../../lambdas/aws/dynamo/items.ts';
import { dynamoCases } from '../../lambdas/aws/stores/cases.ts';
import { dynamoDetector } from '../../lambdas/aws/stores/detector.ts';
import { dynamoOutbox } from '../../lambdas/aws/stores/outbox.ts';
import { dynamoTrafficCounters } from '../../lambdas/aws/stores/traffic/counters.ts';
import { dynamoLaunches } from '../../lambdas/aws/stores/traffic/launches.ts';
import { auditItem } from '../../lambdas/aws/tables/security/audit.ts';
import { launchItem } from '../../lambdas/aws/tables/security/launches.ts';
import { auditEntryOf } from '../../lambdas/bursts/audit.ts';
import type { BatchPlace } from '../../lambdas/bursts/counts/batch.ts';
import type { TrafficEvent } from '../../lambdas/bursts/counts/events.ts';
import type { Key } from '../../lambdas/bursts/counts/keys.ts';
import type { Launch } from '../../lambdas/bursts/evidence/launches.ts';
import type { Outbox } from '../../lambdas/bursts/findings/notify.ts';
import type { LaunchStore } from '../../lambdas/bursts/launches.ts';
import type { DetectorStore } from '../../lambdas/bursts/ports.ts';
import type { CaseStore } from '../../lambdas/bursts/sweep.ts';
import type { Dynamo } from '../../local/aws/dynamo.ts';
import { memoryBursts } from '../../replay/memory/memory-bursts.ts';

export type Place = {
  readonly store: DetectorStore;
  readonly cases: CaseStore;
  readonly outbox: Outbox;
  readonly launches: LaunchStore;
  /** The batch of an event, as the audit trail has it. */
  readonly batchPlaceOf: (event: TrafficEvent) => Promise<BatchPlace | undefined>;
  /** What staff do, by the commands of the runbook. */
  readonly staff: {
    readonly block: (key: Key, untilMs: number) => Promise<void>;
    readonly lift: (key: Key, untilMs: number) => Promise<void>;
    readonly unblock: (key: Key) => Promise<void>;
    readonly announce: (launch: Launch) => Promise<void>;
    readonly note: (uid: string, notes: { readonly by: string; readonly atMs: number }) => Promise<void>;
  };
};

/** Seconds since the epoch, as DynamoDB has them. */
export const seconds = (ms: number): { readonly N: string } => ({ N: String(Math.ceil(ms / 1000)) });

export const inMemory = (): Place => {
  const memory = memoryBursts();
  return {
    store: memory,
    cases: memory.cases,
    outbox: memory.outbox,
    launches: memory.launches,
    batchPlaceOf: async ({ id }) => memory.placeOf(id),
    staff: {
      block: async (key, untilMs) => memory.block(key, untilMs),
      lift: async (key, untilMs) => memory.lift(key, untilMs),
      unblock: async (key) => memory.unblock(key),
      announce: async (launch) => memory.announce(launch),
      note: async (uid, { by, atMs }) => memory.note(uid, { acknowledgedBy: by, falsePositive: { by, atMs } }),
    },
  };
};

/** A container of its own: nothing is remembered from one to the next. */
export const onTables = ({ tables, call }: Dynamo, unreadable: () => void): Place => {
  const client = dynamoClient();
  const counters = dynamoTrafficCounters(client, tables, {
    unreadable,
    lane: randomBytes(4).toString('hex'),
    verifiedEnough: Number.POSITIVE_INFINITY,
    auditDays: 90,
  });
  const keyOf = ({ level, of }: Key) => ({ pk: { S: `block#${level}#${of}` } });
  const put = async (Item: object): Promise<void> => {
    await call('DynamoDB_20120810.PutItem', { TableName: tables.guards, Item });
  };
  return {
    store: dynamoDetector(client, tables, counters, { findingDays: 400 }),
    cases: dynamoCases(client, tables, counters, { findingDays: 400, unreadable }),
    outbox: dynamoOutbox(client, tables.security, unreadable),
    launches: dynamoLaunches(client, tables.security, counters, unreadable),
    batchPlaceOf: async (event) => {
      const { pk, sk } = auditItem(auditEntryOf(event, 90));
      const { Item } = await call('DynamoDB_20120810.GetItem', { TableName: tables.security, Key: { pk, sk } });
      const { batch, place, records, judgedAt, streamAt } = unmarshall((Item ?? {}) as Item);
      return Item === undefined ? undefined : { batch, place, records, judgedAtMs: judgedAt, streamAtMs: streamAt };
    },
    staff: {
      block: (key, untilMs) => put({ ...keyOf(key), expiresAt: seconds(untilMs), author: { S: 'staff' } }),
      lift: (key, untilMs) =>
        put({ ...keyOf(key), liftedUntil: seconds(untilMs), expiresAt: seconds(untilMs + 86_400_000) }),
      unblock: async (key) => {
        await call('DynamoDB_20120810.DeleteItem', { TableName: tables.guards, Key: keyOf(key) });
      },
      announce: async (launch) => {
        await call('DynamoDB_20120810.PutItem', { TableName: tables.security, Item: launchItem(launch) });
      },
      note: async (uid, { by, atMs }) => {
        await call('DynamoDB_20120810.UpdateItem', {
          TableName: tables.security,
          Key: { pk: { S: 'finding' }, sk: { S: uid } },
          UpdateExpression: 'SET acknowledgedBy = :by, label = :label, labeledBy = :by, labeledAt = :at',
          ExpressionAttributeValues: {
            ':by': { S: by },
            ':label': { S: 'false-positive' },
            ':at': { N: String(Math.floor(atMs / 1000)) },
          },
        });
      },
    },
  };
};
