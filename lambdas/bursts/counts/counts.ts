import type { TrafficEvent } from './events.ts';
import { type Key, nameOf } from './keys.ts';
import { slotOf, slotsPerTimeBucket, timeBucketOf } from './time-buckets.ts';

/** Slots for counting distinct IPs (linear counting). */
export const ipSlots = 64;

/** What is counted for a key within ten minutes. Counts change by additions only, in whatever order they come. */
export type Counts = {
  readonly timeBucket: number;
  /** Verifications requested, by ten seconds. */
  readonly started: readonly number[];
  /** Of those, the approved ones: by the ten seconds in which they were requested. */
  readonly verified: readonly number[];
  /** Of a country: requested for trusted numbers, which its slots do not have. */
  readonly trusted: number;
  readonly resent: number;
  /** Wrong codes that no right one followed. */
  readonly wrong: number;
  /** Sends refused by a block on this key. */
  readonly blocked: number;
  /** Sends refused by a limit of this key. */
  readonly limited: number;
  /** The slots of the IPs. */
  readonly ips: readonly number[];
};

const zeros: readonly number[] = Array.from({ length: slotsPerTimeBucket }, () => 0);
export const noCounts = (timeBucket: number): Counts => ({
  timeBucket,
  started: zeros,
  verified: zeros,
  trusted: 0,
  resent: 0,
  wrong: 0,
  blocked: 0,
  limited: 0,
  ips: [],
});

const added = (one: readonly number[], other: readonly number[]): readonly number[] =>
  one.map((count, slot) => count + (other[slot] ?? 0));

/** The counts of two lanes of a key in the same time bucket, together. */
export const addCounts = (one: Counts, other: Counts): Counts => ({
  timeBucket: one.timeBucket,
  started: added(one.started, other.started),
  verified: added(one.verified, other.verified),
  trusted: one.trusted + other.trusted,
  resent: one.resent + other.resent,
  wrong: one.wrong + other.wrong,
  blocked: one.blocked + other.blocked,
  limited: one.limited + other.limited,
  ips: [...new Set([...one.ips, ...other.ips])].toSorted((a, b) => a - b),
});

/** The counts of a key, each time bucket once, its lanes added up. They keep their order. */
export const withoutLanes = (all: readonly Counts[]): readonly Counts[] => {
  const byTimeBucket = new Map<number, Counts>();
  for (const counts of all) {
    const before = byTimeBucket.get(counts.timeBucket);
    byTimeBucket.set(counts.timeBucket, before === undefined ? counts : addCounts(before, counts));
  }
  return [...byTimeBucket.values()];
};

/** A name of a count: `s17` and `v17` are by slot. */
export type CountName = `s${number}` | `v${number}` | 'trusted' | 'resent' | 'wrong' | 'blocked' | 'limited';

/** What events add to the counts of a key within a time bucket. */
export type Addition = {
  readonly key: Key;
  readonly timeBucket: number;
  readonly add: ReadonlyMap<CountName, number>;
  readonly ips: ReadonlySet<number>;
};

const groups = ['range', 'prefix', 'country'] as const;

/**
 * The keys that a verification counts for. Groups count unverified numbers alone, because attackers own no trusted ones.
 * The IP of an exempt back end counts for nothing, because it calls for many users.
 */
const keysOf = (event: TrafficEvent, isExempt: boolean): readonly Key[] => [
  ...(event.unverified ? groups.map((level): Key => ({ level, of: event.subject[level] })) : []),
  ...(isExempt ? [] : [ipOf(event)]),
];

/** All wrong codes count for the country, because attackers guess the codes of trusted numbers as well. */
const countryOf = ({ subject }: TrafficEvent): Key => ({ level: 'country', of: subject.country });

/** A wrong code says something of its sender, whether or not the number is trusted. */
const guessKeys = (event: TrafficEvent, isExempt: boolean): readonly Key[] => [
  phoneOf(event),
  countryOf(event),
  ...(isExempt ? [] : [ipOf(event)]),
];

