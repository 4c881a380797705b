import {
  type CapPlace,
  type CapShare,
  exceededNotify,
  type Leases,
  type NotifyShare,
  otherShards,
  type Spent,
  sharesForAnyone,
} from '../../../otp/limits/caps.ts';
import { type CountryShare, exceededCountry } from '../../../otp/limits/low-volume.ts';
import type { CounterShares, Exceeded } from '../../../otp/limits/reservation.ts';
import { smsPerLease } from '../../../policy.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import {
  dayAttribute,
  hourAttribute,
  leftAttribute,
  readNotified,
  readSent,
  readSpent,
  shardKey,
  spentExpiry,
  spentKey,
} from '../../tables/guards.ts';
import { attempt, reserveOne, type ShareOutcome, type Table, type Write } from './share.ts';

/**
 * The share of a send in the item of a day: of a cap, and of the SMS of its country or of the messages of Notify, because they
 * share an item.
 */
type DayShare = {
  readonly cap?: CapShare | undefined;
  readonly sends?: CountryShare | undefined;
  readonly notify?: NotifyShare | undefined;
};

/** The caps of a send, and the limits of its country and of Notify, by item. */
export const reserveDays = (table: Table, reservation: CounterShares): readonly Promise<ShareOutcome>[] => {
  const { caps, countryDay, notify } = reservation;
  const ofCountry = caps.find(({ cap }) => cap.of === 'country');
  const others = caps.filter((share) => share !== ofCountry);
  return [
    ...(ofCountry === undefined && countryDay === undefined
      ? []
      : [reserveDay(table, reservation, { cap: ofCountry, sends: countryDay })]),
    ...others.map((cap) =>
      cap.leases === undefined
        ? reserveDay(table, reservation, cap.cap.of === 'total' ? { cap, notify } : { cap })
        : reserveFromShards(table, reservation, cap, cap.leases),
    ),
    // A send by shards writes the item of the total only if Notify counts it. A Basic account sends 200 a day.
    ...(notify !== undefined && !others.some(({ cap, leases }) => cap.of === 'total' && leases === undefined)
      ? [reserveDay(table, reservation, { notify })]
      : []),
  ];
};

const reserveDay = (table: Table, reservation: CounterShares, share: DayShare): Promise<ShareOutcome> => {
  const { price, hour } = reservation;
  return reserveOne(table, ...dayWrites(reservation, share), (item) => {
    const { cap, sends, notify } = share;
    const spent = readSpent(item, hour);
    const all: readonly (Exceeded | undefined)[] = [
      sends && exceededCountry(sends, readSent(item)),
      notify && exceededNotify(notify, readNotified(item)),
      cap && (hasRoom(cap.caps, spent, price) ? undefined : exceededBy(cap, spent, price)),
    ];
    return all.filter((each) => each !== undefined);
  });
};

const hasRoom = (caps: Spent, spent: Spent, price: number): boolean =>
  spent.hour + price <= caps.hour && spent.day + price <= caps.day;

const exceededBy = ({ cap, caps }: CapShare, spent: Spent, price: number): Exceeded => ({
  kind: 'exceeded',
  counter: `cap-${cap.of}`,
  spent,
  price,
  caps,
});

const placeOf = ({ cap, sends }: DayShare): CapPlace => {
  if (cap !== undefined) return cap.cap;
  return sends === undefined ? { of: 'total' } : { of: 'country', country: sends.country };
};

const conditionsOf = ({ cap, sends, notify }: DayShare): readonly string[] => [
  ...(cap === undefined
    ? []
    : ['(attribute_not_exists(#day) OR #day <= :dayRoom)', '(attribute_not_exists(#hour) OR #hour <= :hourRoom)']),
  ...(sends === undefined ? [] : ['(attribute_not_exists(sentCount) OR sentCount < :max)']),
  ...(notify?.maxMessages === undefined ? [] : ['(attribute_not_exists(notifyCount) OR notifyCount < :maxMessages)']),
];

