import { itemKinds } from '../../lambdas/contract.ts';
import { asList, asRecord, type CallDynamo } from '../aws/dynamo.ts';
import type { BusEvent } from '../aws/eventbridge.ts';

/** A block that holds now, as its item and its finding say. */
export type HeldBlock = {
  readonly level: string;
  /** The group in clear, or a keyed hash of a number or an IP. */
  readonly of: string;
  readonly untilMs: number;
  readonly reason: string;
  readonly author: string;
  readonly isRestriction: boolean;
  readonly rule: string | undefined;
  readonly sinceMs: number | undefined;
};

export type BlockSource = {
  readonly call: CallDynamo;
  /** Real name of the table of guards. */
  readonly guards: string;
  readonly events: () => readonly BusEvent[];
};

const { pk } = itemKinds.guards.block;

/** The blocks of a level that hold now. */
export const heldBlocks = async (source: BlockSource, level: string, nowMs: number): Promise<readonly HeldBlock[]> => {
  const items = await blockItems(source, `${pk}${level}#`);
  return items
    .filter((item) => item['liftedUntil'] === undefined && numberOf(item['expiresAt']) * 1000 > nowMs)
    .map((item) => ({
      level,
      of: textOf(item['pk']).slice(`${pk}${level}#`.length),
      untilMs: numberOf(item['expiresAt']) * 1000,
      reason: textOf(item['reason']),
      author: textOf(item['author']),
      isRestriction: asRecord(item['restriction'])['BOOL'] === true,
      ...findingOf(source.events(), textOf(item['finding'])),
    }));
};

const blockItems = async ({ call, guards }: BlockSource, prefix: string) => {
  const items: Readonly<Record<string, unknown>>[] = [];
  let after: unknown;
  do {
    const page = await call('DynamoDB_20120810.Scan', {
      TableName: guards,
      FilterExpression: 'begins_with(pk, :prefix)',
      ExpressionAttributeValues: { ':prefix': { S: prefix } },
      ...(after === undefined ? {} : { ExclusiveStartKey: after }),
    });
    items.push(...asList(page['Items']));
    after = page['LastEvaluatedKey'];
  } while (after !== undefined);
  return items;
};

/** The finding that made the block, if the bus still has it. */
const findingOf = (events: readonly BusEvent[], uid: string): Pick<HeldBlock, 'rule' | 'sinceMs'> => {
  const found = events.map(({ detail }) => detail).find((detail) => asRecord(detail['finding_info'])['uid'] === uid);
  const rule = asRecord(found?.['unmapped'])['rule'];
  const since = asRecord(found?.['finding_info'])['created_time'];
  return {
    rule: typeof rule === 'string' ? rule : undefined,
    sinceMs: typeof since === 'number' ? since : undefined,
  };
};

const textOf = (value: unknown): string => String(asRecord(value)['S'] ?? '');
const numberOf = (value: unknown): number => Number(asRecord(value)['N'] ?? 0);
