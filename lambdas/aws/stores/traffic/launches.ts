import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { LaunchStore } from '../../../bursts/launches.ts';
import { queryPartition } from '../../dynamo/reads.ts';
import { updateIfHolds } from '../../dynamo/writes.ts';
import { launchPartition, launchUpdate, readLaunch } from '../../tables/security/launches.ts';
import type { TrafficCounters } from './counters.ts';

/**
 * Launches that staff announced.
 *
 * @param unreadable an item cannot be read, and is no launch.
 */
export const dynamoLaunches = (
  client: DynamoDBClient,
  TableName: string,
  { countsFrom }: Pick<TrafficCounters, 'countsFrom'>,
  unreadable: () => void,
): LaunchStore => ({
  read: async () => {
    const items = await queryPartition(client, TableName, launchPartition);
    return items.flatMap((item) => {
      const launch = readLaunch(item);
      if (launch === undefined) unreadable();
      return launch ?? [];
    });
  },
  countsFrom,
  note: async (before, progress) => {
    await updateIfHolds(client, launchUpdate(TableName, before, progress));
  },
});
