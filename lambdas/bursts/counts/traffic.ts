import { createHash } from 'node:crypto';
import type { Subject } from '../../otp/limits/admission.ts';
import { isApproved, sameMac, type Verification } from '../../otp/record/verification.ts';
import { blockLevels } from '../../policy.ts';

/** What happened, as the detector and the audit trail see it. */
export const trafficKinds = [
  /** A verification was requested, and its SMS handed over. */
  'started',
  /** Its first SMS was surely not sent, and does not count. */
  'unsent',
  /** Nobody knows whether its SMS was sent. */
  'unconfirmed',
  'resent',
  'approved',
  'wrong',
  'canceled',
  /** A send was refused. */
  'refused',
] as const;
export type TrafficKind = (typeof trafficKinds)[number];

/** One thing that happened to one verification, or one refused send. No code, no number: groups and keyed hashes. */
export type TrafficEvent = {
  readonly version: 1;
  /** The stream's: the same when the record is delivered again. */
  readonly id: string;
  readonly kind: TrafficKind;
  readonly atMs: number;
  /** When the verification was requested: what is counted of it is counted there. */
  readonly startedAtMs: number;
  readonly subject: Subject;
  readonly purpose: string;
  /** Whether the number had not verified within 90 days when it asked. */
  readonly stranger: boolean;
  /** The same for all that happened to one verification; a refused send has none. It opens nothing. */
  readonly verification?: string | undefined;
  /** Of what was approved: the wrong codes before the right one. */
  readonly mistyped?: number | undefined;
  /** Of refusals: why, and by which limit. */
  readonly reason?: string | undefined;
  readonly limit?: string | undefined;
};

/** A refused send as the stream shows it. */
export type RefusedSend = {
  readonly subject: Subject;
  readonly purpose: string;
  readonly reason: string;
  readonly limit: string | undefined;
  readonly atMs: number;
  readonly test: boolean;
};

/** A record of the stream of verifications: what stood there before, and what stands there now. */
export type StreamChange = {
  /** Unique in the stream; the same when the record is delivered again. */
  readonly id: string;
  readonly before: Verification | undefined;
  readonly after: Verification | undefined;
  readonly refused?: RefusedSend | undefined;
};

/** The event that a change is; undefined for what is none, and for test traffic, from which nothing is learnt. */
export const eventOf = ({ id, before, after, refused }: StreamChange): TrafficEvent | undefined => {
  if (refused !== undefined) {
    const { test, atMs, ...rest } = refused;
    return test ? undefined : { ...rest, version: 1, id, kind: 'refused', atMs, startedAtMs: atMs, stranger: false };
  }
  if (after === undefined || after.test === true) return undefined;
  const happened = happenedTo(before, after);
  if (happened === undefined) return undefined;
  const { key, phoneKey, block, operator, country, address, application, purpose, createdAtMs, known } = after;
  return {
    ...happened,
    version: 1,
    id,
    startedAtMs: createdAtMs,
    subject: { phoneKey, block, operator, country, address, application },
    purpose,
    stranger: known !== true,
    verification: referenceOf(key),
  };
};

/**
 * A name for a verification that is not the key of its record, but can be worked out from it: whoever has the id finds
 * its events, and whoever has the events finds neither id nor record.
 */
export const referenceOf = (recordKey: string): string =>
  createHash('sha256').update(`audit\n${recordKey}`).digest('hex').slice(0, 32);

type Happened = Pick<TrafficEvent, 'kind' | 'atMs' | 'mistyped'>;

