import { type DynamoDBClient, PutItemCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { type AuditEntry, auditEntryOf } from '../../../bursts/audit.ts';
import { type BatchPlace, isBehind, placesOf } from '../../../bursts/counts/batch.ts';
import { type Addition, additionsOf } from '../../../bursts/counts/counts.ts';
import type { TrafficEvent } from '../../../bursts/counts/events.ts';
import { nameOf } from '../../../bursts/counts/keys.ts';
import { dayOf } from '../../../otp/limits/caps.ts';
import { settleAll } from '../../../otp/settle.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import { isConditionFailed } from '../../dynamo/refusals.ts';
import { despiteConflicts, failedAt, transactDespiteConflicts } from '../../dynamo/writes.ts';
import { callAws } from '../../failures.ts';
import { verifiedExpiry, verifiedKey, verifiedTurn } from '../../tables/guards.ts';
import {
  auditItem,
  type CountClaim,
  claimText,
  countedMark,
  isNotCounted,
  readClaim,
} from '../../tables/security/audit.ts';
import { arePlain, laneOfEvent, laneSort, laneTurn, timeBucketExpiry, trafficKey } from '../../tables/traffic.ts';
import { dynamoAuditTrail } from '../audit-trail.ts';
import { addOnce, type CountWrite, type lanesOf, leaveOut } from './turns.ts';

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
  /** For plain writes. */
  readonly lanes: ReturnType<typeof lanesOf>;
  /** Whether more approvals of a country and day, by its key in Guards, would change nothing. */
  readonly isEnough: (verifiedKey: string) => boolean;
};

type Counting = Shared & { readonly places: ReadonlyMap<string, BatchPlace> };

/** Transactions that run beside each other. Each of them has a lane of its own. */
const transactionsBeside = 4;

/** Counts events, each once. */
export const countAll = async (shared: Shared, events: readonly TrafficEvent[], nowMs: number): Promise<void> => {
  const counting: Counting = { ...shared, places: placesOf(events, nowMs) };
  const distinct = [...new Map(events.map((each) => [each.id, each])).values()];
  const [counted = [], others = []] = [true, false].map((isCounted) =>
    distinct.filter((event) => touchedBy(counting, event).length > 0 === isCounted),
  );
  const trail = dynamoAuditTrail(counting.client, counting.tables.security);
  const keepOthers = () => trail.keep(others.map((event) => entryOf(counting, event)));
  const count = arePlain(counted.length, isBehind(events, nowMs)) ? countPlainly : countInTransactions;
  await settleAll<unknown>([() => count(counting, counted), keepOthers]);
};

/** Writes that run beside each other. */
const maxBeside = 32;

/**
 * Counts events by plain writes, in one turn of a lane. The entries come first, and name the turn. If a count is missing then,
 * the records come again, and their events are counted by what their entries say.
 */
const countPlainly = async (counting: Counting, events: Group): Promise<void> => {
  if (events.length === 0) return;
  const { client, lanes } = counting;
  const lane = lanes.take();
  lane.turns += 1;
  const claim: CountClaim = { lane: lane.name, turn: lane.turns };
  const claims = await settleAll(
    events.map((event) => () => claimEvent(counting, event, claim)),
    maxBeside,
  );
  const own = events.filter((_, index) => claims[index]?.kind === 'claimed');
  const applied = await settleAll(
    countWrites(counting, lane.name, own).map((write) => () => addOnce(client, write, claim)),
    maxBeside,
  );
  // Another container took this one for dead, and left the turn out somewhere: there it is completed as others would do it.
  const isWhole = !applied.includes('left-out');
  if (isWhole) lanes.giveBack(lane);
  const left = isWhole ? [] : own.map((event) => ({ event, claim }));
  await complete(counting, [...left, ...claimedBefore(events, claims)]);
};

type Claimed =
  | { readonly kind: 'claimed' }
  /** The entry was there. Without a claim its event surely counts. */
  | { readonly kind: 'known'; readonly claim: CountClaim | undefined };

const claimEvent = (counting: Counting, event: TrafficEvent, claim: CountClaim): Promise<Claimed> => {
  const command = new PutItemCommand(entryPut(counting, event, claim));
  const readRefused = (cause: unknown): Claimed => {
    if (!isConditionFailed(cause)) throw cause;
    const found = readClaim(cause.Item);
    // The client repeated the write, because its answer was lost.
    const isOwn = found !== undefined && claimText(found) === claimText(claim);
    return isOwn ? { kind: 'claimed' } : { kind: 'known', claim: found };
  };
  return callAws('DynamoDB PutItem', () =>
    despiteConflicts('DynamoDB PutItem', () =>
      counting.client.send(command).then((): Claimed => ({ kind: 'claimed' }), readRefused),
    ),
  );
};

type Earlier = { readonly event: TrafficEvent; readonly claim: CountClaim };

const claimedBefore = (events: Group, claims: readonly Claimed[]): readonly Earlier[] =>
  events.flatMap((event, index) => {
    const claimed = claims[index];
    return claimed?.kind === 'known' && claimed.claim !== undefined ? [{ event, claim: claimed.claim }] : [];
  });

/**
 * Completes the count of events whose turn may have failed half-way. Where the turn did not count, it is left out for good, and
 * the event counts in a lane of its own.
 */
