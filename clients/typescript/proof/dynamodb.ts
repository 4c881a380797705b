import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { ReplayStore } from './replay.ts';

export type DynamoReplayOptions = {
  readonly client: DynamoDBClient;
  /** Your own table. The service's own tables are no place for it. */
  readonly tableName: string;
  /** Name of its partition key, a string; `jti` by default. */
  readonly partitionKey?: string | undefined;
  /** Put before each `jti`, so that a table may have other items; nothing by default. */
  readonly prefix?: string | undefined;
  /** Its TTL attribute; `expiresAt` by default. DynamoDB deletes an item some time after its proof has expired. */
  readonly timeToLiveAttribute?: string | undefined;
};

/** A store that all processes share: one conditional write to a DynamoDB table (`dynamodb:PutItem`). */
export const dynamoReplay = (options: DynamoReplayOptions): ReplayStore => {
  const { client, tableName, partitionKey = 'jti', prefix = '', timeToLiveAttribute = 'expiresAt' } = options;
  return {
    use: async (jti, until) => {
      // The SDK repeats a write whose answer was lost. By its mark, a write knows the item as its own.
      const mark = crypto.randomUUID();
      const put = new PutItemCommand({
        TableName: tableName,
        Item: {
          [partitionKey]: { S: `${prefix}${jti}` },
          [timeToLiveAttribute]: { N: String(Math.ceil(until)) },
          usedBy: { S: mark },
        },
        ConditionExpression: 'attribute_not_exists(#jti) OR usedBy = :mark',
        ExpressionAttributeNames: { '#jti': partitionKey },
        ExpressionAttributeValues: { ':mark': { S: mark } },
      });
      try {
        await client.send(put);
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
};
