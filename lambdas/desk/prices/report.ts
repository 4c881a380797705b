import { maxDriftPercent, priceDays } from '../../contract.ts';
import { dayMs } from '../../otp/durations.ts';
import { dayOf } from '../../otp/limits/caps.ts';
import type { Policy } from '../../policy.ts';
import { type Advised, advise, type Change } from './advice.ts';
import type { DaySums, PriceBook, Sums, WaySums } from './sums.ts';

/**
 * `ok`: real and estimated price are close. `drift`: they are not, and a setting is to be changed. `known`: they are not, and the
 * settings of now say what is right. `few`: too few messages to say so.
 */
type PriceState = 'ok' | 'drift' | 'known' | 'few';

export type PriceRow = WaySums & { readonly state: PriceState };

export type PriceReport = {
  /** Whether the settings ask for receipts. Without them there are no prices. */
  readonly hasReceipts: boolean;
  readonly state: 'ok' | 'drift';
  /** The beginning of the first day. */
  readonly sinceMs: number;
  readonly rows: readonly PriceRow[];
  readonly changes: readonly Change[];
  readonly unreadable: number;
};

/** Fewer messages than these say nothing of a price: numbers of one country differ by their carriers. */
export const enoughMessages = 10;

/** Compares real prices and parts with those that the caps counted, over whole days (UTC). */
export const reportPrices =
  (book: PriceBook, policy: Policy) =>
  async (askedMs: number | undefined, nowMs: number): Promise<PriceReport> => {
    const earliestMs = nowMs - priceDays.kept * dayMs;
    const sinceMs = Math.max(earliestMs, askedMs ?? nowMs - priceDays.shown * dayMs);
    const day = dayOf(sinceMs);
    const hasReceipts = policy.receipts !== undefined;
    const { sums, unreadable } = hasReceipts ? await book.since(day) : { sums: [], unreadable: 0 };
    const ways = waysOf(policy, sums);
    const advised = advise(policy, ways.filter(hasEnough));
    const rows = ways.map((way) => ({ ...way, state: stateOf(way, advised) }));
    const drifting = rows.filter(({ state }) => state === 'drift');
    return {
      hasReceipts,
      state: drifting.length > 0 ? 'drift' : 'ok',
      sinceMs: Date.parse(`${day}T00:00:00Z`),
      rows,
      changes: advised.filter((each) => drifting.some((way) => isOf(each, way))).flatMap(({ changes }) => changes),
      unreadable,
    };
  };

const hasEnough = ({ messages }: Sums): boolean => messages >= enoughMessages;

const isOf = ({ country, channel }: Advised, way: WaySums): boolean =>
  way.country === country && way.channel === channel;

const stateOf = (way: WaySums, advised: readonly Advised[]): PriceState => {
  if (!hasEnough(way)) return 'few';
  if (Math.abs(way.driftPercent) <= maxDriftPercent) return 'ok';
  const isToChange = advised.some((each) => isOf(each, way) && each.changes.length > 0);
  return isToChange ? 'drift' : 'known';
};

/** The sums of all days together, by country and route. The dearest first. */
const waysOf = ({ voice }: Policy, days: readonly DaySums[]): readonly WaySums[] =>
  [...Map.groupBy(days, ({ country, route }) => `${country} ${route}`).values()]
    .flatMap(([first, ...others]) => (first === undefined ? [] : [others.reduce(together, first)]))
    .map((sums) => ({
      ...sums,
      channel: voice?.routes.some(({ name }) => name === sums.route) ? ('voice' as const) : ('sms' as const),
      driftPercent: driftOf(sums.realMicroUsd, sums.estimatedMicroUsd) ?? 0,
      partsDriftPercent: driftOf(sums.realParts, sums.estimatedParts),
    }))
    .toSorted((one, other) => other.realMicroUsd - one.realMicroUsd);

const together = (one: DaySums, other: DaySums): DaySums => ({
  country: one.country,
  route: one.route,
  messages: one.messages + other.messages,
  estimatedMicroUsd: one.estimatedMicroUsd + other.estimatedMicroUsd,
  realMicroUsd: one.realMicroUsd + other.realMicroUsd,
  partsOf: one.partsOf + other.partsOf,
  estimatedParts: one.estimatedParts + other.estimatedParts,
  realParts: one.realParts + other.realParts,
});

/** With one decimal. `undefined` without an estimate. */
const driftOf = (real: number, estimated: number): number | undefined =>
  estimated === 0 ? undefined : Math.round((1000 * (real - estimated)) / estimated) / 10;
