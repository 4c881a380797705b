import type { Way } from '../../otp/receipts/ports.ts';
import type { Channel } from '../../policy.ts';

/** Sums of messages whose receipts have a price. Money is in millionths of a USD. Parts are those of `partsOf` messages. */
export type Sums = {
  readonly messages: number;
  readonly estimatedMicroUsd: number;
  readonly realMicroUsd: number;
  readonly partsOf: number;
  readonly estimatedParts: number;
  readonly realParts: number;
};

/** The sums of a day, by country and route. */
export type DaySums = Way & Sums;

export type PriceBook = {
  /** @param day the first one (UTC), such as `2026-11-01`. */
  readonly since: (day: string) => Promise<{ readonly sums: readonly DaySums[]; readonly unreadable: number }>;
};

/** The sums of some days together, with how far the two sides are apart. */
export type WaySums = DaySums & {
  readonly channel: Channel;
  /** The real price is by so much above the estimate, in percent. */
  readonly driftPercent: number;
  /** The same of parts, if any are known. */
  readonly partsDriftPercent: number | undefined;
};
