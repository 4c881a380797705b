/**
 * Compares the counters with an oracle that counts each distinct event once. The events pass through the deployed
 * detector, with every fault of stream, function and table.
 */

import type { StreamRecord } from '../../../lambdas/aws/tables/stream-records.ts';
import type { Counts } from '../../../lambdas/bursts/counts/counts.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { type Key, nameOf } from '../../../lambdas/bursts/counts/keys.ts';
import { type DetectorSettings, detectBursts } from '../../../lambdas/bursts/detect.ts';
import type { Ruling } from '../../../lambdas/bursts/judge/ruling.ts';
import type { DetectorStore } from '../../../lambdas/bursts/ports.ts';
import { Unavailable } from '../../../lambdas/otp/ports.ts';
import { answerBatch } from '../../../lambdas/stream/batch.ts';
import { defaultBursts } from '../../../lib/settings/schema/bursts.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import { sampleDeployment } from '../../../test/fakes/bursts/deployment.ts';
import { type Random, randomFrom } from '../play/random.ts';
import { calmShards, readShards, type ShardFaults, type ShardReport, wildShards } from './shards.ts';
import { type Compared, type Tally, tally } from './tally.ts';
import { type Throng, throng } from './throng.ts';

export const settings: DetectorSettings = {
  bursts: { ...defaultBursts, coldStartHours: 0 },
  priceUsd: () => 0.05,
  hourCapUsd: () => Number.POSITIVE_INFINITY,
  deployment: sampleDeployment,
};

/** Chance per call of the ledger, per record, or per batch. */
export type CodeFaults = {
  /** Nothing of the call was counted. */
  readonly failedBefore: number;
  /** All of the call was counted, without an answer: it was lost, or the function died after the commit. */
  readonly crashedAfter: number;
  /** Some of the transactions of the call were counted: they run beside each other. */
  readonly partCommitted: number;
  /** The call was counted, then a read failed. */
  readonly readFailed: number;
  /** A record could not be read this time, nor put aside. The batch comes again from it. */
  readonly unread: number;
  /** The function died after its work. */
  readonly died: number;
};

export const soundCode: CodeFaults = {
  failedBefore: 0,
  crashedAfter: 0,
  partCommitted: 0,
  readFailed: 0,
  unread: 0,
  died: 0,
};
export const crashingCode: CodeFaults = {
  failedBefore: 0.01,
  crashedAfter: 0.01,
  partCommitted: 0.01,
  readFailed: 0.005,
  unread: 0.002,
  died: 0.005,
};

export type Struck = Readonly<Record<keyof CodeFaults, number>>;

/** Fails as the adapter does if a table does not answer. */
const failAs = (what: string): never => {
  throw new Unavailable(`${what}, for a test`);
};

/** The store behind a network that fails at random. */
const failing = (
  store: DetectorStore,
  faults: CodeFaults,
  random: Random,
  struck: Record<keyof CodeFaults, number>,
) => {
  const strikes = (fault: keyof CodeFaults): boolean => {
    if (!random.happens(faults[fault])) return false;
    struck[fault] += 1;
    return true;
  };
  const count: DetectorStore['count'] = async (events, keys, nowMs) => {
    if (strikes('failedBefore')) failAs('nothing was counted');
    if (events.length > 1 && strikes('partCommitted')) {
      await store.count(
        events.filter(() => random.happens(0.5)),
        [],
        nowMs,
      );
      failAs('a part was counted');
    }
    const counted = await store.count(events, keys, nowMs);
    if (strikes('crashedAfter')) failAs('all was counted');
    if (keys.length > 0 && strikes('readFailed')) failAs('nothing was read');
    return counted;
  };
  return { store: { ...store, count }, strikes };
};

export type Acting = (events: readonly TrafficEvent[], nowMs: number) => Promise<unknown>;

export type Fed = ShardReport & { readonly struck: Struck };

/** Feeds events to the deployed batch code. */
export const feed = async (
  events: Iterable<TrafficEvent>,
  acting: (store: DetectorStore) => Acting,
  store: DetectorStore,
  { seed, shards, code }: { readonly seed: number; readonly shards: ShardFaults; readonly code: CodeFaults },
): Promise<Fed> => {
  const struck = { ...soundCode };
  const { store: frail, strikes } = failing(store, code, randomFrom(seed, 'code faults'), struck);
  const act = acting(frail);
  const eventOf = new WeakMap<StreamRecord, TrafficEvent>();
  const decode = (record: StreamRecord): TrafficEvent => {
    const event = eventOf.get(record);
    if (event === undefined || strikes('unread')) throw new Error('A record could not be read, for a test.');
    return event;
  };
  const report = await readShards(events, eventOf, shards, randomFrom(seed, 'shards'), async (records, nowMs) => {
    const answer = answerBatch({
      decode,
      act: (all: readonly TrafficEvent[]) => act(all, nowMs).then(() => {}),
      failed: () => {},
      putAside: async () => failAs('a record was not put aside'),
    });
    const { batchItemFailures } = await answer(records);
    if (strikes('died')) throw new Error('The function died, for a test.');
    const [first] = batchItemFailures;
    return first && records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === first.itemIdentifier);
  });
  return { ...report, struck };
};

