import type { BurstPolicy } from '../../policy.ts';
import type { Counts } from '../counts/counts.ts';
import { type Key, nameOf } from '../counts/keys.ts';
import { timeBucketMs } from '../counts/time-buckets.ts';
import type { KeyState } from '../evidence/assess.ts';
import type { AnnouncedLaunch } from '../evidence/launches.ts';
import { partSlot } from '../evidence/parts.ts';
import type { Holder } from '../findings/parents.ts';
import type { KeyFacts, RolledUp } from '../ports.ts';
import { lastBlockNow } from './blocks.ts';
import type { LastBlock, Ruling } from './ruling.ts';
import type { Affected } from './subjects.ts';

export type JudgeSettings = {
  readonly bursts: BurstPolicy;
  /** Of one SMS by country, in USD. */
  readonly priceUsd: (country: string) => number;
  /** Of one call. Without it, that of an SMS. */
  readonly callPriceUsd?: (country: string) => number;
  /** The cost of SMS to a country per hour at most, in USD: the cap that is reached first. */
  readonly hourCapUsd: (country: string) => number;
};

/** A block that goes on: its end moves from `before` to `after`. */
export type Renewed = { readonly key: Key; readonly before: LastBlock; readonly after: LastBlock };

/** Facts of a key as of now. */
export type Known = Omit<KeyFacts, 'block'>;

const nothing: Known = { history: undefined, counts: [], lastBlock: undefined, lastNotified: undefined, parts: [] };

/** A time bucket without its time, as a corrupt item has it, counts as none. */
const isDated = ({ timeBucket }: Counts): boolean => Number.isSafeInteger(timeBucket);

export const knownOf = ({ block, lastBlock, counts, ...rest }: KeyFacts, nowMs: number): Known => ({
  ...rest,
  counts: counts.filter(isDated),
  lastBlock: lastBlockNow(lastBlock, block, nowMs),
});

/** One evaluation of a batch, as far as it has come. */
export type Evaluation = {
  readonly settings: JudgeSettings;
  readonly nowMs: number;
  /**
   * How far the stream has been read. The ages of codes are taken as of then: after an outage of the detector, approvals
   * of the time since are still to be counted.
   */
  readonly readMs: number;
  readonly runningHours: number;
  readonly affected: readonly Affected[];
  /** Those that hold now. */
  readonly launches: readonly AnnouncedLaunch[];
  readonly known: Map<string, Known>;
  readonly judged: Set<string>;
  /** Groups whose blocks held before. */
  readonly holders: Map<string, Holder>;
  readonly rolledUp: RolledUp[];
  readonly renewed: Renewed[];
  readonly rulings: Ruling[];
};

export const knownAt = (key: Key | undefined, { known }: Evaluation): Known =>
  (key === undefined ? undefined : known.get(nameOf(key))) ?? nothing;

/** How far a key has been read: the replay of a dead letter does not turn its clock back. */
export const readUntil = ({ history, counts }: KeyState, { readMs, nowMs }: Evaluation): number => {
  const newest = counts.at(-1)?.timeBucket ?? (history === undefined ? 0 : history.timeBucket + 1);
  return Math.min(nowMs, Math.max(readMs, newest * timeBucketMs));
};

/** A ruling of this evaluation counts for the groups that come after it. */
export const noteParts = (parts: readonly { readonly within: Key; readonly part: Key }[], evaluation: Evaluation) => {
  for (const { within, part } of parts) {
    const found = knownAt(within, evaluation);
    const noted = { slot: partSlot(part), atMs: evaluation.nowMs };
    evaluation.known.set(nameOf(within), { ...found, parts: [...found.parts, noted] });
  }
};
