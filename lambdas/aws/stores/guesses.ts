import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { daySeconds } from '../../otp/durations.ts';
import type { GuessLedger, IpVerifiers } from '../../otp/guesses.ts';
import { dayOf } from '../../otp/limits/caps.ts';
import { nameOfNumber } from '../../otp/limits/ip-trust.ts';
import type { Reputation } from '../../otp/limits/reputation.ts';
import { settleAll } from '../../otp/settle.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';
import { batchGetConsistent, batchGetEventual, wantedName } from '../dynamo/reads.ts';
import { isConditionFailed } from '../dynamo/refusals.ts';
import { despiteConflicts, updateIfHolds } from '../dynamo/writes.ts';
import { backOff, callAws } from '../failures.ts';
import {
  forgottenVerifiers,
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
  addVerifiers: (verifiers) => addVerifiers({ client, table }, verifiers),
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
  if (isConditionFailed(cause)) return undefined;
  throw cause;
};

type Guards = { readonly client: DynamoDBClient; readonly table: string };

/** IPs whose verifiers are written beside each other. */
const maxBeside = 32;

/**
 * Adds numbers to those that verified from their IPs, and to those of the day once there are many. Sets need no mark to
 * count each once, and no transaction, in which guesses of one IP would conflict. What an IP has lately is not written again.
 */
const addVerifiers = async (guards: Guards, verifiers: readonly IpVerifiers[]): Promise<void> => {
  const wantedOf = ({ ip }: IpVerifiers) => ({ table: guards.table, key: keyOf(ipReputationKey(ip)) });
  const items = await batchGetEventual(guards.client, verifiers.map(wantedOf));
  const writes = verifiers.map((each) => async () => {
    const item = items.get(wantedName(wantedOf(each)));
    const isAdded = await addNames(guards, each, newVerifiers(item, each));
    if (!isAdded && isOld(item, each)) await keepLonger(guards, each);
  });
  await settleAll(writes, maxBeside);
};

/** Whether nothing has moved the expiry of the item on for a day. */
const isOld = (item: Item | undefined, { atMs }: IpVerifiers): boolean =>
  (numberAt(item, 'expiresAt') ?? 0) < ipReputationExpiry(atMs) - daySeconds;

/** If nothing was added, because all names are known or both sets are full: a busy IP would lose its trust after a month. */
const keepLonger = async ({ client, table }: Guards, { ip, atMs }: IpVerifiers): Promise<void> => {
  await updateIfHolds(client, {
    TableName: table,
    Key: keyOf(ipReputationKey(ip)),
    UpdateExpression: 'SET expiresAt = :expiresAt',
    ConditionExpression: 'attribute_not_exists(expiresAt) OR expiresAt < :expiresAt',
    ExpressionAttributeValues: values({ ':expiresAt': ipReputationExpiry(atMs) }),
  });
};

type New = {
  readonly names: readonly string[];
  readonly ofDay: readonly string[];
  /** Sets that the write removes, so that the item does not grow. */
  readonly forgotten: readonly string[];
};

/** The names that no set has, if there is room: in the set of the IP, or of newcomers in that of the day. */
const newVerifiers = (item: Item | undefined, { phoneKeys, newcomers, atMs }: IpVerifiers): New => {
  const [all = [], ofDay = []] = ['verifiers', verifiersAttribute(dayOf(atMs))].map((set) => item?.[set]?.SS);
  // Older items have longer names.
  const known = new Set([...all, ...ofDay].map(nameOfNumber));
  const unknown = (keys: readonly string[]) => [...new Set(keys.map(nameOfNumber))].filter((name) => !known.has(name));
  return {
    names: all.length < maxVerifiers ? unknown(phoneKeys) : [],
    ofDay: ofDay.length < maxVerifiersPerDay ? unknown(newcomers) : [],
    forgotten: forgottenVerifiers(item, atMs),
  };
};

/** Adds names at once if there is room for all of them, or else one by one. @returns whether any was added. */
const addNames = async (
  guards: Guards,
  { ip, atMs }: IpVerifiers,
  { names, ofDay, forgotten }: New,
): Promise<boolean> => {
  const add = (some: readonly string[], set: string, max: number) =>
    addToSet(guards, { ip, atMs, some, set, max, forgotten });
  const added = new Set<string>();
  if (names.length > 1 && (await add(names, 'verifiers', maxVerifiers))) return true;
  for (const name of names) if (await add([name], 'verifiers', maxVerifiers)) added.add(name);
  for (const name of ofDay) {
    if (!added.has(name) && (await add([name], verifiersAttribute(dayOf(atMs)), maxVerifiersPerDay))) added.add(name);
  }
  return added.size > 0;
};

type Adding = {
  readonly ip: string;
  readonly atMs: number;
  readonly some: readonly string[];
  readonly set: string;
  readonly max: number;
  readonly forgotten: readonly string[];
};

/** Each write moves the expiry on. */
const addToSet = async (
  { client, table }: Guards,
  { ip, atMs, some, set, max, forgotten }: Adding,
): Promise<boolean> => {
  const [name] = some;
  const remove = forgotten.map((_, index) => `#f${index}`).join(', ');
  const isKnown = some.length === 1 ? ' OR contains(#set, :name)' : '';
  const updated = await updateIfHolds(client, {
    TableName: table,
    Key: keyOf(ipReputationKey(ip)),
    UpdateExpression: `SET expiresAt = :expiresAt ADD #set :names${remove === '' ? '' : ` REMOVE ${remove}`}`,
    ConditionExpression: `attribute_not_exists(#set) OR size(#set) <= :room${isKnown}`,
    ExpressionAttributeNames: {
      '#set': set,
      ...Object.fromEntries(forgotten.map((name, index) => [`#f${index}`, name])),
    },
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
