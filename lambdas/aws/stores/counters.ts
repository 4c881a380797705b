import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { RefusedBy, Reservation } from '../../otp/limits/admission.ts';
import { type Cap, dayOf, type Spent, secondsLeftOfDay, spendRetryAfter } from '../../otp/limits/caps.ts';
import { conforms, conformsAt, tatAfter } from '../../otp/limits/gcra.ts';
import type { Counters, Reserved } from '../../otp/ports.ts';
import { dynamoClientOnce, toUnavailable } from '../clients.ts';
import { type Item, keyOf, numberAt, values } from '../dynamo/items.ts';
import { despiteConflicts } from '../dynamo/writes.ts';
import {
  allCountries,
  countriesAttribute,
  dayAttribute,
  hourAttribute,
  ipExpiry,
  ipKey,
  readSpent,
  sentExpiry,
  sentKey,
  spentExpiry,
  spentKey,
  testKey,
  trustedTatAttribute,
  untrustedTatAttribute,
} from '../tables/guards.ts';

/** One counter's part of a reservation. */
type Taken =
  | {
      readonly kind: 'held';
      readonly release: Write;
      /** How long it may be given back, in milliseconds; later it stays taken. */
      readonly forMs?: number;
    }
  | RefusedBy
  | { readonly kind: 'unavailable'; readonly cause: unknown };

type Table = { readonly name: string };

/**
 * The counters that many callers share: an IP, a country's day, the spending caps. Each is one plain conditional
 * write; none is part of a transaction, which would conflict with all others on the same item.
 */
export const dynamoCounters = (name: string): Counters => {
  const table = { name };
  return {
    reserve: (reservation) =>
      gather(table, [
        ...(reservation.ip === undefined ? [] : [takeFromIp(table, reservation, reservation.ip)]),
        ...(reservation.countryDay === undefined ? [] : [takeFromCountry(table, reservation, reservation.countryDay)]),
        ...reservation.caps.map(({ cap, caps }) => takeFromCap(table, reservation, cap, caps)),
      ]),
  };
};

/** Counts a use of an entry of test numbers. */
export const useTestNumber =
  (name: string) =>
  (entry: string, uses: number, expiresAt: number): Promise<Reserved> => {
    const table = { name };
    const Key = keyOf(testKey(entry));
    return gather(table, [
      take(
        table,
        {
          Key,
          UpdateExpression: 'SET expiresAt = :expiresAt ADD usedCount :one',
          ConditionExpression: 'attribute_not_exists(usedCount) OR usedCount < :uses',
          ExpressionAttributeValues: values({ ':one': 1, ':uses': uses, ':expiresAt': expiresAt }),
        },
        { Key, UpdateExpression: 'ADD usedCount :back', ExpressionAttributeValues: values({ ':back': -1 }) },
        () => ({ kind: 'refused', because: 'phone', limit: 'test-number-uses', retryAfterSeconds: 0 }),
      ),
    ]);
  };

const gather = async (table: Table, parts: readonly Promise<Taken>[]): Promise<Reserved> => {
  const startedMs = performance.now();
  const taken = await Promise.all(parts);
  const release = async () => {
    const ranMs = performance.now() - startedMs;
    const held = taken.filter((part) => part.kind === 'held').filter(({ forMs = Infinity }) => ranMs < forMs);
    await Promise.all(held.map((part) => releaseOne(table, part.release)));
  };
  const unavailable = taken.find((part) => part.kind === 'unavailable');
  return { outcome: longestOf(taken) ?? unavailable ?? { kind: 'held' }, release };
};

/** The first that refused, with the wait until none of them does. */
const longestOf = (taken: readonly Taken[]): RefusedBy | undefined => {
  const refused = taken.filter((part) => part.kind === 'refused');
  const [first] = refused;
  if (first === undefined) return undefined;
  return { ...first, retryAfterSeconds: Math.max(...refused.map(({ retryAfterSeconds }) => retryAfterSeconds)) };
};

