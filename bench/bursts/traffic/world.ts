/** Countries, prefixes, numbers and IPs of the synthetic people. */

import { priceOf } from '../../../lib/settings/prices.ts';
import { hashed, mixed, randomFrom, weighted, zipf } from '../play/random.ts';

export type Country = {
  readonly code: string;
  readonly callingCode: string;
  readonly nationalDigits: number;
  readonly utcOffsetHours: number;
  /** Share of all legitimate verifications. 0 in a country without any yet. */
  readonly share: number;
  /** Share of these whose code is entered. */
  readonly conversion: number;
  readonly priceUsd: number;
  /** As `parsePhone` cuts them: calling code and four national digits, three in North America. The busiest first. */
  readonly prefixes: readonly string[];
  /** Makes the numbers and IPs of the country differ from those of others. */
  readonly salt: number;
  readonly role: 'main' | 'tail' | 'unseen';
};

/** A number with an IP. */
export type Caller = {
  readonly phone: string;
  readonly range: string;
  readonly prefix: string;
  readonly country: Country;
  readonly ip: string;
  readonly verifiedBefore: boolean;
};

export type World = {
  readonly seed: number;
  readonly startsPerDay: number;
  readonly main: readonly Country[];
  readonly tail: readonly Country[];
  /** Countries without any verification yet, for launches. */
  readonly unseen: readonly Country[];
};

type Plan = readonly [
  code: string,
  callingCode: string,
  nationalDigits: number,
  utcOffsetHours: number,
  weight: number,
];

const mainPlans: readonly Plan[] = [
  ['IN', '91', 10, 5.5, 20],
  ['US', '1', 10, -6, 15],
  ['BR', '55', 11, -3, 10],
  ['GB', '44', 10, 0, 8],
  ['DE', '49', 11, 1, 7],
  ['ID', '62', 11, 7, 7],
  ['MX', '52', 10, -6, 6],
  ['FR', '33', 9, 1, 6],
  ['ES', '34', 9, 1, 5],
  ['TR', '90', 10, 3, 4],
  ['PL', '48', 9, 1, 3],
  ['NL', '31', 9, 1, 3],
  ['PH', '63', 10, 8, 3],
  ['AE', '971', 9, 4, 3],
];

const tailPlans: readonly Plan[] = [
  ['EG', '20', 10, 2, 6],
  ['PK', '92', 10, 5, 6],
  ['NG', '234', 10, 1, 5],
  ['CO', '57', 10, -5, 5],
  ['BD', '880', 10, 6, 5],
  ['RO', '40', 9, 2, 4],
  ['UA', '380', 9, 2, 4],
  ['PT', '351', 9, 0, 4],
  ['GR', '30', 10, 2, 4],
  ['CL', '56', 9, -4, 4],
  ['PE', '51', 9, -5, 4],
  ['KE', '254', 9, 3, 3],
  ['MA', '212', 9, 1, 3],
  ['KZ', '7', 10, 5, 3],
  ['BG', '359', 9, 2, 3],
  ['RS', '381', 9, 1, 3],
  ['DZ', '213', 9, 1, 3],
  ['GH', '233', 9, 0, 3],
  ['IQ', '964', 10, 3, 3],
  ['EC', '593', 9, -5, 3],
  ['TZ', '255', 9, 3, 2],
  ['UZ', '998', 9, 5, 2],
  ['UG', '256', 9, 3, 2],
  ['JO', '962', 9, 3, 2],
  ['TN', '216', 8, 1, 2],
  ['SN', '221', 9, 0, 2],
  ['GT', '502', 8, -6, 2],
  ['CR', '506', 8, -6, 2],
  ['MM', '95', 10, 6.5, 1],
  ['KG', '996', 9, 6, 1],
];

const unseenPlans: readonly Plan[] = [
  ['LK', '94', 9, 5.5, 0],
  ['GE', '995', 9, 4, 0],
];

/** Share of the main countries. */
const mainShare = 0.92;
const prefixesPerCountry = 24;

const prefixSums = zipf(prefixesPerCountry, 1);
const prefixDigits = (callingCode: string): number => (callingCode === '1' ? 3 : 4);

const prefixesOf = (seed: number, code: string, callingCode: string): readonly string[] => {
  const random = randomFrom(seed, 'operators', code);
  const rest = 10 ** (prefixDigits(callingCode) - 1);
  const prefixes = new Set<string>();
  // Mobile ranges begin with 6 to 9 in most plans.
  while (prefixes.size < prefixesPerCountry)
    prefixes.add(`+${callingCode}${(6 + random.below(4)) * rest + random.below(rest)}`);
  return [...prefixes];
};

