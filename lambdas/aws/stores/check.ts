import type { DynamoDBClient, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { CheckLedger } from '../../otp/ports.ts';
import type { Guess } from '../../otp/record/verification.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { isOpen, openAt } from '../tables/verifications.ts';
import { updateRecord } from './update-record.ts';

const notSeenBefore = 'NOT contains(nonces, :nonce)';
/** Records from before resends were remembered have no such list. */
const notSuperseded = '(attribute_not_exists(superseded) OR NOT contains(superseded, :mac))';
const isWellFormed = 'codeLength = :codeLength AND hasTransaction = :hasTransaction';

/** The one write that decides. DynamoDB serializes the writes of an item, so guesses are counted before any is judged. */
export const dynamoCheckLedger = (client: DynamoDBClient, table: string): CheckLedger => ({
  append: (key, guess, nowMs) => updateRecord(client, appendGuess(table, key, guess, nowMs)),
});

const appendGuess = (table: string, key: string, guess: Guess, nowMs: number): UpdateItemCommandInput => ({
  TableName: table,
  Key: keyOf(key),
  UpdateExpression:
    'SET guesses = list_append(guesses, :guess), nonces = list_append(nonces, :nonces), guessedAt = :nowMs',
  ConditionExpression: [isOpen, notSeenBefore, notSuperseded, isWellFormed].join(' AND '),
  ExpressionAttributeValues: values({
    ':guess': [guess.mac],
    ':mac': guess.mac,
    ':nonces': [guess.nonce],
    ':nonce': guess.nonce,
    ':nowMs': nowMs,
    ':codeLength': guess.codeLength,
    ':hasTransaction': guess.hasTransaction,
    ...openAt(nowMs),
  }),
});
