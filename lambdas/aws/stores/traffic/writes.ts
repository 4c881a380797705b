import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type AuditEntry, auditEntryOf } from '../../../bursts/audit.ts';
import { type BatchPlace, placesOf } from '../../../bursts/counts/batch.ts';
import { type Addition, additionsOf } from '../../../bursts/counts/counts.ts';
import type { TrafficEvent } from '../../../bursts/counts/events.ts';
import { nameOf } from '../../../bursts/counts/keys.ts';
import { dayOf } from '../../../otp/limits/caps.ts';
import { settleAll } from '../../../otp/settle.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import { failedAt, transactDespiteConflicts } from '../../dynamo/writes.ts';
import { verifiedExpiry, verifiedKey } from '../../tables/guards.ts';
import { auditItem, countedMark, isNotCounted } from '../../tables/security/audit.ts';
import { laneSort, timeBucketExpiry, trafficKey } from '../../tables/traffic.ts';
import { dynamoAuditTrail } from '../audit-trail.ts';

export type CounterTables = { readonly traffic: string; readonly guards: string; readonly security: string };

/** DynamoDB takes so many writes in one transaction. */
const maxAtOnce = 100;

type Shared = {
  readonly client: DynamoDBClient;
  readonly tables: CounterTables;
  readonly isApplication: (name: string) => boolean;
  /** How long the audit trail keeps an event. */
  readonly auditDays: number;
  readonly lane: string;
  /** Whether more approvals of a country and day, by its key in Guards, would change nothing. */
  readonly isEnough: (verifiedKey: string) => boolean;
};

type Counting = Shared & { readonly places: ReadonlyMap<string, BatchPlace> };

/** Transactions that run beside each other. Each of them has a lane of its own. */
const lanes = 4;

/** Counts events in as few transactions as possible. Those that run beside each other meet in no item. */
export const countAll = async (shared: Shared, events: readonly TrafficEvent[], nowMs: number): Promise<void> => {
  const counting: Counting = { ...shared, places: placesOf(events, nowMs) };
  const distinct = [...new Map(events.map((each) => [each.id, each])).values()];
  const [counted = [], others = []] = [true, false].map((isCounted) =>
    distinct.filter((event) => touchedBy(counting, event).length > 0 === isCounted),
  );
  const chains = chainsOf(groupsOf(counting, counted), (event) => dayToCount(counting, event));
  const acts = chains.map((chain) => async (place: number): Promise<void> => {
    for (const group of chain) await countOnce({ ...counting, lane: `${counting.lane}${place}` }, group);
  });
  const trail = dynamoAuditTrail(counting.client, counting.tables.security);
  const keepOthers = () => trail.keep(others.map((event) => entryOf(counting, event)));
  await settleAll<unknown>([() => settleAll(acts, lanes), keepOthers]);
};

/** The key of the approvals of a country and day, if the event is one of them and they still matter. */
const dayToCount = ({ isEnough }: Counting, { kind, subject, atMs }: TrafficEvent): string | undefined => {
  const key = verifiedKey(subject.country, dayOf(atMs));
  return kind === 'approved' && !isEnough(key) ? key : undefined;
};

type Group = readonly TrafficEvent[];

/** Groups that approve in the same country and day have no lanes for that: they come one after the other. */
const chainsOf = (
  groups: readonly Group[],
  dayOfEvent: (event: TrafficEvent) => string | undefined,
): readonly (readonly Group[])[] => {
  const chains: Group[][] = [];
  let before = new Set<string>();
  for (const group of groups) {
    const days = new Set(group.flatMap((event) => dayOfEvent(event) ?? []));
    // Groups are in the order of their countries.
    if ([...days].every((day) => !before.has(day))) chains.push([group]);
    else chains.at(-1)?.push(group);
    before = days;
  }
  return chains;
};

/**
 * Counts events in one transaction with their entries in the audit trail. An entry that says that it was counted is not
 * written again: then the rest is counted without its event.
 */
const countOnce = async (counting: Counting, group: Group): Promise<void> => {
  const { client } = counting;
  let open = group;
  while (open.length > 0) {
    const outcome = await transactDespiteConflicts(client, [
      ...open.map((event) => entryWrite(counting, event)),
      ...additionsOf(open).map((addition) => additionWrite(counting, addition)),
      ...verifiedWrites(counting, open),
    ]);
    if (outcome.kind === 'done') return;
    // Only entries have a condition.
    open = open.filter((_, index) => !failedAt(outcome.reasons, index));
  }
};

