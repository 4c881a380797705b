import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Rung, StopReminders } from '../../../bursts/ring-stops.ts';
import { callAws } from '../../clients.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import { batchGetEventual, wantedName } from '../../dynamo/reads.ts';
import { readStops, stopKey } from '../../tables/guards.ts';
import { readRung, rungKey, rungValues } from '../../tables/traffic.ts';

type Tables = { readonly guards: string; readonly traffic: string };

/** What the sweep reads and writes to remind staff of stops. A read may lag by a moment: the next one comes in a minute. */
export const dynamoStopReminders = (client: DynamoDBClient, tables: Tables): StopReminders => ({
  read: async () => {
    const [stop, rung] = [
      { table: tables.guards, key: keyOf(stopKey) },
      { table: tables.traffic, key: rungKey },
    ];
    const found = await batchGetEventual(client, [stop, rung]);
    return { stops: readStops(found.get(wantedName(stop))), rung: readRung(found.get(wantedName(rung))) };
  },
  keep: (rung) => keep(client, tables.traffic, rung),
});

const keep = async (client: DynamoDBClient, TableName: string, rung: Rung): Promise<void> => {
  const update = new UpdateItemCommand({
    TableName,
    Key: rungKey,
    UpdateExpression: 'SET rungAt = :rungAt, rungOf = :rungOf, expiresAt = :expiresAt',
    ExpressionAttributeValues: values(rungValues(rung)),
  });
  await callAws('DynamoDB UpdateItem', () => client.send(update));
};
