import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Item } from '../../dynamo/items.ts';

/** A number that no text of JavaScript can hold makes the whole item unreadable, and stops nothing. */
export const plainOf = (item: Item | undefined): Readonly<Record<string, unknown>> => {
  try {
    return item === undefined ? {} : unmarshall(item);
  } catch {
    return {};
  }
};
