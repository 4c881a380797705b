import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { NumberActs } from '../../../desk/numbers/acts.ts';
import { numberAt, values } from '../../dynamo/items.ts';
import { queryAll } from '../../dynamo/reads.ts';
import { transactDespiteConflicts } from '../../dynamo/writes.ts';
import { actionPartition } from '../../tables/security/actions.ts';
import { actionWrite } from './actions.ts';

/** @param auditDays how long an action is kept. */
export const dynamoNumberActs = (client: DynamoDBClient, TableName: string, auditDays: number): NumberActs => ({
  note: async (action) => {
    // The only condition is that the action is not there: of a repeat of the same request it is.
    await transactDespiteConflicts(client, [actionWrite(TableName, action, auditDays)]);
  },
  timesOf: async (name, sinceMs) => {
    const items = await queryAll(client, {
      TableName,
      KeyConditionExpression: 'pk = :pk AND sk > :since',
      FilterExpression: '#action = :action',
      ProjectionExpression: '#at',
      ExpressionAttributeNames: { '#action': 'action', '#at': 'at' },
      ExpressionAttributeValues: values({
        ':pk': actionPartition,
        ':since': new Date(sinceMs).toISOString(),
        ':action': name,
      }),
      ScanIndexForward: false,
      ConsistentRead: true,
    });
    return items.flatMap((item) => numberAt(item, 'at') ?? []);
  },
});
