import { createHash } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Case } from '../../bursts/findings/case.ts';
import type { CaseStep } from '../../bursts/findings/render.ts';
import type { CaseStore, OpenCase } from '../../bursts/sweep.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { batchGetEventual, queryAll, wantedName } from '../dynamo/reads.ts';
import { hasNoVersion, isVersion, valuesOfVersion } from '../dynamo/versions.ts';
import { transactDespiteConflicts } from '../dynamo/writes.ts';
import { callAws } from '../failures.ts';
import { blockKey, readLiftedUntilMs } from '../tables/guards.ts';
import {
  attributesOfCase,
  type FoundCase,
  findingKey,
  openItem,
  openKey,
  openPartition,
  readCase,
} from '../tables/security/cases.ts';
import { outboxItem } from '../tables/security/outbox.ts';
import type { TrafficCounters } from './traffic/counters.ts';

export type CaseTables = { readonly guards: string; readonly security: string };

export type CaseOptions = {
  /** How long findings are kept after their last notification, in days. */
  readonly findingDays: number;
  /** An item could not be read, and is passed over. */
  readonly unreadable: () => void;
};

export const readStoredCase = async (client: DynamoDBClient, TableName: string, uid: string): Promise<FoundCase> => {
  const command = new GetItemCommand({ TableName, Key: findingKey(uid), ConsistentRead: true });
  const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
  return readCase(Item);
};

/** The writes of a step: all of them in one transaction, or none. */
export type StepWrites = {
  readonly others: readonly TransactWriteItem[];
  /** Of a case that becomes part of another. */
  readonly parent: TransactWriteItem | undefined;
};

export const stepWrites = (TableName: string, step: CaseStep, findingDays: number): StepWrites => {
  const { after, notification, joins } = step;
  return {
    others: [
      caseWrite(TableName, step, findingDays),
      openWrite(TableName, after),
      ...(notification === undefined ? [] : [{ Put: { TableName, Item: outboxItem(notification) } }]),
    ],
    parent: joins === undefined ? undefined : parentWrite(TableName, joins),
  };
};

const caseWrite = (TableName: string, { after, finding }: CaseStep, findingDays: number): TransactWriteItem => {
  const attributes = Object.entries(attributesOfCase(after, finding, findingDays));
  const sets = attributes.map(([name]) => `#${name} = :${name}`).join(', ');
  const before = after.version - 1;
  return {
    Update: {
      TableName,
      Key: findingKey(after.uid),
      UpdateExpression: `SET ${sets}${after.parent === undefined ? ' REMOVE #parent' : ''}`,
      ConditionExpression: before === 0 ? hasNoVersion : isVersion,
      ExpressionAttributeNames: {
        '#parent': 'parent',
        ...Object.fromEntries(attributes.map(([name]) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ...values(Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value]))),
        ...valuesOfVersion(before),
      },
    },
  };
};

const openWrite = (TableName: string, after: Case): TransactWriteItem =>
  after.isOpen ? { Put: { TableName, Item: openItem(after) } } : { Delete: { TableName, Key: openKey(after.uid) } };

/** One part more of a case that is open. */
const parentWrite = (TableName: string, uid: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: findingKey(uid),
    UpdateExpression: 'ADD children :one',
    ConditionExpression: 'isOpen = :true AND (attribute_not_exists(children) OR attribute_type(children, :number))',
    ExpressionAttributeValues: values({ ':one': 1, ':true': true, ':number': 'N' }),
  },
});

/** What a sweep reads and commits. */
export const dynamoCases = (
  client: DynamoDBClient,
  tables: CaseTables,
  counters: Pick<TrafficCounters, 'refusedSince'>,
  options: CaseOptions,
): CaseStore => ({
  open: async (nowMs, max) => {
    const uids = await openUids(client, tables.security, nowMs, max);
    return await openCases(client, tables, counters, uids, options.unreadable);
  },
  commit: async (step) => {
    const { others, parent } = stepWrites(tables.security, step, options.findingDays);
    const writes = parent === undefined ? [...others] : [...others, parent];
    return (await transactDespiteConflicts(client, writes)).kind === 'done';
  },
});

/** From another uid on each minute, and round to it: of more cases than one sweep can follow, none is forgotten. */
const openUids = async (
  client: DynamoDBClient,
  TableName: string,
  nowMs: number,
  max: number,
): Promise<readonly string[]> => {
  const from = createHash('sha256')
    .update(String(Math.floor(nowMs / 60_000)))
    .digest('hex');
  const half = async (comparison: '>=' | '<', left: number) =>
    left <= 0
      ? []
      : await queryAll(
          client,
          {
            TableName,
            KeyConditionExpression: `pk = :pk AND sk ${comparison} :from`,
            ExpressionAttributeValues: values({ ':pk': openPartition, ':from': from }),
          },
          left,
        );
  const later = await half('>=', max);
  const earlier = await half('<', max - later.length);
  return [...later, ...earlier].flatMap(({ sk }) => sk?.S ?? []);
};

/** Queries at a time. */
const maxParallel = 25;

const openCases = async (
  client: DynamoDBClient,
  { security, guards }: CaseTables,
  counters: Pick<TrafficCounters, 'refusedSince'>,
  uids: readonly string[],
  unreadable: () => void,
): Promise<readonly OpenCase[]> => {
  const found = await batchGetEventual(
    client,
    uids.map((uid) => ({ table: security, key: findingKey(uid) })),
  );
  const read = [...found.values()].map(readCase);
  for (const { stored } of read) if (stored === undefined) unreadable();
  const all = read.flatMap(({ stored }) => (stored?.before.isOpen === true ? [stored] : []));
  const blockOf = ({ key }: Case) => ({ table: guards, key: keyOf(blockKey(key.level, key.of)) });
  const blocks = await batchGetEventual(
    client,
    all.map(({ before }) => blockOf(before)),
  );
  const open: OpenCase[] = [];
  for (let from = 0; from < all.length; from += maxParallel) {
    const some = all.slice(from, from + maxParallel).map(async ({ before, finding }): Promise<OpenCase> => {
      const { key, action, refusals } = before;
      return {
        before,
        finding,
        liftedUntilMs: readLiftedUntilMs(blocks.get(wantedName(blockOf(before)))),
        refusedSince: action === 'none' ? [] : await counters.refusedSince(key, refusals.from),
      };
    });
    open.push(...(await Promise.all(some)));
  }
  return open;
};