const happenedTo = (before: Verification | undefined, after: Verification): Happened | undefined => {
  const { createdAtMs, sentAtMs, guessedAtMs = createdAtMs } = after;
  if (before === undefined) return { kind: 'started', atMs: createdAtMs };
  if (after.guesses.length > before.guesses.length) {
    const isRight = isApproved(after) && sameMac(after.guesses.at(-1) ?? '', after.code);
    return isRight
      ? { kind: 'approved', atMs: guessedAtMs, mistyped: before.guesses.length }
      : { kind: 'wrong', atMs: guessedAtMs };
  }
  if (after.ended !== before.ended) {
    return { kind: after.ended === 'failed' ? 'unsent' : 'canceled', atMs: Math.max(sentAtMs, guessedAtMs) };
  }
  if (after.sends > before.sends) return { kind: 'resent', atMs: sentAtMs };
  if (after.delivery === 'unconfirmed' && before.delivery !== 'unconfirmed') {
    return { kind: 'unconfirmed', atMs: sentAtMs };
  }
  return undefined;
};

/**
 * How long after it happened an event is counted. Its mark lives for two hours more: what comes later, out of the bucket
 * of dead letters, could be known no more, and would be counted twice. What is judged is younger anyway.
 */
export const countedForMs = 24 * 3_600_000;
export const isCounted = ({ atMs }: { readonly atMs: number }, nowMs: number): boolean => atMs > nowMs - countedForMs;

export const slotSeconds = 10;
export const slotsPerEpoch = 60;
export const epochMs = slotSeconds * slotsPerEpoch * 1000;
/** Slots by which distinct addresses are counted (linear counting). */
export const addressSlots = 64;

export const epochOf = (atMs: number): number => Math.floor(atMs / epochMs);
export const slotOf = (atMs: number): number => Math.floor((atMs % epochMs) / (slotSeconds * 1000));

/** What traffic is judged by: what a block may be on, the codes of a country, and all countries together. */
export const levels = [...blockLevels, 'codes', 'everywhere'] as const;
export type Level = (typeof levels)[number];

/** Names all countries together. */
export const everywhere = 'all countries';

/** One of the things that traffic is counted for. */
export type Key = { readonly level: Level; readonly of: string };
export const nameOf = ({ level, of }: Key): string => `${level}#${of}`;

/** What is counted for a key within ten minutes. Every count only grows by additions, in whatever order they come. */
export type Counts = {
  readonly epoch: number;
  /** Verifications requested, by ten seconds. */
  readonly started: readonly number[];
  /** Of those, the approved ones: by the ten seconds in which they were requested. */
  readonly verified: readonly number[];
  /** Of a country: requested for known numbers, which its slots do not have. */
  readonly known: number;
  readonly resent: number;
  /** Wrong codes that no right one followed. */
  readonly wrong: number;
  /** Sends refused by a block on this key. */
  readonly blocked: number;
  /** Sends refused by a limit of this key. */
  readonly limited: number;
  /** Which of the 64 slots for addresses were met. */
  readonly addresses: readonly number[];
};

const zeros: readonly number[] = Array.from({ length: slotsPerEpoch }, () => 0);
export const noCounts = (epoch: number): Counts => ({
  epoch,
  started: zeros,
  verified: zeros,
  known: 0,
  resent: 0,
  wrong: 0,
  blocked: 0,
  limited: 0,
  addresses: [],
});

/** A name of a count: `s17` and `v17` are by slot. */
export type CountName = `s${number}` | `v${number}` | 'known' | 'resent' | 'wrong' | 'blocked' | 'limited';

/** What events add to the counts of one key within one epoch. */
export type Addition = {
  readonly key: Key;
  readonly epoch: number;
  readonly add: ReadonlyMap<CountName, number>;
  readonly addresses: ReadonlySet<number>;
};

const groups = ['block', 'operator', 'country'] as const;

/**
 * The keys that a verification counts for. Groups of numbers are judged by strangers alone: known numbers are spared by
 * what is done to a group, and fraudsters do not own any. Back ends that call for many users have an address that says
 * nothing.
 */
const keysOf = (event: TrafficEvent, isExempt: boolean): readonly Key[] => [
  ...(event.stranger ? groups.map((level): Key => ({ level, of: event.subject[level] })) : []),
  ...(isExempt ? [] : [addressOf(event)]),
];

/** Who guesses codes guesses those of known numbers as well: all wrong codes count for the country. */
const countryOf = ({ subject }: TrafficEvent): Key => ({ level: 'country', of: subject.country });

