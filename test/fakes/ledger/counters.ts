import type { AdmissionFacts } from '../../../lambdas/otp/limits/admission.ts';
import { networkProbeMs } from '../../../lambdas/otp/limits/blocks.ts';
import {
  type Cap,
  type CapShare,
  dayOf,
  exceededCap,
  exceededNotify,
  hourOf,
} from '../../../lambdas/otp/limits/caps.ts';
import { conforms, tatAfter } from '../../../lambdas/otp/limits/gcra.ts';
import { exceededIp, type IpShare } from '../../../lambdas/otp/limits/ip-limit.ts';
import { nameOfNumber, newAsker } from '../../../lambdas/otp/limits/ip-trust.ts';
import { exceededCountry } from '../../../lambdas/otp/limits/low-volume.ts';
import { noReputation } from '../../../lambdas/otp/limits/reputation.ts';
import type { Exceeded, Reservation } from '../../../lambdas/otp/limits/reservation.ts';
import type { RequestLedger, Reserved, Wanted } from '../../../lambdas/otp/ports.ts';
import type { RiskFacts } from '../../../lambdas/otp/risk/ports.ts';
import type { Subject } from '../../../lambdas/otp/subject.ts';
import type { Calls } from './calls.ts';
import type { MemoryTables } from './tables.ts';

const dayMs = 86_400_000;

/** The facts of a send. */
export const factsOf = (
  tables: MemoryTables,
  subject: Subject,
  nowMs: number,
  { hasOwnCaps = false, mindsRisk = false }: Wanted = {},
): AdmissionFacts & { readonly risk?: RiskFacts } => {
  const { countOf } = tables;
  const { phoneKey, ip, country, application } = subject;
  const [day, hour] = [dayOf(nowMs), hourOf(nowMs)];
  const spent = (of: string) => ({ hour: countOf(`spent ${of} ${day} ${hour}`), day: countOf(`spent ${of} ${day}`) });
  const keys: string[] = [phoneKey, ip, subject.range, subject.prefix, country];
  const sim = tables.sims.get(phoneKey);
  const notice = tables.notices.get(phoneKey);
  const risk = {
    answer: sim !== undefined && nowMs < sim.askedAtMs + 600_000 ? sim.answer : undefined,
    notice: notice !== undefined && nowMs < notice.untilMs ? notice : undefined,
  };
  return {
    ...(mindsRisk ? { risk } : {}),
    guard: tables.guardOf(phoneKey),
    reputation: tables.reputations.get(phoneKey) ?? noReputation,
    blocks: tables.blocks.filter(({ of }) => keys.includes(of)),
    networkProbedAtMs: countOf(`probe ${subject.network}`),
    isCodeSpraying: tables.codeSpraying.has(country) || tables.guessedAt.has(phoneKey),
    refusedTatMs: countOf(`refused tat ${ip}`),
    ip: {
      tatMs: countOf(`tat ${ip}`),
      trustedTatMs: countOf(`trusted tat ${ip}`),
      countriesToday: [...tables.setOf(`countries ${ip} ${day}`)],
      verifiers: [...tables.verifiersOf(ip)].map(nameOfNumber),
      askersToday: [...tables.setOf(`askers ${ip} ${day}`)],
      askersYesterday: [...tables.setOf(`askers ${ip} ${dayOf(nowMs - dayMs)}`)],
    },
    country: {
      sentToday: countOf(`sent ${country} ${day}`),
      verifiedToday: countOf(`verified ${country} ${day}`),
      verifiedYesterday: countOf(`verified ${country} ${dayOf(nowMs - dayMs)}`),
    },
    spent: {
      total: spent('total'),
      country: spent(country),
      application: hasOwnCaps ? spent(`application ${application}`) : { hour: 0, day: 0 },
    },
    notifiedToday: countOf(`notified ${day}`),
  };
};

/** One counter's part of a reservation: exceeded, or held with the way to release it. */
type Part = { readonly exceeded?: Exceeded | undefined; readonly release?: () => void; readonly of?: 'ip' };

const takeIp = ({ countOf, counts, add, setOf }: MemoryTables, ip: IpShare, { day, nowMs }: Reservation): Part => {
  const name = `${ip.isTrustedIp ? 'trusted tat' : 'tat'} ${ip.key}`;
  const countries = setOf(`countries ${ip.key} ${day}`);
  const tatMs = countOf(name);
  const askers = setOf(`askers ${ip.key} ${day}`);
  const exceeded = exceededIp(ip, { tatMs, countriesToday: [...countries], askersToday: [...askers] }, nowMs);
  if (exceeded !== undefined) return { exceeded };
  counts.set(name, tatAfter(tatMs, ip.rate, nowMs));
  countries.add(ip.country);
  const asker = newAsker(ip.asker, [...askers]);
  if (asker !== undefined) askers.add(asker);
  return { release: () => add(name, -ip.rate.intervalMs), of: 'ip' };
};

