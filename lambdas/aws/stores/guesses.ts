import { type DynamoDBClient, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { GuessFact, GuessLedger } from '../../otp/guesses.ts';
import { knownGoodMs, type Standing } from '../../otp/limits/reputation.ts';
import { asking, backOff } from '../clients.ts';
import { failedAt, transact, updateIfHolds } from '../dynamo/writes.ts';
import { keyOf, values } from '../tables/verifications.ts';
import { markKey, provenKey, readStanding, standingKey } from './send-facts.ts';

const daySeconds = 86_400;
/** A record may come again for as long as the stream keeps it: 24 hours, and some. */
const markSeconds = daySeconds + 7200;
/** How long a success vouches for an address, in seconds. */
const provenSeconds = 30 * daySeconds;

/**
 * Standings of numbers, and who vouches for an address. Each guess leaves a mark in the transaction that changes the
 * standing: it counts once.
 */
export const dynamoGuessLedger = (client: DynamoDBClient, table: string): GuessLedger => ({
  standing: async (phoneKey) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(standingKey(phoneKey)), ConsistentRead: true });
    const { Item } = await asking('DynamoDB GetItem', () => client.send(command));
    return readStanding(Item);
  },
  write: async (fact, standing) => {
    if (fact.kind === 'right') await vouch(client, table, fact);
    const outcome = await transact(client, [markWrite(table, fact), standingWrite(table, fact, standing)]);
    if (outcome.kind === 'done') return 'written';
    if (outcome.kind === 'refused' && failedAt(outcome.reasons, 0)) return 'known';
    await backOff(2);
    return 'again';
  },
});

const markWrite = (TableName: string, { id, atMs }: GuessFact): TransactWriteItem => ({
  Put: {
    TableName,
    Item: values({ pk: markKey(id), expiresAt: Math.floor(atMs / 1000) + markSeconds }),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

const standingWrite = (TableName: string, { phoneKey, atMs }: GuessFact, standing: Standing): TransactWriteItem => {
  const { version, wrong, verifiedAtMs, wrongAtMs } = standing;
  const isFirst = version === 1;
  return {
    Put: {
      TableName,
      Item: values({
        pk: standingKey(phoneKey),
        version,
        wrong,
        verifiedAt: verifiedAtMs,
        wrongAt: wrongAtMs,
        expiresAt: Math.floor(Math.max((verifiedAtMs ?? 0) + knownGoodMs, atMs + 2 * daySeconds * 1000) / 1000),
      }),
      ConditionExpression: isFirst ? 'attribute_not_exists(pk)' : 'version = :before',
      ...(isFirst ? {} : { ExpressionAttributeValues: values({ ':before': version - 1 }) }),
    },
  };
};

/** Numbers that are remembered of an address: more would change nothing. */
const mostVouchers = 50;

/**
 * Remembers whose success vouches for the address, each number once: a set takes a repetition without a mark, and stays
 * out of the transaction, which others of the same address would run into.
 */
const vouch = async (
  client: DynamoDBClient,
  TableName: string,
  { address, phoneKey, atMs }: GuessFact,
): Promise<void> => {
  const voucher = phoneKey.slice(0, 16);
  await updateIfHolds(client, {
    TableName,
    Key: keyOf(provenKey(address)),
    UpdateExpression: 'SET expiresAt = :expiresAt ADD vouchers :vouchers',
    ConditionExpression: 'attribute_not_exists(vouchers) OR contains(vouchers, :voucher) OR size(vouchers) < :most',
    ExpressionAttributeValues: {
      ...values({ ':expiresAt': Math.floor(atMs / 1000) + provenSeconds, ':voucher': voucher, ':most': mostVouchers }),
      ':vouchers': { SS: [voucher] },
    },
  });
};
