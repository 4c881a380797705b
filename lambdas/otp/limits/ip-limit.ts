import type { IpRate, Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import { conforms, type Rate, rateOf, remainingOf, tatAfter } from './gcra.ts';
import type { Allowance } from './guard.ts';
import { type IpHistory, maxAskersWhileTrusted, nameOfNumber, newAsker } from './ip-trust.ts';
import type { Trust } from './trust.ts';

/** What is remembered of the end user's IP. */
export type IpFacts = IpHistory & {
  /**
   * Theoretical arrival times of the GCRA in epoch milliseconds, 0 without sends: before the IP was trusted, and since.
   * Two times, so that an office is not held up by the sends of its first users.
   */
  readonly tatMs: number;
  readonly trustedTatMs: number;
  /** Countries sent to today (UTC). */
  readonly countriesToday: readonly string[];
};

/** What a send takes from its IP, and what the IP may do. */
export type IpShare = {
  readonly key: string;
  readonly rate: Rate;
  readonly country: string;
  readonly countriesPerDay: number;
  /** Which of the two arrival times counts. */
  readonly isTrustedIp: boolean;
  /** As it was read. */
  readonly tatMs: number;
  /** The number, to be noted among the day's askers. `undefined`: it is trusted, has verified there, is there already, or there is no room. */
  readonly asker?: string | undefined;
  /** With this many askers the IP is trusted no more, and takes no new one at the rate of a trusted one. */
  readonly maxAskers?: number | undefined;
};

/** How the counter of an IP stands. */
export type IpCounter = Pick<IpFacts, 'tatMs' | 'countriesToday' | 'askersToday'>;

export type ExceededIp =
  | { readonly kind: 'exceeded'; readonly counter: 'ip'; readonly tatMs: number; readonly rate: Rate }
  | { readonly kind: 'exceeded'; readonly counter: 'ip-countries' };

/** A trusted IP has travelers and users of VPNs behind it, who verify numbers of every country. */
const maxCountriesOfTrustedIp = 250;

const ipRateOf = ({ isTrustedIp }: Trust, { ips }: Policy): IpRate => (isTrustedIp ? ips.trusted : ips.untrusted);

const tatOf = ({ isTrustedIp }: Trust, { tatMs, trustedTatMs }: IpFacts): number =>
  isTrustedIp ? trustedTatMs : tatMs;

/**
 * No limit of the IP holds for an IP that all users of a back end share, and for pairs, which neighbors could stop
 * otherwise. That holds for worn pairs as well, because a neighbor can wear them: the number's own limits bound them.
 */
export const isSparedByIp = ({ isSharedIp, isPair }: Trust): boolean => isSharedIp || isPair;

/** `undefined`: no limit of the IP holds. */
export const ipShareOf = (
  facts: IpFacts,
  { ip, country, phoneKey }: Subject,
  policy: Policy,
  trust: Trust,
): IpShare | undefined => {
  if (isSparedByIp(trust)) return undefined;
  const { isTrustedIp, isTrustedNumber } = trust;
  const name = nameOfNumber(phoneKey);
  return {
    key: ip,
    rate: rateOf(ipRateOf(trust, policy)),
    country,
    countriesPerDay: isTrustedIp ? maxCountriesOfTrustedIp : policy.ips.countriesPerDay,
    isTrustedIp,
    tatMs: tatOf(trust, facts),
    // One that verified from there is no failure, and would take the room of those that may be.
    asker: isTrustedNumber || facts.verifiers.includes(name) ? undefined : newAsker(name, facts.askersToday),
    maxAskers: isTrustedIp ? maxAskersWhileTrusted(facts) : undefined,
  };
};

/** Which limit of the IP one more send exceeds, if any. */
export const exceededIp = (
  { rate, country, countriesPerDay, asker, maxAskers = Number.POSITIVE_INFINITY }: IpShare,
  { tatMs, countriesToday, askersToday }: IpCounter,
  nowMs: number,
): ExceededIp | undefined => {
  const isNewCountry = !countriesToday.includes(country);
  if (isNewCountry && countriesToday.length >= countriesPerDay) return { kind: 'exceeded', counter: 'ip-countries' };
  const isNewAsker = asker !== undefined && !askersToday.includes(asker);
  const isTrustUsedUp = isNewAsker && askersToday.length >= maxAskers;
  return conforms(tatMs, rate, nowMs) && !isTrustUsedUp ? undefined : { kind: 'exceeded', counter: 'ip', tatMs, rate };
};

/**
 * What is left to the IP.
 *
 * @param isCounted whether this send was counted after the facts were read.
 */
export const ipAllowance = (
  facts: IpFacts,
  policy: Policy,
  trust: Trust,
  nowMs: number,
  isCounted: boolean,
): Allowance => {
  const allowed = ipRateOf(trust, policy);
  const rate = rateOf(allowed);
  const before = tatOf(trust, facts);
  const tatMs = isCounted ? tatAfter(before, rate, nowMs) : before;
  return {
    name: 'ip',
    quota: allowed.sends,
    windowSeconds: allowed.windowSeconds,
    remaining: remainingOf(tatMs, rate, nowMs),
    resetSeconds: Math.ceil(Math.max(0, tatMs - nowMs) / 1000),
  };
};
