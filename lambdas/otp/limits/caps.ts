import { createHash } from 'node:crypto';
import { type Channel, maxNotifiedByBasic, notifyDayLimit, type Policy, type SpendCaps } from '../../policy.ts';
import { dayMs, hourMs } from '../durations.ts';
import { smsRoutesTo } from '../sending/routes.ts';
import type { Subject } from '../subject.ts';

/** Money in millionths of a USD, so that sums are exact. */
export const microUsd = (usd: number): number => Math.round(usd * 1_000_000);

/** Micro-USD per hour and day (UTC): what is reserved of a cap, or what may be. */
export type Spent = { readonly hour: number; readonly day: number };

/** Whose a cap is: of all countries together, of one, or of an application. */
export type CapPlace =
  | { readonly of: 'total' }
  | { readonly of: 'country'; readonly country: string }
  | { readonly of: 'application'; readonly application: string };

/** A cap that a send counts against. */
export type Cap = CapPlace & { readonly caps: SpendCaps };

/** A cap, and what of it this send may reach. */
export type CapShare = {
  readonly cap: Cap;
  readonly caps: Spent;
  /** Of the cap of all SMS, if it is in shards. */
  readonly leases?: Leases | undefined;
};

export type ExceededCap = {
  readonly kind: 'exceeded';
  readonly counter: `cap-${Cap['of']}`;
  readonly spent: Spent;
  readonly price: number;
  readonly caps: Spent;
};

/** The last fifth of each cap is kept for trusted numbers. */
export const shareForAnyone = 0.8;

const capsFor = ({ hourUsd, dayUsd }: SpendCaps, isTrustedNumber: boolean): Spent => {
  const share = isTrustedNumber ? 1 : shareForAnyone;
  return { hour: Math.floor(microUsd(hourUsd) * share), day: Math.floor(microUsd(dayUsd) * share) };
};

/**
 * The part of the cap of all SMS that counts as spent: without what is left of the leases of its shards this
 * hour. The rest of those of past hours is forfeited, and stays.
 */
export const spentWithout = ({ hour, day }: Spent, leftInShards: readonly number[]): Spent => {
  const left = leftInShards.reduce((sum, each) => sum + each, 0);
  return { hour: hour - left, day: day - left };
};

/** The part of a cap that everybody may reach. */
export const sharesForAnyone = (caps: SpendCaps): Spent => capsFor(caps, false);

type Capped = Pick<Subject, 'country' | 'application'>;

const capsOf = ({ caps: total, countries, ownCaps }: Policy, { country, application }: Capped): readonly Cap[] => {
  const caps = countries[country]?.caps;
  return [
    { of: 'total', caps: total },
    ...(caps === undefined ? [] : [{ of: 'country' as const, country, caps }]),
    ...(ownCaps === undefined ? [] : [{ of: 'application' as const, application, caps: ownCaps }]),
  ];
};

export const capSharesOf = (
  policy: Policy,
  subject: Capped,
  isTrustedNumber: boolean,
  leases?: Leases,
): readonly CapShare[] =>
  capsOf(policy, subject).map((cap) => ({
    cap,
    caps: capsFor(cap.caps, isTrustedNumber),
    ...(cap.of === 'total' ? { leases } : {}),
  }));

/** The estimated price of an SMS, by its parts, in micro-USD. */
export const priceOf = (policy: Policy, country: string, parts: number): number =>
  microUsd(policy.countries[country]?.priceUsd ?? 0) * parts;

/** The estimated price of a call, which takes a minute at most, in micro-USD. */
export const callPriceOf = ({ voice }: Policy, country: string): number =>
  microUsd(voice?.countries[country]?.priceUsd ?? 0);

/** The cap that one more send of that price exceeds, if it does. */
export const exceededCap = ({ cap, caps }: CapShare, spent: Spent, price: number): ExceededCap | undefined => {
  const hasRoom = spent.hour + price <= caps.hour && spent.day + price <= caps.day;
  return hasRoom ? undefined : { kind: 'exceeded', counter: `cap-${cap.of}`, spent, price, caps };
};

/** What a send takes from the day (UTC) of an account of the Basic tier of Notify, and how many messages there may be. */
export type NotifyShare = {
  /** `undefined`: another route takes over, so that the send only counts. */
  readonly maxMessages: number | undefined;
};

export type ExceededNotify = { readonly kind: 'exceeded'; readonly counter: typeof notifyDayLimit };

const isBasic = (route: Policy['smsRoutes'][number]): boolean => route.sender === 'notify' && route.tier === 'basic';

/** Which of the routes of a send are of a Basic account. Calls say no tier, which is that of the account. */
const basicRoutesOf = (policy: Policy, country: string, channel: Channel | undefined): readonly boolean[] =>
  channel === 'voice'
    ? (policy.voice?.routes ?? []).map(({ sender }) => sender === 'notify' && policy.smsRoutes.some(isBasic))
    : smsRoutesTo(policy, country).map(isBasic);

/**
 * The last fifth of the messages is for trusted numbers, as that of the caps is. A send that another route can take counts
 * until the day is used up, so that it writes no more behind that (ADR 120).
 */
export const notifyShareOf = (
  policy: Policy,
  { country, channel }: { readonly country: string; readonly channel?: Channel | undefined },
  isTrustedNumber: boolean,
  notifiedToday = 0,
): NotifyShare | undefined => {
  const areBasic = basicRoutesOf(policy, country, channel);
  if (areBasic[0] !== true) return undefined;
  if (areBasic.every(Boolean)) {
    return { maxMessages: isTrustedNumber ? maxNotifiedByBasic : maxNotifiedByBasic * shareForAnyone };
  }
  return notifiedToday < maxNotifiedByBasic ? { maxMessages: undefined } : undefined;
};

export const exceededNotify = ({ maxMessages }: NotifyShare, notifiedToday = 0): ExceededNotify | undefined =>
  maxMessages === undefined || notifiedToday < maxMessages ? undefined : { kind: 'exceeded', counter: notifyDayLimit };

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
export const hourOf = (atMs: number): string => new Date(atMs).toISOString().slice(11, 13);

const secondsLeftOf = (periodMs: number, nowMs: number): number => Math.ceil((periodMs - (nowMs % periodMs)) / 1000);

export const secondsLeftOfDay = (nowMs: number): number => secondsLeftOf(dayMs, nowMs);

/** Seconds until the hour or day that is exceeded ends. */
export const capRetryAfterSeconds = ({ spent, price, caps }: ExceededCap, nowMs: number): number =>
  secondsLeftOf(spent.day + price > caps.day ? dayMs : hourMs, nowMs);

/**
 * The cap of all SMS is one item, and one item takes about a thousand writes a second. With shards, each takes leases off
 * that item: money that counts as spent there. A send takes its price from a shard. So all of them together never exceed
 * what the one item allows, whatever their number is (ADR 105).
 */
export type Leases = {
  /** The rest of the leases of each shard this hour, in micro-USD, as it was read. */
  readonly left: readonly number[];
  /** The shard that the send tries first. */
  readonly first: number;
};

/** Sends spread over the shards by the keys of their records, which are hashes. */
export const leasesOf = (left: readonly number[], recordKey: string): Leases | undefined =>
  left.length < 2
    ? undefined
    : { left, first: createHash('sha256').update(recordKey).digest().readUInt32BE() % left.length };

/** The other shards, from the first one on. */
export const otherShards = ({ left, first }: Leases): readonly number[] =>
  left.slice(1).map((_, index) => (first + index + 1) % left.length);
