import { DeleteItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Outbox } from '../../bursts/findings/notify.ts';
import { values } from '../dynamo/items.ts';
import { queryAll } from '../dynamo/reads.ts';
import { despiteConflicts, updateIfHolds } from '../dynamo/writes.ts';
import { callAws } from '../failures.ts';
import { outboxKey, outboxPartition, readNotification } from '../tables/security/outbox.ts';

/** Notifications that are pending. */
export const dynamoOutbox = (client: DynamoDBClient, TableName: string, unreadable: () => void): Outbox => ({
  pending: async (beforeMs, max) => {
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
      max,
    );
    return items.flatMap((item) => {
      const notification = readNotification(item);
      if (notification === undefined) unreadable();
      return notification ?? [];
    });
  },
  drop: async (ids) => {
    // A ruling that races this one holds the notification in its transaction for a moment.
    const drop = (id: string) =>
      callAws('DynamoDB DeleteItem', () =>
        despiteConflicts('DynamoDB DeleteItem', () =>
          client.send(new DeleteItemCommand({ TableName, Key: outboxKey(id) })),
        ),
      );
    await Promise.all(ids.map(drop));
  },
  noteLogged: async (ids) => {
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
