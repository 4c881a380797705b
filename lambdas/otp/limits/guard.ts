import {
  type Channel,
  callLimit,
  cooldownLimit,
  hardLimit,
  maxCallsToNumber,
  maxNotifiedToNumber,
  notifyLimit,
  type Policy,
  reservedForPairs,
  type SendWindow,
} from '../../policy.ts';
import { daySeconds } from '../durations.ts';
import { voiceRefusalOf } from '../sending/channel.ts';
import { isNotifyAlone } from '../sending/routes.ts';
import type { Moment } from './moment.ts';
import { isOfApproved, type Reputation } from './reputation.ts';

/** Which SMS were sent to a number. */
export type Guard = {
  /** Counts the writes, from 0. A write is conditional on the version that was read. */
  readonly version: number;
  /** The sends of the last 24 hours, oldest first. The hard limit bounds them. */
  readonly sends: readonly Moment[];
};

export const noGuard: Guard = { version: 0, sends: [] };

export type SendLimits = Policy['sends'];

/** The facts that decide about the next SMS to a number. */
export type NumberFacts = { readonly guard: Guard; readonly reputation: Reputation };

/** The caller of a send: in a network from which the number has verified, or anywhere else. */
export type Asker = {
  readonly isPair: boolean;
  /** Of a call: the calls to the number within 24 hours that this one may reach. */
  readonly maxCalls?: number | undefined;
  /** If Notify alone can carry the message: those of Notify to the number within 24 hours that it may reach. */
  readonly notified?: { readonly max: number; readonly counts: 'all' | 'sms' } | undefined;
};

type LimitsPolicy = Pick<Policy, 'voice' | 'smsRoutes' | 'countries'>;

/** Strangers leave a pair some of the calls and of the messages of Notify that AWS allows a number (ADR 112, 120). */
export const askerOf = (
  { isPair }: Pick<Asker, 'isPair'>,
  policy: LimitsPolicy,
  { country, channel }: { readonly country: string; readonly channel?: Channel | undefined },
): Asker => ({
  isPair,
  ...(channel === 'voice' ? { maxCalls: isPair ? maxCallsToNumber : (policy.voice?.callsPerDay ?? 0) } : {}),
  ...notifiedOf(isPair, policy, country, channel),
});

/** A call of Notify counts as an SMS of Notify does. A call by another sender is none of them. */
const notifiedOf = (
  isPair: boolean,
  policy: LimitsPolicy,
  country: string,
  channel: Channel | undefined,
): Pick<Asker, 'notified'> => {
  if (!isNotifyAlone(policy, country)) return {};
  const callsCount = policy.voice?.routes.some(({ sender }) => sender === 'notify') === true;
  if (channel === 'voice' && !callsCount) return {};
  const max = isPair ? maxNotifiedToNumber : maxNotifiedToNumber - reservedForPairs;
  return { notified: { max, counts: callsCount ? 'all' : 'sms' } };
};

/** Sends, oldest first: those that still count, all, and all that were no calls. */
type Sends = {
  readonly counted: readonly Moment[];
  readonly all: readonly Moment[];
  readonly sms: readonly Moment[];
};

/** An approved verification frees its own sends, resends included, from cooldown and windows (ADR 43). */
const sendsOf = ({ guard: { sends }, reputation }: NumberFacts): Sends => ({
  counted: sends.filter((send) => !isOfApproved(reputation, send)),
  all: sends,
  sms: sends.filter(({ call }) => !call),
});

const ofPairs = (sends: readonly Moment[]): readonly Moment[] => sends.filter(({ pair }) => pair);

type CountedWindow = SendWindow & {
  readonly counts: keyof Sends;
  /** AWS has it, and counts each send alike. */
  readonly isOfAws?: true;
};

/** The windows of a number, and the hard limit as one more. */
export const windowsOf = ({ windows, maxIn24Hours }: SendLimits): readonly CountedWindow[] => [
  ...windows.map((window) => ({ ...window, counts: 'counted' as const })),
  { name: hardLimit, windowSeconds: daySeconds, sends: maxIn24Hours, counts: 'all' },
];

/**
 * Those of an asker. AWS does not say when its day begins. No more than the bound within any 24 hours is no more in any day.
 */
const windowsFor = (limits: SendLimits, { notified }: Asker): readonly CountedWindow[] => [
  ...windowsOf(limits),
  ...(notified === undefined
    ? []
    : [
        {
          name: notifyLimit,
          windowSeconds: daySeconds,
          sends: notified.max,
          counts: notified.counts,
          isOfAws: true as const,
        },
      ]),
];

