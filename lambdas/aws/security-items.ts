import type { Item } from './dynamo-items.ts';

/** All findings stand under one key, each by its uid: staff list them by one Query, and read nothing else with them. */
export const findingPartition = 'finding';

/** The audit trail of a number, by its keyed hash. */
export const auditKey = (phoneKey: string): string => `phone#${phoneKey}`;

export const findingKey = (uid: string): Item => ({ pk: { S: findingPartition }, sk: { S: uid } });
