import { createHash } from 'node:crypto';
import {
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { type Key, nameOf } from '../../bursts/counts/traffic.ts';
import type { CaseFile, Step } from '../../bursts/findings/case.ts';
import type { Outbox } from '../../bursts/findings/notify.ts';
import type { CaseLedger, OpenCase } from '../../bursts/sweep.ts';
import { callAws } from '../clients.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';
import { queryAll, readLately, wantedName } from '../dynamo/reads.ts';
import { transactDespiteConflicts, updateIfHolds } from '../dynamo/writes.ts';
import { blockKey, readLiftedUntilMs } from '../tables/guards.ts';
import {
  attributesOfCase,
  type FoundCase,
  findingKey,
  openItem,
  openKey,
  openPartition,
  outboxItem,
  outboxKey,
  outboxPartition,
  readCase,
  readNews,
} from '../tables/security.ts';
import { lastTimeBucketSort, timeBucketSort } from '../tables/traffic.ts';

export type CaseTables = { readonly traffic: string; readonly guards: string; readonly security: string };

export type CaseOptions = {
  /** How long findings are kept after their last news, in days. */
  readonly findingDays: number;
  /** An item could not be read, and is passed over. */
  readonly unreadable: () => void;
};

/** The case of a uid as it stands now. */
export const caseNow = async (client: DynamoDBClient, TableName: string, uid: string): Promise<FoundCase> => {
  const command = new GetItemCommand({ TableName, Key: findingKey(uid), ConsistentRead: true });
  const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
  return readCase(Item);
};

/** The writes of a step: all of them in one transaction, or none. */
export type StepWrites = {
  readonly case: TransactWriteItem;
  readonly others: readonly TransactWriteItem[];
  /** Of a case that becomes part of another. */
  readonly parent: TransactWriteItem | undefined;
};

export const stepWrites = (TableName: string, { file, news, joins }: Step, findingDays: number): StepWrites => ({
  case: caseWrite(TableName, file, findingDays),
  others: [openWrite(TableName, file), ...(news === undefined ? [] : [{ Put: { TableName, Item: outboxItem(news) } }])],
  parent: joins === undefined ? undefined : parentWrite(TableName, joins),
});

const isNew = 'attribute_not_exists(version)';
const isAsRead = 'version = :before';

const caseWrite = (TableName: string, file: CaseFile, findingDays: number): TransactWriteItem => {
  const attributes = Object.entries({
    ...attributesOfCase(file, findingDays),
    ...(file.parent === undefined ? {} : { parent: file.parent }),
  });
  const sets = attributes.map(([name]) => `#${name} = :${name}`).join(', ');
  const before = file.version - 1;
  return {
    Update: {
      TableName,
      Key: findingKey(file.uid),
      UpdateExpression: `SET ${sets}${file.parent === undefined ? ' REMOVE #parent' : ''}`,
      ConditionExpression: before === 0 ? isNew : isAsRead,
      ExpressionAttributeNames: {
        '#parent': 'parent',
        ...Object.fromEntries(attributes.map(([name]) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: values({
        ...Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value])),
        ...(before === 0 ? {} : { ':before': before }),
      }),
    },
  };
};

const openWrite = (TableName: string, file: CaseFile): TransactWriteItem =>
  file.isOpen ? { Put: { TableName, Item: openItem(file) } } : { Delete: { TableName, Key: openKey(file.uid) } };

/** One part more of a case that is open. */
const parentWrite = (TableName: string, uid: string): TransactWriteItem => ({
  Update: {
    TableName,
    Key: findingKey(uid),
    UpdateExpression: 'ADD children :one',
    ConditionExpression: 'isOpen = :true',
    ExpressionAttributeValues: values({ ':one': 1, ':true': true }),
  },
});

/** What a sweep may do to the tables. */
export const dynamoCaseLedger = (client: DynamoDBClient, tables: CaseTables, options: CaseOptions): CaseLedger => ({
  open: async (nowMs, most) => {
    const uids = await openUids(client, tables.security, nowMs, most);
    return await openCases(client, tables, uids, options.unreadable);
  },
  take: async (step) => {
    const { case: written, others, parent } = stepWrites(tables.security, step, options.findingDays);
    const writes = [written, ...others, ...(parent === undefined ? [] : [parent])];
    return (await transactDespiteConflicts(client, writes)).kind === 'done';
  },
});

/** From another uid on each minute, and round to it: of more than can be looked after, none is forgotten. */
const openUids = async (
  client: DynamoDBClient,
  TableName: string,
  nowMs: number,
  most: number,
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
  const later = await half('>=', most);
  const earlier = await half('<', most - later.length);
  return [...later, ...earlier].flatMap(({ sk }) => sk?.S ?? []);
};

const atATime = 25;

const openCases = async (
  client: DynamoDBClient,
  { security, guards, traffic }: CaseTables,
  uids: readonly string[],
  unreadable: () => void,
): Promise<readonly OpenCase[]> => {
  const found = await readLately(
    client,
    uids.map((uid) => ({ table: security, key: findingKey(uid) })),
  );
  const read = [...found.values()].map(readCase);
  for (const { file } of read) if (file === undefined) unreadable();
  const files = read.flatMap(({ file }) => (file?.isOpen === true ? [file] : []));
  const blockOf = ({ key }: CaseFile) => ({ table: guards, key: keyOf(blockKey(key.level, key.of)) });
  const blocks = await readLately(client, files.map(blockOf));
  const open: OpenCase[] = [];
  for (let from = 0; from < files.length; from += atATime) {
    const some = files.slice(from, from + atATime).map(async (file): Promise<OpenCase> => {
      return {
        file,
        liftedUntilMs: readLiftedUntilMs(blocks.get(wantedName(blockOf(file)))),
        refusedSince: file.action === 'none' ? [] : await refusedSince(client, traffic, file.key, file.refusals.from),
      };
    });
    open.push(...(await Promise.all(some)));
  }
  return open;
};

const refusedSince = async (client: DynamoDBClient, TableName: string, key: Key, from: number) => {
  const items = await queryAll(client, {
    TableName,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :oldest AND :newest',
    ProjectionExpression: 'timeBucket, blocked',
    ExpressionAttributeValues: values({
      ':pk': nameOf(key),
      ':oldest': timeBucketSort(from),
      ':newest': lastTimeBucketSort,
    }),
  });
  return items.map((item: Item) => ({
    timeBucket: numberAt(item, 'timeBucket') ?? from,
    count: numberAt(item, 'blocked') ?? 0,
  }));
};

/** What stands to be told. */
export const dynamoOutbox = (client: DynamoDBClient, TableName: string, unreadable: () => void): Outbox => ({
  untold: async (beforeMs, most) => {
    const items = await queryAll(
      client,
      {
        TableName,
        KeyConditionExpression: 'pk = :pk AND sk < :before',
        ExpressionAttributeValues: values({
          ':pk': outboxPartition,
          ':before': String(Math.floor(beforeMs)).padStart(15, '0'),
        }),
      },
      most,
    );
    return items.flatMap((item) => {
      const news = readNews(item);
      if (news === undefined) unreadable();
      return news ?? [];
    });
  },
  drop: async (ids) => {
    await Promise.all(
      ids.map((id) =>
        callAws('DynamoDB DeleteItem', () => client.send(new DeleteItemCommand({ TableName, Key: outboxKey(id) }))),
      ),
    );
  },
  noteSaid: async (ids) => {
    const note = (id: string) =>
      updateIfHolds(client, {
        TableName,
        Key: outboxKey(id),
        UpdateExpression: 'SET isLogged = :true',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: values({ ':true': true }),
      });
    await Promise.all(ids.map(note));
  },
});
