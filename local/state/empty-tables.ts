import { setTimeout as sleep } from 'node:timers/promises';
import type { TableName } from '../../lambdas/contract.ts';
import { asList, asRecord, type CallDynamo, keysOf, tableNames } from '../aws/dynamo.ts';

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const maxDeletes = 25;
const maxRounds = 1000;

/** Deletes every item. The tables, their streams and their names stay. */
export const emptyTables = async (call: CallDynamo, tables: Readonly<Record<TableName, string>>): Promise<void> => {
  for (const table of tableNames) await emptyTable(call, tables[table], keysOf(table));
};

const emptyTable = async (call: CallDynamo, TableName: string, names: readonly string[]): Promise<void> => {
  const aliases = Object.fromEntries(names.map((name, index) => [`#k${index}`, name]));
  const keysOnly = { ProjectionExpression: Object.keys(aliases).join(', '), ExpressionAttributeNames: aliases };
  for (let round = 0; round < maxRounds; round += 1) {
    // From the start each time, since what was found is gone by then.
    const found = await call('DynamoDB_20120810.Scan', { TableName, ConsistentRead: true, ...keysOnly });
    const keys = asList(found['Items']).map(asRecord);
    if (keys.length === 0 && found['LastEvaluatedKey'] === undefined) return;
    for (let from = 0; from < keys.length; from += maxDeletes)
      await deleteAll(call, TableName, keys.slice(from, from + maxDeletes));
  }
  throw new Error(`The table ${TableName} does not get empty. Stop local mode and start it again.`);
};

const deleteAll = async (call: CallDynamo, TableName: string, keys: readonly object[]): Promise<void> => {
  let left: unknown = { [TableName]: keys.map((Key) => ({ DeleteRequest: { Key } })) };
  for (let tries = 0; Object.keys(asRecord(left)).length > 0; tries += 1) {
    if (tries > 0) await sleep(20);
    if (tries > 50) throw new Error(`The table ${TableName} takes no deletes. Stop local mode and start it again.`);
    left = (await call('DynamoDB_20120810.BatchWriteItem', { RequestItems: left }))['UnprocessedItems'] ?? {};
  }
};
