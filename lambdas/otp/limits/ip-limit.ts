import type { IpRate, Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import { conforms, type Rate, rateOf, remainingOf, tatAfter } from './gcra.ts';
import type { Allowance } from './guard.ts';
import type { Trust } from './trust.ts';

/** What is remembered of the end user's IP. */
export type IpFacts = {
  /**
   * Theoretical arrival times of the GCRA in epoch milliseconds, 0 without sends: before the IP was trusted, and since.
   * Two times, so that an office is not held up by the sends of its first users.
   */
  readonly tatMs: number;
  readonly trustedTatMs: number;
  /** Countries sent to today (UTC). */
  readonly countriesToday: readonly string[];
  /** Numbers that verified from the IP, each counted once, until they are forgotten. */
  readonly successes: number;
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
};

/** How the counter of an IP stands. */
export type IpCounter = Pick<IpFacts, 'tatMs' | 'countriesToday'>;

export type ExceededIp =
  | { readonly kind: 'exceeded'; readonly counter: 'ip'; readonly tatMs: number; readonly rate: Rate }
  | { readonly kind: 'exceeded'; readonly counter: 'ip-countries' };

/** A trusted IP has travelers and users of VPNs behind it, who verify numbers of every country. */
const maxCountriesOfTrustedIp = 250;

const ipRateOf = ({ isTrustedIp }: Trust, { ips }: Policy): IpRate => (isTrustedIp ? ips.trusted : ips.untrusted);

const tatOf = ({ isTrustedIp }: Trust, { tatMs, trustedTatMs }: IpFacts): number =>
  isTrustedIp ? trustedTatMs : tatMs;

/** `undefined` for exempt applications: their IP is that of a back end. */
export const ipShareOf = (facts: IpFacts, { ip, country }: Subject, policy: Policy, trust: Trust) => {
  if (trust.isExempt) return undefined;
  const { isTrustedIp } = trust;
  const countriesPerDay = isTrustedIp ? maxCountriesOfTrustedIp : policy.ips.countriesPerDay;
  const rate = rateOf(ipRateOf(trust, policy));
  return { key: ip, rate, country, countriesPerDay, isTrustedIp, tatMs: tatOf(trust, facts) } satisfies IpShare;
};

/** Which limit of the IP one more send exceeds, if any. */
export const exceededIp = (
  { rate, country, countriesPerDay }: IpShare,
  { tatMs, countriesToday }: IpCounter,
  nowMs: number,
): ExceededIp | undefined => {
  const isNewCountry = !countriesToday.includes(country);
  if (isNewCountry && countriesToday.length >= countriesPerDay) return { kind: 'exceeded', counter: 'ip-countries' };
  return conforms(tatMs, rate, nowMs) ? undefined : { kind: 'exceeded', counter: 'ip', tatMs, rate };
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