/** Mistakes before a right code are no guesses, except for the number: others may guess beside its holder. */
const forgiven = (event: TrafficEvent, isExempt: boolean): readonly Counted[] =>
  event.mistyped === undefined || event.mistyped === 0
    ? []
    : [countryOf(event), ...(isExempt ? [] : [ipOf(event)])].map((key) => ({
        key,
        counts: [['wrong', -(event.mistyped ?? 0)]],
      }));

const ipOf = ({ subject }: TrafficEvent): Key => ({ level: 'ip', of: subject.ip });
const phoneOf = ({ subject }: TrafficEvent): Key => ({ level: 'phone', of: subject.phoneKey });

type Counted = { readonly key: Key; readonly counts: readonly (readonly [CountName, number])[] };

const countedFor = (event: TrafficEvent, isExempt: boolean): readonly Counted[] => {
  const slot = slotOf(event.startedAtMs);
  const all = (...counts: readonly (readonly [CountName, number])[]): readonly Counted[] =>
    keysOf(event, isExempt).map((key) => ({ key, counts }));
  const requested = (by: 1 | -1): readonly Counted[] => [
    ...all([`s${slot}`, by]),
    ...(event.unverified ? [] : [{ key: countryOf(event), counts: [['trusted', by]] } satisfies Counted]),
  ];
  if (event.kind === 'started') return requested(1);
  if (event.kind === 'unsent') return requested(-1);
  if (event.kind === 'approved') return [...all([`v${slot}`, 1]), ...forgiven(event, isExempt)];
  if (event.kind === 'resent') return all(['resent', 1]);
  if (event.kind === 'wrong') return guessKeys(event, isExempt).map((key) => ({ key, counts: [['wrong', 1]] }));
  if (event.kind === 'refused') return refusedFor(event);
  return [];
};

/** A refusal counts only for the key that refused, because an attack brings many of them. */
const refusedFor = (event: TrafficEvent): readonly Counted[] => {
  const { subject, reason, limit } = event;
  const level = (['ip', 'range', 'prefix', 'country'] as const).find((each) => limit === `block-${each}`);
  if (level !== undefined) return [{ key: { level, of: subject[level] }, counts: [['blocked', 1]] }];
  if (limit === 'block-phone') return [{ key: phoneOf(event), counts: [['blocked', 1]] }];
  if (reason === 'phone') return [{ key: phoneOf(event), counts: [['limited', 1]] }];
  if (reason === 'ip') return [{ key: { level: 'ip', of: subject.ip }, counts: [['limited', 1]] }];
  if (reason === 'low-volume') return [{ key: { level: 'country', of: subject.country }, counts: [['limited', 1]] }];
  return [];
};

/** The slot of an IP, by its keyed hash. */
export const ipSlotOf = (ip: string): number => {
  let hash = 0;
  for (let index = 0; index < ip.length; index += 1) hash = (hash * 31 + ip.charCodeAt(index)) >>> 0;
  return (hash ^ (hash >>> 15)) % ipSlots;
};

/** What events add, by key and time bucket. Their order makes no difference. */
export const additionsOf = (
  events: readonly TrafficEvent[],
  exemptApplications: readonly string[],
): readonly Addition[] => {
  type Open = { key: Key; timeBucket: number; add: Map<CountName, number>; ips: Set<number> };
  const additions = new Map<string, Open>();
  for (const event of events) {
    const timeBucket = timeBucketOf(event.startedAtMs);
    for (const { key, counts } of countedFor(event, exemptApplications.includes(event.subject.application))) {
      const name = `${nameOf(key)}#${timeBucket}`;
      const open = additions.get(name) ?? { key, timeBucket, add: new Map(), ips: new Set() };
      additions.set(name, open);
      for (const [count, by] of counts) open.add.set(count, (open.add.get(count) ?? 0) + by);
      const spread = event.kind === 'started' && key.level === 'range';
      if (spread) open.ips.add(ipSlotOf(event.subject.ip));
    }
  }
  return [...additions.values()];
};

/** The number of distinct IPs, by their slots. Source: Whang et al. 1990, linear counting. */
export const distinctOf = (slots: ReadonlySet<number>): number =>
  slots.size >= ipSlots ? ipSlots * Math.log(ipSlots) : -ipSlots * Math.log(1 - slots.size / ipSlots);
