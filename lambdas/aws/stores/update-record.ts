import { type DynamoDBClient, UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { RecordWrite } from '../../otp/record/verification.ts';
import type { Item } from '../dynamo/items.ts';
import { type ConditionFailed, isConditionFailed } from '../dynamo/refusals.ts';
import { despiteConflicts } from '../dynamo/writes.ts';
import { callAws } from '../failures.ts';
import { readVerification } from '../tables/verifications.ts';

/** Writes to a record and returns it, or the record whose conditions did not hold. For writes that are safe to repeat. */
export const updateRecord = (client: DynamoDBClient, input: UpdateItemCommandInput): Promise<RecordWrite> => {
  const write = new UpdateItemCommand({
    ...input,
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  return callAws('DynamoDB UpdateItem', () =>
    despiteConflicts('DynamoDB UpdateItem', () => writeOrRefusal(client, write)),
  );
};

const writeOrRefusal = async (client: DynamoDBClient, write: UpdateItemCommand): Promise<RecordWrite> => {
  try {
    const verification = readVerification((await client.send(write)).Attributes);
    if (verification === undefined) throw new Error('DynamoDB did not return the record after a write.');
    return { kind: 'written', verification };
  } catch (cause) {
    if (!isConditionFailed(cause)) throw cause;
    return { kind: 'refused', verification: readVerification(itemOf(cause)) };
  }
};

/** The item that refused a write. An empty one is none. */
const itemOf = ({ Item }: ConditionFailed): Item | undefined =>
  Item === undefined || Object.keys(Item).length === 0 ? undefined : Item;
