import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { exportFacts } from '../../../contract.ts';
import type { ExportedTable, FoundItem, Place, Scan } from '../../../desk/exports/export.ts';
import type { Item } from '../../dynamo/items.ts';
import { callAws } from '../../failures.ts';

/** Reads tables in segments, a page at a time (1 MB at most), eventually consistent: half the price. */
export const dynamoScan =
  (client: DynamoDBClient, tables: Readonly<Record<ExportedTable, string>>): Scan =>
  async (table, Segment, place) => {
    const command = new ScanCommand({
      TableName: tables[table],
      Segment,
      TotalSegments: exportFacts.segments,
      ReturnConsumedCapacity: 'TOTAL',
      ...(place.kind === 'behind' ? { ExclusiveStartKey: JSON.parse(place.key) } : {}),
    });
    const {
      Items = [],
      LastEvaluatedKey,
      ConsumedCapacity,
    } = await callAws('DynamoDB Scan', () => client.send(command));
    return {
      items: Items.map((item) => foundOf(table, item)),
      next: placeBehind(LastEvaluatedKey),
      readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
    };
  };

const placeBehind = (key: Item | undefined): Place =>
  key === undefined ? { kind: 'end' } : { kind: 'behind', key: JSON.stringify(key) };

/** A number that no number of JavaScript can hold makes an item unreadable, and stops no other. */
const foundOf = (table: ExportedTable, item: Item): FoundItem => {
  const [pk, sk] = [item['pk']?.S ?? '', item['sk']?.S ?? ''];
  try {
    return { table, pk, sk, attributes: unmarshall(item) };
  } catch {
    return { table, pk, sk, attributes: undefined };
  }
};
