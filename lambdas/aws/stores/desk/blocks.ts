import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type BlockStore, type HeldBlock, shownOf } from '../../../desk/blocks.ts';
import { type HeldLevel, heldLevels } from '../../../policy.ts';
import type { Item } from '../../dynamo/items.ts';
import { batchGetConsistent, queryPartition } from '../../dynamo/reads.ts';
import { transactDespiteConflicts } from '../../dynamo/writes.ts';
import { blockKey, detectorAuthor, readBlock, staffBlock, staffLift } from '../../tables/guards.ts';
import { readCase } from '../../tables/security/cases.ts';
import {
  readStaffBlock,
  staffBlockItem,
  staffBlockKey,
  staffBlockPartition,
} from '../../tables/security/staff-blocks.ts';
import { actionWrite } from './actions.ts';
import { openFindingItems } from './findings.ts';

export type DeskTables = { readonly guards: string; readonly security: string };

/** Blocks of staff and of the detector. @param auditDays how long an action is kept. */
export const dynamoBlocks = (client: DynamoDBClient, tables: DeskTables, auditDays: number): BlockStore => {
  const { guards, security } = tables;
  const commit = async (writes: readonly TransactWriteItem[]): Promise<void> => {
    // The only condition is that the action is not there: a repeat of the same request has been done.
    await transactDespiteConflicts(client, [...writes]);
  };
  return {
    held: async (nowMs) => {
      const [staff, detected] = await Promise.all([staffPlaces(client, security), detectedPlaces(client, security)]);
      const places = [
        ...new Map([...detected, ...staff].map((each) => [blockKey(each.level, each.of), each])).values(),
      ];
      const items = await batchGetConsistent(
        client,
        guards,
        places.map(({ level, of }) => blockKey(level, of)),
      );
      return places.flatMap((place) => heldAt(place, items.get(blockKey(place.level, place.of)), nowMs));
    },
    block: (block, action) =>
      commit([
        actionWrite(security, action, auditDays),
        { Put: { TableName: guards, Item: staffBlock(block, action.principal) } },
        { Put: { TableName: security, Item: staffBlockItem(block, action) } },
      ]),
    lift: (lift, action) =>
      commit([
        actionWrite(security, action, auditDays),
        { Put: { TableName: guards, Item: staffLift(lift, action.principal) } },
        { Delete: { TableName: security, Key: staffBlockKey(lift.place) } },
      ]),
  };
};

type Place = { readonly level: HeldLevel; readonly of: string; readonly finding?: string | undefined };

const staffPlaces = async (client: DynamoDBClient, TableName: string): Promise<readonly Place[]> =>
  (await queryPartition(client, TableName, staffBlockPartition)).flatMap((item) => heldPlace(readStaffBlock(item)));

/** Of what a send is held by. */
const heldPlace = (place: { readonly level: string; readonly of: string } | undefined): readonly Place[] => {
  const level = heldLevels.find((held) => held === place?.level);
  return level === undefined || place === undefined ? [] : [{ level, of: place.of }];
};

/** Those of the open findings that led to a block. */
const detectedPlaces = async (client: DynamoDBClient, table: string): Promise<readonly Place[]> => {
  return (await openFindingItems(client, table)).flatMap((item) => {
    const { stored } = readCase(item);
    if (stored === undefined || stored.before.action === 'none') return [];
    const { key, uid } = stored.before;
    return heldPlace(key).map((place) => ({ ...place, finding: uid }));
  });
};

const heldAt = ({ level, of, finding }: Place, item: Item | undefined, nowMs: number): readonly HeldBlock[] =>
  readBlock(level, of, item)
    .filter(({ until }) => until * 1000 > nowMs)
    .map(({ until, reason, by, restriction }) => ({
      level,
      of: shownOf({ level, of }),
      kind: restriction ? ('restriction' as const) : ('block' as const),
      untilMs: until * 1000,
      reason,
      by,
      finding: by === detectorAuthor ? finding : undefined,
    }));
