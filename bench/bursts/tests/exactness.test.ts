import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { noHistory } from '../../../lambdas/bursts/counts/history.ts';
import { timeBucketMs, timeBucketOf } from '../../../lambdas/bursts/counts/time-buckets.ts';
import { detectBursts } from '../../../lambdas/bursts/detect.ts';
import type { DetectorStore } from '../../../lambdas/bursts/ports.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import { digits, event, mondayMs } from '../../../test/fakes/bursts/scene.ts';
import { crashingCode, exactOnTables, settings } from '../measures/exactness.ts';
import { startTables, type Tables } from '../measures/tables.ts';

let tables: Tables;
beforeAll(async () => {
  tables = await startTables();
});
afterAll(() => tables.stop());

test('each event is counted once on tables, whatever stream and function do to it', async () => {
  // Calls race here, so each run has other faults: enough of them for every kind.
  const code = { ...crashingCode, crashedAfter: 0.05, partCommitted: 0.2 };
  const { fed, compared } = await exactOnTables({ events: 1500, seed: 5, code }, tables.store, tables.counts);
  expect(compared.wrong).toBe(0);
  expect(compared.counters).toBeGreaterThan(2000);
  expect(fed.lost).toBe(0);
  const { duplicates, overtaken, repeats, struck } = fed;
  for (const count of [duplicates, overtaken, repeats, struck.crashedAfter, struck.partCommitted])
    expect(count).toBeGreaterThan(0);
}, 120_000);

/** People who verify, and then a burst into one range. */
const happened = (): readonly TrafficEvent[] => {
  const people = Array.from({ length: 60 }, (_, index) => {
    const sender = { phone: `+44770${digits(index * 97, 4)}${digits(index, 4)}` };
    const startedAtMs = mondayMs + index * 60_000;
    const approved = event('approved', sender, startedAtMs + 20_000, { startedAtMs });
    return [event('started', sender, startedAtMs, { unverified: index % 2 === 0 }), approved];
  });
  const burst = Array.from({ length: 30 }, (_, index) =>
    event('started', { phone: `+4477999${digits(index, 5)}` }, mondayMs + 61 * 60_000 + index * 200),
  );
  const guesses = [0, 1, 2].map(() => event('wrong', { phone: '+447709990000' }, mondayMs + 62 * 60_000));
  return [...people.flat(), ...burst, ...guesses];
};

/** A large batch of people who verify. */
const manyAt = (atMs: number): readonly TrafficEvent[] =>
  Array.from({ length: 20 }, (_, index) => event('approved', { phone: `+4477111${digits(index, 5)}` }, atMs));

test('the store in memory counts the units that the emulator bills, and leads to the same rulings', async () => {
  const fresh = await startTables();
  try {
    const memory = memoryBursts();
    // A history of hours and days takes more than a KB.
    const timeBucket = timeBucketOf(mondayMs) - 1;
    const old = {
      key: { level: 'country', of: 'GB' },
      history: {
        ...noHistory(timeBucket),
        hours: Array.from({ length: 24 }, (_, hour) => Math.PI * 10 ** hour),
        recent: Array.from({ length: 36 }, () => 1234.567_890_123),
        startedLong: 100 / 3,
        verifiedLong: 70 / 3,
      },
    } as const;
    const rulingsOn = async (store: DetectorStore) => {
      let nowMs = timeBucket * timeBucketMs;
      const detect = detectBursts({ now: () => nowMs, store, notify: async () => {} }, settings);
      await store.rollUp(old);
      const rulings = [];
      for (const each of happened()) {
        nowMs = each.atMs;
        rulings.push(...(await detect([each])));
      }
      // Soon after its events, by plain writes. When the detector is behind, by transactions.
      for (const [minute, lateMs] of [
        [63, 0],
        [64, 60_000],
      ] as const) {
        const events = manyAt(mondayMs + minute * 60_000);
        nowMs = mondayMs + minute * 60_000 + lateMs;
        await detect(events);
      }
      return rulings.map(({ key, rule, action, severity }) => ({ key, rule, action, severity }));
    };
    const rulings = await rulingsOn(memory);
    expect(await rulingsOn(fresh.store)).toEqual(rulings);
    expect(rulings).toContainEqual(expect.objectContaining({ action: 'restrict', rule: 'unverified-burst' }));
    const { entries, counts, days, rollUps, rulings: ruled, reads } = memory.units;
    expect(fresh.consumed).toMatchObject({
      count: entries + counts + days,
      rollUp: rollUps,
      commit: ruled,
      read: reads,
    });
    expect(rollUps).toBeGreaterThan(5);
  } finally {
    await fresh.stop();
  }
}, 120_000);
