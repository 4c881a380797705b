/** IPs and their networks: homes, offices, gateways of carriers, and those that attackers rent. */

import { mixed, weighted, zipf } from '../play/random.ts';
import type { Country } from './countries.ts';

/** An IP with its network, as keyed hashes. */
export type Address = {
  readonly ip: string;
  /** The /24 or /48. */
  readonly network: string;
  /** Numbers that had verified from the IP before the run. */
  readonly verifiers: number;
};

export type PlaceKind = 'home' | 'gateway' | 'office';

/** How much there is of each, and how long the service has been running. */
export type Sizes = { readonly startsPerDay: number; readonly behindDays: number };

/** Names an IP, as a keyed hash would. */
export const ipName = (salt: number, kind: string, number: number): string =>
  `${kind}${mixed(salt ^ mixed(number + 1)).toString(36)}${mixed(salt + number).toString(36)}`;

const networkName = (salt: number, number: number): string => ipName(salt, 'n', number);

/** An IP that shares its network with no other. */
export const lone = (ip: string): Address => ({ ip, network: ip, verifiers: 0 });

/** IPs that an attacker rents: neighbors in a network are rare. */
const rentedPerNetwork = 2;
export const rentedFrom =
  (salt: number) =>
  (number: number): Address => ({
    ip: ipName(salt, 'a', number),
    network: networkName(salt, Math.floor(number / rentedPerNetwork)),
    verifiers: 0,
  });

/** Mean people a day behind one shared IP. The busiest have many times as many. */
const perDay: Readonly<Record<'gateway' | 'office', number>> = { gateway: 8, office: 3 };
export const shareOfPlace: Readonly<Record<PlaceKind, number>> = { home: 0.62, gateway: 0.3, office: 0.08 };
const ipsPerNetwork: Readonly<Record<'gateway' | 'office', number>> = { gateway: 16, office: 2 };
const skew = 0.7;
/** Users of the service in a home's /24. */
const homesPerNetwork = 2;
/** Days after which an IP has seen nearly all who use it. */
const settledDays: Readonly<Record<'gateway' | 'office', number>> = { gateway: 30, office: 8 };
const maxVerifiers = 50;

const poolSums = new Map<number, Float64Array>();
const poolOf = (size: number): Float64Array => {
  const made = poolSums.get(size);
  if (made !== undefined) return made;
  const sums = zipf(size, skew);
  poolSums.set(size, sums);
  return sums;
};

const smallest = 0.002;

/** Networks of a country's carriers or offices. */
const networksOf = ({ startsPerDay }: Sizes, { share }: Country, kind: 'gateway' | 'office'): number => {
  const ips = (startsPerDay * Math.max(share, smallest) * shareOfPlace[kind]) / perDay[kind];
  return Math.max(kind === 'office' ? 2 : 1, Math.round(ips / ipsPerNetwork[kind]));
};

const verifiersOf = ({ behindDays }: Sizes, kind: 'gateway' | 'office'): number =>
  Math.min(maxVerifiers, Math.round(perDay[kind] * Math.min(behindDays, settledDays[kind])));

/** IP `line` of network `number` of the carriers or offices of a country. */
export const sharedAddress = (
  sizes: Sizes,
  country: Country,
  kind: 'gateway' | 'office',
  number: number,
  line: number,
): Address => {
  const salt = country.salt + (kind === 'gateway' ? 1 : 2);
  const ip = number * ipsPerNetwork[kind] + Math.floor(line * ipsPerNetwork[kind]);
  return { ip: ipName(salt, 'a', ip), network: networkName(salt, number), verifiers: verifiersOf(sizes, kind) };
};

/** The IP that a person has: the place by its draw, and the IP within the network by the line. Both are from 0 to 1. */
export const addressIn = (
  sizes: Sizes,
  country: Country,
  kind: PlaceKind,
  draw: { readonly place: number; readonly line: number; readonly isTrusted: boolean },
): Address => {
  if (kind === 'home') {
    const number = Math.floor(draw.place * 2 ** 32);
    return {
      ip: ipName(country.salt, 'a', number),
      network: networkName(country.salt, Math.floor(number / homesPerNetwork)),
      verifiers: draw.isTrusted ? 1 : 0,
    };
  }
  const network = weighted(poolOf(networksOf(sizes, country, kind)), draw.place);
  return sharedAddress(sizes, country, kind, network, draw.line);
};
