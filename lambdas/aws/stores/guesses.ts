import { type DynamoDBClient, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { GuessFact, GuessLedger, Vouchers } from '../../otp/guesses.ts';
import type { Reputation } from '../../otp/limits/reputation.ts';
import { backOff, callAws } from '../clients.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { failedAt, transact, updateIfHolds } from '../dynamo/writes.ts';
import {
  ipReputationExpiry,
  ipReputationKey,
  markItem,
  maxVerifiers,
  readReputation,
  reputationItem,
  reputationKey,
  verifierOf,
} from '../tables/guards.ts';

/**
 * Reputations of numbers and IPs. Each guess leaves a mark in the transaction that changes the number's reputation, so
 * that it counts once.
 */
export const dynamoGuessLedger = (client: DynamoDBClient, table: string): GuessLedger => ({
  vouch: (vouchers) => addVerifiers(client, table, vouchers),
  reputation: async (phoneKey) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(reputationKey(phoneKey)), ConsistentRead: true });
    const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
    return readReputation(Item);
  },
  write: async (fact, reputation) => {
    const outcome = await transact(client, [markWrite(table, fact), reputationWrite(table, fact, reputation)]);
    if (outcome.kind === 'done') return 'written';
    if (outcome.kind === 'refused' && failedAt(outcome.reasons, 0)) return 'already-counted';
    await backOff(2);
    return 'lost-race';
  },
});

const markWrite = (TableName: string, { id, atMs }: GuessFact): TransactWriteItem => ({
  Put: {
    TableName,
    Item: markItem(id, atMs),
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

const reputationWrite = (
  TableName: string,
  { phoneKey, atMs }: GuessFact,
  reputation: Reputation,
): TransactWriteItem => {
  const { version } = reputation;
  const isFirst = version === 1;
  return {
    Put: {
      TableName,
      Item: reputationItem(phoneKey, reputation, atMs),
      ConditionExpression: isFirst ? 'attribute_not_exists(pk)' : 'version = :before',
      ...(isFirst ? {} : { ExpressionAttributeValues: values({ ':before': version - 1 }) }),
    },
  };
};

/**
 * Adds numbers to those that verified from the IP. A set needs no mark to count each once, and no transaction, in which
 * guesses of one IP would conflict. Some of those that come at once may exceed the maximum.
 */
const addVerifiers = async (
  client: DynamoDBClient,
  TableName: string,
  { ip, phoneKeys, atMs }: Vouchers,
): Promise<void> => {
  const verifiers = phoneKeys.slice(0, maxVerifiers).map(verifierOf);
  const names = verifiers.map((_, index) => `:verifier${index}`);
  const areKnown = names.map((name) => `contains(verifiers, ${name})`).join(' AND ');
  await updateIfHolds(client, {
    TableName,
    Key: keyOf(ipReputationKey(ip)),
    UpdateExpression: 'SET expiresAt = :expiresAt ADD verifiers :verifiers',
    ConditionExpression: `attribute_not_exists(verifiers) OR size(verifiers) < :max OR (${areKnown})`,
    ExpressionAttributeValues: {
      ...values({
        ':expiresAt': ipReputationExpiry(atMs),
        ':max': maxVerifiers,
        ...Object.fromEntries(names.map((name, index) => [name, verifiers[index]])),
      }),
      ':verifiers': { SS: verifiers },
    },
  });
};
