import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Item, values } from '../../dynamo/items.ts';
import { isConditionFailed } from '../../dynamo/refusals.ts';
import { despiteConflicts } from '../../dynamo/writes.ts';
import { callAws } from '../../failures.ts';
import { type CountClaim, claimText } from '../../tables/security/audit.ts';

/** An addition to one item of counts. Transactions and plain writes are made of it. */
export type CountWrite = {
  readonly table: string;
  readonly key: Item;
  /** `name = :value`, and the values. */
  readonly sets: readonly string[];
  readonly setValues: Item;
  /** `name :value`, with the names and values. */
  readonly adds: readonly string[];
  readonly addNames: Readonly<Record<string, string>>;
  readonly addValues: Item;
  /** The attribute of the lane's last turn in this item. */
  readonly turnName: string;
};

/** A lane takes its turns one after the other. */
const isBeforeTurn = '(attribute_not_exists(#turn) OR #turn < :turn)';

type Applied = 'counted' | 'left-out';

/**
 * Adds the counts of a turn once, however often it is tried. A turn that another container left out stays left out: that
 * one counts its events.
 */
export const addOnce = (client: DynamoDBClient, write: CountWrite, claim: CountClaim): Promise<Applied> => {
  const { table, key, sets, setValues, adds, addNames, addValues, turnName } = write;
  return updateOnce(client, claim, 'counted', {
    TableName: table,
    Key: key,
    UpdateExpression: `SET ${[...sets, '#turn = :turn'].join(', ')} ADD ${adds.join(', ')}`,
    ConditionExpression: isBeforeTurn,
    ExpressionAttributeNames: { ...addNames, '#turn': turnName },
    ExpressionAttributeValues: { ...setValues, ...addValues, ...values({ ':turn': claim.turn }) },
  });
};

/** Leaves a turn out of an item, unless it is counted there. From then on it never will be. */
export const leaveOut = (client: DynamoDBClient, write: CountWrite, claim: CountClaim): Promise<Applied> =>
  updateOnce(client, claim, 'left-out', {
    TableName: write.table,
    Key: write.key,
    UpdateExpression: `SET ${[...write.sets, '#turn = :turn'].join(', ')} ADD leftOut :claims`,
    ConditionExpression: isBeforeTurn,
    ExpressionAttributeNames: { '#turn': write.turnName },
    ExpressionAttributeValues: {
      ...write.setValues,
      ...values({ ':turn': claim.turn }),
      ':claims': { SS: [claimText(claim)] },
    },
  });

type Update = ConstructorParameters<typeof UpdateItemCommand>[0];

/** Of a write that is refused, the item says which of the two came first. */
const updateOnce = (client: DynamoDBClient, claim: CountClaim, done: Applied, update: Update): Promise<Applied> => {
  const command = new UpdateItemCommand({ ...update, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
  const readRefused = (cause: unknown): Applied => {
    if (!isConditionFailed(cause)) throw cause;
    const { leftOut } = (cause as { readonly Item?: Item }).Item ?? {};
    return leftOut?.SS?.includes(claimText(claim)) === true ? 'left-out' : 'counted';
  };
  return callAws('DynamoDB UpdateItem', () =>
    despiteConflicts('DynamoDB UpdateItem', () => client.send(command).then((): Applied => done, readRefused)),
  );
};

/** A lane that no other batch uses at the time, and the turns that it has taken. */
export type Lane = { readonly name: string; turns: number };

/**
 * The lanes of a container. A lane whose turn failed is never used again, so that of all turns of a lane only the last may
 * be incomplete.
 */
export const lanesOf = (container: string) => {
  const free: Lane[] = [];
  let made = 0;
  return {
    take: (): Lane => {
      const lane = free.pop();
      if (lane !== undefined) return lane;
      made += 1;
      return { name: `${container}-${made}`, turns: 0 };
    },
    giveBack: (lane: Lane): void => void free.push(lane),
  };
};
