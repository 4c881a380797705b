import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { withoutSend } from '../otp/guard.ts';
import type { Replacement, ResendLedger } from '../otp/ports.ts';
import { dynamoFinder } from './dynamo-find.ts';
import { guardKey, keyOf, readGuard, readVerification, values } from './dynamo-items.ts';
import { seenGuard } from './dynamo-request.ts';
import {
  failedAt,
  guardWrite,
  markUnconfirmed,
  noteRefusal,
  readAll,
  type Tables,
  transact,
  untilSettled,
} from './dynamo-writes.ts';

/** The tables as a resend may use them. */
export const dynamoResendLedger = (client: DynamoDBClient, tables: Tables, randomId: () => string): ResendLedger => {
  const readOne = async (phoneKey: string) => {
    const pk = guardKey(phoneKey);
    return readGuard((await readAll(client, tables.guards, [pk])).get(pk));
  };
  return {
    find: dynamoFinder(client, tables.verifications).find,
    readGuard: readOne,
    replace: async (replacement, nowMs) => {
      const { before, guard } = replacement;
      const outcome = await transact(client, [
        guardWrite(tables.guards, before.phoneKey, guard),
        newCode(tables.verifications, replacement, nowMs),
      ]);
      if (outcome.kind === 'done') return { kind: 'committed' };
      if (outcome.kind === 'conflict') return { kind: 'outrun', guard: undefined };
      if (failedAt(outcome.reasons, 1)) {
        return { kind: 'changed', verification: readVerification(outcome.reasons[1]?.Item) };
      }
      return { kind: 'outrun', guard: seenGuard(outcome.reasons[0]?.Item) };
    },
    restore: (replacement) =>
      untilSettled(async () => {
        const guard = withoutSend(await readOne(replacement.before.phoneKey), replacement.sentAtMs);
        const outcome = await transact(client, [
          oldCode(tables.verifications, replacement),
          guardWrite(tables.guards, replacement.before.phoneKey, guard),
        ]);
        if (outcome.kind === 'done') return 'settled';
        return outcome.kind === 'refused' && failedAt(outcome.reasons, 0) ? 'settled' : 'again';
      }),
    markUnconfirmed: markUnconfirmed(client, tables.verifications),
    refuse: noteRefusal(client, tables.verifications, randomId),
  };
};

const unused = 'NOT contains(guesses, code)';
const stillOpen = 'attribute_not_exists(ended)';
const isTheOneRead = 'code = :before';
const notGuessedAlready = 'NOT contains(guesses, :after)';

const newCode = (
  table: string,
  { before, code, sentAtMs, resendAtMs, expiresAt }: Replacement,
  nowMs: number,
): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: keyOf(before.key),
    UpdateExpression:
      'SET code = :after, sentAt = :sentAt, resendAt = :resendAt, expiresAt = :expiresAt, delivery = :accepted ADD sends :one',
    ConditionExpression: [
      isTheOneRead,
      unused,
      notGuessedAlready,
      stillOpen,
      'expiresAt > :now',
      'size(guesses) < maxAttempts',
    ].join(' AND '),
    ExpressionAttributeValues: values({
      ':before': before.code,
      ':after': code,
      ':sentAt': sentAtMs,
      ':resendAt': resendAtMs,
      ':expiresAt': expiresAt,
      ':accepted': 'accepted',
      ':one': 1,
      ':now': Math.floor(nowMs / 1000),
    }),
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});

/** The code before, as if there had been no resend; only while nothing but guesses has happened to the record since. */
const oldCode = (table: string, { before, code, sentAtMs }: Replacement): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: keyOf(before.key),
    UpdateExpression:
      'SET code = :after, sentAt = :sentAt, resendAt = :resendAt, expiresAt = :expiresAt, delivery = :delivery ADD sends :back',
    ConditionExpression: [isTheOneRead, 'sentAt = :lost', unused, notGuessedAlready, stillOpen].join(' AND '),
    ExpressionAttributeValues: values({
      ':before': code,
      ':after': before.code,
      ':lost': sentAtMs,
      ':sentAt': before.sentAtMs,
      ':resendAt': before.resendAtMs,
      ':expiresAt': before.expiresAt,
      ':delivery': before.delivery,
      ':back': -1,
    }),
  },
});
