import { type CapShare, type Leases, otherShards, type Spent, sharesForAnyone } from '../../../otp/limits/caps.ts';
import { type CountryShare, exceededCountry } from '../../../otp/limits/low-volume.ts';
import type { CounterShares, Exceeded } from '../../../otp/limits/reservation.ts';
import { smsPerLease } from '../../../policy.ts';
import { keyOf, values } from '../../dynamo/items.ts';
import {
  dayAttribute,
  hourAttribute,
  leftAttribute,
  readSent,
  readSpent,
  shardKey,
  spentExpiry,
  spentKey,
} from '../../tables/guards.ts';
import { attempt, reserveOne, type ShareOutcome, type Table, type Write } from './share.ts';

/** The share of a send in the item of a day: of a cap, of the SMS of a country, or of both, because they share an item. */
type DayShare = {
  readonly cap?: CapShare | undefined;
  readonly sends?: CountryShare | undefined;
};

/** The caps of a send, and the limit of its country, by item. */
export const reserveDays = (table: Table, reservation: CounterShares): readonly Promise<ShareOutcome>[] => {
  const { caps, countryDay } = reservation;
  const ofCountry = caps.find(({ cap }) => cap.of === 'country');
  const others = caps.filter((share) => share !== ofCountry);
  return [
    ...(ofCountry === undefined && countryDay === undefined
      ? []
      : [reserveDay(table, reservation, { cap: ofCountry, sends: countryDay })]),
    ...others.map((cap) =>
      cap.leases === undefined
        ? reserveDay(table, reservation, { cap })
        : reserveFromShards(table, reservation, cap, cap.leases),
    ),
  ];
};

const reserveDay = (table: Table, reservation: CounterShares, share: DayShare): Promise<ShareOutcome> => {
  const { price, hour } = reservation;
  return reserveOne(table, ...dayWrites(reservation, share), (item) => {
    const { cap, sends } = share;
    const spent = readSpent(item, hour);
    const both: readonly (Exceeded | undefined)[] = [
      sends && exceededCountry(sends, readSent(item)),
      cap && (hasRoom(cap.caps, spent, price) ? undefined : exceededBy(cap, spent, price)),
    ];
    return both.filter((each) => each !== undefined);
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

/** The write that takes a share, and the one that releases it. */
const dayWrites = (
  { price, lookUpPrice = 0, day, hour, nowMs }: CounterShares,
  { cap, sends }: DayShare,
): readonly [take: Write, release: Write] => {
  const place = cap?.cap ?? (sends && { of: 'country' as const, country: sends.country });
  if (place === undefined) throw new Error('A share is of no cap and of no country. This is a bug.');
  const Key = keyOf(spentKey(place, day));
  const names = cap === undefined ? {} : { '#day': dayAttribute, '#hour': hourAttribute(hour) };
  const named = cap === undefined ? {} : { ExpressionAttributeNames: names };
  const takes = [...(cap === undefined ? [] : ['#day :price', '#hour :price']), ...(sends ? ['sentCount :one'] : [])];
  return [
    {
      Key,
      UpdateExpression: `SET expiresAt = :expiresAt ADD ${takes.join(', ')}`,
      ConditionExpression: [
        ...(cap === undefined
          ? []
          : [
              '(attribute_not_exists(#day) OR #day <= :dayRoom)',
              '(attribute_not_exists(#hour) OR #hour <= :hourRoom)',
            ]),
        ...(sends === undefined ? [] : ['(attribute_not_exists(sentCount) OR sentCount < :max)']),
      ].join(' AND '),
      ...named,
      ExpressionAttributeValues: values({
        ...(cap && { ':price': price, ':dayRoom': cap.caps.day - price, ':hourRoom': cap.caps.hour - price }),
        ...(sends && { ':one': 1, ':max': sends.maxSends }),
        ':expiresAt': spentExpiry(nowMs),
      }),
    },
    {
      Key,
      UpdateExpression: `ADD ${takes.join(', ')}`,
      ...named,
      ExpressionAttributeValues: values({
        ...(cap && { ':price': lookUpPrice - price }),
        ...(sends && { ':one': -1 }),
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
