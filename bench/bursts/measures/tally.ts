/** An oracle of the counters: counts each distinct event once, independently of the detector. */

import type { Counts } from '../../../lambdas/bursts/counts/counts.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { type Key, nameOf } from '../../../lambdas/bursts/counts/keys.ts';
import { ipSlotOf, networkSlotOf, partSlotOf } from '../../../lambdas/bursts/counts/slots.ts';
import { slotOf, timeBucketOf } from '../../../lambdas/bursts/counts/time-buckets.ts';

type Subject = TrafficEvent['subject'];

const phone = ({ phoneKey }: Subject) => `phone#${phoneKey}`;
const country = ({ country: of }: Subject) => `country#${of}`;
const ip = ({ ip: of }: Subject) => `ip#${of}`;

/** The key and counter of each limit, by its name in the events. */
const refusers: Readonly<Record<string, (subject: Subject) => readonly [key: string, counter: string]>> = {
  'block-phone': (subject) => [phone(subject), 'blocked'],
  'block-ip': (subject) => [ip(subject), 'blocked'],
  'block-range': ({ range }) => [`range#${range}`, 'blocked'],
  'block-prefix': ({ prefix }) => [`prefix#${prefix}`, 'blocked'],
  'block-country': (subject) => [country(subject), 'blocked'],
  'block-new-network': ({ country: of }) => [`new-network#${of}`, 'blocked'],
  cooldown: (subject) => [phone(subject), 'limited'],
  ip: (subject) => [ip(subject), 'limited'],
  'low-volume': (subject) => [country(subject), 'limited'],
};

/** A counter that an event moves: of a key, in the time bucket of a time. */
type Move = readonly [key: string, counter: string, by: number, atMs: number];

/** The keys among whose people the sender is. */
const peopleOf = ({ subject, unverified, trustedIp, pair }: TrafficEvent): readonly string[] => {
  const { range, prefix, country: of } = subject;
  const isUnknown = trustedIp !== true && !subject.sharedIp;
  return [
    ...(unverified ? [`range#${range}`] : []),
    ...(unverified && isUnknown ? [`prefix#${prefix}`, country(subject)] : []),
    ...(!unverified && isUnknown && pair !== true ? [`new-network#${of}`] : []),
    ...(subject.sharedIp || (pair === true && !unverified) ? [] : [ip(subject)]),
  ];
};

const [threeHoursMs, twentyMinutesMs] = [10_800_000, 1_200_000];
const asksAnew = ({ sinceFirstSendMs: first, sincePreviousSendMs: previous = 0 }: TrafficEvent): boolean =>
  first === undefined || Math.floor(first / threeHoursMs) > Math.floor((first - previous) / threeHoursMs);

/** When a person counts: with the first SMS, unless that is long ago. */
const personMs = ({ startedAtMs, sinceFirstSendMs: first }: TrafficEvent): number =>
  first !== undefined && first <= twentyMinutesMs ? startedAtMs - first : startedAtMs;

/** A second SMS of a person, noted or, when the person verifies, taken back. */
const secondOf = (event: TrafficEvent, by: 1 | -1): readonly Move[] =>
  peopleOf(event)
    .filter((key) => !(event.probes ?? []).some((level) => key.startsWith(`${level}#`)))
    .map((key) => [key, 'insisting', by, personMs(event)]);

const isSecondRequest = (event: TrafficEvent): boolean =>
  !asksAnew(event) && event.sinceFirstSendMs === event.sincePreviousSendMs;

/** People without an approval, by the slot of the part of a prefix or a country. */
const unentered = (key: string, { range, prefix }: Subject): readonly string[] => {
  if (key.startsWith('prefix#')) return [`u${partSlotOf(range)}`];
  return key.startsWith('country#') ? [`u${partSlotOf(prefix)}`] : [];
};

const guessesOf = ({ subject, startedAtMs }: TrafficEvent, by: number): readonly Move[] => [
  [country(subject), 'wrong', by, startedAtMs],
  [country(subject), `w${networkSlotOf(subject.network)}`, by, startedAtMs],
  ...(subject.sharedIp ? [] : [[ip(subject), 'wrong', by, startedAtMs] as const]),
];

