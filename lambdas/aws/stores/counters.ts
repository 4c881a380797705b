import { tatAfter } from '../../otp/limits/gcra.ts';
import { exceededIp, type IpCounter, type IpShare } from '../../otp/limits/ip-limit.ts';
import { maxAskersPerDay, newAsker } from '../../otp/limits/ip-trust.ts';
import type { Reservation } from '../../otp/limits/reservation.ts';
import type { Counters, Reserved } from '../../otp/ports.ts';
import { keyOf, values } from '../dynamo/items.ts';
import {
  askersAttribute,
  countriesAttribute,
  forgottenDays,
  ipExpiry,
  ipKey,
  readIp,
  testKey,
  trustedTatAttribute,
  untrustedTatAttribute,
} from '../tables/guards.ts';
import { reserveDays } from './shares/caps.ts';
import {
  attempt,
  exceededAlone,
  gather,
  reserveOne,
  type ShareOutcome,
  type Table,
  type Write,
} from './shares/share.ts';

/** The counters that many callers share: an IP, a country's day, the caps. Each is one plain conditional write (ADR 20). */
export const dynamoCounters = (name: string): Counters => {
  const table = { name };
  return {
    reserve: (reservation) =>
      gather(table, [
        ...(reservation.ip === undefined ? [] : [reserveIpShare(table, reservation, reservation.ip)]),
        ...reserveDays(table, reservation),
      ]),
  };
};

/** Counts one use of an entry of test numbers. */
export const useTestNumber =
  (name: string) =>
  (entry: string, uses: number, expiresAt: number): Promise<Reserved> => {
    const table = { name };
    const Key = keyOf(testKey(entry));
    return gather(table, [
      reserveOne(
        table,
        {
          Key,
          UpdateExpression: 'SET expiresAt = :expiresAt ADD usedCount :one',
          ConditionExpression: 'attribute_not_exists(usedCount) OR usedCount < :uses',
          ExpressionAttributeValues: values({ ':one': 1, ':uses': uses, ':expiresAt': expiresAt }),
        },
        { Key, UpdateExpression: 'ADD usedCount :released', ExpressionAttributeValues: values({ ':released': -1 }) },
        () => [{ kind: 'exceeded', counter: 'test-number-uses' }],
      ),
    ]);
  };

/** How often the write for an IP may lose the race to other sends of the IP. */
const maxRaces = 6;

const fewCountries = '(attribute_not_exists(#today) OR contains(#today, :country) OR size(#today) < :maxCountries)';
const fewAskers = '(attribute_not_exists(#askers) OR contains(#askers, :asker) OR size(#askers) < :maxAskers)';

/**
 * GCRA without a read before the write. An idle IP starts anew from now, a busy one moves on by T: the condition says
 * which, so that parallel sends of one IP seldom repeat a write.
 */
const reserveIpShare = async (table: Table, reservation: Reservation, ip: IpShare): Promise<ShareOutcome> => {
  const { nowMs } = reservation;
  let counter: IpCounter = { tatMs: ip.tatMs, countriesToday: [], askersToday: [] };
  let { asker } = ip;
  for (let race = 0; race < maxRaces; race += 1) {
    const exceeded = exceededIp(ip, counter, nowMs);
    if (exceeded !== undefined) return exceededAlone(exceeded);
    const { tatMs } = counter;
    const written = await attempt(table, ipWrite(reservation, { ...ip, asker }, tatMs <= nowMs ? idle : busy));
    // An IP that was idle since starts anew, so a late release would take another send off.
    if (written.kind === 'written') {
      return { kind: 'held', release: ipRelease(ip), forMs: tatAfter(tatMs, ip.rate, nowMs) - nowMs, of: 'ip' };
    }
    if (written.kind === 'unavailable') return written;
    const now = readIp(written.item, nowMs);
    counter = { ...now, tatMs: ip.isTrustedIp ? now.trustedTatMs : now.tatMs };
    asker = newAsker(ip.asker, now.askersToday);
  }
  const { tatMs } = counter;
  return exceededAlone(exceededIp(ip, counter, nowMs) ?? { kind: 'exceeded', counter: 'ip', tatMs, rate: ip.rate });
};

const tatAttribute = ({ isTrustedIp }: IpShare): string => (isTrustedIp ? trustedTatAttribute : untrustedTatAttribute);

const idle = { set: '#tat = :now + :interval', condition: '(attribute_not_exists(#tat) OR #tat <= :now)' };
const busy = { set: '#tat = #tat + :interval', condition: '(#tat > :now AND #tat <= :latest)' };

const ipWrite = ({ nowMs, day }: Reservation, ip: IpShare, { set, condition }: typeof idle): Write => {
  const { asker } = ip;
  const isNoted = asker !== undefined;
  const forgotten = forgottenDays(nowMs).flatMap((past) => [countriesAttribute(past), askersAttribute(past)]);
  return {
    Key: keyOf(ipKey(ip.key)),
    // The sets of days before yesterday go, so that an IP does not grow.
    UpdateExpression: `SET ${set}, expiresAt = :expiresAt ADD #today :countries${isNoted ? ', #askers :askers' : ''} REMOVE ${forgotten.map((_, index) => `#f${index}`).join(', ')}`,
    ConditionExpression: [condition, fewCountries, ...(isNoted ? [fewAskers] : [])].join(' AND '),
    ExpressionAttributeNames: {
      '#tat': tatAttribute(ip),
      '#today': countriesAttribute(day),
      ...Object.fromEntries(forgotten.map((name, index) => [`#f${index}`, name])),
      ...(isNoted ? { '#askers': askersAttribute(day) } : {}),
    },
    ExpressionAttributeValues: {
      ...values({
        ':now': nowMs,
        ':interval': ip.rate.intervalMs,
        ...(condition === busy.condition ? { ':latest': nowMs + ip.rate.toleranceMs } : {}),
        ':country': ip.country,
        ':maxCountries': ip.countriesPerDay,
        ':expiresAt': ipExpiry(nowMs, ip.rate.toleranceMs),
        ...(isNoted ? { ':asker': asker, ':maxAskers': ip.maxAskers ?? maxAskersPerDay } : {}),
      }),
      ':countries': { SS: [ip.country] },
      ...(isNoted ? { ':askers': { SS: [asker] } } : {}),
    },
  };
};

/** Releases the time. Country and asker stay, because they were tried. */
const ipRelease = (ip: IpShare): Write => ({
  Key: keyOf(ipKey(ip.key)),
  UpdateExpression: 'SET #tat = #tat - :interval',
  ConditionExpression: 'attribute_exists(#tat)',
  ExpressionAttributeNames: { '#tat': tatAttribute(ip) },
  ExpressionAttributeValues: values({ ':interval': ip.rate.intervalMs }),
});
