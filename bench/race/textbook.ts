/**
 * The textbook: reads the record, compares, then increments. The increment itself is atomic, as in any careful textbook.
 *
 * Parallel guesses read the record before any of them has incremented it.
 */

import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

type Event = { readonly flow: 'send' | 'check'; readonly id: string; readonly code: string };
type Answer = { readonly statusCode: number; readonly body: string };

const TableName = process.env['VERIFICATIONS_TABLE'];
const limit = Number(process.env['LIMIT']);
const client = new DynamoDBClient({});

const keyOf = (id: string) => ({ TableName, Key: { pk: { S: id } } });

const send = async ({ id, code }: Event): Promise<Answer> => {
  const Item = { pk: { S: id }, code: { S: code }, attempts: { N: '0' } };
  await client.send(new PutItemCommand({ TableName, Item }));
  return { statusCode: 201, body: '{}' };
};

const check = async ({ id, code }: Event): Promise<Answer> => {
  const { Item } = await client.send(new GetItemCommand({ ...keyOf(id), ConsistentRead: true }));
  if (Item === undefined || Number(Item['attempts']?.N) >= limit) return { statusCode: 429, body: '{}' };
  if (Item['code']?.S === code) {
    await client.send(new DeleteItemCommand(keyOf(id)));
    return { statusCode: 200, body: '{"status":"approved"}' };
  }
  const one = { ':one': { N: '1' } };
  await client
    .send(
      new UpdateItemCommand({
        ...keyOf(id),
        UpdateExpression: 'ADD attempts :one',
        ConditionExpression: 'attribute_exists(pk)',
        ExpressionAttributeValues: one,
      }),
    )
    .catch((error: unknown) => {
      // A right guess has deleted the record.
      if (!(error instanceof Error && error.name === 'ConditionalCheckFailedException')) throw error;
    });
  return { statusCode: 200, body: '{"status":"pending"}' };
};

export const handler = (event: Event): Promise<Answer> => (event.flow === 'send' ? send(event) : check(event));