const complete = async (counting: Counting, earlier: readonly Earlier[]): Promise<void> => {
  const { client } = counting;
  const acts = earlier.map(({ event, claim }) => async () => {
    const lane = laneOfEvent(event.id);
    const own = countWrites(counting, lane, [event]);
    for (const [index, write] of countWrites(counting, claim.lane, [event]).entries()) {
      const applied = await leaveOut(client, write, claim);
      const instead = own[index];
      if (applied === 'left-out' && instead !== undefined) await addOnce(client, instead, { lane, turn: 1 });
    }
  });
  await settleAll(acts, maxBeside);
};

/** Counts events in as few transactions as possible. Those that run beside each other meet in no item. */
const countInTransactions = async (counting: Counting, events: Group): Promise<void> => {
  const chains = chainsOf(groupsOf(counting, events), (event) => dayToCount(counting, event));
  const acts = chains.map((chain) => async (place: number): Promise<void> => {
    for (const group of chain) await countOnce(counting, `${counting.lane}${place}`, group);
  });
  await settleAll(acts, transactionsBeside);
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
const countOnce = async (counting: Counting, lane: string, group: Group): Promise<void> => {
  const { client } = counting;
  const earlier: Earlier[] = [];
  let open = group;
  while (open.length > 0) {
    const outcome = await transactDespiteConflicts(client, [
      ...open.map((event) => ({ Put: entryPut(counting, event) })),
      ...countWrites(counting, lane, open).map(inTransaction),
    ]);
    if (outcome.kind === 'done') break;
    // Only entries have a condition.
    const known = open.map((_, index) => (failedAt(outcome.reasons, index) ? outcome.reasons[index]?.Item : undefined));
    earlier.push(
      ...open.flatMap((event, index) => {
        const claim = readClaim(known[index]);
        return claim === undefined ? [] : [{ event, claim }];
      }),
    );
    open = open.filter((_, index) => !failedAt(outcome.reasons, index));
  }
  await complete(counting, earlier);
};

const inTransaction = ({ table, key, sets, setValues, adds, addNames, addValues }: CountWrite): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: key,
    UpdateExpression: `SET ${sets.join(', ')} ADD ${adds.join(', ')}`,
    ...(Object.keys(addNames).length === 0 ? {} : { ExpressionAttributeNames: addNames }),
    ExpressionAttributeValues: { ...setValues, ...addValues },
  },
});

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

const entryPut = (counting: Counting, event: TrafficEvent, claim?: CountClaim) => ({
  TableName: counting.tables.security,
  Item: { ...auditItem(entryOf(counting, event)), ...countedMark(claim) },
  ConditionExpression: isNotCounted,
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
});

/** The additions of events, by item: their counts in a lane, and the approvals of countries and days. */
const countWrites = (counting: Counting, lane: string, events: Group): readonly CountWrite[] => [
  ...additionsOf(events).map((addition) => additionWrite(counting, lane, addition)),
  ...verifiedWrites(counting, lane, events),
];

const additionWrite = ({ tables, isApplication }: Counting, lane: string, addition: Addition): CountWrite => {
  const { key, timeBucket, add, ips } = addition;
  const applications = [...addition.applications].filter(isApplication);
  const counts = [...add];
  return {
    table: tables.traffic,
    key: trafficKey(key, laneSort(timeBucket, lane)),
    sets: ['timeBucket = :timeBucket', 'expiresAt = :expiresAt'],
    setValues: values({ ':timeBucket': timeBucket, ':expiresAt': timeBucketExpiry(timeBucket) }),
    adds: [
      ...counts.map((_, index) => `#c${index} :c${index}`),
      ...(ips.size === 0 ? [] : ['#ips :ips']),
      ...(applications.length === 0 ? [] : ['applications :applications']),
    ],
    addNames: {
      ...Object.fromEntries(counts.map(([name], index) => [`#c${index}`, name])),
      ...(ips.size === 0 ? {} : { '#ips': 'ips' }),
    },
    addValues: {
      ...values(Object.fromEntries(counts.map(([, by], index) => [`:c${index}`, by]))),
      ...(ips.size === 0 ? {} : { ':ips': { NS: [...ips].map(String) } }),
      ...(applications.length === 0 ? {} : { ':applications': { SS: applications } }),
    },
    turnName: laneTurn,
  };
};

/** Verifications of a country and day, which the send path reads. */
const verifiedWrites = (counting: Counting, lane: string, events: Group): readonly CountWrite[] => {
  const days = new Map<string, { count: number; latestMs: number }>();
  for (const event of events) {
    const pk = dayToCount(counting, event);
    if (pk === undefined) continue;
    const { count, latestMs } = days.get(pk) ?? { count: 0, latestMs: event.atMs };
    days.set(pk, { count: count + 1, latestMs: Math.max(latestMs, event.atMs) });
  }
  return [...days].map(([pk, { count, latestMs }]) => ({
    table: counting.tables.guards,
    key: keyOf(pk),
    sets: ['expiresAt = :expiresAt'],
    setValues: values({ ':expiresAt': verifiedExpiry(latestMs) }),
    adds: ['verifiedCount :count'],
    addNames: {},
    addValues: values({ ':count': count }),
    turnName: verifiedTurn(lane),
  }));
};
