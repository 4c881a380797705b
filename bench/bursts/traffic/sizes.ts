/** How long runs are, and how many traps and attacks they have. */

import type { Family, TrapKind } from './kinds.ts';

/** How long a run is, and how many traps and attacks it has. */
export type Size = {
  readonly startsPerDay: number;
  readonly warmUpDays: number;
  readonly testDays: number;
  /** Days of the test without an attack, from 0. */
  readonly cleanDays: readonly number[];
  readonly traps: Readonly<Partial<Record<TrapKind, number>>>;
  readonly attacks: Readonly<Record<Family, number>>;
};

export const fortnight: Size = {
  startsPerDay: 40_000,
  warmUpDays: 7,
  testDays: 14,
  cleanDays: [0, 4, 9, 13],
  traps: {
    spike: 2,
    launch: 2,
    'onboarding in an hour': 2,
    'onboarding in minutes': 1,
    outage: 3,
    'retry bug': 1,
    DST: 1,
    holiday: 1,
    'TV ad': 1,
    'CGNAT campaign': 1,
    'new office': 2,
    'marketing day': 1,
    'provider outage': 1,
    'code bug': 1,
    'gateway merge': 1,
  },
  attacks: {
    A1: 3,
    A2: 2,
    A3: 3,
    A4: 2,
    A5: 1,
    A6: 3,
    A7: 2,
    A8: 2,
    A9: 1,
    'A10 guess': 1,
    'A10 spray': 1,
    A11: 2,
    A12: 2,
    A13: 2,
    A14: 2,
    A15: 1,
    A16: 1,
    A17: 1,
    A18: 1,
    A19: 1,
    A20: 2,
    A21: 1,
  },
};

/** Everything once, in six days of little traffic: for tests, and to see that it runs. */
export const quick: Size = {
  startsPerDay: 4000,
  warmUpDays: 3,
  testDays: 4,
  cleanDays: [0],
  traps: {
    spike: 1,
    launch: 1,
    'onboarding in an hour': 1,
    'onboarding in minutes': 1,
    outage: 1,
    'retry bug': 1,
    DST: 1,
    holiday: 1,
    'TV ad': 1,
    'CGNAT campaign': 1,
    'new office': 1,
    'marketing day': 1,
    'provider outage': 1,
    'code bug': 1,
    'gateway merge': 1,
  },
  attacks: {
    A1: 1,
    A2: 1,
    A3: 1,
    A4: 1,
    A5: 1,
    A6: 1,
    A7: 1,
    A8: 1,
    A9: 1,
    'A10 guess': 1,
    'A10 spray': 1,
    A11: 1,
    A12: 1,
    A13: 1,
    A14: 1,
    A15: 1,
    A16: 1,
    A17: 1,
    A18: 1,
    A19: 1,
    A20: 1,
    A21: 1,
  },
};

export const attackHours: Readonly<Record<Family, number>> = {
  A1: 1300 / 3600,
  A2: 12,
  A3: 0.05,
  A4: 48,
  A5: 50_000 / 2.3 / 3600,
  A6: 3,
  A7: 20_000 / 3600,
  A8: 24,
  A9: 48,
  'A10 guess': 5000 / 3600,
  'A10 spray': 20_000 / 3600,
  A11: 24,
  A12: 1,
  A13: 12,
  A14: 3,
  A15: 60,
  A16: 48,
  A17: 24,
  A18: 48,
  A19: 6,
  A20: 24,
  A21: 48,
};

export const trapHours: Readonly<Record<TrapKind, number>> = {
  spike: 2,
  launch: 6,
  'onboarding in an hour': 1,
  'onboarding in minutes': 4 / 60,
  outage: 2,
  'retry bug': 2,
  DST: 24,
  holiday: 24,
  'TV ad': 0.05,
  'CGNAT campaign': 2,
  'spike under attack': 2,
  'outage under attack': 2,
  'new office': 2,
  'marketing day': 24,
  'provider outage': 0.75,
  'code bug': 1.5,
  'gateway merge': 24,
};
