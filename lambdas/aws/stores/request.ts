import { type DynamoDBClient, PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type Guard, withoutSend } from '../../otp/limits/guard.ts';
import { momentOf } from '../../otp/limits/moment.ts';
import type { CommitOutcome, CommittedSend, NewVerification, RequestLedger } from '../../otp/ports.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { batchGetConsistent } from '../dynamo/reads.ts';
import { failedAt, transact, untilSettled, updateIfHolds } from '../dynamo/writes.ts';
import { callAws } from '../failures.ts';
import { guardKey, guardWrite, idempotencyItem, idempotencyKey, readGuard } from '../tables/guards.ts';
import { riskItem } from '../tables/number-risk.ts';
import { isOfSend, notEnded, readVerification, verificationItem } from '../tables/verifications.ts';
import { dynamoCounters, useTestNumber } from './counters.ts';
import { readFacts } from './send-facts.ts';
import { noteRefusal, sendNotes, type Tables } from './send-writes.ts';
import { readRefusedTatMs, takeNote } from './shares/notes.ts';
import { takeProbes } from './shares/probes.ts';

/** The tables as a request may use them. It may not read a record: it sees one only in the answer to a write. */
export const dynamoRequestLedger = (
  client: DynamoDBClient,
  tables: Tables,
  randomId: () => string,
  totalShards = 1,
): RequestLedger => ({
  ...dynamoCounters(tables.guards),
  // A request may name no guess, not in a condition either.
  ...sendNotes(client, tables.verifications, notEnded),
  takeProbes: takeProbes(tables.guards),
  useTestNumber: useTestNumber(tables.guards),
  read: (subject, key, nowMs, wanted) =>
    readFacts({ client, table: tables.guards, totalShards }, subject, key, nowMs, wanted),
  commit: (send, nowMs) => commit(client, tables, send, nowMs),
  rollBack: (send) =>
    untilSettled(async () => {
      const { key, phoneKey, sentAtMs } = send;
      const read = await readOneGuard(client, tables.guards, phoneKey);
      const guard = withoutSend(read, momentOf(key, sentAtMs));
      return endSend(client, tables, send, guardWrite(tables.guards, phoneKey, guard, sentAtMs));
    }),
  endAsFailed: (send) => untilSettled(() => endSend(client, tables, send, undefined)),
  readRefusedTatMs: readRefusedTatMs(client, tables.guards),
  keepRisk: async (phoneKey, answer, askedAtMs) => {
    const Item = riskItem(phoneKey, answer, askedAtMs);
    await callAws('DynamoDB PutItem', () => client.send(new PutItemCommand({ TableName: tables.guards, Item })));
  },
  settleKey: async (key) => {
    await updateIfHolds(client, {
      TableName: tables.guards,
      Key: keyOf(idempotencyKey(key)),
      UpdateExpression: 'SET isSettled = :true',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: values({ ':true': true }),
    });
  },
  touch: async (key, nowMs) => {
    const answer = await updateIfHolds(client, {
      TableName: tables.verifications,
      Key: keyOf(key),
      UpdateExpression: 'SET askedAgainAt = :now',
      ConditionExpression: 'attribute_exists(pk)',
      ExpressionAttributeValues: values({ ':now': nowMs }),
      ReturnValues: 'ALL_NEW',
    });
    return readVerification(answer?.Attributes);
  },
  takeNote: takeNote(tables.guards),
  noteRefusal: noteRefusal(client, tables.verifications, randomId),
});

export const readOneGuard = async (client: DynamoDBClient, table: string, phoneKey: string): Promise<Guard> => {
  const pk = guardKey(phoneKey);
  return readGuard((await batchGetConsistent(client, table, [pk])).get(pk));
};

const commit = async (
  client: DynamoDBClient,
  tables: Tables,
  { guard, verification, idempotency }: NewVerification,
  nowMs: number,
): Promise<CommitOutcome> => {
  const now = Math.floor(nowMs / 1000);
  const writes: TransactWriteItem[] = [
    {
      Put: {
        TableName: tables.verifications,
        Item: verificationItem(verification),
        ConditionExpression: 'attribute_not_exists(pk)',
      },
    },
  ];
  // The place of each write, because the reasons of a refusal come by place.
  const places = { record: 0, guard: -1, idempotency: -1 };
  if (guard !== undefined) {
    places.guard = writes.push(guardWrite(tables.guards, verification.phoneKey, guard, nowMs)) - 1;
  }
  if (idempotency !== undefined) {
    places.idempotency =
      writes.push({
        Put: {
          TableName: tables.guards,
          Item: idempotencyItem(idempotency),
          ConditionExpression: 'attribute_not_exists(pk) OR expiresAt <= :now',
          ExpressionAttributeValues: values({ ':now': now }),
        },
      }) - 1;
  }
  const outcome = await transact(client, writes);
  if (outcome.kind === 'done') return { kind: 'committed' };
  if (outcome.kind === 'conflict') return { kind: 'lost-race', guard: undefined };
  const { record, idempotency: key } = places;
  if (failedAt(outcome.reasons, record) || failedAt(outcome.reasons, key)) return { kind: 'in-progress' };
  return { kind: 'lost-race', guard: seenGuard(outcome.reasons[places.guard]?.Item) };
};

export const seenGuard = (item: Parameters<typeof readGuard>[0]): Guard | undefined =>
  item === undefined ? undefined : readGuard(item);

/** Ends the record of a send, once. If it has ended already, or does not exist, there is nothing to do. */
const endSend = async (
  client: DynamoDBClient,
  tables: Tables,
  { key, sendId, idempotencyKey: idempotency }: CommittedSend,
  guard: TransactWriteItem | undefined,
): Promise<'settled' | 'again'> => {
  const writes: TransactWriteItem[] = [
    {
      Update: {
        TableName: tables.verifications,
        Key: keyOf(key),
        UpdateExpression: 'SET ended = :failed',
        ConditionExpression: [isOfSend, notEnded].join(' AND '),
        ExpressionAttributeValues: values({ ':failed': 'failed', ':sendId': sendId }),
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
