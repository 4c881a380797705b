/** The places where something stands about a number, by its keyed hash. */

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { nameOf } from '../../../bursts/counts/keys.ts';
import { itemKinds } from '../../../contract.ts';
import type { NumberBlock } from '../../../desk/numbers/history.ts';
import { type Item, values } from '../../dynamo/items.ts';
import { batchGetConsistent, queryAll } from '../../dynamo/reads.ts';
import { blockKey, detectorAuthor, readBlock, readLiftedUntilMs } from '../../tables/guards.ts';
import { portNoticeKey, readPortNotice } from '../../tables/number-risk.ts';
import { outboxPartition } from '../../tables/security/outbox.ts';

export type NumberTables = { readonly guards: string; readonly traffic: string; readonly security: string };

const countLevels = ['phone', 'codes'] as const;

/** Keys of the items with counts of the number, and of its codes. */
export const countsOf = async (
  client: DynamoDBClient,
  TableName: string,
  phoneKey: string,
): Promise<readonly Item[]> => {
  const found = await Promise.all(
    countLevels.map((level) =>
      queryAll(client, {
        TableName,
        KeyConditionExpression: 'pk = :pk',
        ProjectionExpression: 'pk, sk',
        ExpressionAttributeValues: values({ ':pk': nameOf({ level, of: phoneKey }) }),
        ConsistentRead: true,
      }),
    ),
  );
  return found.flat();
};

/** Findings on the number, and any whose text has its keyed hash. Findings stand under one key: this reads them all. */
export const findingsOn = (client: DynamoDBClient, TableName: string, phoneKey: string): Promise<readonly Item[]> =>
  queryAll(client, {
    TableName,
    KeyConditionExpression: 'pk = :pk',
    FilterExpression: '#of = :key OR contains(finding, :key)',
    ProjectionExpression: 'pk, sk, #rule, severity, firstAt, updatedAt',
    ExpressionAttributeNames: { '#of': 'of', '#rule': 'rule' },
    ExpressionAttributeValues: values({ ':pk': itemKinds.security.finding.pk, ':key': phoneKey }),
    ConsistentRead: true,
  });

/** Keys of notifications that are pending, of findings on the number. */
export const noticesOf = (client: DynamoDBClient, TableName: string, phoneKey: string): Promise<readonly Item[]> =>
  queryAll(client, {
    TableName,
    KeyConditionExpression: 'pk = :pk',
    FilterExpression: 'contains(finding, :key)',
    ProjectionExpression: 'pk, sk',
    ExpressionAttributeValues: values({ ':pk': outboxPartition, ':key': phoneKey }),
    ConsistentRead: true,
  });

const detectorReason = 'Somebody guesses the codes of the number.';
const blockLevels = ['phone', 'codes'] as const;

/** What holds at the number: blocks and lifts of staff, and the longer codes of the detector. */
export const blocksOf = async (
  client: DynamoDBClient,
  table: string,
  phoneKey: string,
  nowMs: number,
): Promise<readonly NumberBlock[]> => {
  const keys = blockLevels.map((level) => ({ level, key: blockKey(level, phoneKey) }));
  const items = await batchGetConsistent(
    client,
    table,
    keys.map(({ key }) => key),
  );
  return keys
    .flatMap(({ level, key }) => readNumberBlock(level, items.get(key)))
    .filter(({ untilMs }) => untilMs > nowMs);
};

const readNumberBlock = (level: 'phone' | 'codes', item: Item | undefined): readonly NumberBlock[] => {
  if (item === undefined) return [];
  const liftedMs = readLiftedUntilMs(item);
  const by = item['author']?.S ?? '';
  // The detector's own reason names the number by the first characters of its keyed hash.
  const said = { reason: by === detectorAuthor ? detectorReason : (item['reason']?.S ?? ''), by };
  if (liftedMs !== undefined) return [{ kind: 'lift', untilMs: liftedMs, ...said }];
  return readBlock('phone', '', item).map(({ until }) => ({
    kind: level === 'codes' ? 'longer-codes' : 'block',
    untilMs: until * 1000,
    ...said,
  }));
};

/** The porting notice that holds, as one of the decisions of staff. */
export const noticesAt = async (
  client: DynamoDBClient,
  table: string,
  phoneKey: string,
  nowMs: number,
): Promise<readonly NumberBlock[]> => {
  const pk = portNoticeKey(phoneKey);
  const notice = readPortNotice((await batchGetConsistent(client, table, [pk])).get(pk), nowMs);
  if (notice === undefined) return [];
  const { untilMs, reason, by } = notice;
  return [{ kind: 'port-notice', untilMs, reason, by }];
};

export const isOfDetector = ({ by }: NumberBlock): boolean => by === detectorAuthor;
