import { DeleteItemCommand, type DeleteItemCommandInput, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { NumberEraser } from '../../../desk/numbers/erase.ts';
import { nameOfNumber } from '../../../otp/limits/ip-trust.ts';
import { settleAll } from '../../../otp/settle.ts';
import { type Item, keyOf, values } from '../../dynamo/items.ts';
import { queryAll } from '../../dynamo/reads.ts';
import { isConditionFailed } from '../../dynamo/refusals.ts';
import { despiteConflicts, updateIfHolds } from '../../dynamo/writes.ts';
import { callAws } from '../../failures.ts';
import { blockKey, detectorAuthor, guardKey, ipReputationKey, reputationKey } from '../../tables/guards.ts';
import { riskKey } from '../../tables/number-risk.ts';
import { auditKey } from '../../tables/security/audit.ts';
import { openKey } from '../../tables/security/cases.ts';
import {
  blocksOf,
  countsOf,
  findingsOn,
  isOfDetector,
  type NumberTables,
  noticesAt,
  noticesOf,
} from './number-places.ts';

/** Events that one act erases, and writes beside each other. */
const [eventsAtOnce, maxBeside] = [250, 25];

/** Deletes what stands about a number. A delete that finds nothing is none, so that each act may be repeated and raced. */
export const dynamoNumberEraser = (client: DynamoDBClient, tables: NumberTables): NumberEraser => {
  const { guards, traffic, security } = tables;
  const deleteAll = async (TableName: string, keys: readonly Item[]): Promise<number> => {
    const deletes = keys.map((Key) => () => deleteOne(client, { TableName, Key }));
    return countTrue(await settleAll(deletes, maxBeside));
  };
  return {
    limits: (phoneKey) => eraseLimits(client, guards, phoneKey),
    counts: async (phoneKey) => ({ counts: await deleteAll(traffic, await countsOf(client, traffic, phoneKey)) }),
    findings: async (phoneKey) => {
      const [found, pending] = await Promise.all([
        findingsOn(client, security, phoneKey),
        noticesOf(client, security, phoneKey),
      ]);
      const keys = found.map(({ pk, sk }) => keyOf(pk?.S ?? '', sk?.S ?? ''));
      const open = keys.map(({ sk }) => openKey(sk?.S ?? ''));
      // The findings last: the next call finds by them the open items that a call without an end has left.
      const notices = await deleteAll(security, [...pending, ...open]);
      return { notices, findings: await deleteAll(security, keys) };
    },
    someEvents: async (phoneKey) => {
      const items = await queryAll(
        client,
        {
          TableName: security,
          KeyConditionExpression: 'pk = :pk',
          ProjectionExpression: 'pk, sk, ip, sharedIp, kind',
          ExpressionAttributeValues: values({ ':pk': auditKey(phoneKey) }),
          ConsistentRead: true,
        },
        eventsAtOnce,
      );
      // The names first: the next call finds the IPs by the events.
      const forget = ipsOf(items).map((ip) => () => forgetName(client, guards, ip, phoneKey));
      const namesAtIps = countTrue(await settleAll(forget, maxBeside));
      const keys = items.map(({ pk, sk }) => keyOf(pk?.S ?? '', sk?.S ?? ''));
      return {
        namesAtIps,
        events: await deleteAll(security, keys),
        areThereMore: items.length >= eventsAtOnce,
      };
    },
    staffBlocks: async (phoneKey, nowMs) => {
      const [blocks, notices] = await Promise.all([
        blocksOf(client, guards, phoneKey, nowMs),
        noticesAt(client, guards, phoneKey, nowMs),
      ]);
      return [...blocks.filter((block) => !isOfDetector(block)), ...notices];
    },
  };
};

const eraseLimits = async (
  client: DynamoDBClient,
  TableName: string,
  phoneKey: string,
): ReturnType<NumberEraser['limits']> => {
  const erase = async (key: string, condition: Partial<DeleteItemCommandInput> = {}): Promise<number> =>
    Number(await deleteOne(client, { TableName, Key: keyOf(key), ...condition }));
  const [guard, reputation, simSwap, longerCodes] = await Promise.all([
    erase(guardKey(phoneKey)),
    erase(reputationKey(phoneKey)),
    erase(riskKey(phoneKey)),
    erase(blockKey('codes', phoneKey), {
      // A lift by staff stays, as their blocks do.
      ConditionExpression: 'author = :detector AND attribute_not_exists(liftedUntil)',
      ExpressionAttributeValues: values({ ':detector': detectorAuthor }),
    }),
  ]);
  return { guard, reputation, simSwap, longerCodes };
};

const countTrue = (all: readonly boolean[]): number => all.filter(Boolean).length;

/** @returns whether there was something to delete, and nobody else deleted it. */
const deleteOne = async (client: DynamoDBClient, input: DeleteItemCommandInput): Promise<boolean> => {
  const command = new DeleteItemCommand({ ...input, ReturnValues: 'ALL_OLD' });
  const send = () =>
    client.send(command).catch((cause: unknown) => {
      if (isConditionFailed(cause)) return undefined;
      throw cause;
    });
  const answer = await callAws('DynamoDB DeleteItem', () => despiteConflicts('DynamoDB DeleteItem', send));
  return answer?.Attributes !== undefined;
};

/** The IPs from which the number verified, except those that a back end's users share. */
const ipsOf = (items: readonly Item[]): readonly string[] => [
  ...new Set(
    items
      .filter(({ kind, sharedIp }) => kind?.S === 'approved' && sharedIp?.BOOL !== true)
      .flatMap(({ ip }) => ip?.S ?? []),
  ),
];

/** Takes the number out of those that verified from an IP. Older items have longer names. */
const forgetName = async (
  client: DynamoDBClient,
  TableName: string,
  ip: string,
  phoneKey: string,
): Promise<boolean> => {
  const name = nameOfNumber(phoneKey);
  const done = await updateIfHolds(client, {
    TableName,
    Key: keyOf(ipReputationKey(ip)),
    UpdateExpression: 'DELETE verifiers :names',
    ConditionExpression: 'contains(verifiers, :name) OR contains(verifiers, :key)',
    ExpressionAttributeValues: {
      ...values({ ':name': name, ':key': phoneKey }),
      ':names': { SS: [...new Set([name, phoneKey])] },
    },
  });
  return done !== undefined;
};
