/** Countries of the synthetic world, and habits of their people. */

import { priceOf } from '../../../lib/settings/prices.ts';
import { hashed, randomFrom } from '../play/random.ts';

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

type Plan = readonly [
  code: string,
  callingCode: string,
  nationalDigits: number,
  utcOffsetHours: number,
  weight: number,
];

export const mainPlans: readonly Plan[] = [
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

export const tailPlans: readonly Plan[] = [
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
  ['NP', '977', 10, 5.75, 1],
  ['VN', '84', 9, 7, 1],
];

export const unseenPlans: readonly Plan[] = [
  ['LK', '94', 9, 5.5, 0],
  ['GE', '995', 9, 4, 0],
];

/** Share of the main countries. */
const mainShare = 0.92;
export const prefixesPerCountry = 24;

export const prefixDigits = (callingCode: string): number => (callingCode === '1' ? 3 : 4);

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

export const countriesOf = (
  seed: number,
  role: Role,
  plans: readonly Plan[],
  conversion: number,
): readonly Country[] => {
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
