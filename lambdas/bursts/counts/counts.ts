import type { TrafficEvent } from './events.ts';
import { type Key, nameOf } from './keys.ts';
import { countedAtMs, hadSecondSms, isNewPerson, isOfPair, isSecondSms, populationsOf } from './populations.ts';
import { ipSlotOf, networkSlotOf, networkSlots, partSlotOf, partSlots } from './slots.ts';
import { slotOf, slotsPerTimeBucket, timeBucketOf } from './time-buckets.ts';

/** What is counted for a key within ten minutes. Counts change by additions only, in whatever order they come. */
export type Counts = {
  readonly timeBucket: number;
  /** People who requested a code, by ten seconds: a number that asks again is one person. */
  readonly started: readonly number[];
  /** Of those, the ones who entered it: by the ten seconds in which they count. */
  readonly verified: readonly number[];
  /** Requested again, by numbers that count already. */
  readonly again: number;
  readonly resent: number;
  /** Of all sends, those that were calls. */
  readonly called: number;
  /** People who got a second SMS and have not verified. */
  readonly insisting: number;
  /** Of a country and an IP: requested by all who are not of its population. */
  readonly others: number;
  /** Wrong codes that no right one followed. */
  readonly wrong: number;
  /** Sends refused by a block on this key. */
  readonly blocked: number;
  /** Sends refused by a limit of this key. */
  readonly limited: number;
  /** Probes of a restriction on this key, and those of them that were approved. They count nowhere else here. */
  readonly probed: number;
  readonly probeVerified: number;
  /** Of a country: people who asked as a pair, and those of them who verified. */
  readonly pairStarted: number;
  readonly pairVerified: number;
  /** Of a prefix and a country: people who have not verified, by slot of their range or prefix. */
  readonly unentered: readonly number[];
  /** Of a country: wrong codes, by slot of the network. */
  readonly guessed: readonly number[];
  /** Of a range: the slots of the IPs. */
  readonly ips: readonly number[];
  /** Names of the applications that anything here came through. */
  readonly applications: readonly string[];
};

const zerosOf = (length: number): readonly number[] => Array.from({ length }, () => 0);
const slots = zerosOf(slotsPerTimeBucket);
const [noParts, noNetworks] = [zerosOf(partSlots), zerosOf(networkSlots)];

export const noCounts = (timeBucket: number): Counts => ({
  timeBucket,
  started: slots,
  verified: slots,
  again: 0,
  resent: 0,
  called: 0,
  insisting: 0,
  others: 0,
  wrong: 0,
  blocked: 0,
  limited: 0,
  probed: 0,
  probeVerified: 0,
  pairStarted: 0,
  pairVerified: 0,
  unentered: noParts,
  guessed: noNetworks,
  ips: [],
  applications: [],
});

/** The counts that are one number. */
export const plainCounts = [
  'again',
  'resent',
  'called',
  'insisting',
  'others',
  'wrong',
  'blocked',
  'limited',
  'probed',
  'probeVerified',
  'pairStarted',
  'pairVerified',
] as const;
export type PlainCount = (typeof plainCounts)[number];

/** The counts by slot, and the letters that name them: `s17`. */
export const slottedCounts = {
  s: { name: 'started', slots: slotsPerTimeBucket },
  v: { name: 'verified', slots: slotsPerTimeBucket },
  u: { name: 'unentered', slots: partSlots },
  w: { name: 'guessed', slots: networkSlots },
} as const;
export type SlotLetter = keyof typeof slottedCounts;

/** A name of a count, as the tables have it. */
export type CountName = PlainCount | `${SlotLetter}${number}`;

const added = (one: readonly number[], other: readonly number[]): readonly number[] =>
  one.map((count, slot) => count + (other[slot] ?? 0));

/** The applications of counts, each once, in the order of their names. */
export const applicationsOf = (all: readonly Pick<Counts, 'applications'>[]): readonly string[] =>
  [...new Set(all.flatMap(({ applications }) => applications))].toSorted();

