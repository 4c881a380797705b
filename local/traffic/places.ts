/** Numbers and IPs of the plays. Nobody has them, as far as a country keeps numbers for fiction. Pure. */

import type { CodeUse, Visit } from './visit.ts';

/** Area codes of the United States. In each, the numbers 555-0100 to 555-0199 are for fiction. */
const areas = [
  ...[212, 310, 415, 646, 718, 206, 303, 404, 512, 617, 702, 713, 214, 305, 312, 323, 408, 503, 602, 619],
  ...[615, 704, 720, 757, 801, 813, 816, 901, 904, 913, 916, 919, 951, 971, 240, 248, 267, 281, 330, 419],
];
const areasPerRun = 5;

/** An SMS phone at home, with an IP in a network of its own. */
export type Person = Pick<Visit, 'phone' | 'ip'>;

export type Places = {
  /** The range of a US area code; the first is the one under attack. */
  readonly area: (nth: number) => UsArea;
  /** An IP that an attacker rents. */
  readonly rentedIp: (nth: number) => string;
};

export type UsArea = {
  /** `+1 212 555 xxxx` */
  readonly range: string;
  readonly prefix: string;
  /** One of its hundred numbers for fiction. */
  readonly phone: (nth: number) => string;
  /** The holder of one of these numbers. */
  readonly person: (nth: number) => Person;
};

/** Later plays of the same local mode have other places, so that newcomers are new there. */
export const placesOf = (run: number): Places => {
  const area = (nth: number): UsArea => {
    const at = (run * areasPerRun + nth) % areas.length;
    const code = areas[at] ?? 212;
    const phone = (last: number) => `+1${code}5550${100 + (last % 100)}`;
    return {
      range: `+1 ${code} 555 xxxx`,
      prefix: `+1${code}`,
      phone,
      person: (last) => ({ phone: phone(last), ip: homeIp(at * 100 + last) }),
    };
  };
  return { area, rentedIp: (nth) => rentedIp(run * 1009 + nth) };
};

/** In the shared space of carriers (RFC 6598): 16,384 networks of /24. */
const homeIp = (nth: number): string => `100.${64 + (Math.floor(nth / 256) % 64)}.${nth % 256}.7`;

const rentedIps = 2 ** 17;

/** In the space of benchmarks (RFC 2544), so that neighboring IPs come far apart in time. */
const rentedIp = (nth: number): string => {
  const at = (nth * 7919) % rentedIps;
  return `198.${18 + Math.floor(at / 2 ** 16)}.${Math.floor(at / 256) % 256}.${at % 256}`;
};

const enters: CodeUse = { kind: 'enter', afterSeconds: 5 };

/** Somebody honest asks, and types in the code. */
export const honest = (atSeconds: number, person: Person): Visit => ({ atSeconds, ...person, use: enters });

export const inOrder = (visits: readonly Visit[]): readonly Visit[] =>
  visits.toSorted((one, other) => one.atSeconds - other.atSeconds);

/** So many of something, by their numbers. */
export const each = <T>(count: number, of: (nth: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, nth) => of(nth));
