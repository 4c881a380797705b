/**
 * A stream with every fault: late, out of order, twice, stalled, and whole batches again. For contenders that learn
 * from a stream: they put events in and take them out when they are due.
 */

import { queue } from '../play/queue.ts';
import type { Random } from '../play/random.ts';

export type Faults = {
  /** Delay from the event to its delivery: median in milliseconds and deviation of the logarithm. */
  readonly delay: { readonly medianMs: number; readonly sigma: number };
  /** Share of the events that come a second time, within two minutes, as after a time-out. */
  readonly duplicates: number;
  /** Each event is held back by up to this time, so that events overtake each other. */
  readonly reorderMs: number;
  /** During a stall nothing comes. After it, all comes at once. */
  readonly stall?: { readonly everyMs: number; readonly lastsMs: number };
  /** Chance per event that its batch comes again: the batch failed in part, or the reader died after its commit. */
  readonly replays: number;
  /** Events of a batch. */
  readonly batch: number;
};

/** Lambda polls a shard four times a second. The function needs the rest. */
const usualDelay = { medianMs: 600, sigma: 0.5 };

export const noFaults: Faults = { delay: usualDelay, duplicates: 0, reorderMs: 0, replays: 0, batch: 0 };

/** All faults of the evaluation. A split of a shard shows as reordering. */
export const allFaults: Faults = {
  delay: usualDelay,
  duplicates: 0.01,
  reorderMs: 5000,
  stall: { everyMs: 6 * 3_600_000, lastsMs: 60_000 },
  replays: 0.0005,
  batch: 25,
};

const maxDuplicateDelayMs = 120_000;

export type Delivery<Event> = { readonly event: Event; readonly atMs: number };

export const streamWith = <Event>(faults: Faults, random: Random) => {
  const due = queue<Delivery<Event>>();
  const recent: Event[] = [];

  /** Events of a stall come at its end. */
  const afterStall = (atMs: number): number => {
    if (faults.stall === undefined) return atMs;
    const into = atMs % faults.stall.everyMs;
    return into < faults.stall.lastsMs ? atMs - into + faults.stall.lastsMs : atMs;
  };

  const deliver = (event: Event, atMs: number) => {
    const arrivesMs = Math.ceil(afterStall(atMs));
    due.add(arrivesMs, { event, atMs: arrivesMs });
  };

  const remember = (event: Event) => {
    if (faults.batch === 0) return;
    recent.push(event);
    if (recent.length > faults.batch) recent.shift();
  };

  return {
    put: (event: Event, atMs: number) => {
      const arrivesMs =
        atMs + random.logNormal(faults.delay.medianMs, faults.delay.sigma) + random.between(0, faults.reorderMs);
      deliver(event, arrivesMs);
      if (random.happens(faults.duplicates)) deliver(event, arrivesMs + random.between(0, maxDuplicateDelayMs));
      remember(event);
      if (!random.happens(faults.replays)) return;
      for (const again of recent) deliver(again, arrivesMs + random.between(0, maxDuplicateDelayMs));
    },
    /** Time of the next delivery, or Infinity. */
    nextAt: due.nextAt,
    /** All deliveries until now, in the order of arrival. */
    take: (nowMs: number): readonly Delivery<Event>[] => {
      const taken: Delivery<Event>[] = [];
      while (due.nextAt() <= nowMs) {
        const delivery = due.take();
        if (delivery !== undefined) taken.push(delivery);
      }
      return taken;
    },
  };
};
