import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { Refusal, SendNotes } from '../../otp/ports.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { updateIfHolds } from '../dynamo/writes.ts';
import { callAws } from '../failures.ts';
import { isOfSend, noteOfRisk, refusalItem } from '../tables/verifications.ts';

export type Tables = { readonly verifications: string; readonly guards: string };

/**
 * Notes in a record about that send. A later send stays as it is.
 *
 * @param openToRisk the condition under which a record takes a note about the SIM.
 */
export const sendNotes = (client: DynamoDBClient, table: string, openToRisk: string): SendNotes => {
  const note = async (
    key: string,
    sendId: string,
    UpdateExpression: string,
    set: Readonly<Record<string, unknown>>,
  ) => {
    await updateIfHolds(client, {
      TableName: table,
      Key: keyOf(key),
      UpdateExpression,
      ConditionExpression: isOfSend,
      ExpressionAttributeValues: values({ ...set, ':sendId': sendId }),
    });
  };
  return {
    markUnconfirmed: (key, sendId) =>
      note(key, sendId, 'SET delivery = :unconfirmed', { ':unconfirmed': 'unconfirmed' }),
    noteRisk: async (key, sendId, note) => {
      const { sets, values: of } = noteOfRisk(note);
      const answer = await updateIfHolds(client, {
        TableName: table,
        Key: keyOf(key),
        UpdateExpression: `SET ${sets.join(', ')}`,
        ConditionExpression: [isOfSend, openToRisk].join(' AND '),
        ExpressionAttributeValues: values({ ...of, ':sendId': sendId }),
      });
      return answer !== undefined;
    },
    noteRoute: (key, sendId, { route, failedRoutes }) =>
      note(key, sendId, 'SET route = :route, failedRoutes = :failed', { ':route': route, ':failed': failedRoutes }),
  };
};

export const noteRefusal =
  (client: DynamoDBClient, table: string, randomId: () => string) =>
  async (refusal: Refusal): Promise<void> => {
    await callAws('DynamoDB PutItem', () =>
      client.send(new PutItemCommand({ TableName: table, Item: refusalItem(refusal, randomId()) })),
    );
  };