/** Sends, and how many of them there may be in a window. */
type Bound = { readonly sends: readonly Moment[]; readonly max: number };

/**
 * The bounds of a window, which is full once each of them is reached. A pair shares no short window with strangers, and of
 * a day some sends are its own, so that strangers cannot use them up. What strangers asked for in vain counts for no pair's
 * hard limit (ADR 57).
 */
const boundsOf = (
  { windowSeconds, sends: max, counts, isOfAws }: CountedWindow,
  sends: Sends,
  { isPair }: Asker,
): readonly Bound[] => {
  if (!isPair || isOfAws) return [{ sends: sends[counts], max }];
  const own = ofPairs(sends[counts]);
  if (windowSeconds < daySeconds) return [{ sends: own, max }];
  // A pair that signs in all day would reach the hard limit sooner by the SMS of strangers.
  const shared =
    counts === 'all' ? sends.all.filter((send) => send.pair || !sends.counted.includes(send)) : sends.counted;
  return [
    { sends: shared, max },
    { sends: own, max: Math.min(max, reservedForPairs) },
  ];
};

const roomIn = (bounds: readonly Bound[], windowSeconds: number, atMs: number): number =>
  Math.max(0, ...bounds.map(({ sends, max }) => max - within(sends, windowSeconds, atMs).length));

/** Why no SMS may go to the number now. */
export type BrokenLimit = { readonly limit: string; readonly retryAfterSeconds: number };

/**
 * Decides whether one more SMS may go to the number now. It may, if no limit is broken.
 *
 * Exact to the millisecond: a send at `t` counts in a window of `w` from `t` up to, and not including, `t + w`.
 */
export const brokenLimitOf = (
  facts: NumberFacts,
  asker: Asker,
  limits: SendLimits,
  nowMs: number,
): BrokenLimit | undefined => {
  const limit = limitBrokenAt(sendsOf(facts), asker, limits, nowMs);
  if (limit === undefined) return undefined;
  return { limit, retryAfterSeconds: Math.ceil((nextSendAt(facts, asker, limits, nowMs) - nowMs) / 1000) };
};

const limitBrokenAt = (sends: Sends, asker: Asker, limits: SendLimits, atMs: number): string | undefined => {
  const full = windowsFor(limits, asker).find(
    (window) => roomIn(boundsOf(window, sends, asker), window.windowSeconds, atMs) === 0,
  );
  if (full !== undefined) return full.name;
  if (asker.maxCalls !== undefined && callsWithin(sends.all, atMs) >= asker.maxCalls) return callLimit;
  return atMs < cooldownEndsAt(waitedFor(sends, asker), limits, atMs) ? cooldownLimit : undefined;
};

const within = (sends: readonly Moment[], windowSeconds: number, atMs: number): readonly Moment[] =>
  sends.filter((send) => send.atMs + windowSeconds * 1000 > atMs);

/** Those of approved verifications count as well, because AWS counts them. */
const callsWithin = (sends: readonly Moment[], atMs: number): number =>
  within(sends, daySeconds, atMs).filter(({ call }) => call).length;

/** The sends after which the asker waits. No pair waits for a stranger's. */
const waitedFor = ({ counted }: Sends, { isPair }: Asker): readonly Moment[] => (isPair ? ofPairs(counted) : counted);

const cooldownEndsAt = (sends: readonly Moment[], limits: SendLimits, atMs: number): number => {
  const last = sends.at(-1);
  const recent = within(sends, limits.cooldownWindowSeconds, atMs).length;
  if (last === undefined || recent === 0) return 0;
  const step = Math.min(recent, limits.cooldownSeconds.length) - 1;
  return last.atMs + (limits.cooldownSeconds[step] ?? 0) * 1000;
};

/**
 * The first time from now on at which a send is allowed, in epoch milliseconds, if nothing is approved until then. Only
 * the end of a window or of a cooldown can allow a send, so no other times are tried.
 */
export const nextSendAt = (facts: NumberFacts, asker: Asker, limits: SendLimits, nowMs: number): number => {
  const sends = sendsOf(facts);
  const waited = waitedFor(sends, asker);
  const last = waited.at(-1)?.atMs ?? 0;
  const moments = [
    nowMs,
    ...limits.cooldownSeconds.map((seconds) => last + seconds * 1000),
    ...waited.map(({ atMs }) => atMs + limits.cooldownWindowSeconds * 1000),
    ...windowsFor(limits, asker).flatMap(({ windowSeconds, counts }) =>
      sends[counts].map(({ atMs }) => atMs + windowSeconds * 1000),
    ),
  ];
  const allowed = moments.filter(
    (moment) => moment >= nowMs && limitBrokenAt(sends, asker, limits, moment) === undefined,
  );
  return Math.min(...allowed);
};

