import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Action } from '../../../desk/actions.ts';
import type { PortNoticeStore } from '../../../desk/numbers/port-notice.ts';
import type { PortNotice } from '../../../otp/risk/ports.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import { untilSettled } from '../../dynamo/writes.ts';
import { portNoticeItem, portNoticeKey, readPortNotice } from '../../tables/number-risk.ts';
import { actionWrite, writeWithAction } from './actions.ts';
import type { DeskTables } from './blocks.ts';

/** An item without an end, which nothing writes, holds nothing: the comparison fails for it. */
const endsBy = 'attribute_not_exists(pk) OR NOT expiresAt > :until';
/** The same notice as it was read: a notice that took its place is another. */
const isUnchanged = 'notedAt = :notedAt AND expiresAt = :until';

/** @param auditDays how long an action is kept. */
export const dynamoPortNotices = (
  client: DynamoDBClient,
  { guards, security }: DeskTables,
  auditDays: number,
): PortNoticeStore => {
  /** One transaction with the action. @returns the item that is there, if the condition did not hold. */
  const commit = (action: Action, write: TransactWriteItem): Promise<Item | undefined> =>
    writeWithAction(client, actionWrite(security, action, auditDays), write);
  const put = (Item: Item, condition: object): TransactWriteItem => ({
    Put: { TableName: guards, Item, ReturnValuesOnConditionCheckFailure: 'ALL_OLD', ...condition },
  });
  const remove = (phoneKey: string, notice: Pick<PortNotice, 'notedAtMs' | 'untilMs'>): TransactWriteItem => ({
    Delete: {
      TableName: guards,
      Key: keyOf(portNoticeKey(phoneKey)),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      ...unchanged(notice),
    },
  });
  return {
    note: async (phoneKey, notice, action) => {
      let held = notice;
      await untilSettled(async () => {
        held = notice;
        const longer = await commit(action, put(portNoticeItem(phoneKey, notice), endingBy(notice)));
        const found = longer && readPortNotice(longer, notice.notedAtMs);
        if (longer === undefined) return 'settled';
        if (found === undefined) return 'again';
        held = found;
        // It is written as it is, so that the act is noted beside a notice that surely holds.
        const changed = await commit(action, put(longer, unchanged(found)));
        return changed === undefined ? 'settled' : 'again';
      });
      return held;
    },
    lift: async (phoneKey, nowMs, actionOn) => {
      // The first try names a notice that nobody wrote, and is answered with the one that is there: reading is no permission more.
      let held: PortNotice | undefined;
      await untilSettled(async () => {
        const tried = held ?? noNotice;
        const found = await commit(actionOn(tried), remove(phoneKey, tried));
        if (found === undefined) return 'settled';
        held = readPortNotice(found, nowMs);
        return held === undefined ? 'settled' : 'again';
      });
      return held;
    },
  };
};

const noNotice: PortNotice = { notedAtMs: -1, untilMs: -1, by: '', reason: '' };

const secondsOf = (untilMs: number): number => Math.ceil(untilMs / 1000);

const endingBy = ({ untilMs }: PortNotice) => ({
  ConditionExpression: endsBy,
  ExpressionAttributeValues: values({ ':until': secondsOf(untilMs) }),
});

const unchanged = ({ notedAtMs, untilMs }: Pick<PortNotice, 'notedAtMs' | 'untilMs'>) => ({
  ConditionExpression: isUnchanged,
  ExpressionAttributeValues: values({ ':notedAt': notedAtMs, ':until': secondsOf(untilMs) }),
});
