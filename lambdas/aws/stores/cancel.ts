import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { CancelLedger } from '../../otp/ports.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { isOpen, openAt } from '../tables/verifications.ts';
import { updateRecord } from './update-record.ts';

/** Ends one record by its key. */
export const dynamoCancelLedger = (client: DynamoDBClient, table: string): CancelLedger => ({
  cancel: async (key, nowMs) => {
    const { verification } = await updateRecord(client, {
      TableName: table,
      Key: keyOf(key),
      UpdateExpression: 'SET ended = :canceled',
      ConditionExpression: isOpen,
      ExpressionAttributeValues: values({ ':canceled': 'canceled', ...openAt(nowMs) }),
    });
    return verification;
  },
});
