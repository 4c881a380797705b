import {
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import type { Action } from '../../../desk/actions.ts';
import {
  type Estimate,
  type Export,
  type ExportedTable,
  type ExportStore,
  exportedTables,
  type Part,
} from '../../../desk/exports/export.ts';
import { type Item, values } from '../../dynamo/items.ts';
import { queryAll } from '../../dynamo/reads.ts';
import { transactDespiteConflicts, updateIfHolds } from '../../dynamo/writes.ts';
import { callAws } from '../../failures.ts';
import {
  exportItem,
  exportKey,
  exportLockItem,
  exportLockKey,
  exportPartItem,
  exportPartKey,
  exportPartPartition,
  exportPartPrefix,
  exportSecretItem,
  exportSecretKey,
  progressOf,
  readExport,
  readExportPart,
  settingOf,
} from '../../tables/security/exports.ts';
import { actionWrite } from '../desk/actions.ts';

export type ExportTables = Readonly<Record<ExportedTable | 'guards', string>>;

/** The run that holds the export may write, while it is not ended. */
const isRunning = '#phase = :scanning OR #phase = :sealing';
const isHeld = `#run = :held AND (${isRunning})`;
const heldNames = { '#run': 'run', '#phase': 'phase' };
const runningPhases = { ':scanning': 'scanning', ':sealing': 'sealing' };
const heldValues = ({ run }: Export): Item => values({ ':held': run, ...runningPhases });

/** @param auditDays how long the entry of the audit trail is kept. */
export const dynamoExports = (client: DynamoDBClient, tables: ExportTables, auditDays: number): ExportStore => ({
  estimate: async () => {
    const all = await Promise.all(exportedTables.map((table) => estimateOf(client, tables[table])));
    return all.reduce(addEstimates);
  },
  start: (begun, secret, action) => start(client, tables, begun, { secret, action, auditDays }),
  find: (id) => findExport(client, tables.security, id),
  take: (...asked) => take(client, tables.security, asked),
  release: (held, nowMs) => release(client, tables.security, held, nowMs),
  secret: async (id) => {
    const command = new GetItemCommand({ TableName: tables.guards, Key: exportSecretKey(id), ConsistentRead: true });
    const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
    return Item?.['secret']?.B;
  },
  plan: async (held, part) => {
    const planned = { Put: { TableName: tables.security, Item: exportPartItem(held, part) } };
    return await written(client, [stillHeld(tables.security, held), planned]);
  },
  advance: async (held, next, part) =>
    await written(client, [
      progressed(tables.security, held, next),
      ...(part === undefined ? [] : [keptPart(tables.security, held, part)]),
    ]),
  parts: async (id) => {
    const items = await queryAll(client, {
      TableName: tables.security,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
      ExpressionAttributeValues: values({
        ':pk': exportPartPartition,
        ':first': exportPartPrefix(id),
        ':last': `${exportPartPrefix(id)}~`,
      }),
      ConsistentRead: true,
    });
    return items.map(readExportPart);
  },
  end: async (held, ended) =>
    await written(client, [
      // A place has the key of an item, and so the keyed hash of a number.
      progressed(tables.security, held, { ...held, ...ended, places: [] }),
      unlocked(tables.security, held),
      { Delete: { TableName: tables.guards, Key: exportSecretKey(held.id) } },
    ]),
});

const take = async (
  client: DynamoDBClient,
  TableName: string,
  [id, holder, nowMs, untilMs]: Parameters<ExportStore['take']>,
): ReturnType<ExportStore['take']> => {
  const updated = await updateIfHolds(client, {
    TableName,
    Key: exportKey(id),
    UpdateExpression: 'SET #run = #run + :one, tries = tries + :one, holder = :holder, heldUntil = :until',
    // Lambda repeats an invocation under the same request id: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
    ConditionExpression: `(${isRunning}) AND (holder = :holder OR heldUntil <= :now)`,
    ExpressionAttributeNames: heldNames,
    ExpressionAttributeValues: values({
      ...{ ':one': 1, ':holder': holder, ':now': nowMs, ':until': untilMs },
      ...runningPhases,
    }),
    ReturnValues: 'ALL_NEW',
  });
  return updated?.Attributes === undefined ? undefined : readExport(updated.Attributes);
};

const release = async (client: DynamoDBClient, TableName: string, held: Export, nowMs: number): Promise<void> => {
  const set = settingOf({ holder: '', heldUntil: nowMs });
  await updateIfHolds(client, {
    TableName,
    Key: exportKey(held.id),
    UpdateExpression: set.UpdateExpression,
    ConditionExpression: isHeld,
    ExpressionAttributeNames: { ...set.ExpressionAttributeNames, ...heldNames },
    ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ...heldValues(held) },
  });
};

