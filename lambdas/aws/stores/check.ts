import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { CancelLedger, CheckLedger } from '../../otp/ports.ts';
import type { Guess, GuessWrite } from '../../otp/record/verification.ts';
import { callAws } from '../clients.ts';
import { type Item, keyOf, values } from '../dynamo/items.ts';
import { despiteConflicts } from '../dynamo/writes.ts';
import { isOpen, openAt, readVerification } from '../tables/verifications.ts';

const notSeenBefore = 'NOT contains(nonces, :nonce)';
const isWellFormed = 'codeLength = :codeLength AND hasTransaction = :hasTransaction';

/** The one write that decides: DynamoDB serialises the writes of an item, so guesses are counted before any is judged. */
export const dynamoCheckLedger = (client: DynamoDBClient, table: string): CheckLedger => ({
  append: (key, guess, nowMs) => {
    const write = appendGuess(table, key, guess, nowMs);
    return callAws('DynamoDB UpdateItem', () =>
      despiteConflicts('DynamoDB UpdateItem', () => writeOrRefusal(client, write)),
    );
  },
});

const appendGuess = (table: string, key: string, guess: Guess, nowMs: number): UpdateItemCommand =>
  new UpdateItemCommand({
    TableName: table,
    Key: keyOf(key),
    UpdateExpression:
      'SET guesses = list_append(guesses, :guess), nonces = list_append(nonces, :nonces), guessedAt = :nowMs',
    ConditionExpression: [isOpen, notSeenBefore, isWellFormed].join(' AND '),
    ExpressionAttributeValues: values({
      ':guess': [guess.mac],
      ':nonces': [guess.nonce],
      ':nonce': guess.nonce,
      ...openAt(nowMs),
      ':nowMs': nowMs,
      ':codeLength': guess.codeLength,
      ':hasTransaction': guess.hasTransaction,
    }),
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });

const writeOrRefusal = async (client: DynamoDBClient, write: UpdateItemCommand): Promise<GuessWrite> => {
  try {
    const verification = readVerification((await client.send(write)).Attributes);
    if (verification === undefined) throw new Error('DynamoDB did not return the record after a write.');
    return { kind: 'appended', verification };
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    return { kind: 'refused', verification: readVerification(itemOf(cause)) };
  }
};

/** The item that refused a write; the SDK leaves out an empty one. */
const itemOf = ({ Item }: ConditionalCheckFailedException): Item | undefined =>
  Item === undefined || Object.keys(Item).length === 0 ? undefined : Item;

/** Ends one record by its key. */
export const dynamoCancelLedger = (client: DynamoDBClient, table: string): CancelLedger => ({
  cancel: async (key, nowMs) => {
    const write = new UpdateItemCommand({
      TableName: table,
      Key: keyOf(key),
      UpdateExpression: 'SET ended = :canceled',
      ConditionExpression: isOpen,
      ExpressionAttributeValues: values({ ':canceled': 'canceled', ...openAt(nowMs) }),
      ReturnValues: 'ALL_NEW',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    const outcome = await callAws('DynamoDB UpdateItem', () =>
      despiteConflicts('DynamoDB UpdateItem', () => writeOrRefusal(client, write)),
    );
    return outcome.verification;
  },
});
