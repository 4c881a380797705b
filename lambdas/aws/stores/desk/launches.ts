import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LaunchDesk } from '../../../desk/launches.ts';
import { values } from '../../dynamo/items.ts';
import { queryPartition } from '../../dynamo/reads.ts';
import { transactDespiteConflicts } from '../../dynamo/writes.ts';
import { launchItem, launchKey, launchPartition, readLaunch } from '../../tables/security/launches.ts';
import { actionWrite, writeWithAction } from './actions.ts';

/** @param auditDays how long an action is kept. */
export const dynamoLaunchDesk = (client: DynamoDBClient, TableName: string, auditDays: number): LaunchDesk => ({
  all: async () => {
    const items = await queryPartition(client, TableName, launchPartition);
    const launches = items.flatMap((item) => readLaunch(item) ?? []);
    return { launches, unreadable: items.length - launches.length };
  },
  announce: async (launch, action) => {
    await transactDespiteConflicts(client, [
      actionWrite(TableName, action, auditDays),
      { Put: { TableName, Item: launchItem(launch) } },
    ]);
  },
  cancel: async (name, action) => {
    const refused = await writeWithAction(client, actionWrite(TableName, action, auditDays), {
      Delete: {
        TableName,
        Key: launchKey(name),
        // DynamoDB deletes one that is over within days. Until then there is nothing to cancel.
        ConditionExpression: '#until > :now',
        ExpressionAttributeNames: { '#until': 'until' },
        ExpressionAttributeValues: values({ ':now': action.atMs }),
      },
    });
    return refused === undefined;
  },
});
