import type { Policy, SpendCaps } from '../../policy.ts';
import { dayMs, hourMs } from '../durations.ts';
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
export type CapShare = { readonly cap: Cap; readonly caps: Spent };

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

type Capped = Pick<Subject, 'country' | 'application'>;

const capsOf = ({ caps: total, countries, ownCaps }: Policy, { country, application }: Capped): readonly Cap[] => {
  const caps = countries[country]?.caps;
  return [
    { of: 'total', caps: total },
    ...(caps === undefined ? [] : [{ of: 'country' as const, country, caps }]),
    ...(ownCaps === undefined ? [] : [{ of: 'application' as const, application, caps: ownCaps }]),
  ];
};

export const capSharesOf = (policy: Policy, subject: Capped, isTrustedNumber: boolean): readonly CapShare[] =>
  capsOf(policy, subject).map((cap) => ({ cap, caps: capsFor(cap.caps, isTrustedNumber) }));

/** What an SMS of so many parts is estimated to cost, in micro-USD. */
export const priceOf = (policy: Policy, country: string, parts: number): number =>
  microUsd(policy.countries[country]?.priceUsd ?? 0) * parts;

/** The cap that one more send of that price exceeds, if it does. */
export const exceededCap = ({ cap, caps }: CapShare, spent: Spent, price: number): ExceededCap | undefined => {
  const hasRoom = spent.hour + price <= caps.hour && spent.day + price <= caps.day;
  return hasRoom ? undefined : { kind: 'exceeded', counter: `cap-${cap.of}`, spent, price, caps };
};

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
export const hourOf = (atMs: number): string => new Date(atMs).toISOString().slice(11, 13);

const secondsLeftOf = (periodMs: number, nowMs: number): number => Math.ceil((periodMs - (nowMs % periodMs)) / 1000);

export const secondsLeftOfDay = (nowMs: number): number => secondsLeftOf(dayMs, nowMs);

/** Seconds until the hour or day that is exceeded ends. */
export const capRetryAfterSeconds = ({ spent, price, caps }: ExceededCap, nowMs: number): number =>
  secondsLeftOf(spent.day + price > caps.day ? dayMs : hourMs, nowMs);
