import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { PublishPorts } from '../../../events/publish.ts';
import { batchGetConsistent } from '../../dynamo/reads.ts';
import { readVerification } from '../../tables/verifications.ts';

/** Reads records by their keys, consistently: as many as a batch of the stream has receipts. */
export const dynamoRecords =
  (client: DynamoDBClient, table: string): PublishPorts['find'] =>
  async (keys) => {
    const items = await batchGetConsistent(client, table, keys);
    return new Map(
      [...items].flatMap(([key, item]) => {
        // An update creates the item that it does not find: without a kind it is no record.
        const record = item['kind']?.S === 'verification' ? readVerification(item) : undefined;
        return record === undefined ? [] : [[key, record] as const];
      }),
    );
  };
