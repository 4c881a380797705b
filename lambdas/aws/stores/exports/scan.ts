import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { FoundItem, Place, Scan } from '../../../desk/exports/export.ts';
import { callAws } from '../../clients.ts';
import type { Item } from '../../dynamo/items.ts';

/** Reads a table in segments, a page at a time (1 MB at most), eventually consistent: half the price. */
export const dynamoScan =
  (client: DynamoDBClient, TableName: string): Scan =>
  async (Segment, TotalSegments, place) => {
    const command = new ScanCommand({
      TableName,
      Segment,
      TotalSegments,
      ReturnConsumedCapacity: 'TOTAL',
      ...(place.kind === 'behind' ? { ExclusiveStartKey: JSON.parse(place.key) } : {}),
    });
    const {
      Items = [],
      LastEvaluatedKey,
      ConsumedCapacity,
    } = await callAws('DynamoDB Scan', () => client.send(command));
    return {
      items: Items.map(foundOf),
      next: placeBehind(LastEvaluatedKey),
      readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
    };
  };

const placeBehind = (key: Item | undefined): Place =>
  key === undefined ? { kind: 'end' } : { kind: 'behind', key: JSON.stringify(key) };

/** A number that no number of JavaScript can hold makes an item unreadable, and stops no other. */
const foundOf = (item: Item): FoundItem => {
  const [pk, sk] = [item['pk']?.S ?? '', item['sk']?.S ?? ''];
  try {
    return { pk, sk, attributes: unmarshall(item) };
  } catch {
    return { pk, sk, attributes: undefined };
  }
};
