import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';

/** An item, or its key, as DynamoDB holds it. */
export type Item = Record<string, AttributeValue>;

export const keyOf = (pk: string, sk?: string): Item => ({
  pk: { S: pk },
  ...(sk === undefined ? {} : { sk: { S: sk } }),
});

export const values = (plain: Record<string, unknown>): Item => marshall(plain, { removeUndefinedValues: true });

/** A number of an item; `undefined` if the item has none. */
export const numberAt = (item: Item | undefined, attribute: string): number | undefined => {
  const text = item?.[attribute]?.N;
  return text === undefined ? undefined : Number(text);
};
