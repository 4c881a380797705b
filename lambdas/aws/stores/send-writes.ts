import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Refusal } from '../../otp/ports.ts';
import { callAws } from '../clients.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { updateIfHolds } from '../dynamo/writes.ts';
import { isOfSend, refusalItem } from '../tables/verifications.ts';

export type Tables = { readonly verifications: string; readonly guards: string };

/** Notes in a record that the outcome of that send is not known. A later send stays as it is. */
export const markUnconfirmed =
  (client: DynamoDBClient, table: string) =>
  async (key: string, sendId: string): Promise<void> => {
    await updateIfHolds(client, {
      TableName: table,
      Key: keyOf(key),
      UpdateExpression: 'SET delivery = :unconfirmed',
      ConditionExpression: isOfSend,
      ExpressionAttributeValues: values({ ':unconfirmed': 'unconfirmed', ':sendId': sendId }),
    });
  };

export const noteRefusal =
  (client: DynamoDBClient, table: string, randomId: () => string) =>
  async (refusal: Refusal): Promise<void> => {
    await callAws('DynamoDB PutItem', () =>
      client.send(new PutItemCommand({ TableName: table, Item: refusalItem(refusal, randomId()) })),
    );
  };