export type Exactness = {
  readonly events: number;
  readonly fed: Fed;
  readonly compared: Compared;
  /** Ranges that were pumped, and how many of them the detector blocked. */
  readonly pumped: number;
  readonly stopped: number;
  /** Counts that grew after their roll-up: they are judged no more. */
  readonly late: number;
  /** Blocks and restrictions that were notified a second time. */
  readonly notifiedTwice: number;
};

export type Trial = {
  readonly events: number;
  readonly seed: number;
  readonly shards?: ShardFaults;
  readonly code?: CodeFaults;
  /** The ledger leaves no marks: a control, in which errors must be found. */
  readonly isForgetful?: true;
};

/** Takes every event for a new one. */
const forgetful = (store: DetectorStore): DetectorStore => {
  let calls = 0;
  return {
    ...store,
    count: (events, keys, nowMs) => {
      calls += 1;
      const fresh = events.map((event) => ({ ...event, id: `${event.id} of call ${calls}` }));
      return store.count(fresh, keys, nowMs);
    },
  };
};

const expecting = function* (events: Iterable<TrafficEvent>, { expect }: Tally): Iterable<TrafficEvent> {
  for (const event of events) {
    expect(event);
    yield event;
  }
};

const throngOf = ({ events, seed }: Trial): Throng => throng(events, () => randomFrom(seed, 'throng'));

/** Feeds the whole detector, with the ledger in memory. */
export const exactInMemory = async (trial: Trial): Promise<Exactness> => {
  const { seed, shards = wildShards, code = crashingCode, isForgetful } = trial;
  const { events, pumped } = throngOf(trial);
  const sums = tally();
  const memory = memoryBursts();
  const rulings: Ruling[] = [];
  let nowMs = 0;

  /** Counts that a roll-up drops are compared before it, the others at the end. */
  const remembering: DetectorStore = {
    ...memory,
    rollUp: async (rolledUp) => {
      const before: readonly Counts[] = [...memory.countsOf(rolledUp.key)];
      await memory.rollUp(rolledUp);
      const kept = new Set(memory.countsOf(rolledUp.key));
      for (const counts of before) if (!kept.has(counts)) sums.find(rolledUp.key, counts);
    },
  };
  const store = isForgetful ? forgetful(remembering) : remembering;
  const acting = (frail: DetectorStore): Acting => {
    const detect = detectBursts({ now: () => nowMs, store: frail, notify: async () => {} }, settings);
    return async (all, atMs) => {
      nowMs = atMs;
      rulings.push(...(await detect(all)));
    };
  };
  const fed = await feed(expecting(events(), sums), acting, store, { seed, shards, code });
  let late = 0;
  for (const key of memory.keys()) {
    const rolledUp = memory.historyOf(key)?.timeBucket ?? Number.NEGATIVE_INFINITY;
    for (const counts of memory.countsOf(key)) {
      sums.find(key, counts);
      if (counts.timeBucket <= rolledUp) late += 1;
    }
  }
  const stops = rulings.filter(({ action }) => action !== 'none');
  const stoppedRanges = new Set(stops.map(({ key }) => nameOf(key)));
  return {
    events: trial.events,
    fed,
    compared: sums.compared(),
    pumped: pumped.length,
    stopped: pumped.filter((range) => stoppedRanges.has(`range#${range}`)).length,
    late,
    notifiedTwice: stops.length - new Set(stops.map(({ uid, step, action }) => `${uid} ${step} ${action}`)).size,
  };
};

/** Feeds the counting alone, on tables. @param countsIn all counts in them at the end. */
export const exactOnTables = async (
  trial: Trial,
  store: DetectorStore,
  countsIn: () => Promise<readonly (readonly [Key, Counts])[]>,
): Promise<Pick<Exactness, 'events' | 'fed' | 'compared'>> => {
  const { seed, shards = wildShards, code = crashingCode } = trial;
  const sums = tally();
  const acting =
    (frail: DetectorStore): Acting =>
    (all, nowMs) =>
      frail.count(all, [], nowMs);
  const fed = await feed(expecting(throngOf(trial).events(), sums), acting, store, { seed, shards, code });
  for (const [key, counts] of await countsIn()) sums.find(key, counts);
  return { events: trial.events, fed, compared: sums.compared() };
};

export const calm = { shards: calmShards, code: soundCode };
