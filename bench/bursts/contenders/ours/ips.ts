/** The items of IPs and networks, in memory. */

import { networkProbeMs } from '../../../../lambdas/otp/limits/blocks.ts';
import { dayOf } from '../../../../lambdas/otp/limits/caps.ts';
import { conforms, tatAfter } from '../../../../lambdas/otp/limits/gcra.ts';
import type { IpFacts } from '../../../../lambdas/otp/limits/ip-limit.ts';
import { nameOfNumber } from '../../../../lambdas/otp/limits/ip-trust.ts';
import { type NoteShare, noteShareOf } from '../../../../lambdas/otp/limits/refusal.ts';
import type { Reservation } from '../../../../lambdas/otp/limits/reservation.ts';
import type { Visible } from '../contender.ts';

type Day = { readonly countries: string[]; readonly askers: string[]; readonly verifiers: Set<string> };

type Ip = {
  tatMs: number;
  trustedTatMs: number;
  refusedTatMs: number;
  day: string;
  today: Day;
  yesterday: Day;
  readonly verifiers: Set<string>;
  verifiedMs: number;
};

const dayMs = 86_400_000;
/** As the tables bound them: for as long as the IP is remembered, and beyond those of a day. */
const [maxVerifiers, maxVerifiersPerDay, keptDays] = [50, 40, 30];

const noDay = (): Day => ({ countries: [], askers: [], verifiers: new Set() });

/** Numbers that verified before the run have no names here that could come again. */
const verifiersBefore = (count: number): Set<string> =>
  new Set(Array.from({ length: count }, (_, index) => `before ${index}`));

export const memoryIps = () => {
  const ips = new Map<string, Ip>();
  const probedNetworks = new Map<string, number>();

  const ipOf = ({ ip: key, ipVerifiers }: Visible, nowMs: number): Ip => {
    const known = ips.get(key) ?? {
      tatMs: 0,
      trustedTatMs: 0,
      refusedTatMs: 0,
      day: dayOf(nowMs),
      today: noDay(),
      yesterday: noDay(),
      verifiers: verifiersBefore(ipVerifiers),
      verifiedMs: nowMs,
    };
    ips.set(key, known);
    const today = dayOf(nowMs);
    if (known.day !== today) {
      known.yesterday = known.day === dayOf(nowMs - dayMs) ? known.today : noDay();
      known.today = noDay();
      known.day = today;
    }
    if (known.verifiedMs + keptDays * dayMs < nowMs) known.verifiers.clear();
    return known;
  };

  return {
    factsOf: (attempt: Visible, nowMs: number): IpFacts => {
      const { tatMs, trustedTatMs, today, yesterday, verifiers } = ipOf(attempt, nowMs);
      return {
        tatMs,
        trustedTatMs,
        countriesToday: today.countries,
        askersToday: today.askers,
        askersYesterday: yesterday.askers,
        verifiers: [...new Set([...verifiers, ...today.verifiers, ...yesterday.verifiers])],
      };
    },
    take: (attempt: Visible, { ip, probeNetwork }: Reservation, nowMs: number): void => {
      if (probeNetwork !== undefined) probedNetworks.set(probeNetwork, nowMs);
      if (ip === undefined) return;
      const known = ipOf(attempt, nowMs);
      const time = ip.isTrustedIp ? 'trustedTatMs' : 'tatMs';
      if (!conforms(known[time], ip.rate, nowMs)) throw new Error('An IP was admitted and had nothing left.');
      known[time] = tatAfter(known[time], ip.rate, nowMs);
      if (!known.today.countries.includes(ip.country)) known.today.countries.push(ip.country);
      if (ip.asker !== undefined) known.today.askers.push(ip.asker);
    },
    /** @param isNewcomer whether the number was unverified when it asked: others need no proof among the day's. */
    verified: (attempt: Visible, phoneKey: string, isNewcomer: boolean, nowMs: number): void => {
      const known = ipOf(attempt, nowMs);
      known.verifiedMs = nowMs;
      const name = nameOfNumber(phoneKey);
      if (known.verifiers.has(name) || known.verifiers.size < maxVerifiers) known.verifiers.add(name);
      else if (isNewcomer && known.today.verifiers.size < maxVerifiersPerDay) known.today.verifiers.add(name);
    },
    refusedTatMs: (attempt: Visible, nowMs: number): number => ipOf(attempt, nowMs).refusedTatMs,
    /** @returns whether the refusal is noted. */
    takeNote: (attempt: Visible, nowMs: number): boolean => {
      const known = ipOf(attempt, nowMs);
      const share: NoteShare | undefined = noteShareOf(attempt.ip, known.refusedTatMs, nowMs);
      if (share === undefined) return false;
      known.refusedTatMs = tatAfter(known.refusedTatMs, share.rate, nowMs);
      return true;
    },
    networkProbedAtMs: (network: string): number => probedNetworks.get(network) ?? 0,
    expire: (nowMs: number): void => {
      for (const [network, atMs] of probedNetworks) if (atMs + networkProbeMs < nowMs) probedNetworks.delete(network);
    },
  };
};
