import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import type { RefusedBy, Reservation } from '../../otp/limits/admission.ts';
import { type Budget, dayOf, type Spent, secondsLeftOfDay, spendRetryAfter } from '../../otp/limits/caps.ts';
import { conforms, conformsAt, tatAfter } from '../../otp/limits/gcra.ts';
import type { Counters, Reserved } from '../../otp/ports.ts';
import { dynamoClientOnce, translated } from '../clients.ts';
import { despiteConflicts } from '../dynamo/writes.ts';
import { type Item, keyOf, values } from '../tables/verifications.ts';
import {
  addressKey,
  allCountries,
  countriesAttribute,
  dayAttribute,
  hourAttribute,
  provenTatAttribute,
  sentKey,
  spentKey,
  testKey,
  unprovenTatAttribute,
} from './send-facts.ts';

/** One counter's part of a reservation. */
type Taken =
  | {
      readonly kind: 'held';
      readonly giveBack: Write;
      /** How long it may be given back, in milliseconds; later it stays taken. */
      readonly forMs?: number;
    }
  | RefusedBy
  | { readonly kind: 'unavailable'; readonly cause: unknown };

type Table = { readonly name: string };

/**
 * The counters that many callers share: an address, a country's day, the spending caps. Each is one plain conditional
 * write; none is part of a transaction, which would conflict with all others on the same item.
 */
export const dynamoCounters = (name: string): Counters => {
  const table = { name };
  return {
    reserve: (reservation) =>
      gather(table, [
        ...(reservation.address === undefined ? [] : [takeFromAddress(table, reservation, reservation.address)]),
        ...(reservation.countryDay === undefined ? [] : [takeFromCountry(table, reservation, reservation.countryDay)]),
        ...reservation.spend.map(({ budget, caps }) => takeFromBudget(table, reservation, budget, caps)),
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
    await Promise.all(held.map((part) => giveBack(table, part.giveBack)));
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
const giveBack = async ({ name }: Table, write: Write): Promise<void> => {
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
    return { kind: 'unavailable', cause: translated('DynamoDB UpdateItem', cause) };
  }
};

const take = async (
  table: Table,
  write: Write,
  back: Write,
  refusal: (item: Item | undefined) => RefusedBy,
): Promise<Taken> => {
  const written = await attempt(table, write);
  if (written.kind === 'written') return { kind: 'held', giveBack: back };
  return written.kind === 'refused' ? refusal(written.item) : written;
};

const daySeconds = 86_400;

const takeFromBudget = (table: Table, reservation: Reservation, budget: Budget, caps: Spent): Promise<Taken> => {
  const { price, day, hour, nowMs } = reservation;
  const Key = keyOf(spentKey(budget.country ?? allCountries, day));
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
        ':expiresAt': Math.floor(nowMs / 1000) + 3 * daySeconds,
      }),
    },
    {
      Key,
      UpdateExpression: 'ADD #day :back, #hour :back',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: values({ ':back': -price }),
    },
    (item) => {
      const spent = { hour: Number(item?.[names['#hour']]?.N ?? 0), day: Number(item?.[names['#day']]?.N ?? 0) };
      const retryAfterSeconds = spendRetryAfter(spent, price, caps, nowMs);
      return { kind: 'refused', because: 'spend', limit: `spend-${budget.of}`, retryAfterSeconds };
    },
  );
};

type CountryPart = NonNullable<Reservation['countryDay']>;

const takeFromCountry = (
  table: Table,
  { day, nowMs }: Reservation,
  { country, mostSends }: CountryPart,
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
        ':most': mostSends,
        ':expiresAt': Math.floor(nowMs / 1000) + 3 * daySeconds,
      }),
    },
    { Key, UpdateExpression: 'ADD sentCount :back', ExpressionAttributeValues: values({ ':back': -1 }) },
    () => ({
      kind: 'refused',
      because: 'trickle',
      limit: 'country-unverified',
      retryAfterSeconds: secondsLeftOfDay(nowMs),
    }),
  );
};

