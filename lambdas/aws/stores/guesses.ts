import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { GuessLedger, Vouchers } from '../../otp/guesses.ts';
import { dayOf } from '../../otp/limits/caps.ts';
import { nameOfNumber } from '../../otp/limits/ip-trust.ts';
import type { Reputation } from '../../otp/limits/reputation.ts';
import { settleAll } from '../../otp/settle.ts';
import { backOff, callAws } from '../clients.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';
import { batchGetConsistent, batchGetEventual, wantedName } from '../dynamo/reads.ts';
import { despiteConflicts, updateIfHolds } from '../dynamo/writes.ts';
import {
  ipReputationExpiry,
  ipReputationKey,
  maxVerifiers,
  maxVerifiersPerDay,
  readReputation,
  reputationItem,
  reputationKey,
  verifiersAttribute,
} from '../tables/guards.ts';

/** Reputations of numbers and IPs. Neither needs marks: both say themselves what they have counted. */
export const dynamoGuessLedger = (client: DynamoDBClient, table: string): GuessLedger => ({
  vouch: (vouchers) => addVerifiers({ client, table }, vouchers),
  readReputations: async (phoneKeys) => {
    const items = await batchGetConsistent(client, table, phoneKeys.map(reputationKey));
    return new Map(phoneKeys.map((phoneKey) => [phoneKey, readReputation(items.get(reputationKey(phoneKey)))]));
  },
  write: async (phoneKey, after, atMs) => {
    const command = new PutItemCommand({
      TableName: table,
      Item: reputationItem(phoneKey, after, atMs),
      ...conditionOf(after),
    });
    const written = await callAws('DynamoDB PutItem', () =>
      despiteConflicts('DynamoDB PutItem', () => client.send(command).catch(lostRace)),
    );
    if (written !== undefined) return 'written';
    await backOff(2);
    return 'lost-race';
  },
});

/** That the reputation is the one that was read. */
const conditionOf = ({ version }: Reputation) =>
  version === 1
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : { ConditionExpression: 'version = :before', ExpressionAttributeValues: values({ ':before': version - 1 }) };

const lostRace = (cause: unknown): undefined => {
  if (cause instanceof Error && cause.name === 'ConditionalCheckFailedException') return undefined;
  throw cause;
};

type Guards = { readonly client: DynamoDBClient; readonly table: string };

/** IPs whose verifiers are written beside each other. */
const mostBeside = 16;

/**
 * Adds numbers to those that verified from their IPs, and to those of the day once there are many. Sets need no mark to
 * count each once, and no transaction, in which guesses of one IP would conflict. What an IP has lately is not written again.
 */
const addVerifiers = async (guards: Guards, vouchers: readonly Vouchers[]): Promise<void> => {
  const wantedOf = ({ ip }: Vouchers) => ({ table: guards.table, key: keyOf(ipReputationKey(ip)) });
  const items = await batchGetEventual(guards.client, vouchers.map(wantedOf));
  const writes = vouchers.flatMap((each) => {
    const names = newVerifiers(items.get(wantedName(wantedOf(each))), each);
    return names.length === 0 ? [] : [() => addNames(guards, each, names)];
  });
  await settleAll(writes, mostBeside);
};

const daySeconds = 86_400;
const dayMs = daySeconds * 1000;

/** The names to be written: those that neither set has; all of them, if the item's expiry has to move on. */
const newVerifiers = (item: Item | undefined, { phoneKeys, atMs }: Vouchers): readonly string[] => {
  const names = phoneKeys.map(nameOfNumber);
  const isFresh = (numberAt(item, 'expiresAt') ?? 0) >= ipReputationExpiry(atMs) - daySeconds;
  if (!isFresh) return names;
  const [all = [], ofDay = []] = ['verifiers', verifiersAttribute(dayOf(atMs))].map((set) => item?.[set]?.SS);
  const isFull = all.length >= maxVerifiers && ofDay.length >= maxVerifiersPerDay;
  // Older items have longer names.
  const known = new Set([...all, ...ofDay].map(nameOfNumber));
  return isFull ? [] : names.filter((name) => !known.has(name));
};

/** Adds names at once if there is room for all of them, or else one by one. */
const addNames = async (guards: Guards, { ip, atMs }: Vouchers, names: readonly string[]): Promise<void> => {
  const add = (some: readonly string[], set: string, max: number) => addToSet(guards, { ip, atMs, some, set, max });
  if (names.length > 1 && (await add(names, 'verifiers', maxVerifiers))) return;
  for (const name of names) {
    const isAdded = await add([name], 'verifiers', maxVerifiers);
    if (!isAdded) await add([name], verifiersAttribute(dayOf(atMs)), maxVerifiersPerDay);
  }
};

type Adding = {
  readonly ip: string;
  readonly atMs: number;
  readonly some: readonly string[];
  readonly set: string;
  readonly max: number;
};

/** Each write moves the expiry on. While no set has room, another write of the day has moved it. */
const addToSet = async ({ client, table }: Guards, { ip, atMs, some, set, max }: Adding): Promise<boolean> => {
  const [name] = some;
  const isKnown = some.length === 1 ? ' OR contains(#set, :name)' : '';
  const updated = await updateIfHolds(client, {
    TableName: table,
    Key: keyOf(ipReputationKey(ip)),
    UpdateExpression: 'SET expiresAt = :expiresAt ADD #set :names REMOVE #before',
    ConditionExpression: `attribute_not_exists(#set) OR size(#set) <= :room${isKnown}`,
    ExpressionAttributeNames: { '#set': set, '#before': verifiersAttribute(dayOf(atMs - 2 * dayMs)) },
    ExpressionAttributeValues: {
      ...values({
        ':expiresAt': ipReputationExpiry(atMs),
        ':room': max - some.length,
        ...(some.length === 1 ? { ':name': name } : {}),
      }),
      ':names': { SS: [...some] },
    },
  });
  return updated !== undefined;
};
