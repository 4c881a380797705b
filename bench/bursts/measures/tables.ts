/** The detector's tables in the emulator: the store in memory is held against them. */

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Item } from '../../../lambdas/aws/dynamo/items.ts';
import { dynamoDetector } from '../../../lambdas/aws/stores/detector.ts';
import { dynamoTrafficCounters } from '../../../lambdas/aws/stores/traffic/counters.ts';
import { readCounts, runningKey } from '../../../lambdas/aws/tables/traffic.ts';
import type { Counts } from '../../../lambdas/bursts/counts/counts.ts';
import { type Key, levels } from '../../../lambdas/bursts/counts/keys.ts';
import type { DetectorStore } from '../../../lambdas/bursts/ports.ts';
import { startDynamo } from '../../../local/aws/dynamo.ts';

/** Units that were consumed, as the emulator bills them: for counting and reading, and with a ruling, its reads included. */
export type Consumed = Record<'count' | 'runningSince' | 'read' | 'rollUp' | 'commit', number>;

const purposeOf = (port: keyof DetectorStore, command: string | undefined, input: unknown): keyof Consumed => {
  if (port === 'rollUp') return 'rollUp';
  if (port === 'readCase' || port === 'commit') return 'commit';
  const { Key } = input as { readonly Key?: Item };
  if (Key?.['pk']?.S === runningKey['pk']?.S) return 'runningSince';
  return command === 'BatchGetItemCommand' || command === 'QueryCommand' ? 'read' : 'count';
};

export type Tables = {
  readonly store: DetectorStore;
  readonly consumed: Consumed;
  /** All counts that stand there. */
  readonly counts: () => Promise<readonly (readonly [Key, Counts])[]>;
  readonly stop: () => Promise<void>;
};

const keyOf = (name: string): Key | undefined => {
  const level = levels.find((each) => name.startsWith(`${each}#`));
  return level && { level, of: name.slice(level.length + 1) };
};

type Billed = { readonly CapacityUnits?: number };

export const startTables = async (): Promise<Tables> => {
  const dynamo = await startDynamo({ hasFront: false });
  const consumed: Consumed = { count: 0, runningSince: 0, read: 0, rollUp: 0, commit: 0 };

  /** A client of its own for each port, so that what it consumes is known. */
  const clientFor = (port: keyof DetectorStore): DynamoDBClient => {
    const client = new DynamoDBClient({
      endpoint: dynamo.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          Object.assign(args.input, { ReturnConsumedCapacity: 'TOTAL' });
          const answer = await next(args);
          const { ConsumedCapacity = [] } = answer.output as { readonly ConsumedCapacity?: Billed | readonly Billed[] };
          for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat())
            consumed[purposeOf(port, commandName, args.input)] += CapacityUnits;
          return answer;
        },
      { step: 'initialize' },
    );
    return client;
  };
  const ports = ['count', 'readFacts', 'readCase', 'commit', 'rollUp'] as const satisfies (keyof DetectorStore)[];
  const clients = new Map(ports.map((port) => [port, clientFor(port)]));
  const storeOf = (port: keyof DetectorStore, lane: string = port): DetectorStore => {
    const client = clients.get(port) ?? clientFor(port);
    const counters = dynamoTrafficCounters(client, dynamo.tables, {
      unreadable: () => {},
      lane,
      verifiedEnough: Number.POSITIVE_INFINITY,
      auditDays: 90,
    });
    return dynamoDetector(client, dynamo.tables, counters, { findingDays: 400 });
  };

  /** Each shard has a container, with lanes of its own. */
  const containers = Array.from({ length: 4 }, (_, index) => storeOf('count', `lane${index}`));
  let calls = 0;

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
    store: {
      count: (...args) => {
        calls += 1;
        return (
          containers[calls % containers.length]?.count(...args) ?? Promise.reject(new Error('No container is left.'))
        );
      },
      readFacts: storeOf('readFacts').readFacts,
      readCase: storeOf('readCase').readCase,
      commit: storeOf('commit').commit,
      rollUp: storeOf('rollUp').rollUp,
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
