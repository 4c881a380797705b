import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { PriceBook } from '../../../desk/prices/sums.ts';
import type { PriceSums } from '../../../otp/receipts/ports.ts';
import { queryAll } from '../../dynamo/reads.ts';
import { updateIfHolds } from '../../dynamo/writes.ts';
import { addPrice, namesOfPrice, priceKey, pricePartition, readPrice, valuesOfPrice } from '../../tables/prices.ts';

/** @param once a client that repeats no call: an answer that is lost must not count a message twice. */
export const dynamoPriceSums = (once: DynamoDBClient, TableName: string): PriceSums => ({
  add: async (way, day, measured) => {
    await updateIfHolds(once, {
      TableName,
      Key: priceKey(day, way),
      UpdateExpression: addPrice,
      ExpressionAttributeNames: namesOfPrice,
      ExpressionAttributeValues: valuesOfPrice(day, measured),
    });
  },
});

export const dynamoPriceBook = (client: DynamoDBClient, TableName: string): PriceBook => ({
  since: async (day) => {
    const items = await queryAll(client, {
      TableName,
      KeyConditionExpression: 'pk = :pk AND sk >= :day',
      ExpressionAttributeValues: { ':pk': { S: pricePartition }, ':day': { S: day } },
    });
    const sums = items.flatMap((item) => readPrice(item) ?? []);
    return { sums, unreadable: items.length - sums.length };
  },
});