/** Wrong codes say something of whoever enters them: whose number it is makes no difference. */
const guessKeys = (event: TrafficEvent, isExempt: boolean): readonly Key[] => [
  phoneOf(event),
  countryOf(event),
  ...(isExempt ? [] : [addressOf(event)]),
];

/** Who mistypes and gets it right in the end guesses at nothing. Of a number it counts all the same: others may guess beside its holder. */
const forgiven = (event: TrafficEvent, isExempt: boolean): readonly Counted[] =>
  event.mistyped === undefined || event.mistyped === 0
    ? []
    : [countryOf(event), ...(isExempt ? [] : [addressOf(event)])].map((key) => ({
        key,
        counts: [['wrong', -(event.mistyped ?? 0)]],
      }));

const addressOf = ({ subject }: TrafficEvent): Key => ({ level: 'address', of: subject.address });
const phoneOf = ({ subject }: TrafficEvent): Key => ({ level: 'phone', of: subject.phoneKey });

type Counted = { readonly key: Key; readonly counts: readonly (readonly [CountName, number])[] };

const countedFor = (event: TrafficEvent, isExempt: boolean): readonly Counted[] => {
  const slot = slotOf(event.startedAtMs);
  const all = (...counts: readonly (readonly [CountName, number])[]): readonly Counted[] =>
    keysOf(event, isExempt).map((key) => ({ key, counts }));
  const requested = (by: 1 | -1): readonly Counted[] => [
    ...all([`s${slot}`, by]),
    ...(event.stranger ? [] : [{ key: countryOf(event), counts: [['known', by]] } satisfies Counted]),
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
  const level = (['address', 'block', 'operator', 'country'] as const).find((each) => limit === `block-${each}`);
  if (level !== undefined) return [{ key: { level, of: subject[level] }, counts: [['blocked', 1]] }];
  if (limit === 'block-phone') return [{ key: phoneOf(event), counts: [['blocked', 1]] }];
  if (reason === 'phone') return [{ key: phoneOf(event), counts: [['limited', 1]] }];
  if (reason === 'address') return [{ key: { level: 'address', of: subject.address }, counts: [['limited', 1]] }];
  if (reason === 'trickle') return [{ key: { level: 'country', of: subject.country }, counts: [['limited', 1]] }];
  return [];
};

/** The slot of an address, by its keyed hash. */
export const addressSlotOf = (address: string): number => {
  let hash = 0;
  for (let index = 0; index < address.length; index += 1) hash = (hash * 31 + address.charCodeAt(index)) >>> 0;
  return (hash ^ (hash >>> 15)) % addressSlots;
};

/** What a number of events adds, by key and epoch; the order of the events makes no difference. */
export const additionsOf = (
  events: readonly TrafficEvent[],
  exemptApplications: readonly string[],
): readonly Addition[] => {
  type Open = { key: Key; epoch: number; add: Map<CountName, number>; addresses: Set<number> };
  const additions = new Map<string, Open>();
  for (const event of events) {
    const epoch = epochOf(event.startedAtMs);
    for (const { key, counts } of countedFor(event, exemptApplications.includes(event.subject.application))) {
      const name = `${nameOf(key)}#${epoch}`;
      const open = additions.get(name) ?? { key, epoch, add: new Map(), addresses: new Set() };
      additions.set(name, open);
      for (const [count, by] of counts) open.add.set(count, (open.add.get(count) ?? 0) + by);
      const spread = event.kind === 'started' && key.level === 'block';
      if (spread) open.addresses.add(addressSlotOf(event.subject.address));
    }
  }
  return [...additions.values()];
};

/** Distinct addresses, from the slots that they met. Source: Whang et al., linear counting. */
export const distinctOf = (slots: ReadonlySet<number>): number =>
  slots.size >= addressSlots
    ? addressSlots * Math.log(addressSlots)
    : -addressSlots * Math.log(1 - slots.size / addressSlots);
