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
export const dynamoGuessLedger = (client: DynamoDBClient, table: string): GuessLedger => {
  const addVerifier = verifierAdder(client, table);
  return {
    reputation: async (phoneKey) => {
      const command = new GetItemCommand({
        TableName: table,
        Key: keyOf(reputationKey(phoneKey)),
        ConsistentRead: true,
      });
      const { Item } = await callAws('DynamoDB GetItem', () => client.send(command));
      return readReputation(Item);
    },
    write: async (fact, reputation) => {
      if (fact.kind === 'right') await addVerifier(fact);
      const outcome = await transact(client, [markWrite(table, fact), reputationWrite(table, fact, reputation)]);
      if (outcome.kind === 'done') return 'written';
      if (outcome.kind === 'refused' && failedAt(outcome.reasons, 0)) return 'already-counted';
      await backOff(2);
      return 'lost-race';
    },
  };
};

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

/** How many full sets a container remembers. */
const maxRemembered = 1000;

/**
 * Adds the number to those that verified from the IP, and to those of the day once there are many. Sets need no mark to
 * count each once, and no transaction, in which guesses of one IP would conflict. Both writes move the expiry on. While
 * neither set has room, another write of the day has moved it.
 */
const verifierAdder = (client: DynamoDBClient, TableName: string) => {
  // A full set stays full. Without this, busy IPs would pay for refused writes with each verification.
  const full = new Set<string>();
  return async (fact: GuessFact): Promise<void> => {
    const sets = { verifiers: maxVerifiers, [verifiersAttribute(dayOf(fact.atMs))]: maxVerifiersPerDay };
    for (const [set, max] of Object.entries(sets)) {
      const name = `${fact.ip} ${set}`;
      if (full.has(name)) continue;
      if ((await addTo(client, TableName, fact, set, max)) !== undefined) return;
      if (full.size >= maxRemembered) full.clear();
      full.add(name);
    }
  };
};

const addTo = (
  client: DynamoDBClient,
  TableName: string,
  { ip, phoneKey, atMs }: GuessFact,
  set: string,
  max: number,
) =>
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
