import { type DynamoDBClient, GetItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import type { GuessFact, GuessLedger } from '../../otp/guesses.ts';
import { dayOf } from '../../otp/limits/caps.ts';
import { nameOfNumber } from '../../otp/limits/ip-trust.ts';
import type { Reputation } from '../../otp/limits/reputation.ts';
import { backOff, callAws } from '../clients.ts';
import { keyOf, values } from '../dynamo/items.ts';
import { failedAt, transact, updateIfHolds } from '../dynamo/writes.ts';
import {
  ipReputationExpiry,
  ipReputationKey,
  markItem,
  maxVerifiers,
  maxVerifiersPerDay,
  readReputation,
  reputationItem,
  reputationKey,
  verifiersAttribute,
} from '../tables/guards.ts';

const dayMs = 86_400_000;

/**
 * Reputations of numbers and IPs. Each guess leaves a mark in the transaction that changes the number's reputation, so
 * that it counts once.
 */
export const dynamoGuessLedger = (client: DynamoDBClient, table: string): GuessLedger => ({
  reputation: async (phoneKey) => {
    const command = new GetItemCommand({ TableName: table, Key: keyOf(reputationKey(phoneKey)), ConsistentRead: true });
    const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
    return readReputation(Item);
  },
  write: async (fact, reputation) => {
    if (fact.kind === 'right') await addVerifier(client, table, fact);
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
 * Adds the number to those that verified from the IP, and to those of the day once there are many. Sets need no mark to
 * count each once, and no transaction, in which guesses of one IP would conflict. Both writes move the expiry on. While
 * neither has room, another write of the day has moved it.
 */
const addVerifier = async (
  client: DynamoDBClient,
  TableName: string,
  { ip, phoneKey, atMs }: GuessFact,
): Promise<void> => {
  const addTo = (set: string, max: number) =>
    updateIfHolds(client, {
      TableName,
      Key: keyOf(ipReputationKey(ip)),
      UpdateExpression: 'SET expiresAt = :expiresAt ADD #set :verifiers REMOVE #before',
      ConditionExpression: 'attribute_not_exists(#set) OR contains(#set, :verifier) OR size(#set) < :max',
      ExpressionAttributeNames: { '#set': set, '#before': verifiersAttribute(dayOf(atMs - 2 * dayMs)) },
      ExpressionAttributeValues: {
        ...values({
          ':expiresAt': ipReputationExpiry(atMs),
          ':verifier': nameOfNumber(phoneKey),
          ':max': max,
        }),
        ':verifiers': { SS: [nameOfNumber(phoneKey)] },
      },
    });
  const added = await addTo('verifiers', maxVerifiers);
  if (added === undefined) await addTo(verifiersAttribute(dayOf(atMs)), maxVerifiersPerDay);
};
