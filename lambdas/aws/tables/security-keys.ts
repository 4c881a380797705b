import type { Item } from './verifications.ts';

/** All findings stand under one key, each by its uid: staff list them by one Query, and read nothing else with them. */
export const findingPartition = 'finding';
export const findingKey = (uid: string): Item => ({ pk: { S: findingPartition }, sk: { S: uid } });

/** The audit trail of a number, by its keyed hash. */
export const auditKey = (phoneKey: string): string => `phone#${phoneKey}`;

/** Those of them that are open, so that a sweep need not read them all. */
export const openPartition = 'open';
export const openKey = (uid: string): Item => ({ pk: { S: openPartition }, sk: { S: uid } });

/** What has not been told yet, in the order in which it is to be told. */
export const outboxPartition = 'outbox';
export const outboxKey = (id: string): Item => ({ pk: { S: outboxPartition }, sk: { S: id } });
