/** Numbers and IPs of the plays. Nobody has them, as far as a country keeps numbers for fiction. Pure. */

import type { Visit, Where } from './visit.ts';

/** Area codes of the United States. In each, the numbers 555-0100 to 555-0199 are for fiction. */
const areas = [
  ...[212, 310, 415, 646, 718, 206, 303, 404, 512, 617, 702, 713, 214, 305, 312, 323, 408, 503, 602, 619],
  ...[615, 704, 720, 757, 801, 813, 816, 901, 904, 913, 916, 919, 951, 971, 240, 248, 267, 281, 330, 419],
] as const;

/** Numbers that belong together. */
export type Place = {
  readonly where: Where;
  readonly phone: (nth: number) => string;
};

/** India keeps no mobile numbers for fiction. No SMS leaves this machine. */
export type IndianPrefix = {
  readonly where: Where;
  /** One of its hundred ranges. */
  readonly range: (nth: number) => Place;
  readonly anyPhone: () => string;
};

export type Places = {
  /** The range of a US area code, of a hundred numbers. */
  readonly area: (nth: number) => Place;
  readonly prefix: (nth: number) => IndianPrefix;
  /** A number anywhere in India. */
  readonly anyIndian: () => string;
  /** An IP that an attacker rents. */
  readonly rentedIp: (nth: number) => string;
  /** The holder of a number, who has an IP at home, in a network of its own. */
  readonly holder: (phone: string) => Pick<Visit, 'phone' | 'ip'>;
  /** A whole number below another. The same run draws the same numbers. */
  readonly below: (count: number) => number;
};

/** Each run has so many places of its own, so that newcomers are new there. */
const placesPerRun = 5;

export const placesOf = (run: number): Places => {
  const below = drawing(run + 1);
  const homes = new Map<string, string>();
  const holder = (phone: string) => {
    const ip = homes.get(phone) ?? homeIp(run * 331 + homes.size);
    homes.set(phone, ip);
    return { phone, ip };
  };
  return {
    area: (nth) => areaOf(areas[(run * placesPerRun + nth) % areas.length] ?? areas[0]),
    prefix: (nth) => prefixOf(10 + ((run * placesPerRun + nth) % 90), below),
    anyIndian: () => `+919${firstDigits[below(firstDigits.length)]}${digits(below(10 ** 8), 8)}`,
    rentedIp: (nth) => rentedIp(run * 1009 + nth),
    holder,
    below,
  };
};

/** Second digits of Indian mobile numbers that begin with 9. */
const firstDigits = '5678';

const digits = (value: number, count: number): string => String(value).padStart(count, '0');

const areaOf = (code: number): Place => ({
  where: { range: `+1 ${code} 555 xxxx`, country: 'US' },
  phone: (nth) => `+1${code}55501${digits(nth % 100, 2)}`,
});

const prefixOf = (nth: number, below: Places['below']): IndianPrefix => {
  const prefix = `+9198${nth}`;
  return {
    where: { prefix, country: 'IN' },
    range: (at) => {
      const range = `${prefix}${digits(at % 100, 2)}`;
      return {
        where: { range: `${range.slice(0, 3)} ${range.slice(3, 8)} ${range.slice(8)}xxxx`, country: 'IN' },
        phone: (each) => `${range}${digits(1000 + each, 4)}`,
      };
    },
    anyPhone: () => `${prefix}${digits(below(10 ** 6), 6)}`,
  };
};

/** In the shared space of carriers (RFC 6598): 16,384 networks of /24. */
const homeIp = (nth: number): string => `100.${64 + (Math.floor(nth / 256) % 64)}.${nth % 256}.7`;

const rentedIps = 2 ** 17;

/** In the space of benchmarks (RFC 2544). IPs of one network come far apart. */
const rentedIp = (nth: number): string => {
  const at = (nth * 7919) % rentedIps;
  return `198.${18 + Math.floor(at / 2 ** 16)}.${Math.floor(at / 256) % 256}.${at % 256}`;
};

/** The minimal standard generator of Park and Miller. */
const drawing = (seed: number): Places['below'] => {
  const modulus = 2 ** 31 - 1;
  let state = (seed * 7_777_777) % modulus;
  return (count) => {
    state = (state * 48_271) % modulus;
    return Math.floor((state / modulus) * count);
  };
};