/** Habits of people. Sweeps change them. */
export type Habits = {
  readonly conversion: number;
  readonly delayMedianSeconds: number;
  readonly delaySigma: number;
};

export const usualHabits: Habits = { conversion: 0.86, delayMedianSeconds: 18, delaySigma: 0.8 };

const conversionDeviation = 0.04;
const clamped = (value: number, min: number, max: number) => Math.min(max, Math.max(min, value));

type Role = Country['role'];
const shareOfRole: Readonly<Record<Role, number>> = { main: mainShare, tail: 1 - mainShare, unseen: 0 };

const countriesOf = (seed: number, role: Role, plans: readonly Plan[], conversion: number): readonly Country[] => {
  const weights = plans.reduce((sum, [, , , , weight]) => sum + weight, 0);
  return plans.map(([code, callingCode, nationalDigits, utcOffsetHours, weight]) => ({
    code,
    callingCode,
    nationalDigits,
    utcOffsetHours,
    share: weights === 0 ? 0 : (shareOfRole[role] * weight) / weights,
    conversion: clamped(randomFrom(seed, 'conversion', code).normal(conversion, conversionDeviation), 0.5, 0.97),
    priceUsd: priceOf(code),
    prefixes: prefixesOf(seed, code, callingCode),
    salt: hashed(seed, code),
    role,
  }));
};

export const worldOf = (seed: number, startsPerDay: number, habits: Habits = usualHabits): World => ({
  seed,
  startsPerDay,
  main: countriesOf(seed, 'main', mainPlans, habits.conversion),
  tail: countriesOf(seed, 'tail', tailPlans, habits.conversion),
  unseen: countriesOf(seed, 'unseen', unseenPlans, habits.conversion),
});

/** Digits of a number after its prefix. */
export const subscriberDigits = ({ callingCode, nationalDigits }: Country): number =>
  nationalDigits - prefixDigits(callingCode);

/** The number with a prefix and last digits, at an IP. */
export const callerAt = (
  country: Country,
  prefix: string,
  subscriber: number,
  ip: string,
  verifiedBefore = false,
): Caller => {
  const phone = prefix + String(subscriber).padStart(subscriberDigits(country), '0');
  return { phone, range: phone.slice(0, -4), prefix, country, ip, verifiedBefore };
};

export const prefixAt = ({ prefixes }: Country, index: number): string => prefixes[index % prefixes.length] ?? '';

/** A prefix of the country, the busy ones more often. */
export const prefixBy = (country: Country, unit: number): string => prefixAt(country, weighted(prefixSums, unit));

/** Names an IP, as a keyed hash would. */
export const ipName = (salt: number, kind: string, number: number): string =>
  `${kind}${mixed(salt ^ mixed(number + 1)).toString(36)}${mixed(salt + number).toString(36)}`;

/** 62% of people have an IP of their own, 30% share one of a carrier, 8% one of an office. */
const ownIp = 0.62;
const carrierIp = 0.3;
/** Mean people a day behind one shared IP. The busiest have many times as many. */
const perCarrierIp = 8;
const perOfficeIp = 3;
const skew = 0.7;

const poolSums = new Map<number, Float64Array>();
const poolOf = (size: number): Float64Array => {
  const made = poolSums.get(size);
  if (made !== undefined) return made;
  const sums = zipf(size, skew);
  poolSums.set(size, sums);
  return sums;
};

const ipFor = (world: World, country: Country, person: number, kind: number, place: number): string => {
  if (kind < ownIp) return ipName(country.salt, 'a', person);
  const isCarrier = kind < ownIp + carrierIp;
  const [share, each] = isCarrier ? [carrierIp, perCarrierIp] : [1 - ownIp - carrierIp, perOfficeIp];
  const size = Math.max(2, Math.round((world.startsPerDay * Math.max(country.share, 0.002) * share) / each));
  return ipName(country.salt + (isCarrier ? 1 : 2), 'a', weighted(poolOf(size), place));
};

/** Returning people of a country, in days of its traffic. */
const daysOfReturning = 12;

/** A person of the country by index: always the same number, usually the same IP. */
export const personOf = (world: World, country: Country, index: number, isReturning: boolean): Caller => {
  const base = mixed(country.salt ^ mixed(index * 2 + (isReturning ? 1 : 0)));
  const draw = (salt: number) => mixed(base + salt) / 2 ** 32;
  const subscriber = Math.floor(draw(1) * 10 ** subscriberDigits(country));
  const ip = ipFor(world, country, base, draw(2), draw(3));
  return callerAt(country, prefixBy(country, draw(4)), subscriber, ip, isReturning);
};

export const returningPeople = (world: World, country: Country): number =>
  Math.max(50, Math.round(world.startsPerDay * country.share * daysOfReturning));
