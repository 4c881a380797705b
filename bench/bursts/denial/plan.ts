/** Denial attacks: their aim is that others are refused. */

import type { Behind } from '../traffic/world.ts';

/** The people that an attacker wants refused: one number, those behind IPs, or those of a group of numbers. */
export const aims = ['number', 'office', 'gateway', 'range', 'prefix', 'country', 'launch day'] as const;
export type Aim = (typeof aims)[number];

/** SMS an hour. `free` sends requests that are refused, and no SMS, once a burst has got its restriction. */
export const budgets = ['free', 10, 100, 1000] as const;
export type Budget = (typeof budgets)[number];

/** How people stand with the service: known from this network, known from elsewhere, or unknown. */
export const standings = ['pair', 'trusted elsewhere', 'new'] as const;
export type Standing = (typeof standings)[number];

export type Game = {
  readonly aim: Aim;
  readonly budget: Budget;
  /** That the attacker has. Behind an office or a gateway: those of the target. */
  readonly ips: number;
  readonly seed: number;
  readonly behindDays: Behind;
};

export type Refused = { total: number; refused: number };

export type DenialScore = {
  readonly people: Readonly<Record<Standing, Refused>>;
  /** SMS of the attacker that were sent. */
  readonly sent: number;
  /** Requests of the attacker that were refused. */
  readonly asked: number;
  /** Minutes from the end of the attack to the last minute in which a sample of the target's people is refused. */
  readonly overAfterMinutes: number;
};

/** From one insider or a handful of IPs to a botnet. */
const ipsOf: Readonly<Record<Aim, readonly number[]>> = {
  number: [1, 100, 100_000],
  office: [1, 2],
  gateway: [1, 16],
  range: [1, 100, 100_000],
  prefix: [1, 100, 100_000],
  country: [1, 100, 100_000],
  'launch day': [1, 100, 100_000],
};

/** Limits of its one IP hold an attacker back, whatever the budget. */
const isPlayed = (ips: number, budget: Budget, all: readonly number[]): boolean =>
  ips > 1 || all.length === 1 || budget === 100;

type Size = { readonly isQuick: boolean };

/** The games of one world and seed. */
export const gamesOf = (seed: number, behindDays: Behind, { isQuick }: Size): readonly Game[] =>
  aims.flatMap((aim) =>
    budgets.flatMap((budget) =>
      ipsOf[aim]
        .filter((ips) => isPlayed(ips, budget, ipsOf[aim]))
        .filter((ips) => !isQuick || (budget === 100 && ips === ipsOf[aim].at(-1)))
        .map((ips) => ({ aim, budget, ips, seed, behindDays })),
    ),
  );

export const hoursBefore = 2;
export const hoursOfAttack = 6;
export const hoursAfter = 1.5;
/** The burst that gets a restriction, before only free requests come. */
export const burst = { smsPerHour: 1000, minutes: 30, settlesMinutes: 20 } as const;

/** Of one game, in epoch milliseconds. */
export type Times = {
  readonly startMs: number;
  readonly attackMs: number;
  readonly stopMs: number;
  readonly endMs: number;
};