const requestOf = (event: TrafficEvent): readonly Move[] => {
  const { subject, probes = [], startedAtMs: atMs, pair, unverified } = event;
  const by = event.kind === 'started' ? 1 : -1;
  const people = peopleOf(event);
  const others = [country(subject), ...(subject.sharedIp ? [] : [ip(subject)])].filter((key) => !people.includes(key));
  const isAnew = asksAnew(event);
  const isControl = isAnew && pair === true && !unverified;
  return [
    ...people.flatMap((key): readonly Move[] => {
      if (probes.some((level) => key.startsWith(`${level}#`))) return [[key, 'probed', by, atMs]];
      if (!isAnew) return [[key, 'again', by, atMs]];
      return [`s${slotOf(atMs)}`, ...unentered(key, subject)].map((counter) => [key, counter, by, atMs] as const);
    }),
    ...others.map((key) => [key, 'others', by, atMs] as const),
    ...(isControl ? [[country(subject), 'pairStarted', by, atMs] as const] : []),
    ...(isSecondRequest(event) ? secondOf(event, by) : []),
  ];
};

const approvalOf = (event: TrafficEvent): readonly Move[] => {
  const { subject, probes = [], startedAtMs, pair, unverified, mistyped = 0, sends = 1 } = event;
  const atMs = personMs(event);
  const hadSecond = isSecondRequest(event) || (sends > 1 && asksAnew(event));
  return [
    ...peopleOf(event).flatMap((key): readonly Move[] =>
      probes.some((level) => key.startsWith(`${level}#`))
        ? [[key, 'probeVerified', 1, startedAtMs]]
        : [
            [key, `v${slotOf(atMs)}`, 1, atMs],
            ...unentered(key, subject).map((counter) => [key, counter, -1, atMs] as const),
          ],
    ),
    ...(pair === true && !unverified ? [[country(subject), 'pairVerified', 1, atMs] as const] : []),
    ...(hadSecond ? secondOf(event, -1) : []),
    ...(mistyped === 0 ? [] : guessesOf(event, -mistyped)),
  ];
};

/** The counters that an event moves. The right code takes the wrong ones before it off country and IP. */
const movesOf = (event: TrafficEvent): readonly Move[] => {
  const { kind, subject, limit = '', startedAtMs: atMs } = event;
  if (kind === 'started' || kind === 'unsent') return requestOf(event);
  if (kind === 'approved') return approvalOf(event);
  if (kind === 'resent')
    return [
      ...peopleOf(event).map((key) => [key, 'resent', 1, atMs] as const),
      ...(event.sends === 2 && asksAnew(event) ? secondOf(event, 1) : []),
    ];
  if (kind === 'wrong') return [[phone(subject), 'wrong', 1, atMs], ...guessesOf(event, 1)];
  const refuser = kind === 'refused' ? refusers[limit] : undefined;
  return refuser === undefined ? [] : [[...refuser(subject), 1, atMs]];
};

export type Compared = {
  /** Counters that the events should have moved, or that were moved. */
  readonly counters: number;
  /** Counters that differ from the events. */
  readonly wrong: number;
};

const [expected, found] = [1, 2];

/** A balance of all counters: events add to it, counts of the ledger take from it, and nothing may be left. */
export const tally = () => {
  const balance = new Map<string, number>();
  /** Slots of IPs, by the sides that met them. */
  const met = new Map<string, number>();
  const move = (counter: string, by: number) => balance.set(counter, (balance.get(counter) ?? 0) + by);
  const meet = (slot: string, by: number) => met.set(slot, (met.get(slot) ?? 0) | by);

  return {
    /** An event happened. */
    expect: (event: TrafficEvent): void => {
      const timeBucket = timeBucketOf(event.startedAtMs);
      for (const [key, counter, by, atMs] of movesOf(event)) move(`${key}#${timeBucketOf(atMs)}#${counter}`, by);
      const { kind, unverified, subject } = event;
      if (kind === 'started' && unverified)
        meet(`range#${subject.range}#${timeBucket}#${ipSlotOf(subject.ip)}`, expected);
    },
    /** The ledger has these counts, or had them before a roll-up. */
    find: (key: Key, counts: Counts): void => {
      const { timeBucket, started, verified, unentered: open, guessed, ips, applications: _, ...plain } = counts;
      const name = `${nameOf(key)}#${timeBucket}`;
      const take = (counter: string, by: number) => {
        if (by !== 0) move(`${name}#${counter}`, -by);
      };
      for (const [slot, by] of started.entries()) take(`s${slot}`, by);
      for (const [slot, by] of verified.entries()) take(`v${slot}`, by);
      for (const [slot, by] of open.entries()) take(`u${slot}`, by);
      for (const [slot, by] of guessed.entries()) take(`w${slot}`, by);
      for (const [counter, by] of Object.entries(plain)) take(counter, by);
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
