/** The synthetic world: its countries, and the numbers of their people. */

import { weighted, zipf } from '../play/random.ts';
import type { Address } from './addresses.ts';
import {
  type Country,
  countriesOf,
  type Habits,
  mainPlans,
  prefixDigits,
  prefixesPerCountry,
  tailPlans,
  unseenPlans,
  usualHabits,
} from './countries.ts';

export { type Country, type Habits, usualHabits } from './countries.ts';

/** A number with an IP. */
export type Caller = {
  readonly phone: string;
  readonly range: string;
  readonly prefix: string;
  readonly country: Country;
  readonly ip: string;
  readonly network: string;
  /** Numbers that had verified from the IP before the run. */
  readonly ipVerifiers: number;
  readonly verifiedBefore: boolean;
  /** The networks that it verified from before the run. */
  readonly verifiedFrom: readonly string[];
};

/** Days that the service has been running before the run. */
export const behinds = [0, 7, 90] as const;
export type Behind = (typeof behinds)[number];

export type World = {
  readonly seed: number;
  readonly startsPerDay: number;
  readonly behindDays: Behind;
  readonly main: readonly Country[];
  readonly tail: readonly Country[];
  /** Countries without any verification yet, for launches. */
  readonly unseen: readonly Country[];
};

export const worldOf = (
  seed: number,
  startsPerDay: number,
  habits: Habits = usualHabits,
  behindDays: Behind = 0,
): World => ({
  seed,
  startsPerDay,
  behindDays,
  main: countriesOf(seed, 'main', mainPlans, habits.conversion),
  tail: countriesOf(seed, 'tail', tailPlans, habits.conversion),
  unseen: countriesOf(seed, 'unseen', unseenPlans, habits.conversion),
});

/** Digits of a number after its prefix. */
export const subscriberDigits = ({ callingCode, nationalDigits }: Country): number =>
  nationalDigits - prefixDigits(callingCode);

/** The number with a prefix and last digits, at an address. It has never verified. */
export const callerAt = (country: Country, prefix: string, subscriber: number, address: Address): Caller => {
  const phone = prefix + String(subscriber).padStart(subscriberDigits(country), '0');
  return movedTo(address, {
    phone,
    range: phone.slice(0, -4),
    prefix,
    country,
    verifiedBefore: false,
    verifiedFrom: [],
  });
};

/** The same number from another address. */
export const movedTo = (
  { ip, network, verifiers }: Address,
  number: Omit<Caller, 'ip' | 'network' | 'ipVerifiers'>,
): Caller => ({ ...number, ip, network, ipVerifiers: verifiers });

const prefixSums = zipf(prefixesPerCountry, 1);

export const prefixAt = ({ prefixes }: Country, index: number): string => prefixes[index % prefixes.length] ?? '';

/** Share of a country's people that the prefix at an index has. */
export const shareOfPrefix = (index: number): number =>
  ((prefixSums[index] ?? 0) - (prefixSums[index - 1] ?? 0)) / (prefixSums[prefixesPerCountry - 1] ?? 1);

/** A prefix of the country, the busy ones more often. */
export const prefixBy = (country: Country, unit: number): string => prefixAt(country, weighted(prefixSums, unit));
