import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { BlockStore } from '../../../desk/blocks.ts';
import type { FindingStore } from '../../../desk/findings.ts';
import type { StatusPorts } from '../../../desk/status/facts.ts';
import type { KnownCap } from '../../../desk/status/known-caps.ts';
import { dayOf, spentWithout } from '../../../otp/limits/caps.ts';
import { maxTotalShards } from '../../../policy.ts';
import { batchGetConsistent } from '../../dynamo/reads.ts';
import { readLeft, readSpentNow, readStops, spentKey, stopKey } from '../../tables/guards.ts';
import { shardKeys } from '../send-facts.ts';

/** What Guards says of money and stops. */
export const dynamoSending = (
  client: DynamoDBClient,
  guards: string,
  known: readonly KnownCap[],
): Pick<StatusPorts, 'caps' | 'stops'> => ({
  caps: async (nowMs) => {
    const today = dayOf(nowMs);
    const keys = known.map(({ place }) => spentKey(place, today));
    const shards = shardKeys(maxTotalShards, today);
    const items = await batchGetConsistent(client, guards, [...keys, ...shards]);
    const left = shards.map((pk) => readLeft(items.get(pk), nowMs));
    return known.map((cap) => {
      const spent = readSpentNow(items.get(spentKey(cap.place, today)), nowMs);
      return { ...cap, spent: cap.place.of === 'total' ? spentWithout(spent, left) : spent };
    });
  },
  stops: async () => readStops((await batchGetConsistent(client, guards, [stopKey])).get(stopKey)),
});

/** What the desk shows, in numbers. */
export const deskCounts = (
  blocks: Pick<BlockStore, 'held'>,
  findings: Pick<FindingStore, 'all'>,
): Pick<StatusPorts, 'blocks' | 'findings'> => ({
  blocks: async (nowMs) => {
    const held = await blocks.held(nowMs);
    const restrictions = held.filter(({ kind }) => kind === 'restriction').length;
    return { blocks: held.length - restrictions, restrictions };
  },
  findings: async () => {
    const { findings: open, unreadable } = await findings.all(true);
    const of = (severity: string) => open.filter(({ known }) => known.severity === severity).length;
    return { open: open.length, high: of('high'), critical: of('critical'), unreadable };
  },
});
