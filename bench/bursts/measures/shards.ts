/**
 * A stream and its reader, as badly as both may behave: shards that split, records that overtake each other and come
 * twice, stalls, batches that are tried again from the record that failed, and a function that dies.
 */

import type { StreamRecord } from '../../../lambdas/aws/tables/stream-records.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/traffic.ts';
import { streamFunctions } from '../../../lambdas/contract.ts';
import { queue } from '../play/queue.ts';
import { hashed, type Random } from '../play/random.ts';
import { minuteMs } from '../traffic/calendar.ts';

/** Lambda asks a shard for records four times a second. */
const pollMs = 250;
const { batchSize, retries } = streamFunctions['detect-bursts'];
const firstShards = 4;

export type ShardFaults = {
  /** Share of the records that come again, in any shard, within two minutes. */
  readonly duplicates: number;
  /** Every record is held back by up to so long. */
  readonly reorderMs: number;
  /** One shard after the other stands still for so long, so often. */
  readonly stall?: { readonly everyMs: number; readonly lastsMs: number };
  /** One shard after the other splits, so often; its last batch is read once more, from the shards that follow. */
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
  /** Records that came after one of their shard that was written later. */
  readonly overtaken: number;
  readonly stalls: number;
  readonly splits: number;
  /** Batches that came again, whole or from the record that failed. */
  readonly repeats: number;
  /** Records given up after their tries: they would be in the bucket of dead letters. */
  readonly lost: number;
};

/** What becomes of a batch: the position of the first record that failed; a function that died throws. */
export type Deliver = (records: readonly StreamRecord[], nowMs: number) => Promise<number | undefined>;

type Arrival = { readonly record: StreamRecord; readonly order: number };

type Shard = {
  readonly arrivals: ReturnType<typeof queue<Arrival>>;
  /** Has to be read to its end before this one is. */
  readonly parent: Shard | undefined;
  isClosed: boolean;
  /** Of all records that came, the place of the one that was written last. */
  newest: number;
  batch: readonly StreamRecord[];
  last: readonly StreamRecord[];
  /** Of the batch at hand. */
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

/** Puts events on the stream and reads them all off it. @param eventOf is told which event a record stands for. */
export const readShards = async (
  events: Iterable<TrafficEvent>,
  eventOf: WeakMap<StreamRecord, TrafficEvent>,
  faults: ShardFaults,
  random: Random,
  deliver: Deliver,
): Promise<ShardReport> => {
  const report = {
    deliveries: 0,
    batches: 0,
    duplicates: 0,
    overtaken: 0,
    stalls: 0,
    splits: 0,
    repeats: 0,
    lost: 0,
  };
  let shards = Array.from({ length: firstShards }, () => shardAfter(undefined));
  let stalled: { readonly shard: Shard | undefined; readonly untilMs: number } | undefined;
  let order = 0;

  const openShards = () => shards.filter(({ isClosed }) => !isClosed);
  const shardFor = (key: number): Shard | undefined => {
    const open = openShards();
    return open[key % open.length];
  };

  const put = (event: TrafficEvent) => {
    order += 1;
    const record: StreamRecord = { eventID: event.id, dynamodb: { SequenceNumber: String(order) } };
    eventOf.set(record, event);
    const atMs = event.atMs + random.between(0, faults.reorderMs);
    shardFor(hashed(event.subject.phoneKey))?.arrivals.add(atMs, { record, order });
    if (!random.happens(faults.duplicates)) return;
    report.duplicates += 1;
    shardFor(random.below(2 ** 31))?.arrivals.add(atMs + random.between(0, maxDuplicateDelayMs), { record, order });
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

  /** How far the batch came. */
  const passed = async (batch: readonly StreamRecord[], nowMs: number): Promise<number> => {
    report.batches += 1;
    report.deliveries += batch.length;
    return (await deliver(batch, nowMs)) ?? batch.length;
  };

  const poll = async (shard: Shard, nowMs: number) => {
    if (shard.parent !== undefined && !isDone(shard.parent)) return;
    if (shard.batch.length === 0) shard.batch = take(shard, nowMs);
    if (shard.batch.length === 0) return;
    // Lambda halves a batch that fails as a whole.
    const halves = shard.batch.length > 1 ? Math.min(shard.tries, 3) : 0;
    const tried = shard.batch.slice(0, Math.ceil(shard.batch.length / 2 ** halves));
    const count = await passed(tried, nowMs).catch(() => 0);
    if (count < tried.length) report.repeats += 1;
    shard.tries = count > 0 ? 0 : shard.tries + 1;
    if (count > 0) shard.last = tried.slice(0, count);
    shard.batch = shard.batch.slice(count);
    if (shard.tries <= retries) return;
    report.lost += tried.length;
    shard.batch = shard.batch.slice(tried.length);
    shard.tries = 0;
  };

  const isTime = (nowMs: number, everyMs: number | undefined) => everyMs !== undefined && nowMs % everyMs < pollMs;

  const disturb = (nowMs: number) => {
    if (stalled !== undefined && stalled.untilMs <= nowMs) stalled = undefined;
    const { stall, splitEveryMs } = faults;
    if (stall !== undefined && isTime(nowMs, stall.everyMs)) {
      stalled = { shard: shardFor(report.stalls), untilMs: nowMs + stall.lastsMs };
      report.stalls += 1;
    }
    if (isTime(nowMs, splitEveryMs)) split(nowMs);
  };

  const pollAll = async (nowMs: number) => {
    disturb(nowMs);
    await Promise.all(shards.filter((shard) => shard !== stalled?.shard).map((shard) => poll(shard, nowMs)));
    shards = shards.filter((shard) => !isDone(shard));
  };

  let nowMs = 0;
  for (const event of events) {
    if (nowMs === 0) nowMs = event.atMs;
    for (; nowMs + pollMs <= event.atMs; nowMs += pollMs) await pollAll(nowMs);
    put(event);
  }
  const isWaiting = ({ batch, arrivals }: Shard) => batch.length > 0 || arrivals.nextAt() < Number.POSITIVE_INFINITY;
  for (; shards.some(isWaiting); nowMs += pollMs) await pollAll(nowMs);
  return report;
};
