/** Legitimate crowds besides the ordinary traffic. Rules that see no verifications block them. */

import { type Random, randomFrom } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import { type Address, ipName } from './addresses.ts';
import type { Calendar, Trap, TrapKind } from './calendar.ts';
import { peopleOf, personOf } from './people.ts';
import { temperOf, verifies } from './person.ts';
import { type Caller, callerAt, type Habits, prefixAt, prefixBy, subscriberDigits, type World } from './world.ts';

type Crowd = {
  readonly people: number;
  readonly person: (index: number) => Caller;
  /** Time of the person, as a part of the trap's duration. */
  readonly comesAt: (index: number) => number;
  /** Requests that the app repeats by itself. */
  readonly repeats?: number;
};

/** People of a campaign, as a share of an ordinary day. */
const spikeShare = 0.12;
/** 3,000 people of a launch, at 40,000 verifications a day. */
const launchShare = 3000 / 40_000;
const tvShare = 600 / 40_000;
const campaignShare = 1000 / 40_000;
const staff = 180;
/** A new office or firm. */
const officeStaff = 100;
/** A push brings this many times the people of an ordinary day. */
const pushFactor = 1.5;
const buggyClients = 150;
const buggyRepeats = 10;
const buggyEveryMs = 5000;

/** IPs of one new network. */
const newAddresses = (salt: number, number: number, count: number): ((index: number) => Address) => {
  const network = ipName(salt, 'n', number);
  return (index) => ({ ip: ipName(salt, 'a', number + (index % count)), network, verifiers: 0 });
};

/** A company signs up its staff: consecutive numbers from one or two IPs. */
const staffOf = (world: World, { country }: Trap, random: Random, people: number, ips: number) => {
  const prefix = prefixBy(country, random.unit());
  const range = random.below(10 ** (subscriberDigits(country) - 4)) * 10_000;
  const first = range + random.below(10_000 - people);
  const address = newAddresses(country.salt, 7_000_001 + (world.seed % 1000) + 2 * random.below(1000), ips);
  return (index: number) => callerAt(country, prefix, first + index, address(index));
};

/** New customers of one prefix behind four IPs of their carrier. */
const subscribersOf = ({ country }: Trap, random: Random) => {
  const prefix = prefixAt(country, random.below(4));
  const address = newAddresses(country.salt, random.below(1_000_000) + 8_000_001, 4);
  return () => callerAt(country, prefix, random.below(10 ** subscriberDigits(country)), address(random.below(4)));
};

const crowdOf = (world: World, trap: Trap, random: Random): Crowd | undefined => {
  const people = (share: number) => Math.round(world.startsPerDay * share);
  const person = peopleOf(world, trap.country, random);
  const anyTime = () => random.unit();
  const crowds: Readonly<Partial<Record<TrapKind, () => Crowd>>> = {
    spike: () => ({ people: people(spikeShare), person: () => person(0.2), comesAt: anyTime }),
    'spike under attack': () => ({ people: people(spikeShare), person: () => person(0.2), comesAt: anyTime }),
    launch: () => ({
      people: people(launchShare),
      person: () => personOf(world, trap.country, random.below(2 ** 31), false),
      comesAt: anyTime,
    }),
    'onboarding in an hour': () => ({
      people: staff,
      person: staffOf(world, trap, random, staff, 1),
      comesAt: (index) => index / staff,
    }),
    'onboarding in minutes': () => ({
      people: staff,
      person: staffOf(world, trap, random, staff, 1),
      comesAt: (index) => index / staff,
    }),
    'retry bug': () => ({ people: buggyClients, person: () => person(0.5), comesAt: anyTime, repeats: buggyRepeats }),
    'TV ad': () => ({ people: people(tvShare), person: () => person(0.1), comesAt: anyTime }),
    'new office': () => ({
      people: officeStaff,
      person: staffOf(world, trap, random, officeStaff, 2),
      comesAt: (index) => index / officeStaff,
    }),
    'marketing day': () => ({
      people: Math.round(world.startsPerDay * trap.country.share * pushFactor),
      person: () => person(0.3),
      comesAt: () => (random.between(8, 22) + random.between(8, 22)) / 48,
    }),
    'CGNAT campaign': () => ({ people: people(campaignShare), person: subscribersOf(trap, random), comesAt: anyTime }),
  };
  return crowds[trap.kind]?.();
};

/** The app asks again for a number that has a code already. */
const repeats = (stage: Stage, caller: Caller, trap: Trap, times: number) => {
  for (let time = 1; time <= times; time += 1) {
    stage.at(stage.now() + time * buggyEveryMs, () => stage.ask(caller, { legit: true, trap: trap.kind }));
  }
};

const gather = (stage: Stage, trap: Trap, crowd: Crowd, habits: Habits, random: Random) => {
  for (let index = 0; index < crowd.people; index += 1) {
    const caller = crowd.person(index);
    const atMs = Math.floor(trap.startMs + crowd.comesAt(index) * (trap.endMs - trap.startMs));
    const temper = temperOf(random, habits, caller.country.conversion);
    stage.at(atMs, () => {
      verifies(stage, caller, temper, { trap: trap.kind, isFirst: true });
      repeats(stage, caller, trap, crowd.repeats ?? 0);
    });
  }
};

export const crowds = (stage: Stage, world: World, calendar: Calendar, habits: Habits) => {
  for (const trap of calendar.traps) {
    const random = randomFrom(world.seed, 'trap', trap.kind, trap.startMs);
    const crowd = crowdOf(world, trap, random);
    // Planned at its start, to save memory.
    if (crowd !== undefined) stage.at(trap.startMs, () => gather(stage, trap, crowd, habits, random));
  }
};