/** The items that an event changes beside its entry. */
const touchedBy = (counting: Counting, event: TrafficEvent): readonly string[] => {
  const day = dayToCount(counting, event);
  return [
    ...additionsOf([event]).map(({ key, timeBucket }) => `${nameOf(key)}#${timeBucket}`),
    ...(day === undefined ? [] : [day]),
  ];
};

const placeOf = ({ subject: { country, prefix, range } }: TrafficEvent): string => [country, prefix, range].join();
const byPlace = ([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number =>
  one < other ? -1 : 1;

/** Groups that fit into a transaction each. Events of one place come together, because they share counts. */
const groupsOf = (counting: Counting, events: readonly TrafficEvent[]): readonly Group[] => {
  const groups: TrafficEvent[][] = [];
  let touched = new Set<string>();
  for (const event of [...Map.groupBy(events, placeOf)].toSorted(byPlace).flatMap(([, own]) => own)) {
    const names = touchedBy(counting, event);
    const both = new Set([...touched, ...names]);
    const last = groups.at(-1);
    const fits = last !== undefined && last.length + 1 + both.size <= maxAtOnce;
    if (fits) last.push(event);
    else groups.push([event]);
    touched = fits ? both : new Set(names);
  }
  return groups;
};

const entryOf = ({ auditDays, places }: Counting, event: TrafficEvent): AuditEntry =>
  auditEntryOf(event, auditDays, places.get(event.id));

const entryWrite = (counting: Counting, event: TrafficEvent): TransactWriteItem => ({
  Put: {
    TableName: counting.tables.security,
    Item: { ...auditItem(entryOf(counting, event)), ...countedMark },
    ConditionExpression: isNotCounted,
  },
});

const additionWrite = ({ tables, lane, isApplication }: Counting, addition: Addition): TransactWriteItem => {
  const { key, timeBucket, add, ips } = addition;
  const applications = [...addition.applications].filter(isApplication);
  const counts = [...add];
  const adding = [
    ...counts.map((_, index) => `#c${index} :c${index}`),
    ...(ips.size === 0 ? [] : ['#ips :ips']),
    ...(applications.length === 0 ? [] : ['applications :applications']),
  ];
  return {
    Update: {
      TableName: tables.traffic,
      Key: trafficKey(key, laneSort(timeBucket, lane)),
      UpdateExpression: `SET timeBucket = :timeBucket, expiresAt = :expiresAt ADD ${adding.join(', ')}`,
      ExpressionAttributeNames: {
        ...Object.fromEntries(counts.map(([name], index) => [`#c${index}`, name])),
        ...(ips.size === 0 ? {} : { '#ips': 'ips' }),
      },
      ExpressionAttributeValues: {
        ...values({ ':timeBucket': timeBucket, ':expiresAt': timeBucketExpiry(timeBucket) }),
        ...values(Object.fromEntries(counts.map(([, by], index) => [`:c${index}`, by]))),
        ...(ips.size === 0 ? {} : { ':ips': { NS: [...ips].map(String) } }),
        ...(applications.length === 0 ? {} : { ':applications': { SS: applications } }),
      },
    },
  };
};

/** Verifications of a country and day, which the send path reads. */
const verifiedWrites = (counting: Counting, events: readonly TrafficEvent[]): readonly TransactWriteItem[] => {
  const days = new Map<string, { count: number; latestMs: number }>();
  for (const event of events) {
    const pk = dayToCount(counting, event);
    if (pk === undefined) continue;
    const { count, latestMs } = days.get(pk) ?? { count: 0, latestMs: event.atMs };
    days.set(pk, { count: count + 1, latestMs: Math.max(latestMs, event.atMs) });
  }
  return [...days].map(([pk, { count, latestMs }]) => ({
    Update: {
      TableName: counting.tables.guards,
      Key: keyOf(pk),
      UpdateExpression: 'SET expiresAt = :expiresAt ADD verifiedCount :count',
      ExpressionAttributeValues: values({
        ':count': count,
        ':expiresAt': verifiedExpiry(latestMs),
      }),
    },
  }));
};