/** The write that takes a share, and the one that releases it. */
const dayWrites = (
  { price, lookUpPrice = 0, day, hour, nowMs }: CounterShares,
  share: DayShare,
): readonly [take: Write, release: Write] => {
  const { cap, sends, notify } = share;
  const Key = keyOf(spentKey(placeOf(share), day));
  const names = cap === undefined ? {} : { '#day': dayAttribute, '#hour': hourAttribute(hour) };
  const named = cap === undefined ? {} : { ExpressionAttributeNames: names };
  const counts = [...(sends ? ['sentCount'] : []), ...(notify ? ['notifyCount'] : [])];
  const takes = [...(cap ? ['#day :price', '#hour :price'] : []), ...counts.map((name) => `${name} :one`)];
  const hasCounts = counts.length > 0;
  const conditions = conditionsOf(share);
  return [
    {
      Key,
      UpdateExpression: `SET expiresAt = :expiresAt ADD ${takes.join(', ')}`,
      ...(conditions.length === 0 ? {} : { ConditionExpression: conditions.join(' AND ') }),
      ...named,
      ExpressionAttributeValues: values({
        ...(cap && { ':price': price, ':dayRoom': cap.caps.day - price, ':hourRoom': cap.caps.hour - price }),
        ...(sends && { ':max': sends.maxSends }),
        ...(notify?.maxMessages === undefined ? {} : { ':maxMessages': notify.maxMessages }),
        ...(hasCounts ? { ':one': 1 } : {}),
        ':expiresAt': spentExpiry(nowMs),
      }),
    },
    {
      Key,
      UpdateExpression: `ADD ${takes.join(', ')}`,
      ...named,
      ExpressionAttributeValues: values({
        ...(cap && { ':price': lookUpPrice - price }),
        ...(hasCounts ? { ':one': -1 } : {}),
      }),
    },
  ];
};

/**
 * Takes a price from a shard, and a new lease if nothing is left there. If there is no room for a lease, it tries the other
 * shards, and at last the item of the cap for this one price. A lease is never of the last fifth, which is for trusted numbers.
 */
const reserveFromShards = async (
  table: Table,
  reservation: CounterShares,
  share: CapShare,
  leases: Leases,
): Promise<ShareOutcome> => {
  const { price } = reservation;
  if ((leases.left[leases.first] ?? 0) >= price) {
    const taken = await takeFromShard(table, reservation, leases.first);
    if (taken.kind !== 'exceeded') return taken;
  }
  const leased = await takeLease(table, reservation, share, leases.first);
  if (leased.kind !== 'exceeded') return leased;
  for (const shard of [leases.first, ...otherShards(leases)]) {
    const taken = await takeFromShard(table, reservation, shard);
    if (taken.kind !== 'exceeded') return taken;
  }
  return reserveDay(table, reservation, { cap: share });
};

const takeFromShard = (
  table: Table,
  { price, lookUpPrice = 0, day, hour }: CounterShares,
  shard: number,
): Promise<ShareOutcome> => {
  const Key = keyOf(shardKey(shard, day));
  const ExpressionAttributeNames = { '#left': leftAttribute(hour) };
  return reserveOne(
    table,
    {
      Key,
      UpdateExpression: 'ADD #left :taken',
      ConditionExpression: '#left >= :price',
      ExpressionAttributeNames,
      ExpressionAttributeValues: values({ ':taken': -price, ':price': price }),
    },
    {
      Key,
      UpdateExpression: 'ADD #left :released',
      ExpressionAttributeNames,
      ExpressionAttributeValues: values({ ':released': price - lookUpPrice }),
    },
    () => [],
  );
};

/** The price of this send stays in the item of the cap, and is released there. The rest goes to the shard. */
const takeLease = async (
  table: Table,
  reservation: CounterShares,
  { cap }: CapShare,
  shard: number,
): Promise<ShareOutcome> => {
  const { price, day, hour, nowMs } = reservation;
  const caps = sharesForAnyone(cap.caps);
  const lease = { ...reservation, price: price * smsPerLease };
  // The condition of the write lets the first price of an hour pass, whatever it is.
  if (lease.price > Math.min(caps.hour, caps.day)) return { kind: 'exceeded', counters: [] };
  const [, release] = dayWrites(reservation, { cap: { cap, caps } });
  const [take] = dayWrites(lease, { cap: { cap, caps } });
  const leased = await attempt(table, take);
  if (leased.kind === 'unavailable') return leased;
  if (leased.kind === 'refused') return { kind: 'exceeded', counters: [] };
  // A rest that is not noted is lost until the hour ends. That is the safe side.
  await attempt(table, {
    Key: keyOf(shardKey(shard, day)),
    UpdateExpression: 'SET expiresAt = :expiresAt ADD #left :rest',
    ExpressionAttributeNames: { '#left': leftAttribute(hour) },
    ExpressionAttributeValues: values({ ':rest': lease.price - price, ':expiresAt': spentExpiry(nowMs) }),
  });
  return { kind: 'held', release };
};
