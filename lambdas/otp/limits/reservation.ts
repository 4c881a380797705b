import type { Channel, Policy } from '../../policy.ts';
import type { Subject } from '../subject.ts';
import type { ExceededProbe, Probes } from './blocks.ts';
import {
  type Cap,
  type CapShare,
  callPriceOf,
  capSharesOf,
  dayOf,
  type ExceededCap,
  type ExceededNotify,
  hourOf,
  leasesOf,
  type NotifyShare,
  notifyShareOf,
  priceOf,
  type Spent,
} from './caps.ts';
import { type ExceededIp, type IpFacts, type IpShare, ipShareOf } from './ip-limit.ts';
import { type CountryDay, type CountryShare, countryShareOf, type ExceededCountry } from './low-volume.ts';
import type { Trust } from './trust.ts';

/** How the counters that many callers share stand, as they were read. */
export type CounterFacts = {
  readonly ip: IpFacts;
  readonly country: CountryDay;
  /** Nothing of an application without caps of its own. */
  readonly spent: Readonly<Record<Cap['of'], Spent>>;
  /** Of the cap of all SMS: what is left of the leases of each shard, in micro-USD. None: it has no shards. */
  readonly leftInShards?: readonly number[];
  /** Messages of today (UTC) that Notify was to send for a Basic account. None: it has sent none. */
  readonly notifiedToday?: number;
};

/** What a send takes from the counters that many callers share, and how far each may go. */
export type Reservation = CounterShares & Probes;

/** The same without the probes of restrictions, which few sends are. */
export type CounterShares = {
  /** `undefined`: no limit of the IP holds for this send. */
  readonly ip: IpShare | undefined;
  /** `undefined`: no limit of the country's day holds for this send. */
  readonly countryDay: CountryShare | undefined;
  readonly caps: readonly CapShare[];
  /** `undefined`: no Basic account of Notify is to send it. */
  readonly notify?: NotifyShare | undefined;
  /** Of the message and the look-up, in micro-USD. */
  readonly price: number;
  /** The part of the price that no release gives back, because the look-up is made in any case. */
  readonly lookUpPrice?: number | undefined;
  /** UTC: `2026-11-21`. */
  readonly day: string;
  /** UTC: `00` to `23`. */
  readonly hour: string;
  readonly nowMs: number;
};

/** A shared counter that a send exceeds, how it stands, and how far it may go. */
export type Exceeded =
  | ExceededIp
  | ExceededCountry
  | ExceededCap
  | ExceededNotify
  | ExceededProbe
  | { readonly kind: 'exceeded'; readonly counter: 'test-number-uses' };

export const reservationOf = (
  facts: CounterFacts,
  subject: Subject & {
    readonly key: string;
    readonly smsParts: number;
    readonly channel?: Channel | undefined;
    readonly lookUpPrice?: number | undefined;
  },
  policy: Policy,
  trust: Trust,
  nowMs: number,
): CounterShares => ({
  ip: ipShareOf(facts.ip, subject, policy, trust),
  countryDay: countryShareOf(subject.country, facts.country, policy, trust),
  notify: notifyShareOf(policy, subject, trust.isTrustedNumber, facts.notifiedToday),
  caps: capSharesOf(policy, subject, trust.isTrustedNumber, leasesOf(facts.leftInShards ?? [], subject.key)),
  price: messagePriceOf(policy, subject) + (subject.lookUpPrice ?? 0),
  lookUpPrice: subject.lookUpPrice,
  day: dayOf(nowMs),
  hour: hourOf(nowMs),
  nowMs,
});

const messagePriceOf = (
  policy: Policy,
  {
    country,
    smsParts,
    channel,
  }: Pick<Subject, 'country'> & { readonly smsParts: number; readonly channel?: Channel | undefined },
): number => (channel === 'voice' ? callPriceOf(policy, country) : priceOf(policy, country, smsParts));
