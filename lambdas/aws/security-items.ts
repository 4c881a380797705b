import type { Item } from './dynamo-items.ts';

/** All findings stand under one key, each by its uid: staff list them by one Query, and read nothing else with them. */
export const findingPartition = 'finding';

export const findingKey = (uid: string): Item => ({ pk: { S: findingPartition }, sk: { S: uid } });
