import { type DynamoDBClient, type TransactWriteItem, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { type Guard, withoutSend } from '../otp/guard.ts';
import type { CommitOutcome, CommittedSend, NewVerification, RequestLedger, SendFacts } from '../otp/ports.ts';
import { asking } from './clients.ts';
import {
  guardKey,
  idempotencyItem,
  idempotencyKey,
  keyOf,
  readGuard,
  readIdempotency,
  readVerification,
  values,
  verificationItem,
} from './dynamo-items.ts';
import {
  despiteConflicts,
  failedAt,
  guardWrite,
  isRefused,
  markUnconfirmed,
  noteRefusal,
  readAll,
  type Tables,
  transact,
  untilSettled,
} from './dynamo-writes.ts';

/** The tables as a request may use them. Records are written, never read: what it is told of one is what a write says. */
export const dynamoRequestLedger = (client: DynamoDBClient, tables: Tables, randomId: () => string): RequestLedger => ({
  read: (phoneKey, key) => readFacts(client, tables, phoneKey, key),
  commit: (send, nowMs) => commit(client, tables, send, nowMs),
  takeBack: (send) =>
    untilSettled(async () => {
      const { guard } = await readFacts(client, tables, send.phoneKey, undefined);
      return endSend(client, tables, send, guardWrite(tables.guards, send.phoneKey, withoutSend(guard, send.sentAtMs)));
    }),
  endAsFailed: (send) => untilSettled(() => endSend(client, tables, send, undefined)),
  markUnconfirmed: markUnconfirmed(client, tables.verifications),
  touch: async (key, nowMs) => {
    const answer = await asking('DynamoDB UpdateItem', () =>
      despiteConflicts('DynamoDB UpdateItem', () =>
        client
          .send(
            new UpdateItemCommand({
              TableName: tables.verifications,
              Key: keyOf(key),
              UpdateExpression: 'SET askedAgainAt = :now',
              ConditionExpression: 'attribute_exists(pk)',
              ExpressionAttributeValues: values({ ':now': nowMs }),
              ReturnValues: 'ALL_NEW',
            }),
          )
          .catch(isRefused),
      ),
    );
    return readVerification(answer?.Attributes);
  },
  refuse: noteRefusal(client, tables.verifications, randomId),
});

const readFacts = async (
  client: DynamoDBClient,
  tables: Tables,
  phoneKey: string,
  key: string | undefined,
): Promise<SendFacts> => {
  const guardPk = guardKey(phoneKey);
  const idempotencyPk = key === undefined ? undefined : idempotencyKey(key);
  const items = await readAll(
    client,
    tables.guards,
    idempotencyPk === undefined ? [guardPk] : [guardPk, idempotencyPk],
  );
  return {
    guard: readGuard(items.get(guardPk)),
    idempotency: idempotencyPk === undefined ? undefined : readIdempotency(items.get(idempotencyPk)),
  };
};

/** Under a key that was used before, an id comes again: only a record that is over, or never held a guess, gives way. */
const makesWay = ['attribute_not_exists(pk)', 'expiresAt <= :now', '(ended = :failed AND size(guesses) = :none)'].join(
  ' OR ',
);

const commit = async (
  client: DynamoDBClient,
  tables: Tables,
  { guard, verification, idempotency }: NewVerification,
  nowMs: number,
): Promise<CommitOutcome> => {
  const now = Math.floor(nowMs / 1000);
  const writes: TransactWriteItem[] = [
    guardWrite(tables.guards, verification.phoneKey, guard),
    {
      Put: {
        TableName: tables.verifications,
        Item: verificationItem(verification),
        ConditionExpression: makesWay,
        ExpressionAttributeValues: values({ ':now': now, ':failed': 'failed', ':none': 0 }),
      },
    },
  ];
  if (idempotency !== undefined) {
    writes.push({
      Put: {
        TableName: tables.guards,
        Item: idempotencyItem(idempotency),
        ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
        ExpressionAttributeValues: values({ ':now': now }),
      },
    });
  }
  const outcome = await transact(client, writes);
  if (outcome.kind === 'done') return { kind: 'committed' };
  if (outcome.kind === 'conflict') return { kind: 'outrun', guard: undefined };
  if (failedAt(outcome.reasons, 1) || failedAt(outcome.reasons, 2)) return { kind: 'in-progress' };
  return { kind: 'outrun', guard: seenGuard(outcome.reasons[0]?.Item) };
};

export const seenGuard = (item: Parameters<typeof readGuard>[0]): Guard | undefined =>
  item === undefined ? undefined : readGuard(item);

/** Ends the record of a send, once; whoever finds it ended, or not there, has nothing left to do. */
const endSend = async (
  client: DynamoDBClient,
  tables: Tables,
  { key, sentAtMs, idempotencyKey: idempotency }: CommittedSend,
  guard: TransactWriteItem | undefined,
): Promise<'settled' | 'again'> => {
  const writes: TransactWriteItem[] = [
    {
      Update: {
        TableName: tables.verifications,
        Key: keyOf(key),
        UpdateExpression: 'SET ended = :failed',
        ConditionExpression: 'sentAt = :sentAt AND attribute_not_exists(ended)',
        ExpressionAttributeValues: values({ ':failed': 'failed', ':sentAt': sentAtMs }),
      },
    },
  ];
  if (guard !== undefined) writes.push(guard);
  if (idempotency !== undefined) {
    writes.push({ Delete: { TableName: tables.guards, Key: keyOf(idempotencyKey(idempotency)) } });
  }
  const outcome = await transact(client, writes);
  if (outcome.kind === 'done') return 'settled';
  return outcome.kind === 'refused' && failedAt(outcome.reasons, 0) ? 'settled' : 'again';
};
