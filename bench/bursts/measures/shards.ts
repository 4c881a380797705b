/** A stream and its reader with every fault: splits, stalls, records late or twice, retried batches, a dying function. */

import type { StreamRecord } from '../../../lambdas/aws/tables/stream-records.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { streamFunctions } from '../../../lambdas/contract.ts';
import { queue } from '../play/queue.ts';
import { hashed, type Random } from '../play/random.ts';
import { minuteMs } from '../traffic/calendar.ts';

/** Lambda polls a shard four times a second. */
const pollMs = 250;
const { batchSize, retries } = streamFunctions['detect-bursts'];
const firstShards = 4;

export type ShardFaults = {
  /** Share of the records that come a second time, in any shard, within two minutes. */
  readonly duplicates: number;
  /** Each record is held back by up to this time. */
  readonly reorderMs: number;
  /** The shards stall by turns: how often, and for how long. */
  readonly stall?: { readonly everyMs: number; readonly lastsMs: number };
  /** The shards split by turns. The children bring the last batch of the parent again. */
  readonly splitEveryMs?: number;
};

export const calmShards: ShardFaults = { duplicates: 0, reorderMs: 0 };
export const wildShards: ShardFaults = {
  duplicates: 0.01,
  reorderMs: 5000,
  stall: { everyMs: 10 * minuteMs, lastsMs: minuteMs },
  splitEveryMs: 45 * minuteMs,
};

export type ShardReport = {
  readonly deliveries: number;
  readonly batches: number;
  readonly duplicates: number;
  /** Records that came after a later record of their shard. */
  readonly overtaken: number;
  readonly stalls: number;
  readonly splits: number;
  /** Batches that were retried, whole or from the failed record. */
  readonly repeats: number;
  /** Records given up after the last retry. On AWS they go to the bucket of dead letters. */
  readonly lost: number;
};

/** Handles a batch. @returns the position of the first record that failed. A function that dies throws. */
export type Deliver = (records: readonly StreamRecord[], nowMs: number) => Promise<number | undefined>;

type Arrival = { readonly record: StreamRecord; readonly order: number };

type Shard = {
  readonly arrivals: ReturnType<typeof queue<Arrival>>;
  /** Read to its end before this shard. */
  readonly parent: Shard | undefined;
  isClosed: boolean;
  /** Place of the latest record that came. */
  newest: number;
  batch: readonly StreamRecord[];
  last: readonly StreamRecord[];
  /** Tries of the current batch. */
  tries: number;
};

const shardAfter = (parent: Shard | undefined): Shard => ({
  arrivals: queue(),
  parent,
  isClosed: false,
  newest: 0,
  batch: [],
  last: [],
  tries: 0,
});

const maxDuplicateDelayMs = 2 * minuteMs;

const isDone = ({ isClosed, batch, arrivals }: Shard) =>
  isClosed && batch.length === 0 && arrivals.nextAt() === Number.POSITIVE_INFINITY;

const isWaiting = ({ batch, arrivals }: Shard) => batch.length > 0 || arrivals.nextAt() < Number.POSITIVE_INFINITY;

const isTime = (nowMs: number, everyMs: number | undefined) => everyMs !== undefined && nowMs % everyMs < pollMs;

type Report = { -readonly [Count in keyof ShardReport]: number };

const noReport = (): Report => ({
  deliveries: 0,
  batches: 0,
  duplicates: 0,
  overtaken: 0,
  stalls: 0,
  splits: 0,
  repeats: 0,
  lost: 0,
});

