import { describe, expect, test } from 'vitest';
import { allFaults, type Faults, noFaults, streamWith } from '../measures/stream-faults.ts';
import { queue } from '../play/queue.ts';
import { hashed, randomFrom, weighted, zipf } from '../play/random.ts';

const delivered = (faults: Faults, count: number, gapMs = 100) => {
  const stream = streamWith<number>(faults, randomFrom(1, 'stream'));
  for (let index = 0; index < count; index += 1) stream.put(index, index * gapMs);
  return stream.take(Number.MAX_SAFE_INTEGER);
};

const numbers = (deliveries: readonly { readonly event: number }[]) => deliveries.map(({ event }) => event);

describe('streams', () => {
  test('a stream without faults brings everything once, some time later', () => {
    const deliveries = delivered(noFaults, 1000, 10_000);
    expect(numbers(deliveries)).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(deliveries.every(({ event, atMs }) => atMs > event * 10_000)).toBe(true);
  });

  test('a stream brings nothing before its time', () => {
    const stream = streamWith<number>(noFaults, randomFrom(1, 'stream'));
    stream.put(7, 0);
    const dueMs = stream.nextAt();
    expect(stream.take(dueMs - 1)).toEqual([]);
    expect(numbers(stream.take(dueMs))).toEqual([7]);
    expect(stream.nextAt()).toBe(Number.POSITIVE_INFINITY);
  });

  test('a stream with all faults loses nothing, repeats some, and changes the order', () => {
    const events = numbers(delivered(allFaults, 20_000));
    expect(new Set(events).size).toBe(20_000);
    expect(events.length).toBeGreaterThan(20_000 * 1.01);
    expect(events).not.toEqual(events.toSorted((one, other) => one - other));
  });

  test('a stream repeats one event of a hundred', () => {
    const events = numbers(delivered({ ...noFaults, duplicates: 0.01 }, 20_000));
    expect((events.length - 20_000) / 20_000).toBeCloseTo(0.01, 2);
  });

  test('a stream holds an event back for at most five seconds, except in a stall', () => {
    const late = delivered({ ...allFaults, duplicates: 0, replays: 0 }, 20_000).filter(
      ({ event, atMs }) => atMs - event * 100 > 5000 + 10_000,
    );
    expect(late.length).toBeGreaterThan(0);
    // The first stall is that of the first minute.
    expect(late.every(({ atMs }) => atMs === 60_000)).toBe(true);
  });

  test('a stream brings whole batches again', () => {
    const events = numbers(delivered({ ...noFaults, replays: 0.01, batch: 10 }, 5000));
    expect(events.length).toBeGreaterThan(5000 * 1.05);
    expect(new Set(events).size).toBe(5000);
  });
});

describe('random numbers', () => {
  test('the same purpose draws the same numbers, and another purpose others', () => {
    const draw = (...purpose: readonly (string | number)[]) => Array.from({ length: 5 }, randomFrom(...purpose).unit);
    expect(draw(1, 'a')).toEqual(draw(1, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(2, 'a'));
    expect(draw(1, 'a')).not.toEqual(draw(1, 'b'));
    expect(hashed(1, 23)).not.toBe(hashed(12, 3));
  });

  test('draws have the means of their distributions', () => {
    const random = randomFrom(1, 'means');
    const mean = (draw: () => number) =>
      Array.from({ length: 50_000 }, draw).reduce((sum, value) => sum + value, 0) / 50_000;
    expect(mean(random.unit)).toBeCloseTo(0.5, 2);
    expect(mean(() => random.exponential(2))).toBeCloseTo(2, 1);
    expect(mean(() => random.normal(3, 1))).toBeCloseTo(3, 1);
    expect(mean(() => random.normal(0, 2) ** 2)).toBeCloseTo(4, 0);
    expect(mean(() => (random.logNormal(18, 0.8) < 18 ? 1 : 0))).toBeCloseTo(0.5, 2);
    expect(mean(() => (random.happens(0.06) ? 1 : 0))).toBeCloseTo(0.06, 2);
  });

  test('weighted draws follow the running sums', () => {
    const sums = zipf(3, 1);
    expect([0, 0.5, 0.6, 0.85, 0.999].map((unit) => weighted(sums, unit))).toEqual([0, 0, 1, 2, 2]);
  });

  test('a shuffle loses nothing', () => {
    const values = Array.from({ length: 100 }, (_, index) => index);
    const shuffled = randomFrom(1, 'shuffle').shuffled(values);
    expect(shuffled).not.toEqual(values);
    expect(shuffled.toSorted((one, other) => one - other)).toEqual(values);
  });
});

test('planned acts happen in the order of time, and at one moment in that of planning', () => {
  const random = randomFrom(1, 'queue');
  const planned = Array.from({ length: 2000 }, (_, order) => ({ atMs: random.below(300), order }));
  const waiting = queue<(typeof planned)[number]>();
  for (const one of planned) waiting.add(one.atMs, one);
  const taken = planned.map(() => waiting.take());
  expect(taken).toEqual(planned.toSorted((one, other) => one.atMs - other.atMs || one.order - other.order));
  expect(waiting.take()).toBeUndefined();
});
