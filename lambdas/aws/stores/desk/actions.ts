import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { Action } from '../../../desk/actions.ts';
import type { ActionTrail } from '../../../desk/trail.ts';
import { type Item, values } from '../../dynamo/items.ts';
import { queryAll } from '../../dynamo/reads.ts';
import { failedAt, transactDespiteConflicts } from '../../dynamo/writes.ts';
import { actionItem, actionPartition, readAction } from '../../tables/security/actions.ts';

const pageSize = 100;

/** The write of an action. Of a request that came twice, the second one fails with all that it would do. */
export const actionWrite = (TableName: string, action: Action, auditDays: number): TransactWriteItem => ({
  Put: {
    TableName,
    Item: actionItem(action, auditDays),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

/**
 * Makes a write in one transaction with its action.
 *
 * @param action as `actionWrite` makes it.
 * @returns the item, as far as it is known, if the condition of the write did not hold.
 */
export const writeWithAction = async (
  client: DynamoDBClient,
  action: TransactWriteItem,
  write: TransactWriteItem,
): Promise<Item | undefined> => {
  const outcome = await transactDespiteConflicts(client, [action, write]);
  // An action that is there is our own: an earlier try was made, and its answer was lost.
  if (outcome.kind === 'done' || failedAt(outcome.reasons, 0) || !failedAt(outcome.reasons, 1)) return undefined;
  return outcome.reasons[1]?.Item ?? {};
};

/** The actions of a time, newest first. */
const actionsBetween = (client: DynamoDBClient, TableName: string, from: string, before: string, max: number) =>
  queryAll(
    client,
    {
      TableName,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :before',
      ExpressionAttributeValues: values({ ':pk': actionPartition, ':from': from, ':before': before }),
      ScanIndexForward: false,
    },
    max,
  );

/** Behind every time that a sort key begins with. */
const endOfTime = '~';

export const dynamoActionTrail = (client: DynamoDBClient, table: string): ActionTrail => ({
  page: async (sinceMs, cursor) => {
    const from = sinceMs === undefined ? '0' : new Date(sinceMs).toISOString();
    // DynamoDB refuses a range that ends before it begins.
    if (cursor !== undefined && cursor < from) return { actions: [], cursor: undefined };
    const items = await actionsBetween(client, table, from, cursor ?? endOfTime, pageSize + 2);
    const earlier = items.filter(({ sk }) => cursor === undefined || (sk?.S ?? '') < cursor);
    const page = earlier.slice(0, pageSize);
    return {
      actions: page.flatMap((item) => readAction(item) ?? []),
      cursor: earlier.length > pageSize ? page.at(-1)?.['sk']?.S : undefined,
    };
  },
});

/** The actions on one finding, oldest first. */
export const actionsOn = async (
  client: DynamoDBClient,
  table: string,
  uid: string,
  sinceMs: number,
): Promise<readonly Action[]> => {
  const from = new Date(sinceMs).toISOString();
  const items = await actionsBetween(client, table, from, endOfTime, Number.POSITIVE_INFINITY);
  return items
    .flatMap((item) => readAction(item) ?? [])
    .filter(({ finding }) => finding === uid)
    .toReversed();
};
