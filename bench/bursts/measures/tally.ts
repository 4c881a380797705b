/** An oracle of the counters: counts each distinct event once, independently of the detector. */

import { type Counts, ipSlotOf } from '../../../lambdas/bursts/counts/counts.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { type Key, nameOf } from '../../../lambdas/bursts/counts/keys.ts';
import { slotOf, timeBucketOf } from '../../../lambdas/bursts/counts/time-buckets.ts';

type Subject = TrafficEvent['subject'];

const phone = ({ phoneKey }: Subject) => `phone#${phoneKey}`;
const country = ({ country: of }: Subject) => `country#${of}`;
const ip = ({ ip: of }: Subject) => `ip#${of}`;
const groups = ({ range, prefix, country: of }: Subject) => [`range#${range}`, `prefix#${prefix}`, `country#${of}`];

/** The key and counter of each limit, by its name in the events. */
const refusers: Readonly<Record<string, (subject: Subject) => readonly [key: string, counter: string]>> = {
  'block-phone': (subject) => [phone(subject), 'blocked'],
  'block-ip': (subject) => [ip(subject), 'blocked'],
  'block-range': ({ range }) => [`range#${range}`, 'blocked'],
  'block-prefix': ({ prefix }) => [`prefix#${prefix}`, 'blocked'],
  'block-country': (subject) => [country(subject), 'blocked'],
  cooldown: (subject) => [phone(subject), 'limited'],
  ip: (subject) => [ip(subject), 'limited'],
  'low-volume': (subject) => [country(subject), 'limited'],
};

/**
 * The counters that an event moves. Unverified numbers move those of their groups, all numbers those of their IP.
 * Wrong guesses count by number, country and IP. The right code takes them off country and IP.
 */
const movesOf = (event: TrafficEvent, exempt: readonly string[]): readonly (readonly [string, string, number])[] => {
  const { kind, subject, unverified, limit = '', mistyped = 0 } = event;
  const slot = slotOf(event.startedAtMs);
  const own = exempt.includes(subject.application) ? [] : [ip(subject)];
  const all = [...(unverified ? groups(subject) : []), ...own];
  if (kind === 'started' || kind === 'unsent') {
    const by = kind === 'started' ? 1 : -1;
    const trusted = unverified ? [] : [[country(subject), 'trusted', by] as const];
    return [...all.map((key) => [key, `s${slot}`, by] as const), ...trusted];
  }
  if (kind === 'approved') {
    const forgiven = mistyped === 0 ? [] : [country(subject), ...own];
    return [
      ...all.map((key) => [key, `v${slot}`, 1] as const),
      ...forgiven.map((key) => [key, 'wrong', -mistyped] as const),
    ];
  }
  if (kind === 'resent') return all.map((key) => [key, 'resent', 1]);
  if (kind === 'wrong') return [phone(subject), country(subject), ...own].map((key) => [key, 'wrong', 1]);
  const refuser = kind === 'refused' ? refusers[limit] : undefined;
  return refuser === undefined ? [] : [[...refuser(subject), 1]];
};

export type Compared = {
  /** Counters that the events should have moved, or that were moved. */
  readonly counters: number;
  /** Counters that differ from the events. */
  readonly wrong: number;
};

const [expected, found] = [1, 2];

/** A balance of all counters: events add to it, counts of the ledger take from it, and nothing may be left. */
export const tally = (exempt: readonly string[]) => {
  const balance = new Map<string, number>();
  /** Slots of IPs, by the sides that met them. */
  const met = new Map<string, number>();
  const move = (counter: string, by: number) => balance.set(counter, (balance.get(counter) ?? 0) + by);
  const meet = (slot: string, by: number) => met.set(slot, (met.get(slot) ?? 0) | by);

  return {
    /** An event happened. */
    expect: (event: TrafficEvent): void => {
      const timeBucket = timeBucketOf(event.startedAtMs);
      for (const [key, counter, by] of movesOf(event, exempt)) move(`${key}#${timeBucket}#${counter}`, by);
      const { kind, unverified, subject } = event;
      if (kind === 'started' && unverified)
        meet(`range#${subject.range}#${timeBucket}#${ipSlotOf(subject.ip)}`, expected);
    },
    /** The ledger has these counts, or had them before a roll-up. */
    find: (key: Key, { timeBucket, started, verified, ips, ...others }: Counts): void => {
      const name = `${nameOf(key)}#${timeBucket}`;
      const take = (counter: string, by: number) => {
        if (by !== 0) move(`${name}#${counter}`, -by);
      };
      for (const [slot, by] of started.entries()) take(`s${slot}`, by);
      for (const [slot, by] of verified.entries()) take(`v${slot}`, by);
      for (const counter of ['trusted', 'resent', 'wrong', 'blocked', 'limited'] as const)
        take(counter, others[counter]);
      for (const slot of ips) meet(`${name}#${slot}`, found);
    },
    compared: (): Compared => {
      const unbalanced = [...balance.values()].filter((left) => left !== 0).length;
      const unmet = [...met.values()].filter((sides) => sides !== (expected | found)).length;
      return { counters: balance.size + met.size, wrong: unbalanced + unmet };
    },
  };
};

export type Tally = ReturnType<typeof tally>;
