/** The detector's tables in the emulator: what the ledger in memory says is held against them. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoBurstLedger } from '../../../lambdas/aws/stores/detector.ts';
import { readCounts } from '../../../lambdas/aws/tables/traffic.ts';
import { type Counts, type Key, levels } from '../../../lambdas/bursts/counts/traffic.ts';
import type { BurstLedger } from '../../../lambdas/bursts/detect.ts';
import { findingOf } from '../../../lambdas/bursts/findings/finding.ts';
import { startDynamo } from '../../../local/aws/dynamo.ts';

/** Units that each port of the ledger has consumed, as the emulator tells them. */
export type Consumed = Record<keyof BurstLedger, number>;

export type Tables = {
  readonly ledger: BurstLedger;
  readonly consumed: Consumed;
  /** All counts that stand there. */
  readonly counts: () => Promise<readonly (readonly [Key, Counts])[]>;
  readonly stop: () => Promise<void>;
};

const keyOf = (name: string): Key | undefined => {
  const level = levels.find((each) => name.startsWith(`${each}#`));
  return level && { level, of: name.slice(level.length + 1) };
};

type Told = { readonly CapacityUnits?: number };

export const startTables = async (exemptApplications: readonly string[]): Promise<Tables> => {
  const dynamo = await startDynamo();
  const consumed: Consumed = { count: 0, read: 0, runningSinceMs: 0, rollUp: 0, rule: 0, prolong: 0 };

  /** A client of its own for each port, so that what it consumes is known. */
  const clientFor = (port: keyof BurstLedger): DynamoDBClient => {
    const client = new DynamoDBClient({
      endpoint: dynamo.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    client.middlewareStack.add(
      (next) => async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
        const answer = await next(args);
        const { ConsumedCapacity = [] } = answer.output as { readonly ConsumedCapacity?: Told | readonly Told[] };
        for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) consumed[port] += CapacityUnits;
        return answer;
      },
      { step: 'initialize' },
    );
    return client;
  };
  const ports = Object.keys(consumed) as readonly (keyof BurstLedger)[];
  const clients = new Map(ports.map((port) => [port, clientFor(port)]));
  const ledgerOf = (port: keyof BurstLedger): BurstLedger =>
    dynamoBurstLedger(clients.get(port) ?? clientFor(port), dynamo.tables, {
      exemptApplications,
      findingOf: (ruling) => findingOf(ruling, 'bench'),
      findingDays: 400,
      unreadable: () => {},
    });

  const items = async (): Promise<readonly Item[]> => {
    const found: Item[] = [];
    let from: unknown;
    do {
      const page = await dynamo.call('DynamoDB_20120810.Scan', {
        TableName: dynamo.tables.traffic,
        ConsistentRead: true,
        ...(from === undefined ? {} : { ExclusiveStartKey: from }),
      });
      found.push(...(page['Items'] as readonly Item[]));
      from = page['LastEvaluatedKey'];
    } while (from !== undefined);
    return found;
  };

  return {
    ledger: {
      count: ledgerOf('count').count,
      read: ledgerOf('read').read,
      runningSinceMs: ledgerOf('runningSinceMs').runningSinceMs,
      rollUp: ledgerOf('rollUp').rollUp,
      rule: ledgerOf('rule').rule,
      prolong: ledgerOf('prolong').prolong,
    },
    consumed,
    counts: async () =>
      (await items()).flatMap((item) => {
        const key = keyOf(item['pk']?.S ?? '');
        const isCounts = item['sk']?.S?.startsWith('bucket#') ?? false;
        return key !== undefined && isCounts ? [[key, readCounts(item)] as const] : [];
      }),
    stop: async () => {
      for (const client of clients.values()) client.destroy();
      await dynamo.stop();
    },
  };
};
