import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Action } from '../../../desk/actions.ts';
import type { StopDesk } from '../../../desk/stops.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import { untilSettled } from '../../dynamo/writes.ts';
import { stopAt, stopAttribute, stopKey, stopValue, unreadableStopsIn } from '../../tables/guards.ts';
import { actionWrite, writeWithAction } from './actions.ts';
import type { DeskTables } from './blocks.ts';

type StopUpdate = Omit<NonNullable<TransactWriteItem['Update']>, 'TableName' | 'Key'>;

/** The one item of stops. @param auditDays how long an action is kept. */
export const dynamoStopDesk = (
  client: DynamoDBClient,
  { guards, security }: DeskTables,
  auditDays: number,
): StopDesk => {
  /** One transaction with the action. @returns the item, as far as it is known, if the condition did not hold. */
  const commit: Commit = (action, update) =>
    writeWithAction(client, actionWrite(security, action, auditDays), {
      Update: { TableName: guards, Key: keyOf(stopKey), ...update },
    });
  const { remove, endingWithAll } = endsBy(commit);
  return {
    stop: async (stop, action) => {
      const attribute = stopAttribute(stop.what);
      const ExpressionAttributeNames = { '#what': attribute };
      let held = stop;
      await untilSettled(async () => {
        held = stop;
        const begun = await commit(action, {
          UpdateExpression: 'SET #what = :stop',
          ConditionExpression: 'attribute_not_exists(#what)',
          ExpressionAttributeNames,
          ExpressionAttributeValues: values({ ':stop': stopValue(stop) }),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        });
        if (begun === undefined) return 'settled';
        held = stopAt(begun, attribute) ?? stop;
        // One that holds already keeps its beginning: it rings for as long as it holds. The act is noted beside it.
        const ended = await commit(action, {
          UpdateExpression: 'SET #what = #what',
          ConditionExpression: 'attribute_exists(#what)',
          ExpressionAttributeNames,
        });
        return ended === undefined ? 'settled' : 'again';
      });
      return held;
    },
    resume: async (what, action) => {
      if (what.kind !== 'all') return await remove([stopAttribute(what)], action);
      let isResumed = false;
      await untilSettled(async () => {
        const names = await endingWithAll(action);
        isResumed = names === undefined || (names.length > 0 && (await remove(names, action)));
        return isResumed || names?.length === 0 ? 'settled' : 'again';
      });
      return isResumed;
    },
  };
};

type Commit = (action: Action, update: StopUpdate) => Promise<Item | undefined>;

/** How stops end. */
const endsBy = (commit: Commit) => {
  /** @returns false: one of them is not there, and nothing was done. */
  const remove = async (attributes: readonly string[], action: Action): Promise<boolean> => {
    const names = attributes.map((_, nth) => `#what${nth}`);
    const missing = await commit(action, {
      UpdateExpression: `REMOVE ${names.join(', ')}`,
      ConditionExpression: names.map((name) => `attribute_exists(${name})`).join(' AND '),
      ExpressionAttributeNames: Object.fromEntries(names.map((name, nth) => [name, attributes[nth] ?? ''])),
    });
    return missing === undefined;
  };
  /**
   * The stop of all, and what cannot be read, because that stops all as well. Read by a condition that never holds.
   *
   * @returns undefined if an earlier try has ended them.
   */
  const endingWithAll = async (action: Action): Promise<readonly string[] | undefined> => {
    const all = stopAttribute({ kind: 'all' });
    const item = await commit(action, {
      UpdateExpression: 'REMOVE #all',
      ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(pk)',
      ExpressionAttributeNames: { '#all': all },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    if (item === undefined) return undefined;
    return [...new Set([...(all in item ? [all] : []), ...unreadableStopsIn(item)])];
  };
  return { remove, endingWithAll };
};
