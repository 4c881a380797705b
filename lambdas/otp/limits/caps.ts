import type { Policy, SpendCaps } from '../../policy.ts';

/** Money in millionths of a USD, so that sums are exact. */
export const microUsd = (usd: number): number => Math.round(usd * 1_000_000);

/** What was spent, or is reserved, of one cap: by the hour and by the day (UTC). */
export type Spent = { readonly hour: number; readonly day: number };

/** A cap of the spending that a send counts against: of its country, or of all countries together. */
export type Cap = {
  readonly of: 'country' | 'total';
  readonly country: string | undefined;
  readonly caps: SpendCaps;
};

/** The last fifth of each cap is kept for numbers whose holders have verified before. */
const shareForAnyone = 0.8;

export const capsFor = ({ hourUsd, dayUsd }: SpendCaps, isTrustedNumber: boolean): Spent => {
  const share = isTrustedNumber ? 1 : shareForAnyone;
  return { hour: Math.floor(microUsd(hourUsd) * share), day: Math.floor(microUsd(dayUsd) * share) };
};

export const capsOf = (policy: Policy, country: string): readonly Cap[] => {
  const caps = policy.countries[country]?.caps;
  return [
    { of: 'total', country: undefined, caps: policy.caps },
    ...(caps === undefined ? [] : [{ of: 'country' as const, country, caps }]),
  ];
};

/** Whether another send of that price stays within the caps. */
export const fits = (spent: Spent, price: number, caps: Spent): boolean =>
  spent.hour + price <= caps.hour && spent.day + price <= caps.day;

const hourMs = 3_600_000;
const dayMs = 86_400_000;

export const dayOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
export const hourOf = (atMs: number): string => new Date(atMs).toISOString().slice(11, 13);

/** Seconds until the cap that is reached starts anew. */
export const spendRetryAfter = (spent: Spent, price: number, caps: Spent, nowMs: number): number => {
  const periodMs = spent.day + price > caps.day ? dayMs : hourMs;
  return Math.ceil((periodMs - (nowMs % periodMs)) / 1000);
};

export const secondsLeftOfDay = (nowMs: number): number => Math.ceil((dayMs - (nowMs % dayMs)) / 1000);
