import type { TrafficEvent } from './events.ts';
import { type Key, nameOf } from './keys.ts';
import { slotOf, slotsPerTimeBucket, timeBucketOf } from './time-buckets.ts';

/** Slots by which distinct IPs are counted (linear counting). */
export const ipSlots = 64;

/** What is counted for a key within ten minutes. Every count only grows by additions, in whatever order they come. */
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
  /** Which of the 64 slots for IPs were met. */
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

/** A name of a count: `s17` and `v17` are by slot. */
export type CountName = `s${number}` | `v${number}` | 'trusted' | 'resent' | 'wrong' | 'blocked' | 'limited';

/** What events add to the counts of one key within one time bucket. */
export type Addition = {
  readonly key: Key;
  readonly timeBucket: number;
  readonly add: ReadonlyMap<CountName, number>;
  readonly ips: ReadonlySet<number>;
};

const groups = ['range', 'prefix', 'country'] as const;

/**
 * The keys that a verification counts for. Groups of numbers are judged by unverified numbers alone: trusted numbers are spared by
 * what is done to a group, and fraudsters do not own any. Back ends that call for many users have an IP that says
 * nothing.
 */
const keysOf = (event: TrafficEvent, isExempt: boolean): readonly Key[] => [
  ...(event.unverified ? groups.map((level): Key => ({ level, of: event.subject[level] })) : []),
  ...(isExempt ? [] : [ipOf(event)]),
];

/** Who guesses codes guesses those of trusted numbers as well: all wrong codes count for the country. */
const countryOf = ({ subject }: TrafficEvent): Key => ({ level: 'country', of: subject.country });

/** Wrong codes say something of whoever enters them: whose number it is makes no difference. */
const guessKeys = (event: TrafficEvent, isExempt: boolean): readonly Key[] => [
  phoneOf(event),
  countryOf(event),
  ...(isExempt ? [] : [ipOf(event)]),
];

/** Who mistypes and gets it right in the end guesses at nothing. Of a number it counts all the same: others may guess beside its holder. */
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

/** A refusal counts for the one key that refused: many of them must cost little. */
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

/** What a number of events adds, by key and time bucket; the order of the events makes no difference. */
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

/** Distinct IPs, from the slots that they met. Source: Whang et al., linear counting. */
export const distinctOf = (slots: ReadonlySet<number>): number =>
  slots.size >= ipSlots ? ipSlots * Math.log(ipSlots) : -ipSlots * Math.log(1 - slots.size / ipSlots);