/** The shards, and what happens to them. */
const openStream = (faults: ShardFaults, random: Random, report: Report) => {
  let shards = Array.from({ length: firstShards }, () => shardAfter(undefined));
  let stalled: { readonly shard: Shard | undefined; readonly untilMs: number } | undefined;
  let order = 0;

  const shardFor = (key: number): Shard | undefined => {
    const open = shards.filter(({ isClosed }) => !isClosed);
    return open[key % open.length];
  };

  const split = (nowMs: number) => {
    const parent = shardFor(report.splits);
    if (parent === undefined) return;
    report.splits += 1;
    parent.isClosed = true;
    const children = [shardAfter(parent), shardAfter(parent)];
    for (const record of parent.last) {
      const child = children[random.below(2)];
      child?.arrivals.add(nowMs, { record, order: Number(record.dynamodb?.SequenceNumber) });
    }
    shards = [...shards, ...children];
  };

  return {
    put: (event: TrafficEvent): StreamRecord => {
      order += 1;
      const record: StreamRecord = { eventID: event.id, dynamodb: { SequenceNumber: String(order) } };
      const atMs = event.atMs + random.between(0, faults.reorderMs);
      shardFor(hashed(event.subject.phoneKey))?.arrivals.add(atMs, { record, order });
      if (!random.happens(faults.duplicates)) return record;
      report.duplicates += 1;
      shardFor(random.below(2 ** 31))?.arrivals.add(atMs + random.between(0, maxDuplicateDelayMs), { record, order });
      return record;
    },
    /** Stalls and splits that are due. */
    disturb: (nowMs: number) => {
      if (stalled !== undefined && stalled.untilMs <= nowMs) stalled = undefined;
      const { stall, splitEveryMs } = faults;
      if (stall !== undefined && isTime(nowMs, stall.everyMs)) {
        stalled = { shard: shardFor(report.stalls), untilMs: nowMs + stall.lastsMs };
        report.stalls += 1;
      }
      if (isTime(nowMs, splitEveryMs)) split(nowMs);
    },
    readable: () => shards.filter((shard) => shard !== stalled?.shard),
    dropDone: () => {
      shards = shards.filter((shard) => !isDone(shard));
    },
    isEmpty: () => !shards.some(isWaiting),
  };
};

/** Polls a shard as Lambda does: batches, halved after a failure, and given up after the last retry. */
const readerOf = (deliver: Deliver, report: Report) => {
  const take = (shard: Shard, nowMs: number): readonly StreamRecord[] => {
    const taken: StreamRecord[] = [];
    while (taken.length < batchSize && shard.arrivals.nextAt() <= nowMs) {
      const arrival = shard.arrivals.take();
      if (arrival === undefined) break;
      if (arrival.order < shard.newest) report.overtaken += 1;
      shard.newest = Math.max(shard.newest, arrival.order);
      taken.push(arrival.record);
    }
    return taken;
  };

  /** @returns how many records of the batch succeeded. */
  const succeeded = async (batch: readonly StreamRecord[], nowMs: number): Promise<number> => {
    report.batches += 1;
    report.deliveries += batch.length;
    return (await deliver(batch, nowMs)) ?? batch.length;
  };

  return async (shard: Shard, nowMs: number): Promise<void> => {
    if (shard.parent !== undefined && !isDone(shard.parent)) return;
    if (shard.batch.length === 0) shard.batch = take(shard, nowMs);
    if (shard.batch.length === 0) return;
    // Lambda halves a batch that fails as a whole.
    const halves = shard.batch.length > 1 ? Math.min(shard.tries, 3) : 0;
    const tried = shard.batch.slice(0, Math.ceil(shard.batch.length / 2 ** halves));
    const count = await succeeded(tried, nowMs).catch(() => 0);
    if (count < tried.length) report.repeats += 1;
    shard.tries = count > 0 ? 0 : shard.tries + 1;
    if (count > 0) shard.last = tried.slice(0, count);
    shard.batch = shard.batch.slice(count);
    if (shard.tries <= retries) return;
    report.lost += tried.length;
    shard.batch = shard.batch.slice(tried.length);
    shard.tries = 0;
  };
};

/** Puts events on the stream and reads them all off it. @param eventOf gets the event of each record. */
export const readShards = async (
  events: Iterable<TrafficEvent>,
  eventOf: WeakMap<StreamRecord, TrafficEvent>,
  faults: ShardFaults,
  random: Random,
  deliver: Deliver,
): Promise<ShardReport> => {
  const report = noReport();
  const stream = openStream(faults, random, report);
  const poll = readerOf(deliver, report);

  const pollAll = async (nowMs: number) => {
    stream.disturb(nowMs);
    await Promise.all(stream.readable().map((shard) => poll(shard, nowMs)));
    stream.dropDone();
  };

  let nowMs = 0;
  for (const event of events) {
    if (nowMs === 0) nowMs = event.atMs;
    for (; nowMs + pollMs <= event.atMs; nowMs += pollMs) await pollAll(nowMs);
    eventOf.set(stream.put(event), event);
  }
  for (; !stream.isEmpty(); nowMs += pollMs) await pollAll(nowMs);
  return report;
};