type AddressPart = NonNullable<Reservation['address']>;

const dayMs = 86_400_000;
/** How often an address is tried again because others moved its time in between. */
const mostRaces = 6;

const fewCountries = '(attribute_not_exists(#today) OR contains(#today, :country) OR size(#today) < :mostCountries)';

/**
 * GCRA without a read before the write: an idle address starts anew from now, a busy one moves on by T. Which of the two
 * holds is what the condition says; parallel callers do not make each other try again.
 */
const takeFromAddress = async (table: Table, reservation: Reservation, address: AddressPart): Promise<Taken> => {
  const { nowMs, day } = reservation;
  let tatMs = address.tatMs;
  for (let race = 0; race < mostRaces; race += 1) {
    if (!conforms(tatMs, address.rate, nowMs)) return refusedRate(address, tatMs, nowMs);
    const written = await attempt(table, addressWrite(reservation, address, tatMs <= nowMs ? idle : busy));
    // An address that has been idle since starts anew: what is given back then would be another send's.
    if (written.kind === 'written') {
      return { kind: 'held', giveBack: addressBack(address), forMs: tatAfter(tatMs, address.rate, nowMs) - nowMs };
    }
    if (written.kind === 'unavailable') return written;
    const countries = written.item?.[countriesAttribute(day)]?.SS ?? [];
    if (!countries.includes(address.country) && countries.length >= address.countriesPerDay) {
      const retryAfterSeconds = secondsLeftOfDay(nowMs);
      return { kind: 'refused', because: 'address', limit: 'address-countries', retryAfterSeconds };
    }
    tatMs = Number(written.item?.[tatAttribute(address)]?.N ?? 0);
  }
  return refusedRate(address, tatMs, nowMs);
};

const tatAttribute = ({ isProven }: AddressPart): string => (isProven ? provenTatAttribute : unprovenTatAttribute);

const idle = { set: '#tat = :now + :interval', condition: '(attribute_not_exists(#tat) OR #tat <= :now)' };
const busy = { set: '#tat = #tat + :interval', condition: '(#tat > :now AND #tat <= :latest)' };

const addressWrite = ({ nowMs, day }: Reservation, address: AddressPart, { set, condition }: typeof idle): Write => ({
  Key: keyOf(addressKey(address.key)),
  // The day before yesterday's countries go, so that a busy address does not grow.
  UpdateExpression: `SET ${set}, expiresAt = :expiresAt ADD #today :countries REMOVE #before`,
  ConditionExpression: `${condition} AND ${fewCountries}`,
  ExpressionAttributeNames: {
    '#tat': tatAttribute(address),
    '#today': countriesAttribute(day),
    '#before': countriesAttribute(dayOf(nowMs - 2 * dayMs)),
  },
  ExpressionAttributeValues: {
    ...values({
      ':now': nowMs,
      ':interval': address.rate.intervalMs,
      ...(condition === busy.condition ? { ':latest': nowMs + address.rate.toleranceMs } : {}),
      ':country': address.country,
      ':mostCountries': address.countriesPerDay,
      ':expiresAt': Math.floor((nowMs + address.rate.toleranceMs) / 1000) + 3 * daySeconds,
    }),
    ':countries': { SS: [address.country] },
  },
});

/** Gives back the time. The country stays: it was tried. */
const addressBack = (address: AddressPart): Write => ({
  Key: keyOf(addressKey(address.key)),
  UpdateExpression: 'SET #tat = #tat - :interval',
  ConditionExpression: 'attribute_exists(#tat)',
  ExpressionAttributeNames: { '#tat': tatAttribute(address) },
  ExpressionAttributeValues: values({ ':interval': address.rate.intervalMs }),
});

const refusedRate = ({ rate }: AddressPart, tatMs: number, nowMs: number): RefusedBy => ({
  kind: 'refused',
  because: 'address',
  limit: 'address',
  retryAfterSeconds: Math.max(1, Math.ceil((conformsAt(tatMs, rate) - nowMs) / 1000)),
});