/** One attempt, at most once: a lost one leaves the counter too high, which is the safe side, until its window ends. */
const releaseOne = async ({ name }: Table, write: Write): Promise<void> => {
  const command = new UpdateItemCommand({ ConditionExpression: 'attribute_exists(pk)', ...write, TableName: name });
  await dynamoClientOnce()
    .send(command)
    .catch(() => undefined);
};

type Write = Omit<UpdateItemCommandInput, 'TableName'>;

type Written =
  | { readonly kind: 'written' }
  /** The condition did not hold; the item as it stands. */
  | { readonly kind: 'refused'; readonly item: Item | undefined }
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/** Counts once: what may have been counted is never tried again, or a slow table would eat the caps. */
const attempt = async ({ name }: Table, write: Write): Promise<Written> => {
  const command = new UpdateItemCommand({ ...write, TableName: name, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
  try {
    await despiteConflicts('DynamoDB UpdateItem', () => dynamoClientOnce().send(command));
    return { kind: 'written' };
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return { kind: 'refused', item: cause.Item };
    return { kind: 'unavailable', cause: toUnavailable('DynamoDB UpdateItem', cause) };
  }
};

const take = async (
  table: Table,
  write: Write,
  back: Write,
  refusal: (item: Item | undefined) => RefusedBy,
): Promise<Taken> => {
  const written = await attempt(table, write);
  if (written.kind === 'written') return { kind: 'held', release: back };
  return written.kind === 'refused' ? refusal(written.item) : written;
};

const takeFromCap = (table: Table, reservation: Reservation, cap: Cap, caps: Spent): Promise<Taken> => {
  const { price, day, hour, nowMs } = reservation;
  const Key = keyOf(spentKey(cap.country ?? allCountries, day));
  const names = { '#day': dayAttribute, '#hour': hourAttribute(hour) };
  return take(
    table,
    {
      Key,
      UpdateExpression: 'SET expiresAt = :expiresAt ADD #day :price, #hour :price',
      ConditionExpression: [
        '(attribute_not_exists(#day) OR #day <= :dayRoom)',
        '(attribute_not_exists(#hour) OR #hour <= :hourRoom)',
      ].join(' AND '),
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values({
        ':price': price,
        ':dayRoom': caps.day - price,
        ':hourRoom': caps.hour - price,
        ':expiresAt': spentExpiry(nowMs),
      }),
    },
    {
      Key,
      UpdateExpression: 'ADD #day :back, #hour :back',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values({ ':back': -price }),
    },
    (item) => {
      const retryAfterSeconds = spendRetryAfter(readSpent(item, hour), price, caps, nowMs);
      return { kind: 'refused', because: 'cap', limit: `cap-${cap.of}`, retryAfterSeconds };
    },
  );
};

type CountryPart = NonNullable<Reservation['countryDay']>;

const takeFromCountry = (
  table: Table,
  { day, nowMs }: Reservation,
  { country, maxSends }: CountryPart,
): Promise<Taken> => {
  const Key = keyOf(sentKey(country, day));
  return take(
    table,
    {
      Key,
      UpdateExpression: 'SET expiresAt = :expiresAt ADD sentCount :one',
      ConditionExpression: 'attribute_not_exists(sentCount) OR sentCount < :most',
      ExpressionAttributeValues: values({
        ':one': 1,
        ':most': maxSends,
        ':expiresAt': sentExpiry(nowMs),
      }),
    },
    { Key, UpdateExpression: 'ADD sentCount :back', ExpressionAttributeValues: values({ ':back': -1 }) },
    () => ({
      kind: 'refused',
      because: 'low-volume',
      limit: 'low-volume',
      retryAfterSeconds: secondsLeftOfDay(nowMs),
    }),
  );
};

type IpPart = NonNullable<Reservation['ip']>;

const dayMs = 86_400_000;
/** How often an IP is tried again because others moved its time in between. */
const maxRaces = 6;

const fewCountries = '(attribute_not_exists(#today) OR contains(#today, :country) OR size(#today) < :mostCountries)';

/**
 * GCRA without a read before the write: an idle IP starts anew from now, a busy one moves on by T. Which of the two
 * holds is what the condition says; parallel callers do not make each other try again.
 */
const takeFromIp = async (table: Table, reservation: Reservation, ip: IpPart): Promise<Taken> => {
  const { nowMs, day } = reservation;
  let tatMs = ip.tatMs;
  for (let race = 0; race < maxRaces; race += 1) {
    if (!conforms(tatMs, ip.rate, nowMs)) return refusedRate(ip, tatMs, nowMs);
    const written = await attempt(table, ipWrite(reservation, ip, tatMs <= nowMs ? idle : busy));
    // An IP that has been idle since starts anew: what is given back then would be another send's.
    if (written.kind === 'written') {
      return { kind: 'held', release: ipBack(ip), forMs: tatAfter(tatMs, ip.rate, nowMs) - nowMs };
    }
    if (written.kind === 'unavailable') return written;
    const countries = written.item?.[countriesAttribute(day)]?.SS ?? [];
    if (!countries.includes(ip.country) && countries.length >= ip.countriesPerDay) {
      const retryAfterSeconds = secondsLeftOfDay(nowMs);
      return { kind: 'refused', because: 'ip', limit: 'ip-countries', retryAfterSeconds };
    }
    tatMs = numberAt(written.item, tatAttribute(ip)) ?? 0;
  }
  return refusedRate(ip, tatMs, nowMs);
};

const tatAttribute = ({ isTrustedIp }: IpPart): string => (isTrustedIp ? trustedTatAttribute : untrustedTatAttribute);

const idle = { set: '#tat = :now + :interval', condition: '(attribute_not_exists(#tat) OR #tat <= :now)' };
const busy = { set: '#tat = #tat + :interval', condition: '(#tat > :now AND #tat <= :latest)' };

const ipWrite = ({ nowMs, day }: Reservation, ip: IpPart, { set, condition }: typeof idle): Write => ({
  Key: keyOf(ipKey(ip.key)),
  // The day before yesterday's countries go, so that a busy IP does not grow.
  UpdateExpression: `SET ${set}, expiresAt = :expiresAt ADD #today :countries REMOVE #before`,
  ConditionExpression: `${condition} AND ${fewCountries}`,
  ExpressionAttributeNames: {
    '#tat': tatAttribute(ip),
    '#today': countriesAttribute(day),
    '#before': countriesAttribute(dayOf(nowMs - 2 * dayMs)),
  },
  ExpressionAttributeValues: {
    ...values({
      ':now': nowMs,
      ':interval': ip.rate.intervalMs,
      ...(condition === busy.condition ? { ':latest': nowMs + ip.rate.toleranceMs } : {}),
      ':country': ip.country,
      ':mostCountries': ip.countriesPerDay,
      ':expiresAt': ipExpiry(nowMs, ip.rate.toleranceMs),
    }),
    ':countries': { SS: [ip.country] },
  },
});

/** Gives back the time. The country stays: it was tried. */
const ipBack = (ip: IpPart): Write => ({
  Key: keyOf(ipKey(ip.key)),
  UpdateExpression: 'SET #tat = #tat - :interval',
  ConditionExpression: 'attribute_exists(#tat)',
  ExpressionAttributeNames: { '#tat': tatAttribute(ip) },
  ExpressionAttributeValues: values({ ':interval': ip.rate.intervalMs }),
});

const refusedRate = ({ rate }: IpPart, tatMs: number, nowMs: number): RefusedBy => ({
  kind: 'refused',
  because: 'ip',
  limit: 'ip',
  retryAfterSeconds: Math.max(1, Math.ceil((conformsAt(tatMs, rate) - nowMs) / 1000)),
});
