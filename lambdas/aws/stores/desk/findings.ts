import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { itemKinds } from '../../../contract.ts';
import type { FindingStore } from '../../../desk/findings.ts';
import { type Item, values } from '../../dynamo/items.ts';
import { batchGetEventual, queryPartition } from '../../dynamo/reads.ts';
import { callAws } from '../../failures.ts';
import {
  findingKey,
  labelAttributes,
  openPartition,
  readKnownFinding,
  verdictAttributes,
} from '../../tables/security/cases.ts';
import { actionsOn, actionWrite, writeWithAction } from './actions.ts';

/** @param auditDays how long an action is kept. */
export const dynamoFindings = (client: DynamoDBClient, table: string, auditDays: number): FindingStore => ({
  all: async (openOnly) => {
    const items = openOnly
      ? await openFindingItems(client, table)
      : await queryPartition(client, table, itemKinds.security.finding.pk);
    const read = items.map(readKnownFinding);
    const findings = read.filter((each) => each !== undefined);
    return { findings, unreadable: read.length - findings.length };
  },
  one: async (uid) => {
    const command = new GetItemCommand({ TableName: table, Key: findingKey(uid), ConsistentRead: true });
    const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
    return Item === undefined ? undefined : readKnownFinding(Item);
  },
  actionsOn: (uid, sinceMs) => actionsOn(client, table, uid, sinceMs),
  judge: async (uid, verdict, note, action) => {
    const attributes = Object.entries(verdictAttributes(verdict, note, action));
    const sets = `SET ${attributes.map(([name]) => `${name} = :${name}`).join(', ')}`;
    const refused = await writeWithAction(client, actionWrite(table, action, auditDays), {
      Update: {
        TableName: table,
        Key: findingKey(uid),
        UpdateExpression: verdict === 'acknowledged' ? `${sets} REMOVE ${labelAttributes.join(', ')}` : sets,
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: values(Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value]))),
      },
    });
    return refused === undefined;
  },
});

/** The items of open findings. */
export const openFindingItems = async (client: DynamoDBClient, table: string): Promise<readonly Item[]> => {
  const uids = (await queryPartition(client, table, openPartition)).flatMap(({ sk }) => sk?.S ?? []);
  return [
    ...(
      await batchGetEventual(
        client,
        uids.map((uid) => ({ table, key: findingKey(uid) })),
      )
    ).values(),
  ];
};
