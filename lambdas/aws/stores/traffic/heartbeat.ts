import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Heartbeat, HeartbeatStore } from '../../../bursts/heartbeat.ts';
import { minuteMs } from '../../../otp/durations.ts';
import { values } from '../../dynamo/items.ts';
import { updateIfHolds } from '../../dynamo/writes.ts';
import { callAws } from '../../failures.ts';
import { heartbeatKey, isNewerOrWorse, readHeartbeat } from '../../tables/traffic.ts';

/** The sign of life of the detector, in Traffic. */
export const dynamoHeartbeat = (client: DynamoDBClient, TableName: string): HeartbeatStore => ({
  swept: async (atMs, mapping) => {
    await updateIfHolds(client, {
      TableName,
      Key: heartbeatKey,
      UpdateExpression: 'SET sweptAt = :at, mapping = :mapping',
      ExpressionAttributeValues: values({ ':at': atMs, ':mapping': mapping }),
    });
  },
  tookBatch: async (atMs, latenessMs) => {
    await updateIfHolds(client, {
      TableName,
      Key: heartbeatKey,
      UpdateExpression: 'SET batchAt = :at, latenessMs = :latenessMs',
      ConditionExpression: isNewerOrWorse,
      ExpressionAttributeValues: values({
        ':at': atMs,
        ':latenessMs': latenessMs,
        ':before': atMs - minuteMs,
        ':number': 'N',
      }),
    });
  },
  read: async (): Promise<Heartbeat> => {
    const command = new GetItemCommand({ TableName, Key: heartbeatKey, ConsistentRead: true });
    const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
    return readHeartbeat(Item);
  },
});