/** The counts of two lanes of a key in the same time bucket, together. */
export const addCounts = (one: Counts, other: Counts): Counts => ({
  timeBucket: one.timeBucket,
  started: added(one.started, other.started),
  verified: added(one.verified, other.verified),
  again: one.again + other.again,
  resent: one.resent + other.resent,
  called: one.called + other.called,
  insisting: one.insisting + other.insisting,
  others: one.others + other.others,
  wrong: one.wrong + other.wrong,
  blocked: one.blocked + other.blocked,
  limited: one.limited + other.limited,
  probed: one.probed + other.probed,
  probeVerified: one.probeVerified + other.probeVerified,
  pairStarted: one.pairStarted + other.pairStarted,
  pairVerified: one.pairVerified + other.pairVerified,
  unentered: added(one.unentered, other.unentered),
  guessed: added(one.guessed, other.guessed),
  ips: [...new Set([...one.ips, ...other.ips])].toSorted((a, b) => a - b),
  applications: applicationsOf([one, other]),
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

/** What events add to the counts of a key within a time bucket. */
export type Addition = {
  readonly key: Key;
  readonly timeBucket: number;
  readonly add: ReadonlyMap<CountName, number>;
  readonly ips: ReadonlySet<number>;
  readonly applications: ReadonlySet<string>;
};

const ipOf = ({ subject }: TrafficEvent): Key => ({ level: 'ip', of: subject.ip });
const phoneOf = ({ subject }: TrafficEvent): Key => ({ level: 'phone', of: subject.phoneKey });
const countryOf = ({ subject }: TrafficEvent): Key => ({ level: 'country', of: subject.country });

type Counted = {
  readonly key: Key;
  /** The time whose time bucket it counts in. */
  readonly atMs: number;
  readonly counts: readonly (readonly [CountName, number])[];
  /** The slot of the IP, to be added to those of the key. */
  readonly ipSlot?: number | undefined;
};

/** The part of a group that an event is in. */
const partOf = ({ subject }: TrafficEvent, { level }: Key): readonly `u${number}`[] => {
  if (level === 'prefix') return [`u${partSlotOf(subject.range)}`];
  return level === 'country' ? [`u${partSlotOf(subject.prefix)}`] : [];
};

const isProbeOf = ({ probes = [] }: TrafficEvent, { level }: Key): boolean => probes.some((each) => each === level);

/** A call has another price than an SMS. */
const called = ({ channel }: TrafficEvent, by: 1 | -1): readonly (readonly [CountName, number])[] =>
  channel === 'voice' ? [['called', by]] : [];

/** A request counts for its population as a person, as one more SMS to a person, or as a probe. */
const requested = (event: TrafficEvent, by: 1 | -1): readonly Counted[] => {
  const atMs = event.startedAtMs;
  const isNew = isNewPerson(event);
  const keys = populationsOf(event);
  const among = keys.map((key): Counted => {
    const ipSlot = key.level === 'range' && by === 1 ? ipSlotOf(event.subject.ip) : undefined;
    const call = called(event, by);
    if (isProbeOf(event, key)) return { key, atMs, counts: [['probed', by], ...call], ipSlot };
    if (!isNew) return { key, atMs, counts: [['again', by], ...call], ipSlot };
    const parts = partOf(event, key).map((name) => [name, by] as const);
    return { key, atMs, counts: [[`s${slotOf(atMs)}`, by], ...parts, ...call], ipSlot };
  });
  const outside = [countryOf(event), ...(event.subject.sharedIp ? [] : [ipOf(event)])]
    .filter(({ level }) => keys.every((key) => key.level !== level))
    .map((key): Counted => ({ key, atMs, counts: [['others', by]] }));
  const pair = isNew && isOfPair(event) ? [ofPair(event, 'pairStarted', atMs, by)] : [];
  return [...among, ...outside, ...pair, ...(isSecondSms(event) ? insisting(event, by) : [])];
};

/** Counts where the person does. */
const insisting = (event: TrafficEvent, by: 1 | -1): readonly Counted[] =>
  populationsOf(event)
    .filter((key) => !isProbeOf(event, key))
    .map((key) => ({ key, atMs: countedAtMs(event), counts: [['insisting', by]] }));

const resent = (event: TrafficEvent): readonly Counted[] => [
  ...populationsOf(event).map(
    (key): Counted => ({ key, atMs: event.startedAtMs, counts: [['resent', 1], ...called(event, 1)] }),
  ),
  ...(isSecondSms(event) ? insisting(event, 1) : []),
];

const ofPair = (event: TrafficEvent, name: 'pairStarted' | 'pairVerified', atMs: number, by: number): Counted => ({
  key: countryOf(event),
  atMs,
  counts: [[name, by]],
});

const approved = (event: TrafficEvent): readonly Counted[] => {
  const atMs = countedAtMs(event);
  const among = populationsOf(event).map((key): Counted => {
    if (isProbeOf(event, key)) return { key, atMs: event.startedAtMs, counts: [['probeVerified', 1]] };
    const parts = partOf(event, key).map((name) => [name, -1] as const);
    return { key, atMs, counts: [[`v${slotOf(atMs)}`, 1], ...parts] };
  });
  const pair = isOfPair(event) ? [ofPair(event, 'pairVerified', atMs, 1)] : [];
  const second = hadSecondSms(event) ? insisting(event, -1) : [];
  return [...among, ...pair, ...second, ...forgiven(event)];
};

/** Wrong codes count for the country by the network that asked, so that one network does not speak for a country. */
const guesses = (event: TrafficEvent, by: number): readonly Counted[] => {
  const atMs = event.startedAtMs;
  const country: Counted = {
    key: countryOf(event),
    atMs,
    counts: [
      ['wrong', by],
      [`w${networkSlotOf(event.subject.network)}`, by],
    ],
  };
  return event.subject.sharedIp ? [country] : [country, { key: ipOf(event), atMs, counts: [['wrong', by]] }];
};

/** Mistakes before a right code are no guesses, except for the number: others may guess beside its holder. */
const forgiven = (event: TrafficEvent): readonly Counted[] =>
  event.mistyped === undefined || event.mistyped === 0 ? [] : guesses(event, -event.mistyped);

const countedFor = (event: TrafficEvent): readonly Counted[] => {
  if (event.kind === 'started') return requested(event, 1);
  if (event.kind === 'unsent') return requested(event, -1);
  if (event.kind === 'approved') return approved(event);
  if (event.kind === 'resent') return resent(event);
  // A wrong code says something of its sender, whether or not the number is trusted.
  if (event.kind === 'wrong')
    return [{ key: phoneOf(event), atMs: event.startedAtMs, counts: [['wrong', 1]] }, ...guesses(event, 1)];
  return event.kind === 'refused' ? refusedFor(event) : [];
};

const blockingLevels = ['ip', 'range', 'prefix', 'country', 'new-network'] as const;

/** The keys whose limits refuse, by the reason. */
const limitedBy: ReadonlyMap<string | undefined, (event: TrafficEvent) => Key> = new Map([
  ['phone', phoneOf],
  ['ip', ipOf],
  ['low-volume', countryOf],
]);

/** A refusal counts only for the key that refused, because an attack brings many of them. */
const refusedFor = (event: TrafficEvent): readonly Counted[] => {
  const { subject, reason, limit, startedAtMs: atMs } = event;
  const level = blockingLevels.find((each) => limit === `block-${each}`);
  const of = level === 'new-network' ? subject.country : level && subject[level];
  if (level !== undefined && of !== undefined) return [{ key: { level, of }, atMs, counts: [['blocked', 1]] }];
  if (limit === 'block-phone') return [{ key: phoneOf(event), atMs, counts: [['blocked', 1]] }];
  const limited = limitedBy.get(reason);
  return limited === undefined ? [] : [{ key: limited(event), atMs, counts: [['limited', 1]] }];
};

/** What events add, by key and time bucket. Their order makes no difference. */
export const additionsOf = (events: readonly TrafficEvent[]): readonly Addition[] => {
  type Open = {
    key: Key;
    timeBucket: number;
    add: Map<CountName, number>;
    ips: Set<number>;
    applications: Set<string>;
  };
  const additions = new Map<string, Open>();
  for (const event of events) {
    for (const counted of countedFor(event)) {
      const { key, atMs, counts, ipSlot } = counted;
      const timeBucket = timeBucketOf(atMs);
      const name = `${nameOf(key)}#${timeBucket}`;
      const open = additions.get(name) ?? { key, timeBucket, add: new Map(), ips: new Set(), applications: new Set() };
      additions.set(name, open);
      for (const [count, by] of counts) open.add.set(count, (open.add.get(count) ?? 0) + by);
      if (ipSlot !== undefined) open.ips.add(ipSlot);
      open.applications.add(event.subject.application);
    }
  }
  return [...additions.values()];
};
