import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { StopDesk } from '../../../desk/stops.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import { failedAt, transactDespiteConflicts } from '../../dynamo/writes.ts';
import { stopAttribute, stopKey, stopValue } from '../../tables/guards.ts';
import { actionWrite } from './actions.ts';
import type { DeskTables } from './blocks.ts';

/** The one item of stops. @param auditDays how long an action is kept. */
export const dynamoStopDesk = (
  client: DynamoDBClient,
  { guards, security }: DeskTables,
  auditDays: number,
): StopDesk => {
  const update = (more: Omit<NonNullable<TransactWriteItem['Update']>, 'TableName' | 'Key'>): TransactWriteItem => ({
    Update: { TableName: guards, Key: keyOf(stopKey), ...more },
  });
  return {
    stop: async (stop, action) => {
      await transactDespiteConflicts(client, [
        actionWrite(security, action, auditDays),
        update({
          // One that holds already keeps its beginning: it rings for as long as it holds.
          UpdateExpression: 'SET #what = if_not_exists(#what, :stop)',
          ExpressionAttributeNames: { '#what': stopAttribute(stop.what) },
          ExpressionAttributeValues: values({ ':stop': stopValue(stop) }),
        }),
      ]);
    },
    resume: async (what, action) => {
      const outcome = await transactDespiteConflicts(client, [
        actionWrite(security, action, auditDays),
        update({
          UpdateExpression: 'REMOVE #what',
          ConditionExpression: 'attribute_exists(#what)',
          ExpressionAttributeNames: { '#what': stopAttribute(what) },
        }),
      ]);
      return outcome.kind === 'done' || !failedAt(outcome.reasons, 1);
    },
  };
};