const takeCountry = ({ countOf, add }: MemoryTables, { countryDay, day }: Reservation): Part => {
  if (countryDay === undefined) return {};
  const name = `sent ${countryDay.country} ${day}`;
  const exceeded = exceededCountry(countryDay, countOf(name));
  if (exceeded !== undefined) return { exceeded };
  add(name, 1);
  return { release: () => add(name, -1) };
};

const takeNotify = ({ countOf, add }: MemoryTables, { notify, day }: Reservation): Part => {
  if (notify === undefined) return {};
  const name = `notified ${day}`;
  const exceeded = exceededNotify(notify, countOf(name));
  if (exceeded !== undefined) return { exceeded };
  add(name, 1);
  return { release: () => add(name, -1) };
};

const spentBy = (cap: Cap): string => {
  if (cap.of === 'application') return `application ${cap.application}`;
  return cap.of === 'country' ? cap.country : 'total';
};

const takeCap = (
  { countOf, add }: MemoryTables,
  share: CapShare,
  { price, lookUpPrice = 0, day, hour }: Reservation,
): Part => {
  const ofDay = `spent ${spentBy(share.cap)} ${day}`;
  const ofHour = `${ofDay} ${hour}`;
  const exceeded = exceededCap(share, { day: countOf(ofDay), hour: countOf(ofHour) }, price);
  if (exceeded !== undefined) return { exceeded };
  const addBoth = (by: number) => {
    for (const each of [ofDay, ofHour]) add(each, by);
  };
  addBoth(price);
  return { release: () => addBoth(lookUpPrice - price) };
};

/** A probe of each restriction: the block remembers its time. */
const takeProbes = (tables: MemoryTables, { probes, probeNetwork, nowMs }: Reservation): Part[] => [
  ...probes.map((share): Part => {
    const at = tables.blocks.findIndex(({ level, of }) => level === share.level && of === share.of);
    const block = tables.blocks[at];
    if (block === undefined || (block.probedAtMs ?? 0) > nowMs - share.intervalMs) {
      return { exceeded: { kind: 'exceeded', counter: 'probe', probes } };
    }
    tables.blocks[at] = { ...block, probedAtMs: nowMs };
    return { release: () => void tables.blocks.splice(at, 1, block) };
  }),
  ...(probeNetwork === undefined ? [] : [takeNetwork(tables, probeNetwork, probes, nowMs)]),
];

const takeNetwork = (
  { countOf, counts }: MemoryTables,
  network: string,
  probes: Reservation['probes'],
  nowMs: number,
): Part => {
  const name = `probe ${network}`;
  if (countOf(name) > nowMs - networkProbeMs) return { exceeded: { kind: 'exceeded', counter: 'probe', probes } };
  counts.set(name, nowMs);
  return { release: () => void counts.set(name, 0) };
};

export const memoryCounters = (
  tables: MemoryTables,
  { call }: Calls,
): Pick<RequestLedger, 'reserve' | 'takeProbes' | 'useTestNumber' | 'takeNote' | 'readRefusedTatMs'> => {
  const reserved = async (name: string, act: () => Part[]): Promise<Reserved> => {
    let parts: Part[] = [];
    const cause = await call(name, () => {
      parts = act();
    }).catch((error: unknown) => error);
    // A reservation without an answer may be held. It stays, which is the safe side.
    if (cause !== undefined) return { outcome: { kind: 'unavailable', cause }, release: async () => {} };
    const release = (kept?: 'ip') =>
      call('release', () => {
        for (const part of parts) if (kept === undefined || part.of !== kept) part.release?.();
      }).catch(() => undefined);
    const counters = parts.flatMap(({ exceeded }) => exceeded ?? []);
    return { outcome: counters.length > 0 ? { kind: 'exceeded', counters } : { kind: 'held' }, release };
  };
  const useTestNumber = (entry: string, uses: number): Part => {
    const name = `test ${entry}`;
    if (tables.countOf(name) >= uses) return { exceeded: { kind: 'exceeded', counter: 'test-number-uses' } };
    tables.add(name, 1);
    return { release: () => tables.add(name, -1) };
  };
  return {
    reserve: (reservation) =>
      reserved('reserve', () => [
        ...(reservation.ip === undefined ? [] : [takeIp(tables, reservation.ip, reservation)]),
        takeCountry(tables, reservation),
        takeNotify(tables, reservation),
        ...reservation.caps.map((share) => takeCap(tables, share, reservation)),
      ]),
    takeProbes: (reservation) => reserved('takeProbes', () => takeProbes(tables, reservation)),
    takeNote: ({ ip, rate, nowMs }) =>
      call('takeNote', () => {
        const tatMs = tables.countOf(`refused tat ${ip}`);
        if (!conforms(tatMs, rate, nowMs)) return false;
        tables.counts.set(`refused tat ${ip}`, tatAfter(tatMs, rate, nowMs));
        return true;
      }),
    readRefusedTatMs: (ip) => call('readRefusedTatMs', () => tables.countOf(`refused tat ${ip}`)),
    useTestNumber: (entry, uses) => reserved('useTestNumber', () => [useTestNumber(entry, uses)]),
  };
};