const written = async (client: DynamoDBClient, items: TransactWriteItem[]): Promise<boolean> =>
  (await transactDespiteConflicts(client, items)).kind === 'done';

const stillHeld = (TableName: string, held: Export): TransactWriteItem => ({
  ConditionCheck: {
    TableName,
    Key: exportKey(held.id),
    ConditionExpression: isHeld,
    ExpressionAttributeNames: heldNames,
    ExpressionAttributeValues: heldValues(held),
  },
});

const progressed = (TableName: string, held: Export, next: Export): TransactWriteItem => {
  const set = settingOf(progressOf(next));
  return {
    Update: {
      TableName,
      Key: exportKey(held.id),
      UpdateExpression: set.UpdateExpression,
      ConditionExpression: isHeld,
      ExpressionAttributeNames: { ...set.ExpressionAttributeNames, ...heldNames },
      ExpressionAttributeValues: { ...set.ExpressionAttributeValues, ...heldValues(held) },
    },
  };
};

const keptPart = (TableName: string, held: Export, part: Part): TransactWriteItem => ({
  Update: {
    TableName,
    Key: exportPartKey(held, part),
    ...settingOf({ isKept: true }),
    ConditionExpression: 'attribute_exists(pk)',
  },
});

/** The lock of another export stays. */
const unlocked = (TableName: string, { id }: Export): TransactWriteItem => ({
  Delete: {
    TableName,
    Key: exportLockKey,
    ConditionExpression: 'attribute_not_exists(pk) OR #export = :export',
    ExpressionAttributeNames: { '#export': 'export' },
    ExpressionAttributeValues: values({ ':export': id }),
  },
});

/** DynamoDB counts items and bytes of a table about every six hours: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html */
const estimateOf = async (client: DynamoDBClient, TableName: string): Promise<Estimate> => {
  const { Table } = await callAws('DynamoDB DescribeTable', () => client.send(new DescribeTableCommand({ TableName })));
  const { ItemCount: items = 0, TableSizeBytes: bytes = 0 } = Table ?? {};
  // An eventually consistent read of 4 KiB is half a unit.
  return { items, readUnits: Math.ceil(Math.max(bytes, items * typicalBytes) / 8192) };
};

const addEstimates = (one: Estimate, other: Estimate): Estimate => ({
  items: one.items + other.items,
  readUnits: one.readUnits + other.readUnits,
});

/** For emulators, which count items and no bytes. An event has about as many. */
const typicalBytes = 400;

const findExport = async (client: DynamoDBClient, TableName: string, id: string): Promise<Export | undefined> => {
  const command = new GetItemCommand({ TableName, Key: exportKey(id), ConsistentRead: true });
  const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
  return Item === undefined ? undefined : readExport(Item);
};

type Beginning = { readonly secret: Uint8Array; readonly action: Action; readonly auditDays: number };

const start = async (
  client: DynamoDBClient,
  { security, guards }: ExportTables,
  begun: Export,
  { secret, action, auditDays }: Beginning,
): ReturnType<ExportStore['start']> => {
  const done = await written(client, [
    {
      Put: {
        TableName: security,
        Item: exportLockItem(begun),
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt < :now',
        ExpressionAttributeValues: values({ ':now': Math.floor(begun.startedMs / 1000) }),
      },
    },
    { Put: { TableName: security, Item: exportItem(begun), ConditionExpression: 'attribute_not_exists(pk)' } },
    { Put: { TableName: guards, Item: exportSecretItem(begun, secret) } },
    actionWrite(security, action, auditDays),
  ]);
  if (done) return { kind: 'started', export: begun };
  const command = new GetItemCommand({ TableName: security, Key: exportLockKey, ConsistentRead: true });
  const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
  // The other one may have ended just now. The next request starts.
  return { kind: 'running', id: Item?.['export']?.S ?? begun.id };
};
