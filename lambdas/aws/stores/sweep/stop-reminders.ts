import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Rung, StopReminders } from '../../../bursts/ring-stops.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import { batchGetEventual, wantedName } from '../../dynamo/reads.ts';
import { hasNoVersion, isVersion, valuesOfVersion, versionAt } from '../../dynamo/versions.ts';
import { updateIfHolds } from '../../dynamo/writes.ts';
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
    const item = found.get(wantedName(rung));
    return { stops: readStops(found.get(wantedName(stop))), rung: readRung(item), version: versionAt(item) };
  },
  replace: (rung, readVersion) => replace(client, tables.traffic, rung, readVersion),
});

const replace = async (
  client: DynamoDBClient,
  TableName: string,
  rung: Rung,
  readVersion: number,
): Promise<boolean> => {
  const set = rungValues(rung, readVersion + 1);
  const written = await updateIfHolds(client, {
    TableName,
    Key: rungKey,
    UpdateExpression: `SET ${Object.keys(set)
      .map((name) => `${name} = :${name}`)
      .join(', ')}`,
    ConditionExpression: readVersion === 0 ? hasNoVersion : isVersion,
    ExpressionAttributeValues: {
      ...values(Object.fromEntries(Object.entries(set).map(([name, value]) => [`:${name}`, value]))),
      ...valuesOfVersion(readVersion),
    },
  });
  return written !== undefined;
};
