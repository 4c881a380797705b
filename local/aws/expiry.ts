import { asList, asRecord, type CallDynamo } from './dynamo.ts';
import type { StreamRecord } from './streams.ts';

// DynamoDB "typically deletes expired items within two days". Until then, reads return them:
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
const twoDaysSeconds = 2 * 86_400;
const everyMs = 60_000;
// DynamoDB never deletes an item that expired more than five years ago.
const oldestSeconds = 5 * 365 * 86_400;

export type ExpirySweeper = {
  /**
   * Deletes what expired so long ago. By itself it does so every minute, after two days. A test can have it at any time
   * after the expiry, because DynamoDB promises no time.
   */
  readonly sweep: (graceSeconds?: number) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type ExpiringTable = { readonly name: string; readonly keys: readonly string[]; readonly attribute: string };

/**
 * Deletes items that expired two days ago, as DynamoDB's time to live does. The emulator stores TTL but deletes nothing.
 *
 * It keeps a local mode that runs for days small, and shows how the functions treat a deleted item.
 */
export const startExpirySweeper = ({
  call,
  tables,
  now,
}: {
  call: CallDynamo;
  tables: readonly ExpiringTable[];
  now: () => number;
}): ExpirySweeper => {
  let running: Promise<void> = Promise.resolve();
  const sweep = (graceSeconds = twoDaysSeconds) => {
    const cutoff = Math.floor(now() / 1000) - graceSeconds;
    running = running
      .catch(() => {})
      .then(async () => {
        for (const table of tables) await deleteExpired(call, table, cutoff);
      });
    return running;
  };
  const quietly = () => sweep().catch(() => {});
  const timer = setInterval(quietly, everyMs);
  timer.unref();
  return {
    sweep,
    stop: async () => {
      clearInterval(timer);
      await running.catch(() => {});
    },
  };
};

const deleteExpired = async (call: CallDynamo, { name, keys, attribute }: ExpiringTable, cutoff: number) => {
  const isExpired = {
    ExpressionAttributeNames: { '#expiry': attribute },
    ExpressionAttributeValues: { ':cutoff': { N: String(cutoff) }, ':oldest': { N: String(cutoff - oldestSeconds) } },
  };
  let from: unknown;
  do {
    const page = await call('DynamoDB_20120810.Scan', {
      TableName: name,
      FilterExpression: '#expiry BETWEEN :oldest AND :cutoff',
      ...isExpired,
      ...(from === undefined ? {} : { ExclusiveStartKey: from }),
    });
    for (const found of asList(page['Items'])) {
      await call('DynamoDB_20120810.DeleteItem', {
        TableName: name,
        Key: Object.fromEntries(keys.map((key) => [key, found[key]])),
        // It may have been renewed since it was read.
        ConditionExpression: '#expiry BETWEEN :oldest AND :cutoff',
        ...isExpired,
      }).catch(() => {});
    }
    from = page['LastEvaluatedKey'];
  } while (from !== undefined);
};

/**
 * Marks the stream record of a sweeper's deletion as DynamoDB marks its own. It knows the record by its effect: nothing
 * else deletes an item of this table that has expired.
 */
export const markExpired =
  (attribute: string, now: () => number) =>
  (record: StreamRecord): StreamRecord => {
    if (record.eventName !== 'REMOVE' || record.userIdentity !== undefined) return record;
    const expiresAt = Number(asRecord(record.dynamodb.OldImage?.[attribute])['N']);
    if (!(expiresAt <= Math.ceil(now() / 1000))) return record;
    return { ...record, userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' } };
  };
