import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Finder } from '../../otp/ports.ts';
import { keyOf } from '../dynamo/items.ts';
import { callAws } from '../failures.ts';
import { readVerification } from '../tables/verifications.ts';

/** Reads one record by its key, consistently. */
export const dynamoFinder = (client: DynamoDBClient, table: string): Finder => ({
  find: async (key) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(key), ConsistentRead: true });
    const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
    return readVerification(Item);
  },
});
