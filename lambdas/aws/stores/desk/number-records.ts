import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { NumberFinding, NumberRecords, NumberState } from '../../../desk/numbers/history.ts';
import { type Item, numberAt, values } from '../../dynamo/items.ts';
import { batchGetConsistent, queryAll } from '../../dynamo/reads.ts';
import { guardKey, readGuard, readReputation, reputationKey } from '../../tables/guards.ts';
import { portNoticeKey, readPortNotice, readRisk, riskKey } from '../../tables/number-risk.ts';
import { auditKey, readNumberEvent } from '../../tables/security/audit.ts';
import { blocksOf, countsOf, findingsOn, type NumberTables } from './number-places.ts';

const pageSize = 100;

/** What is kept of a number, by its keyed hash. It reads, and shows no keyed hash. */
export const dynamoNumberRecords = (client: DynamoDBClient, tables: NumberTables): NumberRecords => ({
  events: async (phoneKey, cursor) => {
    const items = await queryAll(
      client,
      {
        TableName: tables.security,
        KeyConditionExpression: cursor === undefined ? 'pk = :pk' : 'pk = :pk AND sk < :cursor',
        ExpressionAttributeValues: values({ ':pk': auditKey(phoneKey), ':cursor': cursor }),
        ScanIndexForward: false,
        ConsistentRead: true,
      },
      pageSize + 1,
    );
    const page = items.slice(0, pageSize);
    return {
      events: page.flatMap((item) => readNumberEvent(item) ?? []),
      cursor: items.length > pageSize ? page.at(-1)?.['sk']?.S : undefined,
    };
  },
  state: async (phoneKey, nowMs) => {
    const [limits, blocks, findings, counts] = await Promise.all([
      limitsOf(client, tables.guards, phoneKey),
      blocksOf(client, tables.guards, phoneKey, nowMs),
      findingsOn(client, tables.security, phoneKey),
      countsOf(client, tables.traffic, phoneKey),
    ]);
    return { ...limits, blocks, findings: findings.flatMap(readFinding), counts: counts.length };
  },
});

const expiryOf = (item: Item): number => (numberAt(item, 'expiresAt') ?? 0) * 1000;

const limitsOf = async (
  client: DynamoDBClient,
  table: string,
  phoneKey: string,
): Promise<Pick<NumberState, 'guard' | 'reputation' | 'simSwap' | 'portNotice'>> => {
  const pks = [guardKey(phoneKey), reputationKey(phoneKey), riskKey(phoneKey), portNoticeKey(phoneKey)] as const;
  const items = await batchGetConsistent(client, table, [...pks]);
  const [guard, reputation, simSwap, portNotice] = pks.map((pk) => items.get(pk));
  const timesOf = (moments: readonly { readonly atMs: number }[]): readonly number[] => moments.map(({ atMs }) => atMs);
  return {
    guard: guard && { sendsMs: timesOf(readGuard(guard).sends), forgottenMs: expiryOf(guard) },
    reputation: reputation && reputationOf(reputation, timesOf),
    simSwap: simSwap && simSwapOf(simSwap),
    // A history shows an item that is over as well, until DynamoDB deletes it.
    portNotice: readPortNotice(portNotice, 0),
  };
};

const simSwapOf = (item: Item): NumberState['simSwap'] => {
  const answer = readRisk(item, 0);
  return answer && { answer, askedMs: numberAt(item, 'askedAt') ?? 0, forgottenMs: expiryOf(item) };
};

const reputationOf = (
  item: Item,
  timesOf: (moments: readonly { readonly atMs: number }[]) => readonly number[],
): NumberState['reputation'] => {
  const { verifiedAtMs, approved, wrong, pairs } = readReputation(item);
  return {
    verifiedMs: verifiedAtMs,
    approvedMs: timesOf(approved),
    wrongMs: timesOf(wrong),
    networks: pairs.length,
    forgottenMs: expiryOf(item),
  };
};

const readFinding = (item: Item): readonly NumberFinding[] => {
  const [uid, firstMs, updatedMs] = [item['sk']?.S, numberAt(item, 'firstAt'), numberAt(item, 'updatedAt')];
  if (uid === undefined) return [];
  return [
    {
      uid,
      rule: item['rule']?.S ?? '',
      severity: item['severity']?.S ?? '',
      firstMs: firstMs ?? 0,
      updatedMs: updatedMs ?? 0,
    },
  ];
};