/**
 * When a verification may have its next send by any channel, as above. A limit of SMS holds up no button that asks for a call
 * which may go, and the other way round.
 */
export const nextSendByAny = (
  facts: NumberFacts,
  { isPair }: Pick<Asker, 'isPair'>,
  policy: LimitsPolicy & Pick<Policy, 'sends'>,
  verification: { readonly country: string; readonly purpose: string },
  nowMs: number,
): number => {
  const channels: readonly Channel[] = voiceRefusalOf(policy, verification) === undefined ? ['sms', 'voice'] : ['sms'];
  const times = channels.map((channel) =>
    nextSendAt(facts, askerOf({ isPair }, policy, { country: verification.country, channel }), policy.sends, nowMs),
  );
  return Math.min(...times);
};

/** Trust is worth that many SMS that nobody approves. */
const sendsThatWear = 3;

const unapprovedOf = (facts: NumberFacts, nowMs: number): readonly Moment[] =>
  within(sendsOf(facts).counted, daySeconds, nowMs);

/**
 * Whether the number's own pairs asked for as many SMS since its last approval as trust is worth. Strangers cannot wear
 * it. The guard forgets an SMS after 24 hours, so that wear ends then.
 */
export const isWorn = (facts: NumberFacts, nowMs: number): boolean => {
  const { verifiedAtMs = 0 } = facts.reputation;
  const since = ofPairs(unapprovedOf(facts, nowMs)).filter(({ atMs }) => atMs > verifiedAtMs);
  return since.length >= sendsThatWear;
};

/** Sends this old belong to another try of the person. */
const oneTrySeconds = 21_600;

/** How long ago the number's SMS went out that nobody approved, as a new record says it to the detector. */
export type SinceSends = { readonly sincePreviousSendMs?: number; readonly sinceFirstSendMs?: number };

export const sinceSends = (facts: NumberFacts, nowMs: number): SinceSends => {
  const unapproved = unapprovedOf(facts, nowMs);
  const [previous, first] = [unapproved.at(-1), within(unapproved, oneTrySeconds, nowMs)[0]];
  // The clock that wrote the guard may be ahead.
  const since = ({ atMs }: Moment): number => Math.max(0, nowMs - atMs);
  return {
    ...(previous === undefined ? {} : { sincePreviousSendMs: since(previous) }),
    ...(first === undefined ? {} : { sinceFirstSendMs: since(first) }),
  };
};

/** The guard with one more send. It forgets those that no limit counts any more. */
export const withSend = ({ version, sends }: Guard, send: Moment): Guard => ({
  version: version + 1,
  sends: [...sends.filter(({ atMs }) => atMs + daySeconds * 1000 > send.atMs), send].toSorted(
    (a, b) => a.atMs - b.atMs,
  ),
});

/** The guard without a send that surely failed: that one, and no other verification's of the same time. */
export const withoutSend = ({ version, sends }: Guard, send: Moment): Guard => {
  const index = sends.findLastIndex(
    ({ atMs, verification }) => atMs === send.atMs && verification === send.verification,
  );
  return { version: version + 1, sends: sends.filter((_, position) => position !== index) };
};

/** One window as the caller sees it (IETF draft-ietf-httpapi-ratelimit-headers). */
export type Allowance = {
  readonly name: string;
  readonly quota: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Seconds until the oldest counted send leaves the window; the whole window if none is counted. */
  readonly resetSeconds: number;
};

export const guardAllowances = (
  facts: NumberFacts,
  asker: Asker,
  limits: SendLimits,
  nowMs: number,
): readonly Allowance[] => {
  const sends = sendsOf(facts);
  return windowsFor(limits, asker).map((window) => {
    const { name, sends: quota, windowSeconds } = window;
    const bounds = boundsOf(window, sends, asker);
    const oldest = within(bounds[0]?.sends ?? [], windowSeconds, nowMs)[0];
    const resetMs = oldest === undefined ? windowSeconds * 1000 : oldest.atMs + windowSeconds * 1000 - nowMs;
    return {
      name,
      quota,
      windowSeconds,
      remaining: roomIn(bounds, windowSeconds, nowMs),
      resetSeconds: Math.ceil(resetMs / 1000),
    };
  });
};
